"""Drops of layers on the diagram: where they would go is marked while they are dragged over it."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QPainter,
    QPainterPath,
    QPen,
)
from PySide6.QtWidgets import QWidget

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.diagram.canvas import DiagramView
from cnnstudio.app.diagram.drop_targets import DropTarget, corners, target_at
from cnnstudio.app.document.document import Document

LINE: Final = 3.0
DOT: Final = 8.0
"""The radius of the plus on a connection."""
AFTER: Final = 7.0
"""The distance of the line that marks a drop after a box from the box."""
MARGIN: Final = 28
"""Pixels from the border within which a drag scrolls."""
STEP: Final = 24


class DropCanvas(DiagramView):
    """A diagram that takes layers: on a connection they go between its ends, on a box after it."""

    def __init__(self, document: Document, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._document = document
        self._target: DropTarget | None = None
        self.setAcceptDrops(True)

    @property
    def drop_target(self) -> DropTarget | None:
        """The place where what is dragged over the diagram would go."""
        return self._target

    def _show_target(self, target: DropTarget | None) -> None:
        if target != self._target:
            self._target = target
            self.viewport().update()

    def _target_of(self, event: QDropEvent) -> DropTarget | None:
        """The place that a drag means; None for what cannot go there."""
        from cnnstudio.app.document.layer_drops import is_taken

        if self.content is None:
            return None
        point = self.mapToScene(event.position().toPoint())
        target = target_at(self.content, self._document.design, point.x(), point.y())
        return (
            target
            if is_taken(self._document, event.mimeData(), drop_action(self._document, event), target.parent)
            else None
        )

    # What Qt calls. Files belong to the window: their drags pass.

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self._follow(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        self._scroll_near_border(event)
        self._follow(event)

    def _follow(self, event: QDragMoveEvent) -> None:
        self._show_target(self._target_of(event))
        if self._target is None:
            event.ignore()
            return
        event.setDropAction(drop_action(self._document, event))
        event.accept()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._show_target(None)

    def dropEvent(self, event: QDropEvent) -> None:
        target = self._target_of(event)
        self._show_target(None)
        if target is not None:
            drop(self._document, event, target)
        else:
            event.ignore()

    def _scroll_near_border(self, event: QDragMoveEvent) -> None:
        point, room = event.position().toPoint(), self.viewport().rect()
        for bar, at, end in (
            (self.horizontalScrollBar(), point.x(), room.width()),
            (self.verticalScrollBar(), point.y(), room.height()),
        ):
            # A drag takes the pointer: no scroll bar can be moved meanwhile.
            step = -STEP if at < MARGIN else STEP if at > end - MARGIN else 0
            if step:
                bar.setValue(bar.value() + step)

    def drawForeground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        target = self._target
        if target is None:
            return
        accent = self._theme.colour("accent")
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(accent, LINE))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if target.edge is not None:
            self._draw_edge(painter, [QPointF(*corner) for corner in corners(target.edge)], accent)
        elif target.area is not None:
            area = QRectF(*target.area)
            is_down = self.content is not None and self.content.is_down
            if not target.is_after:
                painter.drawRoundedRect(area, DOT, DOT)
            elif is_down:
                below = QPointF(0, AFTER)
                painter.drawLine(area.bottomLeft() + below, area.bottomRight() + below)
            else:
                beside = QPointF(AFTER, 0)
                painter.drawLine(area.topRight() + beside, area.bottomRight() + beside)

    def _draw_edge(self, painter: QPainter, points: list[QPointF], accent: QColor) -> None:
        """The connection in the accent colour, and a plus in its middle."""
        line = QPainterPath(points[0])
        for point in points[1:]:
            line.lineTo(point)
        painter.drawPath(line)
        middle = line.pointAtPercent(0.5)
        painter.setBrush(accent)
        painter.drawEllipse(middle, DOT, DOT)
        painter.setPen(QPen(self._theme.colour("surface"), LINE / 1.5))
        arm = DOT / 2
        painter.drawLine(middle - QPointF(arm, 0), middle + QPointF(arm, 0))
        painter.drawLine(middle - QPointF(0, arm), middle + QPointF(0, arm))


def drop_action(document: Document, event: QDropEvent) -> Qt.DropAction:
    """Move for layers of the same design, unless Ctrl asks for copies or Alt to use their weights again.

    What comes from elsewhere is copied.
    """
    from cnnstudio.app.document.layer_mime import paths_in

    is_own = bool(paths_in(event.mimeData(), document.key))
    wanted = event.dropAction()
    keeps = is_own and wanted in (Qt.DropAction.MoveAction, Qt.DropAction.LinkAction)
    return wanted if keeps else Qt.DropAction.CopyAction


def drop(document: Document, event: QDropEvent, target: DropTarget) -> None:
    """Does what a drop at a place means, as one edit."""
    from cnnstudio.app.document.layer_drops import dropped, dropped_on

    data, action, connection = event.mimeData(), drop_action(document, event), target.connection
    if connection is not None:
        document.attempt(lambda: dropped_on(document, data, action, connection))
    else:
        document.attempt(lambda: dropped(document, data, action, target.place))
    if action == Qt.DropAction.MoveAction:
        # Ignored, as every drop is whose edit has done everything: the source would delete what was moved.
        event.ignore()
    else:
        event.setDropAction(action)
        event.accept()
