"""The layer table as rows of text, and those rows as a plain, Markdown or CSV table."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Collection, Iterator
from typing import Any

import msgspec
from msgspec import Struct

from cnnstudio.core.arithmetic.numerals import UNKNOWN
from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.counting.columns import Column
from cnnstudio.core.counting.rows import BlockRow, Entry
from cnnstudio.drawings.display_width import CONTROL, display_width

FORMULA_SIGNS = "=+-@\t＝＋－＠"
"""Characters that a spreadsheet takes for the beginning of a formula; some read the wide signs of East Asian keyboards
so too.
"""
Paint = Callable[[str, str], str]
"""Gives a text the look of a style ("title", "header", "rule", "block", "total", "unknown", "note"), or none."""
MAX_CELL_LENGTH = 60
"""Terminal columns that a cell of the plain table may take; the other forms have it whole."""


def unpainted(_style: str, text: str) -> str:
    """The text as it is."""
    return text


class EntryLine(Struct, frozen=True):
    """One line of the table: an entry, and how deep it lies in blocks."""

    entry: Entry
    depth: int


def table_lines(analysis: Analysis, *, expand: bool, depth: int | None = None) -> Iterator[EntryLine]:
    """Blocks with the layers of their first pass below them, or, expanded, every layer of every pass.

    `depth` is how many levels of blocks are opened: none of them for 0.
    """
    if expand:
        return (EntryLine(row, 0) for row in analysis.rows)
    return _folded(analysis.entries, 0, depth)


def _folded(entries: tuple[Entry, ...], depth: int, deepest: int | None) -> Iterator[EntryLine]:
    for entry in entries:
        yield EntryLine(entry, depth)
        if isinstance(entry, BlockRow) and entry.passes and (deepest is None or depth < deepest):
            yield from _folded(entry.passes[0].entries, depth + 1, deepest)


def text_rows(
    analysis: Analysis, columns: tuple[Column, ...], *, expand: bool, depth: int | None = None
) -> list[list[str]]:
    """The cells of every line, without the total; names of layers inside blocks are indented."""
    return [
        [_cell(line, column, analysis, expand=expand) for column in columns]
        for line in table_lines(analysis, expand=expand, depth=depth)
    ]


def _cell(line: EntryLine, column: Column, analysis: Analysis, *, expand: bool) -> str:
    text = CONTROL.sub(" ", column.cell(line.entry, analysis))
    if column.key != "layer":
        return text
    if expand:
        return CONTROL.sub(" ", line.entry.path)
    times = line.entry.block.repeat if isinstance(line.entry, BlockRow) else 1
    return "  " * line.depth + text + (f" × {times}" if times > 1 else "")


def total_cells(analysis: Analysis, columns: tuple[Column, ...]) -> list[str]:
    """The cells of the line of totals."""
    cells = [column.total_text(analysis) for column in columns]
    return ["Total", *cells[1:]] if columns and columns[0].summed is None else cells


def shortened(text: str, width: int = MAX_CELL_LENGTH) -> str:
    """The text, without its middle where it takes more terminal columns than `width`."""
    if display_width(text) <= width:
        return text
    begin, end = width - width // 3 - 1, width // 3
    while display_width(text[:begin]) > width - width // 3 - 1:
        begin -= 1
    while display_width(text[len(text) - end :]) > width // 3:
        end -= 1
    return f"{text[:begin]}…{text[len(text) - end :]}"


def _padded(text: str, width: int, align: str) -> str:
    gap = " " * (width - display_width(text))
    return gap + text if align == "right" else text + gap


def plain_table(
    header: list[str],
    rows: list[list[str]],
    total: list[str],
    aligns: list[str],
    styles: list[str] | None = None,
    paint: Paint = unpainted,
    names: Collection[int] = (0,),
) -> list[str]:
    """A table for terminals: header, rule, rows, rule, totals. Exactly one line a row, painted in its style.

    `names` are the columns of names and words, in which `unknown` is one of these.
    """
    rows = [[shortened(cell) for cell in row] for row in rows]
    widths = [max(map(display_width, column)) for column in zip(header, *rows, total, strict=True)]
    rule = paint("rule", "─" * (sum(widths) + 2 * (len(widths) - 1)))

    def line(style: str, cells: list[str]) -> str:
        parts = [_padded(*cell) for cell in zip(cells, widths, aligns, strict=True)]
        parts[-1] = parts[-1].rstrip()
        painted = [
            paint("unknown" if cell == UNKNOWN and place not in names else style, part)
            for place, (cell, part) in enumerate(zip(cells, parts, strict=True))
        ]
        return "  ".join(painted).rstrip()

    body = [line(style, row) for style, row in zip(styles or ["row"] * len(rows), rows, strict=True)]
    return [line("header", header), rule, *body, rule, line("total", total)]


def markdown_table(header: list[str], rows: list[list[str]], total: list[str], aligns: list[str]) -> list[str]:
    """A table in GitHub's Markdown; nothing in a cell can end it or be taken for markup."""

    def line(cells: list[str]) -> str:
        return "| " + " | ".join(map(markdown_text, cells)) + " |"

    rule = "| " + " | ".join("---:" if align == "right" else "---" for align in aligns) + " |"
    bold = [f"**{markdown_text(cell)}**" if cell else "" for cell in total]
    return [line(header), rule, *map(line, rows), "| " + " | ".join(bold) + " |"]


def markdown_text(text: str) -> str:
    """A text of one line with nothing in it that Markdown or HTML acts on; indentation stays."""
    escaped = re.sub(r"([\\`*_{}\[\]<>#|~$])", r"\\\1", text.replace("&", "&amp;").strip(" "))
    return "&nbsp;" * (len(text) - len(text.lstrip(" "))) + escaped


def delimited_table(analysis: Analysis, columns: tuple[Column, ...], *, expand: bool, delimiter: str = ",") -> str:
    """CSV or TSV with raw numbers; unknown cells are empty, and no name can be read as a spreadsheet's formula."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\n")
    writer.writerow([column.key for column in columns])
    for line in table_lines(analysis, expand=expand):
        writer.writerow([raw_cell(column, line.entry, analysis, expand=expand) for column in columns])
    return buffer.getvalue()


def delimited_rows(rows: list[list[str]], delimiter: str) -> str:
    """Rows of texts as CSV or TSV, none of which a spreadsheet takes for a formula."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\n")
    writer.writerows([[guarded(CONTROL.sub(" ", text)) for text in row] for row in rows])
    return buffer.getvalue()


def raw_cell(column: Column, entry: Entry, analysis: Analysis, *, expand: bool) -> Any:
    value = entry.path if expand and column.key == "layer" else column.value(entry, analysis)
    if value is None:
        return ""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    if isinstance(value, (list, tuple)) and column.key != "inputs":
        # `[96, 55, 55]`: programs read it as a list, whatever the order in which people see shapes.
        return msgspec.json.encode(value).decode().replace(",", ", ") if value else ""
    return guarded(CONTROL.sub(" ", value if isinstance(value, str) else column.text(value, analysis)))


def guarded(text: str) -> str:
    """The text of a cell, behind an apostrophe where a spreadsheet would take it for a formula, quoted or not."""
    return f"'{text}" if text[:1] in FORMULA_SIGNS and text else text
