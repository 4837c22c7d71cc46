"""The bars of the chart: one for each visible line of the list, or one for each layer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Literal

from cnnstudio.core.arithmetic.numerals import UNKNOWN
from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.counting.expansion import MAX_REPEATED
from cnnstudio.core.counting.quantities import QUANTITY
from cnnstudio.core.counting.rows import BlockRow, Entry, Pass, Row, blocks_around, unknown_text
from cnnstudio.core.network.design import ItemPath
from cnnstudio.drawings.chart.bar import Bar

Mode = Literal["block", "layer"]
"""`block`: the lines that the list shows, folded blocks as one. `layer`: every layer, whatever is folded."""


def bars_of(analysis: Analysis, is_open: Callable[[ItemPath], bool], metric: str, mode: Mode) -> tuple[Bar, ...]:
    """One bar for each line, in the order of the network.

    The layers of an open or repeated block are those of its first pass, as in the table, and say of how many they
    are one; by layer, each repeat is shown where there are not too many. Shares are of the whole network.
    """
    walk = _Walk(analysis, metric)
    if mode == "block":
        walk.lines(analysis.entries, (), "", 1, is_open)
    # A repeat can stand for thousands of layers, and each would be a bar.
    elif analysis.totals.layers <= MAX_REPEATED:
        walk.repeats(analysis.entries, (), "", iter(analysis.rows))
    else:
        walk.lines(analysis.entries, (), "", 1, None)
    return tuple(walk.bars)


def ranked_bars(analysis: Analysis, metric: str, most: int | None = None) -> tuple[Bar, ...]:
    """The layers with the largest value first, at most `most` of them; unknown ones last, those with 0 not at all.

    A layer is one bar with all its repeats, which its label counts, and is called by its path, so that the bars add up
    to the whole. Equal values keep the order of the network.
    """
    walk = _Walk(analysis, metric)
    walk.sums(analysis.entries, (), "", 1)
    bars = sorted(walk.summed.values(), key=lambda bar: (bar.value is None, -(bar.value or 0)))
    return tuple(bar for bar in bars if bar.value != 0)[:most]


class _Walk:
    """One walk over the entries of an analysis."""

    def __init__(self, analysis: Analysis, metric: str) -> None:
        self.bars: list[Bar] = []
        self.summed: dict[ItemPath, Bar] = {}
        self._analysis = analysis
        self._quantity = QUANTITY[metric]
        self._value, self._sum = self._quantity.reader(analysis), self._quantity.adder(analysis)
        total = self._quantity.total(analysis)
        # A share of a sum with an unknown part would be too large, so there is none. A sum of 0 must not be divided by.
        self._whole = (total.value or 1) if total.is_exact else None

    def lines(
        self,
        entries: tuple[Entry, ...],
        path: ItemPath,
        within: str,
        times: int,
        is_open: Callable[[ItemPath], bool] | None,
    ) -> None:
        """The visible lines below `path`; without `is_open` every block is open, and has no line itself."""
        for entry in entries:
            if isinstance(entry, Row):
                self._add_layer(entry, path, within, times)
                continue
            block = entry.block
            own = (*path, block.name)
            # A block that could not be counted has no pass whose lines could be shown.
            opens = bool(entry.passes) and (is_open is None or is_open(own))
            if is_open is not None or not opens:
                self._add_block(entry, own, within, times, is_sum=opens)
            if opens:
                inside = f"{within}{block.name}/"
                self.lines(entry.passes[0].entries, own, inside, times * block.repeat, is_open)

    def repeats(self, entries: tuple[Entry, ...], path: ItemPath, within: str, rows: Iterator[Row]) -> None:
        """Every layer of every pass; `rows` are these, one after the other."""
        for entry in entries:
            if isinstance(entry, Row):
                self._add_layer(next(rows), path, within, 1)
                continue
            own = (*path, entry.block.name)
            for pass_ in entry.passes:
                for number in range(pass_.first, pass_.first + pass_.times):
                    repeat = f"[{number + 1}]" if entry.block.repeat > 1 else ""
                    self.repeats(pass_.entries, own, f"{within}{entry.block.name}{repeat}/", rows)

    def sums(self, entries: tuple[Entry, ...], path: ItemPath, within: str, times: int) -> None:
        """Every layer once, with the sum of its repeats."""
        for entry in entries:
            if isinstance(entry, Row):
                self._add_sum(entry, (*path, entry.layer.name), within, times)
                continue
            for pass_ in entry.passes:
                inside = f"{within}{entry.block.name}/"
                self.sums(pass_.entries, (*path, entry.block.name), inside, times * pass_.times)

    def _add_sum(self, row: Row, path: ItemPath, within: str, times: int) -> None:
        before, value = self.summed.get(path), self._sum(row, times)
        if before is not None:
            times += before.times
            # Passes of one block can differ in shape, so each adds its own value; one that is unknown leaves the sum
            # unknown.
            value = None if value is None or before.value is None else before.value + value
        share = None if value is None or self._whole is None else value / self._whole
        name = row.layer.name + (f" × {times}" if times > 1 else "")
        unknown = unknown_text(row) if before is None or before.unknown != UNKNOWN else UNKNOWN
        self.summed[path] = Bar(
            path, name, row.layer.family, value, share, 0, within, times, owner=row.owner, unknown=unknown
        )

    def _add_layer(self, row: Row, path: ItemPath, within: str, times: int) -> None:
        value = self._value(row)
        share = None if value is None or self._whole is None else value / self._whole
        layer = row.layer
        own = (*path, layer.name)
        unknown = unknown_text(row) if value is None else UNKNOWN
        depth = len(path)
        self.bars.append(
            Bar(own, layer.name, layer.family, value, share, depth, within, times, owner=row.owner, unknown=unknown)
        )

    def _add_block(self, entry: BlockRow, path: ItemPath, within: str, times: int, *, is_sum: bool) -> None:
        value: int | None = self._quantity.value(entry, self._analysis)
        share = None if value is None or self._whole is None else value / self._whole
        repeat = f" × {entry.block.repeat}" if entry.block.repeat > 1 else ""
        sums: dict[str, int] = {}
        if value and self._quantity.spread is not None:
            sums = self._by_block.get(entry.path, {})
        elif value:
            self._sum_up(entry.passes, 1, sums)
        parts = tuple(sorted(sums.items(), key=lambda part: -part[1]))
        label, family = entry.block.name + repeat, entry.block.family
        depth, owner = len(path) - 1, entry.owner
        unknown = unknown_text(entry) if value is None else UNKNOWN
        self.bars.append(Bar(path, label, family, value, share, depth, within, times, parts, is_sum, owner, unknown))

    @cached_property
    def _by_block(self) -> dict[str, dict[str, int]]:
        """The sums of each block, by family, of a quantity of which each repeat may have another value."""
        found: dict[str, dict[str, int]] = {}
        for row in self._analysis.rows:
            value = self._value(row)
            for block in blocks_around(row.path) if value else ():
                sums = found.setdefault(block, {})
                sums[row.layer.family] = sums.get(row.layer.family, 0) + (value or 0)
        return found

    def _sum_up(self, passes: tuple[Pass, ...], times: int, sums: dict[str, int]) -> None:
        """Adds up what a block holds, by family."""
        for pass_ in passes:
            factor = times * pass_.times
            for entry in pass_.entries:
                if isinstance(entry, BlockRow):
                    self._sum_up(entry.passes, factor, sums)
                elif value := self._sum(entry, factor):
                    family = entry.layer.family
                    sums[family] = sums.get(family, 0) + value
