"""A table on paper: its columns fitted to the page, its header on every page."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from math import floor
from typing import Final

from msgspec import Struct
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from cnnstudio.app.reports.pdf.flow import Piece
from cnnstudio.app.reports.pdf.ink import POINT, Words, colour_of, font_of, hairline, metrics_of, printable
from cnnstudio.reports.content.manuscript import Cell, Table, TableField, TableLine
from cnnstudio.reports.forms.table_width import column_groups

USUAL_POINTS: Final = 8.5
MIN_POINTS: Final = 6.0
GAP: Final = 9.0
"""Space between columns, as a multiple of a tenth of the text's size."""
INDENT: Final = 10.0
MARK: Final = 6.0
NAME_SHARE: Final = 0.3
"""The part of the page that a column of long texts may take."""
BLANK_POINTS: Final = 22.0
BLANK_WIDTH: Final = 92.0
ROW_SPACE: Final = 0.5
"""The space above and below the text of a line together, as a multiple of its size."""
_TONES: Final = {"unknown": "danger", "answer": "accent"}


class _Column(Struct, frozen=True):
    """A column as it is set: which field, where, and how wide."""

    number: int
    field: TableField
    x: float
    width: float


class _Setting(Struct, frozen=True):
    """The setting of a table: its columns, the size of its text, and its width."""

    columns: tuple[_Column, ...]
    points: float
    width: float


def natural_widths(table: Table) -> list[float]:
    """The width of each column at the usual size, were nothing wrapped."""
    plain, bold = metrics_of(USUAL_POINTS), metrics_of(USUAL_POINTS, bold=True)
    widths = [plain.horizontalAdvance(field.title) for field in table.fields]
    seen: list[set[str]] = [set() for _ in widths]
    for line in (*table.lines, *([table.total] if table.total else [])):
        metrics = bold if line.kind != "row" else plain
        for number, cell in enumerate(line.cells):
            if number and line.kind == "row":
                if cell.text in seen[number]:
                    continue
                seen[number].add(cell.text)
            extra = (INDENT * line.depth + MARK + 4) * POINT if number == 0 else 0.0
            written = printable(cell.text)
            text = bold.horizontalAdvance(written) if cell.tone in _TONES else metrics.horizontalAdvance(written)
            blank = BLANK_WIDTH * POINT if cell.tone == "blank" else 0.0
            widths[number] = max(widths[number], text + extra, blank)
    return widths


def table_points(table: Table, width: float) -> float:
    """The size at which a table fits a page of that width; the smallest if it does not."""
    widths = _limited(natural_widths(table), table, width)
    total = sum(widths) + _gap(USUAL_POINTS) * (len(widths) - 1)
    # Fonts have sizes in tenths; a size between them would be measured as another.
    fitting = floor(USUAL_POINTS * width / max(1.0, total) * POINT) / POINT
    return max(MIN_POINTS, min(USUAL_POINTS, fitting))


def table_pieces(table: Table, width: float) -> Iterator[Piece]:
    """Header, lines, totals and remarks. Columns that find no room follow below, each time after the first one."""
    if table.caption:
        words = Words(table.caption, 9, width, bold=True)
        yield Piece(words.height + 3 * POINT, words.draw, gap=8 * POINT, leads=True)
    for number, setting in enumerate(_settings(table, width)):
        yield from _set_pieces(table, setting, gap=14 * POINT if number else 0.0)
    for text in table.remarks:
        words = Words(text, 8, width)
        yield Piece(words.height, partial(words.draw, colour="muted"), gap=4 * POINT)


def _settings(table: Table, width: float) -> Iterator[_Setting]:
    points = table_points(table, width)
    scale = points / USUAL_POINTS
    widths = [natural * scale for natural in _limited(natural_widths(table), table, width)]
    gap = _gap(points)
    for numbers in column_groups(widths, gap, width):
        # What is left over goes between the columns, but no more than makes a line hard to follow.
        used = sum(widths[number] for number in numbers) + gap * (len(numbers) - 1)
        spare = max(0.0, width - used) / max(1, len(numbers) - 1)
        extra = min(spare, 3 * gap)
        x = 0.0
        columns = []
        for number in numbers:
            columns.append(_Column(number, table.fields[number], x, widths[number]))
            x += widths[number] + gap + extra
        yield _Setting(tuple(columns), points, min(width, x - gap - extra))


def _limited(widths: list[float], table: Table, page: float) -> list[float]:
    """Widths with columns of long texts cut to a part of the page; numbers are never wrapped."""
    most = page * NAME_SHARE
    return [
        min(width, most) if field.align == "left" else width for width, field in zip(widths, table.fields, strict=True)
    ]


def _gap(points: float) -> float:
    return GAP * points / 10 * POINT


def _set_pieces(table: Table, setting: _Setting, gap: float) -> Iterator[Piece]:
    header = _header(setting, gap)
    for number, line in enumerate(table.lines):
        yield from [header] if number == 0 else []
        yield _line_piece(line, setting, header)
    if table.total:
        yield _line_piece(table.total, setting, header)


def _header(setting: _Setting, gap: float) -> Piece:
    titles = [
        Words(heading.field.title, setting.points, heading.width + 2, right=heading.field.align == "right")
        for heading in setting.columns
    ]
    height = max(title.height for title in titles)

    def draw(painter: QPainter, x: float, y: float) -> None:
        for column, title in zip(setting.columns, titles, strict=True):
            title.draw(painter, x + column.x, y + height - title.height, "muted")
        hairline(painter, x, y + height + 2 * POINT, setting.width, "text")

    return Piece(height + 4 * POINT, draw, gap=gap, leads=True)


def _line_piece(line: TableLine, setting: _Setting, header: Piece) -> Piece:
    wrapped = {
        column.number: words
        for column in setting.columns
        if (words := _wrapped(line, column, setting.points)) is not None
    }
    text = metrics_of(setting.points).height()
    height = max([text, *(words.height for words in wrapped.values())]) + ROW_SPACE * setting.points * POINT
    if any(line.cells[column.number].tone == "blank" for column in setting.columns):
        height = max(height, BLANK_POINTS * POINT)

    def draw(painter: QPainter, x: float, y: float) -> None:
        if line.kind == "total":
            hairline(painter, x, y, setting.width, "text")
        _draw_line(painter, x, y, height, line, setting, wrapped)
        if line.kind != "total":
            hairline(painter, x, y + height - 0.2 * POINT, setting.width)

    return Piece(height, draw, header=header)


def _wrapped(line: TableLine, column: _Column, points: float) -> Words | None:
    """The lines of a text that is too wide for its column."""
    cell, bold = line.cells[column.number], _is_bold(line, column.number)
    room = column.width - _offset(line, column.number, points)
    written = printable(cell.text)
    if column.field.align == "right" or metrics_of(points, bold=bold).horizontalAdvance(written) <= room + 2:
        return None
    return Words(cell.text, points, max(room, 30 * POINT), bold=bold)


def _offset(line: TableLine, number: int, points: float) -> float:
    """The distance from the left at which a cell begins: names leave room for the mark, and are indented by depth."""
    if number:
        return 0.0
    return (INDENT * line.depth + (MARK + 4 if line.family else 0.0)) * points / USUAL_POINTS * POINT


def _is_bold(line: TableLine, number: int) -> bool:
    tone = line.cells[number].tone
    return line.kind == "total" or (line.kind == "block" and number == 0) or tone in ("answer", "changed")


def _draw_line(
    painter: QPainter, x: float, y: float, height: float, line: TableLine, setting: _Setting, wrapped: dict[int, Words]
) -> None:
    metrics = metrics_of(setting.points)
    top = y + ROW_SPACE / 2 * setting.points * POINT
    if height >= BLANK_POINTS * POINT and not wrapped:
        top = y + height - metrics.height() - 3 * POINT
    for column in setting.columns:
        cell, left = line.cells[column.number], x + column.x
        if column.number == 0 and line.family:
            _draw_mark(painter, left, top, line, setting.points)
        if cell.tone == "blank":
            hairline(painter, left, y + height - 4 * POINT, column.width, "muted")
            continue
        left += _offset(line, column.number, setting.points)
        tone = _TONES.get(cell.tone, "text")
        if column.number in wrapped:
            wrapped[column.number].draw(painter, left, top, tone)
            continue
        painter.setPen(colour_of(tone))
        painter.setFont(font_of(setting.points, bold=_is_bold(line, column.number)))
        _draw_text(painter, cell, column, left, top + metrics.ascent(), x + column.x + column.width)


def _draw_text(painter: QPainter, cell: Cell, column: _Column, left: float, base: float, right: float) -> None:
    if not cell.text:
        return
    if column.field.align == "right":
        left = right - painter.fontMetrics().horizontalAdvance(cell.text)
    painter.drawText(QPointF(left, base), printable(cell.text))


def _draw_mark(painter: QPainter, left: float, top: float, line: TableLine, points: float) -> None:
    """The square in the colour of the family."""
    scale = points / USUAL_POINTS * POINT
    side = MARK * scale
    x = left + INDENT * line.depth * scale
    y = top + (metrics_of(points).height() - side) / 2
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour_of(line.family))
    painter.drawRoundedRect(QRectF(x, y, side, side), side / 5, side / 5)
