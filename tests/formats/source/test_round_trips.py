"""Built-in designs out as source and in again: equal in every count, or refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.exports import TARGETS
from cnnstudio.exports.target import ExportError, ExportOptions
from cnnstudio.formats import read_file
from cnnstudio.formats.builtin import builtin_paths, open_design
from cnnstudio.formats.fault import FileError

REFUSED = {
    "c-lstm": "element -1 of an axis of 0",
    "convlstm-video": "it is no tensor of the network",
    "crnn": "asks for the size of a tensor that nobody can tell",
    "mobilevit-s": "asks for the size of a tensor that nobody can tell",
    "segnet": "max_unpool2d",
    "swin-t": "roll",
    "vit-b-16": "movedim",
}
"""Designs whose source holds what is not read, and a part of the sentence that says so."""
TOTALS = ("weights", "biases", "macs", "state")


@pytest.mark.parametrize("name", builtin_paths())
def test_a_design_comes_back_from_pytorch_source(name: str, tmp_path: Path) -> None:
    before = analyze(open_design(name).design)
    path = tmp_path / "net.py"
    try:
        path.write_bytes(TARGETS["pytorch"].write(before, ExportOptions()).content)
    except ExportError:
        pytest.skip("PyTorch cannot say it")
    if name in REFUSED:
        with pytest.raises(FileError, match=REFUSED[name]):
            read_file(path)
        return
    file = read_file(path)
    assert file.report is not None
    network = file.report.networks[0]
    assert not network.faults
    assert network.stated_parameters == before.totals.weights + before.totals.biases
    assert _totals(analyze(file.design)) == _totals(before)


def _totals(analysis: Analysis) -> dict[str, object]:
    return {key: getattr(analysis.totals, key) for key in TOTALS}
