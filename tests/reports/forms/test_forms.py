"""The registry of forms: by suffix, by name, and what is said of a wrong one."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnnstudio.app.reports.forms import FORMS, render, save_report
from cnnstudio.core.counting.analysis import analyze
from cnnstudio.formats.builtin import open_design
from cnnstudio.reports.content.composition import compose
from cnnstudio.reports.content.manuscript import Manuscript
from cnnstudio.reports.content.report import ReportRequest
from cnnstudio.reports.form_table import ReportError, form_named, form_of_path

# A PDF makes an application without windows if there is none, and other tests want one with them.
pytestmark = pytest.mark.usefixtures("qapp")


def alexnet() -> Manuscript:
    """A plain report."""
    return compose(ReportRequest(analysis=analyze(open_design("alexnet").design)))


@pytest.mark.parametrize("key", FORMS)
def test_every_form_names_itself(key: str) -> None:
    form = FORMS[key]
    assert (form.key, form_of_path(Path(f"a.{key.upper()}"), FORMS)) == (key, form)
    assert form.title
    assert "/" in form.media_type


@pytest.mark.parametrize("key", FORMS)
def test_every_form_holds_the_total(key: str, tmp_path: Path) -> None:
    content = render(alexnet(), key)
    path = tmp_path / f"report.{key}"
    save_report(content, path)
    assert path.read_bytes() == content
    if key in ("html", "md", "txt"):
        assert b"62,378,344" in content


def test_other_names_of_a_form() -> None:
    assert form_named("Markdown") is form_named("md")
    assert form_of_path(Path("report.htm")).key == "html"


def test_wrong_suffix() -> None:
    with pytest.raises(ReportError, match=r"^there is no report format 'htlm'\. Did you mean 'html'\?$"):
        form_of_path(Path("report.htlm"))
    with pytest.raises(ReportError, match=r"^there is no report format 'docx'\. There are: html, "):
        form_of_path(Path("report.docx"), FORMS)


def test_no_suffix() -> None:
    with pytest.raises(ReportError, match=r"^the name 'report' has no suffix that says the format, such as \.html, "):
        form_of_path(Path("some.folder/report"), FORMS)


def test_folder_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match=r"report\.html cannot be written: No such file or directory\.$"):
        save_report(b"", tmp_path / "none" / "report.html")
