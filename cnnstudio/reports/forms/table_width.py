"""The width of a table in letters, and its division to fit a page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec import structs

from cnnstudio.drawings.display_width import display_width
from cnnstudio.reports.content.manuscript import Table, TableLine

MAX_NAME_LENGTH: Final = 24
"""Letters that a column counts for at most: longer texts wrap."""
GAP: Final = 2


def letters_of(table: Table) -> int:
    """Letters of a line in which every column is as wide as its widest cell."""
    return sum(width + GAP for width in column_letters(table))


def column_letters(table: Table) -> list[int]:
    """The letters of the widest cell of each column."""
    lines = [*table.lines, *([table.total] if table.total else [])]
    widths = [len(field.title) for field in table.fields]
    for line in lines:
        for number, cell in enumerate(line.cells):
            indent = 2 * line.depth if number == 0 else 0
            if len(cell.text) + indent > widths[number]:
                widths[number] = display_width(cell.text) + indent
    return [min(MAX_NAME_LENGTH, width) for width in widths]


def column_groups(widths: list[float], gap: float, most: float) -> Iterator[list[int]]:
    """The columns that stand beside each other: the first, each time, and as many others as there is room for."""
    if not widths:
        return
    group, used = [0], widths[0]
    for number in range(1, len(widths)):
        if len(group) > 1 and used + gap + widths[number] > most:
            yield group
            group, used = [0], widths[0]
        group.append(number)
        used += gap + widths[number]
    yield group


def divided(table: Table, most: float) -> Iterator[Table]:
    """The table, or, if its lines have more letters, several with a part of the columns each, the first in all."""
    widths: list[float] = [float(width) for width in column_letters(table)]
    groups = list(column_groups(widths, GAP, most - GAP))
    if len(groups) <= 1:
        yield table
        return
    for number, group in enumerate(groups):
        is_last = number == len(groups) - 1
        yield structs.replace(
            table,
            fields=tuple(table.fields[place] for place in group),
            lines=tuple(_part(line, group) for line in table.lines),
            total=_part(table.total, group) if table.total else None,
            caption="" if number else table.caption,
            remarks=table.remarks if is_last else (),
        )


def _part(line: TableLine, group: list[int]) -> TableLine:
    return structs.replace(line, cells=tuple(line.cells[place] for place in group))
