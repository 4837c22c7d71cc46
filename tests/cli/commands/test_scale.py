"""`cnnstudio scale` and `cnnstudio budgets`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cnnstudio.cli import main
from cnnstudio.core.counting.analysis import analyze
from cnnstudio.formats.design_yaml import read_design


def test_scale_writes_the_design_and_prints_totals(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "out.yaml"
    assert main(["scale", "resnet-18", "--width", "0.5", "--depth", "2", "--size", "160", "-o", str(path)]) == 0
    out = capsys.readouterr().out
    assert "ResNet-18: Scale width × 0.5, depth × 2, size to 160" in out
    assert analyze(read_design(path).design).totals.parameters == 4_643_080
    assert "4,643,080" in out
    assert "fc stays as it is" in out


def test_scale_tells_which_budgets_the_scaled_design_breaks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "net.yaml"
    assert main(["budgets", "resnet-18", "--budget", "parameters <= 12M", "-o", str(path)]) == 0
    assert main(["scale", str(path), "--width", "2"]) == 0
    assert "scaled: error: the budget parameters <= 12M is broken" in capsys.readouterr().err


def test_scale_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scale", "vgg-11", "--compound", "1", "--within", "fc7", "--format", "json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["totals"]["layers"] == {"before": 20, "after": 20}
    assert record["totals"]["macs"]["before"] < record["totals"]["macs"]["after"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--width", "wide"], "a factor is a number"),
        ([], "scale needs --width, --depth"),
        (["--compound", "1", "--width", "2"], "leave out the others"),
        (["--size", "0"], "--size needs a whole number from 1"),
        (["--width", "2", "--within", "nowhere"], "no block and no layer 'nowhere'"),
        (["--size", "1"], "would not count"),
    ],
)
def test_scale_refuses_in_one_sentence(words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scale", "alexnet", *words]) == 2
    err = capsys.readouterr().err
    assert sentence in err
    assert err.count("\n") == 1


def test_budgets_rank_what_to_shrink(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "out.yaml"
    words = ["--budget", "parameters<=5M", "--budget", "memory(8, sgd, bf16) <= 2 GB", "-o", str(path)]
    assert main(["budgets", "resnet-18", *words]) == 1
    out = capsys.readouterr().out
    assert "parameters <= 5M: broken, it takes 11,689,512" in out
    assert "memory(8, sgd, bf16) <= 2 GB: kept" in out
    assert out.index("layer4/first/conv2 and 2 more") < out.index("layer4/rest/conv1")
    assert read_design(path).design.budgets == ("parameters <= 5M", "memory(8, sgd, bf16) <= 2 GB")
    assert main(["check", str(path)]) == 1
    assert "error: the budget parameters <= 5M is broken" in capsys.readouterr().out


def test_budgets_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["budgets", "lenet-5-modern", "--budget", "macs<=1G", "--all", "--top", "1", "--format", "json"]) == 0
    (record,) = json.loads(capsys.readouterr().out)
    assert (record["budget"], record["kept"], record["low"]) == ("macs <= 1G", True, record["high"])
    assert record["shrink"][0]["sensitivity"] > 0


def test_budgets_refuse_in_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["budgets", "alexnet", "--budget", "parametres <= 5M"]) == 2
    assert "Did you mean 'parameters'?" in capsys.readouterr().err
