"""The forms that `cnnstudio summary` prints."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.counting.columns import COLUMN, Column
from cnnstudio.reports.content.subtotals import ADDED, By, Subtotal, subtotals
from cnnstudio.reports.data.json_data import json_report, json_text
from cnnstudio.reports.terminal.fitting import WHOLE, Room, TextTable, left_out_line
from cnnstudio.reports.terminal.table import (
    Paint,
    delimited_rows,
    delimited_table,
    markdown_table,
    plain_table,
    unpainted,
)
from cnnstudio.reports.terminal.totals_text import one_line, summary_markdown, summary_text


class Wish(Struct, frozen=True):
    """The request for a summary; `lines` gives the file's line for the place of an item."""

    columns: tuple[Column, ...]
    expand: bool
    lines: dict[str, int]
    paint: Paint = unpainted
    depth: int | None = None
    by: By | None = None
    room: Room = WHOLE


FORMATS: dict[str, Callable[[Analysis, Wish], str]] = {
    "text": lambda analysis, wish: summary_text(
        analysis, wish.columns, expand=wish.expand, paint=wish.paint, depth=wish.depth, room=wish.room
    ),
    "json": lambda analysis, wish: json_report(analysis, wish.lines),
    # Sums of a block beside the layers in it would be added up twice.
    "csv": lambda analysis, wish: delimited_table(analysis, wish.columns, expand=True),
    "markdown": lambda analysis, wish: summary_markdown(analysis, wish.columns, expand=wish.expand, depth=wish.depth),
}
"""JSON and CSV, which machines read, have one row a layer, blocks expanded."""


def subtotals_text(analysis: Analysis, by: By, form: str, paint: Paint = unpainted, room: Room = WHOLE) -> str:
    """The subtotals by kind or by stage, in one of FORMATS."""
    found = subtotals(analysis, by)
    if form == "json":
        return json_text({"design": analysis.design.name, "by": by, "rows": [_record(row) for row in found]})
    titles = [by.capitalize(), "Layers", *(["Output shape"] if by == "stage" else []), *ADDED]
    if form == "csv":
        keys = [by, "layers", *(["output"] if by == "stage" else []), *ADDED]
        return delimited_rows([keys, *([str(value) for value in _raw(row, by)] for row in found)], ",")
    titles = [COLUMN[title].title if title in COLUMN else title for title in titles]
    rows = [_cells(row, by, analysis) for row in found]
    total = ["Total", f"{analysis.totals.layers:,}", *([""] if by == "stage" else [])]
    total += [COLUMN[key].total_text(analysis) for key in ADDED]
    aligns = ["left", "right", *(["left"] if by == "stage" else []), *["right"] * len(ADDED)]
    if form == "markdown":
        return "\n".join(markdown_table(titles, rows, total, aligns)) + "\n"
    title = paint("title", one_line(analysis.design.name))
    spared = range(len(titles) - len(ADDED), len(titles) - 1)
    table, left_out = TextTable(titles, rows, total, aligns).fitted(room.width, spared)
    text = plain_table(table.header, table.rows, table.total, table.aligns, paint=paint)
    return "\n".join([title, "", *text, *left_out_line(left_out)]) + "\n"


def _cells(row: Subtotal, by: By, analysis: Analysis) -> list[str]:
    shape = [analysis.convention.shape_text(row.output) if row.output else ""] if by == "stage" else []
    return [one_line(row.name), f"{row.layers:,}", *shape, *(row.text(key) for key in ADDED)]


def _raw(row: Subtotal, by: By) -> list[object]:
    shape = [row.output.to_list() if row.output else ""] if by == "stage" else []
    return [row.name, row.layers, *shape, *("" if row.unknown[key] else row.sums[key] for key in ADDED)]


def _record(row: Subtotal) -> dict[str, object]:
    """A subtotal as plain values; null where a part of it is unknown."""
    output = None if row.output is None else row.output.to_list()
    sums = {key: None if row.unknown[key] else row.sums[key] for key in ADDED}
    return {"name": row.name, "layers": row.layers, "output_shape": output, **sums}
