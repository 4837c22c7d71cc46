"""The TeX that is relied on: one that sets a page with all that a report loads."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

from cnnstudio.reports.latex.document import latex_document
from tests.networks import builtin
from tests.reports.latex.engines import PACKAGES, PACKAGES_OF_OTHERS, PACKAGES_OF_PDFLATEX, fault_of
from tests.reports.samples import plain

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the engines of these tests are shell scripts")


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program in the place of an engine, of a name that no other test asks for."""
    path = tmp_path / f"{tmp_path.name}-latex"
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    return path


def write_program(path: Path, script: str) -> str:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path.name


def test_an_engine_that_is_not_there(engine: Path) -> None:
    assert fault_of(engine.name) == f"{engine.name} is not installed"


def test_an_engine_that_sets_a_page(engine: Path) -> None:
    assert fault_of(write_program(engine, "touch report.pdf")) == ""


def test_an_engine_that_is_installed_in_part(engine: Path) -> None:
    name = write_program(engine, "echo 'This is a TeX'; echo '! LaTeX Error: luaotfload not found.'; exit 1")
    assert fault_of(name) == f"{name} cannot set a page: ! LaTeX Error: luaotfload not found."


def test_an_engine_that_does_nothing(engine: Path) -> None:
    assert fault_of(write_program(engine, "exit 0")).endswith("cannot set a page: no reason given")


def test_an_engine_that_does_not_start(engine: Path) -> None:
    engine.write_bytes(b"\x7fELF no program")
    engine.chmod(0o755)
    assert fault_of(engine.name).startswith(f"{engine.name} cannot set a page: ")


def test_what_a_report_loads_is_what_is_asked_for() -> None:
    text = latex_document(plain(builtin("lenet-5")))
    loaded = set(re.findall(r"\\usepackage(?:\[[^]]*\])?\{(\w+)\}", text)) - {"lmodern"}
    assert loaded == {*PACKAGES, *PACKAGES_OF_PDFLATEX, *PACKAGES_OF_OTHERS}
