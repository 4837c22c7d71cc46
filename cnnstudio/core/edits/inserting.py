"""Puts new items into a list, and copies of those that are there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import structs

from cnnstudio.core.edits.edit import Edit, EditError, Place, labelled, names_of
from cnnstudio.core.edits.lists import chosen, with_list
from cnnstudio.core.edits.naming import fresh
from cnnstudio.core.edits.rewiring import broken_chains, repaired
from cnnstudio.core.network.design import Design, Item, ItemPath, index_of, items_of
from cnnstudio.core.network.wiring import all_feeds


def insert(design: Design, place: Place, items: Sequence[Item]) -> Edit:
    """Puts items into a list; names that are taken or missing get the next free one, inputs follow."""
    parent, index = place
    layers = items_of(design, parent)
    index = max(0, min(index, len(layers)))
    added, renamed = fresh(tuple(items), {item.name for item in layers})
    merged, notes = repaired((*layers[:index], *added, *layers[index:]), inside=bool(parent))
    focus = tuple((*parent, item.name) for item in added)
    broken = broken_chains(merged, all_feeds(layers, inside=bool(parent)), {item.name for item in added})
    return Edit(with_list(design, parent, merged), f"Add {names_of(added)}", focus, (*renamed, *notes, *broken))


def duplicate(design: Design, paths: Iterable[ItemPath], place: Place | None = None) -> Edit:
    """Puts copies of the items below the last of them, or at a place; the copies keep connections among themselves.

    Raises EditError if nothing is selected.
    """
    found = chosen(design, paths)
    if not found:
        raise EditError("select the layers to duplicate first.")
    ordered = list(found)
    last = ordered[-1]
    at = place or (last[:-1], index_of(design, last) + 1)
    edit = insert(design, at, list(found.values()))
    return structs.replace(edit, label=f"Duplicate {labelled(ordered)}", notes=())
