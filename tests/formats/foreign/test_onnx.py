"""ONNX files against what ONNX's own shape inference and the exporting framework say of them, row by row."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.network.design import Block, Design, find
from cnnstudio.exports import TARGETS
from cnnstudio.exports.target import ExportOptions
from cnnstudio.formats import read_file
from cnnstudio.formats.design_yaml import parse_items
from cnnstudio.formats.fault import FileError
from cnnstudio.layers.normalization import LayerNorm
from tests.formats.foreign.truth import imported, sample, samples, truth

JOINED = {"Transpose", "MatMul", "Add", "Mul", "Div", "Erf", "Gelu", "LayerNormalization", "Reshape", "Flatten"}
"""Parts that a pass makes one layer of: channels-last parts, biases, decomposed functions, and a vector at the end."""
MACS = {"resnet18": 1814073344, "mobilenet_v2": 300774272, "densenet121": 2834161664, "alexnet": 714188480}


@pytest.mark.parametrize("fold", [True, False])
@pytest.mark.parametrize("name", samples("onnx"))
def test_an_onnx_file_counts_as_the_framework_does(name: str, fold: bool, tmp_path: Path) -> None:
    said = truth("onnx", name)
    _, analysis, network = imported(sample("onnx", name, tmp_path), fold=fold)
    totals = analysis.totals
    assert (totals.weights + totals.biases, totals.state) == (said["totals"]["params"], said["totals"]["running_stats"])
    assert totals.macs == MACS.get(name.partition(".")[0], totals.macs)
    assert network.stated_parameters == network.counted_parameters == said["totals"]["params"]
    assert (network.complete, network.shapes_different) == (True, 0)
    mine = Counter(tuple(row.output_shape.to_list()) for row in analysis.rows if row.output_shape)
    theirs = Counter(tuple(shape) for kind, shape in said["rows"] if kind not in JOINED)
    if "convnext" not in name:
        # A concatenation of one tensor, and the map before a pooled vector, are no layers.
        assert sum((theirs - mine).values()) <= 5
    assert not analysis.errors


def test_blocks_are_found_by_modules(tmp_path: Path) -> None:
    file, _, _ = imported(sample("onnx", "resnet18.legacybn.onnx", tmp_path))
    block = find(file.design, ("layer1",))
    assert isinstance(block, Block)
    assert block.repeat == 2
    assert [item.name for item in block.layers] == ["conv1", "bn1", "relu", "conv2", "bn2", "add", "relu_1"]


def test_layers_between_transposes_work_on_the_channels(tmp_path: Path) -> None:
    _, analysis, network = imported(sample("onnx", "convnext_tiny.legacy.onnx", tmp_path))
    norms = [row for row in analysis.rows if isinstance(row.layer, LayerNorm)]
    assert [row.layer.over for row in norms if isinstance(row.layer, LayerNorm)] == ["channels"] * 23
    assert "gelu was written as several operations (18 ×)" in network.replaced
    assert not [row for row in analysis.rows if row.layer.type_name == "Permute"]


def test_a_file_without_a_graph_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "empty.onnx"
    path.write_bytes(b"\x08\x08\x12\x04test")
    with pytest.raises(FileError, match="is an ONNX file without a graph"):
        read_file(path)


def test_an_input_whose_channels_come_last_is_an_image_all_the_same(tmp_path: Path) -> None:
    file, analysis, network = imported(sample("made", "channels_last.onnx", tmp_path))
    assert network.input_shapes == ((3, 64, 64),)
    types = [item.type_name for item in file.design.layers]
    assert types == ["Input", "Opaque", "Conv2D", "Activation", "GlobalAvgPool", "Dense", "Activation"]
    assert analysis.totals.parameters == 3 + 8 * 3 * 9 + 8 + 8 * 10


def test_a_constant_of_opset_6_says_at_which_axis_it_begins(tmp_path: Path) -> None:
    file, _, network = imported(sample("made", "opset_6.onnx", tmp_path))
    assert [item.type_name for item in file.design.layers] == ["Input", "Conv2D", "Activation"]
    assert network.stated_parameters == network.counted_parameters == 8 * 3 * 9 + 8


def test_numbers_that_an_exporter_computed_are_told_of(tmp_path: Path) -> None:
    """PyTorch's exporters write out masks and tables of positions, which are not the weights they were made of."""
    layers = "- {type: Input, name: x, size: 7, channels: 8}\n- {type: Parameter, name: embedding}\n- {type: Flatten}\n"
    analysis = analyze(Design(name="net", layers=parse_items(layers)))
    written = TARGETS["onnx"].write(analysis, ExportOptions(weights="seeded")).content
    path = tmp_path / "net.onnx"
    for name, is_told in ((b"embedding.weight", False), (b"val_000000000001", True)):
        path.write_bytes(written.replace(b"CNN Studio", b"pytorch   ").replace(b"embedding.weight", name))
        _, _, network = imported(path)
        assert network.counted_parameters == network.stated_parameters == 56
        assert any(note.startswith("56 of the numbers stand in tensors") for note in network.notes) == is_told
