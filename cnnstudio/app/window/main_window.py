"""The window of one document. It puts the parts together and holds no logic of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property, partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QPaintEvent

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.document.document import Document
from cnnstudio.app.document.file_drops import accept_copy, designs_in, source_in
from cnnstudio.app.platform.settings import Settings
from cnnstudio.app.window.actions import Actions
from cnnstudio.app.window.frame import WindowFrame
from cnnstudio.app.window.keyboard_marks import KeyboardMarks
from cnnstudio.app.window.menus import build_menus, context_menu
from cnnstudio.app.window.status import BUDGETS, MEMORY
from cnnstudio.app.window.tool_bar import build_tool_bar
from cnnstudio.core.counting.analysis import Analysis

if TYPE_CHECKING:
    from cnnstudio.app.window.handlers import Handlers

MESSAGE_MS = 12_000
PATIENCE_MS = 200
"""The time that the other views wait for the chart; it is there sooner if its library was loaded lately."""
SOON_MS = 5
"""The delay after which they follow, so that it is painted first."""


class MainWindow(WindowFrame):
    """Shows one document. What is not in the first picture is loaded after it, or when it is wanted before."""

    def __init__(self, document: Document, settings: Settings, theme: Theme) -> None:
        super().__init__(document, settings, theme)
        self._was_painted = False
        self._shown_title: tuple[str, bool, str] | None = None
        self.actions_of = Actions(theme, lambda key: self.handlers[key](), self)
        self.actions_of.lock(settings.is_locked)
        self.layers.addAction(self.actions_of["rename"])
        build_menus(self, self.actions_of)
        build_tool_bar(self, self.actions_of)
        self._connect()
        self.restore_layout()
        self._show_title()
        self._show_availability()
        # Where editing begins; by itself Qt would begin at the tabs of the table.
        self.layers.setFocus()

    def _complete(self) -> None:
        """Makes what is not there yet: the chart first, and the rest meanwhile if its library takes long to load."""
        self.docks.widths.mend()
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
        for view in (self.layers, self.table):
            view.edit_requested.connect(self._edit_fields)
        self._marks = KeyboardMarks(self)
        self.center.menu_requested.connect(self._show_menu)
        self.table.totals.total_requested.connect(self._explain_total)
        self.status.total_requested.connect(self._follow_status)

    def _edit_fields(self) -> None:
        """Hands the keyboard to the fields of the selected layer."""
        from cnnstudio.app.inspector.inspector import Inspector

        self.docks["inspector"].show()
        self.docks["inspector"].raise_()
        self.docks.view("inspector", Inspector).focus_first()

    # What acts on the document.

    @cached_property
    def handlers(self) -> Handlers:
        """The handler of each action, by its key."""
        from cnnstudio.app.window.handlers import handlers

        return handlers(self)

    # Following the document.

    def _on_changed(self, old: Analysis, new: Analysis) -> None:
        # What an edit has to tell follows; what one before told is over.
        self.statusBar().clearMessage()
        # Not after every edit: somebody may have closed the dock and want to go on with the problems that there are.
        if bool(old.problems) != bool(new.problems):
            self.show_problems()

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

    def _follow_status(self, key: str) -> None:
        """Memory and budgets have views of their own; any other total has a working."""
        action = {MEMORY: "show_memory", BUDGETS: "budgets"}.get(key)
        if action is None:
            self._explain_total(key)
        else:
            self.handlers[action]()

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

    # What Qt calls.

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if designs_in(event.mimeData()) or source_in(event.mimeData()):
            accept_copy(event)

    def dropEvent(self, event: QDropEvent) -> None:
        accept_copy(event)
        for path in designs_in(event.mimeData()):
            # Later: what opening says or asks must not hold up the program that the drag came from.
            QTimer.singleShot(0, self, partial(self.open_requested.emit, path))
        if text := source_in(event.mimeData()):
            QTimer.singleShot(0, self, partial(self.source_paste_requested.emit, text))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._was_painted:
            self._was_painted = True
            QTimer.singleShot(0, self._complete)

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.files.may_close():
            event.ignore()
            return
        self.settings.set_layout(self.layout_now())
        event.accept()
        self.closed.emit()
