"""Blocks that are applied at each step of a sequence: weights once, all else at each step."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec import structs

from cnnstudio.core import edits
from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.core.counting.rows import BlockRow
from cnnstudio.core.counting.working import working_of
from cnnstudio.core.memory.model import MemoryModel
from cnnstudio.core.network.design import BLOCK_INPUT, Block, Design, FurtherOutput, Item, walk
from cnnstudio.layers.convolution import Conv2D
from cnnstudio.layers.dense import Dense
from cnnstudio.layers.merge import Add
from cnnstudio.layers.patches.pools import MaxUnpool
from cnnstudio.layers.pooling import GlobalAvgPool, MaxPool2D
from cnnstudio.layers.reshaping import Flatten
from cnnstudio.layers.sequences.recurrent import LSTM
from cnnstudio.layers.structure import Input
from tests.strategies import designs

VIDEO = Input(name="video", size=(10, 64, 64), channels=3)
VIDEO_SHAPE = Shape(3, (10, 64, 64))
FRAMES = (
    Conv2D(name="conv", filters=32, kernel_size=3, activation="relu"),
    Flatten(name="flat"),
    Dense(name="code", units=64),
)


def at_each_step(*layers: Item, name: str = "frames", **fields: object) -> Block:
    return structs.replace(Block(name=name, time_distributed=True, layers=layers), **fields)


def counted(*items: Item) -> Analysis:
    analysis = analyze(Design(layers=items))
    assert analysis.errors == ()
    return analysis


def problem(*items: Item) -> tuple[str, str, str]:
    first = analyze(Design(layers=items)).errors[0]
    return first.path, first.rule, first.sentence


def test_weights_count_once_and_work_at_each_step() -> None:
    analysis = counted(VIDEO, at_each_step(*FRAMES), LSTM(name="lstm", units=32))
    rows = {row.layer.name: row for row in analysis.rows}
    assert [rows[name].output_shape for name in ("conv", "flat", "code", "lstm")] == [
        Shape(32, (10, 62, 62)),
        Shape(32 * 62 * 62, (10,)),
        Shape(64, (10,)),
        Shape(32),
    ]
    assert rows["conv"].parameters == (3 * 3 * 3 + 1) * 32
    assert rows["conv"].macs == 10 * 27 * 32 * 62 * 62
    assert rows["code"].parameters == (32 * 62 * 62 + 1) * 64
    assert rows["code"].macs == 10 * 32 * 62 * 62 * 64
    assert rows["conv"].activations == 10 * 32 * 62 * 62


def test_the_working_names_the_steps() -> None:
    analysis = counted(VIDEO, at_each_step(*FRAMES))
    (working,) = working_of(analysis.rows[1], "macs")
    assert working.text() == "MACs = steps · W · O_h · O_w = 10 × 864 × 62 × 62 = 33,212,160"


def test_each_step_sees_itself() -> None:
    analysis = counted(VIDEO, at_each_step(*FRAMES), LSTM(name="lstm", units=32))
    fields = {row.layer.name: row.receptive_field for row in analysis.rows}
    assert [field and field.size for field in fields.values()] == [
        (1, 1, 1),
        (1, 3, 3),
        (1, 3, 3),
        (1, 64, 64),
        (10, 64, 64),
    ]


@given(design=designs(counted=True), steps=st.sampled_from([1, 2, 5]))
def test_a_design_at_each_step_is_so_many_times_the_design(design: Design, steps: int) -> None:
    first, *others = design.layers
    assert isinstance(first, Input)
    assume(others and not any(isinstance(item, Input) for _, item in walk(tuple(others))))
    alone = analyze(design)
    assume(all(row.output_shape is not None and row.output_shape.rank < 3 for row in alone.rows))
    shape = alone.rows[0].output_shape
    assert shape is not None
    inner = tuple(with_input(item, first.name) for item in others)
    begin = structs.replace(first, name="steps before", size=(steps, *shape.spatial))
    distributed = analyze(structs.replace(design, layers=(begin, at_each_step(*inner))))
    assert distributed.errors == ()
    for row, single in zip(distributed.rows[1:], alone.rows[1:], strict=True):
        assert row.counts is not None
        assert single.counts is not None
        assert row.output_shape == Shape(single.counts.output.channels, (steps, *single.counts.output.spatial))
        assert (row.parameters, row.state, row.trainable) == (single.parameters, single.state, single.trainable)
        assert (row.macs, row.activations) == (
            None if single.macs is None else steps * single.macs,
            None if single.activations is None else steps * single.activations,
        )


def with_input(item: Item, name: str) -> Item:
    """The item with the block's input for what took the network's."""
    return structs.replace(item, inputs=tuple(BLOCK_INPUT if source == name else source for source in item.inputs))


def test_a_vector_has_no_steps() -> None:
    flat = Flatten(name="flat")
    assert problem(VIDEO, flat, at_each_step(Dense(name="code", units=64))) == (
        "frames",
        "no-steps",
        "it is applied at each step along the first axis, and receives 122880, which has none for them.",
    )


def test_what_flows_in_has_the_same_steps() -> None:
    other = Input(name="other", size=(8, 64, 64), channels=3)
    block = at_each_step(Add(name="sum", inputs=("input", "more")), inputs=("video", "other"), further_inputs=("more",))
    assert problem(VIDEO, other, block) == (
        "frames",
        "unlike-steps",
        "it is applied at each step along the first axis, and receives 3 × 10 × 64 × 64 and 3 × 8 × 64 × 64, whose "
        "steps are not alike.",
    )


def test_an_input_inside_brings_its_own_steps() -> None:
    inside = Input(name="other", size=(8, 64, 64), channels=3)
    path, rule, _ = problem(VIDEO, at_each_step(inside, Add(name="sum", inputs=("input", "other"))))
    assert (path, rule) == ("frames/sum", "unlike-steps")


def test_places_are_those_in_the_map_of_a_step() -> None:
    pool = MaxPool2D(name="pool", pool_size=2)
    places = FurtherOutput(name="places", output="indices", inputs=("pool",))
    back = MaxUnpool(name="back", inputs=("pool", "places"))
    inside = counted(VIDEO, at_each_step(pool, places, back))
    assert [row.output_shape for row in inside.rows[-2:]] == [Shape(3, (10, 32, 32), (64, 64)), VIDEO_SHAPE]
    same = structs.replace(pool, name="same", inputs=("input",))
    given = at_each_step(pool, places, same, name="pool", further_outputs=("places",))
    out = FurtherOutput(name="out", output="places", inputs=("pool",))
    again = structs.replace(back, inputs=("input", "where"))
    around = at_each_step(again, name="again", inputs=("pool", "out"), further_inputs=("where",))
    assert counted(VIDEO, given, out, around).rows[-1].output_shape == VIDEO_SHAPE
    assert problem(VIDEO, given, out, structs.replace(back, inputs=("pool", "out"))) == (
        "back",
        "places",
        "the places are in maps of 64 × 64, and it receives a map of 3 channels, 10 × 32 × 32.",
    )


def test_without_a_size_parameters_are_known_all_the_same() -> None:
    video = Input(name="video", size=(None, None, None), channels=3)
    pooled = at_each_step(FRAMES[0], GlobalAvgPool(name="pool"), Dense(name="code", units=64))
    analysis = counted(video, pooled, LSTM(name="lstm", units=32))
    assert [row.parameters for row in analysis.rows] == [0, 896, 0, 33 * 64, 4 * 32 * (64 + 32 + 2)]


def test_memory_is_told_where_nothing_inside_can_be_counted() -> None:
    analysis = analyze(Design(layers=(VIDEO, at_each_step(Conv2D(name="conv", filters=2, kernel_size=99)))))
    assert MemoryModel(analysis, casts=False, trains=True).kept(1).text(str) == "at least 0"


def test_turning_it_on_and_off_counts_anew() -> None:
    design = Design(layers=(VIDEO, at_each_step(*FRAMES)))
    analysis = analyze(design)
    off = edits.set_field(design, [("frames",)], "time_distributed", False).design
    assert analyze(off, previous=analysis).errors == analyze(off).errors != ()
    assert analyze(design, previous=analyze(off)).entries == analysis.entries


def test_a_block_inside_is_counted_anew_with_the_one_around_it() -> None:
    inner = Block(name="inner", layers=(Dense(name="code", units=4, apply_to="channels"), Flatten(name="flat")))
    design = Design(layers=(VIDEO, Block(name="outer", layers=(inner,))))
    on = edits.set_field(design, [("outer",)], "time_distributed", True).design
    again = analyze(on, previous=analyze(design))
    assert again.entries == analyze(on).entries
    outer = again.entries[-1]
    assert isinstance(outer, BlockRow)
    assert outer.output_shape == Shape(4 * 64 * 64, (10,))


def test_the_layers_alone_would_not_be_applied_at_each_step() -> None:
    with pytest.raises(edits.EditError, match="'frames' is applied at each step, and its layers alone would not be"):
        edits.ungroup(Design(layers=(VIDEO, at_each_step(*FRAMES))), [("frames",)])
