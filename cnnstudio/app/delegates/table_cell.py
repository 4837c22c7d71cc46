"""One cell of the layer table: names indented below their blocks, unknown values marked, editors that say no."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from cnnstudio.app.icons import icon
from cnnstudio.app.models.layer_table import ALIGNMENTS, LayerTableModel
from cnnstudio.app.models.table_lines import Line
from cnnstudio.app.theme import Theme
from cnnstudio.app.view_state import ViewState
from cnnstudio.core.numerals import UNKNOWN
from cnnstudio.core.rows import BlockRow

Index = QModelIndex | QPersistentModelIndex

INDENT: Final = 14
ARROW: Final = 12
PADDING: Final = 8
_SELECTED: Final = QStyle.StateFlag.State_Selected
_FOCUSED: Final = QStyle.StateFlag.State_HasFocus


class TableCellDelegate(QStyledItemDelegate):
    """Draws the cells on one grid without lines; the first column carries the fold arrow of blocks."""

    def __init__(self, view_state: ViewState, theme: Theme, layers: LayerTableModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._view_state = view_state
        self._theme = theme
        self._layers = layers
        theme.changed.connect(self._dress)
        self._dress()

    def _dress(self) -> None:
        """Keeps fonts and colours: there are hundreds of cells, and they are painted after every edit."""
        tokens = self._theme.tokens
        self._inks = {is_unknown: QColor(tokens.danger if is_unknown else tokens.text) for is_unknown in (False, True)}
        self._selection, self._accent = QColor(tokens.selection), QColor(tokens.accent)
        makers = {"right": self._theme.number_font, "left": self._theme.text_font}
        self._fonts = {
            (align, is_bold): (font := make(bold=is_bold), QFontMetrics(font))
            for align, make in makers.items()
            for is_bold in (False, True)
        }

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        line, column, text = self._layers.cell(index)
        rect: QRect = option.rect
        state = option.state
        if _SELECTED in state:
            painter.fillRect(rect, self._selection)
        if _FOCUSED in state:
            painter.setPen(self._accent)
            painter.drawRect(rect.adjusted(0, 0, -1, -1))
        inner = rect.adjusted(PADDING, 0, -PADDING, 0)
        is_block = isinstance(line.entry, BlockRow)
        if index.column() == 0:
            inner = self._paint_arrow(painter, inner, line)
            if isinstance(line.entry, BlockRow) and line.entry.block.repeat > 1:
                text = f"{text} × {line.entry.block.repeat}"
        font, metrics = self._fonts[column.align, is_block]
        painter.setFont(font)
        painter.setPen(self._inks[text == UNKNOWN])
        if metrics.horizontalAdvance(text) > inner.width():
            text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner, ALIGNMENTS[column.align], text)

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
