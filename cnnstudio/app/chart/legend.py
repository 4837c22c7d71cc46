"""The legend of the chart: the sign and the colour of each family that it shows."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnstudio.app.appearance.family_words import family_titles
from cnnstudio.app.appearance.icons import paint_family
from cnnstudio.app.appearance.theme import Theme

MARGIN: Final = 12
GAP: Final = 16


class ChartLegend(QWidget):
    """Families in one line, or in as many as they need."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._families: tuple[str, ...] = ()
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName(self.tr("Legend"))
        theme.changed.connect(self.updateGeometry)

    @property
    def families(self) -> tuple[str, ...]:
        """The families it shows."""
        return self._families

    def show_families(self, families: tuple[str, ...]) -> None:
        """Shows these families."""
        if families != self._families:
            self._families = families
            titles = family_titles()
            self.setAccessibleDescription(", ".join(titles[family] for family in families))
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        width = max(self.width(), 200)
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self.heightForWidth(max(self.width(), 80)))

    def heightForWidth(self, width: int) -> int:
        places = self._places(width)
        return places[-1][0].bottom() + 7 if places else 0

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.colour("surface"))
        painter.setFont(self._theme.text_font(0.92))
        painter.setPen(self._theme.colour("muted"))
        for place, family, title in self._places(self.width()):
            sign = QRectF(place.left(), place.top(), place.height(), place.height())
            inset = place.height() * 0.14
            paint_family(painter, sign.adjusted(inset, inset, -inset, -inset), family, self._theme)
            words = place.adjusted(place.height() + 3, 0, 0, 0)
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, title)

    def _places(self, width: int) -> list[tuple[QRect, str, str]]:
        """The rectangle of each family, with its title; a family that does not fit begins another line."""
        metrics = QFontMetrics(self._theme.text_font(0.92))
        titles = family_titles()
        line = metrics.height() + 2
        x, y = MARGIN, 5
        places: list[tuple[QRect, str, str]] = []
        for family in self._families:
            length = line + 4 + metrics.horizontalAdvance(titles[family])
            if x > MARGIN and x + length > width - MARGIN:
                x, y = MARGIN, y + line
            places.append((QRect(x, y, length, line), family, titles[family]))
            x += length + GAP
        return places
