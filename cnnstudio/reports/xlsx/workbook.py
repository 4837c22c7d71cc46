"""A manuscript as an Excel workbook: numbers are numbers, totals are formulas, and no text is ever a formula."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import datetime, time
from typing import Final

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from cnnstudio.reports.content.manuscript import (
    Chart,
    Facts,
    Figure,
    Manuscript,
    Prose,
    Remarks,
    Section,
    Table,
    Worked,
)
from cnnstudio.reports.xlsx.sheets import write_chart, write_working
from cnnstudio.reports.xlsx.style import Styles, lines_height
from cnnstudio.reports.xlsx.table import write_table
from cnnstudio.version import __version__

UNDATED: Final = datetime(2000, 1, 1)
"""The creation date of a workbook without one, so that the same design gives the same bytes."""
_OPTIONS: Final = {
    # Without temporary files: the folder for them may be full or missing.
    "in_memory": True,
    # A layer may be called `=HYPERLINK(...)`: no text of a design is ever to act in a spreadsheet.
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
    "nan_inf_to_errors": False,
}
_PAPERS: Final = {"a4": 9, "letter": 1}
NAMES: Final = 24
SAID: Final = 90
"""Letters of the two columns of the summary."""
MAX_SHEET_NAME_LENGTH: Final = 28
_NOT_IN_NAMES: Final = re.compile(r"[\[\]:*?/\\]")


def xlsx_bytes(manuscript: Manuscript) -> bytes:
    """The workbook: a sheet for each section that has a table, and one for what there is to say besides."""
    buffer = io.BytesIO()
    book = Workbook(buffer, _OPTIONS)
    made = datetime.combine(manuscript.date, time()) if manuscript.date else UNDATED
    book.set_properties({"title": manuscript.title, "created": made, "comments": f"CNN Studio {__version__}"})
    _Book(book, manuscript).write()
    book.close()
    return buffer.getvalue()


class _Book:
    """The sheets of a workbook, as they are filled."""

    def __init__(self, book: Workbook, manuscript: Manuscript) -> None:
        self.book, self.manuscript = book, manuscript
        self.styles = Styles(book)

    def write(self) -> None:
        """Tables first, as people look for them; then facts, problems and the working."""
        for section in self.manuscript.sections:
            for table in (part for part in section.parts if isinstance(part, Table)):
                self._table_sheet(table, section)
        self._summary_sheet()
        for section in self.manuscript.sections:
            for chart in (part for part in section.parts if isinstance(part, Chart)):
                write_chart(self.book, self._turned_sheet("Chart"), chart, self.styles)
            workings = [part for part in section.parts if isinstance(part, Worked)]
            if workings:
                write_working(self._turned_sheet(section.title or "Working"), workings, self.styles)

    def _sheet(self, title: str) -> Worksheet:
        sheet = self.book.add_worksheet(self._name(title))
        sheet.set_paper(_PAPERS[self.manuscript.page.paper])
        sheet.fit_to_pages(1, 0)
        sheet.hide_gridlines(2)
        sheet.set_footer("&R&P / &N")
        return sheet

    def _turned_sheet(self, title: str) -> Worksheet:
        sheet = self._sheet(title)
        sheet.set_landscape()
        return sheet

    def _name(self, title: str) -> str:
        """A name for a sheet: short, without the signs that it must not have, and not taken yet."""
        # Excel refuses these signs, quotes at the ends, and names of more than 31 letters; some are kept for a number.
        name = _NOT_IN_NAMES.sub(" ", title).strip("' ")[:MAX_SHEET_NAME_LENGTH] or "Table"
        # Excel takes names of sheets for equal that differ in case alone.
        taken = {sheet.get_name().lower() for sheet in self.book.worksheets()}
        return next(
            candidate for candidate in (name, *(f"{name} {n}" for n in range(2, 100))) if candidate.lower() not in taken
        )

    def _table_sheet(self, table: Table, section: Section) -> None:
        write_table(self._turned_sheet(section.title), table, self.styles)

    def _summary_sheet(self) -> None:
        sheet = self._sheet("Summary")
        sheet.set_column(0, 0, NAMES)
        sheet.set_column(1, 1, SAID)
        sheet.write_string(0, 0, self.manuscript.title, self.styles.title)
        row = 1
        if self.manuscript.date:
            sheet.write_datetime(row, 0, datetime.combine(self.manuscript.date, time()), self.styles.date)
            row += 1
        for text in self.manuscript.lead:
            sheet.write_string(row, 0, text)
            row += 1
        for name, text in self._said():
            row += 1
            sheet.write_string(row, 0, name, self.styles.name)
            sheet.write_string(row, 1, text, self.styles.wrapped)
            sheet.set_row(row, lines_height((name, NAMES), (text, SAID)))

    def _said(self) -> Iterator[tuple[str, str]]:
        """Parts that are neither table nor working, as names and texts."""
        for section in self.manuscript.sections:
            for part in section.parts:
                if isinstance(part, Facts):
                    yield from part.pairs
                elif isinstance(part, Prose):
                    yield from (("", text) for text in part.paragraphs)
                elif isinstance(part, Figure):
                    yield section.title, part.words
                elif isinstance(part, Table):
                    yield from (("", text) for text in part.remarks)
                elif isinstance(part, Remarks):
                    for remark in part.remarks:
                        place = f" in {remark.place}" if remark.place else ""
                        yield f"{remark.severity.capitalize()}{place}", f"{remark.sentence} {remark.remedy}".strip()
