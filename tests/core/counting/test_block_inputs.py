"""Blocks with several inputs: the first changes with each repeat, and the others are the same in all of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from msgspec import structs

from cnnstudio.core import edits
from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.core.counting.lookup import input_names
from cnnstudio.core.memory.nodes import run_of
from cnnstudio.core.network.design import Block, Design
from cnnstudio.layers.attention.heads import MultiHeadAttention
from cnnstudio.layers.convolution import Conv2D
from cnnstudio.layers.merge import Add, Concat
from cnnstudio.layers.structure import Identity, Input
from tests.strategies import designs

IMAGE = Input(name="image", size=(16, 16), channels=4)


def same(name: str, kernel: int = 3, **fields: object) -> Conv2D:
    return structs.replace(Conv2D(name=name, filters=4, kernel_size=kernel, padding="same"), **fields)


def decoder(repeat: int) -> Design:
    """Attention of 7 targets to 11 sources, so many times."""
    layers = (
        MultiHeadAttention(name="cross", heads=4, inputs=("input", "memory", "memory")),
        Add(name="sum", inputs=("input", "cross")),
    )
    return Design(
        layers=(
            Input(name="target", size=(7,), channels=32),
            Input(name="source", size=(11,), channels=32),
            Block(
                name="decoder", repeat=repeat, layers=layers, inputs=("target", "source"), further_inputs=("memory",)
            ),
        )
    )


def test_each_repeat_takes_the_same_memory() -> None:
    analysis = analyze(decoder(6))
    assert analysis.problems == ()
    # Four projections of 32 channels, each with its bias: 4 · (32 + 1) · 32.
    assert analysis.totals.parameters == 6 * 4_224
    rows = {row.path: row for row in analysis.rows}
    assert rows["decoder[1]/cross"].inputs == ("target", "source", "source")
    assert rows["decoder[6]/cross"].inputs == ("decoder[5]/sum", "source", "source")
    assert [shape and shape.to_list() for shape in rows["decoder[6]/cross"].input_shapes] == [
        [32, 7],
        [32, 11],
        [32, 11],
    ]
    assert input_names(rows["decoder[2]/cross"]) == ["input (decoder[1])", "input (source)", "input (source)"]


def around(repeat: int) -> Design:
    """A 3 × 3 convolution of what flows in, joined with what comes from outside, so many times."""
    block = Block(
        name="stage",
        repeat=repeat,
        layers=(same("conv"), Add(name="sum", inputs=("conv", "skip"))),
        inputs=("small", "large"),
        further_inputs=("skip",),
    )
    return Design(layers=(IMAGE, same("small", 1), same("large", 9, inputs=("image",)), block))


@pytest.mark.parametrize(("repeat", "side"), [(1, 9), (3, 13), (4, 15), (5, 17)])
def test_a_field_grows_by_what_each_repeat_adds_from_outside(repeat: int, side: int) -> None:
    field = analyze(around(repeat)).rows[-1].receptive_field
    assert field is not None
    # 9 from outside in the first repeat, which each later one sees through a 3 × 3 kernel.
    assert field.size == (side, side)


def test_what_flows_in_twice_is_two_things_from_the_second_repeat_on() -> None:
    block = Block(
        name="stage",
        repeat=3,
        layers=(same("conv"), Add(name="sum", inputs=("conv", "skip"))),
        inputs=("image", "image"),
        further_inputs=("skip",),
    )
    rows = {row.path: row for row in analyze(Design(layers=(IMAGE, block))).rows}
    assert rows["stage[3]/conv"].inputs == ("stage[2]/sum",)
    assert rows["stage[3]/sum"].inputs == ("stage[3]/conv", "image")


def test_a_block_that_lacks_an_input_is_at_fault_and_nothing_in_it_is_guessed() -> None:
    broken = Block(name="stage", layers=(Add(name="sum", inputs=("input", "skip")),), further_inputs=("skip",))
    analysis = analyze(Design(layers=(IMAGE, broken)))
    assert [problem.sentence for problem in analysis.errors] == ["Block needs at least 2 inputs and receives 1."]
    assert analysis.rows[-1].counts is None


def test_the_run_holds_what_flows_in_until_the_block_is_left() -> None:
    nodes = run_of(analyze(decoder(2))).nodes
    assert [node.inputs for node in nodes] == [(), (), (0, 1, 1), (0, 2), (3, 1, 1), (3, 4)]
    assert sorted(nodes[-1].drops) == [0, 1, 1, 3]


def paths_apart(analysis: Analysis) -> list[tuple[object, ...]]:
    return [(row.layer.type_name, row.input_shapes, row.counts) for row in analysis.rows]


@given(designs(counted=True))
def test_ungrouping_blocks_changes_no_number(design: Design) -> None:
    blocks = [(item.name,) for item in design.layers if isinstance(item, Block) and not item.time_distributed]
    if blocks:
        flat = edits.ungroup(design, blocks).design
        assert paths_apart(analyze(flat)) == paths_apart(analyze(design))


@given(designs(counted=True))
def test_grouping_what_several_things_flow_into_changes_no_number(design: Design) -> None:
    for item in design.layers:
        if len(set(item.inputs)) > 1 and not isinstance(item, Block):
            edit = edits.group(design, [(item.name,)])
            block = next(found for found in edit.design.layers if found.name == edit.focus[0][-1])
            assert isinstance(block, Block)
            assert len(block.inputs) == len(set(item.inputs)) == len(block.input_names)
            assert paths_apart(analyze(edit.design)) == paths_apart(analyze(design))


def test_concat_keeps_its_order_in_a_block() -> None:
    layers = (
        IMAGE,
        same("a", filters=3),
        same("b", filters=5, inputs=("image",)),
        Concat(name="all", inputs=("b", "a")),
    )
    edit = edits.group(Design(layers=layers), [("all",)], "joined")
    block = edit.design.layers[-1]
    assert isinstance(block, Block)
    assert (block.inputs, block.further_inputs, block.layers[0].inputs) == (("b", "a"), ("a",), ("input", "a"))
    assert edit.notes == ("The block takes 'b' and 'a'.",)


def test_names_of_inputs_are_changed_and_followed() -> None:
    design = edits.set_field(decoder(2), [("decoder",)], "further_inputs", ["source memory"]).design
    block = design.layers[-1]
    assert isinstance(block, Block)
    assert block.layers[0].inputs == ("input", "source memory", "source memory")
    edit = edits.set_field(design, [("decoder",)], "further_inputs", [])
    block = edit.design.layers[-1]
    assert isinstance(block, Block)
    assert (block.inputs, block.further_inputs) == (("target",), ())
    assert edit.notes == ("'cross' has lost a connection and now takes 'input'.",)
    with pytest.raises(edits.EditError, match="nothing else comes before the block 'decoder' that could flow into it"):
        edits.set_field(decoder(2), [("decoder",)], "further_inputs", ["memory", "more"])
    with pytest.raises(edits.EditError, match="further_inputs names 'input', which stands for the first"):
        edits.set_field(decoder(2), [("decoder",)], "further_inputs", ["input"])


def test_a_longer_list_of_names_lets_the_nearest_in() -> None:
    design = Design(layers=(IMAGE, Identity(name="a"), Identity(name="b"), Block(name="c", layers=(same("conv"),))))
    edit = edits.set_field(design, [("c",)], "further_inputs", ["skip"])
    block = edit.design.layers[-1]
    assert isinstance(block, Block)
    assert (block.inputs, block.further_inputs, edit.notes) == (("b", "a"), ("skip",), ("'skip' is 'a'.",))
