"""`make test` tries again what failed, and names what then passes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.places import ROOT

SOMETIMES = """
from pathlib import Path

MARK = Path(__file__).with_name("mark")

def test_sound():
    pass

def test_broken():
    raise AssertionError

def test_flaky():
    been_here = MARK.exists()
    MARK.touch()
    assert been_here
"""


def run_tests(folder: Path, *options: str) -> tuple[int, list[str]]:
    """The exit code, and the lines printed, of the tests in a folder."""
    words = [sys.executable, "-m", "pytest", "-q", "-p", "tests.second_try", "-c", str(folder / "pytest.ini")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""}
    done = subprocess.run([*words, *options], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout.splitlines()


def flaky(lines: list[str]) -> list[str]:
    return [line for line in lines if line.startswith("Flaky: ")]


def test_what_fails_and_then_passes_is_named(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "test_sometimes.py").write_text(SOMETIMES)
    code, lines = run_tests(tmp_path)
    assert (code, lines[-1].partition(" in ")[0], flaky(lines)) == (1, "2 failed, 1 passed", [])
    code, lines = run_tests(tmp_path, "--second-try")
    assert (code, lines[-1].partition(" in ")[0]) == (1, "1 failed, 1 passed")
    assert flaky(lines) == ["Flaky: test_sometimes.py::test_flaky"]
    (tmp_path / "test_sometimes.py").write_text(SOMETIMES.replace("raise AssertionError", "pass"))
    code, lines = run_tests(tmp_path, "--second-try")
    assert (code, flaky(lines)) == (0, ["Flaky: test_sometimes.py::test_broken"])


def test_where_nothing_failed_nothing_is_tried_again(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "test_sound.py").write_text("def test_sound():\n    pass\n")
    assert run_tests(tmp_path)[0] == 0
    code, lines = run_tests(tmp_path, "--second-try")
    assert (code, flaky(lines)) == (5, [])
