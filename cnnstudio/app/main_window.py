"""The window of one document. It puts the parts together and holds no logic of its own."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QGuiApplication, QPaintEvent
from PySide6.QtWidgets import QDockWidget, QMainWindow, QMenu, QSplitter, QWidget

from cnnstudio.app.actions import Actions
from cnnstudio.app.document import Document
from cnnstudio.app.editing import Editing
from cnnstudio.app.files import Files
from cnnstudio.app.help_commands import copy_schema, show_about
from cnnstudio.app.menus import SELECTION, build_menus, build_tool_bar, fill_menu
from cnnstudio.app.panels import go_to_panel
from cnnstudio.app.settings import LAYOUT_VERSION, Layout, Settings
from cnnstudio.app.structuring import Structuring
from cnnstudio.app.theme import Theme
from cnnstudio.app.view_state import ViewState
from cnnstudio.app.views.chart import ChartPanel
from cnnstudio.app.views.layer_list import LayerList
from cnnstudio.app.views.layer_table import LayerTable
from cnnstudio.app.views.panel import Panel
from cnnstudio.app.views.status import StatusLine
from cnnstudio.core.analysis import Analysis
from cnnstudio.core.design import find, walk
from cnnstudio.formats.design_yaml import SUFFIXES

if TYPE_CHECKING:
    from cnnstudio.app.views.history import HistoryView
    from cnnstudio.app.views.inspector import Inspector
    from cnnstudio.app.views.palette import PaletteView
    from cnnstudio.app.views.problems import ProblemsView
    from cnnstudio.app.views.working import WorkingView

MESSAGE_MS = 12_000
_Area = Qt.DockWidgetArea


class MainWindow(QMainWindow):
    """Shows one document. `closed` tells the studio; the other signals ask it for other windows."""

    closed = Signal()
    new_wanted = Signal()
    new_from_wanted = Signal()
    open_wanted = Signal(Path)
    quit_wanted = Signal()

    def __init__(self, document: Document, settings: Settings, theme: Theme) -> None:
        super().__init__()
        self.document = document
        self.settings = settings
        self.theme = theme
        self.view_state = ViewState(document, self)
        self.view_state.set_channels_last({"channels_last": True, "channels_first": False}.get(settings.shape_order))
        self.editing = Editing(document, self.view_state, self)
        self.structuring = Structuring(document, self.view_state, theme, self)
        self.files = Files(document, settings, self)
        document.setParent(self)
        self._docks: dict[str, QDockWidget] = {}
        self._was_painted = False
        self._make_views()
        self.actions_of = Actions(theme, self._handlers(), self)
        self.layers.addAction(self.actions_of["rename"])
        build_menus(self, self.actions_of)
        build_tool_bar(self, self.actions_of)
        self._connect()
        self._default_layout = self._layout()
        self._restore_layout()
        self._show_title()
        self._show_availability()

    # Putting together.

    def _make_views(self) -> None:
        """The views that carry the network; those below follow once these have been painted."""
        self._parts = (self.document, self.view_state, self.theme)
        self.layers = LayerList(*self._parts)
        self.table = LayerTable(*self._parts)
        self.chart = ChartPanel(*self._parts)
        if self.settings.columns:
            self.table.set_columns(self.settings.columns)
        self.setDockOptions(
            QMainWindow.DockOption.AllowNestedDocks
            | QMainWindow.DockOption.AllowTabbedDocks
            | QMainWindow.DockOption.AnimatedDocks
        )
        self.center = self._central()
        self.setCentralWidget(self.center)
        self._add_dock("palette", self.tr("Palette"), _Area.LeftDockWidgetArea)
        layers = self._add_dock("layers", self.tr("Layers"), _Area.LeftDockWidgetArea)
        layers.setWidget(self.layers)
        self.splitDockWidget(self._docks["palette"], layers, Qt.Orientation.Horizontal)
        self._add_dock("inspector", self.tr("Inspector"), _Area.RightDockWidgetArea)
        self._add_dock("working", self.tr("Working"), _Area.RightDockWidgetArea)
        self._add_dock("history", self.tr("History"), _Area.RightDockWidgetArea).hide()
        self._add_dock("problems", self.tr("Problems"), _Area.BottomDockWidgetArea).hide()
        self.spread_docks()
        self.setStatusBar(StatusLine(self.document, self.theme, self))
        self.setAcceptDrops(True)
        room = self.screen().availableSize()
        self.resize(min(1440, room.width()), min(880, room.height()))

    def spread_docks(self) -> None:
        """Gives the docks at the sides the widths that they read best at."""
        widths = {"palette": 194, "layers": 340, "inspector": 320}
        docks = [self._docks[key] for key in widths]
        self.resizeDocks(docks, list(widths.values()), Qt.Orientation.Horizontal)

    def _central(self) -> QSplitter:
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.setObjectName("center")
        self.table_panel = Panel(self.tr("Table"), self.table, self.theme)
        splitter.addWidget(self.table_panel)
        splitter.addWidget(self.chart)
        splitter.setStretchFactor(0, 3)
        splitter.setStretchFactor(1, 2)
        splitter.setChildrenCollapsible(False)
        splitter.setSizes([480, 360])
        return splitter

    @cached_property
    def palette_view(self) -> PaletteView:
        """The palette of layer types."""
        from cnnstudio.app.views.palette import PaletteView

        view = PaletteView(*self._parts)
        view.chosen.connect(self.editing.add)
        self._docks["palette"].setWidget(view)
        return view

    @cached_property
    def inspector(self) -> Inspector:
        """The fields of the selection."""
        from cnnstudio.app.views.inspector import Inspector

        view = Inspector(*self._parts)
        self._docks["inspector"].setWidget(view)
        return view

    @cached_property
    def working(self) -> WorkingView:
        """How the number in question came about."""
        from cnnstudio.app.views.working import WorkingView

        view = WorkingView(*self._parts)
        self._docks["working"].setWidget(view)
        return view

    @cached_property
    def problems(self) -> ProblemsView:
        """What is wrong with the design."""
        from cnnstudio.app.views.problems import ProblemsView

        view = ProblemsView(*self._parts)
        self._docks["problems"].setWidget(view)
        return view

    @cached_property
    def history(self) -> HistoryView:
        """The steps that can be undone."""
        from cnnstudio.app.views.history import HistoryView

        view = HistoryView(self.document)
        self._docks["history"].setWidget(view)
        return view

    def _complete(self) -> None:
        """Makes the views that are not there yet, then loads the chart's library, which takes a third of a second."""
        for name in ("palette_view", "inspector", "working", "problems", "history"):
            getattr(self, name)
        self.chart.start()

    def _add_dock(self, key: str, title: str, area: Qt.DockWidgetArea) -> QDockWidget:
        dock = QDockWidget(title, self)
        dock.setObjectName(f"dock_{key}")
        self.addDockWidget(area, dock)
        self._docks[key] = dock
        return dock

    @property
    def docks(self) -> dict[str, QDockWidget]:
        """The docks by key."""
        return self._docks

    def _handlers(self) -> dict[str, Callable[[], object]]:
        return {
            "new": self.new_wanted.emit,
            "new_from": self.new_from_wanted.emit,
            "open": self._open,
            "save": self.files.save,
            "save_as": self.files.save_as,
            "close": self.close,
            "quit": self.quit_wanted.emit,
            "undo": self.document.undo_stack.undo,
            "redo": self.document.undo_stack.redo,
            "cut": self.editing.cut,
            "copy": self.editing.copy,
            "copy_table": lambda: QGuiApplication.clipboard().setMimeData(self.table.copied()),
            "paste": self.editing.paste,
            "select_all": self.editing.select_all,
            "add": self._quick_add,
            "duplicate": self.editing.duplicate,
            "delete": self.editing.delete,
            "rename": self._rename,
            **self.structuring.handlers(),
            "move_up": lambda: self.editing.move(-1),
            "move_down": lambda: self.editing.move(1),
            "fold_all": lambda: self.editing.fold_all(is_open=False),
            "unfold_all": lambda: self.editing.fold_all(is_open=True),
            "find": self._find,
            "full_screen": lambda: self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen),
            "text_larger": lambda: self.set_text_scale(self.theme.text_scale * 1.1),
            "text_smaller": lambda: self.set_text_scale(self.theme.text_scale / 1.1),
            "text_normal": lambda: self.set_text_scale(1.0),
            "next_panel": lambda: self._go_to_panel(1),
            "previous_panel": lambda: self._go_to_panel(-1),
            "reset_layout": self.reset_layout,
            "design_schema": copy_schema,
            "about": lambda: show_about(self),
        }

    def _connect(self) -> None:
        document, view_state = self.document, self.view_state
        for signal in (document.changed, document.path_changed, document.modified_changed):
            signal.connect(self._show_title)
        document.changed.connect(self._on_changed)
        document.history_changed.connect(self._show_availability)
        document.noted.connect(self._tell)
        document.refused.connect(self._tell)
        view_state.selection_changed.connect(self._show_availability)
        self.layers.menu_wanted.connect(self._show_menu)
        self.table.menu_wanted.connect(self._show_menu)
        self.table.columns_changed.connect(self._remember_columns)

    # Following the document.

    def _on_changed(self, old: Analysis, new: Analysis) -> None:
        # Not after every edit: somebody may have closed the dock and want to go on with the problems that there are.
        if bool(old.problems) != bool(new.problems):
            self._show_problems()

    def _show_title(self) -> None:
        title = self.document.title
        name = self.document.design.name
        shown = title if title == name else f"{title} — {name}"
        # Qt marks a modified document where it reads `[*]`; two of them mean the letters.
        self.setWindowTitle(f"{shown.replace('[*]', '[*][*]')}[*] — CNN Studio")
        self.setWindowModified(self.document.is_modified)
        self.setWindowFilePath(str(self.document.path or ""))

    def _show_availability(self) -> None:
        self.actions_of.set_available(selected=len(self.view_state.selection))
        stack = self.document.undo_stack
        for key, can, text in (
            ("undo", stack.canUndo(), stack.undoText()),
            ("redo", stack.canRedo(), stack.redoText()),
        ):
            action = self.actions_of[key]
            words = self.tr("Undo") if key == "undo" else self.tr("Redo")
            action.setEnabled(can)
            action.setText(f"{words} {text.replace('&', '&&')}".strip())
            action.setIconText(words)

    def _show_problems(self) -> None:
        self._docks["problems"].setVisible(bool(self.document.analysis.problems))

    def _tell(self, sentence: str) -> None:
        self.statusBar().showMessage(sentence[:1].upper() + sentence[1:], MESSAGE_MS)

    # What actions do.

    def _open(self) -> None:
        path = self.files.ask_for_file()
        if path is not None:
            self.open_wanted.emit(path)

    def _quick_add(self) -> None:
        from cnnstudio.app.views.quick_add import QuickAdd

        dialog = QuickAdd(self.theme, self)
        if dialog.exec() == QuickAdd.DialogCode.Accepted and dialog.chosen:
            self.editing.add(dialog.chosen)
        dialog.deleteLater()

    def _rename(self) -> None:
        if self.view_state.selection:
            self.layers.rename(self.view_state.selection[0])

    def _find(self) -> None:
        from cnnstudio.app.views.find import FindLayer  # only wanted on demand

        names = [path for path, _ in walk(self.document.design.layers)]
        dialog = FindLayer(self.theme, names, lambda path: find(self.document.design, path), self)
        if dialog.exec() == FindLayer.DialogCode.Accepted and dialog.chosen:
            self.view_state.select((dialog.chosen,))
        dialog.deleteLater()

    def _go_to_panel(self, step: int) -> None:
        left, middle = (self.palette_view, self.layers), (self.table, self.chart)
        others = (self.inspector, self.working, self.history, self.problems)
        entries: dict[QWidget, QWidget] = {self.chart: self.chart.plot} if self.chart.plot is not None else {}
        go_to_panel((*left, *middle, *others), self.focusWidget(), step, entries)

    def set_convention(self, key: str) -> None:
        """Counts by another convention, as an undoable edit of the design."""
        from cnnstudio.core.edits import set_design

        self.document.attempt(lambda: set_design(self.document.design, "convention", key))

    def set_shape_order(self, order: str) -> None:
        """Shows shapes as H × W × C, as C × H × W, or as the convention does."""
        self.settings.shape_order = order
        self.view_state.set_channels_last({"channels_last": True, "channels_first": False}.get(order))

    def turn_shape_order(self) -> None:
        """Shows shapes the other way round."""
        self.set_shape_order("channels_first" if self.view_state.is_channels_last else "channels_last")

    def set_theme_mode(self, mode: str) -> None:
        """Light, dark, or as the desktop."""
        self.settings.theme_mode = mode
        self.theme.set_mode(mode)

    def set_text_scale(self, scale: float) -> None:
        """Makes all text larger or smaller."""
        scale = min(3.0, max(0.6, scale))
        self.settings.text_scale = scale
        self.theme.set_text_scale(scale)

    def reset_layout(self) -> None:
        """Puts every dock back where it was at first."""
        self.settings.clear_layout()
        self.restoreState(self._default_layout.state, LAYOUT_VERSION)
        self.center.restoreState(self._default_layout.center)
        self._show_problems()

    def _show_menu(self, point: QPoint) -> None:
        menu = QMenu(self)
        fill_menu(menu, self.actions_of, SELECTION)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(point)

    def _remember_columns(self) -> None:
        self.settings.columns = self.table.column_keys

    # Files dropped, the layout, the end.

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(_is_design(url.toLocalFile()) for url in event.mimeData().urls()):
            # A proposed move would let the file manager delete the user's file.
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        for url in event.mimeData().urls():
            if _is_design(url.toLocalFile()):
                # Later: what opening says or asks must not hold up the program that the drag came from.
                QTimer.singleShot(0, self, partial(self.open_wanted.emit, Path(url.toLocalFile())))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._was_painted:
            self._was_painted = True
            QTimer.singleShot(0, self._complete)

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

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.files.may_close():
            event.ignore()
            return
        self.settings.set_layout(self._layout())
        event.accept()
        self.closed.emit()


def _is_design(name: str) -> bool:
    return Path(name).suffix.lower() in SUFFIXES
