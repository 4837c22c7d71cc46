"""One row of a list of layers to choose from: sign and name, at the right what is worth knowing."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QIcon, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from cnnstudio.app.appearance.theme import Theme

Index = QModelIndex | QPersistentModelIndex

NAME_ROLE: Final = Qt.ItemDataRole.UserRole + 1
WORDS_ROLE: Final = Qt.ItemDataRole.UserRole + 2
ICON: Final = 14
MARGIN: Final = 8
_MIDDLE = Qt.AlignmentFlag.AlignVCenter


class FoundRowDelegate(QStyledItemDelegate):
    """The words keep what they need up to half of the row, the name has the rest."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(0, QFontMetrics(self._theme.text_font()).height() + 10)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme, rect = self._theme, option.rect
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        if is_selected:
            painter.fillRect(rect, theme.colour("selection"))
        side = round(ICON * theme.text_scale)
        box = QRect(rect.left() + MARGIN, rect.center().y() - side // 2, side, side)
        sign = index.data(Qt.ItemDataRole.DecorationRole)
        if isinstance(sign, QIcon):
            sign.paint(painter, box)
        room = rect.adjusted(MARGIN + side + MARGIN, 0, -MARGIN, 0)
        painter.setFont(theme.text_font())
        letters = painter.fontMetrics()
        words = letters.elidedText(str(index.data(WORDS_ROLE)), Qt.TextElideMode.ElideRight, room.width() // 2)
        painter.setPen(theme.colour("selection_muted" if is_selected else "muted"))
        painter.drawText(room, _MIDDLE | Qt.AlignmentFlag.AlignRight, words)
        left = room.width() - letters.horizontalAdvance(words) - 2 * MARGIN
        name = letters.elidedText(str(index.data(NAME_ROLE)), Qt.TextElideMode.ElideMiddle, left)
        painter.setPen(theme.colour("selection_text" if is_selected else "text"))
        painter.drawText(room, _MIDDLE, name)
