"""One cell of the layer table: names indented below their blocks, unknown values marked, editors that say no."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from cnnstudio.app.icons import icon
from cnnstudio.app.models.layer_table import LINE_ROLE, UNKNOWN_ROLE, Line
from cnnstudio.app.theme import Theme
from cnnstudio.app.view_state import ViewState
from cnnstudio.core.analysis import BlockRow

Index = QModelIndex | QPersistentModelIndex

INDENT: Final = 14
ARROW: Final = 12
PADDING: Final = 8


class TableCellDelegate(QStyledItemDelegate):
    """Draws the cells on one grid without lines; the first column carries the fold arrow of blocks."""

    def __init__(self, view_state: ViewState, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._view_state = view_state
        self._theme = theme

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        line: Line = index.data(LINE_ROLE)
        tokens = self._theme.tokens
        rect: QRect = option.rect
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, QColor(tokens.selection))
        is_current = option.state & QStyle.StateFlag.State_HasFocus
        if is_current:
            painter.setPen(QColor(tokens.accent))
            painter.drawRect(rect.adjusted(0, 0, -1, -1))
        inner = rect.adjusted(PADDING, 0, -PADDING, 0)
        if index.column() == 0:
            inner = self._paint_arrow(painter, inner, line)
        self._paint_text(painter, option, inner, index, line)
        painter.restore()

    def _paint_text(
        self, painter: QPainter, option: QStyleOptionViewItem, rect: QRect, index: Index, line: Line
    ) -> None:
        tokens = self._theme.tokens
        alignment = Qt.AlignmentFlag(index.data(Qt.ItemDataRole.TextAlignmentRole))
        is_number = bool(alignment & Qt.AlignmentFlag.AlignRight)
        font = QFont(self._theme.number_font() if is_number else option.font)
        font.setBold(isinstance(line.entry, BlockRow))
        painter.setFont(font)
        painter.setPen(QColor(tokens.danger if index.data(UNKNOWN_ROLE) else tokens.text))
        text = str(index.data(Qt.ItemDataRole.DisplayRole))
        if index.column() == 0 and isinstance(line.entry, BlockRow) and line.entry.block.repeat > 1:
            text = f"{text} × {line.entry.block.repeat}"
        elided = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(rect, alignment, elided)

    def _paint_arrow(self, painter: QPainter, rect: QRect, line: Line) -> QRect:
        indented = rect.adjusted(INDENT * line.depth, 0, 0, 0)
        if isinstance(line.entry, BlockRow):
            name = "chevron-down" if self._view_state.is_open(line.path) else "chevron-right"
            box = QRect(indented.left() - 2, rect.center().y() - ARROW // 2, ARROW, ARROW)
            icon(name, self._theme, "muted").paint(painter, box)
        return indented.adjusted(ARROW, 0, 0, 0)

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        editor = QLineEdit(parent)
        editor.setFrame(False)
        editor.setAccessibleName(str(index.data(Qt.ItemDataRole.AccessibleTextRole)))
        return editor


def arrow_rect(cell: QRect, line: Line) -> QRect:
    """Where a click folds the block of a line, given the rectangle of its first cell."""
    left = cell.left() + INDENT * line.depth
    return QRect(left, cell.top(), ARROW + PADDING, cell.height())


class PaddedDelegate(QStyledItemDelegate):
    """Draws the texts of the totals where those of the cells above them stand."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        painter.setFont(index.data(Qt.ItemDataRole.FontRole))
        alignment = Qt.AlignmentFlag(index.data(Qt.ItemDataRole.TextAlignmentRole))
        rect = option.rect.adjusted(PADDING, 0, -PADDING, 0)
        text = str(index.data(Qt.ItemDataRole.DisplayRole))
        painter.drawText(
            rect, alignment, painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
        )
        painter.restore()
