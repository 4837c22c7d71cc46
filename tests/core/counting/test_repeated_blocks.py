"""A block that is repeated n times is the same as its layers written out n times."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from msgspec import structs

from cnnstudio.core.arithmetic.receptive_field import ReceptiveField
from cnnstudio.core.counting.analysis import MAX_EXPANDED, Analysis, analyze
from cnnstudio.core.counting.rows import BlockRow, Row, Totals
from cnnstudio.core.network.design import Block, Design, Item
from cnnstudio.layers.activation import Activation
from cnnstudio.layers.convolution import Conv2D
from cnnstudio.layers.merge import Add
from cnnstudio.layers.pooling import AdaptiveAvgPool, GlobalAvgPool
from cnnstudio.layers.reshaping import Crop, Permute, Upsample
from cnnstudio.layers.structure import Input
from cnnstudio.layers.transposed import ConvTranspose2D
from tests.strategies import designs


def written_out(items: tuple[Item, ...]) -> tuple[Item, ...]:
    """The same network in which every block stands as often as it is repeated, named `stage§1`, `stage§2`, ..."""
    last: dict[str, str] = {}
    flat: list[Item] = []
    for item in items:
        item = structs.replace(item, inputs=tuple(last.get(name, name) for name in item.inputs))
        if isinstance(item, Block):
            item = structs.replace(item, layers=written_out(item.layers))
        if not isinstance(item, Block) or item.repeat == 1:
            flat.append(item)
            continue
        for number in range(1, item.repeat + 1):
            before = () if number == 1 else (f"{item.name}§{number - 1}",)
            inputs = (*before, *item.inputs[len(before) :]) if item.further_inputs else item.inputs[len(before) :]
            flat.append(structs.replace(item, name=f"{item.name}§{number}", repeat=1, inputs=inputs))
        last[item.name] = f"{item.name}§{item.repeat}"
    return tuple(flat)


def facts(row: Row) -> dict[str, Any]:
    """All that a row says, its paths as `written_out` names them."""
    fields = [_named(field) for field in (row.receptive_field, *row.input_fields)]
    known = {"input_shapes": row.input_shapes, "fields": fields}
    counts = None if row.counts is None else structs.asdict(row.counts)
    paths = {"path": _path(row.path), "inputs": tuple(map(_path, row.inputs))}
    return {**known, **paths, "counts": counts, "name": row.layer.name, "layer": _unconnected(row)}


def _named(field: ReceptiveField | None) -> list[ReceptiveField] | None:
    """The fields in all inputs, these named as `written_out` names them."""
    return None if field is None else [structs.replace(each, origin=_path(each.origin)) for each in field.each]


def _path(path: str) -> str:
    return re.sub(r"(?<!\\)\[(\d+)\]", r"§\1", path)


def _unconnected(row: Row) -> Any:
    return structs.replace(row.layer, inputs=())


def check_against_written_out(design: Design) -> None:
    """Rows and totals of both forms are the same."""
    repeated = analyze(design)
    flat = analyze(structs.replace(design, layers=written_out(design.layers)))
    assert [facts(row) for row in repeated.rows] == [facts(row) for row in flat.rows]
    assert repeated.totals == flat.totals


@given(designs())
def test_a_repeated_block_is_its_layers_written_out(design: Design) -> None:
    check_against_written_out(design)


@given(designs(counted=True))
def test_a_repeated_block_that_can_be_counted_is_its_layers_written_out(design: Design) -> None:
    check_against_written_out(design)


IMAGE = Input(name="image", size=(16, 16), channels=4)
SAME = Conv2D(name="same", filters=4, kernel_size=3, padding="same")
HALVE = Conv2D(name="halve", filters=4, kernel_size=3, stride=2, padding=1)


@pytest.mark.parametrize(
    "items",
    [
        (SAME, Add(name="sum", inputs=("same", "input"))),
        (HALVE,),
        (Conv2D(name="valid", filters=4, kernel_size=3),),
        (Conv2D(name="wider", filters=8, kernel_size=1), SAME),
        (Upsample(name="larger", scale=2), HALVE),
        (Upsample(name="larger", scale=2), Crop(name="crop", cropping=8)),
        (SAME, GlobalAvgPool(name="pool", keepdims=True), Add(name="sum", inputs=("same", "pool"))),
        (Permute(name="turn", dims=(0, 2, 1)), SAME),
        (Input(name="inner", size=(16, 16), channels=4), SAME),
        (Input(name="inner", size=(16, 16), channels=4), SAME, Add(name="sum", inputs=("same", "input"))),
        (SAME, AdaptiveAvgPool(name="pool", output_size=(7, 16)), Upsample(name="larger", size=(16, 16))),
        (Block(name="twice", repeat=2, layers=(SAME,)), Activation(name="relu", function="relu"), HALVE),
        (Block(name="twice", repeat=2, layers=(HALVE,)), Upsample(name="larger", scale=4)),
        (HALVE, ConvTranspose2D(name="larger", filters=4, kernel_size=4, stride=2, padding=1), SAME),
        (HALVE, Upsample(name="larger", scale=2, mode="bilinear"), Add(name="sum", inputs=("larger", "input"))),
    ],
)
def test_blocks_of_every_sort_are_their_layers_written_out(items: tuple[Item, ...]) -> None:
    inside = Block(name="inside", repeat=3, layers=items)
    check_against_written_out(Design(layers=(IMAGE, inside, SAME)))
    check_against_written_out(Design(layers=(IMAGE, HALVE, Block(name="outside", repeat=2, layers=(inside, SAME)))))


def block_row(analysis: Analysis, index: int) -> BlockRow:
    """An entry that is a block."""
    entry = analysis.entries[index]
    assert isinstance(entry, BlockRow)
    return entry


def test_passes_with_equal_shapes_are_counted_once() -> None:
    analysis = analyze(Design(layers=(IMAGE, Block(name="stage", repeat=9, layers=(HALVE, SAME)))))
    passes = block_row(analysis, 1).passes
    assert [(pass_.first, pass_.times) for pass_ in passes] == [(0, 1), (1, 1), (2, 1), (3, 1), (4, 5)]


def test_ten_thousand_repeats_inside_ten_thousand_repeats_are_counted_exactly() -> None:
    inner = Block(name="inner", repeat=10_000, layers=(SAME, Add(name="sum", inputs=("same", "input"))))
    analysis = analyze(Design(layers=(IMAGE, Block(name="outer", repeat=10_000, layers=(inner, SAME)))))
    convolutions = 10_000 * 10_000 + 10_000
    assert analysis.totals == Totals(
        weights=144 * convolutions,
        biases=4 * convolutions,
        parameters=148 * convolutions,
        trainable=148 * convolutions,
        macs=144 * 256 * convolutions,
        activations=1024 * (1 + convolutions + 10_000 * 10_000),
        activation_bytes=4096 * (1 + convolutions + 10_000 * 10_000),
        parameter_bytes=592 * convolutions,
        layers=1 + convolutions + 10_000 * 10_000,
    )
    field = block_row(analysis, 1).receptive_field
    assert field is not None
    assert (field.size, field.offset) == ((2 * convolutions + 1,) * 2, (-convolutions,) * 2)


def test_a_design_too_long_to_list_says_so() -> None:
    inner = Block(name="inner", repeat=10_000, layers=(SAME,))
    analysis = analyze(Design(layers=(IMAGE, Block(name="outer", repeat=101, layers=(inner,)))))
    assert analysis.totals.layers > MAX_EXPANDED
    with pytest.raises(ValueError, match=r"^the design expands to 1,010,001 layers, and at most 30,000 can be "):
        _ = analysis.rows


def test_ten_thousand_repeats_are_listed_exactly() -> None:
    analysis = analyze(Design(layers=(IMAGE, Block(name="stage", repeat=10_000, layers=(SAME,)))))
    rows = analysis.rows
    assert [row.path for row in rows[1:]] == [f"stage[{number}]/same" for number in range(1, 10_001)]
    assert rows[-1].inputs == ("stage[9999]/same",)
    assert rows[-1].receptive_field == block_row(analysis, 1).receptive_field
