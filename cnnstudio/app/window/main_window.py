"""The window of one document. It puts the parts together and holds no logic of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QPaintEvent
from PySide6.QtWidgets import QMainWindow

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.document.document import Document
from cnnstudio.app.document.file_drops import accept_copy, designs_in
from cnnstudio.app.document.view_state import ViewState
from cnnstudio.app.layer_list.railed_list import RailedList
from cnnstudio.app.platform.settings import LAYOUT_VERSION, Layout, Settings
from cnnstudio.app.window.actions import Actions
from cnnstudio.app.window.center import Center
from cnnstudio.app.window.context import WindowContext
from cnnstudio.app.window.display_choices import Look
from cnnstudio.app.window.docks import Docks
from cnnstudio.app.window.menus import build_menus, build_tool_bar, context_menu
from cnnstudio.app.window.status import StatusLine
from cnnstudio.core.counting.analysis import Analysis

if TYPE_CHECKING:
    from cnnstudio.app.chart.panel import ChartPanel
    from cnnstudio.app.document.files import Files
    from cnnstudio.app.editing.block_commands import Structuring
    from cnnstudio.app.editing.connection_commands import Connecting
    from cnnstudio.app.editing.layer_commands import Editing
    from cnnstudio.app.window.handlers import Handlers

MESSAGE_MS = 12_000
PATIENCE_MS = 200
"""How long the other views wait for the chart, which is there before if its library was loaded lately."""
SOON_MS = 5
"""How long after it they follow: it is to be painted first."""
_Option = QMainWindow.DockOption


class MainWindow(QMainWindow):
    """Shows one document. `closed` tells the studio; the other signals ask it for other windows.

    What is not in the first picture is loaded after it, or when it is wanted before.
    """

    closed = Signal()
    new_requested = Signal()
    new_from_requested = Signal()
    open_requested = Signal(Path)
    quit_requested = Signal()
    compare_requested = Signal()

    def __init__(self, document: Document, settings: Settings, theme: Theme) -> None:
        super().__init__()
        self.document = document
        self.settings = settings
        self.theme = theme
        document.setParent(self)
        self.view_state = ViewState(document, self)
        self._was_painted = False
        self._shown_title: tuple[str, bool, str] | None = None
        if document.path is not None:
            # At once, so that no change by another program goes unnoticed.
            self.files.watch()
        self._make_views()
        self.actions_of = Actions(theme, lambda key: self.handlers[key](), self)
        self.layers.addAction(self.actions_of["rename"])
        build_menus(self, self.actions_of)
        build_tool_bar(self, self.actions_of)
        self._connect()
        self._default_layout = self._layout()
        self._restore_layout()
        self._show_title()
        self._show_availability()
        # Where editing begins; by itself Qt would begin at the tabs of the table.
        self.layers.setFocus()

    # Putting together.

    def _make_views(self) -> None:
        """The views that carry the network; the others follow once these have been painted."""
        context = WindowContext(self.document, self.view_state, self.theme, self.settings, lambda: self.editing)
        self.look = Look(context)
        self.setDockOptions(_Option.AllowNestedDocks | _Option.AllowTabbedDocks | _Option.AnimatedDocks)
        self.center = Center(context, self)
        self.table = self.center.table
        self.setCentralWidget(self.center)
        self.docks = Docks(self, context)
        self.layers = self.docks.view("layers", RailedList).layers
        self._status = StatusLine(self.document, self.theme, self)
        self.setStatusBar(self._status)
        self.setAcceptDrops(True)
        room = self.screen().availableSize()
        self.resize(min(1440, room.width()), min(880, room.height()))
        self.docks.spread()

    def _complete(self) -> None:
        """Makes what is not there yet: the chart first, and the rest meanwhile if its library takes long to load."""
        # The handlers, so that the first key need not wait for them; and with the files comes what keeps unsaved work.
        self._missing: Iterator[Callable[[], object]] = iter((*self.docks.makers(), lambda: self.handlers))
        self._next_part = QTimer(self, singleShot=True)
        self._next_part.timeout.connect(self._make_part)
        self._next_part.start(PATIENCE_MS)
        self.chart.settled.connect(lambda: self._next_part.start(SOON_MS))
        self.chart.start()

    def _make_part(self) -> None:
        """One part at a time, so that no event waits for long."""
        make = next(self._missing, None)
        if make is not None:
            # Started before, so that a part that cannot be made does not keep the others away.
            self._next_part.start(0)
            make()

    def _connect(self) -> None:
        document, view_state = self.document, self.view_state
        for signal in (document.changed, document.path_changed, document.modified_changed):
            signal.connect(self._show_title)
        document.changed.connect(self._on_changed)
        document.history_changed.connect(self._show_availability)
        document.noted.connect(self._tell)
        document.refused.connect(self._tell)
        view_state.selection_changed.connect(self._show_availability)
        self.layers.menu_requested.connect(self._show_menu)
        self.center.menu_requested.connect(self._show_menu)
        self.table.totals.total_requested.connect(self._explain_total)
        self._status.total_requested.connect(self._explain_total)

    # What acts on the document.

    @cached_property
    def handlers(self) -> Handlers:
        """What each action does, by its key."""
        from cnnstudio.app.window.handlers import handlers

        return handlers(self)

    @cached_property
    def editing(self) -> Editing:
        """Edits on the selection."""
        from cnnstudio.app.editing.building_blocks import BuildingBlocks
        from cnnstudio.app.editing.layer_commands import Editing
        from cnnstudio.app.platform.settings import blocks_folder

        return Editing(self.document, self.view_state, BuildingBlocks(blocks_folder(), self), self)

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

    # Following the document.

    def _on_changed(self, old: Analysis, new: Analysis) -> None:
        # What an edit has to tell follows; what one before told is over.
        self.statusBar().clearMessage()
        # Not after every edit: somebody may have closed the dock and want to go on with the problems that there are.
        if bool(old.problems) != bool(new.problems):
            self._show_problems()

    def _show_title(self) -> None:
        title = self.document.title
        name = self.document.design.name
        shown = title if title == name else f"{title} — {name}"
        now = (shown, self.document.is_modified, str(self.document.path or ""))
        if now == self._shown_title:
            return
        self._shown_title = now
        # Qt marks a modified document where it reads `[*]`; two of them mean the letters.
        self.setWindowTitle(f"{shown.replace('[*]', '[*][*]')}[*] — CNN Studio")
        self.setWindowModified(now[1])
        self.setWindowFilePath(now[2])

    def _show_availability(self) -> None:
        self.actions_of.set_available(selected=len(self.view_state.selection))
        self.actions_of.show_history(self.document.undo_stack)

    def _show_problems(self) -> None:
        self.docks["problems"].setVisible(bool(self.document.analysis.problems))

    def _explain_total(self, key: str) -> None:
        """With no layer selected, the working is that of the whole network."""
        self.view_state.select(())
        self.view_state.set_quantity(key)
        self.docks["working"].show()
        self.docks["working"].raise_()

    def _tell(self, sentence: str) -> None:
        self.statusBar().showMessage(sentence[:1].upper() + sentence[1:], MESSAGE_MS)

    def _show_menu(self, point: QPoint) -> None:
        context_menu(self, self.actions_of).popup(point)

    # The layout.

    def reset_layout(self) -> None:
        """Puts every dock back where it was at first."""
        self.settings.clear_layout()
        self.restoreState(self._default_layout.state, LAYOUT_VERSION)
        self.center.restoreState(self._default_layout.center)
        self._show_problems()

    def _layout(self) -> Layout:
        return Layout(self.saveGeometry(), self.saveState(LAYOUT_VERSION), self.center.saveState())

    def _restore_layout(self) -> None:
        geometry, state, center = self.settings.layout()
        if not geometry.isEmpty():
            self.restoreGeometry(geometry)
        if not state.isEmpty():
            self.restoreState(state, LAYOUT_VERSION)
        if not center.isEmpty():
            self.center.restoreState(center)
        self._show_problems()

    # What Qt calls.

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if designs_in(event.mimeData()):
            accept_copy(event)

    def dropEvent(self, event: QDropEvent) -> None:
        accept_copy(event)
        for path in designs_in(event.mimeData()):
            # Later: what opening says or asks must not hold up the program that the drag came from.
            QTimer.singleShot(0, self, partial(self.open_requested.emit, path))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._was_painted:
            self._was_painted = True
            QTimer.singleShot(0, self._complete)

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.files.may_close():
            event.ignore()
            return
        self.settings.set_layout(self._layout())
        event.accept()
        self.closed.emit()
