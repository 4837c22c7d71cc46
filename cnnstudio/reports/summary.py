"""The forms that `cnnstudio summary` prints."""

from __future__ import annotations

from collections.abc import Callable

from cnnstudio.core.analysis import Analysis
from cnnstudio.core.columns import Column
from cnnstudio.reports.json_report import json_report
from cnnstudio.reports.table import delimited_table
from cnnstudio.reports.text import summary_markdown, summary_text

Columns = tuple[Column, ...]
Lines = dict[str, int]


def _csv(analysis: Analysis, columns: Columns, expand: bool, _lines: Lines) -> str:
    return delimited_table(analysis, columns, expand=expand)


FORMATS: dict[str, Callable[[Analysis, Columns, bool, Lines], str]] = {
    "text": lambda analysis, columns, expand, _: summary_text(analysis, columns, expand=expand),
    "json": lambda analysis, _columns, _expand, lines: json_report(analysis, lines),
    "csv": _csv,
    "markdown": lambda analysis, columns, expand, _: summary_markdown(analysis, columns, expand=expand),
}
