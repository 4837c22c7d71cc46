"""The receptive field: how much of the input one element of a layer's output sees, also through branches.

Per axis it has a size, a stride (how far the fields of neighbouring outputs lie apart) and an offset (the input index
of the first element that the first output sees, negative inside padding). A window of extent K, stride S and start −P
on a map of size r, stride j and offset o gives r + (K − 1)·j, j·S and o − P·j (Dumoulin and Visin, "A guide to
convolution arithmetic", 2016; Araujo et al., "Computing receptive fields", Distill 2019). Over a merge it is the union
of the branches. Normalization counts as pointwise: its statistics are not taken for seeing.
"""

from __future__ import annotations

from math import gcd
from typing import Literal

from msgspec import Struct

from cnnstudio.core.derivation import Symbol, Working, exact_divide, maximum, minimum, plain, symbol
from cnnstudio.core.shape import AXIS_WORDS, Window

Reach = tuple[Window, ...] | Literal["pointwise", "whole", "unknown"]
"""What a layer's outputs see of its input: a window an axis, one element, all of it, or nobody knows."""


class AxisField(Struct, frozen=True):
    """Size, stride and offset along one axis, in 1/`unit` input elements; stride 0 where there is no one stride."""

    size: int
    stride: int
    offset: int
    unit: int = 1


class ReceptiveField(Struct, frozen=True):
    """The field along each axis of the input image, whose sizes are `image`; `whole` if everything is seen."""

    image: tuple[int, ...]
    axes: tuple[AxisField, ...]
    whole: bool = False

    @property
    def size(self) -> tuple[int, ...]:
        """Input elements seen along each axis (rounded up where enlarging layers leave a fraction)."""
        return tuple(-(-axis.size // axis.unit) for axis in self.axes)

    @property
    def stride(self) -> tuple[int | float | None, ...]:
        """The step between neighbouring outputs along each axis, None where there is none."""
        return tuple(_ratio(axis.stride, axis.unit) if axis.stride else None for axis in self.axes)

    @property
    def offset(self) -> tuple[int, ...]:
        """The index of the first input element that the first output sees, along each axis."""
        return tuple(axis.offset // axis.unit for axis in self.axes)


def _ratio(dividend: int, divisor: int) -> int | float:
    return dividend // divisor if dividend % divisor == 0 else dividend / divisor


_PIXEL = AxisField(1, 1, 0)


def of_input(sizes: tuple[int, ...]) -> ReceptiveField:
    """The field of an input layer: each element sees itself."""
    return ReceptiveField(sizes, (_PIXEL,) * len(sizes))


def through(field: ReceptiveField | None, reach: Reach) -> ReceptiveField | None:
    """The field behind a layer that sees its input, whose field is given, through `reach`."""
    if reach == "pointwise" or field is None:
        return field
    if reach == "unknown":
        return None
    if reach == "whole":
        return everything(field)
    if len(reach) != len(field.axes):
        return None
    axes = tuple(map(_through_window, field.axes, reach))
    if not field.whole:
        return ReceptiveField(field.image, axes)
    seen = everything(field).axes
    axes = tuple(AxisField(a.size, s.stride, 0, s.unit) for a, s in zip(seen, axes, strict=True))
    return ReceptiveField(field.image, axes, whole=True)


def everything(field: ReceptiveField) -> ReceptiveField:
    """The field that covers the whole input; there is one such field only, so it has no stride."""
    return ReceptiveField(field.image, tuple(AxisField(size, 0, 0) for size in field.image), whole=True)


def _through_window(axis: AxisField, window: Window, symbol: Symbol = plain) -> AxisField:
    if window.zoom > 1 and axis.stride % window.zoom:
        axis = _rescaled(axis, window.zoom // gcd(axis.stride, window.zoom))
    jump = symbol("j_in", axis.stride)
    extent, start = symbol("K", window.extent), symbol("P", -window.start)
    stride = jump * symbol("S", window.stride) if window.zoom == 1 else exact_divide(jump, symbol("S", window.zoom))
    return AxisField(
        symbol("r_in", axis.size) + (extent - 1) * jump,
        stride,
        symbol("o_in", axis.offset) - start * jump,
        axis.unit,
    )


def _rescaled(axis: AxisField, factor: int) -> AxisField:
    """The same field in units smaller by `factor`."""
    return AxisField(axis.size * factor, axis.stride * factor, axis.offset * factor, axis.unit * factor)


def union(fields: list[ReceptiveField | None]) -> ReceptiveField | None:
    """The field that covers all the given ones; None if one is unknown or they belong to inputs of unlike size."""
    first = fields[0]
    if all(field is first for field in fields):
        return first
    known = [field for field in fields if field is not None]
    spread = [field for field in known if field.axes] or known
    if len(known) < len(fields) or any(field.image != spread[0].image for field in spread):
        return None
    axes = tuple(_axis_union(group) for group in zip(*(field.axes for field in spread), strict=True))
    return ReceptiveField(spread[0].image, axes, whole=any(field.whole for field in spread))


def _axis_union(axes: tuple[AxisField, ...], symbol: Symbol = plain) -> AxisField:
    unit = max(axis.unit for axis in axes)
    while any(unit % axis.unit for axis in axes):
        unit += max(axis.unit for axis in axes)
    axes = tuple(axis if axis.unit == unit else _rescaled(axis, unit // axis.unit) for axis in axes)
    starts = [symbol(f"o_{i}", axis.offset) for i, axis in enumerate(axes, 1)]
    ends = [start + symbol(f"r_{i}", axis.size) for i, (axis, start) in enumerate(zip(axes, starts, strict=True), 1)]
    offset = minimum(*starts)
    strides = [axis.stride for axis in axes if axis.stride]
    return AxisField(maximum(*ends) - offset, max(strides, default=0), offset, unit)


def strides_differ(fields: list[ReceptiveField | None]) -> bool:
    """Whether known branches step through the input at unlike strides, which a merge seldom means."""
    known = [field for field in fields if field is not None and all(axis.stride for axis in field.axes)]
    return any(field.stride != known[0].stride for field in known)


def repeated(before: ReceptiveField | None, after: ReceptiveField | None, times: int) -> ReceptiveField | None:
    """The field after `times` passes through a block that took `before` to `after` in one.

    A block multiplies the stride by a factor and adds multiples of it to size and offset, so that its first pass
    tells all the others.
    """
    if before is None or after is None or times == 1 or before.whole or after.whole:
        return after
    axes = tuple(_repeat_axis(b, a, times) for b, a in zip(before.axes, after.axes, strict=True))
    return ReceptiveField(after.image, axes)


def _repeat_axis(before: AxisField, after: AxisField, times: int) -> AxisField:
    if (before.stride, before.unit) == (after.stride, after.unit):
        grown, moved = after.size - before.size, after.offset - before.offset
        return AxisField(before.size + times * grown, after.stride, before.offset + times * moved, after.unit)
    field = before
    for _ in range(times):
        field = shifted(before, after, field)
    return field


def shifted(before: AxisField, after: AxisField, start: AxisField) -> AxisField:
    """Where the step that took `before` to `after` takes `start`: the same multiples of its stride."""
    if not before.stride:
        return after
    grown = after.size * before.unit - before.size * after.unit
    moved = after.offset * before.unit - before.offset * after.unit
    unit = start.unit * after.unit * before.stride
    size = start.size * after.unit * before.stride + grown * start.stride
    offset = start.offset * after.unit * before.stride + moved * start.stride
    stride = after.stride * before.unit * start.stride
    common = gcd(gcd(size, stride), gcd(offset, unit))
    return AxisField(size // common, stride // common, offset // common, unit // common)


def field_workings(
    inputs: list[ReceptiveField | None], reach: Reach, result: ReceptiveField | None
) -> tuple[Working, ...]:
    """Size, stride and offset of a row's field along each axis, with their working."""
    if result is None:
        return (Working("receptive_field", "receptive field", None),)
    words = AXIS_WORDS.get(len(result.axes), ())
    known = [field for field in inputs if field is not None]
    if result.whole or not known:
        reason = "everything is seen" if result.whole else "each element sees itself"
        return tuple(
            Working("receptive_field", f"receptive field, {word}", size, reason)
            for word, size in zip(words, result.size, strict=True)
        )
    workings: list[Working] = []
    for i, word in enumerate(words):
        axes = tuple(field.axes[i] for field in known if field.axes)
        axis = _axis_union(axes, symbol) if len(axes) > 1 else axes[0]
        if isinstance(reach, tuple):
            axis = _through_window(axis, reach[i], symbol)
        workings += _axis_workings(axis, word)
    return tuple(workings)


def _axis_workings(axis: AxisField, word: str) -> tuple[Working, ...]:
    reason = "" if axis.unit == 1 else f"in 1/{axis.unit} of an input element"
    return (
        Working("receptive_field", f"receptive field, {word}", axis.size, reason),
        Working("receptive_field_stride", f"stride of the field, {word}", axis.stride, reason),
        Working("receptive_field_offset", f"offset of the field, {word}", axis.offset, reason),
    )

