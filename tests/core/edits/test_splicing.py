"""Items put below a layer go between it and all that take it, in every way of adding; deleting restores that."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from cnnstudio.authoring.blocks.placing import place_building
from cnnstudio.core import edits
from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.edits import Edit, EditError
from cnnstudio.core.network.design import Block, Design, ItemPath, find, items_of, walk
from cnnstudio.core.network.wiring import all_feeds, ends_in_output, names_inside, unused
from cnnstudio.formats.builtin import builtin_paths
from cnnstudio.formats.design_yaml import read_design
from cnnstudio.layers.activation import Activation
from cnnstudio.layers.merge import Add, Concat
from cnnstudio.layers.normalization import BatchNorm
from cnnstudio.layers.regularization import Dropout
from cnnstudio.layers.structure import Identity, Output
from tests.examples import share
from tests.networks import MAP, conv, design_of, drawn
from tests.strategies import designs

SUM = Add(name="add", inputs=("bn2", "relu1"))
BASIC = Design(
    layers=(MAP, conv("stem"), Activation(name="relu1", function="relu"), conv("conv2"), BatchNorm(name="bn2"), SUM)
)
"""A residual connection around conv2 and bn2."""
JOINED = Concat(name="concat", inputs=("b1", "b2", "b3b", "b4"))
MODULE = Design(
    layers=(
        *(MAP, conv("pool"), conv("b1", "pool"), conv("b2", "pool"), conv("b3a", "pool"), conv("b3b")),
        *(conv("b4", "pool"), JOINED),
    )
)
"""Four branches side by side."""

DROP = Dropout(name="drop", rate=0.5)
BLOCK = Design(name="drop", layers=(DROP,))
ADDING: dict[str, Callable[[Design, edits.Place], Edit]] = {
    "palette": lambda design, place: edits.insert(design, place, [DROP]),
    "paste": lambda design, place: edits.paste(design, place, [DROP]),
    "pasted branch": lambda design, place: edits.paste(design, place, [structs.replace(DROP, inputs=("image",))]),
    "building block": lambda design, place: place_building(
        analyze(design), place, [Design(name="drop", layers=(DROP,))]
    ),
    "moved in": lambda design, place: edits.move(with_drop(design), [("drop",)], (place[0], place[1] + 1)),
}


def with_drop(design: Design) -> Design:
    """The design with the dropout at the beginning of its chain."""
    return edits.insert(design, ((), 1), [DROP]).design


@pytest.mark.parametrize("way", ADDING)
@pytest.mark.parametrize(
    ("design", "below", "after", "notes"),
    [
        (
            BASIC,
            "bn2",
            "image stem relu1 conv2 bn2 drop add<drop,relu1",
            ("'add' took 'bn2' and now takes 'drop'.",),
        ),
        (
            MODULE,
            "b1",
            "image pool b1<pool drop b2<pool b3a<pool b3b b4<pool concat<drop,b2,b3b,b4",
            ("'concat' took 'b1' and now takes 'drop'.",),
        ),
        (
            MODULE,
            "b3a",
            "image pool b1<pool b2<pool b3a<pool drop b3b b4<pool concat<b1,b2,b3b,b4",
            (),
        ),
        (
            MODULE,
            "pool",
            "image pool drop b1<drop b2<drop b3a<drop b3b b4<drop concat<b1,b2,b3b,b4",
            tuple(f"'{name}' took 'pool' and now takes 'drop'." for name in ("b1", "b2", "b3a", "b4")),
        ),
    ],
    ids=["before a merge", "one branch", "within a branch", "before a fork"],
)
def test_what_took_the_layer_above_takes_the_new_one(
    way: str, design: Design, below: str, after: str, notes: tuple[str, ...]
) -> None:
    edit = ADDING[way](design, ((), edits.index_of(design, (below,)) + 1))
    assert (drawn(edit.design), edit.notes) == (after, notes)
    assert analyze(edit.design).problems == analyze(design).problems
    assert drawn(edits.remove(edit.design, [("drop",)]).design) == drawn(design)


def test_a_copy_follows_what_it_is_a_copy_of() -> None:
    edit = edits.duplicate(BASIC, [("bn2",)])
    assert drawn(edit.design) == "image stem relu1 conv2 bn2 bn2_1 add<bn2_1,relu1"
    assert edit.notes == ("'add' took 'bn2' and now takes 'bn2_1'.",)
    edit = edits.duplicate(MODULE, [("b2",)])
    assert drawn(edit.design) == "image pool b1<pool b2<pool b2_1 b3a<pool b3b b4<pool concat<b1,b2_1,b3b,b4"


def test_a_copy_of_a_residual_connection_starts_where_it_stands() -> None:
    edit = edits.duplicate(BASIC, [("conv2",), ("bn2",), ("add",)])
    assert drawn(edit.design) == "image stem relu1 conv2 bn2 add<bn2,relu1 conv2_1 bn2_1 add_1<bn2_1,add"
    assert edit.notes == ()


def test_a_building_block_goes_between_too() -> None:
    block = Block(name="block", layers=(conv("a"), conv("b")))
    edit = place_building(analyze(BASIC), ((), 5), [Design(name="b", layers=(block,))])
    assert drawn(edit.design) == "image stem relu1 conv2 bn2 block(a b) add<block,relu1"


def test_at_the_top_of_a_block_it_takes_the_input_from_all() -> None:
    layers = (conv("a"), BatchNorm(name="n"), Add(name="add", inputs=("n", "input")))
    design = Design(layers=(MAP, Block(name="block", layers=layers)))
    edit = edits.insert(design, (("block",), 0), [DROP])
    assert drawn(edit.design) == "image block(drop a n add<n,drop)"
    assert edit.notes == ("'add' took 'input' and now takes 'drop'.",)


def test_on_one_connection_only_its_end_takes_the_new_one() -> None:
    edit = edits.insert_on(MODULE, ("b2",), "pool", [DROP])
    assert drawn(edit.design) == "image pool b1<pool drop<pool b2 b3a<pool b3b b4<pool concat<b1,b2,b3b,b4"
    assert (edit.label, edit.focus, edit.notes) == ("Insert drop between pool and b2", (("drop",),), ())
    edit = edits.insert_on(BASIC, ("add",), "relu1", [DROP])
    assert drawn(edit.design) == "image stem relu1 conv2 bn2 drop<relu1 add<bn2,drop"
    edit = edits.insert_on(BASIC, ("conv2",), "relu1", [DROP])
    assert drawn(edit.design) == "image stem relu1 drop conv2 bn2 add<bn2,relu1"
    with pytest.raises(EditError, match="'add' does not take 'stem'"):
        edits.insert_on(BASIC, ("add",), "stem", [DROP])
    with pytest.raises(EditError, match="image_1 cannot go between 'bn2' and 'add'"):
        edits.insert_on(BASIC, ("add",), "bn2", [MAP])


def test_an_output_is_put_beside_what_goes_on() -> None:
    edit = edits.insert(BASIC, ((), 5), [Output(name="early")])
    assert drawn(edit.design) == "image stem relu1 conv2 bn2 early add<bn2,relu1"
    assert analyze(edit.design).problems == analyze(BASIC).problems


@pytest.mark.parametrize(
    ("moved", "at", "after"),
    [
        ("bn2", 3, "image stem relu1 bn2 conv2 add<conv2,bn2"),
        ("add", 4, "image stem relu1 conv2 add<conv2,relu1 bn2"),
        ("bn2", 6, "image stem relu1 conv2 add<conv2,relu1 bn2"),
    ],
)
def test_what_moves_in_a_chain_is_taken_out_and_put_in(moved: str, at: int, after: str) -> None:
    edit = edits.move(BASIC, [(moved,)], ((), at))
    assert drawn(edit.design) == after
    assert [problem.rule for problem in analyze(edit.design).problems] == []


SHORTCUT = Block(
    name="unit",
    layers=(
        *(conv("conv"), conv("short", "input"), BatchNorm(name="norm"), Add(name="add", inputs=("conv", "norm"))),
        Activation(name="relu", function="relu"),
    ),
)
"""A residual block whose shortcut begins with a layer that says what it takes."""


@pytest.mark.parametrize(
    ("moved", "at", "after"),
    [
        ("short", 3, "conv norm<input short<norm add<conv,short relu"),
        ("short", 4, "conv norm<input add<conv,norm short<add relu"),
        ("short", 5, "conv norm<input add<conv,norm relu short<relu"),
        ("short", 0, "short<input conv<input norm<short add<conv,norm relu"),
    ],
)
def test_the_first_layer_of_a_branch_that_moves_past_what_takes_it_is_put_in_there(
    moved: str, at: int, after: str
) -> None:
    edit = edits.move(design_of(SHORTCUT), [("unit", moved)], (("unit",), at))
    assert drawn(edit.design) == f"image unit({after})"
    assert not [problem for problem in analyze(edit.design).problems if problem.rule == "unused"]


@pytest.mark.parametrize("key", ["resnet-50", "googlenet-caffe", "deeplabv3-resnet50", "xception", "squeezenet-1.0"])
def test_wherever_a_layer_that_takes_one_other_moves_nothing_dangles(key: str) -> None:
    design = read_design(builtin_paths()[key]).design
    for path, item in walk(design.layers):
        parent, layers = path[:-1], items_of(design, path[:-1])
        inside = names_inside(design, parent)
        if len(all_feeds(layers, inside=inside)[item.name]) != 1 or ends_in_output(item):
            continue
        for at in range(edits.index_of(design, path), min(len(layers), edits.index_of(design, path) + 12)):
            if not ends_in_output(layers[at]):
                after = items_of(edits.move(design, [path], (parent, at + 1)).design, parent)
                assert unused(after, inside=inside) == unused(layers, inside=inside), (path, at)


def test_branches_change_places_and_keep_their_connections() -> None:
    edit = edits.move_by(MODULE, [("b1",)], 1)
    assert drawn(edit.design) == "image pool b2<pool b1<pool b3a<pool b3b b4<pool concat<b1,b2,b3b,b4"
    assert edit.notes == ()
    plain = Design(layers=(*MODULE.layers[:2], conv("b1"), *MODULE.layers[3:]))
    edit = edits.move_by(plain, [("b1",)], 1)
    assert drawn(edit.design) == "image pool b2<pool b1<pool b3a<pool b3b b4<pool concat<b1,b2,b3b,b4"
    edit = edits.move_by(plain, [("b2",)], -1)
    assert all_feeds(edit.design.layers, inside=()) == all_feeds(plain.layers, inside=())
    edit = edits.move_by(MODULE, [("b3a",), ("b3b",)], -1)
    assert drawn(edit.design) == "image pool b1<pool b3a<pool b3b b2<pool b4<pool concat<b1,b2,b3b,b4"


@pytest.mark.parametrize("key", ["resnet-18", "googlenet-aux", "densenet-121", "u-net", "mobilenet-v2", "two-stream"])
def test_below_any_layer_of_a_real_network_nothing_dangles(key: str) -> None:
    design = read_design(builtin_paths()[key]).design
    before = analyze(design)
    for path in [path for path, item in walk(design.layers) if not ends_in_output(item)]:
        place = (path[:-1], edits.index_of(design, path) + 1)
        edit = edits.insert(design, place, [Identity(name="new")])
        after = analyze(edit.design, previous=before)
        assert after.problems == before.problems, path
        assert after.totals.parameters == before.totals.parameters, path
        assert after.totals.macs == before.totals.macs, path


@given(data=st.data(), design=designs())
@share(1 / 2)
def test_deleting_what_was_put_in_restores_what_everything_takes(data: st.DataObject, design: Design) -> None:
    parents = [(), *(path for path, item in walk(design.layers) if isinstance(item, Block))]
    parent: ItemPath = data.draw(st.sampled_from(parents))
    layers = items_of(design, parent)
    place = (parent, data.draw(st.integers(0 if parent else 1, len(layers))))
    edit = edits.insert(design, place, [Identity(name="the new one")])
    inside = names_inside(design, parent)
    after = items_of(edits.remove(edit.design, edit.focus).design, parent)
    assert all_feeds(after, inside=inside) == all_feeds(layers, inside=inside)
    source = layers[place[1] - 1].name if place[1] else "input"
    takes = all_feeds(items_of(edit.design, parent), inside=inside)
    assert takes[edit.focus[0][-1]] == (source,)
    below = {item.name for item in layers[place[1] :]}
    assert not any(source in takes[name] for name in below)
    assert find(edit.design, edit.focus[0]).inputs == ()
