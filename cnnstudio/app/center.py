"""The middle of the window: the table above, the chart below."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QWidget

from cnnstudio.app.parts import Parts
from cnnstudio.app.views.chart import ChartPanel
from cnnstudio.app.views.layer_table import LayerTable
from cnnstudio.app.views.panel import Panel


class Center(QSplitter):
    """The two views that have no dock; their shares are moved with the line between them."""

    def __init__(self, parts: Parts, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Vertical, parent)
        self.setObjectName("center")
        self.table = LayerTable(parts.document, parts.view_state, parts.theme)
        self.chart = ChartPanel(parts.document, parts.view_state, parts.theme)
        self.addWidget(Panel(self.tr("Table"), self.table, parts.theme))
        self.addWidget(self.chart)
        self.setStretchFactor(0, 3)
        self.setStretchFactor(1, 2)
        self.setChildrenCollapsible(False)
        self.setSizes([480, 360])
        self._settings = parts.settings
        if parts.settings.columns:
            self.table.set_columns(parts.settings.columns)
        self.table.columns_changed.connect(self._remember_columns)

    def _remember_columns(self) -> None:
        self._settings.columns = self.table.column_keys

    @property
    def views(self) -> list[QWidget]:
        """The views in the order in which the keyboard goes through them."""
        return [self.table, self.chart]

    @property
    def entries(self) -> dict[QWidget, QWidget]:
        """Where the keyboard enters a view, if not at its first widget."""
        return {self.chart: self.chart.plot} if self.chart.plot is not None else {}
