"""Shared weights through edits: the users stay alike, paths follow, and the first of them owns the weights."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from cnnstudio.authoring.retyping import change_type
from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.edits import (
    Edit,
    EditError,
    group,
    insert,
    keeping_shares,
    move,
    remove,
    rename,
    set_field,
    share,
    ungroup,
    unshare,
    use_again,
)
from cnnstudio.core.network.design import Block, Design, ItemPath, find, items_of, structure_faults, walk
from cnnstudio.layers.merge import Add
from tests.networks import conv, design_of, relu

THREE = design_of(conv("a"), conv("b", shares="a"), conv("c", shares="a"))
TOWERS = design_of(
    Block(name="left", layers=(conv("a"), relu("r"))),
    Block(name="right", layers=(conv("a"), relu("r")), inputs=("image",), shares="left"),
    conv("head", shares="left/a"),
)


def shares_of(design: Design) -> dict[str, str]:
    """The owners that items of a design name, by their paths."""
    return {"/".join(path): item.shares for path, item in walk(design.layers) if item.shares}


def kept(before: Design, edit: Edit) -> Design:
    """The design after an edit, in which nothing is wrong with sharing."""
    design = keeping_shares(before, edit).design
    assert not [problem for problem in analyze(design).problems if problem.rule.startswith("shares")]
    return design


def test_who_comes_next_owns_the_weights_of_a_deleted_owner() -> None:
    edit = keeping_shares(THREE, remove(THREE, [("a",)]))
    assert shares_of(edit.design) == {"c": "b"}
    assert "'b' has the weights now that it shared with others." in edit.notes
    assert analyze(edit.design).totals.parameters == analyze(THREE).totals.parameters


def test_a_user_of_a_layer_in_a_deleted_block_keeps_its_weights() -> None:
    assert shares_of(kept(TOWERS, remove(TOWERS, [("left",)]))) == {"head": "right/a"}


@pytest.mark.parametrize("changed", ["a", "b"])
def test_a_field_of_one_user_changes_for_all(changed: str) -> None:
    edit = keeping_shares(THREE, set_field(THREE, [(changed,)], "kernel_size", 5))
    assert [getattr(item, "kernel_size", None) for item in edit.design.layers[1:]] == [5, 5, 5]
    assert len(edit.notes) == 2


@pytest.mark.parametrize("tower", ["left", "right"])
def test_what_is_put_into_one_block_is_put_into_all(tower: str) -> None:
    design = kept(TOWERS, insert(TOWERS, ((tower,), 1), [conv("new")]))
    assert [[item.name for item in block.layers] for block in design.layers if isinstance(block, Block)] == [
        ["a", "new", "r"],
        ["a", "new", "r"],
    ]


def test_paths_follow_a_name() -> None:
    assert shares_of(kept(THREE, rename(THREE, ("a",), "first"))) == {"b": "first", "c": "first"}
    assert shares_of(kept(TOWERS, rename(TOWERS, ("left",), "tower"))) == {"right": "tower", "head": "tower/a"}
    inner = kept(TOWERS, rename(TOWERS, ("left", "a"), "stem"))
    assert shares_of(inner) == {"right": "left", "head": "left/stem"}
    assert find(inner, ("right", "stem")).name == "stem"


def test_paths_follow_into_a_group_and_out_of_it() -> None:
    grouped = kept(THREE, group(THREE, [("a",), ("b",)]))
    assert shares_of(grouped) == {"block_1/b": "block_1/a", "c": "block_1/a"}
    assert shares_of(kept(grouped, ungroup(grouped, [("block_1",)]))) == {"b": "a", "c": "a"}


def test_the_first_of_them_owns_the_weights_wherever_it_is_moved() -> None:
    moved = kept(THREE, move(THREE, [("a",)], ((), 4)))
    assert [item.name for item in moved.layers] == ["image", "b", "c", "a"]
    assert shares_of(moved) == {"c": "b", "a": "b"}


def test_a_layer_of_another_type_leaves_the_others_together() -> None:
    design = kept(THREE, change_type(THREE, [("a",)], "DepthwiseConv2D"))
    assert shares_of(design) == {"c": "b"}
    assert shares_of(kept(THREE, change_type(THREE, [("b",)], "DepthwiseConv2D"))) == {"c": "a"}


def test_a_layer_is_used_again_below_itself() -> None:
    edit = use_again(design_of(conv("a")), [("a",)])
    assert edit.label == "Use a again with the same weights"
    (new,) = edit.focus
    assert find(edit.design, new).shares == "a"
    again = use_again(edit.design, [new])
    assert find(again.design, again.focus[0]).shares == "a"


def test_sharing_takes_the_fields_and_ending_it_leaves_them() -> None:
    design = design_of(conv("a", filters=4), conv("b", filters=5))
    shared = share(design, ("b",), ("a",)).design
    assert (getattr(find(shared, ("b",)), "filters", 0), find(shared, ("b",)).shares) == (4, "a")
    assert unshare(shared, [("b",)]).design == design_of(conv("a", filters=4), conv("b", filters=4))
    # What was given weights of its own is not given those of the others again.
    assert shares_of(kept(THREE, unshare(THREE, [("b",)]))) == {"c": "a"}


def test_what_cannot_be_shared_is_refused() -> None:
    design = design_of(conv("a"), relu("b"))
    with pytest.raises(EditError, match="of another type than 'a'"):
        share(design, ("b",), ("a",))
    with pytest.raises(EditError, match="select layers that share"):
        unshare(design, [("a",)])


def test_a_design_without_sharing_is_left_alone() -> None:
    paths: list[ItemPath] = [("a",)]
    design = design_of(conv("a"))
    edit = remove(design, paths)
    assert keeping_shares(design, edit) is edit


def test_what_names_weights_of_another_type_is_left_alone() -> None:
    """It shares nothing, which is a problem of the design; an edit must not take the two for one."""
    block = Block(name="block", layers=(relu("r"),), shares="a")
    design = design_of(conv("a"), block, structs.replace(relu("other"), shares="block"))
    changed = keeping_shares(design, set_field(design, [("a",)], "filters", 5)).design
    assert changed.layers[2:] == design.layers[2:]
    assert getattr(find(changed, ("a",)), "filters", None) == 5


NESTED = design_of(
    conv("a"),
    Block(name="b", layers=(conv("c"), Block(name="e", layers=(conv("f"), relu("g"))))),
    relu("h"),
)


def drawn_edit(data: st.DataObject, design: Design) -> Edit:
    """Some edit, more often one that lets weights be used again; EditError where it cannot be."""
    every = [path for path, _ in walk(design.layers)]
    some = data.draw(st.lists(st.sampled_from(every), min_size=1, max_size=2, unique=True))
    lists = [(), *(path for path, item in walk(design.layers) if isinstance(item, Block))]
    parent = data.draw(st.sampled_from(lists))
    place = (parent, data.draw(st.integers(0, len(items_of(design, parent)))))
    makers: dict[str, Callable[[], Edit]] = {
        "again": lambda: use_again(design, some, place),
        "again below": lambda: use_again(design, some),
        "share": lambda: share(design, some[0], some[-1]),
        "group": lambda: group(design, some),
        "ungroup": lambda: ungroup(design, some),
        "rename": lambda: rename(design, some[0], data.draw(st.sampled_from(["x", "y"]))),
        "remove": lambda: remove(design, some),
        "move": lambda: move(design, some, place),
        "field": lambda: set_field(design, some[:1], "filters", 5),
    }
    return makers[data.draw(st.sampled_from(sorted(makers)))]()


@given(data=st.data())
def test_any_sequence_of_edits_with_shared_weights_leaves_a_valid_design(data: st.DataObject) -> None:
    """Blocks that share are made alike with all that is in them, and some of that may share too."""
    design = NESTED
    for _ in range(12):
        try:
            edit = drawn_edit(data, design)
        except EditError:
            continue
        design = keeping_shares(design, edit).design
        assert not list(structure_faults(design.layers))
        if not 0 < len(list(walk(design.layers))) < 60:
            break


def test_a_block_does_not_share_with_one_that_takes_less() -> None:
    add = Add(name="sum", inputs=("input", "other"))
    two = Block(name="two", inputs=("image", "c"), further_inputs=("other",), layers=(add,))
    design = design_of(conv("c"), Block(name="one", layers=(conv("a"),)), two)
    with pytest.raises(EditError, match="the block takes one input, 'input', and inputs names 2"):
        share(design, ("two",), ("one",))


def test_a_block_is_not_used_again_inside_itself() -> None:
    design = design_of(Block(name="stage", layers=(conv("a"), Block(name="inner", layers=(conv("b"),)))))
    for place in ((("stage",), 1), (("stage", "inner"), 0)):
        with pytest.raises(EditError, match="'stage' would share its weights with itself"):
            use_again(design, [("stage",)], place)
