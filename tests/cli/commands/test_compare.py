"""`cnnstudio compare`: what it prints, where, and with which exit status."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import jsonschema
import pytest

from cnnstudio.app.reports.forms import FORMS
from tests.cli.conftest import NET, Run, process

INNER = "".join(f"  - {{type: Activation, name: a{number}, function: relu}}\n" for number in range(11))


@pytest.fixture
def edited(run: Run) -> Run:
    """Runs a command in a folder that also has edited.yaml, which differs from net.yaml in a field."""
    Path("edited.yaml").write_text(NET.replace("filters: 4, kernel_size: 3}", "filters: 6, kernel_size: 3}", 1))
    return run


def test_prints_what_differs(edited: Run) -> None:
    done = edited("compare", "net.yaml", "edited.yaml", "--only-differences")
    assert done.status == 0
    assert done.err == ""
    assert "Netz (net.yaml) and Netz (edited.yaml) compared" in done.out
    assert "≠  conv" in done.out
    assert "filters 4 → 6" in done.out


def test_the_same_bytes_in_every_process() -> None:
    words = ("compare", "resnet-18", "resnet-34", "vgg-16")
    first, second = (process(*words, environment={"PYTHONHASHSEED": seed}) for seed in ("1", "2"))
    assert first.out == second.out
    assert first.out.startswith("ResNet-18, ResNet-34 and VGG-16 compared\n")


def test_exit_code_on_demand_says_whether_they_differ(edited: Run) -> None:
    assert edited("compare", "net.yaml", "edited.yaml", "--exit-code").status == 1
    assert edited("compare", "net.yaml", "net.yaml", "--exit-code").status == 0


def test_names_can_be_ignored(run: Run) -> None:
    Path("named.yaml").write_text(NET.replace("name: conv", "name: other"))
    assert run("compare", "net.yaml", "named.yaml", "--exit-code").status == 1
    assert run("compare", "net.yaml", "named.yaml", "--exit-code", "--ignore-names").status == 0


def test_one_convention_for_all(run: Run) -> None:
    assert "The convention differs" in run("compare", "resnet-50", "resnet-50-keras").out
    assert "The convention differs" not in run("compare", "resnet-50", "resnet-50-keras", "--convention", "keras").out


def test_problems_go_to_standard_error(run: Run) -> None:
    done = run("compare", "net.yaml", "faulty.yaml")
    assert done.status == 0
    assert "faulty.yaml:" in done.err
    assert "at least" in done.out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "cnnstudio: compare needs two designs or more. Type `cnnstudio compare --help` for help.\n"),
        (("net.yaml",), "cnnstudio: compare needs two designs or more. Type `cnnstudio compare --help` for help.\n"),
        (
            ("net.yaml", "vgg-16", "--columns", "parms"),
            "cnnstudio: there is no column 'parms'. Did you mean 'parameters'?\n",
        ),
        (("net.yaml", "vgg-16", "--paper", "a5"), "cnnstudio: there is no paper 'a5'. There are: a4, letter.\n"),
        (("net.yaml", "gone.yaml"), "gone.yaml: there is no such file, and no built-in design of that name.\n"),
    ],
)
def test_bad_words(run: Run, words: tuple[str, ...], sentence: str) -> None:
    done = run("compare", *words)
    assert (done.status, done.out, done.err) == (2, "", sentence)


def test_too_much_to_expand(run: Run) -> None:
    Path("tall.yaml").write_text(
        NET.replace("repeat: 3", "repeat: 10000").replace("  layers:\n", f"  layers:\n{INNER}")
    )
    done = run("compare", "tall.yaml", "net.yaml", "--expand")
    assert (done.status, done.out) == (2, "")
    assert done.err == (
        "cnnstudio: 'Netz' expands to 120,004 layers, and at most 100,000 can be compared; "
        "compare it with its blocks folded.\n"
    )


# A PDF makes an application without windows if there is none, and tests of windows could not have theirs any more.
@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("suffix", FORMS)
def test_writes_a_report(run: Run, suffix: str) -> None:
    done = run("compare", "vgg-16", "vgg-19", "-o", f"out.{suffix}")
    assert (done.status, done.out, done.err) == (0, "", "")
    first = Path(f"out.{suffix}").read_bytes()
    run("compare", "vgg-16", "vgg-19", "-o", f"out.{suffix}")
    assert Path(f"out.{suffix}").read_bytes() == first


def test_a_report_that_cannot_be_written_leaves_the_old_one(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_old: str, _new: str) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    Path("out.md").write_text("old", encoding="utf-8")
    before = sorted(Path().iterdir())
    monkeypatch.setattr(os, "replace", refuse)
    done = run("compare", "vgg-16", "vgg-19", "-o", "out.md")
    assert (done.status, done.out) == (2, "")
    assert done.err == "cnnstudio: out.md cannot be written: No space left on device.\n"
    assert Path("out.md").read_text(encoding="utf-8") == "old"
    assert sorted(Path().iterdir()) == before


def test_an_unknown_form(run: Run) -> None:
    done = run("compare", "vgg-16", "vgg-19", "-o", "out.htmk")
    assert done.status == 2
    assert done.err == "cnnstudio: there is no report format 'htmk'. Did you mean 'html'?\n"
    assert not Path("out.htmk").exists()


def test_json_follows_its_schema(run: Run) -> None:
    schema = json.loads(run("schema", "--comparison").out)
    jsonschema.Draft202012Validator.check_schema(schema)
    broken = run("compare", "net.yaml", "faulty.yaml", "--format", "json", "--date", "2026-11-25")
    for done in (run("compare", "vgg-11", "resnet-18", "alexnet", "--format", "json"), broken):
        jsonschema.Draft202012Validator(schema).validate(json.loads(done.out))
    assert json.loads(broken.out)["date"] == "2026-11-25"


def test_a_form_on_standard_output(run: Run) -> None:
    assert run("compare", "vgg-16", "vgg-19", "-o", "-", "--format", "md").out.startswith(
        "# VGG-16 and VGG-19 compared"
    )
    assert run("compare", "vgg-16", "vgg-19", "-o", "-").out == run("compare", "vgg-16", "vgg-19").out


def test_into_a_folder(run: Run) -> None:
    run("compare", "vgg-16", "net.yaml", "-o", "reports/", "--format", "txt")
    assert Path("reports/vgg-16-net.txt").read_text(encoding="utf-8") == run("compare", "vgg-16", "net.yaml").out


def test_the_date_of_a_build(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1764028800")
    assert "25 November 2025" in run("compare", "vgg-16", "vgg-19", "--format", "md").out
