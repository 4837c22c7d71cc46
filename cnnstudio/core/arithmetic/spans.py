"""Spans of an input image that outputs see along one axis, output by output, as far as they come again and again.

Output `o` sees `sizes[o mod p]` elements from `starts[o mod p] + (o div p) · advance` on, for p phases. Any composition
of windows, enlarging layers and unions of these has that form, and is followed exactly; a union of branches that
advance unequally is kept as several.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import gcd, lcm

from msgspec import Struct

from cnnstudio.core.arithmetic.taps import MAX_PHASES, Taps

MAX_OUTPUTS_LISTED = 4_096
"""Outputs up to which spans that advance unequally are looked at one by one."""
MAX_LOOKS = 16_384
"""Spans that are looked at for one layer; one that takes more is not followed, as analysis would take seconds."""


class Spans(Struct, frozen=True, gc=False):
    """A size of 0: such an output sees nothing. `is_ordered`: no output begins or ends before the one before it."""

    starts: tuple[int, ...]
    sizes: tuple[int, ...]
    advance: int
    is_ordered: bool

    def start(self, output: int) -> int:
        """The first element that an output sees."""
        cycle, phase = divmod(output, len(self.starts))
        return self.starts[phase] + cycle * self.advance

    def end(self, output: int) -> int:
        """The element after the last one that an output sees."""
        cycle, phase = divmod(output, len(self.starts))
        return self.starts[phase] + self.sizes[phase] + cycle * self.advance

    def sees(self, output: int) -> bool:
        """True if an output sees anything."""
        return self.sizes[output % len(self.sizes)] > 0


def spans_of(starts: tuple[int, ...], sizes: tuple[int, ...], advance: int) -> Spans:
    """Spans in as few phases as they need."""
    # The fewest phases first, so that equal spans have one form and compare equal.
    for phases in _divisors(len(starts)):
        if _comes_again(starts, sizes, advance, phases):
            advance = advance * phases // len(starts)
            starts, sizes = starts[:phases], sizes[:phases]
            break
    # The first phase again one cycle later: order must hold across the seam between two cycles too.
    following = (*starts[1:], starts[0] + advance)
    ends = [start + size for start, size in zip((*starts, following[-1]), (*sizes, sizes[0]), strict=True)]
    ordered = 0 not in sizes and all(a <= b for a, b in zip(starts, following, strict=True))
    return Spans(starts, sizes, advance, ordered and all(a <= b for a, b in pairwise(ends)))


def _divisors(number: int) -> list[int]:
    return [divisor for divisor in range(1, number) if number % divisor == 0]


def _comes_again(starts: tuple[int, ...], sizes: tuple[int, ...], advance: int, phases: int) -> bool:
    """True if fewer phases say the same."""
    cycles = len(starts) // phases
    if advance % cycles or sizes[phases:] != sizes[:-phases]:
        return False
    step = advance // cycles
    return all(after == before + step for before, after in zip(starts, starts[phases:], strict=False))


def seen_through(inner: Spans, taps: Taps) -> Spans | None:
    """The spans of outputs that take elements which see `inner`; None beyond `MAX_PHASES` or `MAX_LOOKS`."""
    inner_phases, outer_phases = len(inner.starts), len(taps.firsts)
    # The cycles after which the taps stand in the same phase of the inner spans again, so that all comes again.
    cycles = inner_phases // gcd(inner_phases, taps.advance)
    phases = outer_phases * cycles
    looks = 1 if inner.is_ordered else min(max(taps.counts), inner_phases)
    if phases > MAX_PHASES or phases * looks > MAX_LOOKS:
        return None
    found = [_seen(inner, taps, output) for output in range(phases)]
    starts, sizes = zip(*found, strict=True)
    return spans_of(starts, sizes, cycles * taps.advance // inner_phases * inner.advance)


def _seen(inner: Spans, taps: Taps, output: int) -> tuple[int, int]:
    """Start and size of what one output sees; of what nothing is seen, the size is 0."""
    count, first, step = taps.count(output), taps.first(output), taps.step
    # A transposed convolution with a stride longer than its kernel leaves outputs that no input reaches.
    if not count:
        return 0, 0
    # Then the first and the last element decide. Without order one between them may reach further than both.
    if inner.is_ordered:
        start = inner.start(first)
        return start, inner.end(first + (count - 1) * step) - start
    # Of elements that stand in the same phase the first one starts first, and the last one ends last.
    phases = min(count, len(inner.starts))
    places = [first + step * tap for tap in (*range(phases), *range(count - phases, count))]
    seen = [place for place in places if inner.sees(place)]
    if not seen:
        return 0, 0
    start = min(map(inner.start, seen))
    return start, max(map(inner.end, seen)) - start


def united(first: Spans, second: Spans) -> Spans | None:
    """The spans that cover both, output by output; None if they advance unequally, or beyond `MAX_PHASES`."""
    phases = lcm(len(first.starts), len(second.starts))
    advance = first.advance * (phases // len(first.starts))
    if advance != second.advance * (phases // len(second.starts)) or phases > MAX_PHASES:
        return None
    found = [together((first, second), output) for output in range(phases)]
    starts, sizes = zip(*found, strict=True)
    return spans_of(starts, sizes, advance)


def together(parts: tuple[Spans, ...], output: int) -> tuple[int, int]:
    """Start and size of what one output sees of all parts."""
    seen = [part for part in parts if part.sees(output)]
    if not seen:
        return 0, 0
    start = min([part.start(output) for part in seen])
    return start, max([part.end(output) for part in seen]) - start


class Extremes(Struct, frozen=True):
    """The smallest and the largest size over all outputs, outputs that have them, and where the first begins to see."""

    narrow: int
    wide: int
    start: int
    narrowest: int
    widest: int


def extremes(parts: tuple[Spans, ...], outputs: int) -> Extremes | None:
    """The least and the most that outputs see; with 0 outputs nobody knows how many there are.

    None where it cannot be found out, or would take too long.
    """
    # Parts that advance unequally drift apart, so that the extremes lie anywhere and not within one cycle of phases.
    phases = lcm(*[len(part.starts) for part in parts])
    listed: Sequence[int]
    # After one cycle all sizes come again, so a map of a million outputs needs no more than the cycle.
    if len(parts) == 1:
        listed = range(min(outputs or phases, phases))
    elif 0 < outputs <= MAX_OUTPUTS_LISTED:
        listed = range(outputs)
    elif outputs and phases <= MAX_OUTPUTS_LISTED:
        listed = _turning_points(parts, phases, outputs)
    else:
        return None
    found = [together(parts, output) for output in listed]
    sizes = [size for _, size in found]
    narrow, wide = min(sizes), max(sizes)
    start = next((start for start, size in found if size), 0)
    return Extremes(narrow, wide, start, listed[sizes.index(narrow)], listed[sizes.index(wide)])


def _turning_points(parts: tuple[Spans, ...], phases: int, outputs: int) -> list[int]:
    """Outputs among which are one with the smallest and one with the largest size: in each phase sizes are convex."""
    found: set[int] = set()
    for phase in range(min(phases, outputs)):
        low, high = 0, (outputs - 1 - phase) // phases
        found.update((phase, phase + high * phases))
        while low < high:
            middle = (low + high) // 2
            before, after = (together(parts, phase + cycle * phases)[1] for cycle in (middle, middle + 1))
            low, high = (low, middle) if after >= before else (middle + 1, high)
        found.add(phase + low * phases)
    return sorted(found)
