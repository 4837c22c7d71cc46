"""The lines of the layer table: those that the list shows, or every layer of every repeat. Knows no Qt."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.counting.rows import Entry, Row
from cnnstudio.core.network.design import ItemPath, path_from


class VisibleLine(Struct, frozen=True, gc=False):
    """One visible line: an item, how deep it lies, and its entry (of the first pass of the blocks around it).

    `label` is its place with the numbers of the repeats, `stage2[1]/conv3`, where each repeat has lines of its own.
    """

    path: ItemPath
    depth: int
    entry: Entry
    label: str = ""


def keys_of(lines: list[VisibleLine]) -> list[object]:
    """A unique key of each line: its path, and where repeats of a layer share that, its label besides."""
    return [(line.path, line.label) if line.label else line.path for line in lines]


def visible_lines(analysis: Analysis, is_open: Callable[[ItemPath], bool]) -> list[VisibleLine]:
    """The lines that are shown with the blocks open that are open."""
    lines: list[VisibleLine] = []
    _add_lines(analysis.entries, (), lines, is_open)
    return lines


def _add_lines(
    entries: tuple[Entry, ...], within: ItemPath, lines: list[VisibleLine], is_open: Callable[[ItemPath], bool]
) -> None:
    depth = len(within)
    for entry in entries:
        if isinstance(entry, Row):
            lines.append(VisibleLine((*within, entry.layer.name), depth, entry))
            continue
        path = (*within, entry.block.name)
        lines.append(VisibleLine(path, depth, entry))
        if entry.passes and is_open(path):
            _add_lines(entry.passes[0].entries, path, lines, is_open)


def repeated_lines(analysis: Analysis) -> list[VisibleLine]:
    """Every layer of every repeat, as the expanded reports list them; blocks have no lines of their own."""
    # The place of a row is the path of its item, as one text.
    paths = [path_from(row.place) for row in analysis.rows]
    return [
        VisibleLine(path, 0, row, row.path if len(path) > 1 else "")
        for row, path in zip(analysis.rows, paths, strict=True)
    ]
