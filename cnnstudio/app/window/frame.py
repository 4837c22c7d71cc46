"""The window of one document without its menus: the views, what acts on the document, and the layout."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMainWindow, QStyle

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.document.document import Document
from cnnstudio.app.document.view_state import ViewState
from cnnstudio.app.layer_list.railed_list import RailedList
from cnnstudio.app.platform.places import blocks_folder
from cnnstudio.app.platform.settings import LAYOUT_VERSION, Settings, WindowLayout
from cnnstudio.app.window.center import Center
from cnnstudio.app.window.context import WindowContext
from cnnstudio.app.window.display_choices import DisplayChoices
from cnnstudio.app.window.docks import Docks
from cnnstudio.app.window.status import StatusLine

if TYPE_CHECKING:
    from cnnstudio.app.chart.panel import ChartPanel
    from cnnstudio.app.document.files import Files
    from cnnstudio.app.editing.block_commands import Structuring
    from cnnstudio.app.editing.connection_commands import Connecting
    from cnnstudio.app.editing.layer_commands import Editing

_Option = QMainWindow.DockOption
FRAME = 4
"""Pixels that the frame of a window takes at most at each side."""


class WindowFrame(QMainWindow):
    """The part of a document's window that menus and handlers know; `MainWindow` adds them to it.

    `closed` tells the studio that the window is gone; the other signals ask it for other windows.
    """

    closed = Signal()
    new_requested = Signal()
    new_from_requested = Signal()
    open_requested = Signal(Path)
    source_paste_requested = Signal(str)
    quit_requested = Signal()
    compare_requested = Signal()
    manual_requested = Signal(str)
    design_requested = Signal(object)
    """A design that is to be shown in a window of its own, without a file."""
    first_steps_requested = Signal()

    def __init__(self, document: Document, settings: Settings, theme: Theme) -> None:
        super().__init__()
        self.document = document
        self.settings = settings
        self.theme = theme
        document.setParent(self)
        if settings.is_locked("design/convention"):
            document.fixed = frozenset({"convention"})
        self.view_state = ViewState(document, self)
        if document.path is not None:
            # At once, so that no change by another program goes unnoticed.
            self.files.watch()
        self._make_views()

    def _make_views(self) -> None:
        """The views that carry the network; the others follow once these have been painted."""
        context = WindowContext(
            self.document, self.view_state, self.theme, self.settings, lambda: self.editing, self.manual_requested.emit
        )
        self.look = DisplayChoices(context)
        self.setDockOptions(_Option.AllowNestedDocks | _Option.AllowTabbedDocks | _Option.AnimatedDocks)
        self.center = Center(context, self)
        self.table = self.center.table
        self.setCentralWidget(self.center)
        self.docks = Docks(self, context)
        self.layers = self.docks.view("layers", RailedList).layers
        self.status = StatusLine(self.document, self.theme, self)
        self.setStatusBar(self.status)
        self.setAcceptDrops(True)
        room = self.screen().availableSize()
        # The frame that the desktop puts around it is no part of its size, and must not push the status line away.
        title = self.style().pixelMetric(QStyle.PixelMetric.PM_TitleBarHeight) + 2 * FRAME
        self.resize(min(1440, room.width() - 2 * FRAME), min(880, room.height() - title))
        self.docks.widths.spread()

    # What acts on the document.

    @cached_property
    def editing(self) -> Editing:
        """Edits on the selection."""
        from cnnstudio.app.editing.building_blocks import BuildingBlocks
        from cnnstudio.app.editing.layer_commands import Editing

        course = self.settings.course_folder
        blocks = BuildingBlocks(blocks_folder(), self, course / "blocks" if course is not None else None)
        return Editing(self.document, self.view_state, blocks, self)

    @cached_property
    def connecting(self) -> Connecting:
        """Edits of connections."""
        from cnnstudio.app.editing.connection_commands import Connecting

        return Connecting(self.document, self.view_state, self.theme, self)

    @cached_property
    def structuring(self) -> Structuring:
        """Edits of branches and blocks."""
        from cnnstudio.app.editing.block_commands import Structuring

        return Structuring(self.document, self.view_state, self.editing.blocks, self.theme, self)

    @cached_property
    def files(self) -> Files:
        """Opening and saving."""
        from cnnstudio.app.document.files import Files

        return Files(self.document, self.settings, self)

    @property
    def chart(self) -> ChartPanel:
        """The chart in the middle."""
        return self.center.chart

    # The layout.

    def reset_layout(self) -> None:
        """Puts every dock back where it was at first."""
        self.settings.clear_layout()
        self.restoreState(self.default_layout.state, LAYOUT_VERSION)
        self.center.restoreState(self.default_layout.center)
        self.docks.narrow.forget()
        self.show_problems()
        self.show_import_report()

    def layout_now(self) -> WindowLayout:
        """The layout as it is now, or would be with more room."""
        with self.docks.narrow.as_wide():
            return WindowLayout(self.saveGeometry(), self.saveState(LAYOUT_VERSION), self.center.saveState())

    def restore_layout(self) -> None:
        """Puts everything where it stood when a window was closed last, and remembers where it stood at first."""
        self.default_layout = self.layout_now()
        geometry, state, center = self.settings.layout()
        if not geometry.isEmpty():
            self.restoreGeometry(geometry)
        if not state.isEmpty():
            self.restoreState(state, LAYOUT_VERSION)
        if not center.isEmpty():
            self.center.restoreState(center)
        self.docks.narrow.forget()
        self.show_problems()
        self.show_import_report()

    def show_problems(self) -> None:
        """Shows the dock of problems if there are any, and hides it if there are none."""
        self.docks["problems"].setVisible(bool(self.document.analysis.problems))

    def show_import_report(self) -> None:
        """Shows the dock of the import report if the design was imported; it stays until it is closed."""
        self.docks["import_report"].setVisible(self.document.report is not None)
