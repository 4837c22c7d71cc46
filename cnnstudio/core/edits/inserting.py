"""Puts new items into a list, and copies of those that are there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import structs

from cnnstudio.core.edits.edit import Edit, EditError, Place, labelled, names_of
from cnnstudio.core.edits.lists import Items, chosen, with_list
from cnnstudio.core.edits.naming import fresh
from cnnstudio.core.edits.rewiring import renamed, repaired, takes_input, taking
from cnnstudio.core.edits.splicing import Arrival, above, put_beside, put_in_chain, without_saying
from cnnstudio.core.network.design import Design, Item, ItemPath, index_of, items_of
from cnnstudio.core.network.wiring import all_feeds, names_inside, taken_by, taken_names


def insert(design: Design, place: Place, items: Sequence[Item]) -> Edit:
    """Puts items into a list; names that are taken or missing get the next free one, inputs follow.

    Where they go on with what stands above them, all that took it takes the last of them: deleting them again
    restores the connections. Items that name something else to take are a branch of their own.
    """
    edit, new_names = _inserted(design, place, items)
    return structs.replace(edit, notes=(*new_names, *edit.notes))


def _inserted(design: Design, place: Place, items: Sequence[Item]) -> tuple[Edit, tuple[str, ...]]:
    """The edit, which says nothing of new names; and the notes that do."""
    parent, index = place
    layers, inside = items_of(design, parent), names_inside(design, parent)
    # A drop below the last row and a list that shrank meanwhile both ask for a place beyond the end.
    index = max(0, min(index, len(layers)))
    added, new_names = fresh(tuple(items), taken_names(design, parent))
    # Items from the clipboard may name layers of another design, or of another list of this one.
    merged, lost = repaired((*layers[:index], *added, *layers[index:]), inside=inside)
    end = index + len(added)
    if added:
        took = all_feeds(layers, inside=inside)
        arrival = Arrival(merged[:index], merged[index:end], merged[end:], took, inside)
        merged, said = put_in_chain(arrival) if arrival.through else put_beside(arrival)
        lost += said
    focus = tuple((*parent, item.name) for item in added)
    return Edit(with_list(design, parent, merged), f"Add {names_of(added)}", focus, lost), new_names


def insert_on(design: Design, path: ItemPath, source: str, items: Sequence[Item]) -> Edit:
    """Puts items on the one connection by which an item takes `source`: others that take it go on doing so.

    Raises EditError where there is no such connection, or where the items cannot go on with it.
    """
    parent, index = path[:-1], index_of(design, path)
    layers, inside = items_of(design, parent), names_inside(design, parent)
    took = all_feeds(layers, inside=inside)
    if source not in took[path[-1]]:
        raise EditError(f"'{path[-1]}' does not take '{source}'.")
    added, new_names = fresh(tuple(items), taken_names(design, parent))
    if not added or not takes_input(added[0]):
        raise EditError(f"{names_of(added) or 'nothing'} cannot go between '{source}' and '{path[-1]}'.")
    added = (taking(added[0], (source,)), *added[1:])
    inputs = renamed(took[path[-1]], {source: added[-1].name})
    target = taking(layers[index], inputs)
    arrival = Arrival(layers[:index], added, (target, *layers[index + 1 :]), took, inside)
    merged = without_saying(arrival.list, {added[0].name, target.name}, inside=inside)
    focus = tuple((*parent, item.name) for item in added)
    label = f"Insert {names_of(added)} between {source} and {path[-1]}"
    return Edit(with_list(design, parent, merged), label, focus, new_names)


def paste(design: Design, place: Place, items: Sequence[Item]) -> Edit:
    """Puts copies of items into a list: what flowed into the first of them is there what stands above the place."""
    entry = items[0].inputs[:1] if items else ()
    return insert(design, place, _entered(design, place, items, entry))


def duplicate(design: Design, paths: Iterable[ItemPath], place: Place | None = None) -> Edit:
    """Puts copies of the items below the last of them, or at a place.

    The copies keep connections among themselves; what flowed into the first is there what stands above them.
    Raises EditError if nothing is selected.
    """
    found = chosen(design, paths)
    if not found:
        raise EditError("select the layers to duplicate first.")
    ordered = list(found)
    first, last = ordered[0], ordered[-1]
    at = place or (last[:-1], index_of(design, last) + 1)
    entry = taken_by(design, first)[:1]
    edit, _ = _inserted(design, at, _entered(design, at, list(found.values()), entry))
    return structs.replace(edit, label=f"Duplicate {labelled(ordered)}")


def _entered(design: Design, place: Place, items: Sequence[Item], entry: tuple[str, ...]) -> Items:
    """Copies that take what stands above a place wherever the originals took their `entry`."""
    parent, index = place
    layers = items_of(design, parent)
    source = above(layers, max(0, min(index, len(layers))), inside=names_inside(design, parent))
    if not source or not entry or entry[0] in {item.name for item in items}:
        return tuple(items)
    new = {entry[0]: source}
    first, *others = [structs.replace(item, inputs=renamed(item.inputs, new)) for item in items]
    return (structs.replace(first, inputs=()) if first.inputs == (source,) else first, *others)
