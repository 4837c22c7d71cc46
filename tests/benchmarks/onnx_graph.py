"""A design as an ONNX graph without weights, for onnx to infer its shapes: the layers that a ResNet is made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from onnx import TensorProto, helper

from cnnstudio.core.arithmetic.shape import explicit_padding, per_axis
from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.counting.rows import Row

Nodes = list[Any]
Weights = list[Any]


def to_onnx(analysis: Analysis) -> Any:
    """The model: one node a layer, two for a global pooling; each tensor has the path of its row."""
    nodes: Nodes = []
    weights: Weights = []
    for row in analysis.rows:
        _WRITERS[row.layer.type_name](row, nodes, weights)
    first, last = analysis.rows[0], analysis.rows[-1]
    output = helper.make_tensor_value_info(last.path, TensorProto.FLOAT, None)
    graph = helper.make_graph(nodes, "design", [_tensor(first.path, [1, *_sizes(first)]), *weights], [output])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])


def _sizes(row: Row) -> list[int]:
    assert row.output_shape is not None
    return row.output_shape.to_list()


def _channels_in(row: Row) -> int:
    assert row.input_shapes[0] is not None
    return row.input_shapes[0].channels


def _tensor(name: str, sizes: list[int]) -> Any:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, sizes)


def _weight(row: Row, name: str, sizes: list[int], weights: Weights) -> str:
    weights.append(_tensor(f"{row.path}.{name}", sizes))
    return f"{row.path}.{name}"


def _window(layer: Any, kernel: Any) -> dict[str, Any]:
    pads = explicit_padding(layer.padding, 2)
    strides = layer.stride if layer.stride is not None else kernel
    return {
        "kernel_shape": list(per_axis(kernel, 2)),
        "strides": list(per_axis(strides, 2)),
        "pads": [begin for begin, _ in pads] + [end for _, end in pads],
    }


def _input(_row: Row, _nodes: Nodes, _weights: Weights) -> None:
    """The input is no node."""


def _conv(row: Row, nodes: Nodes, weights: Weights) -> None:
    layer: Any = row.layer
    shape = [layer.filters, _channels_in(row) // layer.groups, *per_axis(layer.kernel_size, 2)]
    weight = _weight(row, "weight", shape, weights)
    window = _window(layer, layer.kernel_size)
    nodes.append(helper.make_node("Conv", [row.inputs[0], weight], [row.path], group=layer.groups, **window))


def _norm(row: Row, nodes: Nodes, weights: Weights) -> None:
    names = ("scale", "shift", "mean", "variance")
    inputs = [_weight(row, name, [_channels_in(row)], weights) for name in names]
    nodes.append(helper.make_node("BatchNormalization", [row.inputs[0], *inputs], [row.path]))


def _activation(row: Row, nodes: Nodes, _: Weights) -> None:
    nodes.append(helper.make_node("Relu", [row.inputs[0]], [row.path]))


def _pool(row: Row, nodes: Nodes, _: Weights) -> None:
    layer: Any = row.layer
    nodes.append(helper.make_node("MaxPool", [row.inputs[0]], [row.path], **_window(layer, layer.pool_size)))


def _add(row: Row, nodes: Nodes, _: Weights) -> None:
    nodes.append(helper.make_node("Add", list(row.inputs), [row.path]))


def _global_pool(row: Row, nodes: Nodes, _: Weights) -> None:
    nodes.append(helper.make_node("GlobalAveragePool", [row.inputs[0]], [f"{row.path}.map"]))
    nodes.append(helper.make_node("Flatten", [f"{row.path}.map"], [row.path]))


def _dense(row: Row, nodes: Nodes, weights: Weights) -> None:
    layer: Any = row.layer
    matrix = _weight(row, "weight", [layer.units, _channels_in(row)], weights)
    bias = _weight(row, "bias", [layer.units], weights)
    nodes.append(helper.make_node("Gemm", [row.inputs[0], matrix, bias], [row.path], transB=1))


_WRITERS: dict[str, Callable[[Row, Nodes, Weights], None]] = {
    "Input": _input,
    "Conv2D": _conv,
    "BatchNorm": _norm,
    "Activation": _activation,
    "MaxPool2D": _pool,
    "Add": _add,
    "GlobalAvgPool": _global_pool,
    "Dense": _dense,
}
