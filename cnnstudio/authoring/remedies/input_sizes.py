"""Sizes of the network's input that suit all of it: found by counting the network with sizes near the one it has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from cnnstudio.authoring.remedies.case import Case, Remedies, Remedy, set_fields
from cnnstudio.core.arithmetic.shape import sizes_text
from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.core.counting.reuse import items_in
from cnnstudio.core.network.design import Item, walk
from cnnstudio.layers.structure import Input, known_sizes

MAX_STEP = 32
"""The farthest size that is tried, in elements from the present one."""
MAX_ITEMS_TRIED = 20_000
"""Layers and connections counted in search of a size, all tries together, but for a few tries of a larger network."""
MAX_ITEMS = 10_000
"""Layers and connections of a network up to which a size is sought."""
MIN_TRIES = 8
MAX_GROWTH = 12
"""Doublings of a size that is too small for all the windows."""


class _Sizes:
    """The inputs of a design, which share one size, and whether the network suits another one."""

    def __init__(self, case: Case) -> None:
        self.design, self.analysis = case.design, case.analysis
        self.rule = case.problem.rule
        inputs = {path: item for path, item in walk(case.design.layers) if _is_image(item)}
        sizes = {known_sizes(item.size) for item in inputs.values() if isinstance(item, Input)}
        self.paths = tuple(inputs)
        self.sizes: tuple[int, ...] = next(iter(sizes)) if len(sizes) == 1 else ()
        items = items_in(case.analysis.entries)
        self.left = max(MIN_TRIES, MAX_ITEMS_TRIED // max(1, items)) if items <= MAX_ITEMS else 0
        self._known: dict[int, bool] = {}

    def resized(self, sizes: tuple[int, ...]) -> Callable[[], Any]:
        """The edit that gives all inputs these sizes."""
        return partial(set_fields, self.design, {path: {"size": sizes} for path in self.paths})

    def fits(self, side: int) -> bool:
        """True if a square of this side has no error anywhere, nor the problem in question."""
        if side not in self._known:
            if side < 1 or not self.left:
                return False
            self.left -= 1
            edit = self.resized((side,) * len(self.sizes))()
            self._known[side] = self._is_right(analyze(edit.design, self.analysis.convention))
        return self._known[side]

    def _is_right(self, analysis: Analysis) -> bool:
        return not [p for p in analysis.problems if p.severity == "error" or p.rule == self.rule]

    def nearest(self, side: int, step: int) -> int | None:
        """The nearest side in a direction that fits, the present one included; None if none is near."""
        # Less than half is no similar input: maps of a single element would fit any others.
        tried = [side + step * n for n in range(MAX_STEP + 1) if 2 * (side + step * n) >= side]
        return next((near for near in tried if self.fits(near)), None)

    def large_enough(self, side: int) -> int | None:
        """The smallest side from this one on that has room for all windows, found by halving; None if none has."""
        if self.fits(side):
            return side
        low, high = side, side + 1
        for _ in range(MAX_GROWTH):
            if self.fits(high):
                break
            low, high = high, 2 * high
        else:
            return None
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self.fits(middle) else (middle, high)
        return high


def _is_image(item: Item) -> bool:
    return isinstance(item, Input) and item.is_sized and bool(item.size)


def fitting_inputs(case: Case) -> Remedies:
    """The nearest larger and the nearest smaller input that suit the whole network."""
    search = _Sizes(case)
    for step in (1, -1) if search.sizes else ():
        sides = {side: search.nearest(side, step) for side in dict.fromkeys(search.sizes)}
        yield from _offered(search, sides)


def larger_inputs(case: Case) -> Remedies:
    """The smallest input that has room for all the windows of the network."""
    search = _Sizes(case)
    if search.sizes:
        yield from _offered(search, {side: search.large_enough(side) for side in dict.fromkeys(search.sizes)})


def _offered(search: _Sizes, sides: dict[int, int | None]) -> Iterator[Remedy]:
    found = [sides[side] for side in search.sizes]
    sizes = tuple(side for side in found if side is not None)
    if len(sizes) == len(found) and sizes != search.sizes:
        shown = sizes[:1] if len(set(sizes)) == 1 else sizes
        yield Remedy(f"Use an input of {sizes_text(shown)}", search.resized(sizes))
