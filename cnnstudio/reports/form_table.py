"""The forms that a manuscript can take, by the suffix of its file. `app.report_forms` has PDF too, which needs Qt."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from msgspec import Struct

from cnnstudio.core.network.problem import did_you_mean
from cnnstudio.reports.content.manuscript import Manuscript


class ReportError(Exception):
    """A report cannot be made or written; the text is the sentence for the user."""


class ReportFormat(Struct, frozen=True):
    """One form: its suffix, which is its name, its title, its type for mail and clipboard, and what writes it."""

    key: str
    title: str
    media_type: str
    render: Callable[[Manuscript], bytes]


def _html(manuscript: Manuscript) -> bytes:
    from cnnstudio.reports.forms.web_page import html_text

    return html_text(manuscript).encode()


def _latex(manuscript: Manuscript) -> bytes:
    from cnnstudio.reports.latex.document import latex_document

    return latex_document(manuscript).encode()


def _markdown(manuscript: Manuscript) -> bytes:
    from cnnstudio.reports.forms.markdown import markdown_text

    return markdown_text(manuscript).encode()


def _text(manuscript: Manuscript) -> bytes:
    from cnnstudio.reports.forms.plain_text import plain_text

    return (manuscript.text() if manuscript.text else plain_text(manuscript)).encode()


def _csv(manuscript: Manuscript) -> bytes:
    from cnnstudio.reports.forms.delimited import delimited_text

    return delimited_text(manuscript.records(), ",").encode()


def _tsv(manuscript: Manuscript) -> bytes:
    from cnnstudio.reports.forms.delimited import delimited_text

    return delimited_text(manuscript.records(), "\t").encode()


def _xlsx(manuscript: Manuscript) -> bytes:
    from cnnstudio.reports.xlsx.workbook import xlsx_bytes

    return xlsx_bytes(manuscript)


def _json(manuscript: Manuscript) -> bytes:
    from cnnstudio.reports.data.json_data import json_bytes

    return json_bytes(manuscript.data())


_SPREADSHEET: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMS: Final[dict[str, ReportFormat]] = {
    form.key: form
    for form in (
        ReportFormat("html", "Web page", "text/html", _html),
        ReportFormat("tex", "LaTeX", "text/x-tex", _latex),
        ReportFormat("md", "Markdown", "text/markdown", _markdown),
        ReportFormat("xlsx", "Excel workbook", _SPREADSHEET, _xlsx),
        ReportFormat("csv", "Comma-separated values", "text/csv", _csv),
        ReportFormat("tsv", "Tab-separated values", "text/tab-separated-values", _tsv),
        ReportFormat("json", "JSON", "application/json", _json),
        ReportFormat("txt", "Plain text", "text/plain", _text),
    )
}
"""Every form that needs no Qt. Each loads what it needs when it is asked for."""
_OTHER_SUFFIXES: Final = {"htm": "html", "latex": "tex", "markdown": "md", "text": "txt", "excel": "xlsx"}


def form_named(name: str, forms: Mapping[str, ReportFormat] = FORMS) -> ReportFormat:
    """The form with this suffix or name; ReportError that names what there is."""
    form = forms.get(_OTHER_SUFFIXES.get(name.lower(), name.lower()))
    if form is None:
        hint = did_you_mean(name, list(forms)) or f" There are: {', '.join(forms)}."
        raise ReportError(f"there is no report format '{name}'.{hint}")
    return form


def form_of_path(path: Path, forms: Mapping[str, ReportFormat] = FORMS) -> ReportFormat:
    """The form that the suffix of a file asks for; ReportError if it has none, or an unknown one."""
    if not path.suffix:
        raise ReportError(f"the name '{path.name}' has no suffix that says the format, such as .{', .'.join(forms)}.")
    return form_named(path.suffix[1:], forms)
