"""The layer table of a report: the cells with the texts of the screen and the values behind them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from msgspec import structs

from cnnstudio.core.arithmetic.numerals import exact
from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.counting.columns import COLUMN, Column
from cnnstudio.core.counting.rows import BlockRow, Entry, Row
from cnnstudio.reports.content.manuscript import Cell, Kind, Table, TableField, TableLine, Tone
from cnnstudio.reports.content.report import ReportRequest
from cnnstudio.reports.content.subtotals import ADDED, By, Subtotal, subtotals
from cnnstudio.reports.terminal.table import EntryLine, raw_cell, table_lines
from cnnstudio.reports.terminal.totals_text import one_line, reading_lines

BLANK: Final = Cell("", None, "blank")


def layer_table(report: ReportRequest) -> Table:
    """The table as the report shows it: blocks with their first pass, or every layer of every repeat."""
    lines = tuple(_line(line, report, expand=report.expand) for line in _shown_lines(report))
    remarks = reading_lines(report.analysis, report.columns, expand=report.expand)[1:]
    return Table(_fields(report), lines, _total(report), (*remarks, *_reading_help(report)))


def _reading_help(report: ReportRequest) -> Iterator[str]:
    """The rules by which the given columns of a worksheet are read."""
    if report.worksheet is None:
        return
    keys = {column.key for column in report.columns}
    if "inputs" in keys:
        yield "Inputs names what flows into a layer; in a block, input is what flows into the block."
    if keys & {"other_settings", "settings"}:
        yield "What is not said of a layer is as usual: a bias, no groups, no dilation, sizes rounded down."


def _shown_lines(report: ReportRequest) -> Iterator[EntryLine]:
    return table_lines(report.analysis, expand=report.expand, depth=report.depth)


def subtotals_table(report: ReportRequest, by: By) -> Table:
    """The subtotals by kind or by stage as a table."""
    analysis = report.analysis
    shape = [TableField("output", "Output shape")] if by == "stage" else []
    fields = [TableField(by, by.capitalize()), TableField("layers", "Layers", align="right", kind="count"), *shape]
    fields += [TableField(key, COLUMN[key].title, COLUMN[key].help, "right", "count") for key in ADDED]
    lines = tuple(TableLine(tuple(_subtotal_cells(row, by, analysis))) for row in subtotals(analysis, by))
    totals = [COLUMN[key].quantity for key in ADDED]
    sums = [quantity.total(analysis) for quantity in totals if quantity is not None]
    total = [Cell("Total", "Total"), Cell(f"{analysis.totals.layers:,}", analysis.totals.layers)]
    total += [Cell("") for _ in shape] + [Cell(found.text(exact), found.value, "plain", found.bound) for found in sums]
    return Table(tuple(fields), lines, TableLine(tuple(total), "total"))


def _subtotal_cells(row: Subtotal, by: By, analysis: Analysis) -> Iterator[Cell]:
    yield Cell(one_line(row.name), row.name)
    yield Cell(f"{row.layers:,}", row.layers)
    if by == "stage":
        text = analysis.convention.shape_text(row.output) if row.output else row.output_unknown
        yield Cell(text, text)
    for key in ADDED:
        yield Cell(row.text(key), row.sums[key], "plain", "at least" if row.unknown[key] else "exact")


def layer_records(report: ReportRequest) -> Table:
    """The table that machines read: one line a layer, blocks expanded, as sums of blocks would be added up twice.

    ValueError if the design expands to more layers than can be listed. A worksheet, which nobody adds up, stays.
    """
    if report.worksheet is not None:
        return layer_table(report)
    lines = tuple(
        TableLine(tuple([_record_cell(column, line.entry, report) for column in report.columns]))
        for line in table_lines(report.analysis, expand=True)
    )
    return Table(_fields(report), lines)


def _record_cell(column: Column, entry: Entry, report: ReportRequest) -> Cell:
    """A cell for programs: a list stands in it as a list."""
    cell = _cell(column, entry, report, expand=True)
    value = raw_cell(column, entry, report.analysis, expand=True)
    is_list = isinstance(column.value(entry, report.analysis), (list, tuple)) and isinstance(value, str) and value
    return structs.replace(cell, text=value, value=value) if is_list else cell


def _fields(report: ReportRequest) -> tuple[TableField, ...]:
    return tuple(
        TableField(column.key, column.title, column.help, column.align, _kind(column)) for column in report.columns
    )


def _kind(column: Column) -> Kind:
    return column.quantity.unit.kind if column.quantity else "text"


def _line(line: EntryLine, report: ReportRequest, *, expand: bool) -> TableLine:
    entry = line.entry
    cells = tuple([_cell(column, entry, report, expand=expand) for column in report.columns])
    if isinstance(entry, BlockRow):
        return TableLine(cells, "block", line.depth, entry.block.family)
    return TableLine(cells, "row", line.depth, entry.layer.family)


def _cell(column: Column, entry: Entry, report: ReportRequest, *, expand: bool) -> Cell:
    tone = _blank_tone(column, report)
    if tone == "blank":
        return BLANK
    if column.key == "layer":
        return _name(entry, expand=expand)
    value = column.value(entry, report.analysis)
    text = one_line(column.text(value, report.analysis))
    if column.is_unknown(value, text):
        return Cell(column.cell(entry, report.analysis), None, "unknown")
    return Cell(text, _plain(value, text), tone)


def _name(entry: Entry, *, expand: bool) -> Cell:
    """The path of an expanded layer; else the name, and of a block how often it is repeated."""
    if isinstance(entry, Row):
        name = one_line(entry.path if expand else entry.layer.name)
        return Cell(name, name)
    name = one_line(entry.block.name)
    return Cell(f"{name} × {entry.block.repeat}" if entry.block.repeat > 1 else name, name)


def _plain(value: Any, text: str) -> int | float | str | bool | None:
    """The value of a cell that has one; shapes and the like are words."""
    if isinstance(value, (int, float)):
        return value
    return text if text else None


def _blank_tone(column: Column, report: ReportRequest) -> Tone:
    sheet = report.worksheet
    if sheet is None or column.key not in sheet.blank:
        return "plain"
    return "answer" if sheet.has_answers else "blank"


def _total(report: ReportRequest) -> TableLine | None:
    """The line of totals; none where no column can be summed up."""
    if not any(column.summed for column in report.columns):
        return None
    cells = [_total_cell(column, report) for column in report.columns]
    if report.columns[0].summed is None:
        cells[0] = Cell("Total", "Total")
    return TableLine(tuple(cells), "total")


def _total_cell(column: Column, report: ReportRequest) -> Cell:
    if column.summed is None:
        return Cell("")
    tone = _blank_tone(column, report)
    if tone == "blank":
        return BLANK
    total = column.summed.total(report.analysis)
    return Cell(total.text(column.summed.unit.full), total.value, tone, total.bound)
