"""`cnnstudio export`: the target, the options, where it goes, and what is refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cnnstudio.cli import main
from cnnstudio.exports import TARGETS

STUDIO = "cnnstudio: "
NET = "cnnstudio: 1\nlayers:\n- {type: Input, name: image, channels: 4}\n" + "".join(
    f"- {{type: Dense, name: {name}, units: 16}}\n" for name in ("fc", "last")
)


def test_source_is_printed(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["export", "lenet-5-modern", "--to", "pytorch"]) == 0
    assert b"class LeNet5" in capsysbinary.readouterr().out


def test_the_suffix_says_the_target(tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    assert main(["export", "lenet-5-modern", "-o", str(path)]) == 0
    assert path.read_bytes().startswith(b"\x08\x0a\x12\x0aCNN Studio")


def test_options_reach_the_target(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    words = ["export", "resnet-18", "--to", "keras", "-o", str(path), "--flat", "--class-name", "my_net"]
    assert main(words) == 0
    assert "def my_net() -> keras.Model:" in path.read_text(encoding="utf-8")


def test_the_list_is_printed_as_data(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "--list", "--format", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["target"] for row in rows] == list(TARGETS)
    assert {"type": "Opaque"}.items() <= next(row for row in rows[0]["unsaid"] if row["type"] == "Opaque").items()
    assert main(["export", "lenet-5", "--to", "keras", "--format", "json"]) == 2
    assert "--format is the form of --list; --to names a target." in capsys.readouterr().err


def test_the_list_says_what_each_target_cannot_say(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "--list"]) == 0
    said = capsys.readouterr().out
    assert "pytorch (.py): an nn.Module" in said
    assert "not Opaque: its function is not known" in said


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--to", "pytorch"], "a design is missing. Type `cnnstudio export --help` for help."),
        (["alexnet"], "say with --to which target is meant: pytorch, keras, keras-json, onnx."),
        (["alexnet", "-o", "x.py"], "'.py' is the suffix of several targets; say with --to which target is meant: "),
        (["alexnet", "--to", "pytorhc"], "there is no target 'pytorhc'. Did you mean 'pytorch'?"),
        (["alexnet", "--to", "onnx", "--flat"], "--flat means nothing to ONNX."),
        (["alexnet", "--to", "keras", "--weights", "seeded"], "--weights means nothing to Keras source."),
        (["alexnet", "--to", "onnx", "--weights", "sown"], "there is no kind of weights 'sown'."),
        (["alexnet", "--to", "keras", "--class-name", "a b"], "--class-name needs a name that Python takes, and"),
        (["alexnet", "--to", "keras", "--class-name", "class"], "--class-name needs a name that Python takes, and"),
        (
            ["alexnet", "--to", "keras", "-o", "/no/such/place.py"],
            "/no/such/place.py cannot be written: there is",
        ),
    ],
)
def test_wrong_words_are_told_in_one_sentence(
    words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", *words]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(STUDIO + sentence)
    assert said.err.count("\n") == 1


def test_what_cannot_be_said_is_listed_and_nothing_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "net.py"
    assert main(["export", "lenet-5", "--to", "pytorch", "-o", str(path)]) == 2
    assert not path.exists()
    assert capsys.readouterr().err == (
        "lenet-5: PyTorch source cannot say this design exactly:\n"
        "  output: an Opaque: its function is not known, only its shape and its counts. "
        "Replace it by layers that say what it computes.\n"
    )


@pytest.mark.parametrize(
    "words",
    [
        *(("scale", "--width", "0.5"), ("sweep", "--vary", "fc.units=1,2"), ("compare", "alexnet")),
        *(("report", "--format", "json"), ("export", "--to", "keras-json"), ("budgets",), ("diagram",)),
    ],
)
@pytest.mark.parametrize("is_linked", [False, True])
def test_nothing_is_written_over_the_design_that_it_is_made_of(
    words: tuple[str, ...], is_linked: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    suffix = ".svg" if words[0] == "diagram" else ".json"
    path, output = tmp_path / f"net{suffix}", tmp_path / f"other{suffix}" if is_linked else tmp_path / f"net{suffix}"
    path.write_text(NET, encoding="utf-8")
    if is_linked:
        os.link(path, output)
    assert main([words[0], str(path), *words[1:], "-o", str(output)]) == 2
    assert f"would be written over the design {output}; give it another name." in capsys.readouterr().err
    assert path.read_text(encoding="utf-8") == NET


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names")
@pytest.mark.parametrize("words", [("export", "alexnet", "--to", "pytorch"), ("scale", "alexnet", "--width", "0.5")])
def test_the_file_that_a_shell_has_open_is_added_to_and_not_replaced(words: tuple[str, ...], tmp_path: Path) -> None:
    path = tmp_path / "all.txt"
    with path.open("w", encoding="utf-8") as file:
        file.write("before\n")
        file.flush()
        command = [sys.executable, "-m", "cnnstudio", *words, "-o", "/dev/stdout"]
        assert subprocess.run(command, stdout=file, stderr=subprocess.DEVNULL, check=False, timeout=120).returncode == 0
    text = path.read_text(encoding="utf-8")
    assert text.startswith("before\n")
    assert "AlexNet" in text
