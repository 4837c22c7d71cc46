"""The rows of a sweep, kept by columns: a million of them take a few hundred megabytes, and every number is exact."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from msgspec import Struct, structs

from cnnstudio.core.arithmetic.measure import Measure
from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.counting.quantity import Quantity
from cnnstudio.core.counting.rows import Totals
from cnnstudio.core.network.problem import Problem
from cnnstudio.core.sweeps.plan import MEASURED, UNKEPT, Counted

_TOTALS = len(structs.fields(Totals))
_PAIRS = (*UNKEPT, *MEASURED)
"""The quantities whose sums stand after those of the totals, each with what it lacks."""

Column: TypeAlias = "array[int] | list[int]"
"""Whole numbers: in eight bytes each, or as long as they need to be where one of them does not fit."""


def column_of(numbers: Iterable[int]) -> Column:
    """A column of these numbers."""
    listed = list(numbers)
    try:
        return array("q", listed)
    except OverflowError:
        return listed


class Chunk(Struct, frozen=True):
    """Variants that were counted together, from number `first` on.

    `columns` hold the sums; for each variant `shapes` has the index of its output in `outputs`, `remarks` that of its
    problems in `problems`, and `verdicts` says whether it meets the conditions: 1 yes, 0 no, -1 unknown. `refused` are
    the numbers of those that are no designs.
    """

    first: int
    columns: tuple[Column, ...]
    shapes: Column
    remarks: Column
    verdicts: Column
    outputs: tuple[Shape | None, ...]
    problems: tuple[tuple[Problem, ...], ...]
    refused: frozenset[int] = frozenset()

    @property
    def size(self) -> int:
        """The number of variants."""
        return len(self.shapes)


def chunk_of(first: int, counted: Sequence[Counted], meets: Sequence[bool | None]) -> Chunk:
    """The variants that were counted, by columns."""
    outputs: dict[Shape | None, int] = {}
    problems: dict[tuple[Problem, ...], int] = {}
    width = max([len(variant.numbers) for variant in counted if variant.numbers is not None], default=0)
    rows = [(0,) * width if variant.numbers is None else variant.numbers for variant in counted]
    return Chunk(
        first,
        tuple(map(column_of, zip(*rows, strict=True))),
        array("q", [outputs.setdefault(variant.output, len(outputs)) for variant in counted]),
        array("q", [problems.setdefault(variant.problems, len(problems)) for variant in counted]),
        array("b", [-1 if verdict is None else verdict for verdict in meets]),
        tuple(outputs),
        tuple(problems),
        frozenset(first + at for at, variant in enumerate(counted) if variant.numbers is None),
    )


class VariantRow(Struct, frozen=True):
    """One variant: its number from 0, what was counted, and whether it meets the conditions, None if nobody knows."""

    variant: int
    counted: Counted
    meets: bool | None

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Its problems, in the order of the analysis."""
        return self.counted.problems

    @property
    def has_errors(self) -> bool:
        """True if a layer of it is not counted, or if it is no design."""
        return any(problem.severity == "error" for problem in self.counted.problems)

    def total(self, quantity: Quantity) -> Measure:
        """The sum of a quantity over the network."""
        return total_of(self.counted, quantity)

    def exact(self, quantity: Quantity) -> int | None:
        """The sum if all of it is known."""
        total = self.total(quantity)
        return int(total.value) if total.is_exact and total.value is not None else None


def total_of(counted: Counted, quantity: Quantity) -> Measure:
    """The sum of a quantity over a variant, as its analysis has it; unknown if it is no design, or not asked for."""
    if counted.numbers is None:
        return Measure(None, "unknown")
    if quantity.kept is not None:
        totals = Totals(*counted.numbers[:_TOTALS])
        return _measure(getattr(totals, quantity.kept.name), quantity.kept.lacking(totals))
    place = _TOTALS + 2 * _PAIRS.index(quantity)
    found = counted.numbers[place : place + 2]
    return _measure(*found) if found else Measure(None, "unknown")


def _measure(value: int, lacking: int) -> Measure:
    return Measure(value, "at least" if lacking else "exact")


class Table:
    """The rows of the chunks that were counted so far, by variant; iterated over, in their order."""

    def __init__(self) -> None:
        self._chunks: dict[int, Chunk] = {}
        self._size = 0
        self._step = 1

    def __len__(self) -> int:
        return self._size

    def add(self, chunk: Chunk) -> None:
        """Adds what was counted, in any order."""
        if chunk.first not in self._chunks:
            self._chunks[chunk.first] = chunk
            self._size += chunk.size
            # All chunks but the last one are of one size.
            self._step = max(self._step, chunk.size)

    def row(self, variant: int) -> VariantRow:
        """The row of a variant that was counted."""
        first = variant - variant % self._step
        # The last chunk is shorter, and may be the only one that is there yet.
        chunk = self._chunks.get(first) or next(each for each in self._chunks.values() if _has(each, variant))
        return row_of(chunk, variant - chunk.first)

    def snapshot(self) -> Table:
        """The rows that are there now, for another thread while more of them come in here."""
        copy = Table()
        copy._chunks, copy._size, copy._step = dict(self._chunks), self._size, self._step
        return copy

    @property
    def firsts(self) -> frozenset[int]:
        """The first variant of each chunk that is there."""
        return frozenset(self._chunks)

    def __iter__(self) -> Iterator[VariantRow]:
        for first in sorted(self._chunks):
            yield from rows_of(self._chunks[first])


def _has(chunk: Chunk, variant: int) -> bool:
    return chunk.first <= variant < chunk.first + chunk.size


def rows_of(chunk: Chunk) -> Iterator[VariantRow]:
    """The rows of a chunk."""
    return (row_of(chunk, at) for at in range(chunk.size))


def row_of(chunk: Chunk, at: int) -> VariantRow:
    """One row of a chunk."""
    is_refused = chunk.first + at in chunk.refused
    counted = Counted(
        None if is_refused else tuple([column[at] for column in chunk.columns]),
        chunk.outputs[chunk.shapes[at]],
        chunk.problems[chunk.remarks[at]],
    )
    verdict = chunk.verdicts[at]
    return VariantRow(chunk.first + at, counted, None if verdict < 0 else bool(verdict))
