"""Items that come into a list: put between the item above them and all that take it, or beside these as a branch.

To put in is the converse of taking out: deleting what was put in restores the connections.
"""

from __future__ import annotations

from msgspec import Struct, structs

from cnnstudio.core.edits.lists import Items
from cnnstudio.core.edits.rewiring import Feeds, closed, renamed, takes_input, taking
from cnnstudio.core.network.design import Item
from cnnstudio.core.network.wiring import ends_in_output


def above(items: Items, at: int, *, inside: tuple[str, ...]) -> str:
    """The name of what flows into an item at this index that does not say what it takes; "" for nothing."""
    if at:
        return items[at - 1].name
    return inside[0] if inside else ""


class Arrival(Struct, frozen=True):
    """A list with items that come into it; `took` is what each item took before.

    `own` are the names of those that were in this list before, and move within it.
    """

    upper: Items
    items: Items
    lower: Items
    took: Feeds
    inside: tuple[str, ...]
    own: frozenset[str] = frozenset()

    @property
    def source(self) -> str:
        """The item above them."""
        return above(self.upper, len(self.upper), inside=self.inside)

    @property
    def names(self) -> set[str]:
        """The names of those that come."""
        return {item.name for item in self.items}

    @property
    def known(self) -> set[str]:
        """The names of all that comes before them."""
        return {item.name for item in self.upper} | set(self.inside)

    @property
    def list(self) -> Items:
        """All items in their new order."""
        return (*self.upper, *self.items, *self.lower)

    @property
    def through(self) -> frozenset[str]:
        """The names of those that take what stands above them, directly or through each other.

        None if the last of them is not among these, or only marks an output: nothing is to go on through it.
        """
        reached = {self.source} if self.source else set()
        before = self.source
        for item in self.items:
            taken = item.inputs or ((before,) if takes_input(item) else ())
            if not reached.isdisjoint(taken):
                reached.add(item.name)
            before = item.name
        # An output marks an end: what comes later is not to be fed by a head.
        goes_on = before in reached and not ends_in_output(self.items[-1])
        return frozenset(reached - {self.source}) if goes_on else frozenset()

    @property
    def has_passed_its_takers(self) -> bool:
        """True if they stand below all that took the last of them, which cannot be taken from there any more."""
        last = self.items[-1].name
        upper, lower = ([item for item in part if last in self.took[item.name]] for part in (self.upper, self.lower))
        return bool(upper) and not lower

    @property
    def is_branch(self) -> bool:
        """True if they are a branch from a fork to a merge, which keeps its connections while its rows move."""
        last = self.items[-1].name
        upper, lower = (
            [item for item in part if last in self.took.get(item.name, ())] for part in (self.upper, self.lower)
        )
        # A merge names its inputs. Who takes the branch without a name only follows it in the list.
        if upper or not lower or any(not item.inputs for item in lower):
            return False
        entry = self.took.get(self.items[0].name, ())
        if not entry:
            return not takes_input(self.items[0])
        outside = [taken for name, taken in self.took.items() if name not in self.own]
        return self.known.issuperset(entry) and any(not set(entry).isdisjoint(taken) for taken in outside)


def put_in_chain(arrival: Arrival, entry: str = "") -> tuple[Items, tuple[str, ...]]:
    """The list in which whoever took the item above the new ones takes the last of them, and notes of who does.

    `entry` is what flowed into the first of them where they come from: they take the item above instead.
    """
    before = arrival.list
    if entry and arrival.source:
        entered = tuple([_retaking(item, {entry: arrival.source}) for item in arrival.items])
        arrival = structs.replace(arrival, items=entered)
    through = arrival.through
    items = _carried(arrival) if through else arrival.list
    # An Input begins a new chain, so that whatever follows silently is fed by it and not by what was above.
    starts = not takes_input(arrival.items[0])
    joined = arrival.names if starts else through
    after, said = closed(items, arrival.took, arrival.names, inside=arrival.inside, joined=joined)
    return after, (*_changes(before, items), *said, *(_interrupted(arrival) if starts else ()))


def _carried(arrival: Arrival) -> Items:
    """The list in which the last of the items is put before the takers of the item above them.

    Those that took it where it was before take what it took, unless nothing would take it in its new place.
    """
    last, items = arrival.items[-1].name, arrival.list
    # Whoever took the items at their old place is joined to what these took, before they are tied in at the new place.
    left = _source_outside(last, arrival)
    closed_up = tuple([_retaking(item, {last: left}) for item in items]) if left else items
    end = len(items) - len(arrival.lower)
    moved = (*closed_up[:end], *[_retaking(item, {arrival.source: last}) for item in closed_up[end:]])
    follows = not arrival.lower or (not arrival.lower[0].inputs and takes_input(arrival.lower[0]))
    return moved if follows or any(last in item.inputs for item in moved[end:]) else items


def _source_outside(name: str, arrival: Arrival) -> str:
    """The input of a moved item from the items that stay; "" for nothing, or if it was not in this list."""
    if name not in arrival.own:
        return ""
    # Through all that moved along, up to something that stays.
    while name in arrival.own:
        name = next(iter(arrival.took[name]), "")
    return name


def _interrupted(arrival: Arrival) -> list[str]:
    """A note where what follows a new beginning of the network takes that, and not what it took."""
    for item in arrival.lower[:1]:
        taken = arrival.took.get(item.name, ())
        if taken and not item.inputs and taken != (arrival.items[-1].name,):
            return [f"'{item.name}' took '{taken[0]}' and now takes '{arrival.items[-1].name}'."]
    return []


def put_beside(arrival: Arrival) -> tuple[Items, tuple[str, ...]]:
    """The list in which everything takes what it took, as far as that still comes earlier."""
    before = arrival.inside[0] if arrival.inside else ""
    pinned: list[Item] = []
    for item in arrival.list:
        taken = arrival.took.get(item.name, ())
        # What was taken by standing below it has to be named once something else stands there.
        pins = taken and not item.inputs and taken != (before,) and takes_input(item)
        pinned.append(taking(item, taken) if pins else item)
        before = item.name
    items, notes = closed(pinned, arrival.took, arrival.names, inside=arrival.inside)
    silent = {item.name for item in arrival.list if not item.inputs}
    return without_saying(items, silent, inside=arrival.inside), notes


def put_on_next(arrival: Arrival) -> tuple[Items, tuple[str, ...]]:
    """The list in which the new ones stand on the connection that leads to the row below them, and notes of changes.

    They take its source in the place of what flowed into the first of them. Where there is no such connection, or
    where they cannot go on with it, everything takes what it took.
    """
    first, last, above_them = arrival.items[0], arrival.items[-1], len(arrival.upper)
    rest, said = closed((*arrival.upper, *arrival.lower), arrival.took, set(), inside=arrival.inside)
    target = rest[above_them] if arrival.lower else None
    feed = (target.inputs if target else ())[:1] or (arrival.source,)
    fits = takes_input(first) and not ends_in_output(last) and (target is None or takes_input(target))
    if not fits or not feed[0]:
        return put_beside(arrival)
    entry = arrival.took.get(first.name, first.inputs)[:1] or feed
    head, *others = [_retaking(item, {entry[0]: feed[0]}) for item in arrival.items]
    items = (taking(head, head.inputs or feed), *others)
    lower = rest[above_them:]
    notes = [*said]
    if target and target.inputs:
        lower = (taking(target, renamed(target.inputs, {feed[0]: last.name})), *lower[1:])
        notes.insert(0, f"'{target.name}' took '{feed[0]}' and now takes '{last.name}'.")
    silent = {first.name, *(item.name for item in rest[above_them : above_them + 1])}
    result = without_saying((*rest[:above_them], *items, *lower), silent, inside=arrival.inside)
    return result, tuple(notes)


def without_saying(items: Items, names: set[str], *, inside: tuple[str, ...]) -> Items:
    """The items, those of these names without the inputs that go without saying."""
    before = inside[0] if inside else ""
    result: list[Item] = []
    for item in items:
        # Only for items that said nothing before: a name that the user wrote stays in the file.
        plain = item.name in names and item.inputs == (before,)
        result.append(structs.replace(item, inputs=()) if plain else item)
        before = item.name
    return tuple(result)


def _retaking(item: Item, new: dict[str, str]) -> Item:
    return item if new.keys().isdisjoint(item.inputs) else structs.replace(item, inputs=renamed(item.inputs, new))


def _changes(before: Items, after: Items) -> list[str]:
    """A note for each input that is another one now."""
    return [
        f"'{old.name}' took '{was}' and now takes '{now}'."
        for old, new in zip(before, after, strict=True)
        for was, now in zip(old.inputs, new.inputs, strict=True)
        if was != now
    ]
