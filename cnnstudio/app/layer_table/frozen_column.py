"""The column of names, which stays at the left while the others are scrolled."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHeaderView, QWidget

from cnnstudio.core.counting.columns import Column


class FrozenColumn:
    """Tells where the column of names is painted, given the header that scrolls and the columns shown.

    The column stays only while it is the first: who moves it elsewhere wants it there.
    """

    def __init__(self, header: QHeaderView, columns: Callable[[], Sequence[Column]]) -> None:
        self._header = header
        self._columns = columns

    @property
    def section(self) -> int:
        """The section that has to be painted at the left because it is scrolled; -1 where none has."""
        first, columns = self._header.logicalIndex(0), self._columns()
        is_names = 0 <= first < len(columns) and columns[first].key == "layer"
        return first if is_names and self._header.offset() > 0 else -1

    @property
    def width(self) -> int:
        """Pixels at the left that the frozen column takes; 0 where none is."""
        section = self.section
        return self._header.sectionSize(section) if section >= 0 else 0

    def placed(self, rect: QRect, section: int) -> QRect:
        """The rectangle of a cell, at the left edge if it is frozen."""
        return QRect(0, rect.top(), rect.width(), rect.height()) if section == self.section else rect

    def shift(self, event: QMouseEvent) -> QMouseEvent:
        """The event at the place where the cell would be if it were not frozen; the event itself elsewhere."""
        section, place = self.section, event.position()
        if section < 0 or place.x() >= self.width:
            return event
        moved = QPointF(place.x() + self._header.sectionViewportPosition(section), place.y())
        return QMouseEvent(
            event.type(), moved, event.globalPosition(), event.button(), event.buttons(), event.modifiers()
        )


class FrozenHeader(QHeaderView):
    """The header of a table whose column of names is frozen."""

    def __init__(self, columns: Callable[[], Sequence[Column]], parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setAccessibleName(self.tr("Columns"))
        self.frozen = FrozenColumn(self, columns)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        section = self.frozen.section
        if section >= 0:
            painter = QPainter(self.viewport())
            place = QRect(0, 0, self.sectionSize(section), self.height())
            # What was painted there before would shine through.
            painter.fillRect(place, self.palette().button())
            self.paintSection(painter, place, section)

    def setOffset(self, offset: int) -> None:
        super().setOffset(offset)
        # Scrolling moves the pixels of what stays where it is, too.
        self.viewport().update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(self.frozen.shift(event))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(self.frozen.shift(event))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(self.frozen.shift(event))
