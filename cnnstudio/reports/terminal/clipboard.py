"""Lines of the table for the clipboard: tab-separated with raw numbers, and HTML."""

from __future__ import annotations

import csv
import html
import io

from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.counting.columns import Column
from cnnstudio.core.counting.rows import Entry
from cnnstudio.reports.terminal.table import raw_cell

Entries = tuple[Entry, ...]
Columns = tuple[Column, ...]


def copied_tsv(entries: Entries, columns: Columns, analysis: Analysis, *, expand: bool = False) -> str:
    """Tab-separated values with a header, numbers raw, so that a spreadsheet computes with them."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter="\t", lineterminator="\n")
    writer.writerow([column.title for column in columns])
    for entry in entries:
        writer.writerow([raw_cell(column, entry, analysis, expand=expand) for column in columns])
    return buffer.getvalue()


def copied_html(entries: Entries, columns: Columns, analysis: Analysis, *, expand: bool = False) -> str:
    """A plain HTML table with the texts of the screen; expanded, layers are named by their places."""

    def cell(column: Column, entry: Entry) -> str:
        return entry.path if expand and column.key == "layer" else column.cell(entry, analysis)

    head = "".join(f"<th>{html.escape(column.title)}</th>" for column in columns)
    rows = [
        "".join(f'<td align="{column.align}">{html.escape(cell(column, entry))}</td>' for column in columns)
        for entry in entries
    ]
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
