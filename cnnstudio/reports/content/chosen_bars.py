"""The bars that a report has room for: as many layers as are read in one glance, blocks folded where there are more."""

from __future__ import annotations

from typing import Final

from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.network.design import Block, ItemPath, find
from cnnstudio.drawings.chart.bar import Bar
from cnnstudio.drawings.chart.bars import bars_of

MAX_BARS: Final = 36
MAX_DEPTH: Final = 3


def chosen_bars(
    analysis: Analysis, metric: str, most: int = MAX_BARS, depth: int | None = None
) -> tuple[tuple[Bar, ...], str]:
    """The bars, and what the chart leaves out, in words.

    Every layer if there are few; else blocks are folded as far as needed, and in the end only the largest bars are
    kept, in the order of the network. Layers with nothing of what is shown are left out.
    """
    bars = _with_value(bars_of(analysis, lambda _: True, metric, "layer"))
    if depth is not None:
        bars = _with_value(_folded(analysis, metric, depth))
    for level in range(MAX_DEPTH if depth is None else depth - 1, -1, -1):
        if len(bars) <= most:
            break
        bars = _with_value(_folded(analysis, metric, level))
    if len(bars) <= most:
        return bars, ""
    kept = set(sorted(range(len(bars)), key=lambda number: -(bars[number].value or 0))[:most])
    shown = tuple(bar for number, bar in enumerate(bars) if number in kept)
    return shown, f"; the {most} largest of {len(bars):,}"


def _folded(analysis: Analysis, metric: str, depth: int) -> tuple[Bar, ...]:
    """The bars with blocks open that lie less deep and are passed once: so they add up to the whole."""

    def is_open(path: ItemPath) -> bool:
        block = find(analysis.design, path)
        return len(path) <= depth and isinstance(block, Block) and block.repeat == 1

    return bars_of(analysis, is_open, metric, "block")


def _with_value(bars: tuple[Bar, ...]) -> tuple[Bar, ...]:
    """The bars that are more than nothing; an unknown one is."""
    return tuple(bar for bar in bars if bar.value != 0)
