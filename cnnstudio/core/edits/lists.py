"""The lists of a design: several items looked up, and several lists replaced, in one walk."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from msgspec import structs

from cnnstudio.core.network.design import Block, Design, Item, ItemPath

Items = tuple[Item, ...]
Change = Callable[[Items], Items]
"""A function that makes a new list of an old one."""


def chosen(design: Design, paths: Iterable[ItemPath]) -> dict[ItemPath, Item]:
    """The items at these paths in the order of the list, without what lies inside another of them or is not there."""
    wanted = set(paths)
    # Names first: to make and to look up the path of every item takes longer than all the rest of an edit.
    names = {name for path in wanted for name in path}
    return dict(_chosen(design.layers, (), wanted, names)) if wanted else {}


def _chosen(items: Items, within: ItemPath, wanted: set[ItemPath], names: set[str]) -> Iterator[tuple[ItemPath, Item]]:
    for item in [moved for moved in items if moved.name in names]:
        path = (*within, item.name)
        if path in wanted:
            yield path, item
        # Not inside what is chosen itself: it goes along, and would be moved or deleted twice.
        elif isinstance(item, Block):
            yield from _chosen(item.layers, path, wanted, names)


def in_order(design: Design, paths: Iterable[ItemPath]) -> list[ItemPath]:
    """The paths in the order of the list, without doubles, and without what lies inside another of them."""
    return list(chosen(design, paths))


def by_list(paths: Iterable[ItemPath]) -> dict[ItemPath, set[str]]:
    """The names of items by the path of the list that holds them."""
    lists: dict[ItemPath, set[str]] = {}
    for path in paths:
        lists.setdefault(path[:-1], set()).add(path[-1])
    return lists


def with_list(design: Design, parent: ItemPath, items: Items) -> Design:
    """The design with the list below `parent` replaced."""
    return with_lists(design, {parent: lambda _: items})


def with_lists(design: Design, changes: Mapping[ItemPath, Change]) -> Design:
    """The design with several lists changed, each named by the path of its block; the inner ones come first."""
    return structs.replace(design, layers=_changed(design.layers, (), changes, _around(changes) | set(changes)))


def _changed(items: Items, within: ItemPath, changes: Mapping[ItemPath, Change], touched: set[ItemPath]) -> Items:
    if touched != {within}:
        items = tuple(
            _holding(item, _changed(item.layers, path, changes, touched))
            if isinstance(item, Block) and (path := (*within, item.name)) in touched
            else item
            for item in items
        )
    # After the lists inside it: a block that is moved has to be moved as it is by then.
    change = changes.get(within)
    return change(items) if change else items


def _holding(block: Block, layers: Items) -> Block:
    """The block with other layers; what is not there any more is not given beside its output."""
    names = {item.name for item in layers}
    outputs = tuple([name for name in block.further_outputs if name in names])
    return structs.replace(block, layers=layers, further_outputs=outputs)


def _around(paths: Iterable[ItemPath]) -> set[ItemPath]:
    """The paths of all blocks around these, () for the design itself."""
    return {path[:depth] for path in paths for depth in range(len(path))}
