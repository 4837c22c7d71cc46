"""Layers that a file uses several times, as items that share weights."""

from __future__ import annotations

from msgspec import structs

from cnnstudio.core.edits.fields import with_items
from cnnstudio.core.network.design import Block, Design, Item, ItemPath, find, path_from, path_text, walk
from cnnstudio.core.network.sharing import differing
from cnnstudio.formats.foreign.assembly.writing import Places
from cnnstudio.formats.foreign.draft import Draft


def sharing(design: Design, draft: Draft, places: Places) -> Design:
    """The design in which the items of steps that share weights say so, blocks as a whole where all of them do."""
    users = [
        (places[at], step.shares) for at, step in enumerate(draft.steps) if step.shares is not None and at in places
    ]
    # Of equal blocks that follow each other only the first is written, so that an owner may have no path.
    found: dict[ItemPath, Item] = {
        path: structs.replace(find(design, path), shares=path_text(places[owner]))
        for path, owner in users
        if owner in places
    }
    if not found:
        return design
    design = with_items(design, found)
    for path, item in walk(design.layers):
        if isinstance(item, Block):
            design = _as_a_whole(design, path, item)
    return design


def _as_a_whole(design: Design, path: ItemPath, block: Block) -> Design:
    """The design in which a block that has all the weights of another says so, and not the layers in it."""
    inner = [(below[len(path) :], item.shares) for below, item in walk(block.layers, path) if item.shares]
    targets = {path_from(owner)[: -len(below)] for below, owner in inner if path_from(owner)[-len(below) :] == below}
    if len(targets) != 1:
        return design
    target = next(iter(targets))
    try:
        owner = find(design, target) if target else None
    except KeyError:
        owner = None
    if not isinstance(owner, Block) or differing(block, owner):
        return design
    whole = structs.replace(block, shares=path_text(target), layers=owner.layers)
    return with_items(design, {path: whole})
