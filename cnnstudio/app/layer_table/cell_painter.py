"""The cells of the layer table: names indented below their blocks, unknown values marked, editors that say no."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QHeaderView, QLineEdit, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from cnnstudio.app.appearance.icons import paint_icon
from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.document.view_state import ViewState
from cnnstudio.app.layer_table.frozen_column import FrozenColumn
from cnnstudio.app.layer_table.lines import VisibleLine
from cnnstudio.app.layer_table.model import LayerTableModel
from cnnstudio.app.rows.cells import ARROW, INDENT, PADDING
from cnnstudio.app.rows.text_cache import Lettering
from cnnstudio.core.arithmetic.numerals import UNKNOWNS
from cnnstudio.core.counting.columns import Column
from cnnstudio.core.counting.rows import BlockRow

Index = QModelIndex | QPersistentModelIndex


ELLIPSIS = "…"


class Strip(NamedTuple):
    """The position of a column in the viewport, of which the pixels from `first` to before `end` are in sight."""

    column: Column
    is_first: bool
    left: int
    width: int
    first: int
    end: int

    def whole(self, inner: QRect, text: str, lettering: Lettering) -> tuple[QRect, str]:
        """A text and its place; for a figure without room an ellipsis: a part would be another figure."""
        if self.column.align != "right":
            return inner, text
        start = inner.right() + 1 - lettering.width(text)
        if start >= max(self.first, inner.left() - 1) and inner.right() < self.end:
            return inner, text
        return inner.intersected(QRect(self.first, inner.top(), self.end - self.first, inner.height())), ELLIPSIS


def strips_in(area: QRect, header: QHeaderView, columns: Sequence[Column], frozen: FrozenColumn) -> list[Strip]:
    """The columns that an area of the viewport meets."""
    first, end = frozen.width, header.viewport().width()
    strips = [
        Strip(column, section == 0, header.sectionViewportPosition(section), header.sectionSize(section), first, end)
        for section, column in enumerate(columns)
    ]
    return [strip for strip in strips if strip.left <= area.right() and strip.left + strip.width > area.left()]


def frozen_strip(frozen: FrozenColumn, columns: Sequence[Column]) -> Strip | None:
    """The strip of the frozen column, at the left; None where no column has to be painted there."""
    section = frozen.section
    width = frozen.width
    return Strip(columns[section], section == 0, 0, width, 0, width) if section >= 0 else None


class TableRowPainter:
    """Paints the rows on one grid without lines; the first column carries the fold arrow of blocks.

    A whole row at a time: asking a delegate for every cell takes longer than painting it.
    """

    def __init__(self, view_state: ViewState, theme: Theme, layers: LayerTableModel) -> None:
        self._view_state = view_state
        self._theme = theme
        self._layers = layers
        self.apply_theme()

    def apply_theme(self) -> None:
        """Takes over fonts and colours of the theme."""
        tokens = self._theme.tokens
        self.ground = QColor(tokens.surface)
        self._text, self._unknown = QColor(tokens.text), QColor(tokens.danger)
        self._edge = QColor(tokens.outline)
        self._selection, self._accent = QColor(tokens.selection), QColor(tokens.accent)
        makers = {"right": self._theme.number_font, "left": self._theme.text_font}
        self._letterings = {
            (align, is_bold): Lettering(make(bold=is_bold))
            for align, make in makers.items()
            for is_bold in (False, True)
        }

    def paint_row(
        self, painter: QPainter, row: QRect, line: VisibleLine, strips: Sequence[Strip], *, selected: bool
    ) -> None:
        """Paints one row of the viewport, in the columns that are in sight."""
        if selected:
            painter.fillRect(row, self._selection)
        painter.setPen(self._text)
        is_block = isinstance(line.entry, BlockRow)
        lettering = None
        for strip in strips:
            column, is_first, left, width, *_ = strip
            wanted = self._letterings[column.align, is_block]
            if wanted is not lettering:
                lettering = wanted
                painter.setFont(lettering.font)
            text = self._layers.cell_text(line, column)
            inner = QRect(left + PADDING, row.top(), width - 2 * PADDING, row.height())
            if is_first:
                inner = self._paint_arrow(painter, inner, line)
                text = _with_repeat(text, line)
            if not text:
                continue
            inner, text = strip.whole(inner, text, lettering)
            is_unknown = text in UNKNOWNS and not column.writes_names
            if is_unknown:
                painter.setPen(self._unknown_ink(line, selected=selected))
            lettering.paint(painter, inner, text, at_right=column.align == "right")
            if is_unknown:
                painter.setPen(self._text)

    def _unknown_ink(self, line: VisibleLine, *, selected: bool) -> QColor:
        """Red where the fault lies, quiet below it; on the ground of a selection red is hard to read."""
        if line.path in self._view_state.at_fault:
            return self._text if selected else self._unknown
        return self._theme.colour("selection_muted" if selected else "muted")

    def paint_frozen(self, painter: QPainter, row: QRect, line: VisibleLine, strip: Strip, *, selected: bool) -> None:
        """Paints the frozen cell of a row over what is scrolled below it, and the edge that it ends with."""
        cell = QRect(strip.left, row.top(), strip.width, row.height())
        painter.fillRect(cell, self._selection if selected else self.ground)
        self.paint_row(painter, cell, line, (strip,), selected=selected)
        painter.fillRect(cell.right(), cell.top(), 1, cell.height(), self._edge)

    def paint_focus(self, painter: QPainter, cell: QRect) -> None:
        """Marks the cell where the keyboard is."""
        painter.setPen(self._accent)
        painter.drawRect(cell.adjusted(0, 0, -1, -1))

    def _paint_arrow(self, painter: QPainter, rect: QRect, line: VisibleLine) -> QRect:
        indented = rect.adjusted(INDENT * line.depth, 0, 0, 0)
        if isinstance(line.entry, BlockRow):
            name = "chevron-down" if self._view_state.is_open(line.path) else "chevron-right"
            box = QRect(indented.left() - 2, rect.center().y() - ARROW // 2, ARROW, ARROW)
            paint_icon(painter, box, name, self._theme, "muted")
        return indented.adjusted(ARROW, 0, 0, 0)


def _with_repeat(name: str, line: VisibleLine) -> str:
    """The text of the first column, which says how often a block is repeated."""
    entry = line.entry
    return f"{name} × {entry.block.repeat}" if isinstance(entry, BlockRow) and entry.block.repeat > 1 else name


class TableCellDelegate(QStyledItemDelegate):
    """Makes the editors of cells; the rows themselves are painted by `TableRowPainter`."""

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        editor = QLineEdit(parent)
        editor.setFrame(False)
        editor.setAccessibleName(str(index.data(Qt.ItemDataRole.AccessibleTextRole)))
        return editor


def arrow_rect(cell: QRect, line: VisibleLine) -> QRect:
    """The rectangle in which a click folds the block of a line, given the rectangle of its first cell."""
    left = cell.left() + INDENT * line.depth
    return QRect(left, cell.top(), ARROW + PADDING, cell.height())
