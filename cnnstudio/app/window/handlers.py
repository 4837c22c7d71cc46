"""The handlers of the actions: the table that goes with the declarations in `actions`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from cnnstudio.app.appearance.help_topics import topic_of
from cnnstudio.app.reports.opening import export_report
from cnnstudio.app.window.frame import WindowFrame
from cnnstudio.core.network.design import find, walk

if TYPE_CHECKING:
    from cnnstudio.app.sweep.window import SweepWindow

SHORTCUTS = "reference/shortcuts.md"
NEWS = "reference/changes.md"
Handlers = dict[str, Callable[[], object]]


def handlers(window: WindowFrame) -> Handlers:
    """The handlers of a window, by the key of their action."""
    return {**_of_files(window), **_of_edits(window), **_of_looks(window)}


def _of_files(window: WindowFrame) -> Handlers:
    return {
        "new": window.new_requested.emit,
        "new_from": window.new_from_requested.emit,
        "open": partial(open_file, window),
        "save": window.files.save,
        "save_as": window.files.save_as,
        "compare": window.compare_requested.emit,
        "export_diagram": lambda: window.center.diagram.ask_and_save(),
        "export_code": lambda: window.center.code.ask_and_save(),
        "verify": partial(verify_design, window),
        "sweep": partial(show_sweep, window),
        "scale": partial(scale_design, window),
        "budgets": partial(show_budgets, window),
        "report": partial(_report, window),
        "print": partial(_report, window, is_print=True),
        "keep_recovery": window.files.toggle_recovery,
        "close": window.close,
        "quit": window.quit_requested.emit,
        "manual": lambda: window.manual_requested.emit(topic_of(window.focusWidget())),
        "first_steps": window.first_steps_requested.emit,
        "shortcuts": partial(window.manual_requested.emit, SHORTCUTS),
        "news": partial(window.manual_requested.emit, NEWS),
        "design_schema": copy_schema,
        "about": partial(show_about, window),
    }


def _of_edits(window: WindowFrame) -> Handlers:
    editing, stack = window.editing, window.document.undo_stack
    return {
        "undo": stack.undo,
        "redo": stack.redo,
        "cut": editing.cut,
        "copy": editing.copy,
        "copy_table": lambda: QGuiApplication.clipboard().setMimeData(window.table.copied()),
        "paste": partial(_paste, window),
        "select_all": editing.select_all,
        "select_alike": editing.select_alike,
        "add": partial(add_quickly, window),
        "duplicate": editing.duplicate,
        "use_again": editing.use_again,
        "unshare": editing.unshare,
        "delete": editing.delete,
        "rename": window.layers.rename_selected,
        **window.structuring.handlers(),
        **window.connecting.handlers(),
        "move_up": partial(editing.move, -1),
        "move_down": partial(editing.move, 1),
    }


def _paste(window: WindowFrame) -> None:
    """Puts layers on the clipboard below the selection; source code of a network opens in a window of its own."""
    from cnnstudio.app.document.file_drops import source_in

    mime: QMimeData | None = QGuiApplication.clipboard().mimeData()  # some systems say none of an empty clipboard
    if mime is not None and (text := source_in(mime)):
        window.source_paste_requested.emit(text)
    else:
        window.editing.paste()


def _of_looks(window: WindowFrame) -> Handlers:
    editing, look = window.editing, window.look
    return {
        "fold_all": partial(editing.fold_all, is_open=False),
        "unfold_all": partial(editing.fold_all, is_open=True),
        "find": partial(find_layer, window),
        "full_screen": lambda: window.setWindowState(window.windowState() ^ Qt.WindowState.WindowFullScreen),
        "show_table": partial(window.center.panel.show_view, "table"),
        "show_diagram": partial(window.center.panel.show_view, "diagram"),
        "show_code": partial(window.center.panel.show_view, "code"),
        "show_memory": partial(window.center.panel.show_view, "memory"),
        "fit_diagram": window.center.fit_diagram,
        "text_larger": partial(look.magnify_text, 1.1),
        "text_smaller": partial(look.magnify_text, 1 / 1.1),
        "text_normal": partial(look.set_text_scale, 1.0),
        "next_panel": partial(_go_to_panel, window, 1),
        "previous_panel": partial(_go_to_panel, window, -1),
        "reset_layout": window.reset_layout,
    }


def _go_to_panel(window: WindowFrame, step: int) -> None:
    left = window.docks.views(Qt.DockWidgetArea.LeftDockWidgetArea)
    others = [view for view in window.docks.views() if view not in left]
    go_to_panel((*left, *window.center.views, *others), window.focusWidget(), step, window.center.entries)


# What actions ask and tell in boxes of their own; each is loaded when it is wanted first.


def _report(window: WindowFrame, *, is_print: bool = False) -> None:
    export_report(
        window.document,
        window.view_state,
        tuple(window.table.column_keys),
        window.settings,
        window.theme,
        window,
        is_print=is_print,
    )


def verify_design(window: WindowFrame) -> None:
    """Opens the dialog that runs the design in a framework; the window stays usable meanwhile."""
    from cnnstudio.app.verification.dialog import VerifyDialog

    dialog = VerifyDialog(window.document, window.view_state, window.settings, window)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.show()


def show_sweep(window: WindowFrame) -> SweepWindow:
    """Opens the window that counts variants of the design as it is; it closes with the window it was asked for in."""
    from cnnstudio.app.sweep.window import SweepWindow

    shown = SweepWindow(window.document.design, window.view_state.selection, window.theme, window)
    shown.design_requested.connect(window.design_requested)
    window.closed.connect(shown.close)
    shown.show()
    return shown


def scale_design(window: WindowFrame) -> None:
    """Asks for factors, and scales the design by them."""
    from cnnstudio.app.scaling.dialog import ScaleDialog

    dialog = ScaleDialog(window.document, window.view_state, window.theme, window)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()


def show_budgets(window: WindowFrame) -> None:
    """Opens the dialog of budgets."""
    from cnnstudio.app.budgets.dialog import BudgetsDialog

    dialog = BudgetsDialog(window.document, window.view_state, window.theme, window)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()


def open_file(window: WindowFrame) -> None:
    """Asks for a design file and opens it."""
    path = window.files.ask_for_file()
    if path is not None:
        window.open_requested.emit(path)


def add_quickly(window: WindowFrame) -> None:
    """Asks for a layer type or a building block by its name, or for a line of layers, and adds them."""
    from cnnstudio.app.palette.quick_add import QuickAdd

    window.editing.blocks.refresh()
    dialog = QuickAdd(window.theme, window.editing.blocks.every(), window, window.editing.rank_after_selection)
    if dialog.exec() == QuickAdd.DialogCode.Accepted:
        if dialog.layers:
            window.editing.add_items([layer.item for layer in dialog.layers])
        elif dialog.chosen:
            window.editing.add(dialog.chosen)
    dialog.deleteLater()


def find_layer(window: WindowFrame) -> None:
    """Asks for a layer by its name and selects it."""
    from cnnstudio.app.search.find_layer import FindLayer

    design = window.document.design
    names = [path for path, _ in walk(design.layers)]
    dialog = FindLayer(window.theme, names, lambda path: find(design, path), window)
    if dialog.exec() == FindLayer.DialogCode.Accepted and dialog.chosen:
        window.view_state.select((dialog.chosen,))
    dialog.deleteLater()


def copy_schema() -> None:
    """Puts the JSON Schema of design files on the clipboard, for editors that check files with one."""
    from cnnstudio.formats.schema import design_schema

    schema = msgspec.json.format(msgspec.json.encode(design_schema()), indent=2)
    QGuiApplication.clipboard().setText(schema.decode())


def show_about(window: WindowFrame) -> None:
    """Tells what the program is, which version, and under which licences."""
    from cnnstudio.app.manual.about import AboutDialog

    dialog = AboutDialog(window.theme, window)
    dialog.exec()
    dialog.deleteLater()


# Going from panel to panel with the keyboard.


def go_to_panel(panels: Sequence[QWidget], focused: QWidget, step: int, entries: dict[QWidget, QWidget]) -> None:
    """Hands the keyboard to the panel that is `step` further than the one that has it, round and round.

    `entries` says where a panel is entered, if not at the widget that Tab would lead to first.
    """
    shown = [panel for panel in panels if panel.isVisible()]
    here = [panel is focused or panel.isAncestorOf(focused) for panel in shown]
    now = here.index(True) if True in here else -1
    panel = shown[(now + step) % len(shown)]
    (entries.get(panel) or _first_reachable(panel) or panel).setFocus(Qt.FocusReason.TabFocusReason)


def _first_reachable(panel: QWidget) -> QWidget | None:
    """The widget of a panel to which Tab would lead first; None if it is the panel itself."""
    if panel.focusPolicy() & Qt.FocusPolicy.TabFocus or panel.focusProxy() is not None:
        return None
    inside = panel.findChildren(QWidget)
    return next(
        (child for child in inside if child.isVisible() and child.focusPolicy() & Qt.FocusPolicy.TabFocus), None
    )
