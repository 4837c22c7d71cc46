"""The middle of the window: the table, the diagram, the code or the memory above, the chart below."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QSplitter, QWidget

from cnnstudio.app.appearance.help_topics import set_topic
from cnnstudio.app.appearance.panel import Panel
from cnnstudio.app.appearance.tabbed_panel import TabbedPanel
from cnnstudio.app.layer_table.view import LayerTable
from cnnstudio.app.window.context import WindowContext

if TYPE_CHECKING:
    from cnnstudio.app.chart.panel import ChartPanel
    from cnnstudio.app.code.panel import CodePanel
    from cnnstudio.app.diagram.panel import DiagramPanel
    from cnnstudio.app.memory.panel import MemoryPanel


class Center(QSplitter):
    """The views that have no dock; their shares are moved with the line between them.

    The diagram is made when it is shown first, the chart after the first picture. `menu_requested` asks the window for
    its context menu.
    """

    menu_requested = Signal(QPoint)

    def __init__(self, context: WindowContext, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Vertical, parent)
        self.setObjectName("center")
        self._context = context
        self._diagram: DiagramPanel | None = None
        self._code: CodePanel | None = None
        self._memory: MemoryPanel | None = None
        self.panel = TabbedPanel(self)
        self.panel.add("table", self.tr("Table"), self._made_table)
        self.panel.add("diagram", self.tr("Diagram"), self._made_diagram)
        self.panel.add("code", self.tr("Code"), self._made_code)
        self.panel.add("memory", self.tr("Memory"), self._made_memory)
        self.panel.show_view(context.settings.center_view)
        self.panel.shown.connect(self._remember_view)
        self.addWidget(self.panel)
        self.addWidget(Panel(self.tr("Chart"), QWidget(), context.theme, self))
        self.setStretchFactor(0, 3)
        self.setStretchFactor(1, 2)
        self.setChildrenCollapsible(False)
        self.setSizes([480, 360])
        if context.settings.columns:
            self.table.set_columns(context.settings.columns)
        self.table.columns_changed.connect(self._remember_columns)
        self.table.menu_requested.connect(self.menu_requested)

    def _remember_columns(self) -> None:
        self._context.settings.columns = self.table.column_keys

    def _remember_view(self, key: str) -> None:
        self._context.settings.center_view = key

    @cached_property
    def chart(self) -> ChartPanel:
        """The chart, made if need be."""
        from cnnstudio.app.chart.panel import ChartPanel

        context, sizes = self._context, self.sizes()
        chart = ChartPanel(context.document, context.view_state, context.theme)
        set_topic(chart, "views/chart.md")
        replaced = self.replaceWidget(1, chart)
        if replaced is not None:
            replaced.deleteLater()
        self.setStretchFactor(1, 2)
        chart.show()
        self.setSizes(sizes)
        return chart

    @property
    def diagram(self) -> DiagramPanel:
        """The diagram, made if need be. Raises RuntimeError if the tab holds none."""
        self.panel.view("diagram")
        if self._diagram is None:
            raise RuntimeError("the tab of the diagram has no diagram")
        return self._diagram

    def _made_table(self, parent: QWidget) -> tuple[QWidget, None]:
        context = self._context
        self.table = LayerTable(context.document, context.view_state, context.theme, parent)
        return self.table, None

    def _made_diagram(self, parent: QWidget) -> tuple[QWidget, QWidget]:
        from cnnstudio.app.diagram.panel import DiagramPanel

        context = self._context
        self._diagram = DiagramPanel(context.document, context.view_state, context.theme, context.settings, parent)
        self._diagram.menu_requested.connect(self.menu_requested)
        return self._diagram, self._diagram.tools

    @property
    def code(self) -> CodePanel:
        """The code, made if need be. Raises RuntimeError if the tab holds none."""
        self.panel.view("code")
        if self._code is None:
            raise RuntimeError("the tab of the code has no code")
        return self._code

    def _made_code(self, parent: QWidget) -> tuple[QWidget, QWidget]:
        from cnnstudio.app.code.panel import CodePanel

        context = self._context
        self._code = CodePanel(context.document, context.view_state, context.theme, context.settings, parent)
        return self._code, self._code.tools

    @property
    def memory(self) -> MemoryPanel:
        """The memory, made if need be. Raises RuntimeError if the tab holds none."""
        self.panel.view("memory")
        if self._memory is None:
            raise RuntimeError("the tab of the memory has no memory")
        return self._memory

    def _made_memory(self, parent: QWidget) -> tuple[QWidget, None]:
        from cnnstudio.app.memory.panel import MemoryPanel

        context = self._context
        self._memory = MemoryPanel(context.document, context.view_state, context.theme, context.settings, parent)
        return self._memory, None

    def fit_diagram(self) -> None:
        """Shows the diagram, and all of it."""
        self.panel.show_view("diagram")
        self.diagram.view.fit()

    @property
    def views(self) -> list[QWidget]:
        """The views in the order in which the keyboard goes through them."""
        return [*self.panel.made, self.chart]

    @property
    def entries(self) -> dict[QWidget, QWidget]:
        """The widget at which the keyboard enters a view, if not its first one."""
        found: dict[QWidget, QWidget] = {}
        if self.chart.plot is not None:
            found[self.chart] = self.chart.plot
        if self._diagram is not None:
            found[self._diagram] = self._diagram.view
        if self._code is not None:
            found[self._code] = self._code.view
        return found
