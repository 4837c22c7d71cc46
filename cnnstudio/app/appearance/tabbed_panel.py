"""A part of the window with several views under one title line, one of them shown; the title line has their tabs."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from cnnstudio.app.appearance.help_topics import set_topic

Making = Callable[[QWidget], tuple[QWidget, QWidget | None]]
"""Makes a view with this parent, and the tools that stand beside the tabs while it is shown."""


class TabbedPanel(QFrame):
    """Views by key, each made when it is wanted first."""

    shown = Signal(str)
    """The key of the view that is shown now."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self._making: dict[str, Making] = {}
        self._views: dict[str, QWidget] = {}
        self._tools: dict[str, QWidget | None] = {}
        head = QFrame(self)
        head.setObjectName("panel_head")
        self._line = QHBoxLayout(head)
        self._line.setContentsMargins(0, 0, 6, 0)
        self.tabs = QTabBar(head)
        self.tabs.setObjectName("panel_tabs")
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        # No name of a view is ever cut: where it is narrow the tools beside give way.
        self.tabs.setUsesScrollButtons(False)
        self.tabs.setElideMode(Qt.TextElideMode.ElideNone)
        self.tabs.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._line.addWidget(self.tabs)
        self._line.addStretch(1)
        self._pages = QStackedWidget(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(head)
        layout.addWidget(self._pages, 1)
        self.tabs.currentChanged.connect(self._on_tab)

    def add(self, key: str, title: str, make: Making) -> None:
        """Adds a view, which the first one shows at once."""
        self._making[key] = make
        self.tabs.setTabData(self.tabs.addTab(title), key)
        if len(self._making) == 1:
            self._on_tab(0)

    @property
    def current(self) -> str:
        """The key of the view that is shown."""
        return str(self.tabs.tabData(self.tabs.currentIndex()))

    @property
    def made(self) -> list[QWidget]:
        """The views that have been made."""
        return list(self._views.values())

    def view(self, key: str) -> QWidget:
        """The view of a key, made if need be, and not shown by that."""
        if key not in self._views:
            view, tools = self._making[key](self._pages)
            set_topic(view, f"views/{key}.md")
            self._views[key], self._tools[key] = view, tools
            self._pages.addWidget(view)
            if tools is not None:
                tools.hide()
                # All the room beside the tabs is for the tools, and none for the stretch.
                self._line.addWidget(tools, 1_000)
        return self._views[key]

    def show_view(self, key: str) -> None:
        """Shows the view of a key."""
        index = next(at for at in range(self.tabs.count()) if self.tabs.tabData(at) == key)
        self.tabs.setCurrentIndex(index)

    def _on_tab(self, index: int) -> None:
        key = self.tabs.tabData(index)
        # Qt tells of the first tab before its data are set.
        if key is None:
            return
        view = self.view(key)
        for other, tools in self._tools.items():
            if tools is not None:
                tools.setVisible(other == key)
        self._pages.setCurrentWidget(view)
        self.shown.emit(key)
