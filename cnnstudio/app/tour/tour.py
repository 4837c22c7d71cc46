"""The card of a tour, and the frame around the part that it is about; the window stays usable behind both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from cnnstudio.app.appearance.labels import tinted
from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.tour.step import TourStep

WIDTH: Final = 330
GAP: Final = 12
"""Pixels between the card and the part that it is about."""


class Frame(QWidget):
    """A line around a part of the window; the pointer goes through it."""

    def __init__(self, theme: Theme, window: QWidget) -> None:
        super().__init__(window)
        self._theme = theme
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(QPen(self._theme.colour("accent"), 3))
        painter.drawRect(self.rect().adjusted(1, 1, -2, -2))


class Tour(QFrame):
    """Leads through steps; Esc, Close and the end of the last step take it away."""

    def __init__(self, steps: Sequence[TourStep], theme: Theme, window: QWidget) -> None:
        super().__init__(window)
        self._steps = steps
        self._theme = theme
        self._part: QWidget | None = None
        self._done: set[int] = set()
        self.at = 0
        self.frame = Frame(theme, window)
        self.setObjectName("tour")
        self.setAccessibleName(self.tr("First steps"))
        self.setAutoFillBackground(True)
        self._make_parts()
        theme.changed.connect(self._apply_theme)
        self._apply_theme()
        window.installEventFilter(self)
        self.go_to(0)

    def _make_parts(self) -> None:
        self.title, self.text, self.told = QLabel(self), QLabel(self), QLabel(self)
        for label in (self.title, self.text, self.told):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.back = QPushButton(self.tr("Back"), self)
        self.next = QPushButton(self)
        close = QPushButton(self.tr("Close"), self)
        self.back.clicked.connect(lambda: self.go_to(self.at - 1))
        self.next.clicked.connect(lambda: self.go_to(self.at + 1))
        close.clicked.connect(self.end)
        buttons = QHBoxLayout()
        buttons.addWidget(close)
        buttons.addStretch(1)
        buttons.addWidget(self.back)
        buttons.addWidget(self.next)
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(8)
        for widget in (self.title, self.text, self.told):
            column.addWidget(widget)
        column.addLayout(buttons)

    def go_to(self, at: int) -> None:
        """Shows a step; one beyond the last ends the tour."""
        if at >= len(self._steps):
            self.end()
            return
        self.at = max(0, at)
        step = self._steps[self.at]
        if self._part is not None:
            self._part.removeEventFilter(self)
        self._part = step.part()
        self._part.installEventFilter(self)
        number = self.tr("{at} of {of}").format(at=self.at + 1, of=len(self._steps))
        self.title.setText(f"{number}: {step.title}")
        self.text.setText(step.text)
        self.back.setEnabled(self.at > 0)
        is_last = self.at + 1 == len(self._steps)
        self.next.setText(self.tr("Finish") if is_last else self.tr("Next"))
        self._tell()
        self.show()
        self.place()
        # What a screen reader speaks when the step changes.
        self.next.setAccessibleDescription(f"{self.title.text()}. {step.text}")
        self.next.setFocus()

    def follow(self) -> None:
        """Looks whether the step has been done, after something changed in the window."""
        step = self._steps[self.at]
        if step.is_done is not None and step.is_done():
            self._done.add(self.at)
            self._tell()
            self.place()

    def _tell(self) -> None:
        self.told.setVisible(self.at in self._done)
        self.told.setText(self.tr("Done. Go on when you like."))

    def end(self) -> None:
        """Takes the tour away."""
        self.window().removeEventFilter(self)
        if self._part is not None:
            self._part.removeEventFilter(self)
        self.frame.deleteLater()
        self.frame.hide()
        self.hide()
        self.deleteLater()

    def place(self) -> None:
        """Puts the frame around the part, and the card beside it where there is room, else into the lower right."""
        if self._part is None:
            return
        window, part = self.window(), self._part
        around = QRect(part.mapTo(window, QPoint(0, 0)), part.size())
        self.frame.setGeometry(around)
        width = round(WIDTH * self._theme.text_scale)
        size = QSize(width, self._column.heightForWidth(width))
        room = window.rect().adjusted(GAP, GAP, -GAP, -GAP)
        self.setGeometry(QRect(_beside(around, size, room), size))
        self.frame.setVisible(part.isVisible())
        self.frame.raise_()
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.Hide and watched is self.window() and not event.spontaneous():
            # The window closes: what it then takes apart is no part to stand beside.
            self.end()
        elif kind in (QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show, QEvent.Type.Hide):
            self.place()
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.end()
        else:
            super().keyPressEvent(event)

    def _apply_theme(self) -> None:
        tokens = self._theme.tokens
        self.title.setFont(self._theme.text_font(1.1, bold=True))
        self.setStyleSheet(
            f"#tour {{ background: {tokens.surface}; border: 1px solid {tokens.accent}; border-radius: 6px; }}"
        )
        tinted(self.told, tokens.good)


def _beside(part: QRect, size: QSize, room: QRect) -> QPoint:
    """The upper left corner of a card beside a part: right of it, left, below, above, or in the corner."""
    top = min(max(part.top(), room.top()), room.bottom() - size.height())
    left = min(max(part.left(), room.left()), room.right() - size.width())
    tried = (
        QPoint(part.right() + GAP, top),
        QPoint(part.left() - GAP - size.width(), top),
        QPoint(left, part.bottom() + GAP),
        QPoint(left, part.top() - GAP - size.height()),
    )
    corner = QPoint(room.right() - size.width(), room.bottom() - size.height())
    return next((point for point in tried if room.contains(QRect(point, size))), corner)
