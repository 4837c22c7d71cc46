"""The choices about the chart: metric, scale, lines, and its menu."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QComboBox, QMenu, QSizePolicy, QToolButton, QWidget

from cnnstudio.app.appearance.icons import icon
from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.appearance.tool_line import GAP, ToolLine
from cnnstudio.drawings.chart.bar import METRICS
from cnnstudio.drawings.chart.bars import Mode

TOP: Final = 10
"""Bars of a top ten."""


class ChartTools(ToolLine):
    """The tools of the chart."""

    changed = Signal()
    """Another metric, scale or kind of lines was chosen."""
    metric_chosen = Signal(str)
    save_requested = Signal()
    zoom_requested = Signal(float)
    """A factor for the height of rows; 0 for their own height."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("chart_tools", parent)
        self.linear, self.log = self._choose(self.tr("Linear"), self.tr("Log"))
        self.linear.setToolTip(self.tr("Lengths in proportion to the values"))
        self.log.setToolTip(self.tr("Each step to the right is ten times as much"))
        self.by_block, self.by_layer = self._choose(self.tr("By block"), self.tr("By layer"))
        self.by_block.setToolTip(self.tr("The lines of the layer list: a folded block is one bar"))
        self.by_layer.setToolTip(self.tr("Every layer, whatever is folded"))
        self.in_order, self.largest, self.top = self._choose(
            self.tr("In order"), self.tr("Largest first"), self.tr("Top ten")
        )
        self.in_order.setToolTip(self.tr("The order of the network"))
        self.largest.setToolTip(self.tr("Every layer with all its repeats, the largest first"))
        self.top.setToolTip(self.tr("The ten largest layers, with all their repeats"))
        self._chosen_mode = self.mode
        self.leaves_out_zeros = QAction(self.tr("Hide layers with 0"), self, checkable=True)
        self.leaves_out_zeros.toggled.connect(self.changed)
        self.metrics = self._chooser()
        self._menu_button = self._menu(theme)
        scale, mode = self.switch((self.linear, self.log)), self.switch((self.by_block, self.by_layer))
        order = self.switch((self.in_order, self.largest, self.top))
        self.switches = [order, mode, scale]
        self.line.addWidget(self.metrics)
        self.line.addStretch(1)
        for widget in (order, scale, mode, self._menu_button):
            self.line.addWidget(widget)

    @property
    def chosen_metric(self) -> str:
        """The key of the chosen metric."""
        return str(self.metrics.currentData())

    @property
    def is_log(self) -> bool:
        """True if the axis is logarithmic."""
        return self.log.isChecked()

    @property
    def mode(self) -> Mode:
        """The meaning of a line: as in the list, or each layer."""
        return "layer" if self.by_layer.isChecked() else "block"

    @property
    def is_ranked(self) -> bool:
        """True if the largest layers come first."""
        return not self.in_order.isChecked()

    @property
    def most(self) -> int | None:
        """At most so many bars are shown; None shows all."""
        return TOP if self.top.isChecked() else None

    def fix_layers(self, is_fixed: bool) -> None:
        """Each layer gets a bar, and there is nothing to choose; afterwards it is again as it was chosen."""
        if is_fixed:
            self._chosen_mode = self.mode
        by_layer = is_fixed or self._chosen_mode == "layer"
        (self.by_layer if by_layer else self.by_block).setChecked(True)
        self.by_block.setEnabled(not is_fixed)

    def set_metric(self, key: str) -> None:
        """Chooses a metric; KeyError for one that the chart does not have."""
        index = self.metrics.findData(key)
        if index < 0:
            raise KeyError(key)
        self.metrics.setCurrentIndex(index)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        taken = self.metrics.sizeHint().width() + self._menu_button.sizeHint().width()
        self.show_switches(event.size().width() - taken - 4 * GAP)

    def _choose(self, *texts: str) -> tuple[QAction, ...]:
        actions = self.choices(*texts)
        for action in actions:
            action.triggered.connect(lambda _checked=False: self.changed.emit())
        return actions

    def _chooser(self) -> QComboBox:
        chooser = QComboBox(self)
        chooser.setAccessibleName(self.tr("What the bars show"))
        for key, title in METRICS.items():
            chooser.addItem(title, key)
        chooser.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        chooser.setMinimumContentsLength(6)
        chooser.currentIndexChanged.connect(lambda _index: self.metric_chosen.emit(self.chosen_metric))
        chooser.currentIndexChanged.connect(lambda _index: self.changed.emit())
        return chooser

    def _menu(self, theme: Theme) -> QToolButton:
        menu = self.menu = QMenu(self)
        menu.addActions([self.linear, self.log])
        menu.addSeparator()
        menu.addActions([self.by_block, self.by_layer])
        menu.addSeparator()
        menu.addActions([self.in_order, self.largest, self.top])
        menu.addSeparator()
        menu.addAction(self.leaves_out_zeros)
        for text, factor in (
            (self.tr("Taller rows"), 1.2),
            (self.tr("Shorter rows"), 1 / 1.2),
            (self.tr("Normal rows"), 0.0),
        ):
            menu.addAction(text).triggered.connect(lambda *_, by=factor: self.zoom_requested.emit(by))
        menu.addSeparator()
        self.save_picture = menu.addAction(icon("image", theme), self.tr("Save picture…"))
        self.save_picture.triggered.connect(self.save_requested)
        return self.menu_button(menu, self.tr("More about the chart"), self.tr("Chart menu"), theme)
