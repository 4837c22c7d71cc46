"""The sentences about packages that are missing, in a Python and in a bundle."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from cnnstudio.authoring.sweep_workers import WorkersLost, cluster
from cnnstudio.cli.commands import verify
from cnnstudio.installation import how_to_add, pip_install, python
from cnnstudio.interface import load
from cnnstudio.reports.sweeps.writing import Unwritable, require_writable
from tests.places import ROOT


@pytest.fixture
def in_a_bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)


def without(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Python finds none of these packages."""
    for module in ("installation", "authoring.sweep_workers", "reports.sweeps.writing"):
        monkeypatch.setattr(f"cnnstudio.{module}.find_spec", lambda name: None if name in names else find_spec(name))
    for name in names:
        monkeypatch.setitem(sys.modules, name, None)


def use_cluster() -> None:
    with cluster("tcp://127.0.0.1:1"):
        pass


LACKING: list[tuple[str, type[Exception], Callable[[], Any]]] = [
    ("pyarrow", Unwritable, lambda: require_writable(".parquet")),
    ("distributed", WorkersLost, use_cluster),
    ("pandas", ModuleNotFoundError, lambda: load("lenet-5").to_frame()),
]


@pytest.mark.parametrize(("package", "kind", "act"), LACKING, ids=[row[0] for row in LACKING])
def test_a_missing_package_is_added_to_a_python_and_never_to_a_bundle(
    package: str, kind: type[Exception], act: Callable[[], Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without(monkeypatch, package)
    with pytest.raises(kind, match=f"; type: \\S+ -m pip install {package}$"):
        act()
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    with pytest.raises(kind, match=f"takes no packages: install CNN Studio in a Python, and {package} beside it$"):
        act()


def test_an_environment_without_pip_is_served_by_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/my lab/bin/python")
    assert how_to_add("pandas") == 'type: "/my lab/bin/python" -m pip install pandas'
    without(monkeypatch, "pip")
    assert how_to_add("pandas") == 'type: pip --python "/my lab/bin/python" install pandas'
    assert pip_install("torch", "python3") == "python3 -m pip install torch"


def test_no_sentence_tells_of_pip_by_itself() -> None:
    sources = (ROOT / "cnnstudio").rglob("*.py")
    telling = {file.relative_to(ROOT).as_posix() for file in sources if "pip install" in file.read_text("utf-8")}
    assert telling <= {"cnnstudio/installation.py"}


def test_this_python_runs_scripts_unless_it_is_a_bundle() -> None:
    assert python() == verify.command_parser().get_default("python") == sys.executable


@pytest.mark.usefixtures("in_a_bundle")
def test_a_bundle_runs_scripts_by_the_python_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Path(verify.command_parser().get_default("python")).name == "python3"
    monkeypatch.setattr("shutil.which", {"python": "C:/python.exe"}.get)
    assert python() == "C:/python.exe"
    monkeypatch.setattr("shutil.which", lambda _: None)
    assert python() == "python3"
