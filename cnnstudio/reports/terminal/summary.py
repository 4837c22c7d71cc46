"""The forms that `cnnstudio summary` prints."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.counting.columns import Column
from cnnstudio.reports.data.json_data import json_report
from cnnstudio.reports.terminal.table import Paint, delimited_table, unpainted
from cnnstudio.reports.terminal.totals_text import summary_markdown, summary_text


class Wish(Struct, frozen=True):
    """The request for a summary; `lines` gives the file's line for the place of an item."""

    columns: tuple[Column, ...]
    expand: bool
    lines: dict[str, int]
    paint: Paint = unpainted


FORMATS: dict[str, Callable[[Analysis, Wish], str]] = {
    "text": lambda analysis, wish: summary_text(analysis, wish.columns, expand=wish.expand, paint=wish.paint),
    "json": lambda analysis, wish: json_report(analysis, wish.lines),
    # Sums of a block beside the layers in it would be added up twice.
    "csv": lambda analysis, wish: delimited_table(analysis, wish.columns, expand=True),
    "markdown": lambda analysis, wish: summary_markdown(analysis, wish.columns, expand=wish.expand),
}
"""JSON and CSV, which machines read, have one row a layer, blocks expanded."""
