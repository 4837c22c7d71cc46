"""Texts of one font, laid out once and painted often: every edit paints some hundreds of them."""

from __future__ import annotations

from typing import Final, NamedTuple

from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QStaticText

MAX_TEXTS: Final = 5_000
"""So many are remembered, which is more than a window shows."""


class _Laid(NamedTuple):
    """A text as it is painted, with its width."""

    text: QStaticText
    width: float


class Lettering:
    """Paints texts of one font in one line each, and elides those that find no room."""

    def __init__(self, font: QFont) -> None:
        self.font = font
        self._metrics = QFontMetricsF(font)
        self.height = self._metrics.height()
        self._laid: dict[str, _Laid] = {}
        self._elided: dict[tuple[str, int], str] = {}

    def width(self, text: str) -> float:
        """The room that a text needs."""
        return self._lay(text).width

    def paint(self, painter: QPainter, rect: QRect, text: str, *, at_right: bool = False) -> float:
        """Paints as much of a text as fits into the middle of a line, in the painter's pen; the width of that.

        The painter must have the font of this lettering, which is set once for many texts.
        """
        laid = self._lay(text)
        room = rect.width()
        if laid.width > room:
            laid = self._lay(self._elide(text, room))
        left = rect.left() + (room - laid.width if at_right else 0.0)
        painter.drawStaticText(QPointF(left, rect.top() + round((rect.height() - self.height) / 2)), laid.text)
        return laid.width

    def _lay(self, text: str) -> _Laid:
        found = self._laid.get(text)
        if found is None:
            if len(self._laid) >= MAX_TEXTS:
                self._laid.clear()
            static = QStaticText(text)
            # Otherwise Qt takes a name with tags in it for rich text.
            static.setTextFormat(Qt.TextFormat.PlainText)
            # Laid out now: otherwise the first painting does it, and again for each painter with another font.
            static.prepare(font=self.font)
            found = self._laid[text] = _Laid(static, self._metrics.horizontalAdvance(text))
        return found

    def _elide(self, text: str, room: int) -> str:
        found = self._elided.get((text, room))
        if found is None:
            if len(self._elided) >= MAX_TEXTS:
                self._elided.clear()
            found = self._metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
            self._elided[text, room] = found
        return found
