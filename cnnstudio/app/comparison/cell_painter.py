"""One cell of a comparison: a sign and a tint say what differs, names stand below their blocks."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from cnnstudio.app.appearance.icons import paint_family
from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.appearance.tokens import mixed
from cnnstudio.app.comparison.model import ComparedColumn, ComparisonModel
from cnnstudio.app.rows.cells import ALIGNMENTS, INDENT, PADDING
from cnnstudio.core.arithmetic.numerals import UNKNOWNS
from cnnstudio.core.comparison.comparison import ComparedRow, Listed
from cnnstudio.core.counting.rows import BlockRow

Index = QModelIndex | QPersistentModelIndex
ICON: Final = 12
GAP: Final = 6
TINT: Final = 0.07
INKS: Final = {"≠": "warning", "→": "accent", "−": "danger", "+": "good", "±": "warning", "~": "muted", "=": "muted"}
"""The colour that goes with a sign."""
TINTED: Final = ("≠", "−", "+", "±")


class ComparisonCellDelegate(QStyledItemDelegate):
    """Draws the cells. Colour is never the only signal: the sign and the words of the last column say it too."""

    def __init__(self, theme: Theme, model: ComparisonModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._model = model

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row, column, text = self._model.cell(index)
        mark = self._model.cell_text(row, self._model.columns[0])
        rect: QRect = option.rect
        painter.save()
        self._paint_ground(painter, rect, mark, is_selected=bool(option.state & QStyle.StateFlag.State_Selected))
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(self._theme.colour("accent"))
            painter.drawRect(rect.adjusted(0, 0, -1, -1))
        inner = rect.adjusted(PADDING, 0, -PADDING, 0)
        item = row.items[column.design] if column.part == "name" else None
        if item is not None:
            inner = self._paint_icon(painter, inner, item)
        is_bold = column.part == "sign" or (column.part == "name" and _is_block(item))
        make = self._theme.number_font if column.align == "right" else self._theme.text_font
        painter.setFont(make(bold=is_bold))
        painter.setPen(
            self._ink(row, column, text, mark, is_selected=bool(option.state & QStyle.StateFlag.State_Selected))
        )
        alignment = Qt.AlignmentFlag.AlignCenter if column.part == "sign" else ALIGNMENTS[column.align]
        if column.part == "differs":
            # The row is as high as its words.
            painter.drawText(inner, int(alignment) | Qt.TextFlag.TextWordWrap, text)
        else:
            painter.drawText(inner, alignment, painter.fontMetrics().elidedText(text, _ELIDE, inner.width()))
        painter.restore()

    def _paint_ground(self, painter: QPainter, rect: QRect, mark: str, *, is_selected: bool) -> None:
        tokens = self._theme.tokens
        if is_selected:
            painter.fillRect(rect, QColor(tokens.selection))
        elif mark in TINTED:
            painter.fillRect(rect, QColor(mixed(tokens.surface, getattr(tokens, INKS[mark]), TINT)))

    def _paint_icon(self, painter: QPainter, rect: QRect, item: Listed) -> QRect:
        indented = rect.adjusted(INDENT * item.depth, 0, 0, 0)
        box = QRect(indented.left(), rect.center().y() - ICON // 2 + 1, ICON, ICON)
        entry = item.entry
        family = entry.item.family
        paint_family(painter, box, family, self._theme)
        return indented.adjusted(ICON + GAP, 0, 0, 0)

    def _ink(self, row: ComparedRow, column: ComparedColumn, text: str, mark: str, *, is_selected: bool) -> QColor:
        if is_selected:
            # The sign and the words say what the colours say, which are hard to read here.
            return self._theme.colour("selection_muted" if column.part == "type" else "selection_text")
        # In the other columns it is a name.
        if text in UNKNOWNS and column.part in ("value", "difference"):
            return self._theme.colour("danger")
        if column.part in ("sign", "difference"):
            return self._theme.colour(INKS[mark] if column.part == "sign" or text else "text")
        if column.part == "name" and row.items[column.design] is None:
            return self._theme.colour("muted")
        return self._theme.colour("muted" if column.part == "type" else "text")


_ELIDE: Final = Qt.TextElideMode.ElideRight


def _is_block(item: Listed | None) -> bool:
    return item is not None and isinstance(item.entry, BlockRow)


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
