"""Nothing is rewired silently: whoever takes something else after an edit is named in its notes, or in the chain."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cnnstudio.core import edits
from cnnstudio.core.edits import Edit, EditError
from cnnstudio.core.network.design import Block, Design, Item, ItemPath, items_of, structure_faults, walk
from cnnstudio.core.network.layer import Layer
from cnnstudio.core.network.wiring import all_feeds, names_inside
from cnnstudio.layers.convolution import Conv2D
from cnnstudio.layers.merge import Add
from cnnstudio.layers.structure import Identity, Input, Output
from cnnstudio.layers.tensors.reductions import Stack
from tests.strategies import designs


def lists_of(design: Design) -> list[ItemPath]:
    return [(), *(path for path, item in walk(design.layers) if isinstance(item, Block))]


def require_said(before: Design, edit: Edit, parent: ItemPath, gone: set[str], arrived: set[str]) -> None:
    """Every item of a list that takes something else now is named in a note, or goes on in its chain.

    A chain goes on where an item that says nothing takes what the gone item before it took, or an arrived item which
    itself takes what it took.
    """
    inside = names_inside(before, parent)
    took = all_feeds(items_of(before, parent), inside=inside)
    after = items_of(edit.design, parent)
    takes = all_feeds(after, inside=inside)
    said = " ".join(edit.notes)
    for item in after:
        name = item.name
        if name in arrived or name not in took or took[name] == takes[name] or f"'{name}' took" in said:
            continue
        assert is_chain(item, took, takes, gone, arrived), f"{name}: {took[name]} -> {takes[name]}, said: {said!r}"


def is_chain(
    item: Item, took: dict[str, tuple[str, ...]], takes: dict[str, tuple[str, ...]], gone: set[str], arrived: set[str]
) -> bool:
    if item.inputs:
        return False
    wanted = took[item.name][:1]
    while wanted and wanted[0] in gone:
        wanted = took[wanted[0]][:1]
    return not wanted or wanted[0] in _behind_arrivals(takes[item.name], takes, arrived)


def _behind_arrivals(names: tuple[str, ...], takes: dict[str, tuple[str, ...]], arrived: set[str]) -> set[str]:
    """The items taken, directly or through items that arrived."""
    found: set[str] = set()
    for name in names:
        found |= _behind_arrivals(takes[name], takes, arrived) if name in arrived else {name}
    return found


@given(data=st.data(), design=designs())
def test_deleting(data: st.DataObject, design: Design) -> None:
    parent = data.draw(st.sampled_from(lists_of(design)))
    names = [item.name for item in items_of(design, parent)]
    some = data.draw(st.lists(st.sampled_from(names), min_size=1, unique=True))
    try:
        edit = edits.remove(design, [(*parent, name) for name in some])
    except EditError:
        assume(False)
        return
    require_said(design, edit, parent, set(some), set())


@given(data=st.data(), design=designs())
def test_moving(data: st.DataObject, design: Design) -> None:
    parent = data.draw(st.sampled_from(lists_of(design)))
    names = [item.name for item in items_of(design, parent)]
    some = data.draw(st.lists(st.sampled_from(names), min_size=1, unique=True))
    place = (parent, data.draw(st.integers(0, len(names))))
    try:
        edit = edits.move(design, [(*parent, name) for name in some], place)
    except EditError:
        assume(False)
        return
    require_said(design, edit, parent, set(some), set(some))


@given(data=st.data(), design=designs())
def test_moving_from_one_list_to_another(data: st.DataObject, design: Design) -> None:
    lists = lists_of(design)
    assume(len(lists) > 1)
    source, target = data.draw(st.permutations(lists))[:2]
    names = [item.name for item in items_of(design, source)]
    some = data.draw(st.lists(st.sampled_from(names), min_size=1, unique=True))
    place = (target, data.draw(st.integers(0, len(items_of(design, target)))))
    try:
        edit = edits.move(design, [(*source, name) for name in some], place)
    except EditError:
        assume(False)
        return
    arrived = {path[-1] for path in edit.focus}
    if source[: len(target)] != target:
        require_said(design, edit, target, set(), arrived)
    if target[: len(source)] != source:
        require_said(design, edit, source, set(some), set())


@given(data=st.data(), design=designs())
def test_inserting(data: st.DataObject, design: Design) -> None:
    parent = data.draw(st.sampled_from(lists_of(design)))
    items = [item for _, item in walk(design.layers)]
    some = data.draw(st.lists(st.sampled_from(items), min_size=1, max_size=3))
    edit = edits.insert(design, (parent, data.draw(st.integers(0, len(items_of(design, parent))))), some)
    require_said(design, edit, parent, set(), {path[-1] for path in edit.focus})


@pytest.mark.parametrize("new", [Output(), Identity(), Input(size=8, channels=3), Identity(inputs=("image",))])
@pytest.mark.parametrize("merge", [Add(name="sum"), Stack(name="sum")])
def test_a_merge_that_is_not_connected_yet_names_no_single_input(merge: Layer, new: Layer) -> None:
    """A file that names one input of a sum could not be read again."""
    start, conv = Input(name="image", size=8, channels=3), Conv2D(name="conv", filters=3, kernel_size=3)
    design = Design(layers=(start, conv, merge, Identity(name="last")))
    for place in range(5):
        inserted = edits.insert(design, ((), place), [new])
        assert not list(structure_faults(inserted.design.layers))
    for name in ("image", "conv", "sum", "last"):
        changed = [edits.remove(design, [(name,)])] if name != "sum" else []
        changed += [edit for place in range(5) for edit in moved(design, name, place)]
        assert not [fault for edit in changed for fault in structure_faults(edit.design.layers)]


def moved(design: Design, name: str, place: int) -> list[Edit]:
    """The move of an item, unless it is refused."""
    try:
        return [edits.move(design, [(name,)], ((), place))]
    except EditError:
        return []
