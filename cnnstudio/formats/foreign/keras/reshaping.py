"""Keras layers that move elements, as layers of a design."""

from __future__ import annotations

from math import prod
from typing import Any

from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.network.layer import Layer
from cnnstudio.formats.foreign.draft import Numbers, placeholder
from cnnstudio.formats.foreign.keras.call import Call
from cnnstudio.layers.merge import Concat
from cnnstudio.layers.reshaping import Crop, Permute, RepeatVector, Reshape, Upsample, ZeroPad
from cnnstudio.layers.structure import Identity

MODES = ("nearest", "bilinear", "bicubic")


def reshape(call: Call) -> Layer:
    """A Reshape; the sizes of the file end in the channels. Raises NotUnderstood if it states no shape."""
    wanted = call.get("target_shape", "dims")
    if not isinstance(wanted, list) or not all(type(size) is int for size in wanted):
        raise call.refusal("states no shape to give its tensor.")
    return reshape_to(call, wanted)


def reshape_to(call: Call, wanted: list[int]) -> Layer:
    """A Reshape to the sizes of a tensor without its batch, one of which may be -1."""
    known = prod(size for size in wanted if size > 0)
    sizes = [call.shape.elements // max(known, 1) if size < 0 else size for size in wanted]
    shape = call.shape_from(sizes)
    if shape == call.shape:
        return Identity()
    return Reshape(channels=shape.channels, size=shape.spatial)


def permute(call: Call) -> Layer:
    """A Permute; the file counts axes from 1. Raises NotUnderstood if an axis is missing."""
    dims = call.get("dims")
    if not isinstance(dims, list) or sorted(dims) != list(range(1, call.shape.rank + 2)):
        raise call.refusal("does not name each axis of its tensor once.")
    return permute_by(call, dims)


def permute_by(call: Call, dims: list[int]) -> Layer:
    """A Permute that gives each output axis the named input axis, both counted from 1."""
    axes = [call.axis(axis) for axis in dims]
    # The last axis of the file are the channels, the first of a design.
    order = axes if call.channels_first else [axes[-1], *axes[:-1]]
    return Permute(dims=tuple(order))


def _margins(call: Call, name: str, rank: int) -> Any:
    """[begin, end] for each axis, or one number where all are alike; Keras 1 wrote four numbers."""
    value = call.get(name, default=1)
    if type(value) is int:
        return value
    if not isinstance(value, list):
        raise call.refusal(f"states no {name}.")
    if rank == 1 and len(value) == 2:
        value = [value]
    if rank == 2 and len(value) == 4:
        value = [value[:2], value[2:]]
    pairs = tuple((pair, pair) if type(pair) is int else tuple(pair) for pair in value)
    if len(pairs) != rank or not all(len(pair) == 2 and all(type(end) is int for end in pair) for pair in pairs):
        raise call.refusal(f"states no {name} that fits its {rank} axes.")
    ends = {end for pair in pairs for end in pair}
    return ends.pop() if len(ends) == 1 else tuple(a if a == b else (a, b) for a, b in pairs)


def zero_pad(call: Call, rank: int) -> Layer:
    """ZeroPadding1D to 3D."""
    return ZeroPad(padding=_margins(call, "padding", rank))


def crop(call: Call, rank: int) -> Layer:
    """Cropping1D to 3D."""
    return Crop(cropping=_margins(call, "cropping", rank))


def center_crop(call: Call) -> Layer:
    """CenterCrop and RandomCrop: to a height and width. Raises NotUnderstood where they would enlarge."""
    wanted = (call.integer("height"), call.integer("width"))
    if call.shape.rank != 2 or any(want > have for want, have in zip(wanted, call.shape.spatial, strict=True)):
        raise call.refusal("crops to more than there is, and so enlarges instead.")
    spare = [have - want for want, have in zip(wanted, call.shape.spatial, strict=True)]
    return Crop(cropping=tuple((rest // 2, rest - rest // 2) for rest in spare)) if any(spare) else Identity()


def upsample(call: Call, rank: int) -> Layer:
    """UpSampling1D to 3D."""
    mode = call.get("interpolation", default="nearest")
    scale = call.sizes("size", "length", rank=rank, default=2)
    if mode not in MODES:
        factors = scale if isinstance(scale, tuple) else (scale,) * rank
        sizes = tuple(size * factor for size, factor in zip(call.shape.spatial, factors, strict=True))
        return placeholder(Shape(call.shape.channels, sizes), Numbers(), 0)
    return Upsample(scale=scale, mode=mode)


def resize(call: Call) -> Layer:
    """Resizing: to a height and width."""
    wanted = (call.integer("height"), call.integer("width"))
    mode = call.get("interpolation", default="bilinear")
    if mode not in MODES:
        return placeholder(Shape(call.shape.channels, wanted), Numbers(), 0)
    return Upsample(size=wanted, mode=mode)


def repeat_vector(call: Call) -> Layer:
    """RepeatVector: a vector n times."""
    return RepeatVector(times=call.integer("n"))


def concatenate(call: Call) -> Layer:
    """Concatenate along an axis."""
    return Concat(axis=call.axis(call.get("axis", "concat_axis", default=-1)))
