"""Operations that PyTorch has and ONNX has not."""

from __future__ import annotations

from cnnstudio.formats.foreign.tracing.constants import resolved, transposed
from cnnstudio.formats.foreign.tracing.elementwise import primitive
from cnnstudio.formats.foreign.tracing.graph import Operation
from cnnstudio.formats.foreign.tracing.parts import pad, split
from cnnstudio.formats.foreign.tracing.shaping import squeeze, to_sizes, transpose
from cnnstudio.formats.foreign.tracing.tracer import CannotSay, Rule, Tracer
from cnnstudio.formats.foreign.tracing.values import Constant, Pending, View
from cnnstudio.layers.shuffling import ChannelShuffle, PixelUnshuffle


def _sizes(tracer: Tracer, operation: Operation) -> list[int]:
    value = tracer.raw(operation, 0)
    if not isinstance(value, (View, Pending, Constant)):
        raise CannotSay
    return tracer.shape_of(value)


def exchange(tracer: Tracer, operation: Operation) -> None:
    """Two axes exchanged; of a vector nothing."""
    rank = len(_sizes(tracer, operation))
    if rank < 2:
        tracer.pass_on(operation)
        return
    order = list(range(rank))
    first, second = (int(axis) % rank for axis in operation.attributes["axes"])
    order[first], order[second] = second, first
    _turn(tracer, operation, order)


def move_axes(tracer: Tracer, operation: Operation) -> None:
    """Axes moved to other places; those that are not named keep their order."""
    rank = len(_sizes(tracer, operation))
    axes, places = ([int(axis) % rank for axis in operation.attributes[name]] for name in ("axes", "places"))
    if len(set(axes)) < len(axes) or len(axes) != len(places):
        raise CannotSay
    order = [axis for axis in range(rank) if axis not in axes]
    for place, axis in sorted(zip(places, axes, strict=True)):
        order.insert(place, axis)
    _turn(tracer, operation, order)


def _turn(tracer: Tracer, operation: Operation, order: list[int]) -> None:
    value = tracer.raw(operation, 0)
    if isinstance(value, Constant):
        tracer.set(operation, transposed(value, order))
        return
    operation.attributes["perm"] = order
    transpose(tracer, operation)


def squeeze_ones(tracer: Tracer, operation: Operation) -> None:
    """Squeeze of axes, of which those that are not of size 1 stay."""
    sizes = _sizes(tracer, operation)
    axes = [int(axis) % len(sizes) for axis in operation.attributes["axes"]]
    # ONNX refuses to squeeze an axis that is longer than 1; PyTorch leaves it as it is.
    operation.attributes["axes"] = [axis for axis in axes if sizes[axis] == 1]
    if operation.attributes["axes"]:
        squeeze(tracer, operation)
    else:
        tracer.pass_on(operation)


def split_parts(tracer: Tracer, operation: Operation) -> None:
    """Split into parts of a size, the last of which may be smaller, or into as many as there are outputs."""
    sizes = _sizes(tracer, operation)
    have = sizes[int(operation.attributes["axis"])]
    part = operation.attributes.pop("part", None)
    if part is not None:
        if part < 1:
            raise CannotSay
        operation.attributes["split"] = [min(part, have - start) for start in range(0, have, part)]
    split(tracer, operation)


def pad_last(tracer: Tracer, operation: Operation) -> None:
    """Padding that names the last axis first."""
    rank = len(_sizes(tracer, operation))
    given = operation.attributes["pads"]
    if len(given) % 2 or len(given) > 2 * rank:
        raise CannotSay
    # ONNX has all begins before all ends, from the first axis on; PyTorch has pairs, from the last axis on.
    wide = [0] * (2 * rank)
    for place in range(len(given) // 2):
        wide[rank - 1 - place] = given[2 * place]
        wide[2 * rank - 1 - place] = given[2 * place + 1]
    operation.attributes["pads"] = wide
    pad(tracer, operation)


def pixel_unshuffle(tracer: Tracer, operation: Operation) -> None:
    """PixelUnshuffle."""
    step = tracer.normal(tracer.view(operation), operation.path)
    tracer.emit(operation, PixelUnshuffle(scale=int(operation.attributes["blocksize"])), step)


def channel_shuffle(tracer: Tracer, operation: Operation) -> None:
    """ChannelShuffle."""
    step = tracer.normal(tracer.view(operation), operation.path)
    tracer.emit(operation, ChannelShuffle(groups=int(operation.attributes["groups"])), step)


def unflatten(tracer: Tracer, operation: Operation) -> None:
    """One axis as several, one of whose sizes may be -1."""
    sizes = _sizes(tracer, operation)
    axis = int(operation.attributes["axis"]) % len(sizes)
    parts = resolved([sizes[axis]], list(operation.attributes["sizes"]), keeps_zero=True)
    value = tracer.raw(operation, 0)
    if not isinstance(value, (View, Pending)):
        raise CannotSay
    to_sizes(tracer, operation, value, [*sizes[:axis], *parts, *sizes[axis + 1 :]])


RULES: dict[str, Rule] = {
    "Exchange": exchange,
    "MoveAxes": move_axes,
    "SqueezeOnes": squeeze_ones,
    "SplitParts": split_parts,
    "PadLast": pad_last,
    "PixelUnshuffle": pixel_unshuffle,
    "ChannelShuffle": channel_shuffle,
    "Rsqrt": primitive,
    "Unflatten": unflatten,
}
