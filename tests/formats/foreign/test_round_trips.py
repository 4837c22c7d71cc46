"""Built-in designs out as ONNX and in again: the same counts, and every shape that the exporter states."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.exports import TARGETS
from cnnstudio.exports.target import ExportOptions
from cnnstudio.formats.builtin import open_design
from tests.formats.foreign.truth import imported

DESIGNS = (
    *("resnet-18", "u-net", "mobilenet-v3-small", "shufflenet-v2-x1.0", "googlenet-aux", "c3d", "m5-audio"),
    *("convnext-tiny", "alexnet-grouped", "xception", "lenet-caffe", "conv-autoencoder"),
)


@pytest.mark.parametrize("name", DESIGNS)
def test_a_design_comes_back_as_it_went_out(name: str, tmp_path: Path) -> None:
    before = analyze(open_design(name).design)
    content = TARGETS["onnx"].write(before, ExportOptions())
    path = tmp_path / "net.onnx"
    path.write_bytes(content.content)
    _, after, network = imported(path)
    for key in ("weights", "biases", "state", "macs"):
        assert getattr(after.totals, key) == getattr(before.totals, key), key
    assert network.shapes_checked > 0
    assert network.shapes_different == 0
    learning = [_learning(analysis) for analysis in (before, after)]
    if name not in ("xception", "alexnet-grouped", "convnext-tiny"):
        # A separable convolution comes back as its two parts, a dense layer on channels as it was or as a 1 × 1 one.
        assert learning[0] == learning[1]


def _learning(analysis: Analysis) -> Counter[tuple[str, int]]:
    """The layers that learn, by type and size of the output."""
    rows = [(row, row.output_shape) for row in analysis.rows if row.weights]
    return Counter((row.layer.type_name, int(shape.elements)) for row, shape in rows if shape is not None)
