"""The page about Python and the example notebook, run as they stand."""

from __future__ import annotations

import ast
import doctest
import json
from typing import Any

import pytest

from tests.places import ROOT


def test_the_examples_of_the_page_are_true() -> None:
    tried = doctest.testfile(str(ROOT / "docs" / "python.md"), module_relative=False, encoding="utf-8")
    assert tried.attempted > 8
    assert not tried.failed


def test_the_notebook_runs_from_top_to_bottom(capsys: pytest.CaptureFixture[str]) -> None:
    notebook = json.loads((ROOT / "docs" / "example.ipynb").read_text(encoding="utf-8"))
    names: dict[str, Any] = {}
    shown = [_run("".join(cell["source"]), names) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert "Parameters" in shown[0]._repr_html_()
    assert shown[3] == (35_113_320, 35_113_320 - 62_378_344)
    assert shown[4][0] == {"layer": "FC-1", "parameters": 37_752_832}
    assert "class AlexNet(nn.Module):" in capsys.readouterr().out
    assert all(not cell.get("outputs") for cell in notebook["cells"]), "outputs would be out of date with each change"


def _run(source: str, names: dict[str, Any]) -> Any:
    """Runs a cell; the value of its last expression, as a notebook shows it."""
    *statements, last = ast.parse(source).body
    if not isinstance(last, ast.Expr):
        exec(source, names)
        return None
    exec(compile(ast.Module(statements, []), "<cell>", "exec"), names)
    return eval(compile(ast.Expression(last.value), "<cell>", "eval"), names)
