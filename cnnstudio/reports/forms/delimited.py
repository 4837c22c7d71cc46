"""A table as CSV or TSV: keys on top, numbers raw, unknown and blank cells empty.

Spreadsheets take a text that begins with one of `=+-@` for a formula, in quotes or not; such a text gets an apostrophe
in front, by which they know it for text.
"""

from __future__ import annotations

import csv
import io

from cnnstudio.reports.content.manuscript import Cell, Table
from cnnstudio.reports.terminal.table import guarded


def delimited_text(table: Table, delimiter: str) -> str:
    """The table, one line a row, fields that need it in double quotes."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\n")
    writer.writerow([field.key for field in table.fields])
    for line in table.lines:
        writer.writerow([_raw(cell) for cell in line.cells])
    return buffer.getvalue()


def _raw(cell: Cell) -> int | float | str:
    if cell.tone in ("unknown", "blank"):
        return ""
    if isinstance(cell.value, (int, float)) and not isinstance(cell.value, bool):
        return cell.value
    return guarded(cell.text)
