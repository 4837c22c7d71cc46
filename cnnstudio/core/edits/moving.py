"""Moves items within a list, and from one list to another, so that the wiring keeps its sense."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

from cnnstudio.core.edits.carrying import before_next, beside, carried, in_chain
from cnnstudio.core.edits.edit import Edit, EditError, Place
from cnnstudio.core.edits.hindrances import hindrance, is_there
from cnnstudio.core.edits.lists import in_order
from cnnstudio.core.network.design import Design, ItemPath, index_of, items_of
from cnnstudio.core.network.problem import listed
from cnnstudio.core.network.wiring import all_feeds, names_inside

MAX_APART = 50
"""Rows that do not belong together and are still moved, each for itself."""

_WAYS = (in_chain, before_next, beside)


def move(design: Design, paths: Iterable[ItemPath], place: Place) -> Edit:
    """Moves items to a place in a list; the index counts the list before the move. EditError where it has no sense.

    What stands in a chain leaves it, and goes into the chain at its new place, as if deleted and put in again. A whole
    branch, and what takes another than the item above it, keeps its connections where those still come earlier and
    what took it still comes later, and so do the others; whoever cannot takes what the lost one took. What moves into
    a block takes the block's source as `input`, and the other way round.

    Nothing is left dangling: a merge that goes above what it joins carries its branches along, and rows that do not
    belong together go in one below the other. Where that is not possible, the error says what stands in the way.
    """
    ordered, parent = in_order(design, paths), place[0]
    if not ordered:
        raise EditError("select the layers to move first.")
    for path in ordered:
        # A place inside the moved block would make it contain itself.
        if parent[: len(path)] == path:
            raise EditError(f"'{path[-1]}' cannot be moved into itself.")
    reasons: list[str] = []
    for attempt in _attempts(design, ordered, place):
        try:
            edit = attempt()
        except EditError as error:
            reasons.append(str(error))
            continue
        reason = hindrance(design, edit, ordered)
        if not reason:
            return edit
        reasons.append(reason)
    # Of the likeliest way: what stands in the way of the others is of no interest to whoever wanted that.
    raise EditError(reasons[0])


def _attempts(design: Design, ordered: Sequence[ItemPath], place: Place) -> Iterator[Callable[[], Edit]]:
    """Ways to move the items, the likeliest first."""
    yield from (partial(carried, design, ordered, place, way) for way in _WAYS)
    if all(path[:-1] == ordered[0][:-1] for path in ordered):
        yield partial(_with_branches, design, ordered, place)
    if 1 < len(ordered) <= MAX_APART:
        yield partial(_one_by_one, design, ordered, place)


def _with_branches(design: Design, ordered: Sequence[ItemPath], place: Place) -> Edit:
    """Moves the items and all that lies between them and the one layer that feeds them.

    EditError if nothing does, or if all of that has no room there.
    """
    region = _region(design, ordered)
    along = [f"'{path[-1]}'" for path in region if path not in ordered]
    if not along or any(place[0][: len(path)] == path for path in region):
        raise EditError("nothing can be carried along.")
    edit = carried(design, region, place, in_chain)
    if hindrance(design, edit, region) or edit.design == design:
        raise EditError("there is no room for what would be carried along.")
    label = carried(design, ordered, place, in_chain).label
    focus = tuple(there for path, there in zip(region, edit.focus, strict=True) if path in ordered)
    note = f"{listed(along)} moved along, to be joined there."
    return Edit(edit.design, label, focus, (note, *edit.notes))


def _region(design: Design, ordered: Sequence[ItemPath]) -> list[ItemPath]:
    """Items of one list, and those between them and the one layer that feeds them all, in the order of the list."""
    parent = ordered[0][:-1]
    items = items_of(design, parent)
    took = all_feeds(items, inside=names_inside(design, parent))
    order = {item.name: at for at, item in enumerate(items)}
    region = {path[-1] for path in ordered}
    while len(sources := {feed for name in region for feed in took[name]} - region) > 1:
        # The latest first: whatever feeds an item stands above it.
        latest = max(sources, key=lambda name: order.get(name, -1))
        # Several things that flow into a block have nothing before them in its list.
        if latest not in order:
            break
        region.add(latest)
    return [(*parent, item.name) for item in items if item.name in region]


def _one_by_one(design: Design, ordered: Sequence[ItemPath], place: Place) -> Edit:
    """Moves items that do not belong together, each below the one before."""
    label = carried(design, ordered, place, in_chain).label
    now, focus, notes = design, list[ItemPath](), list[str]()
    for path in ordered:
        if not is_there(now, path):
            raise EditError(f"'{path[-1]}' would be carried along in its block; move them one after the other.")
        edit = move(now, [path], place)
        now, focus, notes = edit.design, [*focus, *edit.focus], [*notes, *edit.notes]
        place = (place[0], index_of(now, edit.focus[0]) + 1)
    return Edit(now, label, tuple(focus), tuple(notes))


def move_by(design: Design, paths: Iterable[ItemPath], step: int) -> Edit:
    """Moves items of one list up (-1) or down (+1) by one row; EditError where there is no room."""
    ordered = in_order(design, paths)
    if not ordered or any(path[:-1] != ordered[0][:-1] for path in ordered):
        raise EditError("select layers of one list to move them.")
    parent = ordered[0][:-1]
    first, after = index_of(design, ordered[0]), index_of(design, ordered[-1]) + 1
    if (step < 0 and first == 0) or (step > 0 and after == len(items_of(design, parent))):
        raise EditError("there is no row to move to.")
    # The index counts the list with the items still in it, so one row down is two places on.
    return move(design, ordered, (parent, first - 1 if step < 0 else after + 1))
