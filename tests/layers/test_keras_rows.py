"""Every single layer that Keras was run with: shapes, parameters, state and MACs as Keras has them."""

from __future__ import annotations

from collections import Counter, defaultdict

import msgspec
import pytest
from msgspec import structs

from cnnstudio.core.arithmetic.convention import KERAS
from tests.layers.framework_row import LeftOut, Refused, difference
from tests.layers.keras_rows import KerasRow, from_keras
from tests.layers.left_out import (
    KERAS_CONTRADICTS_ITSELF,
)
from tests.places import TRUTH

ROWS_LEFT_OUT = {
    KERAS_CONTRADICTS_ITSELF: 4,
}
"""The rows of keras_layers.jsonl that are not compared. There is nothing else that is skipped."""
EDGES_LEFT_OUT: dict[str, int] = {}
"""The same for the edge cases."""


def read_rows(name: str) -> list[KerasRow]:
    """The rows of a file of truth, behind its first line, which describes them."""
    lines = (TRUTH / name).read_bytes().splitlines()[1:]
    return [msgspec.json.decode(line, type=KerasRow) for line in lines]


LAYERS, EDGES = read_rows("keras_layers.jsonl"), read_rows("keras_edges.jsonl")
SEQUENCES, VOLUMES = read_rows("keras_sequences.jsonl"), read_rows("keras_volumes.jsonl")
BY_KIND: dict[str, list[KerasRow]] = defaultdict(list)
for _row in LAYERS + EDGES + SEQUENCES + VOLUMES:
    BY_KIND[_row.layer].append(_row)


def outcome(row: KerasRow) -> str:
    """`left out: ...` with the reason, `equal`, or how the engine differs from Keras."""
    try:
        expected, found = row.counted(), from_keras(row).counted(KERAS)
    except LeftOut as reason:
        return f"left out: {reason}"
    except Refused as refusal:
        expected, found = row.counted(), f"refused in Keras' words: {refusal}"
    return difference(expected, found) or "equal"


@pytest.mark.parametrize("kind", sorted(BY_KIND))
def test_each_row_is_counted_as_keras_counts_it(kind: str) -> None:
    outcomes = [(row, outcome(row)) for row in BY_KIND[kind]]
    assert [pair for pair in outcomes if not pair[1].startswith(("equal", "left out"))] == []


@pytest.mark.parametrize(
    ("rows", "left_out"), [(LAYERS, ROWS_LEFT_OUT), (EDGES, EDGES_LEFT_OUT), (SEQUENCES, {}), (VOLUMES, {})]
)
def test_every_row_is_compared_but_those_of_the_table(rows: list[KerasRow], left_out: dict[str, int]) -> None:
    outcomes = Counter(map(outcome, rows))
    assert outcomes.pop("equal") == len(rows) - sum(left_out.values())
    assert outcomes == {f"left out: {reason}": count for reason, count in left_out.items()}


def test_the_engine_itself_refuses_what_keras_refuses() -> None:
    refused = [row for row in LAYERS if row.sym_error]
    assert len(refused) == 72
    assert [row for row in refused if not isinstance(from_keras(row).counted(KERAS), str)] == []


def test_the_engine_itself_refuses_windows_along_four_axes() -> None:
    windows = [row for row in VOLUMES if row.layer.endswith("D")]
    assert Counter(row.layer for row in windows) == dict.fromkeys([row.layer for row in windows], 12)
    for row in windows:
        assert row.sym_error
        # Said in the words for the axes that it has, of the map that Keras was given.
        fitting = from_keras(structs.replace(row, given=row.given[1:]))
        found = structs.replace(fitting, given=row.given, axes=(4, 0, 1, 2, 3))
        assert isinstance(found.counted(KERAS), str), row


def test_an_argument_that_no_converter_reads_is_not_dropped() -> None:
    row = KerasRow(layer="Flatten", kw={"order": "F"}, given=(4, 4, 3))
    with pytest.raises(TypeError, match=r"does not know the arguments \['order'\]"):
        from_keras(row)
