"""The looks of cells in a workbook, and how a number gets into one."""

from __future__ import annotations

from math import ceil
from typing import Any, Final

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from cnnstudio.core.arithmetic.measure import Bound, bound_words
from cnnstudio.drawings.colours import LIGHT_PAGE
from cnnstudio.drawings.display_width import display_width
from cnnstudio.reports.content.manuscript import Kind

MAX_NUMBER: Final = 10**15 - 1
"""A spreadsheet keeps 15 digits; a longer number would silently become another one, and is written as text."""
_NUMBERS: Final[dict[Kind, str]] = {"text": "General", "count": "#,##0", "bytes": "#,##0", "share": "0.0%"}


LINE_HEIGHT: Final = 15.0
"""Points of one line of text."""


def lines_height(*texts: tuple[str, int]) -> float:
    """The height of a row with wrapped texts, each with the letters of its column; not all programs find it out."""
    return LINE_HEIGHT * max(1, *(ceil(display_width(text) / width) for text, width in texts))


class Styles:
    """Formats by name; those of table cells are made as they are asked for."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._cells: dict[tuple[object, ...], Format] = {}
        self.title = book.add_format({"bold": True, "font_size": 16})
        self.date = book.add_format({"num_format": "d mmmm yyyy", "align": "left"})
        self.name = book.add_format({"font_color": LIGHT_PAGE.muted, "valign": "top", "text_wrap": True})
        self.wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        self.count = book.add_format({"num_format": _NUMBERS["count"], "valign": "top"})
        self.unknown = book.add_format({"font_color": LIGHT_PAGE.danger, "align": "right", "valign": "top"})
        head: dict[str, Any] = {"bold": True, "bottom": 1, "text_wrap": True, "valign": "bottom"}
        self.header = book.add_format(head)
        self.header_right = book.add_format({**head, "align": "right"})
        self.remark = book.add_format(
            {"font_color": LIGHT_PAGE.muted, "text_wrap": True, "valign": "top", "align": "left", "indent": 1}
        )
        self.aside = book.add_format({"font_color": LIGHT_PAGE.muted})

    def cell(self, *, kind: Kind, align: str, look: str, bound: Bound = "exact", indent: int = 0) -> Format:
        """A cell of a table. `look` is a tone or the kind of a line; `bound` is how its number is known."""
        key = (kind, align, look, bound, indent)
        if key not in self._cells:
            options: dict[str, Any] = {"align": align, "indent": indent, "valign": "top"}
            prefix, number = bound_words(bound), _NUMBERS[kind]
            # The prefix is a part of the format and not of the cell, so that the number stays one that formulas can
            # use.
            options["num_format"] = f'"{prefix}"{number}' if prefix else number
            options |= _LOOKS.get(look, {})
            self._cells[key] = self._book.add_format(options)
        return self._cells[key]

    def write_count(self, sheet: Worksheet, row: int, column: int, value: int) -> None:
        """A count as a number, or, with more digits than a spreadsheet keeps, as text."""
        if abs(value) > MAX_NUMBER:
            sheet.write_string(row, column, f"{value:,}", self.count)
        else:
            sheet.write_number(row, column, value, self.count)


_LOOKS: Final[dict[str, dict[str, Any]]] = {
    "block": {"bold": True},
    "total": {"bold": True, "top": 1},
    "unknown": {"font_color": LIGHT_PAGE.danger},
    "blank": {"bottom": 3, "bg_color": "#fff8e1"},
    "answer": {"bold": True, "font_color": LIGHT_PAGE.accent},
    "changed": {"bold": True, "bg_color": "#dce9fb"},
}
