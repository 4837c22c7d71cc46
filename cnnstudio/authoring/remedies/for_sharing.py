"""Remedies for layers that cannot share the weights that they name."""

from __future__ import annotations

from msgspec import structs

from cnnstudio.authoring.remedies.case import Case, Remedies, Remedy
from cnnstudio.core.edits import Edit, share, unshare
from cnnstudio.core.edits.fields import with_items
from cnnstudio.core.network.design import Block, ItemPath, find, path_from, path_text, walk
from cnnstudio.core.network.sharing import differing


def same_as_owner(case: Case) -> Remedies:
    """The fields of the owner, or weights of its own."""
    owner = path_from(case.item.shares)
    try:
        other = find(case.design, owner)
    except KeyError:
        other = None
    if type(other) is type(case.item):
        yield Remedy(f"Make it the same as '{case.item.shares}'", lambda: share(case.design, case.path, owner))
    yield from own_weights(case)


def share_the_other_way(case: Case) -> Remedies:
    """The later one shares the weights of this."""
    later = path_from(case.item.shares)
    yield Remedy(f"Let '{case.item.shares}' share the weights of this", lambda: _turned(case, later))
    yield from own_weights(case)


def share_nearest(case: Case) -> Remedies:
    """The weights of an earlier item that is the same, or its own."""
    for path in _alike(case)[-1:]:
        text = f"Share the weights of '{path_text(path)}'"
        yield case.sets(text, shares=path_text(path))
    yield from own_weights(case)


def own_weights(case: Case) -> Remedies:
    """Weights of its own."""
    yield Remedy("Give it weights of its own", lambda: unshare(case.design, [case.path]))


def _turned(case: Case, later: ItemPath) -> Edit:
    items = {
        case.path: structs.replace(case.item, shares=""),
        later: structs.replace(find(case.design, later), shares=path_text(case.path)),
    }
    return Edit(with_items(case.design, items), f"Share the weights of {case.path[-1]} with {later[-1]}", (case.path,))


def _alike(case: Case) -> list[ItemPath]:
    """The items before it that are the same and stand in no block that is repeated."""
    found: list[ItemPath] = []
    for path, item in walk(case.design.layers):
        if path == case.path:
            break
        blocks = [find(case.design, path[:depth]) for depth in range(1, len(path))]
        runs_once = not any(isinstance(block, Block) and block.repeat > 1 for block in blocks)
        if type(item) is type(case.item) and not item.shares and runs_once and not differing(item, case.item):
            found.append(path)
    return found
