"""The receptive field: how much of the input one element of a layer's output sees, also through branches.

Per axis it has a size, a stride (how far the fields of neighbouring outputs lie apart) and an offset (the input index
of the first element that the first output sees, negative inside padding). A window of extent K, stride S and start −P
on a map of size r, stride j and offset o gives r + (K − 1)·j, j·S and o − P·j (Dumoulin and Visin, "A guide to
convolution arithmetic", 2016; Araujo et al., "Computing receptive fields", Distill 2019). Over a merge it is the union
of the branches. Normalization counts as pointwise: its statistics are not taken for seeing.

After layers that enlarge, neighbouring outputs see unlike spans. Size, stride and offset are those of the mean
output there; a particular one may see some steps of the map before it was enlarged more or less.
"""

from __future__ import annotations

from math import gcd, lcm
from operator import add
from typing import Literal

from msgspec import Struct

from cnnstudio.core.arithmetic.derivation import Symbol, Working, exact_divide, maximum, minimum, plain, symbol
from cnnstudio.core.arithmetic.shape import AXIS_WORDS, ONE_ELEMENT, Window

Reach = tuple[Window, ...] | Literal["pointwise", "whole", "unknown"]
"""The part of its input that a layer's outputs see: a window an axis, one element, all of it, or nobody knows."""


class AxisField(Struct, frozen=True, gc=False):
    """Size, stride and offset along one axis, in 1/`unit` input elements; stride 0 where there is no one stride."""

    size: int
    stride: int
    offset: int
    unit: int = 1


class ReceptiveField(Struct, frozen=True, gc=False):
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
MAX_FIELD = 10**15
"""Anything larger is treated as unknown."""


def of_input(sizes: tuple[int, ...]) -> ReceptiveField:
    """The field of an input layer: each element sees itself."""
    return ReceptiveField(sizes, (_PIXEL,) * len(sizes))


def through(field: ReceptiveField | None, reach: Reach) -> ReceptiveField | None:
    """The field after a layer that sees its input, whose field is given, through `reach`."""
    if reach == "pointwise" or field is None:
        return field
    if reach == "unknown":
        return None
    if reach == "whole":
        return everything(field)
    if len(reach) != len(field.axes):
        return None
    # Plain loops here and below: this runs for every layer after every edit.
    for window in reach:
        if window is not ONE_ELEMENT:
            break
    else:
        return field
    for axis, window in zip(field.axes, reach, strict=True):
        # Several elements are seen whose own fields lie at unequal distances, so that nobody knows how far.
        if not axis.stride and window.extent > 1 and not field.whole:
            return None
    axis, window = field.axes[0], reach[0]
    # The axes of most networks are alike, and stay the same object then.
    if field.axes.count(axis) == len(reach) == reach.count(window):
        axes = (_through_window(axis, window),) * len(reach)
    else:
        axes = tuple(map(_through_window, field.axes, reach))
    return _bounded(field.image, axes, field.whole)


def _bounded(image: tuple[int, ...], axes: tuple[AxisField, ...], whole: bool) -> ReceptiveField | None:
    """A field in lowest terms; None where it is larger than any map, as strides on a map of one element can make it."""
    for axis in axes:
        if axis.unit != 1:
            axes = tuple(map(_reduced, axes))
            break
    for axis in axes:
        if _is_endless(axis):
            return None
    if whole:
        axes = tuple([AxisField(n * axis.unit, axis.stride, 0, axis.unit) for n, axis in zip(image, axes, strict=True)])
    return ReceptiveField(image, axes, whole)


def _is_endless(axis: AxisField) -> bool:
    return axis.stride > MAX_FIELD or axis.size > MAX_FIELD or axis.unit > MAX_FIELD


def _reduced(axis: AxisField) -> AxisField:
    common = gcd(axis.size, axis.stride, axis.offset, axis.unit)
    return AxisField(axis.size // common, axis.stride // common, axis.offset // common, axis.unit // common)


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
    # Lists and plain loops here too, as generators take as long again for two or three fields.
    first = fields[0]
    for field in fields:
        if field is not first:
            break
    else:
        return first
    known = [field for field in fields if field is not None]
    spread = [field for field in known if field.axes] or known
    if len(known) < len(fields) or [field for field in spread if field.image != spread[0].image]:
        return None
    if _step_apart(spread):
        return None
    axes = tuple([_axis_union(group) for group in zip(*[field.axes for field in spread], strict=True)])
    return _bounded(spread[0].image, axes, True in [field.whole for field in spread])


def _step_apart(fields: list[ReceptiveField]) -> bool:
    """True if one of several unlike fields has no single step, so that their joint cover is unknown."""
    moving = [field for field in fields if not field.whole]
    uneven = [field for field in moving if 0 in [axis.stride for axis in field.axes]]
    return bool(uneven) and any(field != uneven[0] for field in moving)


def _axis_union(axes: tuple[AxisField, ...], symbol: Symbol = plain) -> AxisField:
    unit = lcm(*[axis.unit for axis in axes])
    axes = tuple([axis if axis.unit == unit else _rescaled(axis, unit // axis.unit) for axis in axes])
    starts, sizes = [axis.offset for axis in axes], [axis.size for axis in axes]
    if symbol is not plain:
        starts = [symbol(f"o_{i}", start) for i, start in enumerate(starts, 1)]
        sizes = [symbol(f"r_{i}", size) for i, size in enumerate(sizes, 1)]
    offset = minimum(*starts)
    size = maximum(*map(add, starts, sizes)) - offset
    return AxisField(size, max([axis.stride for axis in axes]), offset, unit)


def strides_differ(fields: list[ReceptiveField | None]) -> bool:
    """True if known branches step through the input at unlike strides, which a merge seldom means."""
    known = [strides for field in fields if field is not None and 0 not in (strides := _strides(field))]
    return bool(known) and known.count(known[0]) < len(known)


def _strides(field: ReceptiveField) -> list[float]:
    """The steps of a field in input elements, 0 where there is none."""
    return [axis.stride / axis.unit for axis in field.axes]


def repeated(before: ReceptiveField | None, after: ReceptiveField | None, times: int) -> ReceptiveField | None:
    """The field after `times` passes through a block that took `before` to `after` in one.

    A block multiplies the stride by a factor and adds multiples of it to size and offset, so that its first pass
    tells all the others.
    """
    if before is None or after is None or times == 1:
        return after
    axes = tuple(_repeat_axis(b, a, times) for b, a in zip(before.axes, after.axes, strict=True))
    return _bounded(after.image, axes, after.whole)


def _repeat_axis(before: AxisField, after: AxisField, times: int) -> AxisField:
    if before.unit != after.unit:
        unit = lcm(before.unit, after.unit)
        before, after = _rescaled(before, unit // before.unit), _rescaled(after, unit // after.unit)
    if before.stride == after.stride:
        grown, gone = after.size - before.size, after.offset - before.offset
        return AxisField(before.size + times * grown, after.stride, before.offset + times * gone, after.unit)
    field = before
    for _ in range(times):
        field = _moved_axis(before, after, field)
        if _is_endless(field):
            break
    return field


def moved(
    field: ReceptiveField | None, before: ReceptiveField | None, start: ReceptiveField | None
) -> ReceptiveField | None:
    """Moves a field that was counted from `before` to where it lies if the input sees `start` instead."""
    if field is None or before is start or before is None:
        return field
    if start is None:
        return None
    axes = tuple(_moved_axis(b, a, s) for b, a, s in zip(before.axes, field.axes, start.axes, strict=True))
    return _bounded(field.image, axes, field.whole or start.whole)


def _moved_axis(before: AxisField, after: AxisField, start: AxisField) -> AxisField:
    """Applies the step from `before` to `after` to `start`: the same multiples of its stride."""
    if not before.stride:
        return start
    grown = after.size * before.unit - before.size * after.unit
    moved = after.offset * before.unit - before.offset * after.unit
    unit = start.unit * after.unit * before.stride
    size = start.size * after.unit * before.stride + grown * start.stride
    offset = start.offset * after.unit * before.stride + moved * start.stride
    stride = after.stride * before.unit * start.stride
    return _reduced(AxisField(size, stride, offset, unit))


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
