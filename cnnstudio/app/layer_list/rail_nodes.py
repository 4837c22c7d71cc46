"""The nodes of the rails, painted once for each look and kept."""

from __future__ import annotations

from math import ceil
from typing import Final

from msgspec import Struct
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPixmap

from cnnstudio.app.appearance.theme import Theme

RADIUS: Final = 4.0
GROWN: Final = 1.4
"""So many times as large is the node under the pointer."""


class NodeLook(Struct, frozen=True, gc=False):
    """The look of a row's node: its family, whether it is a block, selected, and under the pointer."""

    family: str
    is_block: bool
    is_selected: bool
    is_hovered: bool


class NodePictures:
    """A picture for each look: a ring, for a block a square, filled where it is selected."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._pictures: dict[NodeLook, QPixmap] = {}
        self._measures = (1.0, 2)

    def clear(self) -> None:
        """Forgets the pictures: the colours or the sizes have changed."""
        self._pictures.clear()

    def paint(self, painter: QPainter, centre: QPointF, look: NodeLook, ratio: float, line: int) -> None:
        """Paints a node whose ring is as wide as so many device pixels."""
        if self._measures != (ratio, line):
            self._measures = (ratio, line)
            self.clear()
        picture = self._pictures.get(look)
        if picture is None:
            picture = self._pictures[look] = self._drawn(look, ratio, line)
        half = picture.width() / ratio / 2
        painter.drawPixmap(QPointF(centre.x() - half, centre.y() - half), picture)

    def _drawn(self, look: NodeLook, ratio: float, line: int) -> QPixmap:
        radius = RADIUS * self._theme.text_scale * (GROWN if look.is_hovered else 1.0)
        # As even or odd as the line, so that its middle is that of the rail.
        side = 2 * ceil((radius + 2) * ratio) + line % 2
        picture = QPixmap(side, side)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = self._theme.family_colour(look.family)
        painter.setPen(QPen(colour, line / ratio))
        painter.setBrush(colour if look.is_selected else self._theme.colour("surface"))
        middle = side / ratio / 2
        if look.is_block:
            half = radius * 0.9
            painter.drawRoundedRect(QRectF(middle - half, middle - half, 2 * half, 2 * half), 2.0, 2.0)
        else:
            painter.drawEllipse(QPointF(middle, middle), radius, radius)
        painter.end()
        return picture
