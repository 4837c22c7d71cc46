"""Connecting by dragging: a line from a layer to the pointer, and beside it what a drop would do, or why it cannot."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Protocol

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QHideEvent, QKeyEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QLabel, QScrollBar, QWidget

from cnnstudio.app.appearance.icons import icon
from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.document.document import Document
from cnnstudio.app.layer_list.connection_words import promise
from cnnstudio.authoring.connections import can_connect, connect, connection
from cnnstudio.core.network.design import ItemPath

EDGE: Final = 22
"""So near to the upper or lower edge the list scrolls."""
SCROLL_MS: Final = 40
BULGE: Final = 46.0
BUBBLE_WIDTH: Final = 300
MAX_WORD_LENGTH: Final = 30
LEFT_TO_RIGHT: Final = "\u200e"
SIGNS: Final = {"circle-x": "danger", "circle-check": "good", "triangle-alert": "warning"}
_SIGN: Final = 15
_Cursor = Qt.CursorShape


class Rows(Protocol):
    """The rows beside which a connection is dragged, in the coordinates of the widget that shows them."""

    @property
    def scroll_bar(self) -> QScrollBar:
        """Scrolls the rows."""

    @property
    def row_height(self) -> int:
        """The height of a row."""

    @property
    def row_end(self) -> int:
        """The right end of rows."""

    def path_at(self, y: int) -> ItemPath:
        """The item in the row at a height; empty where there is none."""

    def node_at(self, path: ItemPath) -> QPoint:
        """The position of an item's node."""

    def mapFrom(self, parent: QWidget, pos: QPoint, /) -> QPoint:
        """A point of an ancestor in these coordinates, as Qt maps it."""

    def rows_in_sight(self) -> Iterator[tuple[ItemPath, int, int]]:
        """The items in sight, each with the top and the height of its row."""


class ConnectionDrag(QWidget):
    """Lies over list and gutter while a connection is dragged, and takes no clicks. Rows that cannot take it fade."""

    ended = Signal()

    def __init__(self, gutter: Rows, document: Document, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._gutter, self._document, self._theme = gutter, document, theme
        self._area = parent
        self._reasons: dict[ItemPath, str | None] = {}
        self._promises: dict[ItemPath, tuple[str, str]] = {}
        self._pointer = QPoint()
        self.source: ItemPath = ()
        self.target: ItemPath = ()
        self.bubble = Bubble(theme, parent)
        self._scroller = QTimer(self)
        self._scroller.setInterval(SCROLL_MS)
        self._scroller.timeout.connect(self._scroll)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        # It is only a line over what lies below, which must stay visible and keep the pointer.
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.hide()
        document.changed.connect(self.cancel)
        gutter.scroll_bar.valueChanged.connect(self._on_scrolled)

    @property
    def is_active(self) -> bool:
        """True if a connection is being dragged."""
        return bool(self.source)

    @property
    def reason(self) -> str | None:
        """The reason why the row under the pointer cannot take the connection; None if it can."""
        return self._reason_of(self.target) if self.target else None

    def begin(self, source: ItemPath) -> None:
        """Picks the end of a connection up."""
        self.source, self.target = source, ()
        self._reasons.clear()
        self._promises.clear()
        self.setGeometry(self._area.rect())
        self.raise_()
        self.show()
        QApplication.setOverrideCursor(_Cursor.DragLinkCursor)
        application = QApplication.instance()
        if application is not None:
            # The keyboard is with whatever widget had it before, so Escape is looked for everywhere.
            application.installEventFilter(self)
        self._scroller.start()

    def move_to(self, point: QPoint) -> None:
        """Follows the pointer, which is at a point of the screen."""
        self._pointer = self.mapFromGlobal(point)
        inside = self.rect().contains(self._pointer)
        place = self._gutter.mapFrom(self._area, self._pointer)
        self.target = self._gutter.path_at(place.y()) if inside else ()
        can_drop = self.target in ((), self.source) or self.reason is None
        QApplication.changeOverrideCursor(_Cursor.DragLinkCursor if can_drop else _Cursor.ForbiddenCursor)
        self._tell(point)
        self.update()

    def _tell(self, point: QPoint) -> None:
        # Once a row: shapes are worked out for a promise, and the pointer moves many times on a row.
        if self.target not in self._promises:
            self._promises[self.target] = self._promise()
        text, sign = self._promises[self.target]
        self.bubble.show_beside(self.window(), point, text, sign)

    def _promise(self) -> tuple[str, str]:
        """The effect of a drop, or the reason against it, and a sign for it."""
        if not self.target or self.target == self.source:
            return self.tr("Drop on a later layer to connect {name}").format(name=self.source[-1]), ""
        if self.reason is not None:
            return self.reason[:1].upper() + self.reason[1:], "circle-x"
        found = connection(self._document.analysis, self.source, self.target)
        return promise(found), "circle-check" if found.fits else "triangle-alert"

    def drop(self) -> None:
        """Lets go: connects, or says why that cannot be."""
        source, target = self.source, self.target
        self.cancel()
        if target and target != source:
            self._document.attempt(lambda: connect(self._document.design, source, target))

    def cancel(self) -> None:
        """Ends the drag and changes nothing."""
        if self.is_active:
            # First, because `hide` below comes back here through `hideEvent`, and would end the drag a second time.
            self.source = self.target = ()
            self._scroller.stop()
            QApplication.restoreOverrideCursor()
            application = QApplication.instance()
            if application is not None:
                application.removeEventFilter(self)
            self.bubble.hide()
            self.hide()
            self.ended.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Escape cancels, wherever the keyboard is."""
        # Accepting the override keeps a shortcut of the window from taking the key before it arrives.
        kinds = (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress)
        if event.type() in kinds and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            event.accept()
            if event.type() == QEvent.Type.KeyPress:
                self.cancel()
            return True
        return super().eventFilter(watched, event)

    def hideEvent(self, event: QHideEvent) -> None:
        """The window may go while something is dragged."""
        self.cancel()
        super().hideEvent(event)

    def _reason_of(self, path: ItemPath) -> str | None:
        if path not in self._reasons:
            self._reasons[path] = can_connect(self._document.design, self.source, path)
        return self._reasons[path]

    def _scroll(self) -> None:
        """Goes on up or down while the pointer is held at an edge."""
        bar, height = self._gutter.scroll_bar, self.height()
        over = min(0, self._pointer.y() - EDGE) + max(0, self._pointer.y() - (height - EDGE))
        if over:
            bar.setValue(bar.value() + max(-EDGE, min(EDGE, over)))

    def _on_scrolled(self, _value: int) -> None:
        """Another row has come under the pointer."""
        if self.is_active:
            self.move_to(self.mapToGlobal(self._pointer))

    # Painting.

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.is_active:
            return
        painter = QPainter(self)
        self._fade_rows(painter)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        is_refused = bool(self.target) and self.target != self.source and self.reason is not None
        colour = self._theme.colour("danger" if is_refused else "accent")
        if self.target and self.target != self.source:
            self._frame_row(painter, colour, is_refused=is_refused)
        self._paint_line(painter, colour, is_refused=is_refused)

    def _fade_rows(self, painter: QPainter) -> None:
        veil = QColor(self._theme.tokens.surface)
        veil.setAlphaF(0.6)
        for path, top, height in self._gutter.rows_in_sight():
            if path != self.source and self._reason_of(path) is not None:
                painter.fillRect(0, top, self._gutter.row_end, height, veil)

    def _frame_row(self, painter: QPainter, colour: QColor, *, is_refused: bool) -> None:
        node = self._gutter.node_at(self.target)
        height = self._gutter.row_height
        box = QRectF(2.5, round(node.y() - height / 2) + 1.5, self._gutter.row_end - 5, height - 3)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colour, 1.5, Qt.PenStyle.DashLine if is_refused else Qt.PenStyle.SolidLine))
        painter.drawRoundedRect(box, 4, 4)

    def _paint_line(self, painter: QPainter, colour: QColor, *, is_refused: bool) -> None:
        begin = QPointF(self._gutter.node_at(self.source))
        lands = self.target and self.target != self.source and not is_refused
        end = QPointF(self._gutter.node_at(self.target) if lands else self._pointer)
        path = QPainterPath(begin)
        bulge = max(begin.x(), end.x()) + BULGE if lands else end.x()
        path.cubicTo(QPointF(bulge, begin.y()), QPointF(bulge, end.y()), end)
        painter.setPen(QPen(colour, 2.5, Qt.PenStyle.DashLine if is_refused else Qt.PenStyle.SolidLine))
        painter.drawPath(path)
        painter.setBrush(colour)
        for point in (begin, end):
            painter.drawEllipse(point, 4.0, 4.0)


class Bubble(QFrame):
    """A few words beside the pointer, with a sign before them."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._sign, self._label = QLabel(self), QLabel(self)
        # Names of layers are in it, and Qt takes a name with tags in it for rich text.
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._label.setWordWrap(True)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 5, 8, 5)
        row.setSpacing(6)
        row.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._label, 1)
        self.hide()

    @property
    def text(self) -> str:
        """The text of the tip."""
        return self._label.text().removeprefix(LEFT_TO_RIGHT)

    def show_beside(self, window: QWidget, point: QPoint, text: str, sign: str) -> None:
        """Says something at the lower right of a point of the screen, or where the window has room for it."""
        # A dock that was taken out of the window is a window of its own.
        if self.parentWidget() is not window:
            self.setParent(window)
        # What begins with a name from right to left is still a sentence from left to right.
        self._label.setText(LEFT_TO_RIGHT + " ".join(map(_shortened, text.split(" "))))
        self._sign.setVisible(bool(sign))
        if sign:
            side = round(_SIGN * self._theme.text_scale)
            picture = icon(sign, self._theme, SIGNS[sign])
            self._sign.setPixmap(picture.pixmap(QSize(side, side), self.devicePixelRatio()))
        tokens = self._theme.tokens
        self.setStyleSheet(
            f"Bubble {{ background: {tokens.raised}; border: 1px solid {tokens.outline}; border-radius: 5px; }}"
        )
        self._place(window, window.mapFromGlobal(point))

    def _place(self, window: QWidget, point: QPoint) -> None:
        longest = self.fontMetrics().horizontalAdvance(self.text) + 12
        self._label.setFixedWidth(min(longest, round(BUBBLE_WIDTH * self._theme.text_scale)))
        self.setFixedHeight(self.heightForWidth(self.sizeHint().width()))
        self.adjustSize()
        left = min(point.x() + 18, window.width() - self.width() - 4)
        top = point.y() + 18
        if top + self.height() > window.height() - 4:
            top = point.y() - 12 - self.height()
        self.move(max(4, left), max(4, top))
        self.show()
        self.raise_()


def _shortened(word: str) -> str:
    """A word without its middle, if it is so long that no line holds it."""
    half = MAX_WORD_LENGTH // 2
    return word if len(word) <= MAX_WORD_LENGTH else f"{word[:half]}…{word[-half:]}"
