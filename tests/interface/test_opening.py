"""Files opened by programs."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnnstudio.formats.fault import FileError
from cnnstudio.interface import load, open_model
from tests.formats.foreign.truth import sample, samples


def test_a_file_of_a_framework_is_opened_with_its_report(tmp_path: Path) -> None:
    name = samples("onnx")[0]
    network = open_model(sample("onnx", name, tmp_path))
    assert network.report is not None
    assert network.report.format == "onnx"
    flat = open_model(sample("onnx", name, tmp_path), fold=False)
    assert flat.parameters == network.parameters


def test_a_size_that_a_design_leaves_open_is_given_when_it_is_opened(tmp_path: Path) -> None:
    load("lenet-5-modern").with_("image", size=[None, None]).save(tmp_path / "net.yaml")
    assert load(tmp_path / "net.yaml").macs is None
    assert open_model(tmp_path / "net.yaml", input_size=(1, 32, 32)).macs == 416_520


def test_what_cannot_be_opened_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"no built-in design of that name\. Did you mean 'alexnet'\?"):
        load("alexnett")
    (tmp_path / "net.onnx").write_bytes(b"\x08\x07nothing")
    with pytest.raises(FileError, match=r"net\.onnx"):
        open_model(tmp_path / "net.onnx")
