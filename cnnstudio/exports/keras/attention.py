"""Keras' way to say attention, learned tensors, and windows of a map."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cnnstudio.core.arithmetic.shape import Shape, per_axis
from cnnstudio.core.network.layer import Layer
from cnnstudio.exports.keras.naming import Parts, layer
from cnnstudio.exports.source.saying import CannotSay, Results
from cnnstudio.exports.source.statements import Slot, call, literal
from cnnstudio.layers.attention.heads import DotProductAttention, MultiHeadAttention
from cnnstudio.layers.attention.products import MatMul
from cnnstudio.layers.attention.running import SCORES
from cnnstudio.layers.attention.windows import RelativePositionBias, WindowAttention
from cnnstudio.layers.tensors.learned import Parameter
from cnnstudio.layers.tensors.partition import WindowMerge, WindowPartition

Shapes = tuple[Shape, ...]
Said = tuple[Parts, tuple[str, ...]]
"""An expression and the helpers that it uses."""
Sayer = Callable[[Any, Shapes, Shape], Said]
_LETTERS = "abcd"


def multi_head(item: MultiHeadAttention, inputs: Shapes, _output: Shape) -> Said:
    """MultiHeadAttention, which takes the value before the key. Raises CannotSay for maps of unlike axes."""
    if len({shape.rank for shape in inputs}) > 1:
        raise CannotSay("Keras attends between maps with as many axes", "Put a Reshape before one of its inputs.")
    key, value, units = item.sizes(inputs)
    named: dict[str, Any] = {} if value == key else {"value_dim": value}
    named |= {} if item.bias else {"use_bias": False}
    named |= {} if units == inputs[0].channels else {"output_shape": units}
    rank = inputs[0].rank
    if item.attends_to == "last_axis" and rank > 1:
        named["attention_axes"] = (rank,)
    made = layer(call("layers.MultiHeadAttention", ("num_heads", item.heads), ("key_dim", key), **named))
    places = (0, len(inputs) - 1, min(1, len(inputs) - 1))
    return (*made[:-2], *[part for place in places for part in (", ", place)][1:], ")"), ()


def multi_head_results(item: MultiHeadAttention, inputs: Shapes) -> Results[Parts]:
    """The output of an attention, and its scores with the heads last; raises CannotSay as `multi_head` does."""
    expression, _ = multi_head(item, inputs, inputs[0])
    scores = item.further_output(SCORES, inputs, inputs[0])
    # Keras has the axes of the queries, and those of the keys; those that attend apart stand before the heads.
    before = scores.spatial[:-2]
    sizes = literal((-1, *before, item.heads, *scores.spatial[-2:]))
    # Keras takes it that there are as many keys as queries, until it runs.
    is_as_told = inputs[0].rank == 1 and len(set(scores.spatial)) == 1
    shaped = "{0}[1]" if is_as_told else f"ops.reshape({{0}}[1], {sizes})"
    heads = 1 + len(before)
    parts = {"": "{0}[0]", SCORES: f"ops.transpose({shaped}, {(*range(heads), heads + 1, heads + 2, heads)})"}
    return Results((*expression[:-1], ", return_attention_scores=True)"), parts)


def dot_product(item: DotProductAttention, _inputs: Shapes, _output: Shape) -> Said:
    """Scaled dot products of the heads' channels."""
    last = ", last_axis=True" if item.attends_to == "last_axis" else ""
    return ("attend_heads(", 0, ", ", 1, ", ", 2, f", {item.heads}{last})"), ("attend_heads",)


def window_attention(item: WindowAttention, _inputs: Shapes, _output: Shape) -> Said:
    """Attention within windows, as torchvision's ShiftedWindowAttention computes it."""
    named: dict[str, Any] = {"shift": item.shift} if item.shift else {}
    named |= {} if item.bias else {"use_bias": False}
    named |= {} if item.relative_positions else {"relative_positions": False}
    made = call("WindowAttention", ("heads", item.heads), ("window", per_axis(item.window, 2)), **named)
    return layer(made), ("distances", "WindowAttention")


def relative_bias(item: RelativePositionBias, _inputs: Shapes, _output: Shape) -> Said:
    """A learned table, looked up by the distance of two positions."""
    made = call("RelativePositionBias", ("window", per_axis(item.window, 2)))
    return layer(made), ("distances", "RelativePositionBias")


def matmul(item: MatMul, inputs: Shapes, _output: Shape) -> Said:
    """A product of matrices, whose axes stand in another order here: by letters."""
    outer = _LETTERS[: inputs[0].rank - 1]
    first = outer + ("kr" if item.transpose_first else "rk")
    second = outer + ("qk" if item.transpose_second else "kq")
    equation = f"{_last(first)},{_last(second)}->{_last(outer + 'rq')}"
    return (f'ops.einsum("{equation}", ', 0, ", ", 1, ")"), ()


def _last(axes: str) -> str:
    """The letters of axes in Keras' order, the batch before them: the first, which is the channels, goes last."""
    return f"z{axes[1:]}{axes[0]}"


def parameter(item: Parameter, inputs: Shapes, _output: Shape) -> Said:
    """A layer with one weight, the same for every example."""
    tensor = item.tensor(inputs[0])
    named: dict[str, Any] = {} if item.use == "add" else {"use": item.use}
    if item.use in ("first", "last"):
        named["axis"] = item.axis or -1
    shape = Slot("shape", literal((*tensor.spatial, tensor.channels)))
    texts = [piece for key, value in named.items() for piece in (f", {key}=", Slot(key, literal(value)))]
    return layer(("Learned(", shape, *texts, ")")), ("Learned",)


def partition(item: WindowPartition, _inputs: Shapes, _output: Shape) -> Said:
    """Windows beside each other."""
    return ("to_windows(", 0, f", {literal(per_axis(item.window, 2))})"), ("to_windows",)


def merge(item: WindowMerge, _inputs: Shapes, output: Shape) -> Said:
    """Windows put together."""
    window, sizes = literal(per_axis(item.window, 2)), Slot("size", literal(output.spatial))
    return ("from_windows(", 0, f", {window}, ", sizes, ")"), ("from_windows",)


SAYERS: dict[type[Layer], Sayer] = {
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
