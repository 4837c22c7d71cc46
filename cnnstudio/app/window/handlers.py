"""What each action does: the table that goes with the declarations in `actions`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from cnnstudio.app.reports.opening import export_report, print_design
from cnnstudio.app.window.dialogs import add_quickly, copy_schema, find_layer, open_file, show_about
from cnnstudio.app.window.panels import go_to_panel

if TYPE_CHECKING:
    from cnnstudio.app.window.main_window import MainWindow

Handlers = dict[str, Callable[[], object]]


def handlers(window: MainWindow) -> Handlers:
    """The handlers of a window, by the key of their action."""
    return {**_of_files(window), **_of_edits(window), **_of_looks(window)}


def _of_files(window: MainWindow) -> Handlers:
    return {
        "new": window.new_requested.emit,
        "new_from": window.new_from_requested.emit,
        "open": partial(open_file, window),
        "save": window.files.save,
        "save_as": window.files.save_as,
        "compare": window.compare_requested.emit,
        "export_diagram": lambda: window.center.diagram.ask_and_save(),
        "report": partial(export_report, window),
        "print": partial(print_design, window),
        "keep_recovery": window.files.toggle_recovery,
        "close": window.close,
        "quit": window.quit_requested.emit,
        "design_schema": copy_schema,
        "about": partial(show_about, window),
    }


def _of_edits(window: MainWindow) -> Handlers:
    editing, stack = window.editing, window.document.undo_stack
    return {
        "undo": stack.undo,
        "redo": stack.redo,
        "cut": editing.cut,
        "copy": editing.copy,
        "copy_table": lambda: QGuiApplication.clipboard().setMimeData(window.table.copied()),
        "paste": editing.paste,
        "select_all": editing.select_all,
        "add": partial(add_quickly, window),
        "duplicate": editing.duplicate,
        "delete": editing.delete,
        "rename": window.layers.rename_selected,
        **window.structuring.handlers(),
        **window.connecting.handlers(),
        "move_up": partial(editing.move, -1),
        "move_down": partial(editing.move, 1),
    }


def _of_looks(window: MainWindow) -> Handlers:
    editing, look = window.editing, window.look
    return {
        "fold_all": partial(editing.fold_all, is_open=False),
        "unfold_all": partial(editing.fold_all, is_open=True),
        "find": partial(find_layer, window),
        "full_screen": lambda: window.setWindowState(window.windowState() ^ Qt.WindowState.WindowFullScreen),
        "show_table": partial(window.center.panel.show_view, "table"),
        "show_diagram": partial(window.center.panel.show_view, "diagram"),
        "fit_diagram": window.center.fit_diagram,
        "text_larger": partial(look.magnify_text, 1.1),
        "text_smaller": partial(look.magnify_text, 1 / 1.1),
        "text_normal": partial(look.set_text_scale, 1.0),
        "next_panel": partial(_go_to_panel, window, 1),
        "previous_panel": partial(_go_to_panel, window, -1),
        "reset_layout": window.reset_layout,
    }


def _go_to_panel(window: MainWindow, step: int) -> None:
    left = window.docks.views(Qt.DockWidgetArea.LeftDockWidgetArea)
    others = [view for view in window.docks.views() if view not in left]
    go_to_panel((*left, *window.center.views, *others), window.focusWidget(), step, window.center.entries)
