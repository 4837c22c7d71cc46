"""Verification with an interpreter of our own making: what is compared, told and limited, without any framework."""

from __future__ import annotations

import json
import os
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from cnnstudio.cli import main
from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.exports.keras import KERAS_SOURCE
from cnnstudio.exports.keras.naming import full_name
from cnnstudio.exports.target import ExportError, ExportOptions
from cnnstudio.layers.structure import Input
from cnnstudio.verification import VerifyError, verify
from tests.exports.samples import NESTED, analysis_of


def python_that(tmp_path: Path, body: str) -> str:
    """A program that is called as an interpreter is, and does this with the request and the answer."""
    path = tmp_path / "python"
    script = f"import json, sys\nrequest, answer = sys.argv[-2:]\n{body}\n"
    path.write_text(f"#!{sys.executable}\n{script}", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def answering(tmp_path: Path, answer: dict[str, Any]) -> str:
    return python_that(tmp_path, f"open(answer, 'w').write({json.dumps(answer)!r})")


posix = pytest.mark.skipif(os.name == "nt", reason="Windows starts no scripts")


def onnx_answer(analysis: Analysis) -> dict[str, Any]:
    """The answer of a runtime that agrees with the design."""
    rows = [row for row in analysis.rows if not isinstance(row.layer, Input)]
    shapes = [[row.path, 0, row.output_shape.to_list()] for row in rows if row.output_shape]
    layers = {row.path: {"parameters": row.parameters, "state": row.state} for row in rows}
    return {"version": "onnxruntime 0", "shapes": shapes, "layers": layers}


@posix
def test_a_runtime_that_agrees_is_equal(tmp_path: Path) -> None:
    analysis = analysis_of(NESTED)
    verdict = verify(analysis, "onnxruntime", answering(tmp_path, onnx_answer(analysis)))
    assert verdict.is_equal
    assert verdict.compared == {"output shape": 20, "parameters": 20, "state": 20}


@posix
def test_every_number_that_differs_is_named(tmp_path: Path) -> None:
    analysis = analysis_of(NESTED)
    answer = onnx_answer(analysis)
    answer["shapes"][3][2] = [6, 15, 16]
    answer["layers"]["fc"]["parameters"] += 1
    del answer["shapes"][-1]
    verdict = verify(analysis, "onnxruntime", answering(tmp_path, answer))
    found = [(item.path, item.quantity, item.framework) for item in verdict.differences]
    row = analysis.rows[4]
    assert found == [
        (row.path, "output shape", [6, 15, 16]),
        ("fc", "output shape", None),
        ("fc", "parameters", 4 * 6 * 256 + 5),
    ]


@posix
def test_keras_shapes_belong_to_the_pass_that_made_them(tmp_path: Path) -> None:
    """Lines of a block run at every pass, each under the name of its own."""
    analysis = analysis_of(NESTED)
    marks = KERAS_SOURCE.write(analysis, ExportOptions()).marks
    lines = {place: mark.last for mark in marks for place in mark.places}
    shapes, layers = [], {}
    for row in analysis.rows[1:]:
        scope = full_name(row.path.rpartition("/")[0]) if "/" in row.path else ""
        assert row.output_shape is not None
        shapes.append([scope, lines[row.place], row.output_shape.to_list()])
        layers[full_name(row.path)] = {"stored": row.parameters, "trainable": row.trainable}
    shapes[5][2] = [1, 2, 3]
    answer = {"version": "keras 0", "shapes": shapes, "layers": layers}
    verdict = verify(analysis, "keras", answering(tmp_path, answer))
    assert [(item.path, item.quantity) for item in verdict.differences] == [(analysis.rows[6].path, "output shape")]


@posix
@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (
            "json.dump({'missing': 'torch'}, open(answer, 'w'))",
            r"PyTorch is not installed for .*python -m pip",
        ),
        ("raise SystemError('all is lost')", r"python failed: SystemError: all is lost\."),
        ("pass", r"python failed: it said nothing\."),
        ("import time; time.sleep(30)", r"was stopped after 1 seconds; raise the limit"),
    ],
)
def test_what_goes_wrong_is_one_sentence(tmp_path: Path, body: str, sentence: str) -> None:
    with pytest.raises(VerifyError, match=sentence):
        verify(analysis_of(NESTED), "pytorch", python_that(tmp_path, body), limit=1)


def test_an_interpreter_that_is_not_there_is_named() -> None:
    with pytest.raises(VerifyError, match="no/python cannot be started: No such file"):
        verify(analysis_of(NESTED), "pytorch", "/no/python")


def test_a_design_that_cannot_be_exported_is_refused_as_the_export_is() -> None:
    with pytest.raises(ExportError, match="its function is not known"):
        verify(analysis_of("lenet-5"), "pytorch", sys.executable)


@posix
def test_the_command_tells_the_table_and_the_status(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    analysis = analysis_of("lenet-5-modern")
    answer = onnx_answer(analysis)
    words = ["verify", "lenet-5-modern", "--with", "onnxruntime", "--python"]
    assert main([*words, answering(tmp_path, answer)]) == 0
    assert capsys.readouterr().out.endswith("All are equal.\n")
    answer["layers"][analysis.rows[1].path]["parameters"] = 1
    assert main([*words, answering(tmp_path, answer)]) == 1
    said = capsys.readouterr().out
    assert "1 differ:" in said
    assert f"{analysis.rows[1].path}  " in said
    assert main([*words, answering(tmp_path, answer), "--format", "json"]) == 1
    record = json.loads(capsys.readouterr().out)
    assert record["equal"] is False
    assert record["differences"][0]["quantity"] == "parameters"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["alexnet"], "say with --with which framework is meant: pytorch, keras, onnxruntime."),
        (["alexnet", "--with", "torch"], "there is no framework 'torch'."),
        (["alexnet", "--with", "keras", "--limit", "soon"], "--limit needs a whole number of seconds from 1 to 86,400"),
        (["alexnet", "--with", "pytorch"], "PyTorch is not installed for "),
    ],
)
def test_wrong_words_are_told(words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", *words]) == 2
    assert f"cnnstudio: {sentence}" in capsys.readouterr().err
