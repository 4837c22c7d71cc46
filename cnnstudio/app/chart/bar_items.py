"""The items that the bar plot paints besides its bars: bands behind rows, names, values at the ends, and the axis.

All of them paint in pixels and only what is in sight, so that a thousand rows cost as much as twenty.
"""

from __future__ import annotations

from math import ceil
from typing import Final

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from cnnstudio.app.appearance.icons import paint_family
from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.appearance.tokens import Tokens
from cnnstudio.app.chart.bar_columns import bar_inset
from cnnstudio.app.rows.geometry import RowGeometry
from cnnstudio.core.network.design import ItemPath
from cnnstudio.drawings.chart.bar import Bar, end_text, position, short_text

GAP: Final = 8
UNKNOWN_LENGTH: Final = 56
MIN_BAR_LENGTH: Final = 1.5
"""Pixels that a value above 0 has at least, however small it is beside the others."""


class BarStyle:
    """Colours and fonts of the theme, and the sizes that follow from them."""

    def __init__(self, theme: Theme) -> None:
        self.theme = theme
        self.refresh()

    def refresh(self) -> None:
        """Takes over what the theme says now."""
        self.tokens: Tokens = self.theme.tokens
        self.name_font = self.theme.text_font()
        self.block_font = self.theme.text_font(bold=True)
        self.number_font = self.theme.number_font(0.92)
        self.name_metrics = QFontMetricsF(self.name_font)
        self.block_metrics = QFontMetricsF(self.block_font)
        self.number_metrics = QFontMetricsF(self.number_font)
        self.icon = round(self.name_metrics.ascent())
        self.row_height = round(self.name_metrics.height()) + 9
        self._pens: dict[str, QPen] = {}

    def pen(self, token: str) -> QPen:
        """A pen in a colour of the theme."""
        pen = self._pens.get(token)
        if pen is None:
            pen = self._pens[token] = QPen(QColor(getattr(self.tokens, token)))
        return pen


class Scene:
    """The data to paint, shared by the items: the bars, where they lie, and what is special about them."""

    def __init__(self, look: BarStyle) -> None:
        self.look = look
        self.rows = RowGeometry()
        self.bars: tuple[Bar, ...] = ()
        self.longest: Bar | None = None
        self.longest_name = ""
        self.has_sums = False
        self.metric = "parameters"
        self.is_log = False
        self.selected: frozenset[ItemPath] = frozenset()
        self.hovered = -1
        self.focused = -1
        self.pixels_per_unit = 1.0
        self.tick_places: tuple[tuple[float, str], ...] = ()
        self.texts = "full"
        self.budget: int | float | None = None
        self.budget_text = ""

    def show(self, bars: tuple[Bar, ...]) -> None:
        """Takes over other bars, and looks through them once for what the widths depend on."""
        self.bars = bars
        values = [bar.value or 0 for bar in bars]
        self.longest = bars[values.index(max(values))] if bars else None
        self.longest_name = max([bar.within + bar.label for bar in bars], key=len, default="")
        self.has_sums = True in [bar.is_sum for bar in bars]
        self.rows.count = len(bars)
        self.hovered = -1

    def end_of(self, bar: Bar) -> float:
        """The end of a bar, in pixels from the axis."""
        if bar.value is None:
            return UNKNOWN_LENGTH
        length = position(bar.value, is_log=self.is_log) * self.pixels_per_unit
        # Nothing and very little look different.
        return max(length, MIN_BAR_LENGTH) if bar.value else 0.0

    def text_at_end(self, bar: Bar) -> str:
        """The value of a bar as there is room for it."""
        if bar.value is None:
            return bar.unknown
        if self.texts == "none":
            return ""
        return end_text(bar, self.metric) if self.texts == "full" else short_text(bar.value, self.metric)

    def baseline(self, row: int, metrics: QFontMetricsF) -> float:
        """The baseline of text in a row."""
        rows = self.rows
        return rows.top_of(row) + round((rows.height + metrics.ascent() - metrics.descent()) / 2)

    def named_rows(self) -> range:
        """The visible rows that have room for text: all of them unless zoomed out far."""
        # Every second, third, ... row has a name where rows are lower than letters.
        step = max(1, -(-round(self.look.name_metrics.height()) // self.rows.height))
        visible = self.rows.visible
        # From a multiple of the step, so that the same rows keep their names while scrolling.
        return range(-(-visible.start // step) * step, visible.stop, step)


class Bars(pg.BarGraphItem):
    """Bars of one colour. They have no outlines, for which pyqtgraph would work out how large a pixel is."""

    def __init__(self, colour: QColor) -> None:
        super().__init__(x0=[], y=[], width=[], height=[], pen=None, brush=colour)

    def pixelPadding(self) -> float:
        return 0.0


class _Layer(pg.GraphicsObject):
    """An item that fills its parent and paints in the parent's pixels."""

    def __init__(self, scene: Scene, parent: QGraphicsItem, depth: float) -> None:
        super().__init__(parent)
        self._shown = scene
        self._size = QRectF()
        self.setZValue(depth)
        # The canvas answers for clicks: it knows rows, also where there is no item.
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    def resize(self, width: float, height: float) -> None:
        """Follows the size of the parent."""
        self.prepareGeometryChange()
        self._size = QRectF(0, 0, width, height)

    def boundingRect(self) -> QRectF:
        return self._size


class Backdrop(_Layer):
    """Behind everything: the lines of the axis, and the bands of the rows that are selected or pointed at."""

    def __init__(self, scene: Scene, parent: QGraphicsItem) -> None:
        super().__init__(scene, parent, -1000)
        self.left = 0.0

    def paint(self, p: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        shown, tokens = self._shown, self._shown.look.tokens
        width, height = self._size.width(), min(self._size.height(), float(shown.rows.page))
        # A row that is in sight in part would go on behind the axis.
        p.setClipRect(QRectF(0, 0, width, height))
        for row in shown.rows.visible:
            if shown.bars[row].path in shown.selected:
                self._band(p, row, tokens.selection, width)
                p.fillRect(QRectF(0, shown.rows.top_of(row), 3, shown.rows.height), QColor(tokens.fill))
            elif row == shown.hovered:
                self._band(p, row, tokens.raised, width)
        if shown.focused in shown.rows.visible:
            p.setPen(shown.look.pen("accent"))
            p.drawRect(QRectF(0, shown.rows.top_of(shown.focused), width - 1, shown.rows.height - 1))
        hairline = QColor(tokens.hairline)
        for place, _ in shown.tick_places:
            x = round(self.left + place * shown.pixels_per_unit)
            p.fillRect(QRectF(x, 0, 1, height), QColor(tokens.outline) if not place else hairline)
        if shown.budget is not None:
            self._line(p, shown.budget, width, height)

    def _line(self, p: QPainter, budget: int | float, width: float, height: float) -> None:
        """The line of a budget, if it is in sight: a bar that crosses it breaks the budget alone."""
        shown = self._shown
        x = round(self.left + position(ceil(budget), is_log=shown.is_log) * shown.pixels_per_unit)
        if x >= width:
            return
        p.setPen(QPen(QColor(shown.look.tokens.danger), 1.5, Qt.PenStyle.DashLine))
        p.drawLine(QPointF(x, 0), QPointF(x, height))
        p.setFont(shown.look.number_font)
        text = shown.budget_text
        needed = shown.look.number_metrics.horizontalAdvance(text) + GAP
        left = x + GAP if x + needed < width else x - needed
        p.drawText(QPointF(left, height - GAP), text)

    def _band(self, p: QPainter, row: int, colour: str, width: float) -> None:
        rows = self._shown.rows
        p.fillRect(QRectF(0, rows.top_of(row), width, rows.height), QColor(colour))


class NameAxis(pg.AxisItem):
    """The names of the rows and the signs of their families, left of the bars."""

    def __init__(self, scene: Scene) -> None:
        super().__init__("left")
        self._shown = scene
        self._fitted: dict[tuple[str, str, bool], tuple[str, str, float]] = {}

    def forget_texts(self) -> None:
        """After another width or font, names are fitted anew."""
        self._fitted.clear()

    def needed_width(self) -> float:
        """The room for the longest name, its sign and the gaps."""
        look = self._shown.look
        return look.block_metrics.horizontalAdvance(self._shown.longest_name) + look.icon + 4 * GAP

    def paint(self, p: QPainter, opt: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        look = self._shown.look
        right = self.width() - GAP - look.icon
        clip = QRectF(0, 0, self.width(), self._shown.rows.page)
        p.setClipRect(clip, Qt.ClipOperation.IntersectClip)
        for row in self._shown.named_rows():
            bar = self._shown.bars[row]
            top = self._shown.rows.top_of(row)
            sign = QRectF(right, top + (self._shown.rows.height - look.icon) / 2, look.icon, look.icon)
            paint_family(p, sign, bar.family, look.theme)
            self._paint_name(p, row, bar, right - GAP)

    def _paint_name(self, p: QPainter, row: int, bar: Bar, right: float) -> None:
        look = self._shown.look
        is_block, is_selected = bar.is_block, bar.path in self._shown.selected
        within, label, width = self._fit(bar, is_block, right - GAP)
        baseline = self._shown.baseline(row, look.name_metrics)
        p.setFont(look.block_font if is_block else look.name_font)
        p.setPen(look.pen("selection_text" if is_selected else "text"))
        p.drawText(QPointF(right - width, baseline), label)
        if within:
            p.setFont(look.name_font)
            p.setPen(look.pen("selection_muted" if is_selected else "muted"))
            p.drawText(QPointF(right - width - look.name_metrics.horizontalAdvance(within), baseline), within)

    def _fit(self, bar: Bar, is_block: bool, room: float) -> tuple[str, str, float]:
        """The quieter text, the label and its width, so that both fit into the room."""
        key = (bar.within, bar.label, is_block)
        found = self._fitted.get(key)
        if found is None:
            look = self._shown.look
            metrics = look.block_metrics if is_block else look.name_metrics
            # In the middle: names of a network differ at their ends, in the number, and share their beginnings.
            label = metrics.elidedText(bar.label, Qt.TextElideMode.ElideMiddle, room)
            width = metrics.horizontalAdvance(label)
            left = room - width
            within = look.name_metrics.elidedText(bar.within, Qt.TextElideMode.ElideLeft, left) if left > 24 else ""
            found = self._fitted[key] = (within, label, width)
        return found


class ValueAxis(pg.AxisItem):
    """The values below the bars. On a logarithmic axis the bars are drawn to scale by hand, and only labels follow."""

    def __init__(self, scene: Scene) -> None:
        super().__init__("bottom")
        self._shown = scene

    def paint(self, p: QPainter, opt: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        look = self._shown.look
        metrics = look.number_metrics
        p.setFont(look.number_font)
        p.setPen(look.pen("muted"))
        baseline = round(metrics.ascent()) + 4
        for place, text in self._shown.tick_places:
            width = metrics.horizontalAdvance(text)
            x = place * self._shown.pixels_per_unit - width / 2
            # The text of the first and of the last place stays inside.
            p.drawText(QPointF(min(x, self.width() - width - 2), baseline), text)


class EndTexts(_Layer):
    """The value and the share at the end of each bar, and what is drawn where there is no bar to draw."""

    def __init__(self, scene: Scene, parent: QGraphicsItem) -> None:
        super().__init__(scene, parent, 100)

    def paint(self, p: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        shown = self._shown
        visible = shown.rows.visible
        for row in visible:
            self._paint_stand_in(p, row, shown.bars[row])
        if shown.rows.height < shown.look.number_metrics.ascent():
            return
        p.setFont(shown.look.number_font)
        for row in visible:
            self._paint_text(p, row, shown.bars[row])

    def _paint_text(self, p: QPainter, row: int, bar: Bar) -> None:
        shown = self._shown
        p.setPen(shown.look.pen("selection_muted" if bar.path in shown.selected else "muted"))
        baseline = shown.baseline(row, shown.look.number_metrics)
        p.drawText(QPointF(shown.end_of(bar) + GAP, baseline), shown.text_at_end(bar))

    def _paint_stand_in(self, p: QPainter, row: int, bar: Bar) -> None:
        """A hatched mark for an unknown value, a thin line for one too small to be seen."""
        shown = self._shown
        top, height = shown.rows.top_of(row), shown.rows.height
        inset = bar_inset(height)
        if bar.value is None:
            rect = QRectF(0.5, top + inset + 0.5, UNKNOWN_LENGTH - 1, height - 2 * inset - 1)
            p.setPen(QPen(QColor(shown.look.tokens.muted), 1, Qt.PenStyle.DashLine))
            p.setBrush(QBrush(QColor(shown.look.tokens.faint), Qt.BrushStyle.BDiagPattern))
            p.drawRect(rect)
        elif bar.value and position(bar.value, is_log=shown.is_log) * shown.pixels_per_unit < MIN_BAR_LENGTH:
            colour = QColor(shown.look.tokens.family(bar.leading_family))
            p.fillRect(QRectF(0, top + inset, MIN_BAR_LENGTH, height - 2 * inset), colour)
