"""PyTorch's way to say attention, learned tensors, and windows of a map."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cnnstudio.core.arithmetic.shape import Shape, per_axis
from cnnstudio.core.network.layer import Layer
from cnnstudio.exports.source.saying import APPLIED, MADE, Expression, Results, Said
from cnnstudio.exports.source.statements import Slot, call, literal
from cnnstudio.layers.attention.heads import DotProductAttention, MultiHeadAttention
from cnnstudio.layers.attention.products import MatMul
from cnnstudio.layers.attention.running import SCORES
from cnnstudio.layers.attention.windows import RelativePositionBias, WindowAttention
from cnnstudio.layers.tensors.learned import Parameter
from cnnstudio.layers.tensors.partition import WindowMerge, WindowPartition

Shapes = tuple[Shape, ...]


def multi_head(layer: MultiHeadAttention, inputs: Shapes, _output: Shape) -> Said:
    """PyTorch's own module where all sizes follow from the channels; otherwise a helper with four projections."""
    query, key, value = layer.sources(inputs)
    key_size, value_size, units = layer.sizes(inputs)
    bias = {} if layer.bias else {"bias": False}
    if key_size == value_size and layer.heads * key_size == query.channels == units:
        same = query.channels == key.channels == value.channels
        sizes = {} if same else {"kdim": key.channels, "vdim": value.channels}
        made = call(
            "nn.MultiheadAttention",
            ("channels", units),
            ("heads", layer.heads),
            **bias,
            **sizes,
            batch_first=True,
        )
        helpers: tuple[str, ...] = ("attend",)
    else:
        channels = (query.channels, key.channels, value.channels)
        sizes = {"key_size": key_size, "value_size": value_size, "units": units}
        made = call("MultiHeadAttention", ("channels", channels), ("heads", layer.heads), **sizes, **bias)
        helpers = ("MultiHeadAttention", "attend")
    last = ", last_axis=True" if layer.attends_to == "last_axis" else ""
    places = (0, min(1, len(inputs) - 1), len(inputs) - 1)
    parts: Expression = tuple([part for place in places for part in (", ", place)])
    return Said(("attend(", MADE, *parts, f"{last})"), made, helpers)


def multi_head_results(layer: MultiHeadAttention, inputs: Shapes, output: Shape) -> Results[Said]:
    """The output of an attention, and its scores, of each head apart."""
    said = multi_head(layer, inputs, output)
    called = Said((*said.expression[:-1], f"{str(said.expression[-1])[:-1]}, scores=True)"), said.made, said.helpers)
    return Results(called, {"": "{0}[0]", SCORES: "{0}[1]"})


def dot_product(layer: DotProductAttention, _inputs: Shapes, _output: Shape) -> Said:
    """Scaled dot products of the heads' channels."""
    last = ", last_axis=True" if layer.attends_to == "last_axis" else ""
    return Said(("attend_heads(", 0, ", ", 1, ", ", 2, f", {layer.heads}{last})"), None, ("attend_heads",))


def window_attention(layer: WindowAttention, inputs: Shapes, _output: Shape) -> Said:
    """Attention within windows, as torchvision's ShiftedWindowAttention computes it."""
    named: dict[str, object] = {"shift": layer.shift} if layer.shift else {}
    named |= {} if layer.bias else {"bias": False}
    named |= {} if layer.relative_positions else {"relative_positions": False}
    made = call(
        "WindowAttention",
        ("channels", inputs[0].channels),
        ("heads", layer.heads),
        ("window", per_axis(layer.window, 2)),
        **named,
    )
    return Said(APPLIED, made, ("RelativePositionBias", "WindowAttention"))


def relative_bias(layer: RelativePositionBias, inputs: Shapes, _output: Shape) -> Said:
    """A learned table, looked up by the distance of two positions."""
    made = call("RelativePositionBias", ("window", per_axis(layer.window, 2)), ("heads", inputs[0].channels))
    return Said(APPLIED, made, ("RelativePositionBias",))


def matmul(layer: MatMul, _inputs: Shapes, _output: Shape) -> Said:
    """A product of matrices."""
    first: Expression = (0, ".transpose(-2, -1)") if layer.transpose_first else (0,)
    second: Expression = (1, ".transpose(-2, -1)") if layer.transpose_second else (1,)
    return Said((*first, " @ ", *second))


def parameter(layer: Parameter, inputs: Shapes, _output: Shape) -> Said:
    """A parameter of the module, the same for every example."""
    tensor = layer.tensor(inputs[0])
    made = ("nn.Parameter(torch.zeros(", Slot("shape", literal(tuple(tensor.to_list()))), "))")
    if layer.use in ("add", "multiply"):
        return Said((0, " + " if layer.use == "add" else " * ", MADE), made)
    each: Expression = (MADE, ".expand(", 0, f".shape[0]{', -1' * (tensor.rank + 1)})")
    if layer.use == "alone":
        return Said(each, made)
    joined: Expression = (*each, ", ", 0) if layer.use == "first" else (0, ", ", *each)
    return Said(("torch.cat([", *joined, f"], dim={layer.axis + 1})"), made)


def partition(layer: WindowPartition, _inputs: Shapes, _output: Shape) -> Said:
    """Windows beside each other."""
    return Said(("to_windows(", 0, f", {literal(per_axis(layer.window, 2))})"), None, ("to_windows",))


def merge(layer: WindowMerge, _inputs: Shapes, output: Shape) -> Said:
    """Windows put together."""
    window = literal(per_axis(layer.window, 2))
    sizes = Slot("size", literal(output.spatial))
    return Said(("from_windows(", 0, f", {window}, ", sizes, ")"), None, ("from_windows",))


SAYERS: dict[type[Layer], Callable[[Any, Shapes, Shape], Said]] = {
    MultiHeadAttention: multi_head,
    DotProductAttention: dot_product,
    WindowAttention: window_attention,
    RelativePositionBias: relative_bias,
    MatMul: matmul,
    Parameter: parameter,
    WindowPartition: partition,
    WindowMerge: merge,
}
"""The function for each of these types."""
