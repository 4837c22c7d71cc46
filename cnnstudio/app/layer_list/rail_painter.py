"""Paints the rails beside the layer list: lines with rounded bends, and a node a row."""

from __future__ import annotations

from collections.abc import Iterable
from math import floor
from typing import Final

from msgspec import Struct
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.appearance.tokens import mixed
from cnnstudio.app.layer_list.rail_nodes import RADIUS, NodeLook, NodePictures
from cnnstudio.core.rails.rails import MAX_LANES, RailEdge, RailRow, Rails

PITCH: Final = 13.0
MARGIN: Final = 12.0
BEND: Final = 6.5
THIN: Final = 1.6
THICK: Final = 2.8
MIN_LANES: Final = 2
"""There is always room for a branch, so that the names do not move when the first block is opened."""


class _Grid(Struct, frozen=True):
    """The device pixels: where a line of so many of them is sharp."""

    ratio: float
    left: float
    top: float
    pixels: int

    def x(self, x: float) -> float:
        """The nearest place for an upright line."""
        return self._snapped(x, self.left)

    def y(self, y: float) -> float:
        """The nearest place for a level line."""
        return self._snapped(y, self.top)

    def edge(self, y: float) -> float:
        """The nearest border between two pixels, where lines of two rows meet without a seam."""
        return (floor(y * self.ratio + self.top + 0.5) - self.top) / self.ratio

    def _snapped(self, at: float, shift: float) -> float:
        half = 0.5 if self.pixels % 2 else 0.0
        return (floor(at * self.ratio + shift - half + 0.5) + half - shift) / self.ratio


class RailPainter:
    """Knows where lanes are and how they look; everything is measured from the left and the top of the gutter.

    Lines are as wide as whole device pixels, and lie on them, so that they are sharp at every scale of the screen.
    """

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._nodes = NodePictures(theme)
        self.rails = Rails()
        self.height = 24.0
        self._thin, self._thick, self._aside = 2.0, 3.0, 0.0
        self._lanes: list[float] = []
        self._grid = _Grid(1.0, 0.0, 0.0, 2)
        self.apply_theme()

    def begin(self, painter: QPainter) -> None:
        """Looks where the device pixels are."""
        ratio = painter.device().devicePixelRatioF()
        shift = painter.deviceTransform()
        thin = max(1, round(THIN * ratio))
        thick = max(thin + 1, round(THICK * ratio))
        self._thin, self._thick = thin / ratio, thick / ratio
        # What is wider by an odd number of pixels has its middle half a pixel beside.
        self._aside = (thick - thin) % 2 / 2 / ratio
        self._grid = _Grid(ratio, shift.dx(), shift.dy(), thin)
        self._lanes = [self._grid.x(self.x_of(lane)) for lane in range(MAX_LANES + 1)]

    def apply_theme(self) -> None:
        """Takes over colours and sizes of the theme."""
        tokens, scale = self._theme.tokens, self._theme.text_scale
        self._pitch, self._margin, self._bend = PITCH * scale, MARGIN * scale, BEND * scale
        self._radius = RADIUS * scale
        self._nodes.clear()
        self._rail = QColor(mixed(tokens.surface, tokens.muted, 0.75))
        self._accent, self._muted = QColor(tokens.accent), QColor(tokens.muted)
        self._small = self._theme.number_font(0.78)

    def width(self) -> int:
        """The width that the gutter needs."""
        lanes = max(MIN_LANES, self.rails.lanes)
        room = self._pitch if self.rails.lanes > MAX_LANES else 0.0
        return round(2 * self._margin + (lanes - 1) * self._pitch - self._pitch / 2 + room)

    def x_of(self, lane: int) -> float:
        """The middle of a lane."""
        return self._margin + lane * self._pitch

    def paint_rails(self, painter: QPainter, first: int, last: int, top: float) -> None:
        """Paints the rails of some rows, the first of which begins at `top`."""
        bends, straight, shared = QPainterPath(), list[QLineF](), list[QLineF]()
        for row in range(first, last + 1):
            self._add_row(bends, straight, shared, self.rails.rows[row], top + (row - first) * self.height)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        # Qt's usual cap is square, and reaches over the end of a line into the next row.
        pen = QPen(self._rail, self._thin, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        painter.drawLines(straight)
        if not bends.isEmpty():
            painter.drawPath(bends)
        if shared:
            pen.setDashPattern([2.0, 2.0])
            painter.setPen(pen)
            painter.drawLines(shared)

    def _add_row(
        self, bends: QPainterPath, straight: list[QLineF], shared: list[QLineF], row: RailRow, y: float
    ) -> None:
        middle, lanes = self._grid.y(y + self.height / 2), self._lanes
        y, bottom = self._grid.edge(y), self._grid.edge(y + self.height)
        for lane in row.passes:
            (shared if lane == MAX_LANES else straight).append(QLineF(lanes[lane], y, lanes[lane], bottom))
        own = lanes[row.lane]
        goes_up, goes_down = row.lane in row.arrives, row.lane in row.leaves
        if goes_up or goes_down:
            straight.append(QLineF(own, y if goes_up else middle, own, bottom if goes_down else middle))
        for ends, y_end in ((row.arrives, y), (row.leaves, bottom)):
            for lane in ends:
                if lane != row.lane:
                    self._add_half(bends, row.lane, lane, middle, y_end)

    def _add_half(self, path: QPainterPath, node: int, lane: int, middle: float, end: float) -> None:
        """From a node to a lane, and in it up or down to the end of the row."""
        x = self._lanes[lane]
        path.moveTo(self._lanes[node], middle)
        if lane != node:
            towards = self._bend if lane > node else -self._bend
            down = self._bend if end > middle else -self._bend
            path.lineTo(x - towards, middle)
            path.quadTo(x, middle, x, middle + down)
        path.lineTo(x, end)

    def paint_edges(self, painter: QPainter, edges: Iterable[RailEdge], first: int, last: int, top: float) -> None:
        """Paints connections so that they stand out, as far as they are in sight."""
        path = QPainterPath()
        for edge in edges:
            if edge.target >= first and edge.source <= last:
                self._add_edge(path, edge, top - first * self.height)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(self._accent, self._thick, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
        painter.drawPath(path.translated(self._aside, self._aside))

    def _add_edge(self, path: QPainterPath, edge: RailEdge, top: float) -> None:
        rows, half = self.rails.rows, self.height / 2
        begin, end = top + edge.source * self.height, top + edge.target * self.height
        self._add_half(path, rows[edge.source].lane, edge.lane, self._grid.y(begin + half), begin + self.height)
        path.lineTo(self._lanes[edge.lane], end)
        self._add_half(path, rows[edge.target].lane, edge.lane, self._grid.y(end + half), end)

    def paint_node(self, painter: QPainter, row: int, top: float, look: NodeLook) -> None:
        """Paints the node of a row that begins at `top`."""
        self._nodes.paint(painter, self.centre(row, top), look, self._grid.ratio, self._grid.pixels)

    def centre(self, row: int, top: float) -> QPointF:
        """The middle of the node of a row that begins at `top`."""
        return QPointF(self._grid.x(self.x_of(self.rails.rows[row].lane)), self._grid.y(top + self.height / 2))

    def paint_more(self, painter: QPainter, first: int, last: int, top: float) -> None:
        """Writes how many rails share the last lane: in the first row in sight, and where it changes."""
        painter.setFont(self._small)
        painter.setPen(self._muted)
        before = 0
        for row in range(first, last + 1):
            more = self.rails.rows[row].more
            if more > 1 and more != before:
                left = self.x_of(MAX_LANES) + self._radius + 2
                box = QRectF(left, top + (row - first) * self.height, 2 * self._pitch, self.height)
                painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, f"+{more}")
            # Also where it is not written, so that it is written again after a row without any.
            before = more
