"""The stacked bar: what is in the peak, against the line of the card."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QCoreApplication, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.memory.content import MemoryContent
from cnnstudio.core.memory.wording import gibibytes

FAMILIES: Final = {
    "weights": "convolution",
    "gradients": "dense",
    "optimizer": "activation",
    "kept": "pooling",
    "in_flight": "merge",
    "fixed": "normalization",
}
"""The colour of each part: that of a family, so that colour-blind eyes tell them apart."""
BAR_HEIGHT: Final = 26
MARGIN: Final = 12
GAP: Final = 6
SQUARE: Final = 10


def part_titles() -> dict[str, str]:
    """The names of the parts, in their order in the bar."""

    def tr(text: str) -> str:
        return QCoreApplication.translate("MemoryBar", text)

    return {
        "weights": tr("Weights"),
        "gradients": tr("Gradients"),
        "optimizer": tr("Optimizer"),
        "kept": tr("Kept for backward"),
        "in_flight": tr("In flight"),
        "fixed": tr("Inputs and cuBLAS"),
        "reserve": tr("Reserve and context"),
    }


class MemoryBar(QWidget):
    """One bar, its legend, and the line of the card."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._content: MemoryContent | None = None
        self.setAccessibleName(self.tr("Parts of the peak"))

    def show_content(self, content: MemoryContent | None) -> None:
        """Shows an estimate, or nothing."""
        self._content = content
        titles = part_titles()
        parts = content.parts if content else ()
        self.setAccessibleDescription(", ".join(f"{titles[part.key]} {gibibytes(part.size)}" for part in parts))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(400, self.heightForWidth(self.width()))

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        rows = 1 + max((row for row, _, _ in self._legend(width)), default=0)
        return self._line() + GAP + BAR_HEIGHT + GAP + rows * (self._line() + 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        content = self._content
        if content is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._theme.number_font())
        top = float(self._line() + GAP)
        room = self.width() - 2 * MARGIN
        scale = room / (1.04 * max(content.on_card.need.high, content.on_card.card.memory))
        left = float(MARGIN)
        for part in content.parts:
            width = part.size * scale
            painter.fillRect(QRectF(left, top, width, BAR_HEIGHT), self._brush(part.key))
            left += width
        self._paint_card(painter, content, MARGIN + content.on_card.card.memory * scale, top)
        self._paint_legend(painter, content, top + BAR_HEIGHT + GAP)
        painter.end()

    def _paint_card(self, painter: QPainter, content: MemoryContent, x: float, top: float) -> None:
        painter.setPen(QPen(self._theme.colour("text"), 2))
        painter.drawLine(int(x), int(top - 4), int(x), int(top + BAR_HEIGHT + 4))
        text = content.on_card.card.name
        width = painter.fontMetrics().horizontalAdvance(text)
        left = min(max(float(MARGIN), x - width / 2), self.width() - MARGIN - width)
        painter.drawText(QRectF(left, 0, width + 2, self._line()), Qt.AlignmentFlag.AlignLeft, text)

    def _paint_legend(self, painter: QPainter, content: MemoryContent, top: float) -> None:
        keys = [part.key for part in content.parts if part.size]
        for key, (row, left, text) in zip(keys, self._legend(self.width()), strict=True):
            y = top + row * (self._line() + 2)
            square = QRectF(left, y + (self._line() - SQUARE) / 2, SQUARE, SQUARE)
            painter.fillRect(square, self._brush(key))
            painter.setPen(self._theme.colour("muted" if key == "reserve" else "text"))
            painter.drawText(
                QRectF(left + SQUARE + GAP, y, self.width(), self._line()), Qt.AlignmentFlag.AlignLeft, text
            )

    def _legend(self, width: int) -> list[tuple[int, float, str]]:
        """For each part that is there: its row in the legend, its left edge, its text."""
        found: list[tuple[int, float, str]] = []
        titles, metrics = part_titles(), self.fontMetrics()
        row, left = 0, float(MARGIN)
        for part in self._content.parts if self._content else ():
            if not part.size:
                continue
            text = f"{titles[part.key]} {gibibytes(part.size)}"
            taken = SQUARE + GAP + metrics.horizontalAdvance(text) * 1.06 + 3 * GAP
            if left + taken > width - MARGIN and left > MARGIN:
                row, left = row + 1, float(MARGIN)
            found.append((row, left, text))
            left += taken
        return found

    def _line(self) -> int:
        return self.fontMetrics().height()

    def _brush(self, key: str) -> QBrush:
        if key == "reserve":
            return QBrush(QColor(self._theme.tokens.faint), Qt.BrushStyle.BDiagPattern)
        return QBrush(self._theme.family_colour(FAMILIES[key]))
