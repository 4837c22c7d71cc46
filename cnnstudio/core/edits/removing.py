"""Deletes items."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from cnnstudio.core.edits.edit import Edit, EditError, labelled
from cnnstudio.core.edits.lists import Change, Items, by_list, in_order, with_lists
from cnnstudio.core.edits.rewiring import closed, ending_note, led_on, repaired, unused_note
from cnnstudio.core.network.design import Design, ItemPath, index_of, items_of
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
    for parent, gone in by_list(ordered).items():
        require_rest(design, parent, gone, "delete")
        changes[parent] = partial(without, parent, gone, names_inside(design, parent), notes)
    changed = with_lists(design, changes)
    return Edit(changed, f"Delete {labelled(ordered)}", (_neighbour(design, changed, ordered),), tuple(notes))


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
