"""The contents of the chart of a sweep, found in a thread: points, and which of them nothing beats."""

from __future__ import annotations

from typing import Final

from cnnstudio.app.sweep.scatter import Picture, Point
from cnnstudio.core.counting.quantity import Quantity
from cnnstudio.core.sweeps.conditions import Aim, pareto_front
from cnnstudio.core.sweeps.table import Table

MAX_POINTS: Final = 10_000
"""Points that are drawn; of more, as many as that evenly, and all that nothing beats."""


def picture_of(table: Table, along: Aim, up: Aim, shade: Quantity | None, *, is_log: bool) -> Picture:
    """The points of all variants whose two numbers are known; those with errors are none."""
    found: dict[int, tuple[int, int, int | None]] = {}
    for row in table:
        if row.meets is False or row.has_errors:
            continue
        x, y = row.exact(along.quantity), row.exact(up.quantity)
        if x is not None and y is not None:
            found[row.variant] = (x, y, None if shade is None else row.exact(shade))
    best = pareto_front((variant, (along.cost(x), up.cost(y))) for variant, (x, y, _) in found.items())
    step = max(1, len(found) // MAX_POINTS)
    drawn = [(at, variant) for at, variant in enumerate(found) if at % step == 0 or variant in best]
    points = tuple(Point(variant, *found[variant], variant in best) for _, variant in drawn)
    return Picture(points, along.quantity, up.quantity, shade, is_log, frozenset(best))
