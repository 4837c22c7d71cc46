"""The layer table as rows of text, and those rows as a plain, Markdown or CSV table."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from cnnstudio.core.analysis import Analysis, BlockRow, Entry
from cnnstudio.core.columns import COLUMN, Column

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")
"""Characters that would act on a terminal or break a line; names cannot hold most of them, notes can."""


class Line(Struct, frozen=True):
    """One line of the table: an entry, and how deep it lies in blocks."""

    entry: Entry
    depth: int


def table_lines(analysis: Analysis, *, expand: bool) -> Iterator[Line]:
    """Blocks with the layers of their first pass below them, or, expanded, every layer of every pass."""
    if expand:
        return (Line(row, 0) for row in analysis.rows)
    return _folded(analysis.entries, 0)


def _folded(entries: tuple[Entry, ...], depth: int) -> Iterator[Line]:
    for entry in entries:
        yield Line(entry, depth)
        if isinstance(entry, BlockRow) and entry.passes:
            yield from _folded(entry.passes[0].entries, depth + 1)


def columns_named(keys: list[str]) -> tuple[Column, ...]:
    """The columns with these keys; KeyError with the first that does not exist."""
    return tuple(COLUMN[key] for key in keys)


def text_rows(analysis: Analysis, columns: tuple[Column, ...], *, expand: bool) -> list[list[str]]:
    """The cells of every line, without the total; names of layers inside blocks are indented."""
    return [
        [_cell(line, column, analysis, expand=expand) for column in columns]
        for line in table_lines(analysis, expand=expand)
    ]


def _cell(line: Line, column: Column, analysis: Analysis, *, expand: bool) -> str:
    text = CONTROL.sub(" ", column.cell(line.entry, analysis))
    if column.key != "layer":
        return text
    if expand:
        return CONTROL.sub(" ", line.entry.path)
    repeat = f" × {line.entry.block.repeat}" if isinstance(line.entry, BlockRow) else ""
    return "  " * line.depth + text + repeat


def total_cells(analysis: Analysis, columns: tuple[Column, ...]) -> list[str]:
    """The cells of the line of totals."""
    cells = [column.total_text(analysis) for column in columns]
    return ["Total", *cells[1:]] if columns and columns[0].total is None else cells


def display_width(text: str) -> int:
    """Terminal columns that a text takes."""
    if text.isascii():
        return len(text)
    import wcwidth  # only names outside ASCII need it

    width = wcwidth.wcswidth(text)
    return width if width >= 0 else len(text)


def _padded(text: str, width: int, align: str) -> str:
    gap = " " * (width - display_width(text))
    return gap + text if align == "right" else text + gap


def plain_table(header: list[str], rows: list[list[str]], total: list[str], aligns: list[str]) -> list[str]:
    """A table for terminals: header, rule, rows, rule, totals. Exactly one line a row."""
    widths = [max(map(display_width, column)) for column in zip(header, *rows, total, strict=True)]
    rule = "─" * (sum(widths) + 2 * (len(widths) - 1))

    def line(cells: list[str]) -> str:
        return "  ".join(_padded(*parts) for parts in zip(cells, widths, aligns, strict=True)).rstrip()

    return [line(header), rule, *map(line, rows), rule, line(total)]


def markdown_table(header: list[str], rows: list[list[str]], total: list[str], aligns: list[str]) -> list[str]:
    """A table in GitHub's Markdown; nothing in a cell can end it or be taken for markup."""

    def line(cells: list[str]) -> str:
        return "| " + " | ".join(map(_markdown_text, cells)) + " |"

    rule = "| " + " | ".join("---:" if align == "right" else "---" for align in aligns) + " |"
    bold = [f"**{_markdown_text(cell)}**" if cell else "" for cell in total]
    return [line(header), rule, *map(line, rows), "| " + " | ".join(bold) + " |"]


def _markdown_text(text: str) -> str:
    indent = len(text) - len(text.lstrip(" "))
    escaped = re.sub(r"([\\`*_{}\[\]<>#|~])", r"\\\1", text.strip(" "))
    return "&nbsp;" * indent + escaped.replace("&", "&amp;") if indent else escaped.replace("&", "&amp;")


def delimited_table(analysis: Analysis, columns: tuple[Column, ...], *, expand: bool, delimiter: str = ",") -> str:
    """CSV or TSV with raw numbers; unknown cells are empty, and no name can be read as a spreadsheet's formula."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\n")
    writer.writerow([column.key for column in columns])
    for line in table_lines(analysis, expand=expand):
        writer.writerow([_raw_cell(column, line.entry, analysis, expand=expand) for column in columns])
    return buffer.getvalue()


def _raw_cell(column: Column, entry: Entry, analysis: Analysis, *, expand: bool) -> Any:
    value = entry.path if expand and column.key == "layer" else column.value(entry, analysis)
    if value is None:
        return ""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    text = CONTROL.sub(" ", value if isinstance(value, str) else column.text(value, analysis))
    # A spreadsheet takes a cell that begins so for a formula, quoted or not.
    return f"'{text}" if text[:1] in "=+-@\t" and text else text
