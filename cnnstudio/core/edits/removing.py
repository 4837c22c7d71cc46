"""Deletes items."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from msgspec import structs

from cnnstudio.core.edits.edit import Edit, EditError, labelled
from cnnstudio.core.edits.lists import Change, Items, by_list, in_order, with_list, with_lists
from cnnstudio.core.edits.rewiring import closed, ending_note, led_on, repaired, source_of, unused_note
from cnnstudio.core.network.design import Block, Design, FurtherOutput, Item, ItemPath, find, index_of, items_of
from cnnstudio.core.network.wiring import all_feeds, names_inside


def remove(design: Design, paths: Iterable[ItemPath]) -> Edit:
    """Deletes items.

    Whoever took one of them takes its input instead, so that the chain closes. Raises EditError if nothing is selected.
    """
    ordered = in_order(design, paths)
    if not ordered:
        raise EditError("select the layers to delete first.")
    notes: list[str] = []
    changes: dict[ItemPath, Change] = {}
    # What takes a further output of what goes can take nothing in its place, or another item that the block gives.
    design, every = _with_takers(design, by_list(ordered), notes)
    for parent, gone in every.items():
        require_rest(design, parent, gone, "delete")
        changes[parent] = partial(without, parent, gone, names_inside(design, parent), notes)
    changed = with_lists(design, changes)
    return Edit(changed, f"Delete {labelled(ordered)}", (_neighbour(design, changed, ordered),), tuple(notes))


def _with_takers(
    design: Design, gone: dict[ItemPath, set[str]], notes: list[str]
) -> tuple[Design, dict[ItemPath, set[str]]]:
    """All that goes, by its list: also what takes a further output that nothing gives any more.

    Where a block gives an item that goes, it gives instead what that took, if this is an item too; the design is that
    in which it does.
    """
    waiting = list(gone)
    while waiting:
        parent = waiting.pop()
        if parent and not gone[parent].isdisjoint(_block(design, parent).further_outputs):
            design, left = _giving_others(design, parent, gone[parent], notes)
            more = {parent[:-1]: left}
        else:
            more = {}
        lost = _takers(items_of(design, parent), gone[parent], inside=names_inside(design, parent))
        for place, names in ((parent, lost), *more.items()):
            new = names - gone.get(place, set())
            if new:
                notes += [f"'{name}' goes with what gave it." for name in sorted(new)]
                gone.setdefault(place, set()).update(new)
                waiting.append(place)
    return design, {parent: gone[parent] for parent in gone if not _is_gone(parent, gone)}


def _is_gone(parent: ItemPath, gone: dict[ItemPath, set[str]]) -> bool:
    """True for a list in a block that goes as a whole."""
    return any(parent[depth] in gone.get(parent[:depth], ()) for depth in range(len(parent)))


def _block(design: Design, path: ItemPath) -> Block:
    block = find(design, path)
    assert isinstance(block, Block)
    return block


def _takers(items: Items, gone: set[str], *, inside: tuple[str, ...]) -> set[str]:
    """The items that take a further output of one that goes."""
    feeds = all_feeds(items, inside=inside)
    given = {item.name: item.further_outputs for item in items if item.name in gone}
    return {
        item.name
        for item in items
        if isinstance(item, FurtherOutput) and any(item.output in given.get(feed, ()) for feed in feeds[item.name])
    }


def _giving_others(design: Design, path: ItemPath, gone: set[str], notes: list[str]) -> tuple[Design, set[str]]:
    """The design in which a block gives, for each item that goes, what that took; who finds no such item."""
    block, around = _block(design, path), items_of(design, path[:-1])
    took = led_on(all_feeds(block.layers, inside=block.input_names))
    own = {item.name for item in block.layers} - gone
    known = {*own, *block.input_names}
    instead = {name: source_of(name, took, known) for name in block.further_outputs if name in gone}
    given = tuple(dict.fromkeys([instead.get(name, name) for name in block.further_outputs]))
    block = structs.replace(block, further_outputs=tuple([name for name in given if name in own]))
    feeds = all_feeds(around, inside=names_inside(design, path[:-1]))
    left: set[str] = set()
    changed: list[Item] = []
    for item in around:
        if item.name == block.name:
            item = block
        elif isinstance(item, FurtherOutput) and item.output in instead and feeds[item.name] == (block.name,):
            now = instead[item.output]
            if now in own:
                notes.append(f"'{item.name}' took '{item.output}' of '{block.name}' and now takes '{now}' of it.")
                item = structs.replace(item, output=now)
            else:
                left.add(item.name)
                at = block.input_names.index(now) if now in block.input_names else -1
                sources = feeds[block.name]
                # In a repeat what flows in first comes from the repeat before, which nothing outside can take.
                if 0 <= at < len(sources) and (at or block.repeat == 1):
                    item = structs.replace(item, inputs=(sources[at],))
        changed.append(item)
    return with_list(design, path[:-1], tuple(changed)), left


def require_rest(design: Design, parent: ItemPath, gone: set[str], verb: str) -> None:
    """EditError if nothing would be left in a block."""
    layers = items_of(design, parent)
    # A block without layers has no output and is no valid design file, while an empty design is one.
    if parent and len(layers) == len(gone):
        what = f"'{layers[0].name}' is" if len(layers) == 1 else f"these {len(layers)} layers are"
        raise EditError(f"{what} all there is in the block '{parent[-1]}'; {verb} the block instead.")


def without(parent: ItemPath, gone: set[str], inside: tuple[str, ...], notes: list[str], layers: Items) -> Items:
    """A list without some of its items, its chains closed; what had to change is added to the notes."""
    took = led_on(all_feeds(layers, inside=inside))
    rest, said = closed([item for item in layers if item.name not in gone], took, set(), inside=inside)
    rest, lost = repaired(rest, inside=inside)
    notes += (*said, *lost)
    if parent:
        notes += ending_note(parent[-1], layers, rest, took, set())
    notes += unused_note(layers, rest, inside=inside)
    return rest


def _neighbour(before: Design, after: Design, gone: list[ItemPath]) -> ItemPath:
    """The item to select after a deletion: the one now in the place of the first deleted item, or the one above."""
    parent, index = gone[0][:-1], index_of(before, gone[0])
    # Something has to stay selected, or the next press of a key would go nowhere.
    left = items_of(after, parent)
    return (*parent, left[min(index, len(left) - 1)].name) if left else parent
