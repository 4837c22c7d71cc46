"""The receptive field: how much of each input one element of a layer's output sees, also through branches.

Per axis it has a size, a stride (how far the fields of neighbouring outputs lie apart) and an offset (the input index
of the first element that the first output sees, negative inside padding). A window of extent K, stride S and start −P
on a map of size r, stride j and offset o gives r + (K − 1)·j, j·S and o − P·j (Dumoulin and Visin, "A guide to
convolution arithmetic", 2016; Araujo et al., "Computing receptive fields", Distill 2019). Over a merge it is the union
of the branches. Normalization counts as pointwise: its statistics are not taken for seeing.

After layers that enlarge, and after pooling to a given size, neighbouring outputs see unlike spans. They are followed
output by output (see `spans`): size is then the largest over all outputs, `smallest` the smallest, and the stride is
that of the mean output. What comes from several inputs has a field in each.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd, lcm
from operator import add
from typing import Literal

from msgspec import Struct, structs

from cnnstudio.core.arithmetic.derivation import Symbol, maximum, minimum, plain
from cnnstudio.core.arithmetic.shape import ONE_ELEMENT, Window
from cnnstudio.core.arithmetic.spans import Spans, extremes, seen_through, united
from cnnstudio.core.arithmetic.taps import Taps, taps_of


class WholeStep(Struct, frozen=True, gc=False):
    """All of a step, whose place is told by the first `axes` axes, and nothing of the others."""

    axes: int


Reach = tuple[Window | Taps, ...] | WholeStep | Literal["pointwise", "whole", "unknown"]
"""The part of its input that a layer's output sees: a window or taps an axis, one element, all, or nobody knows."""
Sizes = tuple[int, ...]


def reach_of(axes: Sequence[Window | Taps | None]) -> Reach:
    """The reach along all axes; unknown if it is along one."""
    known = tuple([axis for axis in axes if axis is not None])
    return known if len(known) == len(axes) else "unknown"


class AxisField(Struct, frozen=True, gc=False):
    """The field along one axis: an output sees at most `size` elements, the first output from `offset` on.

    `stride / unit` elements lie between neighbouring outputs on average, 0 where they do not stand for places at one
    distance. Where outputs see unlike spans, `parts` say what each sees, and `shrinks` how much less than `size` the
    least of them is; elsewhere output `o` sees just the span from `offset + o · stride` on, and the unit is 1.
    """

    size: int
    stride: int
    offset: int
    unit: int = 1
    shrinks: int = 0
    parts: tuple[Spans, ...] = ()

    @property
    def spans(self) -> tuple[Spans, ...]:
        """The spans of all outputs; several where branches advance unequally."""
        return self.parts or (Spans((self.offset,), (self.size,), self.stride, is_ordered=True),)


class ReceptiveField(Struct, frozen=True, gc=False):
    """The field along each axis of an input image, whose sizes are `image`; `whole` if everything is seen.

    `origin` names the input. `others` are the fields in further inputs, which have no others of their own.
    """

    image: Sizes
    axes: tuple[AxisField, ...]
    whole: bool = False
    origin: str = ""
    others: tuple[ReceptiveField, ...] = ()

    @property
    def size(self) -> Sizes:
        """Input elements seen along each axis, the most that any output sees."""
        return tuple(axis.size for axis in self.axes)

    @property
    def smallest(self) -> Sizes:
        """Input elements seen along each axis, the fewest that any output sees."""
        return tuple(axis.size - axis.shrinks for axis in self.axes)

    @property
    def stride(self) -> tuple[int | float | None, ...]:
        """The step between neighbouring outputs along each axis, on average, None where there is none."""
        return tuple(_ratio(axis.stride, axis.unit) if axis.stride else None for axis in self.axes)

    @property
    def offset(self) -> Sizes:
        """The index of the first input element that the first output sees, along each axis."""
        return tuple(axis.offset for axis in self.axes)

    @property
    def each(self) -> tuple[ReceptiveField, ...]:
        """The field in each input."""
        return (structs.replace(self, others=()), *self.others) if self.others else (self,)


def _ratio(dividend: int, divisor: int) -> int | float:
    return dividend // divisor if dividend % divisor == 0 else dividend / divisor


_PIXEL = AxisField(1, 1, 0)
MAX_FIELD = 10**15
"""A field that is larger is taken for unknown."""
MAX_ORIGINS = 64
"""Inputs up to which each keeps a field of its own; what comes from more is taken for unknown."""


def of_input(sizes: Sizes, origin: str = "") -> ReceptiveField:
    """The field of an input layer: each element sees itself."""
    return ReceptiveField(sizes, (_PIXEL,) * len(sizes), origin=origin)


def joined_fields(fields: list[ReceptiveField]) -> ReceptiveField:
    """One field that has those in several inputs; a vector without axes adds nothing to see where others have some."""
    spread = [field for field in fields if field.axes] or fields[:1]
    return structs.replace(spread[0], others=tuple(spread[1:])) if spread[1:] else spread[0]


def through(field: ReceptiveField | None, reach: Reach, outputs: Sizes) -> ReceptiveField | None:
    """The field after a layer that sees its input, whose field is given, through `reach`; `outputs` are its sizes."""
    if reach == "pointwise" or field is None:
        return field
    if reach == "unknown":
        return None
    # Each input is followed by itself: they may be of unlike sizes, and reach the same place by unlike windows.
    if field.others:
        passed = [through(each, reach, outputs) for each in field.each]
        known = [each for each in passed if each is not None]
        return joined_fields(known) if len(known) == len(passed) else None
    if reach == "whole":
        return everything(field)
    if isinstance(reach, WholeStep):
        # Of a map that was flattened nobody says any more along which axes the steps lie.
        return None if len(field.axes) < reach.axes else _whole_steps(field, reach.axes)
    # A map that was flattened has no axes to slide along any more, and says nothing about those that a reshape makes.
    if len(reach) != len(field.axes):
        return None
    # Plain loops here and below: this runs for every layer after every edit.
    for window in reach:
        if window is not ONE_ELEMENT:
            break
    else:
        return field
    axis, window = field.axes[0], reach[0]
    # The axes of most networks are alike, and stay the same object then.
    if field.axes.count(axis) == len(reach) == reach.count(window) == outputs.count(outputs[0]):
        found: tuple[AxisField | None, ...] = (through_axis(axis, window, outputs[0]),) * len(reach)
    else:
        found = tuple(map(through_axis, field.axes, reach, outputs))
    return _bounded(field, found, field.whole)


def through_axis(axis: AxisField, window: Window | Taps, outputs: int, symbol: Symbol = plain) -> AxisField | None:
    """The field along one axis after a window; None where nobody can follow it."""
    if isinstance(window, Window) and not axis.parts and axis.unit == 1:
        # The textbook's formula, which gives the working. It holds only where each output sees a span of the same size.
        jump = symbol("j_in", axis.stride)
        extent, start = symbol("K", window.extent), symbol("P", -window.start)
        return AxisField(
            symbol("r_in", axis.size) + (extent - 1) * jump,
            jump * symbol("S", window.stride),
            symbol("o_in", axis.offset) - start * jump,
        )
    taps = taps_of(window)
    parts = [seen_through(part, taps) for part in axis.spans]
    known = tuple([part for part in parts if part is not None])
    stride = axis.stride * taps.advance if taps.is_even else 0
    return _axis_of(known, stride, axis.unit * len(taps.firsts), outputs) if len(known) == len(parts) else None


def _axis_of(parts: tuple[Spans, ...], stride: int, unit: int, outputs: int) -> AxisField | None:
    """The field of spans, in lowest terms."""
    found = extremes(parts, outputs)
    if found is None:
        return None
    # Enlarging by 2 and pooling by 2 again leaves 2/2, and must compare equal to a network without either.
    common = gcd(stride, unit)
    stride, unit = stride // common, unit // common
    is_uniform = len(parts) == 1 and len(parts[0].starts) == unit == 1 and parts[0].advance == stride
    return AxisField(found.wide, stride, found.start, unit, found.wide - found.narrow, () if is_uniform else parts)


def _bounded(field: ReceptiveField, axes: tuple[AxisField | None, ...], whole: bool) -> ReceptiveField | None:
    """The field with other axes; None where one is larger than any map, as strides on one element can make it."""
    known: list[AxisField] = []
    for axis in axes:
        if axis is None or axis.stride > MAX_FIELD or axis.size > MAX_FIELD or axis.unit > MAX_FIELD:
            return None
        known.append(axis)
    if whole:
        known = [AxisField(n, axis.stride, 0, axis.unit) for n, axis in zip(field.image, known, strict=True)]
    return ReceptiveField(field.image, tuple(known), whole, field.origin)


def everything(field: ReceptiveField) -> ReceptiveField:
    """The field that covers the whole input; there is one such field only, so it has no stride."""
    axes = tuple([AxisField(size, 0, 0) for size in field.image])
    return ReceptiveField(field.image, axes, whole=True, origin=field.origin)


def _whole_steps(field: ReceptiveField, step_axes: int) -> ReceptiveField:
    """The field that covers the whole input along all axes but the first, where it stays what it is."""
    axes = (*field.axes[:step_axes], *everything(field).axes[step_axes:])
    return structs.replace(field, axes=axes)


Branch = tuple[ReceptiveField | None, Sizes]
"""The field of a branch, and the sizes of its map."""


def union(branches: list[Branch], outputs: Sizes) -> ReceptiveField | None:
    """The field that covers those of all branches of a merge with these output sizes; None if one is unknown.

    What comes from several inputs has a field in each. A branch of size 1 is seen by every output, and so is a vector
    beside a map.
    """
    first, sizes = branches[0]
    # A plain loop here too: most branches of a merge that see the same are one object.
    for field, size in branches:
        if field is not first or size != sizes:
            break
    else:
        if sizes == outputs:
            return first
    fields = [field for field, size in branches if field is not None and not field.others and size == outputs]
    # Nearly every merge is of branches of one input with equal sizes.
    if len(fields) == len(branches) and not [field for field in fields if field.origin != fields[0].origin]:
        return _union_of_one_input(fields, outputs)
    origins: dict[str, list[ReceptiveField]] = {}
    for field, size in branches:
        if field is None:
            return None
        for each in field.each:
            # Of a vector that was a map, nobody says any more how many elements lie along an axis.
            if outputs and not size and each.axes and not each.whole:
                return None
            origins.setdefault(each.origin, []).append(spread(each, size, outputs))
    unions = [_union_of_one_input(fields, outputs) for fields in origins.values()]
    known = [field for field in unions if field is not None]
    return joined_fields(known) if len(known) == len(unions) <= MAX_ORIGINS else None


def spread(field: ReceptiveField, sizes: Sizes, outputs: Sizes) -> ReceptiveField:
    """A field whose map is repeated along axes of size 1 where the merge has more: all outputs see what it sees."""
    if field.whole or sizes == outputs or len(sizes) != len(outputs) or len(field.axes) != len(sizes):
        return field
    pairs = zip(field.axes, sizes, outputs, strict=True)
    axes = tuple([_constant(axis) if size == 1 and more > 1 else axis for axis, size, more in pairs])
    return structs.replace(field, axes=axes)


def _constant(axis: AxisField) -> AxisField:
    """The field of outputs that all see what the first one sees."""
    start = min([part.start(0) for part in axis.spans if part.sees(0)], default=0)
    size = max([part.end(0) for part in axis.spans if part.sees(0)], default=0) - start
    return AxisField(size, 0, start)


def _union_of_one_input(fields: list[ReceptiveField], outputs: Sizes) -> ReceptiveField | None:
    first = fields[0]
    if fields.count(first) == len(fields):
        return first
    # Vectors of one input and maps of the same one that were made vectors have no axes in common.
    if [field for field in fields if len(field.axes) != len(first.axes)]:
        return None
    whole = True in [field.whole for field in fields]
    if whole:
        axes: tuple[AxisField | None, ...] = tuple(map(_step_of, zip(*[field.axes for field in fields], strict=True)))
    else:
        groups = list(zip(*[field.axes for field in fields], strict=True))
        # Of a map that was made a vector nobody says any more how many outputs lie along an axis.
        counts = outputs if len(outputs) == len(first.axes) else (0,) * len(first.axes)
        if groups.count(groups[0]) == len(groups) == counts.count(counts[0]):
            axes = (axis_union(groups[0], counts[0]),) * len(groups)
        else:
            axes = tuple(map(axis_union, groups, counts))
    return _bounded(first, axes, whole)


def _step_of(axes: tuple[AxisField, ...]) -> AxisField:
    """The axis that steps most, of several of which one sees everything."""
    # A branch that sees everything has a stride of 0, which says nothing about the places of the merge.
    return max(axes, key=lambda axis: axis.stride / axis.unit)


def axis_union(axes: tuple[AxisField, ...], outputs: int, symbol: Symbol = plain) -> AxisField | None:
    """The field along one axis that covers several; None where nobody can follow it."""
    stride = axes[0].stride
    if not [axis for axis in axes if axis.stride != stride or axis.parts]:
        starts, sizes = [axis.offset for axis in axes], [axis.size for axis in axes]
        if symbol is not plain:
            starts = [symbol(f"o_{i}", start) for i, start in enumerate(starts, 1)]
            sizes = [symbol(f"r_{i}", size) for i, size in enumerate(sizes, 1)]
        offset = minimum(*starts)
        return AxisField(maximum(*map(add, starts, sizes)) - offset, stride, offset)
    parts: list[Spans] = []
    for part in [part for axis in axes for part in axis.spans]:
        for at, other in enumerate(parts):
            both = united(other, part)
            if both is not None:
                parts[at] = both
                break
        else:
            parts.append(part)
    # Strides are fractions here: 1/2 and 1/3 of an element compare only as 3/6 and 2/6.
    unit = lcm(*[axis.unit for axis in axes])
    stride = max([axis.stride * (unit // axis.unit) for axis in axes])
    return _axis_of(tuple(parts), stride, unit, outputs)


def unlike_steps(fields: list[ReceptiveField | None]) -> str:
    """`2 × 2 and 4 × 4` where branches step through one input at unlike strides, seldom meant by a merge; else ""."""
    found: dict[str, list[ReceptiveField]] = {}
    for each in [each for field in fields if field is not None for each in field.each]:
        # A stride of 0 says that nobody knows a step, or that all see the same. Neither can be out of line with
        # anything.
        if 0 not in [axis.stride for axis in each.axes]:
            found.setdefault(each.origin, []).append(each)
    for branches in found.values():
        steps = [" × ".join(f"{step:g}" for step in field.stride if step) for field in branches]
        if len(set(steps)) > 1:
            return " and ".join(steps)
    return ""


def is_uniform(field: ReceptiveField) -> bool:
    """True if along all axes each output sees a span of the same size, one step after the one before it."""
    return not [axis for each in field.each for axis in each.axes if axis.parts or axis.unit != 1]


def repeated(before: ReceptiveField, after: ReceptiveField, times: int) -> ReceptiveField | None:
    """The field after `times` passes through a block that took `before` to `after` in one; both are uniform.

    A block multiplies the stride by a factor and adds multiples of it to size and offset, so that its first pass
    tells all the others.
    """
    passed: list[ReceptiveField] = []
    for old, new in zip(before.each, after.each, strict=True):
        axes = tuple([_repeat_axis(b, a, times) for b, a in zip(old.axes, new.axes, strict=True)])
        field = _bounded(new, axes, new.whole)
        if field is None:
            return None
        passed.append(field)
    return joined_fields(passed)


def _repeat_axis(before: AxisField, after: AxisField, times: int) -> AxisField:
    # Without a stride inside, each pass adds the same: no loop over 10,000 repeats.
    if before.stride == after.stride:
        grown, gone = after.size - before.size, after.offset - before.offset
        return AxisField(before.size + times * grown, after.stride, before.offset + times * gone)
    field = before
    # The stride before a block may be 0, where all outputs see the same, as after a global pooling.
    factor = after.stride // before.stride if before.stride else 0
    for _ in range(times):
        # Doubled 10,000 times, the stride would be a number of 3,000 digits, and each pass slower than the one before
        # it.
        if field.stride > MAX_FIELD:
            break
        steps = field.stride // before.stride
        grown, gone = after.size - before.size, after.offset - before.offset
        field = AxisField(field.size + grown * steps, field.stride * factor, field.offset + gone * steps)
    return field
