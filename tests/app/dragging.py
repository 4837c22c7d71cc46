"""Drags that come over a widget and are let go there, sent as events."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget

from cnnstudio.app.layer_list.event_forwarding import drag_position

Copy, Move = Qt.DropAction.CopyAction, Qt.DropAction.MoveAction
_OFFERED = Copy | Move | Qt.DropAction.LinkAction
_LEFT, _NO_KEYS = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
SOMEWHERE = QPoint(5, 5)


def enter(
    widget: QWidget, mime: QMimeData, at: QPoint = SOMEWHERE, keys: Qt.KeyboardModifier = _NO_KEYS
) -> QDragEnterEvent:
    """A drag that comes over a widget, offered as a copy, a move or a link."""
    event = QDragEnterEvent(drag_position(at), _OFFERED, mime, _LEFT, keys)
    QApplication.sendEvent(widget, event)
    return event


def move_over(
    widget: QWidget, mime: QMimeData, at: QPoint, action: Qt.DropAction, keys: Qt.KeyboardModifier = _NO_KEYS
) -> QDragMoveEvent:
    """It goes on, as one of the three."""
    event = QDragMoveEvent(drag_position(at), _OFFERED, mime, _LEFT, keys)
    event.setDropAction(action)
    QApplication.sendEvent(widget, event)
    return event


def drop(
    widget: QWidget,
    mime: QMimeData,
    at: QPoint = SOMEWHERE,
    action: Qt.DropAction = Move,
    keys: Qt.KeyboardModifier = _NO_KEYS,
) -> QDropEvent:
    """It is let go."""
    event = QDropEvent(QPointF(at), _OFFERED, mime, _LEFT, keys)
    event.setDropAction(action)
    QApplication.sendEvent(widget, event)
    return event
