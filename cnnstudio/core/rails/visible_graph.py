"""The network as the layer list shows it: one node a visible row, folded blocks one row, and what feeds what."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from cnnstudio.core.network.design import Block, Item, ItemPath

Sources = tuple[tuple[int, ...], ...]
"""For each row the rows that feed it, all of them above it, in the order of the item's inputs and without doubles."""


class VisibleGraph(Struct, frozen=True):
    """The visible rows by their paths, their items, and the connections between them.

    The row of an open block stands for what flows into it: inside, `input` comes from there. Its output is the row of
    its last item.
    """

    paths: tuple[ItemPath, ...] = ()
    items: tuple[Item, ...] = ()
    sources: Sources = ()


def visible_graph(items: tuple[Item, ...], is_open: Callable[[ItemPath], bool]) -> VisibleGraph:
    """The rows of a list, whose open blocks show their layers."""
    rows = _Rows(is_open)
    rows.add(items, (), None)
    return VisibleGraph(tuple(rows.paths), tuple(rows.items), tuple(rows.sources))


class _Rows:
    """The rows found so far."""

    def __init__(self, is_open: Callable[[ItemPath], bool]) -> None:
        self.is_open = is_open
        self.paths: list[ItemPath] = []
        self.items: list[Item] = []
        self.sources: list[tuple[int, ...]] = []

    def add(
        self, items: tuple[Item, ...], within: ItemPath, head: int | None, inside: tuple[str, ...] = ()
    ) -> int | None:
        """Adds one list; `head` is the row of the block that holds it. The row that its output comes from."""
        rows: dict[str, int] = {} if head is None else dict.fromkeys(inside, head)
        before = head
        for item in items:
            row, path = len(self.paths), (*within, item.name)
            self.paths.append(path)
            self.items.append(item)
            if item.inputs:
                self.sources.append(tuple(dict.fromkeys([rows[name] for name in item.inputs if name in rows])))
            elif before is None or (type(item) is not Block and item.max_inputs == 0):
                self.sources.append(())
            else:
                self.sources.append((before,))
            before = row
            if type(item) is Block and self.is_open(path):
                before = self.add(item.layers, path, row, item.input_names)
            rows[item.name] = row if before is None else before
        return before
