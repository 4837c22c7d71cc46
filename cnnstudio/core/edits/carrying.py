"""Carries items from their place to another, their connections put in order there in one way or another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from msgspec import structs

from cnnstudio.core.edits.edit import Edit, Place, labelled
from cnnstudio.core.edits.lists import Change, Items, by_list, chosen, with_lists
from cnnstudio.core.edits.naming import fresh
from cnnstudio.core.edits.removing import require_rest, without
from cnnstudio.core.edits.rewiring import ending_note, led_on, repaired, source_of, unused_note
from cnnstudio.core.edits.splicing import Arrival, above, put_beside, put_in_chain, put_on_next
from cnnstudio.core.network.design import Design, Item, ItemPath, items_of
from cnnstudio.core.network.problem import listed
from cnnstudio.core.network.wiring import all_feeds, names_inside, taken_by, taken_names

Way = Callable[[Items, Arrival], tuple[Items, tuple[str, ...]]]
"""Makes the list with items in their new place, and notes of what changed, of the list before and the arrival."""


def carried(design: Design, ordered: Sequence[ItemPath], place: Place, way: Way) -> Edit:
    """The items, in the order of the list, in a place that counts the list before the move.

    EditError if nothing would be left of a block.
    """
    found, (parent, index) = chosen(design, ordered), place
    notes: list[str] = []
    changes: dict[ItemPath, Change] = {}
    for other, gone in by_list(ordered).items():
        if other != parent:
            require_rest(design, other, gone, "move")
            changes[other] = partial(without, other, gone, names_inside(design, other), notes)
    layers, own = items_of(design, parent), {path[-1] for path in ordered if path[:-1] == parent}
    arriving = _arriving(design, found, parent, taken_names(design, parent) - own, notes)
    above_it = [item.name for item in layers[:index] if item.name not in own]
    # Inside the walk: what moves out of a block beside the place has changed that block by then.
    inside = names_inside(design, parent)
    changes[parent] = lambda now: _placed(now, own, len(above_it), arriving, parent, inside, notes, way)
    focus = tuple((*parent, item.name) for item in arriving)
    label = f"Move {labelled(ordered)} " + (f"below {above_it[-1]}" if above_it else "to the top")
    return Edit(with_lists(design, changes), label, focus, tuple(notes))


def in_chain(layers: Items, arrival: Arrival) -> tuple[Items, tuple[str, ...]]:
    """Puts items that stood in a chain into that of their new place; others keep their connections."""
    entry = _entry(layers, arrival)
    return put_beside(arrival) if entry is None else put_in_chain(arrival, entry)


def before_next(_: Items, arrival: Arrival) -> tuple[Items, tuple[str, ...]]:
    """Puts items on the connection that leads to the row below them, whatever stands above."""
    return put_on_next(arrival)


def beside(_: Items, arrival: Arrival) -> tuple[Items, tuple[str, ...]]:
    """Changes the order of the rows, and no connection."""
    return put_beside(arrival)


def _placed(
    layers: Items,
    own: set[str],
    at: int,
    arriving: Items,
    parent: ItemPath,
    inside: tuple[str, ...],
    notes: list[str],
    way: Way,
) -> Items:
    """The list with the moved items in their place; `own` are those that were in it before."""
    rest = tuple([item for item in layers if item.name not in own])
    took = led_on(all_feeds(layers, inside=inside))
    arrival = Arrival(rest[:at], arriving, rest[at:], took, inside, frozenset(own))
    result, said = way(layers, arrival)
    result, lost = repaired(result, inside=inside)
    notes += (*said, *lost)
    if parent:
        notes += ending_note(parent[-1], layers, result, took, arrival.names)
    notes += unused_note(layers, result, inside=inside)
    return result


def _entry(layers: Items, arrival: Arrival) -> str | None:
    """The input of moved items that continue a chain where they are put; None if they keep their connections."""
    name = arrival.items[0].name
    if name not in arrival.own:
        return "" if arrival.through else None
    index = next(index for index, item in enumerate(layers) if item.name == name)
    row_above, taken = above(layers, index, inside=arrival.inside), arrival.took[name]
    if not taken or row_above in taken:
        # A merge gives up the branch with which the chain goes on without it: another one would dangle.
        entry = row_above if not taken or arrival.source in taken else taken[0]
        return None if arrival.is_branch else entry
    if arrival.has_passed_its_takers:
        return "" if arrival.source in taken else taken[0]
    # Above what it took, it takes what that took: if this is the item above it, it is in a chain again.
    lost = next((feed for feed in taken if feed not in arrival.known), "")
    return lost if lost and source_of(lost, arrival.took, arrival.known) == arrival.source else None


def _arriving(
    design: Design, found: dict[ItemPath, Item], parent: ItemPath, taken: set[str], notes: list[str]
) -> Items:
    """The moved items as they arrive in a list: under names that are free there, taking what they took before."""
    siblings = by_list(found)
    carried = []
    for path, item in found.items():
        # Within one list a name means what it meant; across lists it has to be translated or is lost.
        if path[:-1] != parent and item.inputs:
            others = siblings[path[:-1]]
            now = [
                name if name in others else _translated(design, name, path[:-1], parent, others) for name in item.inputs
            ]
            lost = [f"'{name}'" for name, there in zip(item.inputs, now, strict=True) if not there]
            if lost:
                notes.append(f"'{item.name}' took {listed(lost)}, and cannot from its new place.")
            item = structs.replace(item, inputs=tuple(filter(None, now)))
        carried.append(item)
    # Names are unique in a list, so that what only moves within it keeps its own.
    if all(path[:-1] == parent for path in found):
        return tuple(carried)
    arriving, renamed = fresh(tuple(carried), taken)
    notes += renamed
    return arriving


def _translated(design: Design, name: str, source: ItemPath, target: ItemPath, moved: set[str]) -> str:
    """The name in an outer or inner list of what is called `name` in this one; "" where it cannot be taken.

    Outside, the output of a block is the item that ends it once others have `moved` out.
    """
    # First outwards, to the list that both have around them, then inwards to the target.
    while target[: len(source)] != source:
        if name in names_inside(design, source):
            name = dict(_entering(design, source)).get(name, "")
        else:
            # Without those that move along: the block will end in another layer once they have left.
            left = [item.name for item in items_of(design, source) if item.name not in moved]
            # Outside, only the end of a block can be named, and that by the block's own name.
            name = source[-1] if left[-1:] == [name] else ""
        source, moved = source[:-1], set()
    for depth in range(len(source) + 1, len(target) + 1):
        entering = [inside for inside, taken in _entering(design, target[:depth]) if taken == name]
        if not name or not entering:
            return ""
        name = entering[0]
    return name


def _entering(design: Design, path: ItemPath) -> list[tuple[str, str]]:
    """The names of what flows into a block: those inside it, each with that in the list that holds the block."""
    return list(zip(names_inside(design, path), taken_by(design, path), strict=False))
