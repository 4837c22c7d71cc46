"""Blocks: made of layers, dissolved into layers, repeated; and that the numbers stay the same."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec import structs

from cnnstudio.core import edits
from cnnstudio.core.arithmetic.receptive_field import ReceptiveField
from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.counting.rows import Row, Totals
from cnnstudio.core.edits import EditError
from cnnstudio.core.edits.ungrouping import MAX_UNROLLED
from cnnstudio.core.network.design import Block, Design, FurtherOutput, Item, ItemPath, structure_faults, walk
from cnnstudio.layers.convolution import Conv2D
from cnnstudio.layers.merge import Add, Concat
from cnnstudio.layers.reshaping import Flatten
from cnnstudio.layers.structure import Input, Output
from tests.networks import conv, design_of, drawn, paths, relu
from tests.strategies import designs


def residual() -> Design:
    return design_of(
        conv("a"), relu("b"), conv("c"), Add(name="sum", inputs=("c", "a")), relu("d"), Flatten(name="flat")
    )


def test_group_a_chain() -> None:
    edit = edits.group(residual(), paths("d", "flat"))
    assert drawn(edit.design) == "image a b c sum<c,a block_1(d flat)"
    assert (edit.label, edit.focus, edit.notes) == ("Group 2 layers as block_1", (("block_1",),), ())


def test_group_names_what_flows_in_input() -> None:
    edit = edits.group(residual(), paths("b", "c", "sum"), "stage")
    assert drawn(edit.design) == "image a stage(b c sum<c,input) d flat"


def test_group_one_layer() -> None:
    edit = edits.group(residual(), paths("b"))
    assert drawn(edit.design) == "image a block_1(b) c sum<c,a d flat"
    assert edit.label == "Group b as block_1"


def test_a_block_may_be_called_as_what_it_holds() -> None:
    edit = edits.group(residual(), paths("b", "c"), "b")
    assert drawn(edit.design) == "image a b(b c) sum<b,a d flat"


def test_group_whoever_took_the_last_by_name_takes_the_block() -> None:
    design = design_of(conv("a"), relu("b"), conv("c"), Add(name="sum", inputs=("c", "b")))
    edit = edits.group(design, paths("a", "b"))
    assert drawn(edit.design) == "image block_1(a b) c sum<c,block_1"
    assert edit.notes == ("'sum' took 'b' and now takes 'block_1'.",)


def test_group_takes_its_source_by_name_where_that_is_not_the_item_before() -> None:
    design = design_of(conv("a"), conv("b"), conv("short", "a"), relu("e"), Add(name="sum", inputs=("b", "e")))
    edit = edits.group(design, paths("short", "e"))
    assert drawn(edit.design) == "image a b block_1(short e)<a sum<b,block_1"


def test_group_with_something_between_moves_that_above() -> None:
    design = design_of(
        conv("a"), conv("b"), conv("side", "image"), relu("c", "b"), Concat(name="sum", inputs=("c", "side"))
    )
    edit = edits.group(design, paths("b", "c"))
    assert drawn(edit.design) == "image a side<image block_1(b c)<a sum<block_1,side"
    assert edit.notes == (
        "'side' moved above the block, out of the way.",
        "'sum' took 'c' and now takes 'block_1'.",
    )


def test_group_keeps_the_chain_of_what_moved_out_of_the_way() -> None:
    """`side` says nothing and takes the item before it, which is not so any more when it moves."""
    design = design_of(conv("a"), Input(name="other", size=(8, 8), channels=4), relu("side"), conv("b", "a"), relu("c"))
    edit = edits.group(design, paths("a", "b", "c"))
    assert drawn(edit.design) == "image other side block_1(a b c)<image"
    assert analyze(edit.design).totals == analyze(design).totals


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        ((), "select the layers to group first"),
        (("image", "a"), "nothing flows into 'image', and a block needs an input; leave it outside"),
    ],
)
def test_group_refuses(names: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(EditError, match=sentence):
        edits.group(residual(), paths(*names))


def test_group_refuses_layers_of_several_lists_and_taken_names() -> None:
    design = edits.group(residual(), paths("b"), "stage").design
    with pytest.raises(EditError, match="only layers of one list can become a block"):
        edits.group(design, [("a",), ("stage", "b")])
    with pytest.raises(EditError, match="the name 'flat' is taken"):
        edits.group(residual(), paths("b"), "flat")


def test_group_inside_a_block() -> None:
    design = design_of(Block(name="outer", layers=(conv("a"), relu("b"), Add(name="sum", inputs=("b", "input")))))
    edit = edits.group(design, [("outer", "a"), ("outer", "b")])
    assert drawn(edit.design) == "image outer(block_1(a b) sum<block_1,input)"
    edit = edits.group(design, [("outer", "a"), ("outer", "b"), ("outer", "sum")])
    assert drawn(edit.design) == "image outer(block_1(a b sum<b,input))"


def test_ungroup() -> None:
    design = design_of(
        conv("a"), Block(name="stage", layers=(conv("b"), Add(name="sum", inputs=("b", "input")))), relu("c")
    )
    edit = edits.ungroup(design, paths("stage"))
    assert drawn(edit.design) == "image a b sum<b,a c"
    assert (edit.label, edit.focus, edit.notes) == ("Ungroup stage", (("b",), ("sum",)), ())


def test_ungroup_a_block_that_others_take_by_name() -> None:
    stage = Block(name="stage", layers=(conv("b"), relu("c")), inputs=("image",))
    design = design_of(conv("a"), stage, conv("d", "a"), Add(name="sum", inputs=("d", "stage")))
    edit = edits.ungroup(design, paths("stage"))
    assert drawn(edit.design) == "image a b<image c d<a sum<d,c"
    assert edit.notes == ("'sum' took 'stage' and now takes 'c'.",)


def test_ungroup_unrolls_repeats() -> None:
    stage = Block(name="stage", repeat=3, layers=(conv("b"), Add(name="sum", inputs=("b", "input"))))
    edit = edits.ungroup(design_of(stage, relu("c")), paths("stage"))
    assert drawn(edit.design) == "image b_1 sum_1<b_1,image b_2 sum_2<b_2,sum_1 b_3 sum_3<b_3,sum_2 c"
    assert edit.notes == ("'stage' was repeated 3 times: 6 layers stand in its place.",)


def test_ungroup_gives_taken_names_a_number_and_says_so() -> None:
    design = design_of(conv("a"), Block(name="stage", layers=(conv("a"), relu("stage"))), relu("c", "a"))
    edit = edits.ungroup(design, paths("stage"))
    assert drawn(edit.design) == "image a a_1 stage c<a"
    assert edit.notes == ("'a' is now called 'a_1', because that name is taken.",)


def test_ungroup_several_behind_each_other_and_nested() -> None:
    inner = Block(name="inner", layers=(conv("x"),))
    design = design_of(Block(name="one", repeat=2, layers=(conv("a"),)), Block(name="two", layers=(inner, relu("b"))))
    edit = edits.ungroup(design, paths("one", "two"))
    assert drawn(edit.design) == "image a_1 a_2 inner(x) b"
    assert edit.label == "Ungroup 2 blocks"
    edit = edits.ungroup(design, [("two", "inner")])
    assert drawn(edit.design) == "image one×2(a) two(x b)"


def test_ungroup_leaves_what_takes_something_that_the_block_does_not_give() -> None:
    block = Block(name="stage", layers=(conv("a"), relu("b")))
    design = design_of(block, FurtherOutput(name="state", output="state", inputs=("stage",)))
    assert drawn(edits.ungroup(design, paths("stage")).design) == "image a b state<b"


def test_ungroup_refuses() -> None:
    with pytest.raises(EditError, match="select a block to ungroup it"):
        edits.ungroup(residual(), paths("a"))
    design = design_of(Block(name="long", repeat=MAX_UNROLLED, layers=(conv("a"), relu("b"))))
    with pytest.raises(EditError, match="'long' is repeated 2,000 times, and ungrouping it would make 4,000 layers"):
        edits.ungroup(design, paths("long"))


def test_repeat_a_block_and_layers() -> None:
    design = edits.group(residual(), paths("b", "c", "sum"), "stage").design
    edit = edits.repeat(design, paths("stage"), 4)
    assert drawn(edit.design) == "image a stage×4(b c sum<c,input) d flat"
    assert edit.label == "Repeat stage × 4"
    edit = edits.repeat(residual(), paths("b", "c", "sum"), 2)
    assert drawn(edit.design) == "image a block_1×2(b c sum<c,input) d flat"
    assert (edit.label, edit.focus) == ("Repeat 3 layers × 2", (("block_1",),))
    with pytest.raises(EditError, match="repeat must be a whole number from 1 to 10,000, and received 0"):
        edits.repeat(design, paths("stage"), 0)
    with pytest.raises(EditError, match="select a block, or the layers to repeat, first"):
        edits.repeat(design, [], 2)


def test_what_does_not_fit_when_repeated_is_a_problem_of_the_analysis() -> None:
    halved = Conv2D(name="half", filters=4, kernel_size=3, stride=2)
    edit = edits.repeat(design_of(halved), paths("half"), 5)
    problem = analyze(edit.design).errors[0]
    assert (problem.path, problem.rule) == ("block_1/half", "window")


@given(data=st.data(), design=designs(counted=True))
def test_unrolled_counts_as_repeated(data: st.DataObject, design: Design) -> None:
    blocks = [path for path, item in walk(design.layers) if isinstance(item, Block) and not item.time_distributed]
    assume(blocks)
    path = data.draw(st.sampled_from(blocks))
    edit = edits.ungroup(design, [path])
    assert list(structure_faults(edit.design.layers)) == []
    assert analyze(edit.design).totals == analyze(design).totals
    assert list(map(without_place, analyze(edit.design).rows)) == list(map(without_place, analyze(design).rows))


def without_place(row: Row) -> Row:
    """The row without anything that says where it stands, or from which input something comes."""
    fields = tuple(map(unnamed, row.input_fields))
    values = {"receptive_field": unnamed(row.receptive_field), "input_fields": fields, "layer": nameless(row.layer)}
    return structs.replace(row, path="", place="", inputs=(), **values)


def unnamed(field: ReceptiveField | None) -> ReceptiveField | None:
    if field is None:
        return None
    others = tuple(structs.replace(other, origin="") for other in field.others)
    return structs.replace(field, origin="", others=others)


def nameless(layer: Item) -> Item:
    return structs.replace(layer, name="", inputs=())


@given(data=st.data(), design=designs(counted=True))
def test_grouped_counts_as_before(data: st.DataObject, design: Design) -> None:
    parents: list[ItemPath] = [(), *(path for path, item in walk(design.layers) if isinstance(item, Block))]
    parent = data.draw(st.sampled_from(parents))
    names = [item.name for item in edits.items_of(design, parent)]
    some = data.draw(st.lists(st.sampled_from(names), min_size=1, unique=True))
    try:
        edit = edits.group(design, [(*parent, name) for name in some])
    except EditError:
        assume(False)
        return
    assert list(structure_faults(edit.design.layers)) == []
    # What only takes an output of the block is a layer more, and costs nothing.
    assert _sums(edit.design) == _sums(design)
    apart = edits.ungroup(edit.design, edit.focus).design
    # What ends a block in its place, where it gives more than its output, stays.
    assert _sums(apart) == _sums(design)


def _sums(design: Design) -> Totals:
    return structs.replace(analyze(design).totals, layers=0)


def test_an_output_inside_is_kept() -> None:
    design = design_of(conv("a"), relu("head", "image"), Output(name="out"), relu("b", "a"))
    edit = edits.group(design, paths("head", "out"))
    assert drawn(edit.design) == "image a block_1(head out)<image b<a"
