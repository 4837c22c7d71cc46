"""Exports that programs ask for: they are refused what the command refuses, and delivered as it delivers."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from cnnstudio.exports import onnx
from cnnstudio.interface import Network, load, open_model
from tests.fresh_python import printed_by

NET = "cnnstudio: 1\nlayers:\n- {type: Input, name: image, channels: 4}\n- {type: Dense, name: fc, units: 2}\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A design in a file whose suffix is that of a target, too."""
    path = tmp_path / "net.json"
    path.write_text(NET, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("choices", "sentence"),
    [
        ({"to": "onnx", "flat": True}, "`flat` means nothing to ONNX."),
        ({"to": "keras", "weights": "seeded"}, "`weights` means nothing to Keras source."),
        ({"to": "onnx", "weights": "sown"}, "there is no kind of weights 'sown'. There are: none, seeded."),
        ({"to": "keras", "class_name": "a b"}, "`class_name` needs a name that Python takes, and received 'a b'."),
        ({"to": "keras", "class_name": "class"}, "`class_name` needs a name that Python takes, and received 'class'."),
        ({"path": "net.py"}, "'.py' is the suffix of several targets; say with `to` which target is meant: pytorch"),
    ],
)
def test_choices_that_cannot_be_followed_are_refused(path: Path, choices: Any, sentence: str) -> None:
    with pytest.raises(ValueError, match=r"^.*$") as told:
        load(path).export(**choices)
    assert str(told.value).startswith(sentence)


@pytest.mark.parametrize("opened", [load, open_model])
def test_the_design_itself_is_not_written_over(path: Path, opened: Any) -> None:
    network: Network = opened(path)
    with pytest.raises(ValueError, match=r"the export would be written over the design .*net\.json; give it another"):
        network.with_("fc", units=3).export("keras-json", path)
    assert path.read_text(encoding="utf-8") == NET


def test_weights_beside_a_file_need_a_file(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx, "MAX_INLINE_BYTES", 10)
    network = load(path)
    with pytest.raises(ValueError, match=r"needs another beside it for its weights; give a `path`\."):
        network.export("onnx", weights="seeded")
    content = network.export(path=tmp_path / "net.onnx", weights="seeded")
    assert (tmp_path / "net.onnx").read_bytes() == content
    assert (tmp_path / "net.onnx.data").stat().st_size == 4 * (4 * 2 + 2)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names")
def test_an_open_stream_takes_the_export_and_is_not_replaced() -> None:
    lines = printed_by("import cnnstudio; cnnstudio.load('lenet-5-modern').export('pytorch', '/dev/stdout')")
    assert "class LeNet5Modern(nn.Module):" in lines
