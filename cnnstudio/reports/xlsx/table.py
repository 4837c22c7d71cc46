"""A table on a sheet of a workbook, its totals as formulas with their values."""

from __future__ import annotations

from typing import Final

from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from cnnstudio.drawings.display_width import display_width
from cnnstudio.reports.content.manuscript import Cell, Table, TableField, TableLine
from cnnstudio.reports.xlsx.style import MAX_NUMBER, Styles

MAX_WIDTH: Final = 48
MAX_LEVELS: Final = 7
"""Levels to which a spreadsheet can fold rows."""
FIRST_ROW: Final = 1
BLANK_HEIGHT: Final = 24
_SUMMED: Final = ("count", "bytes")


def write_table(sheet: Worksheet, table: Table, styles: Styles) -> None:
    """Header, lines and totals; blocks fold. A hidden last column has the depth, by which totals skip inner rows."""
    for column, field in enumerate(table.fields):
        style = styles.header_right if field.align == "right" else styles.header
        sheet.write_string(0, column, field.title, style)
        sheet.set_column(column, column, _width(table, column, field))
    sheet.freeze_panes(FIRST_ROW, 1)
    sheet.repeat_rows(0)
    # A block's own line stands above its layers, where Excel expects a sum below them.
    sheet.outline_settings(visible=True, symbols_below=False)
    has_depths = any(line.depth for line in table.lines)
    for row, line in enumerate(table.lines, FIRST_ROW):
        _write_line(sheet, row, line, table.fields, styles)
        if has_depths:
            sheet.write_number(row, len(table.fields), line.depth)
    if has_depths:
        sheet.write_string(0, len(table.fields), "Depth", styles.header_right)
        sheet.set_column(len(table.fields), len(table.fields), 8, None, {"hidden": True})
    if table.total:
        _write_total(sheet, table, table.total, styles, has_depths=has_depths)
    _write_remarks(sheet, table, styles)


def _width(table: Table, column: int, field: TableField) -> float:
    """Letters, with room for the depth, for the total and for writing."""
    lines = [*table.lines, *([table.total] if table.total else [])]
    widths = [len(_written(line.cells[column], field)) + 2 * line.depth * (column == 0) for line in lines]
    least = 20 if any(line.cells[column].tone == "blank" for line in lines) else 6
    return min(MAX_WIDTH, max(least, display_width(field.title) + 1, *widths, 0) + 2)


def _written(cell: Cell, field: TableField) -> str:
    """About what is seen: bytes are written out in full."""
    if field.kind == "bytes" and isinstance(cell.value, int):
        return f"{cell.value:,}"
    return cell.text


def _write_line(sheet: Worksheet, row: int, line: TableLine, fields: tuple[TableField, ...], styles: Styles) -> None:
    for column, (cell, field) in enumerate(zip(line.cells, fields, strict=True)):
        look = cell.tone if cell.tone != "plain" else "block" if line.kind == "block" and not column else ""
        indent = min(15, line.depth) if column == 0 else 0
        style = styles.cell(kind=field.kind, align=field.align, look=look, bound=cell.bound, indent=indent)
        if cell.tone == "blank":
            sheet.write_blank(row, column, None, style)
        elif (
            # True is an int in Python, and would be written as 1.
            isinstance(cell.value, (int, float)) and not isinstance(cell.value, bool) and abs(cell.value) <= MAX_NUMBER
        ):
            sheet.write_number(row, column, cell.value, style)
        else:
            sheet.write_string(row, column, cell.text, style)
    height = BLANK_HEIGHT if any(cell.tone == "blank" for cell in line.cells) else None
    sheet.set_row(row, height, None, {"level": min(MAX_LEVELS, line.depth)} if line.depth else {})


def _number(cell: Cell) -> int | float | None:
    """The value of a cell that a spreadsheet can compute with."""
    value = cell.value
    if isinstance(value, bool) or not isinstance(value, (int, float)) or abs(value) > MAX_NUMBER:
        return None
    return value


def _write_total(sheet: Worksheet, table: Table, total: TableLine, styles: Styles, *, has_depths: bool) -> None:
    row = FIRST_ROW + len(table.lines)
    for column, (cell, field) in enumerate(zip(total.cells, table.fields, strict=True)):
        look = "blank" if cell.tone == "blank" else "total"
        style = styles.cell(kind=field.kind, align=field.align, look=look, bound=cell.bound)
        number = _number(cell)
        if cell.tone == "blank":
            sheet.write_blank(row, column, None, style)
        elif number is not None and field.kind in _SUMMED and _adds_up(table, column, number):
            # With its value, because viewers that compute nothing would show 0.
            sheet.write_formula(row, column, _sum_formula(table, column, has_depths=has_depths), style, number)
        elif number is not None:
            sheet.write_number(row, column, number, style)
        else:
            sheet.write_string(row, column, cell.text, style)


def _adds_up(table: Table, column: int, total: int | float) -> bool:
    """True if the numbers that are shown add up to the total: a block that is known in part shows none."""
    numbers = [_number(line.cells[column]) for line in table.lines if line.depth == 0]
    return bool(numbers) and sum(number for number in numbers if number is not None) == total


def _sum_formula(table: Table, column: int, *, has_depths: bool) -> str:
    """`=SUM(E2:E15)`, of the outermost rows alone where there are inner ones."""
    letters, last = xl_col_to_name(column), FIRST_ROW + len(table.lines)
    cells = f"{letters}{FIRST_ROW + 1}:{letters}{last}"
    if not has_depths:
        return f"=SUM({cells})"
    depth = xl_col_to_name(len(table.fields), col_abs=True)
    return f"=SUMIF({depth}${FIRST_ROW + 1}:{depth}${last},0,{cells})"


def _write_remarks(sheet: Worksheet, table: Table, styles: Styles) -> None:
    row = FIRST_ROW + len(table.lines) + 2
    for text in (table.caption, *table.remarks):
        if text:
            sheet.write_string(row, 0, text, styles.aside)
            row += 1
