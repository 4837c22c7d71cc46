"""The working of receptive fields: size, stride and offset along each axis, of each input that is seen.

Where all outputs see alike, that is a formula. Elsewhere the output that sees most and the one that sees least are
shown with the first element s and the last element e that they see: e − s + 1.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from cnnstudio.core.arithmetic.derivation import Working, maximum, minimum, symbol
from cnnstudio.core.arithmetic.numerals import signed
from cnnstudio.core.arithmetic.receptive_field import (
    AxisField,
    Reach,
    ReceptiveField,
    WholeStep,
    axis_union,
    spread,
    through_axis,
)
from cnnstudio.core.arithmetic.shape import AXIS_WORDS, Window
from cnnstudio.core.arithmetic.spans import extremes, together
from cnnstudio.core.arithmetic.taps import Taps, taps_of

Sizes = tuple[int, ...]


class FieldCase(Struct, frozen=True):
    """A row's field with what it came from: fields and sizes of the inputs, the reach, and the sizes of the output."""

    inputs: tuple[ReceptiveField | None, ...]
    sizes: tuple[Sizes, ...]
    reach: Reach
    outputs: Sizes
    result: ReceptiveField | None


def field_workings(case: FieldCase) -> tuple[Working, ...]:
    """Size, stride and offset of a row's field along each axis, with their working."""
    if case.result is None:
        return (Working("receptive_field", "receptive field", None),)
    fields = case.result.each
    return tuple(working for field in fields for working in _of_input(case, field, is_one=len(fields) == 1))


def _of_input(case: FieldCase, result: ReceptiveField, *, is_one: bool) -> Iterator[Working]:
    """The workings of the field in one input."""
    where = "" if is_one else f" in {result.origin}"
    words = AXIS_WORDS.get(len(result.axes), ())
    joins = case.reach == "pointwise"
    known = [
        spread(field, sizes, case.outputs) if joins else field
        for given, sizes in zip(case.inputs, case.sizes, strict=True)
        if given is not None
        for field in given.each
        if field.origin == result.origin and len(field.axes) == len(result.axes)
    ]
    if result.whole or not known:
        reason = "everything is seen" if result.whole else "each element sees itself"
        for word, size in zip(words, result.size, strict=True):
            yield Working("receptive_field", f"receptive field{where}, {word}", size, reason)
        return
    for i, word in enumerate(words):
        if isinstance(case.reach, WholeStep) and i >= case.reach.axes:
            reason = "all of each step is seen"
            yield Working("receptive_field", f"receptive field{where}, {word}", result.size[i], reason)
            yield Working("receptive_field_offset", f"offset of the field{where}, {word}", result.offset[i], reason)
            continue
        window = case.reach[i] if isinstance(case.reach, tuple) else None
        outputs = case.outputs[i] if len(case.outputs) == len(words) else 0
        axis = _Axis(tuple([field.axes[i] for field in known]), window, outputs, result.axes[i], where, word)
        yield from axis.workings()


class _Axis(Struct, frozen=True):
    """One axis of one input: the fields of what flows in, what is taken of it, and the field that comes out."""

    inputs: tuple[AxisField, ...]
    window: Window | Taps | None
    outputs: int
    result: AxisField
    where: str
    word: str

    def workings(self) -> Iterator[Working]:
        """The size, or the largest and the smallest; the stride, if there is one; the offset."""
        formula = self._formula()
        if formula is None:
            yield from self._sizes()
        else:
            yield self._named("receptive_field", "receptive field", formula.size)
        stride = (formula or self.result).stride
        if stride:
            unit = "" if self.result.unit == 1 else f"in 1/{self.result.unit} of an input element"
            mean = "on average" if self.result.parts else ""
            reason = ", ".join(part for part in (mean, unit) if part)
            yield self._named("receptive_field_stride", "stride of the field", stride, reason)
        offset = self.result.offset if formula is None else formula.offset
        yield self._named("receptive_field_offset", "offset of the field", offset)

    def _named(self, key: str, name: str, number: int, reason: str = "") -> Working:
        return Working(key, f"{name}{self.where}, {self.word}", number, reason)

    def _formula(self) -> AxisField | None:
        """The field as a formula; None where outputs see unlike spans, or did before."""
        is_plain = not (self.result.parts or isinstance(self.window, Taps))
        # Unlike spans, or branches out of step, have no single formula that would hold for every output.
        if not is_plain or [axis for axis in self.inputs if axis.parts or axis.stride != self.inputs[0].stride]:
            return None
        several = len(self.inputs) > 1
        axis = axis_union(self.inputs, self.outputs, symbol) if several else self.inputs[0]
        if axis is None or self.window is None:
            return axis
        return through_axis(axis, self.window, self.outputs, symbol)

    def _sizes(self) -> Iterator[Working]:
        found = self._extremes()
        if found is None:
            return
        widest, narrowest = found
        if not self.result.shrinks:
            yield self._size("receptive_field", "receptive field", widest)
        else:
            yield self._size("receptive_field", "largest receptive field", widest)
            yield self._size("receptive_field_smallest", "smallest receptive field", narrowest)

    def _extremes(self) -> tuple[int, int] | None:
        """The first output that sees most and the first that sees least; None where nobody can tell."""
        spans = self.result.spans
        # A map that was made a vector does not tell how many outputs it had, but its field keeps what they saw.
        if len(spans) == 1:
            sizes = spans[0].sizes
            return sizes.index(self.result.size), sizes.index(self.result.size - self.result.shrinks)
        found = extremes(spans, self.outputs)
        return None if found is None else (found.widest, found.narrowest)

    def _size(self, key: str, name: str, output: int) -> Working:
        """The field of one output: from the first to the last element that it sees."""
        start, size = together(self.result.spans, output)
        if not size:
            return self._named(key, name, 0, f"output {output} sees nothing")
        # A formula is shown where there is one; else the first and last element are, which always hold.
        formula = self._taps_formula(name, key, output)
        if formula is not None:
            return formula
        branches = [together(axis.spans, output) for axis in self.inputs] if self.window is None else []
        seen = [(at, first, extent) for at, (first, extent) in enumerate(branches, 1) if extent]
        if len(seen) > 1:
            first = minimum(*[symbol(f"s_{at}", begin) for at, begin, _ in seen])
            last = maximum(*[symbol(f"e_{at}", begin + extent - 1) for at, begin, extent in seen])
        else:
            first, last = symbol("s", start), symbol("e", start + size - 1)
        return self._named(key, name, last - first + 1, self._reason(output))

    def _taps_formula(self, name: str, key: str, output: int) -> Working | None:
        """r_in + (T − 1) · j_in for T elements taken of the one input, if all of its elements see alike."""
        if self.window is None or len(self.inputs) > 1 or self.inputs[0].parts:
            return None
        taps, axis = taps_of(self.window), self.inputs[0]
        step = symbol("step", taps.step) * symbol("j_in", axis.stride) if taps.step > 1 else symbol("j_in", axis.stride)
        size = symbol("r_in", axis.size) + (symbol("T", taps.count(output)) - 1) * step
        return self._named(key, name, size, self._reason(output))

    def _reason(self, output: int) -> str:
        if self.window is None:
            return f"output {output}"
        taps = taps_of(self.window)
        first, count = taps.first(output), taps.count(output)
        last = first + (count - 1) * taps.step
        taken = f"element {signed(first)}" if count == 1 else f"elements {signed(first)} to {signed(last)}"
        return f"output {output} takes {taken} of its input"
