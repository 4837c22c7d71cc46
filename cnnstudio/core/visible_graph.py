"""The network as the layer list shows it: one node a visible row, folded blocks one row, and what feeds what."""

from __future__ import annotations

from collections.abc import Container

from msgspec import Struct

from cnnstudio.core.design import BLOCK_INPUT, Block, Item, ItemPath

Sources = tuple[tuple[int, ...], ...]
"""For each row the rows that feed it, all of them above it, in the order of the item's inputs and without doubles."""


class VisibleGraph(Struct, frozen=True):
    """The visible rows by their paths, and the connections between them.

    The row of an open block stands for what flows into it: inside, `input` comes from there. Its output is the row of
    its last item.
    """

    paths: tuple[ItemPath, ...]
    sources: Sources


def visible_graph(items: tuple[Item, ...], opened: Container[ItemPath]) -> VisibleGraph:
    """The rows of a list whose blocks show their layers if their path is among the `opened`."""
    paths: list[ItemPath] = []
    sources: list[tuple[int, ...]] = []
    _add_rows(items, (), None, opened, paths, sources)
    return VisibleGraph(tuple(paths), tuple(sources))


def _add_rows(
    items: tuple[Item, ...],
    within: ItemPath,
    head: int | None,
    opened: Container[ItemPath],
    paths: list[ItemPath],
    sources: list[tuple[int, ...]],
) -> int | None:
    """Adds the rows of one list; `head` is the row of the block that holds it. The row that its output comes from."""
    rows: dict[str, int] = {} if head is None else {BLOCK_INPUT: head}
    before = head
    for item in items:
        row, path = len(paths), (*within, item.name)
        paths.append(path)
        if item.inputs:
            sources.append(tuple(dict.fromkeys([rows[name] for name in item.inputs if name in rows])))
        elif before is None or (not isinstance(item, Block) and item.most_inputs == 0):
            sources.append(())
        else:
            sources.append((before,))
        before = row
        if isinstance(item, Block) and path in opened:
            before = _add_rows(item.layers, path, row, opened, paths, sources)
        rows[item.name] = row if before is None else before
    return before
