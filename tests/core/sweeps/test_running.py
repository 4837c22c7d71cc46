"""Sweeps on executors: every chunk once, in any order."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from typing import ParamSpec, TypeVar

import pytest
from msgspec import structs

from cnnstudio.authoring.retyping import change_type
from cnnstudio.authoring.sweep_workers import processes
from cnnstudio.core.counting.quantities import QUANTITY
from cnnstudio.core.network.design import Design
from cnnstudio.core.sweeps import plan, running
from cnnstudio.core.sweeps.axis import parse_axis
from cnnstudio.core.sweeps.running import CHUNK, chunks, chunks_by
from cnnstudio.core.sweeps.space import Space
from cnnstudio.core.sweeps.table import Chunk, Table, VariantRow
from tests.core.sweeps.by_hand import assert_same
from tests.designs.builtin import load

SMALL = load("lenet-5-modern")
DOUBLE = structs.replace(SMALL, element_type="float64")
P = ParamSpec("P")
T = TypeVar("T")


def space(*texts: str, design: Design = SMALL) -> Space:
    """A space of a small network."""
    return Space(design, tuple(parse_axis(design, text, change_type) for text in texts), change_type)


LARGE = space("conv1.filters=1:100", "conv2.filters=1:45")
CHUNKS = [0, CHUNK, 2 * CHUNK]


def rows(found: Iterable[Chunk]) -> list[VariantRow]:
    """The rows of chunks, in order."""
    table = Table()
    for chunk in found:
        table.add(chunk)
    return list(table)


class Counting(ThreadPoolExecutor):
    """Counts what it is given."""

    handed = 0

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        self.handed += 1
        return super().submit(fn, *args, **kwargs)


def test_chunks_come_once_each() -> None:
    assert [chunk.first for chunk in chunks(LARGE)] == CHUNKS
    assert [row.variant for row in rows(chunks(LARGE))] == list(range(4_500))


def test_what_is_done_is_not_counted_again() -> None:
    assert [chunk.first for chunk in chunks(LARGE, done={0, 2 * CHUNK})] == [CHUNK]
    with ThreadPoolExecutor(2) as executor:
        assert [chunk.first for chunk in chunks_by(executor, 2, LARGE, done={0, 2 * CHUNK})] == [CHUNK]


def test_rows_are_the_same_wherever_they_are_counted() -> None:
    with processes(2) as workers:
        found = list(chunks_by(workers.executor, workers.count, LARGE))
    assert sorted(chunk.first for chunk in found) == CHUNKS
    assert rows(found) == rows(chunks(LARGE))
    assert rows(reversed(found)) == rows(chunks(LARGE))


def test_no_more_is_handed_out_than_workers_soon_need() -> None:
    large = space("conv1.filters=1:100", "conv2.filters=1:100", "fc1.units=1:5")
    with Counting(1) as executor, closing(chunks_by(executor, 1, large)) as found:
        next(found)
        assert executor.handed == running.AHEAD


def test_forgetting_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = rows(chunks(LARGE))
    monkeypatch.setattr(plan, "MAX_REMEMBERED", 10)
    monkeypatch.setattr(running, "CHUNK", 50)
    assert rows(chunks(LARGE)) == expected


def test_sums_beyond_64_bits_are_exact() -> None:
    huge = space("fc1.units=1000000000", "fc2.units=1000000000", "fc3.units=1000000000", design=DOUBLE)
    (row,) = rows(chunks(huge))
    assert row.exact(QUANTITY["parameter_bytes"]) == 8 * (2 * 10**18 + 3 * 10**9 + 10**9 * 16 * 5 * 5 + 156 + 2_416)
    assert_same(huge, row)
