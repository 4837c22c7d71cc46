"""The whole diagram, small, in a corner of a view that shows only a part of it; a click goes there."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.diagram.content import Content
from cnnstudio.drawings.diagram.drawing import Group, Path, Rect

MAX_WIDTH: Final = 110.0
MAX_HEIGHT_PART: Final = 0.36
"""The part of the height of the view that it may take."""
PAD: Final = 5.0
MARGIN: Final = 12
MIN_ROOM: Final = QSizeF(320, 200)
"""A view that is smaller needs all its room for what it shows."""


class DiagramOverview(QWidget):
    """Boxes as spots in the colours of their families, and a frame around what is in sight."""

    place_requested = Signal(QPointF)
    """The point of the diagram that is to be in the middle."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._content: Content | None = None
        self._seen = QRectF()
        self._picture: QPixmap | None = None
        self.is_wanted = True
        self.setAccessibleName(self.tr("Overview of the diagram"))
        self.setToolTip(self.tr("The whole diagram; click to go there"))
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def show_content(self, content: Content | None) -> None:
        """Shows another diagram."""
        self._content, self._picture = content, None
        self.update()

    def show_seen(self, seen: QRectF, room: QSizeF) -> None:
        """Shows what is in sight, in the places of the diagram; goes where all of it is, or nothing."""
        self._seen = seen
        content = self._content
        if content is None or not content.areas or not self.is_wanted:
            self.hide()
            return
        whole = QRectF(0, 0, content.drawing.width, content.drawing.height)
        has_room = room.width() >= MIN_ROOM.width() and room.height() >= MIN_ROOM.height()
        is_large = has_room and not seen.adjusted(-1, -1, 1, 1).contains(whole)
        self.setVisible(is_large)
        if is_large:
            factor = min(MAX_WIDTH / whole.width(), room.height() * MAX_HEIGHT_PART / whole.height())
            width, height = max(24, round(whole.width() * factor)), max(24, round(whole.height() * factor))
            if (width, height) != (self.width(), self.height()):
                self._picture = None
            self.setGeometry(
                round(room.width()) - width - MARGIN, round(room.height()) - height - MARGIN, width, height
            )
            self.update()

    @property
    def _factor(self) -> float:
        if self._content is None:
            return 1.0
        drawing = self._content.drawing
        return min((self.width() - 2 * PAD) / drawing.width, (self.height() - 2 * PAD) / drawing.height)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._picture is None:
            self._picture = self._painted()
        painter.drawPixmap(0, 0, self._picture)
        factor = self._factor
        seen = QRectF(self._seen.topLeft() * factor, self._seen.size() * factor).translated(PAD, PAD)
        painter.setPen(QPen(self._theme.colour("accent"), 1.5))
        fill = self._theme.colour("accent")
        fill.setAlpha(36)
        painter.setBrush(fill)
        painter.drawRect(seen.intersected(QRectF(self.rect()).adjusted(1, 1, -1, -1)))

    def _painted(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        # In pixels of the screen: a picture in points would be blurred where these are smaller.
        picture = QPixmap(self.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(self._theme.colour("raised"))
        painter = QPainter(picture)
        painter.setPen(self._theme.colour("outline"))
        painter.drawRect(QRectF(0.5, 0.5, self.width() - 1, self.height() - 1))
        painter.setPen(Qt.PenStyle.NoPen)
        factor = self._factor
        for group in self._content.drawing.groups if self._content else ():
            if group.kind not in ("frame", "box"):
                continue
            left, top, width, height = (place * factor for place in group.bounds)
            painter.setBrush(_spot(group))
            painter.drawRect(QRectF(left + PAD, top + PAD, max(1.0, width), max(1.0, height)))
        painter.end()
        return picture

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._go(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._go(event)

    def _go(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.place_requested.emit((event.position() - QPointF(PAD, PAD)) / self._factor)


def _spot(group: Group) -> QColor:
    """The colour of a thing from afar: a frame's ground, and else the line around it."""
    first = group.shapes[0]
    if isinstance(first, Rect):
        return QColor(first.fill if group.kind == "frame" else first.stroke)
    return QColor(first.stroke if isinstance(first, Path) else first.fill)
