"""Attention, products and patches in files of other programs: out as Keras JSON or ONNX, and in again as they were."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.network.design import Design
from cnnstudio.exports import TARGETS
from cnnstudio.exports.target import ExportOptions
from cnnstudio.formats.builtin import open_design
from cnnstudio.formats.design_yaml import parse_items

SEQUENCES = """
- {type: Input, name: query, size: [6, 5], channels: 8}
- {type: Input, name: key, size: [6, 4], channels: 3}
- {type: Input, name: value, size: [6, 4], channels: 7}
"""
IMAGE = "- {type: Input, name: image, size: [6, 5], channels: 8}\n"


def last_layer(text: str, target: str, folder: Path) -> tuple[str, list[str]]:
    """The last layer of a design after it was exported and read again, as its file writes it, and what it takes."""
    items = parse_items(text)
    path = folder / f"net{TARGETS[target].suffixes[0]}"
    path.write_bytes(TARGETS[target].write(analyze(Design(name="net", layers=items)), ExportOptions()).content)
    read = open_design(str(path)).design
    wanted, found = items[-1], read.layers[-1]
    fields = {name: getattr(found, name) for name in type(found).__struct_fields__ if name not in ("name", "inputs")}
    assert fields == {name: getattr(wanted, name) for name in fields}
    return found.type_name, list(found.inputs)


@pytest.mark.parametrize(
    "layer",
    [
        "{type: MultiHeadAttention, heads: 2, inputs: [query]}",
        "{type: MultiHeadAttention, heads: 3, key_size: 5, value_size: 2, units: 9, bias: false, inputs: [query]}",
        "{type: MultiHeadAttention, heads: 2, attends_to: last_axis, inputs: [query, key, value]}",
        "{type: MultiHeadAttention, heads: 2, inputs: [query, value]}",
    ],
)
def test_attention_comes_back_from_keras_with_its_inputs_in_order(layer: str, tmp_path: Path) -> None:
    takes = layer.partition("inputs: [")[2].partition("]")[0].split(", ")
    inputs = "".join(line + "\n" for line in SEQUENCES.splitlines() if any(f"name: {name}," in line for name in takes))
    kind, found = last_layer(f"{inputs}- {layer}\n", "keras-json", tmp_path)
    assert kind == "MultiHeadAttention"
    assert found in (takes, [] if takes == ["query"] else takes)


@pytest.mark.parametrize(
    "layer",
    [
        "{type: Activation, function: softmax, axis: 2}",
        "{type: Activation, function: softmax, axis: -1}",
        "{type: PReLU, coefficients: element, shared_axes: [0, 2]}",
    ],
)
def test_an_axis_comes_back_from_keras(layer: str, tmp_path: Path) -> None:
    last_layer(f"{IMAGE}- {layer}\n", "keras-json", tmp_path)


@pytest.mark.parametrize(
    "layer",
    [
        "{type: Activation, function: softmax, axis: 1}",
        "{type: Activation, function: square}",
        "{type: Reduce, function: norm, axes: [0], keepdims: true}",
        "{type: ZeroPad, padding: [[0, 1], [2, 0]], channels: [3, 4]}",
    ],
)
def test_a_layer_comes_back_from_onnx(layer: str, tmp_path: Path) -> None:
    last_layer(f"{IMAGE}- {layer}\n", "onnx", tmp_path)


def test_a_product_of_maps_comes_back_from_onnx(tmp_path: Path) -> None:
    other = "- {type: Input, name: other, size: [4, 5], channels: 8}\n"
    layer = "- {type: MatMul, transpose_second: true, inputs: [image, other]}\n"
    assert last_layer(IMAGE + other + layer, "onnx", tmp_path)[1] == ["image", "other"]


def test_a_causal_convolution_comes_back_from_keras(tmp_path: Path) -> None:
    sequence = "- {type: Input, name: sequence, size: [9], channels: 3}\n"
    last_layer(
        f"{sequence}- {{type: Conv1D, filters: 4, kernel_size: 3, dilation: 2, causal: true}}\n", "keras-json", tmp_path
    )
