"""The timeline: the memory that is alive in each step of a layer, forward and backward, with its peak."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QToolTip, QWidget

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.memory.content import MemoryContent
from cnnstudio.core.memory.wording import gibibytes
from cnnstudio.core.network.design import ItemPath

MARGIN: Final = 12
DOT: Final = 4.0


class Timeline(QWidget):
    """Bytes over the steps; a click on one asks for its layer."""

    layer_clicked = Signal(object)
    """The path of the item whose step was clicked."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._content: MemoryContent | None = None
        self._marked: list[int] = []
        self.setMouseTracking(True)
        self.setMinimumHeight(90)
        self.setAccessibleName(self.tr("Live memory over the layers"))

    def show_content(self, content: MemoryContent | None) -> None:
        """Shows an estimate, or nothing."""
        self._content, self._marked = content, []
        self.setAccessibleDescription(self._told() if content else "")
        self.update()

    def mark(self, items: tuple[ItemPath, ...]) -> None:
        """Marks the steps of items that are selected."""
        content = self._content
        self._marked = [place for item in items for place in content.places_of(item)] if content else []
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(400, 180)

    def place_at(self, x: float) -> int | None:
        """The step at a horizontal position."""
        count = len(self._content.levels) if self._content else 0
        if not count:
            return None
        field = self._field()
        return min(count - 1, max(0, int((x - field.left()) / max(1.0, field.width()) * count)))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self.place_at(event.position().x())
        if event.button() == Qt.MouseButton.LeftButton and place is not None and self._content is not None:
            item = self._content.item_at(place)
            if item is not None:
                self.layer_clicked.emit(item)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place, content = self.place_at(event.position().x()), self._content
        if place is None or content is None:
            return
        name = content.name_at(place) or self.tr("step of the optimizer")
        way = ""
        if name and content.estimate.setting.trains and place < len(content.estimate.layers):
            way = self.tr("backward") if place >= content.estimate.turn else self.tr("forward")
        text = "\n".join(part for part in (name, way, gibibytes(content.levels[place])) if part)
        QToolTip.showText(event.globalPosition().toPoint(), text, self)

    def paintEvent(self, event: QPaintEvent) -> None:
        content = self._content
        if content is None or not content.levels:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._theme.number_font())
        field, top = self._field(), 1.08 * max(content.levels)
        self._paint_marks(painter, field, len(content.levels))
        self._paint_area(painter, field, content.levels, top)
        self._paint_lines(painter, field, content, top)
        self._paint_peak(painter, field, content, top)
        painter.end()

    def _field(self) -> QRectF:
        line = self.fontMetrics().height()
        return QRectF(self.rect()).adjusted(MARGIN, line + 6, -MARGIN, -line - 6)

    def _paint_marks(self, painter: QPainter, field: QRectF, count: int) -> None:
        width = field.width() / count
        for place in self._marked:
            left = field.left() + place * width
            painter.fillRect(
                QRectF(left, field.top(), max(2.0, width), field.height()), self._theme.colour("selection")
            )

    def _paint_area(self, painter: QPainter, field: QRectF, levels: tuple[int, ...], top: float) -> None:
        """The levels as steps, filled."""
        width, points = field.width() / len(levels), [field.bottomLeft()]
        for first, after, level in outline(levels, max(1, round(field.width()))):
            y = field.bottom() - level / top * field.height()
            points += [QPointF(field.left() + first * width, y), QPointF(field.left() + after * width, y)]
        colour = self._theme.colour("accent")
        painter.setPen(QPen(colour, 1.5))
        painter.drawPolyline(QPolygonF(points[1:]))
        colour.setAlpha(48)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawPolygon(QPolygonF([*points, field.bottomRight()]))

    def _paint_lines(self, painter: QPainter, field: QRectF, content: MemoryContent, top: float) -> None:
        """The ground, the card's memory if it is in sight, and where the passes meet."""
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(self._theme.colour("outline"))
        painter.drawLine(field.bottomLeft(), field.bottomRight())
        below = QRectF(field.left(), field.bottom() + 4, field.width(), self.fontMetrics().height())
        painter.setPen(self._theme.colour("muted"))
        estimate = content.estimate
        if estimate.setting.trains:
            x = field.left() + estimate.turn / len(content.levels) * field.width()
            painter.drawText(below, Qt.AlignmentFlag.AlignLeft, self.tr("forward"))
            painter.drawText(
                below.adjusted(x - field.left() + 4, 0, 0, 0), Qt.AlignmentFlag.AlignLeft, self.tr("backward")
            )
            painter.setPen(QPen(self._theme.colour("outline"), 1, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(x, field.top()), QPointF(x, below.bottom()))
        if content.on_card.card.memory <= top:
            y = field.bottom() - content.on_card.card.memory / top * field.height()
            painter.setPen(QPen(self._theme.colour("danger"), 1.5))
            painter.drawLine(QPointF(field.left(), y), QPointF(field.right(), y))
            painter.drawText(QPointF(field.left() + 2, y - 3), content.on_card.card.name)

    def _paint_peak(self, painter: QPainter, field: QRectF, content: MemoryContent, top: float) -> None:
        place, count = content.peak, len(content.levels)
        x = field.left() + (place + 0.5) / count * field.width()
        y = field.bottom() - content.levels[place] / top * field.height()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("danger"))
        painter.drawEllipse(QPointF(x, y), DOT, DOT)
        text = self._told()
        width = painter.fontMetrics().horizontalAdvance(text) + 2
        left = min(max(field.left(), x - width / 2), field.right() - width)
        painter.setPen(self._theme.colour("text"))
        line = float(self.fontMetrics().height())
        painter.drawText(QRectF(left, 2, width, line), Qt.AlignmentFlag.AlignLeft, text)

    def _told(self) -> str:
        content = self._content
        if content is None or not content.levels:
            return ""
        name = content.name_at(content.peak) or self.tr("step of the optimizer")
        return self.tr("peak {size}: {name}").format(size=gibibytes(content.levels[content.peak]), name=name)


def outline(levels: tuple[int, ...], most: int) -> Iterator[tuple[int, int, int]]:
    """The steps of a line through the levels, no more than twice as many as `most`: first and next place, and height.

    Of levels that would share a pixel the highest is drawn.
    """
    together = max(1, len(levels) // most)
    for first in range(0, len(levels), together):
        yield first, min(first + together, len(levels)), max(levels[first : first + together])
