"""Built-in designs out as source and in again: equal in every count, or refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.exports import TARGETS
from cnnstudio.exports.target import ExportError, ExportOptions, counted_for
from cnnstudio.formats import read_file
from cnnstudio.formats.builtin import builtin_paths, open_design
from cnnstudio.formats.fault import FileError

PYTORCH = {"convlstm-video": "it is no tensor of the network"}
"""Designs whose source holds what is not read, and a part of the sentence that says so."""
KERAS = {"swin-t": "takes too many steps to follow"}
"""The same of their source in Keras."""
TOTALS = ("weights", "biases", "macs", "state")


@pytest.mark.parametrize("name", builtin_paths())
def test_a_design_comes_back_from_pytorch_source(name: str, tmp_path: Path) -> None:
    before = analyze(open_design(name).design)
    path = tmp_path / "net.py"
    try:
        path.write_bytes(TARGETS["pytorch"].write(before, ExportOptions()).content)
    except ExportError:
        pytest.skip("PyTorch cannot say it")
    if name in PYTORCH:
        with pytest.raises(FileError, match=PYTORCH[name]):
            read_file(path)
        return
    file = read_file(path)
    assert file.report is not None
    network = file.report.networks[0]
    assert not network.faults
    after = analyze(file.design)
    before = counted_for(before, after.convention)
    assert network.stated_parameters == before.totals.weights + before.totals.biases
    assert _totals(after) == _totals(before)


@pytest.mark.parametrize("name", builtin_paths())
def test_a_design_comes_back_from_keras_source(name: str, tmp_path: Path) -> None:
    before = analyze(open_design(name).design)
    path = tmp_path / "net.py"
    try:
        path.write_bytes(TARGETS["keras"].write(before, ExportOptions()).content)
    except ExportError:
        pytest.skip("Keras cannot say it")
    if name in KERAS:
        with pytest.raises(FileError, match=KERAS[name]):
            read_file(path)
        return
    after = analyze(read_file(path).design)
    assert _totals(after) == _totals(counted_for(before, after.convention))


def _totals(analysis: Analysis) -> dict[str, object]:
    return {key: getattr(analysis.totals, key) for key in TOTALS}
