"""Horizontal bars, one a row, drawn by pyqtgraph; the only module that makes its bars."""

from __future__ import annotations

from math import ceil
from typing import Final, Literal

import pyqtgraph as pg
from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QGraphicsGridLayout, QHBoxLayout, QScrollBar, QToolTip, QWidget

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.chart.bar_canvas import BarCanvas
from cnnstudio.app.chart.bar_columns import BarColumns, bar_columns
from cnnstudio.app.chart.bar_items import (
    GAP,
    Backdrop,
    Bars,
    BarStyle,
    EndTexts,
    NameAxis,
    Scene,
    ValueAxis,
)
from cnnstudio.app.chart.words import described
from cnnstudio.app.rows.geometry import RowPick
from cnnstudio.core.budgets.condition import Condition
from cnnstudio.core.network.design import ItemPath
from cnnstudio.drawings.chart.bar import (
    Bar,
    end_text,
    position,
    short_text,
    ticks,
)

MAX_LINE: Final = 2.0
"""The line of a budget is shown up to twice as far away as the longest bar."""
MIN_ZOOM: Final = 0.25
MAX_ZOOM: Final = 3.0
TICK_EVERY: Final = 110
MIN_PLOT_WIDTH: Final = 90
"""Pixels that bars keep for themselves before their texts are left out."""


class BarPlot(QWidget):
    """Shows bars and the selection, and asks for another selection or another folding."""

    selection_requested = Signal(object)
    """A tuple of item paths."""
    fold_requested = Signal(object, bool)
    """The path of a block, and whether it is to be open."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = BarStyle(theme)
        self._shown = Scene(self._look)
        self._rows = self._shown.rows
        self._pick = RowPick()
        self._zoom = 1.0
        self._whole = ""
        self._drawn: dict[str, BarColumns] = {}
        self._top = 1.0
        self._ranges: dict[str, tuple[float, float]] = {}
        self._sizes = (0, 0, 0, 0, 0)
        self.items: dict[str, Bars] = {}
        self.canvas = BarCanvas(self._rows, self)
        self.scroll_bar = QScrollBar(Qt.Orientation.Vertical, self)
        self._build()
        self._connect()
        theme.changed.connect(self._on_theme)
        self._on_theme()

    def _build(self) -> None:
        self.setFocusProxy(self.canvas)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setAutoFillBackground(True)
        self.canvas.setObjectName("bar_canvas")
        self.canvas.setAccessibleName(self.tr("Chart"))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.canvas, 1)
        layout.addWidget(self.scroll_bar)
        self._frame = pg.GraphicsWidget()
        self._grid = QGraphicsGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(0)
        self._frame.setLayout(self._grid)
        self.canvas.setCentralWidget(self._frame)
        self._names, self._values = NameAxis(self._shown), ValueAxis(self._shown)
        # Without pyqtgraph's menu, whose export as SVG raises an error with recent versions of PySide6.
        self.view_box = pg.ViewBox(enableMouse=False, enableMenu=False, invertY=True, defaultPadding=0)
        # pyqtgraph would look at every bar after each change to find a range that is known already.
        self.view_box.disableAutoRange()
        self._grid.addItem(self._names, 0, 0)
        self._grid.addItem(self.view_box, 0, 1)
        self._grid.addItem(self._values, 1, 1)
        self._grid.setRowStretchFactor(2, 1)
        self._backdrop = Backdrop(self._shown, self._frame)
        self._end_texts = EndTexts(self._shown, self.view_box)

    def _connect(self) -> None:
        canvas = self.canvas
        canvas.row_pressed.connect(self._on_pressed)
        canvas.row_requested.connect(self._on_row_requested)
        canvas.row_opened.connect(self._on_opened)
        canvas.row_hovered.connect(self._on_hovered)
        canvas.all_requested.connect(self._on_all_requested)
        canvas.fold_requested.connect(self._on_fold_requested)
        canvas.scrolled.connect(lambda pixels: self.scroll_bar.setValue(self._rows.offset + pixels))
        canvas.zoomed.connect(self._on_zoomed)
        canvas.resized.connect(self._arrange)
        canvas.focus_changed.connect(self._say_current)
        self.scroll_bar.valueChanged.connect(self._on_scrolled)

    # What is shown.

    @property
    def bars(self) -> tuple[Bar, ...]:
        """The bars, from top to bottom."""
        return self._shown.bars

    def show_bars(
        self, bars: tuple[Bar, ...], metric: str, *, is_log: bool, whole: str = "", budget: Condition | None = None
    ) -> None:
        """Shows these bars; `whole` is the text of the total that shares refer to, `budget` what it is to keep."""
        shown = self._shown
        moves = [bar.path for bar in bars] != [bar.path for bar in shown.bars]
        shown.show(bars)
        shown.metric, shown.is_log, self._whole = metric, is_log, whole
        longest = shown.longest.value if shown.longest is not None else None
        self._top = max(1.0, position(longest or 0, is_log=is_log))
        shown.budget, shown.budget_text = (None, "") if budget is None else (budget.number, budget.text)
        # In sight unless the bars would get too short for it.
        if shown.budget is not None and (line := position(ceil(shown.budget), is_log=is_log)) <= MAX_LINE * self._top:
            self._top = max(self._top, line)
        self._draw()
        if moves:
            self._follow_selection()
        self._arrange()

    def show_selection(self, paths: tuple[ItemPath, ...]) -> None:
        """Highlights the bars of these items, and scrolls to the first of them."""
        self._shown.selected = frozenset(paths)
        current = self._pick.current
        if not (0 <= current < len(self.bars) and self.bars[current].path in self._shown.selected):
            self._follow_selection()
        if self._pick.current >= 0:
            self._show_row(self._pick.current)
        self.canvas.viewport().update()

    def row_rect(self, row: int) -> QRect:
        """The rectangle of a row on the canvas."""
        return QRect(0, self._rows.top_of(row), self.canvas.viewport().width(), self._rows.height)

    def zoom(self, factor: float, y: float = 0.0) -> None:
        """Makes rows higher or lower; 0 gives them back their own height."""
        zoom = self._zoom * factor if factor else 1.0
        self._zoom = max(MIN_ZOOM, min(MAX_ZOOM, zoom))
        self._rows.zoom(max(5, round(self._look.row_height * self._zoom)), y)
        self._draw()
        self._arrange()

    def describe(self, bar: Bar) -> str:
        """A bar in words, as rich text: name, value and share."""
        return described(bar, self._shown.metric, self._whole, is_log=self._shown.is_log)

    # Drawing.

    def _draw(self) -> None:
        """Hands the bars to one item for each family; an item whose bars are as they were is left alone."""
        drawn = bar_columns(self.bars, self._rows.height, is_log=self._shown.is_log)
        for family in self._drawn.keys() - drawn.keys():
            # Its item stays without bars: the family may come back with the next edit.
            drawn[family] = BarColumns()
        for family, bars in drawn.items():
            if self._drawn.get(family) != bars:
                self._item(family).setOpts(x0=bars.starts, y=bars.middles, width=bars.lengths, height=bars.thicknesses)
        self._drawn = drawn

    def _item(self, family: str) -> Bars:
        if family not in self.items:
            item = Bars(QColor(self._look.tokens.family(family)))
            # The range is set by hand, so its bounds need not be collected.
            self.view_box.addItem(item, ignoreBounds=True)
            self.items[family] = item
        return self.items[family]

    def _arrange(self) -> None:
        """Gives every part its place: names, bars with room for their texts, axis, scroll bar."""
        width, height = self.canvas.width(), self.canvas.height()
        axis = round(self._look.number_metrics.height()) + 8
        self._set_page(max(1, min(height - axis, self._rows.count * self._rows.height)))
        # Long names must not push the bars out of a narrow chart.
        names = round(min(self._names.needed_width(), width * 0.38))
        sizes = (names, axis, width, height, self._rows.page)
        if sizes != self._sizes:
            self._sizes = sizes
            self._lay_out(*sizes)
        self._scale_to(max(1, width - names))
        self._follow_scroll_bar()

    def _lay_out(self, names: int, axis: int, width: int, height: int, page: int) -> None:
        """Gives the items their sizes; after most edits they stay."""
        self._names.forget_texts()
        self._names.setWidth(names)
        self._values.setHeight(axis)
        self._backdrop.left = names
        self._backdrop.resize(width, height)
        self._grid.setRowFixedHeight(0, page)
        self._grid.activate()
        self._end_texts.resize(width - names, page)

    def _set_page(self, page: int) -> None:
        """Shows more or less of the rows; the current one stays in sight if it was."""
        rows, current = self._rows, self._pick.current
        was_whole = 0 <= current < rows.count and rows.offset_to_show(current) == rows.offset
        rows.page = page
        if was_whole:
            rows.offset = rows.offset_to_show(current)

    def _scale_to(self, plot: int) -> None:
        """Chooses how much is written at the ends of bars, and how long a bar may be then."""
        shown, metrics = self._shown, self._look.number_metrics
        longest, texts = shown.longest, ("", "")
        if longest is not None:
            sigma = "Σ " if shown.has_sums else ""
            texts = (sigma + end_text(longest, shown.metric), short_text(longest.value, shown.metric))
        room = [plot - metrics.horizontalAdvance(text) - 3 * GAP for text in texts]
        fitting = [name for name, left in zip(("full", "short"), room, strict=True) if left >= MIN_PLOT_WIDTH]
        shown.texts = fitting[0] if fitting else "none"
        length = {"full": room[0], "short": room[1], "none": plot - 2 * GAP}[shown.texts]
        shown.pixels_per_unit = max(1.0, length) / self._top
        most = max(2, round(max(1.0, length) / TICK_EVERY) + 1)
        shown.tick_places = ticks(self._top, shown.metric, is_log=shown.is_log, most=most) if self.bars else ()
        self._show_range("x", 0.0, plot / shown.pixels_per_unit)

    def _follow_scroll_bar(self) -> None:
        rows = self._rows
        offset = rows.offset
        # Its signal would scroll the rows to where they are already, once for the range and once for the value.
        self.scroll_bar.blockSignals(True)
        self.scroll_bar.setRange(0, rows.most_offset)
        self.scroll_bar.setPageStep(max(1, rows.page))
        self.scroll_bar.setSingleStep(rows.height)
        self.scroll_bar.setValue(offset)
        self.scroll_bar.blockSignals(False)
        self.scroll_bar.setVisible(rows.most_offset > 0)
        top = offset / rows.height
        self._show_range("y", top, top + max(1, rows.page) / rows.height)
        self.canvas.viewport().update()

    def _show_range(self, axis: Literal["x", "y"], low: float, high: float) -> None:
        """Shows this much along an axis; the box would work everything out anew even where it shows that already."""
        if self._ranges.get(axis) != (low, high):
            self._ranges[axis] = (low, high)
            show = self.view_box.setXRange if axis == "x" else self.view_box.setYRange
            show(low, high, padding=0)

    def _on_scrolled(self, offset: int) -> None:
        self._rows.offset = offset
        self._follow_scroll_bar()

    def _on_zoomed(self, factor: float, y: float) -> None:
        self.zoom(factor, y)

    def _on_theme(self) -> None:
        self._look.refresh()
        self._names.forget_texts()
        self.canvas.setBackground(self._look.tokens.surface)
        for family, item in self.items.items():
            item.setOpts(brush=QColor(self._look.tokens.family(family)))
        self.zoom(1.0)

    # Selecting.

    def _on_pressed(self, row: int, extends: bool, toggles: bool) -> None:
        if row >= 0:
            self._select(row, extends=extends, toggles=toggles)
        elif not (extends or toggles):
            self._pick.restart(-1)
            self.selection_requested.emit(())

    def _on_row_requested(self, row: int, extends: bool) -> None:
        self._select(row, extends=extends, toggles=False)

    def _select(self, row: int, *, extends: bool, toggles: bool) -> None:
        paths = [bar.path for bar in self.bars]
        chosen = self._pick.pick(paths, self._shown.selected, row, extends=extends, toggles=toggles)
        self._show_row(row)
        self.selection_requested.emit(chosen)

    def _on_all_requested(self) -> None:
        self.selection_requested.emit(tuple(dict.fromkeys(bar.path for bar in self.bars)))

    def _on_opened(self, row: int) -> None:
        bar = self.bars[row]
        if bar.is_block:
            self.fold_requested.emit(bar.path, not bar.is_sum)

    def _on_fold_requested(self, is_open: bool) -> None:
        row = self._pick.current
        if 0 <= row < len(self.bars) and self.bars[row].is_block:
            self.fold_requested.emit(self.bars[row].path, is_open)

    def _follow_selection(self) -> None:
        """Goes on from the first selected row after bars or selection were changed elsewhere."""
        selected = self._shown.selected
        rows = (row for row, bar in enumerate(self.bars) if bar.path in selected) if selected else iter(())
        self._pick.restart(next(rows, -1))
        self._say_current()

    def _show_row(self, row: int) -> None:
        self.scroll_bar.setValue(self._rows.offset_to_show(row))
        self._say_current()

    def _say_current(self) -> None:
        """Tells the canvas and assistive technology where the keyboard is."""
        row = self._pick.current
        self.canvas.current = row
        self._shown.focused = row if self.canvas.hasFocus() else -1
        bar = self.bars[row] if 0 <= row < len(self.bars) else None
        said = f"{bar.within}{bar.label}: {end_text(bar, self._shown.metric)}" if bar else ""
        self.canvas.setAccessibleDescription(said)
        self.canvas.viewport().update()

    def _on_hovered(self, row: int, point: QPoint) -> None:
        if row == self._shown.hovered:
            return
        self._shown.hovered = row
        self.canvas.viewport().update()
        if row >= 0:
            QToolTip.showText(point, self.describe(self.bars[row]), self.canvas, self.row_rect(row))
        else:
            QToolTip.hideText()
