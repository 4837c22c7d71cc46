"""Every single layer that PyTorch was run with: shapes, parameters, buffers and MACs as PyTorch has them."""

from __future__ import annotations

from collections import Counter, defaultdict

import msgspec
import pytest

from cnnstudio.core.arithmetic.convention import PYTORCH
from tests.layers.framework_row import LeftOut, Refused, difference
from tests.layers.torch_rows import TorchRow, from_torch
from tests.places import TRUTH

ROWS_LEFT_OUT: dict[str, int] = {}
"""The rows of torch_layers.jsonl that are not compared. There is nothing else that is skipped."""


def read_rows(name: str) -> list[TorchRow]:
    """The rows of a file of truth, behind its first line, which describes them."""
    lines = (TRUTH / name).read_bytes().splitlines()[1:]
    return [msgspec.json.decode(line, type=TorchRow) for line in lines]


LAYERS, EDGES = read_rows("torch_layers.jsonl"), read_rows("torch_edges.jsonl")
SEQUENCES = read_rows("torch_sequences.jsonl")
BY_KIND: dict[str, list[TorchRow]] = defaultdict(list)
for _row in LAYERS + EDGES + SEQUENCES:
    BY_KIND[_row.layer].append(_row)


def outcome(row: TorchRow) -> str:
    """`left out: ...` with the reason, `equal`, or how the engine differs from PyTorch."""
    try:
        found = from_torch(row).counted(PYTORCH)
    except LeftOut as reason:
        return f"left out: {reason}"
    except Refused as refusal:
        found = f"refused in PyTorch's words: {refusal}"
    return difference(row.counted(), found) or "equal"


@pytest.mark.parametrize("kind", sorted(BY_KIND))
def test_each_row_is_counted_as_pytorch_counts_it(kind: str) -> None:
    outcomes = [(row, outcome(row)) for row in BY_KIND[kind]]
    assert [pair for pair in outcomes if not pair[1].startswith(("equal", "left out"))] == []


def test_every_row_is_compared_but_those_of_the_table() -> None:
    outcomes = Counter(map(outcome, LAYERS))
    assert outcomes.pop("equal") == len(LAYERS) - sum(ROWS_LEFT_OUT.values())
    assert outcomes == {f"left out: {reason}": count for reason, count in ROWS_LEFT_OUT.items()}


def test_every_edge_case_is_compared() -> None:
    assert Counter(map(outcome, EDGES)) == {"equal": len(EDGES)}


def test_every_layer_that_reads_sequences_is_compared() -> None:
    assert Counter(map(outcome, SEQUENCES)) == {"equal": len(SEQUENCES)}


def test_the_engine_itself_refuses_what_pytorch_refuses() -> None:
    refused = [row for row in LAYERS if row.error and row.layer != "Unfold"]
    assert len(refused) == 208
    assert [row for row in refused if not isinstance(from_torch(row).counted(PYTORCH), str)] == []


def test_an_argument_that_no_converter_reads_is_not_dropped() -> None:
    row = TorchRow(layer="Flatten", kw={"order": "F"}, given=(3, 4, 4))
    with pytest.raises(TypeError, match=r"does not know the arguments \['order'\]"):
        from_torch(row)
