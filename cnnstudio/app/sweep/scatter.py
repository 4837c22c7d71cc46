"""The scatter of a sweep: two quantities against each other, a third as colour, and the front that nothing beats."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import log10
from typing import Final

import pyqtgraph as pg
from msgspec import Struct
from pyqtgraph.GraphicsScene.mouseEvents import HoverEvent
from PySide6.QtCore import QPointF, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QToolTip, QVBoxLayout, QWidget

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.appearance.tokens import mixed
from cnnstudio.core.counting.quantity import Quantity

SHADES: Final = 24
"""Colours from the least to the most; each needs a picture of its own."""
SIZE: Final = 8
MARK_SIZE: Final = 15
AXIS_WIDTH: Final = 78


class Point(Struct, frozen=True):
    """A variant in the chart: its numbers along both axes and for the colour."""

    variant: int
    x: int
    y: int
    shade: int | None
    is_best: bool


class Picture(Struct, frozen=True):
    """All that the chart shows: points, the quantities of its axes and its colours, and the variants nothing beats."""

    points: tuple[Point, ...]
    along: Quantity
    up: Quantity
    shade: Quantity | None
    is_log: bool
    best: frozenset[int]


class _Axis(pg.AxisItem):
    """An axis whose numbers are written as everywhere: `25.6 M`."""

    quantity: Quantity | None = None
    is_log = False

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        if self.quantity is None:
            return ["" for _ in values]
        numbers = [round(10**value if self.is_log else value) for value in values]
        return [_trimmed(self.quantity.unit.short(number)) if number >= 0 else "" for number in numbers]


def _trimmed(text: str) -> str:
    """`25 M` for `25.00 M`."""
    number, space, unit = text.partition(" ")
    return (number.rstrip("0").rstrip(".") if "." in number else number) + space + unit


class Scatter(QWidget):
    """Points; a click on one asks for its variant."""

    variant_clicked = Signal(int)

    def __init__(self, theme: Theme, describe: Callable[[int], str], parent: QWidget | None = None) -> None:
        """`describe` says what was varied in a variant."""
        super().__init__(parent)
        self._theme, self._describe = theme, describe
        self._picture: Picture | None = None
        self._marked = -1
        self._x_axis, self._y_axis = _Axis("bottom"), _Axis("left")
        self.plot = pg.PlotWidget(
            self, plotItem=pg.PlotItem(axisItems={"bottom": self._x_axis, "left": self._y_axis}, enableMenu=False)
        )
        # Its menu offers an export that fails, and its button is drawn for a dark ground.
        self.plot.hideButtons()
        self._front = pg.PlotCurveItem()
        self._items = pg.ScatterPlotItem(size=SIZE, pxMode=True, hoverable=True, tip=None)
        self._mark = pg.ScatterPlotItem(size=MARK_SIZE, pxMode=True)
        for item in (self._front, self._items, self._mark):
            self.plot.addItem(item)
        self._items.sigClicked.connect(self._on_clicked)
        self._items.sigHovered.connect(self._on_hovered)
        self._y_axis.setWidth(AXIS_WIDTH)
        for axis in (self._x_axis, self._y_axis):
            # The texts of the numbers have their prefixes, and a factor beside the title would be one too many.
            axis.enableAutoSIPrefix(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.plot)
        self.setAccessibleName(self.tr("Variants, two quantities against each other"))
        theme.changed.connect(self._on_theme)
        self._on_theme()

    @property
    def picture(self) -> Picture | None:
        """The points that are shown."""
        return self._picture

    def show_picture(self, picture: Picture) -> None:
        """Shows other points."""
        before = self._picture
        self._picture = picture
        for axis, quantity in ((self._x_axis, picture.along), (self._y_axis, picture.up)):
            axis.quantity, axis.is_log = quantity, picture.is_log
            axis.setLabel(quantity.title)
        self._draw()
        is_other = before is None or (before.along, before.up, before.is_log) != (
            picture.along,
            picture.up,
            picture.is_log,
        )
        if is_other or before is None or not before.points:
            self.plot.getViewBox().enableAutoRange()

    def mark(self, variant: int) -> None:
        """Puts a ring around a variant; around none for -1."""
        self._marked = variant
        self._draw_mark()

    def _place(self, point: Point) -> tuple[float, float]:
        if self._picture is not None and self._picture.is_log:
            return log10(max(1, point.x)), log10(max(1, point.y))
        return float(point.x), float(point.y)

    def _draw(self) -> None:
        picture = self._picture
        if picture is None:
            return
        places = [self._place(point) for point in picture.points]
        shades = shades_of([point.shade for point in picture.points])
        brushes = [pg.mkBrush(self._shade(shade)) for shade in range(SHADES)]
        none, pen = pg.mkBrush(self._theme.colour("faint")), self._theme.colour("text")
        rings = {True: pg.mkPen(pen, width=1.6), False: pg.mkPen(None)}
        self._items.setData(
            x=[x for x, _ in places],
            y=[y for _, y in places],
            brush=[none if shade is None else brushes[shade] for shade in shades],
            pen=[rings[point.is_best] for point in picture.points],
            data=list(picture.points),
        )
        front = sorted(place for place, point in zip(places, picture.points, strict=True) if point.is_best)
        self._front.setData(x=[x for x, _ in front], y=[y for _, y in front])
        self._draw_mark()

    def _draw_mark(self) -> None:
        points = () if self._picture is None else self._picture.points
        places = [self._place(point) for point in points if point.variant == self._marked]
        self._mark.setData(x=[x for x, _ in places], y=[y for _, y in places])

    def _shade(self, shade: int) -> QColor:
        """From blue to orange, which colour-blind eyes tell apart, on light and on dark."""
        tokens = self._theme.tokens
        low, high = tokens.family("convolution"), tokens.family("activation")
        return QColor(mixed(low, high, shade / (SHADES - 1)))

    def _on_theme(self) -> None:
        tokens = self._theme.tokens
        self.plot.setBackground(QColor(tokens.surface))
        for axis in (self._x_axis, self._y_axis):
            axis.setPen(QColor(tokens.outline))
            axis.setTextPen(QColor(tokens.muted))
            axis.setStyle(tickFont=self._theme.number_font(0.92))
        self._front.setPen(pg.mkPen(QColor(tokens.text), width=1))
        self._mark.setPen(pg.mkPen(QColor(tokens.danger), width=2.5))
        self._mark.setBrush(pg.mkBrush(None))
        self._draw()

    def _on_clicked(self, _item: object, points: Sequence[pg.SpotItem], _event: object) -> None:
        if len(points):
            self.variant_clicked.emit(points[0].data().variant)

    def _on_hovered(self, _item: object, points: Sequence[pg.SpotItem], event: HoverEvent) -> None:
        if not len(points) or self._picture is None:
            QToolTip.hideText()
            return
        at: QPointF = event.screenPos()
        QToolTip.showText(at.toPoint(), self.told(points[0].data()), self)

    def told(self, point: Point) -> str:
        """A point in words."""
        picture = self._picture
        if picture is None:
            return ""
        quantities = [(picture.along, point.x), (picture.up, point.y)]
        if picture.shade is not None and point.shade is not None:
            quantities.append((picture.shade, point.shade))
        lines = [f"{quantity.title}: {quantity.unit.full(number)}" for quantity, number in quantities]
        title = self.tr("Variant {number}").format(number=f"{point.variant + 1:,}")
        return "\n".join([title, self._describe(point.variant), *lines])


def shades_of(numbers: Sequence[int | None]) -> list[int | None]:
    """For each number the index of its colour; None for none."""
    known = [number for number in numbers if number is not None]
    low, high = min(known, default=0), max(known, default=0)
    span = high - low or 1
    return [None if number is None else (number - low) * (SHADES - 1) // span for number in numbers]
