"""The things of a diagram as items of a scene: each paints its shapes, and shows whether it is selected."""

from __future__ import annotations

from html import escape
from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from cnnstudio.app.diagram.painter import Painter, traced
from cnnstudio.drawings.diagram.drawing import Group, Path

MIN_ZOOM_WITH_TEXT: Final = 0.3
"""The magnification below which texts are left out: they would be smears."""


class GroupItem(QGraphicsItem):
    """One thing. `accent` is the colour of what is selected."""

    def __init__(self, group: Group, letters: Painter, accent: str) -> None:
        super().__init__()
        self.thing = group
        self._letters = letters
        self._accent = accent
        self._is_marked = False
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.setToolTip(_tip(group))

    def show_thing(self, group: Group, accent: str) -> None:
        """Shows another state of the same thing."""
        if group == self.thing and accent == self._accent:
            return
        if group.bounds != self.thing.bounds:
            # The scene finds items by the bounds it was last told of: without this, the old picture stays where the
            # item was.
            self.prepareGeometryChange()
        self.thing, self._accent = group, accent
        self.setToolTip(_tip(group))
        self.update()

    @property
    def is_marked(self) -> bool:
        """True if it is drawn as selected."""
        return self._is_marked

    def mark(self, is_marked: bool) -> None:
        """Draws it as selected, or not."""
        if is_marked != self._is_marked:
            self._is_marked = is_marked
            self.update()

    def boundingRect(self) -> QRectF:
        left, top, width, height = self.thing.bounds
        # Room for the badge above, the sheets of a pile at the right and below, and the line around what is selected.
        return QRectF(left - 5, top - 22, width + 12, height + 30)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        has_texts = option.levelOfDetailFromTransform(painter.worldTransform()) >= MIN_ZOOM_WITH_TEXT
        self._letters.paint(painter, self.thing.shapes, has_texts=has_texts)
        if not self._is_marked:
            return
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(self._accent), 2.2))
        if self.thing.kind == "edge":
            lines = (shape for shape in self.thing.shapes if isinstance(shape, Path) and shape.stroke)
            for line in lines:
                painter.drawPath(traced(line))
        elif self.thing.kind != "label":
            left, top, width, height = self.thing.bounds
            painter.drawRoundedRect(QRectF(left - 2, top - 2, width + 4, height + 4), 8, 8)


def _tip(group: Group) -> str:
    """The tip as rich text, which Qt breaks into lines; names that look like it stay names."""
    return f"<span>{escape(group.tip)}</span>" if group.tip else ""
