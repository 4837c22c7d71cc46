"""Counts and subtotals of a network: by kind of layer, or by stage."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, Literal

from msgspec import Struct

from cnnstudio.core.arithmetic.numerals import UNKNOWN
from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.counting.quantities import QUANTITY
from cnnstudio.core.counting.rows import BlockRow, Entry, Row, unknown_text

By = Literal["kind", "stage"]
BYS: Final[tuple[By, ...]] = ("kind", "stage")
ADDED: Final = ("weights", "biases", "parameters", "macs")
"""The quantities that are added up."""


class Subtotal(Struct, frozen=True):
    """The sums of layers of one kind, or of one stage: sums by quantity, and for how many it is unknown.

    `output` is the shape that a stage ends with, None for a kind, and where `output_unknown` says in words that it is.
    """

    name: str
    layers: int
    sums: dict[str, int]
    unknown: dict[str, int]
    output: Shape | None = None
    output_unknown: str = UNKNOWN

    def text(self, key: str) -> str:
        """The sum of a quantity, `≥` where a part of it is unknown."""
        return f"{'≥ ' if self.unknown[key] else ''}{self.sums[key]:,}"


def subtotals(analysis: Analysis, by: By) -> list[Subtotal]:
    """The subtotals, in the order in which kinds or stages first come; every pass of every block is in them."""
    groups = _kinds(analysis) if by == "kind" else _stages(analysis.entries)
    return [_subtotal(name, entries, by) for name, entries in groups]


def _kinds(analysis: Analysis) -> Iterable[tuple[str, list[tuple[Row, int]]]]:
    kinds: dict[str, list[tuple[Row, int]]] = {}
    for row, times in _rows(analysis.entries, 1):
        kinds.setdefault(row.layer.type_name, []).append((row, times))
    return kinds.items()


def _stages(entries: tuple[Entry, ...]) -> Iterator[tuple[str, list[tuple[Row, int]]]]:
    """Each block of the network, and what stands between blocks; without blocks, runs of maps of one size."""
    has_blocks = any(isinstance(entry, BlockRow) for entry in entries)
    run: list[Entry] = []
    for entry in entries:
        is_apart = isinstance(entry, BlockRow) or (not has_blocks and run and _size(entry) != _size(run[-1]))
        if is_apart and run:
            yield _run_name(run), list(_rows(tuple(run), 1))
            run = []
        if isinstance(entry, BlockRow):
            yield entry.item.name, list(_rows((entry,), 1))
        else:
            run.append(entry)
    if run:
        yield _run_name(run), list(_rows(tuple(run), 1))


def _size(entry: Entry) -> tuple[int, ...] | None:
    return None if entry.output_shape is None else entry.output_shape.spatial


def _run_name(run: list[Entry]) -> str:
    first, last = run[0].item.name, run[-1].item.name
    return first if len(run) == 1 else f"{first} to {last}"


def _rows(entries: tuple[Entry, ...], times: int) -> Iterator[tuple[Row, int]]:
    """Every layer with the number of its passes."""
    for entry in entries:
        if isinstance(entry, Row):
            yield entry, times
        else:
            for passed in entry.passes:
                yield from _rows(passed.entries, times * passed.times)


def _subtotal(name: str, rows: list[tuple[Row, int]], by: By) -> Subtotal:
    sums = {key: sum((QUANTITY[key].of_row(row) or 0) * times for row, times in rows) for key in ADDED}
    unknown = {key: sum(times for row, times in rows if QUANTITY[key].of_row(row) is None) for key in ADDED}
    last = rows[-1][0] if rows and by == "stage" else None
    output, words = (None, UNKNOWN) if last is None else (last.output_shape, unknown_text(last))
    return Subtotal(name, sum(times for _, times in rows), sums, unknown, output, words)
