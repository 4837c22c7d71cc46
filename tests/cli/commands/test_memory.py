"""`cnnstudio memory`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cnnstudio.cli import main
from cnnstudio.interface import load

KEYS = [
    *("kept_bytes", "static_bytes", "peak_low", "peak_high", "reserved_high"),
    *("peak_at", "verdict", "largest_batch"),
]


def test_json_has_the_figures_in_bytes(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["memory", "resnet-152", "--batch", "16", "--precision", "bf16", "--gpu", "8GB", "--format", "json"]
    assert main(words) == 0
    record = json.loads(capsys.readouterr().out)
    assert list(record) == KEYS
    assert record["kept_bytes"] == 1_552_975_744
    assert record["static_bytes"] < record["peak_low"] <= record["peak_high"] < record["reserved_high"]
    assert record["peak_at"] == "layer4/first/downsample"
    assert record["verdict"] == "fits"
    assert 16 <= record["largest_batch"]["fits"] <= record["largest_batch"]["may_fit"]


def test_without_a_card_there_is_no_answer(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["memory", "alexnet", "--mode", "inference", "--format", "json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["kept_bytes"] == 0
    assert record["verdict"] is None
    assert record["largest_batch"] == {"fits": None, "may_fit": None}


def test_text_says_what_is_in_the_peak_and_where_it_lies(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["memory", "alexnet", "--batch", "1", "--gpu", "RTX 4090"]) == 0
    text = capsys.readouterr().out
    assert "training with Adam, batch 1, fp32 (TF32 off), in PyTorch" in text
    assert "4,102,656 bytes (exact)" in text
    assert "in the step of the optimizer" in text
    assert "RTX 4090: fits" in text


KEPT = """cnnstudio: 1
name: net
memory: {batch: 4, optimizer: adamw, precision: bf16, fused: true, gpu: 8GB}
layers:
- {type: Input, name: image, size: [8, 8], channels: 3}
- {type: Conv2D, name: conv, filters: 4, kernel_size: 3}
"""


def test_the_setting_of_the_design_holds_where_options_say_no_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(KEPT, encoding="utf-8")
    assert main(["memory", str(path)]) == 0
    text = capsys.readouterr().out
    assert "training with fused AdamW, batch 4, bf16 autocast, in PyTorch" in text
    assert "8GB: fits" in text
    changed = ["--batch", "2", "--optimizer", "sgd", "--precision", "fp32", "--no-fused", "--gpu", "T4"]
    assert main(["memory", str(path), *changed]) == 0
    text = capsys.readouterr().out
    assert "training with SGD, batch 2, fp32 (TF32 off), in PyTorch" in text
    assert "T4: fits" in text
    assert main(["memory", str(path), "--mode", "inference"]) == 0
    assert "inference, batch 4, bf16 autocast" in capsys.readouterr().out


def test_command_and_network_give_one_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(KEPT, encoding="utf-8")
    told = load(path).memory(2)
    assert main(["memory", str(path), "--batch", "2"]) == 0
    assert capsys.readouterr().out == f"{told}\n"
    assert main(["memory", str(path), "--batch", "2", "--format", "json"]) == 0
    record = json.loads(capsys.readouterr().out)
    largest = record.pop("largest_batch")
    assert record | largest == told.to_dict()


def test_an_unknown_part_is_said_and_never_counted_as_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(
        "cnnstudio: 1\nname: net\nlayers:\n- {type: Input, name: image, size: [8, 8], channels: 3}\n"
        "- {type: Opaque, name: what, channels: 4, size: [8, 8], parameters: 12}\n",
        encoding="utf-8",
    )
    assert main(["memory", str(path), "--gpu", "8GB", "--format", "json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["kept_bytes"] is None
    assert record["peak_low"] is None
    assert record["verdict"] == "unknown"
    assert main(["memory", str(path)]) == 0
    text = capsys.readouterr().out
    assert "at least" in text
    assert "what 1 layer needs" in text


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--batch", "0"], "--batch needs a whole number from 1 to 1,000,000, and received '0'."),
        (["--batch", "many"], "--batch needs a whole number from 1 to 1,000,000, and received 'many'."),
        (["--optimizer", "adan"], "there is no optimizer 'adan'. Did you mean 'adam'?"),
        (["--precision", "tf32"], "there is no precision 'tf32'. Did you mean 'fp32'?"),
        (["--mode", "run"], "there is no mode 'run'. There are: train, inference."),
        (["--gpu", "big"], "--gpu: a card is given by its memory, such as 8GB, or by its name, and received 'big'."),
        (["--gpu", "0GB"], "--gpu: a card has from 1 MB to 100,000 GB of memory, and received '0GB'."),
    ],
)
def test_bad_words_get_one_sentence(words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["memory", "alexnet", *words]) == 2
    assert capsys.readouterr().err == f"cnnstudio: {sentence}\n"
