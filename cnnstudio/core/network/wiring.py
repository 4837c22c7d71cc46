"""The connections in a list of items, also those that the items leave implicit.

`inside` are the names by which the items of a block's list take what flows into the block; none in the design's own.
"""

from __future__ import annotations

from cnnstudio.core.network.design import BLOCK_INPUT, Block, Design, Item, ItemPath, find, index_of, items_of


def names_inside(design: Design, parent: ItemPath) -> tuple[str, ...]:
    """The names by which the items of a list take what flows into it: none in the design's own list, that is `()`."""
    block = find(design, parent) if parent else None
    return block.input_names if isinstance(block, Block) else ()


def taken_names(design: Design, parent: ItemPath) -> set[str]:
    """The names that nothing else in a list may have: those of its items, and of what flows into it."""
    return {*names_inside(design, parent), *[item.name for item in items_of(design, parent)]}


def feeds(items: tuple[Item, ...], index: int, *, inside: tuple[str, ...]) -> tuple[str, ...]:
    """The names of what an item of a list takes, also where it does not say so."""
    return _taken(items[index], (items[index - 1].name,) if index else inside[:1])


def taken_by(design: Design, path: ItemPath) -> tuple[str, ...]:
    """The names of what the item at a path takes; raises KeyError if it is not there."""
    parent = path[:-1]
    return feeds(items_of(design, parent), index_of(design, path), inside=names_inside(design, parent))


def all_feeds(items: tuple[Item, ...], *, inside: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """The names of what each item of a list takes, by its own name."""
    result: dict[str, tuple[str, ...]] = {}
    before = inside[:1]
    for item in items:
        result[item.name] = _taken(item, before)
        before = (item.name,)
    return result


def _taken(item: Item, before: tuple[str, ...]) -> tuple[str, ...]:
    """The inputs of an item that comes after another: that one, unless it says otherwise or starts a network."""
    if item.inputs:
        return item.inputs
    return () if type(item) is not Block and item.max_inputs == 0 else before


def takers(items: tuple[Item, ...], name: str, *, inside: tuple[str, ...]) -> tuple[str, ...]:
    """The names of the items of a list that take the output of one of them."""
    return tuple(item.name for at, item in enumerate(items) if name in feeds(items, at, inside=inside))


def unused(items: tuple[Item, ...], *, inside: tuple[str, ...]) -> tuple[str, ...]:
    """The names of the items that nothing takes and that are neither the last nor end in an Output."""
    used = {name for taken in all_feeds(items, inside=inside).values() for name in taken}
    return tuple(item.name for item in items[:-1] if item.name not in used and not ends_in_output(item))


def ends_in_output(item: Item) -> bool:
    """True if an item is an Output, or a block that ends in one, as an auxiliary head does."""
    if isinstance(item, Block):
        return bool(item.layers) and ends_in_output(item.layers[-1])
    return item.type_name == "Output"


def same_wiring(first: tuple[Item, ...], second: tuple[Item, ...]) -> bool:
    """True if two lists hold items of the same types and names, connected alike: most edits change numbers."""
    if len(first) != len(second):
        return False
    for old, new in zip(first, second, strict=True):
        # An edit keeps the objects that it leaves alone, so that this answers for nearly all items.
        if old is new:
            continue
        if type(old) is not type(new) or old.name != new.name or old.inputs != new.inputs:
            return False
        if isinstance(old, Block) and isinstance(new, Block) and not same_wiring(old.layers, new.layers):
            return False
    return True


def source_path(design: Design, path: ItemPath) -> ItemPath | None:
    """The layer whose output an item takes first, looked up through blocks that run once."""
    parent = path[:-1]
    names = taken_by(design, path)
    if not names:
        return None
    if names[0] == BLOCK_INPUT:
        # In a repeated block `input` is another layer in the first pass than in all later ones.
        runs_once = getattr(find(design, parent), "repeat", 1) == 1
        return source_path(design, parent) if runs_once else None
    if names[0] in names_inside(design, parent):
        return None
    found = find(design, (*parent, names[0]))
    return None if isinstance(found, Block) else (*parent, names[0])
