"""The powers of two near a number, to be taken by a click."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.inspector.field_controls import FieldLine, Tail
from cnnstudio.app.rows.text_cache import Lettering

GAP: Final = "\u00a0· "
MARGIN: Final = 6


class PowerLinks(Tail):
    """`32 · 64 · 128` at the end of a number: a click takes one of them. The number it is now is no link."""

    chosen = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._numbers: tuple[int, ...] = ()
        self._current: int | None = None
        self._hovered: int | None = None
        self._is_short = False
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.setToolTip(self.tr("Ctrl+Up doubles, Ctrl+Down halves"))
        self.setAccessibleName(self.tr("Powers of two"))
        theme.changed.connect(self._apply_theme)
        self._apply_theme()

    def _apply_theme(self) -> None:
        font = self._theme.number_font(0.9)
        self._letters = Lettering(font)
        font.setUnderline(True)
        self._underlined = Lettering(font)
        self._gap = round(self._letters.width(GAP))
        self.update()

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers on offer."""
        return self._numbers

    def show_numbers(self, numbers: tuple[int, ...], current: int | None) -> None:
        """Offers other numbers."""
        if (numbers, current) == (self._numbers, self._current):
            return
        self._numbers, self._current, self._hovered = numbers, current, None
        line = self.parentWidget()
        if isinstance(line, FieldLine):
            line.place_tail()
        self.update()

    def sizeHint(self) -> QSize:
        spots = [] if self._is_short else self._spots()
        return QSize(spots[-1][1].right() + 8 if spots else 0, round(self._letters.height))

    def set_short(self, is_short: bool) -> None:
        self._is_short = is_short

    def rect_of(self, number: int) -> QRect:
        """The rectangle of a number."""
        return next(rect for spot, rect in self._spots() if spot == number)

    def _spots(self) -> list[tuple[int, QRect]]:
        left, spots = MARGIN, []
        for number in self._numbers:
            width = round(self._letters.width(str(number)))
            spots.append((number, QRect(left, 0, width, self.height())))
            left += width + self._gap
        return spots

    def _at(self, event: QMouseEvent) -> int | None:
        x = event.position().x()
        near = (
            spot for spot, rect in self._spots() if rect.left() - 4 <= x <= rect.right() + 4 and spot != self._current
        )
        return next(near, None)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        for place, (number, rect) in enumerate(self._spots()):
            letters = self._underlined if number == self._hovered else self._letters
            painter.setFont(letters.font)
            painter.setPen(self._theme.colour("muted" if number == self._current else "accent"))
            letters.paint(painter, rect.adjusted(0, 0, 1, 0), str(number))
            if place:
                painter.setFont(self._letters.font)
                painter.setPen(self._theme.colour("muted"))
                gap = QRect(rect.left() - self._gap, 0, self._gap + 1, self.height())
                self._letters.paint(painter, gap, GAP)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self._at(event))

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(None)

    def _hover(self, number: int | None) -> None:
        if number != self._hovered:
            self._hovered = number
            self.setCursor(Qt.CursorShape.ArrowCursor if number is None else Qt.CursorShape.PointingHandCursor)
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        number = self._at(event)
        if number is not None and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(number)
