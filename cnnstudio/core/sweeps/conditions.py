"""The variants that meet the conditions of a sweep, and those that nothing beats."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct

from cnnstudio.core.budgets.condition import MEMORY, Condition, Span
from cnnstudio.core.budgets.measuring import span_of
from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.counting.quantities import QUANTITY
from cnnstudio.core.counting.quantity import Quantity
from cnnstudio.core.sweeps.plan import Counted
from cnnstudio.core.sweeps.space import Space
from cnnstudio.core.sweeps.table import total_of


def meets(space: Space, counted: Counted, analysis: Callable[[], Analysis]) -> bool | None:
    """True if a variant meets all conditions, False if one is surely broken, None where that is not known.

    `analysis` gives the variant analyzed, which is asked for only where it is needed.
    """
    if counted.numbers is None:
        return None if space.conditions else True
    sums = [condition for condition in space.conditions if not needs_analysis(condition)]
    found = [condition.holds(_span(condition, counted)) for condition in sums]
    # Memory takes a hundred times as long as counting, so that it is asked of those alone that meet all else.
    if False not in found and len(sums) < len(space.conditions):
        for condition in filter(needs_analysis, space.conditions):
            try:
                found.append(condition.holds(span_of(condition, analysis())))
            except ValueError:
                found.append(None)
    return False if False in found else None if None in found else True


def needs_analysis(condition: Condition) -> bool:
    """True if a condition is about memory, which does not follow from the layers one by one."""
    return condition.key == MEMORY or QUANTITY[condition.key].spread is not None


def _span(condition: Condition, counted: Counted) -> Span:
    total = total_of(counted, QUANTITY[condition.key])
    known = int(total.value or 0)
    return Span(known, known if total.is_exact else None)


class Aim(Struct, frozen=True):
    """A quantity that is wanted as small as can be, or as large."""

    quantity: Quantity
    is_large: bool = False

    def cost(self, number: int) -> int:
        """A number that is the smaller the better."""
        return -number if self.is_large else number

    @property
    def text(self) -> str:
        """The aim as one writes it: `macs`, or `+parameters` for the largest."""
        return f"+{self.quantity.key}" if self.is_large else self.quantity.key


def pareto_front(points: Iterable[tuple[int, Sequence[int]]]) -> set[int]:
    """The keys of the points that no other one beats: none is as small in everything and smaller in something."""
    ordered = sorted(points, key=lambda point: tuple(point[1]))
    if ordered and len(ordered[0][1]) == 2:
        return _front_of_two(ordered)
    front: list[tuple[int, Sequence[int]]] = []
    for key, numbers in ordered:
        # Sorted, so that what could beat a point comes before it.
        if not any(_beats(other, numbers) for _, other in front):
            front.append((key, numbers))
    return {key for key, _ in front}


def _beats(first: Sequence[int], second: Sequence[int]) -> bool:
    pairs = list(zip(first, second, strict=True))
    return all(a <= b for a, b in pairs) and any(a < b for a, b in pairs)


def _front_of_two(ordered: list[tuple[int, Sequence[int]]]) -> set[int]:
    """The same for two numbers, in one pass: a million points have too many pairs to compare."""
    found: set[int] = set()
    best: Sequence[int] | None = None
    for key, numbers in ordered:
        if best is None or numbers[1] < best[1] or tuple(numbers) == tuple(best):
            best = numbers
            found.add(key)
    return found
