"""Formulas on a printed page: text in lines, with fractions set with a bar between signs of rounding."""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import QRectF
from PySide6.QtGui import QFont, QPainter, QTextCharFormat, QTextLayout, QTextLine

from cnnstudio.app.reports.pdf.ink import POINT, Words, colour_of, hairline, metrics_of, read_rich
from cnnstudio.reports.forms.formula_html import FRACTION, PARTS

SCALE: Final = 0.88
"""The size of what stands above and below a bar, as a part of the size of the text around it."""
AXIS, AIR, HOOK, GAP = 0.32, 0.1, 0.3, 0.25
"""The height of the bar above the feet of the letters, the space above and below it, the width of a sign of rounding,
and the space before and after the whole, as parts of the size of the text.
"""
STROKE: Final = 0.5
_PLACE: Final = "\u00a0"
"""Keeps the place of a fraction in the text: a space at which no line ends, made as wide as the fraction."""


class _Fraction:
    """One fraction, as `formula_html` marks it: opening sign, numerator, denominator, closing sign."""

    def __init__(self, marked: str, points: float) -> None:
        self._opening, above, below, self._closing = marked.split(PARTS)
        self._points = points
        self._unit = unit = points * POINT
        endless = 1e6 * POINT
        self._above, self._below = (Words(text, points * SCALE, endless, is_rich=True) for text in (above, below))
        self._bar = max(self._above.used, self._below.used) + GAP * unit
        self._hooks = HOOK * unit if self._opening else 0.0
        self.width = self._bar + 2 * self._hooks + 2 * GAP * unit
        self.ascent = (AXIS + AIR) * unit + self._above.height
        self.descent = (AIR - AXIS) * unit + self._below.height

    def placed(self, start: int) -> QTextLayout.FormatRange:
        """The look of the letter that keeps its place in the text."""
        found = QTextLayout.FormatRange()
        look = QTextCharFormat()
        look.setFontLetterSpacingType(QFont.SpacingType.AbsoluteSpacing)
        look.setFontLetterSpacing(self.width - metrics_of(self._points).horizontalAdvance(_PLACE))
        found.start, found.length, found.format = start, 1, look
        return found

    def draw(self, painter: QPainter, x: float, base: float, colour: str) -> None:
        """Draws it from there on, `base` being the foot of the letters around it."""
        left = x + GAP * self._unit + self._hooks
        axis, air = base - AXIS * self._unit, AIR * self._unit
        above, below = self._above, self._below
        above.draw(painter, left + (self._bar - above.used) / 2, axis - air - above.height, colour)
        hairline(painter, left, axis, self._bar, colour, STROKE)
        below.draw(painter, left + (self._bar - below.used) / 2, axis + air, colour)
        for sign, side in ((self._opening, left - self._hooks), (self._closing, left + self._bar + self._hooks)):
            if sign:
                self._draw_sign(painter, sign, side, base, colour)

    def _draw_sign(self, painter: QPainter, sign: str, x: float, base: float, colour: str) -> None:
        """A sign of rounding as high as the fraction; its hook points inwards, at the foot or at the head."""
        top, bottom = base - self.ascent, base + self.descent
        painter.fillRect(QRectF(x, top, STROKE * POINT, bottom - top), colour_of(colour))
        is_opening, is_floor = sign in "⌊⌈", sign in "⌊⌋"
        inwards = x if is_opening else x - self._hooks * 0.6
        hairline(painter, inwards, bottom if is_floor else top, self._hooks * 0.6 + STROKE * POINT, colour, STROKE)


class Formula(Words):
    """A formula in HTML with marked fractions, broken into lines that are not longer than a width."""

    def __init__(self, html: str, points: float, width: float) -> None:
        self._fractions: dict[int, _Fraction] = {}
        super().__init__(html, points, width, is_rich=True)

    def _read(self, html: str, points: float) -> tuple[str, list[QTextLayout.FormatRange]]:
        whole, formats = "", []
        for number, part in enumerate(html.split(FRACTION)):
            start = len(whole.encode("utf-16-le")) // 2
            if number % 2:
                self._fractions[start] = fraction = _Fraction(part, points)
                whole += _PLACE
                formats.append(fraction.placed(start))
                continue
            text, looks = read_rich(part)
            for look in looks:
                look.start += start
            whole += text
            formats += looks
        return whole, formats

    def _beyond(self, line: QTextLine) -> tuple[float, float]:
        own = range(line.textStart(), line.textStart() + line.textLength())
        held = [fraction for place, fraction in self._fractions.items() if place in own]
        above = max((fraction.ascent - line.ascent() for fraction in held), default=0.0)
        return above, max((fraction.descent - line.descent() for fraction in held), default=0.0)

    def draw(self, painter: QPainter, x: float, y: float, colour: str = "text") -> None:
        super().draw(painter, x, y, colour)
        for place, fraction in self._fractions.items():
            line = self._layout.lineForTextPosition(place)
            # Python gets the place with the letter that it is at.
            at: Any = line.cursorToX(place)
            fraction.draw(painter, x + at[0], y + line.y() + line.ascent(), colour)
