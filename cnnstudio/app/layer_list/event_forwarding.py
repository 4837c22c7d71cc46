"""Events of a widget beside a view, handed on to the row that is at the same height."""

from __future__ import annotations

from typing import Any

from PySide6 import __version_info__
from PySide6.QtCore import QEvent, QPoint, QPointF
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QApplication, QWidget


def forward_click(event: QMouseEvent, beside: QWidget, viewport: QWidget) -> None:
    """Clicks into the viewport, at the end of its row, where nothing but the row is hit."""
    place = QPointF(viewport.width() - 1, _height(event.position(), beside, viewport))
    for kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonRelease):
        click = QMouseEvent(kind, place, viewport.mapToGlobal(place), event.button(), event.button(), event.modifiers())
        QApplication.sendEvent(viewport, click)


def forward_drag(event: QDropEvent, beside: QWidget, view: QAbstractItemView) -> None:
    """Lets what is dragged over the widget be over the view, which says whether it takes it.

    The view is called, not sent the event: Qt would send that to whom the drag is over, again and again.
    """
    place = drag_position(QPoint(1, _height(event.position(), beside, view.viewport())))
    given = event.possibleActions(), event.mimeData(), event.buttons(), event.modifiers()
    handed: QDropEvent
    if isinstance(event, QDragEnterEvent):
        handed = QDragEnterEvent(place, *given)
        handed.setDropAction(event.dropAction())
        view.dragEnterEvent(handed)
    elif isinstance(event, QDragMoveEvent):
        handed = QDragMoveEvent(place, *given)
        handed.setDropAction(event.dropAction())
        view.dragMoveEvent(handed)
    else:
        handed = QDropEvent(QPointF(place), *given)
        handed.setDropAction(event.dropAction())
        view.dropEvent(handed)
    # Qt reads the answer from the event it sent, not from the one that the view answered.
    event.setDropAction(handed.dropAction())
    event.setAccepted(handed.isAccepted())


def drag_position(at: QPoint) -> Any:
    """A place as the events of a drag want it: from Qt 6.12 on as QPointF, before that there was nothing but QPoint."""
    return QPointF(at) if __version_info__ >= (6, 12) else at


def _height(point: QPointF, beside: QWidget, viewport: QWidget) -> int:
    return viewport.mapFromGlobal(beside.mapToGlobal(point)).toPoint().y()
