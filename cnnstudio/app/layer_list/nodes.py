"""The nodes of the layer tree: what stands in which row, and what it shows. Knows no Qt."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from cnnstudio.core.counting.rows import BlockRow, Entry
from cnnstudio.core.network.design import Item, ItemPath
from cnnstudio.core.network.problem import Problem

Severities = dict[str, str]
"""The worst severity of the problems of each place."""


class TreeNode:
    """One item in the tree. Indices carry its number, never the object: Qt keeps no reference to one."""

    __slots__ = ("children", "entry", "item", "number", "parent", "row")

    def __init__(self, number: int, parent: TreeNode | None, item: Item | None) -> None:
        self.number = number
        self.parent = parent
        self.item = item
        self.entry: Entry | None = None
        self.children: list[TreeNode] = []
        self.row = 0

    @property
    def path(self) -> ItemPath:
        """The names that lead here."""
        if self.parent is None or self.item is None:
            return ()
        return (*self.parent.path, self.item.name)

    def renumber(self, start: int = 0) -> None:
        """Tells the children from `start` on which row they are in."""
        # Kept in each node, because Qt asks for the row of a parent much more often than rows move.
        for row in range(start, len(self.children)):
            self.children[row].row = row


class ShownRow(NamedTuple):
    """The data to paint a row with: its item, its entry, and the worst severity of its problems."""

    path: ItemPath
    item: Item | None
    entry: Entry | None
    severity: str
    has_rows: bool


def shown_row(node: TreeNode, path: ItemPath, severities: Severities) -> ShownRow:
    """The data to paint a node's row with."""
    entry = node.entry
    severity = severities.get(entry.place, "") if entry is not None else ""
    return ShownRow(path, node.item, entry, severity, bool(node.children))


def visible_from(start: TreeNode, is_open: Callable[[ItemPath], bool]) -> Iterator[tuple[TreeNode, ItemPath]]:
    """A node and all that are visible below it, with their paths, given the blocks that are open."""
    node: TreeNode | None = start
    path = start.path
    while node is not None:
        if node.item is not None:
            yield node, path
        if node.children and (node.parent is None or is_open(path)):
            node = node.children[0]
            path = (*path, node.item.name if node.item else "")
            continue
        while node.parent is not None and node.row + 1 == len(node.parent.children):
            node, path = node.parent, path[:-1]
        node = node.parent.children[node.row + 1] if node.parent is not None else None
        if node is not None and node.item is not None:
            path = (*path[:-1], node.item.name)


def worst_severities(problems: tuple[Problem, ...]) -> Severities:
    """Of several problems in one place, the worse one counts."""
    worst: Severities = {}
    for problem in problems:
        if worst.get(problem.path) != "error":
            worst[problem.path] = problem.severity
    return worst


def attach_entries(
    root: TreeNode, entries: tuple[Entry, ...], before: Severities, now: Severities
) -> list[tuple[TreeNode, TreeNode]]:
    """Gives each node its entry; those of a block show its first pass.

    For each list the first and the last node that look different now, with the severities before and now.
    """
    attaching = _Attaching(before, now)
    attaching.attach(root, entries)
    return attaching.spans


class _Attaching:
    """Entries given to nodes, and what looks different then."""

    def __init__(self, before: Severities, now: Severities) -> None:
        self.spans: list[tuple[TreeNode, TreeNode]] = []
        self._before, self._now = before, now
        self._all_anew = before != now

    def attach(self, node: TreeNode, entries: tuple[Entry, ...]) -> None:
        """An entry that is the same looks the same."""
        anew: list[tuple[TreeNode, Entry | None]] = []
        for row, child in enumerate(node.children):
            entry, before = entries[row] if row < len(entries) else None, child.entry
            # The analysis gives back the same entry for what an edit left alone.
            if self._all_anew or entry is None or entry is not before:
                child.entry = entry
                anew.append((child, before))
            if child.children:
                passes = entry.passes if isinstance(entry, BlockRow) else ()
                self.attach(child, passes[0].entries if passes else ())
        # From both ends, as those between them are told of anyway.
        first = next((child for child, before in anew if self._looks_different(child.entry, before)), None)
        if first is not None:
            last = next(child for child, before in reversed(anew) if self._looks_different(child.entry, before))
            self.spans.append((first, last))

    def _looks_different(self, now: Entry | None, before: Entry | None) -> bool:
        if now is None or before is None:
            return True
        return self._now.get(now.place) != self._before.get(before.place) or _look(now) != _look(before)


def _look(entry: Entry) -> tuple[object, ...]:
    """The parts of an entry that the list shows."""
    if isinstance(entry, BlockRow):
        return entry.block, entry.output_shape, entry.totals
    return entry.layer, entry.output_shape
