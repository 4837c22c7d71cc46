"""The forms that `cnnstudio summary` prints."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from cnnstudio.core.analysis import Analysis
from cnnstudio.core.columns import Column
from cnnstudio.reports.json_report import json_report
from cnnstudio.reports.table import Paint, delimited_table, unpainted
from cnnstudio.reports.text import summary_markdown, summary_text


class Wish(Struct, frozen=True):
    """What a summary is to show, and how; `lines` gives the file's line for the place of an item."""

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
