"""The surface that bars are drawn on: what the mouse, the wheel and the keys do there."""

from __future__ import annotations

from typing import Final

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence, QMouseEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QGraphicsView, QWidget

from cnnstudio.app.rows.geometry import RowGeometry

WHEEL_NOTCH: Final = 120
ROWS_PER_NOTCH: Final = 3


class BarCanvas(pg.GraphicsView):
    """Turns events into rows. pyqtgraph's own mouse handling and menus stay out of it."""

    row_pressed = Signal(int, bool, bool)
    """The row, -1 outside, and whether the selection is extended or toggled."""
    row_opened = Signal(int)
    row_hovered = Signal(int, QPoint)
    row_requested = Signal(int, bool)
    """A key leads to this row, and whether it extends the selection."""
    all_requested = Signal()
    fold_requested = Signal(bool)
    scrolled = Signal(int)
    zoomed = Signal(float, float)
    """A factor, and the height that stays where it is."""
    resized = Signal()
    focus_changed = Signal()

    def __init__(self, rows: RowGeometry, parent: QWidget) -> None:
        super().__init__(parent, useOpenGL=False, background=None)
        self._rows = rows
        self.current = -1
        # The plot says when to paint. The view would do it again for what pyqtgraph changes while it paints.
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.NoViewportUpdate)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        # What a click hits is not what has the keyboard, and has no name to tell.
        self.viewport().setFocusPolicy(Qt.FocusPolicy.NoFocus)

    # The mouse.

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        modifiers = event.modifiers()
        extends = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
        toggles = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        self.row_pressed.emit(self._rows.row_at(event.position().y()), extends, toggles)
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        row = self._rows.row_at(event.position().y())
        if event.button() == Qt.MouseButton.LeftButton and row >= 0:
            self.row_opened.emit(row)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        row = self._rows.row_at(event.position().y())
        self.row_hovered.emit(row, event.globalPosition().toPoint())

    def leaveEvent(self, event: QEvent) -> None:
        self.row_hovered.emit(-1, QPoint())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The wheel scrolls by rows, a touch pad by pixels; with Ctrl it makes rows higher or lower."""
        turned = event.angleDelta().y()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoomed.emit(1.1 ** (turned / WHEEL_NOTCH), event.position().y())
        # Touch pads tell pixels and notches at once; by the notches they would jump from row to row.
        elif not event.pixelDelta().isNull():
            self.scrolled.emit(-event.pixelDelta().y())
        else:
            self.scrolled.emit(round(-turned / WHEEL_NOTCH * ROWS_PER_NOTCH * self._rows.height))
        event.accept()

    # The keys.

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.SelectAll):
            self.all_requested.emit()
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.fold_requested.emit(event.key() == Qt.Key.Key_Right)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.current >= 0:
            self.row_opened.emit(self.current)
        elif (row := self._row_of_key(event.key())) is not None and self._rows.count:
            row = max(0, min(row, self._rows.count - 1))
            self.row_requested.emit(row, bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        else:
            event.ignore()

    def _row_of_key(self, key: int) -> int | None:
        # One row less than a page, so that the last one seen is the first on the next.
        page = self._rows.whole_rows - 1 or 1
        if key == Qt.Key.Key_Up:
            return self.current - 1
        if key == Qt.Key.Key_Down:
            return self.current + 1
        if key == Qt.Key.Key_PageUp:
            return self.current - page
        if key == Qt.Key.Key_PageDown:
            return self.current + page
        if key == Qt.Key.Key_Home:
            return 0
        return self._rows.count - 1 if key == Qt.Key.Key_End else None

    # The rest.

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focus_changed.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.focus_changed.emit()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self.resized.emit()

    def global_point(self, row: int) -> QPoint:
        """A point of the screen in the middle of a row."""
        middle = QPointF(self.viewport().width() / 2, self._rows.top_of(row) + self._rows.height / 2)
        return self.viewport().mapToGlobal(middle.toPoint())
