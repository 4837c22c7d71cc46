"""A manuscript as an Excel workbook: numbers are numbers, totals are formulas, and no text is ever a formula."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import datetime, time
from typing import Final

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from cnnstudio import __version__
from cnnstudio.reports.bar_chart import METRICS
from cnnstudio.reports.manuscript import Chart, Drawing, Facts, Manuscript, Prose, Remarks, Section, Table, Worked
from cnnstudio.reports.xlsx_style import Styles
from cnnstudio.reports.xlsx_table import write_table

UNDATED: Final = datetime(2000, 1, 1)
"""When a workbook says it was made that has no date, so that the same design gives the same bytes."""
_OPTIONS: Final = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
    "nan_inf_to_errors": False,
}
_PAPERS: Final = {"a4": 9, "letter": 1}
_FAMILY_OF_BARS: Final = "#2f7bd1"
LONGEST_SHEET_NAME: Final = 28
_NOT_IN_NAMES: Final = re.compile(r"[\[\]:*?/\\]")
CHART_ROW: Final = 20
"""Pixels of a bar of the chart."""


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
                self._chart_sheet(chart)
            workings = [part for part in section.parts if isinstance(part, Worked)]
            if workings:
                self._working_sheet(workings, section.title)

    def _sheet(self, title: str) -> Worksheet:
        sheet = self.book.add_worksheet(self._name(title))
        sheet.set_paper(_PAPERS[self.manuscript.page.paper])
        sheet.hide_gridlines(2)
        sheet.set_footer("&R&P / &N")
        return sheet

    def _name(self, title: str) -> str:
        """A name for a sheet: short, without the signs that it must not have, and not taken yet."""
        name = _NOT_IN_NAMES.sub(" ", title).strip("' ")[:LONGEST_SHEET_NAME] or "Table"
        taken = {sheet.get_name().lower() for sheet in self.book.worksheets()}
        return next(one for one in (name, *(f"{name} {n}" for n in range(2, 100))) if one.lower() not in taken)

    def _table_sheet(self, table: Table, section: Section) -> None:
        sheet = self._sheet(section.title)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        write_table(sheet, table, self.styles)

    def _summary_sheet(self) -> None:
        sheet = self._sheet("Summary")
        sheet.set_column(0, 0, 24)
        sheet.set_column(1, 1, 90)
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

    def _said(self) -> Iterator[tuple[str, str]]:
        """What is neither table nor working, as names and texts."""
        for section in self.manuscript.sections:
            for part in section.parts:
                if isinstance(part, Facts):
                    yield from part.pairs
                elif isinstance(part, Prose):
                    yield from (("", text) for text in part.paragraphs)
                elif isinstance(part, Drawing):
                    yield section.title, part.words
                elif isinstance(part, Table):
                    yield from (("", text) for text in part.remarks)
                elif isinstance(part, Remarks):
                    for one in part.remarks:
                        place = f" in {one.place}" if one.place else ""
                        yield f"{one.severity.capitalize()}{place}", f"{one.sentence} {one.remedy}".strip()

    def _chart_sheet(self, part: Chart) -> None:
        """The bars as numbers, and Excel's own chart of them."""
        sheet = self._sheet("Chart")
        name = sheet.get_name()
        sheet.set_column(0, 0, 40)
        sheet.set_column(1, 1, 18)
        sheet.write_string(0, 0, "Layer", self.styles.header)
        sheet.write_string(0, 1, METRICS[part.metric], self.styles.header_right)
        for row, bar in enumerate(part.bars, 1):
            sheet.write_string(row, 0, bar.within + bar.label)
            if bar.value is None:
                sheet.write_string(row, 1, "unknown", self.styles.unknown)
            else:
                self.styles.write_count(sheet, row, 1, bar.value)
        sheet.freeze_panes(1, 0)
        last = len(part.bars)
        chart = self.book.add_chart({"type": "bar"})
        chart.add_series(
            {
                "name": METRICS[part.metric],
                "categories": [name, 1, 0, last, 0],
                "values": [name, 1, 1, last, 1],
                "fill": {"color": _FAMILY_OF_BARS},
                "gap": 40,
            }
        )
        chart.set_title({"name": part.title, "name_font": {"size": 12}})
        chart.set_legend({"none": True})
        chart.set_y_axis({"reverse": True})
        chart.set_x_axis({"num_format": "#,##0", "major_gridlines": {"visible": True, "line": {"color": "#dfe2e6"}}})
        if part.is_log:
            chart.set_x_axis({"log_base": 10, "num_format": "#,##0"})
        chart.set_size({"width": 760, "height": 120 + CHART_ROW * last})
        sheet.insert_chart(0, 3, chart, {"description": f"{part.title}: {part.remark}"})

    def _working_sheet(self, parts: list[Worked], title: str) -> None:
        sheet = self._sheet(title or "Working")
        heads = ("Layer", "Quantity", "Formula", "Substitution", "Value", "Remark")
        for column, (head, width) in enumerate(zip(heads, (30, 30, 48, 48, 18, 40), strict=True)):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, head, self.styles.header_right if head == "Value" else self.styles.header)
        sheet.freeze_panes(1, 2)
        row = 0
        for part in parts:
            for working in part.workings:
                row += 1
                *steps, last = working.steps()
                texts = (part.title, working.name, *[*steps, "", ""][:2])
                for column, text in enumerate(texts):
                    sheet.write_string(row, column, text, self.styles.wrapped)
                if working.value is None:
                    sheet.write_string(row, 4, last, self.styles.unknown)
                else:
                    self.styles.write_count(sheet, row, 4, working.value)
                sheet.write_string(row, 5, working.reason, self.styles.wrapped)
