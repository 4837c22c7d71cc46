"""`cnnstudio explain`: the working as data says the numbers that the text says."""

from __future__ import annotations

import json

import pytest

from cnnstudio.cli import main


def _data(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, object]:
    assert main(["explain", *words, "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert isinstance(found, dict)
    return found


def test_a_working_is_data(capsys: pytest.CaptureFixture[str]) -> None:
    found = _data(capsys, "lenet-5", "C1")
    assert (found["path"], found["type"], found["problems"]) == ("C1", "Conv2D", [])
    workings = found["workings"]
    assert isinstance(workings, list)
    weights = next(row for row in workings if row["quantity"] == "weights")
    assert (weights["formula"], weights["value"]) == ("K_h · K_w · C · N", 150)
    assert weights["substitution"] == "5 × 5 × 1 × 6"


def test_the_totals_are_data(capsys: pytest.CaptureFixture[str]) -> None:
    found = _data(capsys, "alexnet")
    assert (found["path"], found["type"]) == (None, None)
    workings = found["workings"]
    assert isinstance(workings, list)
    assert next(row["value"] for row in workings if row["quantity"] == "parameters") == 62_378_344


def test_data_and_latex_exclude_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "alexnet", "--latex", "--format", "json"]) == 2
    assert "--latex and --format json exclude each other." in capsys.readouterr().err
