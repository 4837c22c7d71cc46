"""Connections kept meaningful while a list changes, and a note for each that had to change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from msgspec import structs

from cnnstudio.core.edits.lists import Items
from cnnstudio.core.network.design import Block, Item, input_range
from cnnstudio.core.network.problem import listed
from cnnstudio.core.network.wiring import unused

Feeds = Mapping[str, tuple[str, ...]]
"""The inputs of each item, by its name; an item inside a block may take `input`."""


def takes_input(item: Item) -> bool:
    """True if an item takes inputs at all: an Input does not."""
    return isinstance(item, Block) or item.max_inputs != 0


def min_inputs(item: Item) -> int:
    """The number of inputs that an item needs."""
    return len(item.input_names) if isinstance(item, Block) else item.min_inputs


def taking(item: Item, inputs: tuple[str, ...]) -> Item:
    """The item with these inputs; one that needs more of them names none, until somebody connects it."""
    fewest, _ = input_range(item)
    return structs.replace(item, inputs=inputs if len(inputs) >= fewest else ())


def closed(
    items: Sequence[Item], took: Feeds, arrived: set[str], *, inside: tuple[str, ...], joined: Collection[str] = ()
) -> tuple[tuple[Item, ...], tuple[str, ...]]:
    """A list in a new order in which chains are closed: whoever took what is gone, or comes later now, takes its input.

    `took` is what each took before, gone ones included; `arrived` are items that are new in their places. An item
    that says nothing takes the item before it: there the chain goes on through an item that arrived if that is one of
    the `joined`, and past it otherwise.
    """
    known = set(inside)
    stayed = set(known)
    before = inside[0] if inside else ""
    result: list[Item] = []
    notes: list[str] = []
    for item in items:
        name = item.name
        if item.inputs:
            item = _renewed(item, took, known, notes)
        # Most follow whom they followed before.
        elif took.get(name) != (before,) and name not in arrived and before not in joined and takes_input(item):
            item = _following(item, before, took, stayed, notes)
        result.append(item)
        known.add(name)
        # Only what stayed counts: an item that moved up would otherwise catch connections that were never its own.
        if name not in arrived:
            stayed.add(name)
        before = name
    return tuple(result), tuple(notes)


def _renewed(item: Item, took: Feeds, known: set[str], notes: list[str]) -> Item:
    """An item that names its inputs, each one that is not there replaced by what that took."""
    renewed = {name: source_of(name, took, known) for name in item.inputs if name not in known}
    if not renewed:
        return item
    for name, now in renewed.items():
        notes.append(f"'{item.name}' took '{name}' and now takes {_quoted(now)}.")
    # An input whose source has nothing before it is dropped, because an empty name is no valid input.
    inputs = tuple(now for name in item.inputs if (now := renewed.get(name, name)))
    return structs.replace(item, inputs=inputs)


def _following(item: Item, before: str, took: Feeds, stayed: set[str], notes: list[str]) -> Item:
    """An item that took the one before it, which may be gone from there; `stayed` are earlier ones in their places."""
    taken = took.get(item.name, ())[:1]
    if not taken or taken[0] == before:
        return item
    if taken[0] in stayed:
        return taking(item, taken)
    # What it took has left the chain, which goes on with what that took.
    source = source_of(taken[0], took, stayed)
    # It would be fed by the item before it anyway, and nothing has to be said. A merge that left is worth a note.
    if source == before and len(took.get(taken[0], ())) < 2:
        return item
    notes.append(f"'{item.name}' took '{taken[0]}' and now takes {_quoted(source or before)}.")
    return taking(item, (source,)) if source and source != before else item


def _quoted(name: str) -> str:
    return f"'{name}'" if name else "nothing"


def source_of(name: str, took: Feeds, known: set[str]) -> str:
    """The input of an item that is not known, followed through others that are not; "" if there is nothing."""
    passed: set[str] = set()
    while name and name not in known:
        passed.add(name)
        name = next(iter(took.get(name, ())), "")
        # Two items that take each other, as a list in the midst of a change may have them.
        if name in passed:
            return ""
    return name


def led_on(took: Feeds) -> Feeds:
    """The inputs of each item, first of them what nothing else takes: the chain goes on there when a merge leaves."""
    takers = Counter(name for taken in took.values() for name in dict.fromkeys(taken))
    return {name: tuple(sorted(taken, key=lambda feed: takers[feed] > 1)) for name, taken in took.items()}


def unused_note(before: Items, after: Items, *, inside: tuple[str, ...]) -> tuple[str, ...]:
    """A note where nothing takes an item any more."""
    known = set(unused(before, inside=inside))
    left = [f"'{name}'" for name in unused(after, inside=inside) if name not in known]
    return (f"Nothing takes {listed(left)} now.",) if left else ()


def ending_note(block: str, before: Items, after: Items, took: Feeds, arrived: set[str]) -> tuple[str, ...]:
    """A note where a block gives out something else than the item that now ends its chain."""
    old, new = before[-1].name, after[-1].name
    known = {item.name for item in after}
    if old == new or new in arrived or source_of(next(iter(took.get(old, ())), ""), took, known) == new:
        return ()
    return (f"The block '{block}' now ends in '{new}'.",)


def repaired(items: Items, *, inside: tuple[str, ...]) -> tuple[Items, tuple[str, ...]]:
    """The items without inputs that no longer name something earlier, and a note for each that lost one."""
    known = set(inside)
    result: list[Item] = []
    notes: list[str] = []
    for item in items:
        if item.inputs:
            item = _repaired(item, known, result, notes, inside=inside)
        result.append(item)
        known.add(item.name)
    return tuple(result), tuple(notes)


def _repaired(item: Item, known: set[str], before: list[Item], notes: list[str], *, inside: tuple[str, ...]) -> Item:
    kept = tuple(name for name in item.inputs if name in known)
    fewest = min_inputs(item)
    if kept == item.inputs and len(kept) >= fewest:
        return item
    kept = kept if len(kept) >= fewest else _filled(kept, before, fewest, inside=inside)
    now = f"takes {listed([_quoted(name) for name in kept])}" if kept else "takes the layer before it"
    notes.append(f"'{item.name}' has lost a connection and now {now}.")
    return structs.replace(item, inputs=kept)


def _filled(kept: tuple[str, ...], before: list[Item], fewest: int, *, inside: tuple[str, ...]) -> tuple[str, ...]:
    """Enough inputs for a merge that lost some: the nearest earlier items; () if there are too few."""
    if fewest < 2:
        return ()
    spare: list[str] = []
    # A merge needs two inputs to be valid. The nearest are the likeliest, and the note says what was done.
    for name in [*(item.name for item in reversed(before)), *(inside[:1])]:
        if len(spare) + len(kept) == fewest:
            break
        if name not in kept:
            # In the order of the list, as a reader would name them.
            spare.insert(0, name)
    filled = (*spare, *kept)
    return filled if len(filled) >= fewest else ()


def renamed(names: Sequence[str], new: Mapping[str, str]) -> tuple[str, ...]:
    """The names, some of them replaced by new ones."""
    return tuple(new.get(name, name) for name in names)


def retaken_notes(items: Sequence[Item], new: Mapping[str, str]) -> list[str]:
    """A note for each item that names one which is now called otherwise."""
    return [
        f"'{item.name}' took '{name}' and now takes '{new[name]}'."
        for item in items
        for name in item.inputs
        if name in new
    ]


def connected(items: Sequence[Item], wanted: Feeds, *, inside: tuple[str, ...], quietly: bool = False) -> Items:
    """The items, each taking what it is wanted to; one that said nothing goes on doing so where that is the same.

    `quietly`, nobody says what goes without saying.
    """
    before = inside[:1]
    result: list[Item] = []
    for item in items:
        takes = wanted[item.name]
        inputs = () if takes == before and (quietly or not item.inputs) else takes
        result.append(item if inputs == item.inputs else taking(item, inputs))
        before = (item.name,)
    return tuple(result)
