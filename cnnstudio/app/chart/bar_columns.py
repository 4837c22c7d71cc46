"""Bars as columns of numbers, one set for each family, as a plot draws them. Knows no Qt."""

from __future__ import annotations

from collections.abc import Iterable
from math import log10
from typing import Final

from msgspec import Struct, field

from cnnstudio.drawings.chart.bar import Bar

SUM_BAR: Final = 4
"""Pixels of the line that stands for a sum of the bars below it."""


class BarColumns(Struct):
    """The bars of one family: where each begins, the middle of its row, its length and its thickness in rows."""

    starts: list[float] = field(default_factory=list)
    middles: list[float] = field(default_factory=list)
    lengths: list[float] = field(default_factory=list)
    thicknesses: list[float] = field(default_factory=list)


def bar_columns(bars: Iterable[Bar], row_height: int, *, is_log: bool) -> dict[str, BarColumns]:
    """The columns by family. A block is drawn in pieces by family where the axis is linear, and pieces add up.

    0 and unknown are no bars; on a logarithmic axis 1 has no length.
    """
    thick, thin = (row_height - 2 * bar_inset(row_height)) / row_height, SUM_BAR / row_height
    columns: dict[str, BarColumns] = {}
    for row, bar in enumerate(bars):
        if not bar.value:
            continue
        thickness = thin if bar.is_sum else thick
        if is_log:
            _add(columns, bar.leading_family, 0.0, row, log10(bar.value), thickness)
        elif not bar.parts:
            _add(columns, bar.family, 0.0, row, float(bar.value), thickness)
        else:
            start = 0
            for family, value in bar.parts:
                _add(columns, family, float(start), row, float(value), thickness)
                start += value
    return columns


def _add(columns: dict[str, BarColumns], family: str, start: float, row: int, length: float, thickness: float) -> None:
    own = columns.get(family)
    if own is None:
        own = columns[family] = BarColumns()
    own.starts.append(start)
    own.middles.append(row + 0.5)
    own.lengths.append(length)
    own.thicknesses.append(thickness)


def bar_inset(row_height: int) -> int:
    """The free pixels above and below a bar in a row of this height."""
    return max(0, round(row_height * 0.21))
