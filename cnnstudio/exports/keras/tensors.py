"""Keras' way to say reductions, stacks, patches, and unusual pools and normalizations."""

from __future__ import annotations

from math import prod
from typing import Any

from cnnstudio.core.arithmetic.shape import Shape, per_axis
from cnnstudio.core.network.layer import Layer
from cnnstudio.exports.keras.attention import Said, Sayer
from cnnstudio.exports.keras.naming import after, layer
from cnnstudio.exports.keras.sliding import activation_of, zero_padded
from cnnstudio.exports.source.saying import CannotSay
from cnnstudio.exports.source.statements import Slot, call, literal
from cnnstudio.exports.windows import window_axes
from cnnstudio.layers.normalization import GlobalResponseNorm
from cnnstudio.layers.patches.local import LocallyConnected
from cnnstudio.layers.patches.pools import BlurPool, LPPool, MaxUnpool
from cnnstudio.layers.patches.unfolding import Fold, Unfold
from cnnstudio.layers.tensors.functions import GLU
from cnnstudio.layers.tensors.reductions import Reduce, Stack

Shapes = tuple[Shape, ...]


def glu(item: GLU, _inputs: Shapes, _output: Shape) -> Said:
    """A gated linear unit."""
    return ("ops.glu(", 0, f", axis={item.axis or -1})"), ()


def reduce(item: Reduce, inputs: Shapes, _output: Shape) -> Said:
    """A function over axes; what comes to be the channels is moved last."""
    rank = inputs[0].rank
    places = literal(tuple(sorted(axis or rank + 1 for axis in item.axes)))
    # The length by its squares: the operation for norms takes two axes at most.
    name, start, end = (f"ops.{item.function}", "", "")
    if item.function == "norm":
        name, start, end = "ops.sum", "ops.sqrt(", ")"
    inner: tuple[Any, ...] = ("ops.square(", 0, ")") if item.function == "norm" else (0,)
    if item.keepdims:
        return (f"{start}{name}(", *inner, f", axis={places}, keepdims=True){end}"), ()
    if len(item.axes) > rank:
        return ("ops.expand_dims(", f"{start}{name}(", *inner, f", axis={places}){end}, -1)"), ()
    left = rank + 1 - len(item.axes)
    if 0 in item.axes and left > 1:
        return (f"ops.moveaxis({start}{name}(", *inner, f", axis={places}){end}, 1, -1)"), ()
    return (f"{start}{name}(", *inner, f", axis={places}){end}"), ()


def stack(item: Stack, inputs: Shapes, _output: Shape) -> Said:
    """A stack along a new axis; along that of the channels, the old channels come first of the others."""
    parts = ("[", *[part for at in range(len(inputs)) for part in (", ", at)][1:], "]")
    if item.axis:
        return ("ops.stack(", *parts, f", axis={item.axis})"), ()
    return ("ops.moveaxis(ops.stack(", *parts, ", axis=-1), -2, 1)"), ()


def response_norm(item: GlobalResponseNorm, _inputs: Shapes, _output: Shape) -> Said:
    """A layer of its own, as ConvNeXt V2 has it."""
    named = {} if item.epsilon == 1e-6 else {"epsilon": item.epsilon}
    return layer(call("GlobalResponseNorm", **named)), ("GlobalResponseNorm",)


def local(item: LocallyConnected, inputs: Shapes, output: Shape) -> Said:
    """A layer with weights of its own for each window."""
    axes = window_axes(inputs[0], output, item.kernel_size, item.stride, item.padding, item.dilation)
    named: dict[str, Any] = {} if item.stride == 1 else {"strides": per_axis(item.stride, item.rank)}
    named |= {} if item.dilation == 1 else {"dilation": per_axis(item.dilation, item.rank)}
    named |= {} if item.bias else {"use_bias": False}
    taken = zero_padded([(axis.begin, axis.end) for axis in axes])
    sizes = tuple(axis.kernel for axis in axes)
    made = call("LocallyConnected", ("filters", item.filters), ("places", output.spatial), ("size", sizes), **named)
    return layer(made, taken, **activation_of(item)), ("patches", "LocallyConnected")


def power_pool(item: LPPool, inputs: Shapes, output: Shape) -> Said:
    """Powers and an average pool. Raises CannotSay for windows beyond the map, which PyTorch averages its own way."""
    axes = window_axes(inputs[0], output, item.pool_size, item.steps_of(), item.padding)
    if any(axis.needed for axis in axes):
        raise CannotSay("a window reaches beyond the map, of which PyTorch alone says what counts", "Use no ceil mode.")
    size, stride = per_axis(item.pool_size, item.rank), per_axis(item.steps_of(), item.rank)
    pooled = f'{literal(size)}, {literal(stride)}, "valid", "channels_last") * {prod(size)}'
    return ("ops.power(ops.average_pool(ops.power(", 0, f", {item.power!r}), {pooled}, {1 / item.power!r})"), ()


def blur(item: BlurPool, inputs: Shapes, output: Shape) -> Said:
    """Shifted maps, weighted and added."""
    rank = inputs[0].rank
    ends = [(axis.pads[0], axis.pads[1]) for axis in item.axes(inputs[0])]
    padded: tuple[Any, ...] = ("pad_by(", 0, f', {literal(tuple(ends))}, "reflect")') if item.filter_size > 1 else (0,)
    helpers = ("pad_by",) if item.filter_size > 1 else ()
    places = Slot("places", literal(output.spatial))
    strides = literal(per_axis(item.stride, rank))
    return ("blur(", *padded, f", {literal(item.taps())}, {strides}, ", places, ")"), (*helpers, "blur")


def unpool(item: MaxUnpool, inputs: Shapes, _output: Shape) -> Said:
    """The place of each maximum. Raises CannotSay where windows overlap."""
    if inputs[1].within:
        raise CannotSay("Keras has no places of maximums", "Let it take the map that was pooled.")
    rank = inputs[1].rank
    size, stride = per_axis(item.pool_size, rank), per_axis(item.steps_of(), rank)
    if size != stride:
        raise CannotSay(
            "Keras has no unpooling, and windows that overlap or leave gaps are not written", "Use PyTorch."
        )
    return ("unpool(", 0, ", ", 1, f", {literal(size)})"), ("unpool",)


def unfold(item: Unfold, inputs: Shapes, _output: Shape) -> Said:
    """Shifted maps beside each other, in PyTorch's order of channels."""
    axes = item.axes_on(inputs[0])
    places = tuple((axis.size + sum(axis.pads) - axis.reach) // axis.stride + 1 for axis in axes)
    sizes, strides = tuple(axis.kernel for axis in axes), tuple(axis.stride for axis in axes)
    dilation = tuple(axis.dilation for axis in axes)
    taken = zero_padded([(axis.pads[0], axis.pads[1]) for axis in axes])
    windows = f", {literal(sizes)}, {literal(strides)}, {literal(dilation)}, {literal(places)})"
    return ("unfold(", *after(taken), windows), ("patches", "unfold")


def fold(item: Fold, _inputs: Shapes, output: Shape) -> Said:
    """Columns spread out, shifted and added."""
    axes = item.axes_on(Shape(output.channels, output.spatial))
    places = tuple((axis.size + sum(axis.pads) - axis.reach) // axis.stride + 1 for axis in axes)
    texts = [tuple(axis.kernel for axis in axes), tuple(axis.stride for axis in axes)]
    texts += [tuple(axis.dilation for axis in axes), tuple(axis.pads[0] for axis in axes), places, output.spatial]
    return ("fold(", 0, *[f", {literal(text)}" for text in texts], ")"), ("fold",)


SAYERS: dict[type[Layer], Sayer] = {
    GLU: glu,
    Reduce: reduce,
    Stack: stack,
    GlobalResponseNorm: response_norm,
    LocallyConnected: local,
    LPPool: power_pool,
    BlurPool: blur,
    MaxUnpool: unpool,
    Unfold: unfold,
    Fold: fold,
}
"""The function for each of these types."""
