"""How wide a table would be, in letters, for forms that have to fit it on a page."""

from __future__ import annotations

from typing import Final

from cnnstudio.reports.manuscript import Table
from cnnstudio.reports.table import display_width

LONGEST_NAME: Final = 24
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
    return [min(LONGEST_NAME, width) for width in widths]
