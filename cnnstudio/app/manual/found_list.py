"""The places that a search found in the manual: the heading of each place, and below it some of its text."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPalette
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.manual.searching import Found

PLACE: Final = Qt.ItemDataRole.UserRole
_EXCERPT: Final = PLACE + 1
_MARGIN: Final = 10
_LINES: Final = 2
"""Lines of text below a heading."""
Index = QModelIndex | QPersistentModelIndex


class FoundList(QListWidget):
    """The places that were found, each with its path and anchor as `PLACE`."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setItemDelegate(_FoundDelegate(theme, self))
        self.setAccessibleName(self.tr("Found in the manual"))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setUniformItemSizes(True)

    def show_found(self, found: list[Found]) -> None:
        """Lists what was found."""
        self.clear()
        for place in found:
            page, section = place.page, place.section
            title = page.title if section.title == page.title else f"{page.title}: {section.title}"
            entry = QListWidgetItem(title, self)
            entry.setData(PLACE, f"{page.path}#{section.anchor}" if section.anchor else page.path)
            entry.setData(_EXCERPT, place.excerpt)
            # A screen reader says what the eye sees.
            entry.setData(Qt.ItemDataRole.AccessibleDescriptionRole, place.excerpt)


class _FoundDelegate(QStyledItemDelegate):
    """Paints the heading bold, and the text below it in two lines."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        line = QFontMetrics(self._theme.text_font()).height()
        return QSize(0, line * (_LINES + 1) + _MARGIN)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        shown = QStyleOptionViewItem(option)
        self.initStyleOption(shown, index)
        shown.text = ""
        widget = shown.widget
        widget.style().drawControl(QStyle.ControlElement.CE_ItemViewItem, shown, painter, widget)
        is_selected = bool(shown.state & QStyle.StateFlag.State_Selected)
        room = shown.rect.adjusted(_MARGIN, _MARGIN // 2, -_MARGIN, -_MARGIN // 2)
        bold = self._theme.text_font(bold=True)
        height = QFontMetrics(bold).height()
        painter.save()
        painter.setFont(bold)
        painter.setPen(shown.palette.color(QPalette.ColorRole.Text))
        title = QFontMetrics(bold).elidedText(str(index.data()), Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(QRect(room.left(), room.top(), room.width(), height), 0, title)
        painter.setFont(self._theme.text_font())
        painter.setPen(self._theme.colour("selection_muted" if is_selected else "muted"))
        below = room.adjusted(0, height, 0, 0)
        painter.drawText(below, Qt.TextFlag.TextWordWrap.value, str(index.data(_EXCERPT)))
        painter.restore()
