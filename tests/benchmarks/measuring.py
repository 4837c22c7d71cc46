"""Times of things done in turns, so that what slows the machine down slows all of them down."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from statistics import median
from time import perf_counter

from msgspec import Struct

Action = Callable[[], object]


class Afresh(Struct, frozen=True):
    """An action for which something is made ready each time, which is not measured."""

    prepare: Action
    action: Action

    def __call__(self) -> object:
        return self.action()


def medians(actions: Sequence[Action], seconds: float = 2.0, fewest: int = 5) -> list[float]:
    """The median time of each action in seconds; they take turns for about as long as is said."""
    for action in actions:
        action()
    times: list[list[float]] = [[] for _ in actions]
    end = perf_counter() + seconds
    while perf_counter() < end or len(times[-1]) < fewest:
        for action, taken in zip(actions, times, strict=True):
            taken.append(_time(action))
    return [median(taken) for taken in times]


def _time(action: Action) -> float:
    if isinstance(action, Afresh):
        action.prepare()
    gc.collect(0)
    start = perf_counter()
    action()
    return perf_counter() - start


class Result(Struct, frozen=True):
    """One line: what was measured against what, and how many times as long it should take at most."""

    what: str
    against: str
    seconds: float
    reference: float
    most: float | None = None

    @property
    def ratio(self) -> float:
        """The time as a multiple of the reference."""
        return self.seconds / self.reference

    @property
    def verdict(self) -> str:
        """The verdict on the goal; empty if there is none."""
        if self.most is None:
            return ""
        return f"goal {self.most:g}: " + ("met" if self.ratio <= self.most else "MISSED")


def duration(seconds: float) -> str:
    """`1.23 ms`."""
    for factor, unit in ((1, "s"), (1e-3, "ms")):
        if seconds >= factor:
            return f"{seconds / factor:.3g} {unit}"
    return f"{seconds / 1e-6:.3g} µs"


def line(result: Result) -> str:
    """One result as a line of text."""
    times = f"{duration(result.seconds):>8} against {duration(result.reference):>8}"
    return f"  {result.what:<42} {times} = {result.ratio:6.2f} × {result.against:<32} {result.verdict}".rstrip()
