"""The sheets of a workbook beside its tables: the chart with its numbers, and the working."""

from __future__ import annotations

from typing import Any, Final

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from cnnstudio.drawings.chart.bar import METRICS, Bar
from cnnstudio.drawings.colours import LIGHT_PAGE
from cnnstudio.reports.content.manuscript import Chart, Worked
from cnnstudio.reports.xlsx.style import Styles, lines_height

BAR_HEIGHT: Final = 20
"""Pixels of a bar of the chart."""
_COLUMNS: Final = (
    *(("Layer", 30), ("Quantity", 40), ("Formula", 48)),
    *(("Substitution", 48), ("Value", 18), ("Remark", 40)),
)
"""Titles and widths of the working."""


def write_chart(book: Workbook, sheet: Worksheet, part: Chart, styles: Styles) -> None:
    """The bars as numbers, and a chart of them; without bars that sum up others, so that the numbers add up."""
    bars = [bar for bar in part.bars if not bar.is_sum]
    _write_bars(sheet, bars, METRICS[part.metric], styles)
    chart = book.add_chart({"type": "bar"})
    name, last = sheet.get_name(), len(bars)
    chart.add_series(
        {
            "name": METRICS[part.metric],
            "categories": [name, 1, 0, last, 0],
            "values": [name, 1, 1, last, 1],
            "fill": {"color": LIGHT_PAGE.families["convolution"]},
            "gap": 40,
        }
    )
    chart.set_title({"name": part.title, "name_font": {"size": 12}})
    chart.set_legend({"none": True})
    # Excel draws the first bar at the bottom; the network begins at the top.
    chart.set_y_axis({"reverse": True})
    lines: dict[str, Any] = {"visible": True, "line": {"color": LIGHT_PAGE.hairline}}
    chart.set_x_axis({"num_format": "#,##0", "major_gridlines": lines, **({"log_base": 10} if part.is_log else {})})
    chart.set_size({"width": 760, "height": 120 + BAR_HEIGHT * last})
    sheet.insert_chart(0, 3, chart, {"description": f"{part.title}: {part.remark}"})


def _write_bars(sheet: Worksheet, bars: list[Bar], title: str, styles: Styles) -> None:
    sheet.set_column(0, 0, 40)
    sheet.set_column(1, 1, 18)
    sheet.write_string(0, 0, "Layer", styles.header)
    sheet.write_string(0, 1, title, styles.header_right)
    sheet.freeze_panes(1, 0)
    for row, bar in enumerate(bars, 1):
        sheet.write_string(row, 0, bar.within + bar.label)
        if bar.value is None:
            sheet.write_string(row, 1, "unknown", styles.unknown)
        else:
            styles.write_count(sheet, row, 1, bar.value)


def write_working(sheet: Worksheet, parts: list[Worked], styles: Styles) -> None:
    """One line a number: formula, substitution, and the value as a number."""
    for column, (head, width) in enumerate(_COLUMNS):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, head, styles.header_right if head == "Value" else styles.header)
    sheet.freeze_panes(1, 2)
    sheet.repeat_rows(0)
    lines = ((part.title, working) for part in parts for working in part.workings)
    for row, (title, working) in enumerate(lines, 1):
        *steps, last = working.steps()
        texts = (title, working.name, *[*steps, "", ""][:2])
        for column, text in enumerate(texts):
            sheet.write_string(row, column, text, styles.wrapped)
        if working.value is None:
            sheet.write_string(row, len(texts), last, styles.unknown)
        else:
            styles.write_count(sheet, row, len(texts), working.value)
        sheet.write_string(row, len(texts) + 1, working.reason, styles.remark)
        widths = (width for _, width in _COLUMNS)
        sheet.set_row(row, lines_height(*zip((*texts, "", working.reason), widths, strict=True)))
