"""The menus of a window, made of its actions."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from cnnstudio.app.appearance.tips import plain_tip
from cnnstudio.app.window.actions import Actions
from cnnstudio.app.window.choices import menu_choices
from cnnstudio.app.window.frame import WindowFrame
from cnnstudio.core.counting.columns import COLUMNS

translate = QCoreApplication.translate


def build_menus(window: WindowFrame, actions: Actions) -> None:
    """Fills the menu bar."""
    file_menu = _add_menu(
        window,
        actions,
        translate("Menus", "&File"),
        (
            *("new", "new_from", "open", "", "save", "save_as", ""),
            *("report", "export_diagram", "export_code", "print", "compare", "", "keep_recovery", "", "close", "quit"),
        ),
    )
    _complete_file_menu(window, actions, file_menu)
    edit = ("undo", "redo", "", "cut", "copy", "copy_table", "paste", "select_all", "select_alike", "", "find")
    edit_menu = _add_menu(window, actions, translate("Menus", "&Edit"), edit)
    edit_menu.aboutToShow.connect(lambda: actions.name_history(window.document.undo_stack))
    layer = _add_menu(window, actions, translate("Menus", "&Layer"), LAYER)
    _add_disconnect(window, actions, layer)
    _add_change_type(window, actions, layer)
    view = _add_menu(window, actions, translate("Menus", "&View"), VIEW)
    _follow_repeats(window, actions["show_repeats"])
    for choice in menu_choices(window):
        choice.fill(view.addMenu(choice.title))
    view.addMenu(_columns_menu(window))
    view.addSeparator()
    for dock in window.docks:
        view.addAction(dock.toggleViewAction())
    view.addAction(actions["reset_layout"])
    _add_menu(window, actions, translate("Menus", "&Tools"), ("scale", "sweep", "budgets", "verify"))
    _add_menu(window, actions, translate("Menus", "&Help"), HELP)


def _complete_file_menu(window: WindowFrame, actions: Actions, menu: QMenu) -> None:
    """With what is looked up whenever it opens."""
    recent = QMenu(translate("Menus", "Open recent"), menu)
    recent.aboutToShow.connect(lambda: _fill_recent(recent, window))
    entries = menu.actions()
    menu.insertMenu(entries[entries.index(actions["open"]) + 1], recent)
    # One for all windows.
    keeping = actions["keep_recovery"]
    menu.aboutToShow.connect(lambda: keeping.setChecked(window.settings.keeps_recovery))


CONNECT = ("connect_to", "residual", "branch", "concatenate")
_BLOCKS = ("group", "ungroup", "repeat", "at_each_step")
LAYER = (
    *(
        "add",
        "duplicate",
        "use_again",
        "unshare",
        "delete",
        "rename",
        "",
        "move_up",
        "move_down",
        "",
        *_BLOCKS,
        "",
        *CONNECT,
        "",
        "save_block",
        "",
    ),
    *("fold_all", "unfold_all"),
)
SELECTION = (
    *(
        "add",
        "",
        "cut",
        "copy",
        "paste",
        "duplicate",
        "use_again",
        "unshare",
        "delete",
        "",
        "rename",
        "move_up",
        "move_down",
        "",
    ),
    *(*_BLOCKS, "", *CONNECT, "", "save_block"),
)
"""The actions that a right click on a layer offers."""
VIEW = (
    "show_table",
    "show_diagram",
    "show_code",
    "show_memory",
    "fit_diagram",
    "",
    "show_repeats",
    "",
    "full_screen",
    "text_larger",
    "text_smaller",
    "text_normal",
    "",
    "next_panel",
    "previous_panel",
    "",
)

HELP = ("manual", "first_steps", "shortcuts", "news", "", "design_schema", "", "about")


def _follow_repeats(window: WindowFrame, action: QAction) -> None:
    """Keeps the switch as the views are: what is too long to be listed is not, whatever somebody clicked."""

    def show(*_: object) -> None:
        action.setChecked(window.view_state.shows_repeats)

    window.view_state.repeats_changed.connect(show)
    action.triggered.connect(show)


def _add_menu(window: WindowFrame, actions: Actions, title: str, keys: tuple[str, ...]) -> QMenu:
    menu = window.menuBar().addMenu(title)
    fill(menu, actions, keys)
    return menu


def context_menu(window: WindowFrame, actions: Actions) -> QMenu:
    """The menu of actions on layers; it is deleted when it closes."""
    menu = QMenu(window)
    fill(menu, actions, SELECTION)
    _add_disconnect(window, actions, menu)
    _add_change_type(window, actions, menu)
    menu.aboutToHide.connect(menu.deleteLater)
    return menu


def _add_disconnect(window: WindowFrame, actions: Actions, menu: QMenu) -> None:
    """Puts the inputs that can be taken away below that to which one connects."""
    inputs = QMenu(translate("Menus", "Disconnect from"), menu)
    inputs.setToolTipsVisible(True)
    menu.aboutToShow.connect(lambda: window.connecting.list_inputs(inputs))
    menu.insertMenu(actions["residual"], inputs)


def _add_change_type(window: WindowFrame, actions: Actions, menu: QMenu) -> None:
    """Puts the types that a layer can be made of below its renaming."""
    types = QMenu(translate("Menus", "Change type"), menu)
    menu.aboutToShow.connect(lambda: window.editing.list_types(types))
    entries = menu.actions()
    menu.insertMenu(entries[entries.index(actions["rename"]) + 1], types)


def fill(menu: QMenu, actions: Actions, keys: tuple[str, ...]) -> None:
    """Fills a menu with actions by their keys; an empty key is a separator."""
    for key in keys:
        if key:
            menu.addAction(actions[key])
        else:
            menu.addSeparator()


def _fill_recent(menu: QMenu, window: WindowFrame) -> None:
    menu.clear()
    for path in window.settings.recent:
        action = menu.addAction(f"{path.name}  —  {path.parent}".replace("&", "&&"))
        action.setToolTip(plain_tip(str(path)))
        action.triggered.connect(lambda _checked=False, path=path: window.open_requested.emit(path))
    if menu.isEmpty():
        menu.addAction(translate("Menus", "None yet")).setEnabled(False)
        return
    menu.addSeparator()
    menu.addAction(translate("Menus", "Clear list")).triggered.connect(
        lambda _checked=False: window.settings.clear_recent()
    )


def _columns_menu(window: WindowFrame) -> QMenu:
    menu = QMenu(translate("Menus", "Columns"), window)
    menu.aboutToShow.connect(lambda: _fill_columns(menu, window))
    header = window.table.grid.horizontalHeader()
    header.customContextMenuRequested.connect(lambda point: menu.popup(header.mapToGlobal(point)))
    return menu


def _fill_columns(menu: QMenu, window: WindowFrame) -> None:
    menu.clear()
    shown = window.table.column_keys
    for column in COLUMNS:
        action = menu.addAction(column.title)
        action.setCheckable(True)
        action.setChecked(column.key in shown)
        action.setToolTip(column.help)
        action.triggered.connect(lambda _checked=False, key=column.key: window.table.toggle_column(key))
