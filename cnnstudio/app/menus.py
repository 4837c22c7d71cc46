"""The menus and the tool bar of a window, made of its actions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QSize, Qt
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolBar, QToolButton, QWidget

from cnnstudio.app.actions import Actions
from cnnstudio.core.columns import COLUMNS
from cnnstudio.core.convention import CONVENTIONS

if TYPE_CHECKING:
    from cnnstudio.app.main_window import MainWindow


def _tr(text: str) -> str:
    return QCoreApplication.translate("Menus", text)


def build_menus(window: MainWindow, actions: Actions) -> None:
    """Fills the menu bar."""
    _add_menu(window, actions, _tr("&File"), ("new", "new_from", "open", "", "save", "save_as", "", "close", "quit"))
    edit = ("undo", "redo", "", "cut", "copy", "copy_table", "paste", "select_all", "", "find")
    _add_menu(window, actions, _tr("&Edit"), edit)
    layer = ("add", "duplicate", "delete", "rename", "", "move_up", "move_down", "", "fold_all", "unfold_all")
    _add_menu(window, actions, _tr("&Layer"), layer)
    view = _add_menu(window, actions, _tr("&View"), ("full_screen", "text_larger", "text_smaller", "text_normal", ""))
    view.addMenu(_theme_menu(window))
    view.addMenu(_columns_menu(window))
    view.addSeparator()
    for dock in window.docks.values():
        view.addAction(dock.toggleViewAction())
    view.addAction(actions["reset_layout"])
    _add_menu(window, actions, _tr("&Help"), ("design_schema", "about"))
    recent = QMenu(_tr("Open recent"), window)
    recent.aboutToShow.connect(lambda: _fill_recent(recent, window))
    file_menu = window.menuBar().actions()[0].menu()
    if isinstance(file_menu, QMenu):
        file_menu.insertMenu(file_menu.actions()[3], recent)


def _add_menu(window: MainWindow, actions: Actions, title: str, keys: tuple[str, ...]) -> QMenu:
    menu = window.menuBar().addMenu(title)
    for key in keys:
        if key:
            menu.addAction(actions[key])
        else:
            menu.addSeparator()
    return menu


def _fill_recent(menu: QMenu, window: MainWindow) -> None:
    menu.clear()
    for path in window.settings.recent:
        action = menu.addAction(f"{path.name}  —  {path.parent}")
        action.triggered.connect(lambda _checked=False, path=path: window.open_wanted.emit(path))
    if menu.isEmpty():
        menu.addAction(_tr("None yet")).setEnabled(False)
        return
    menu.addSeparator()
    menu.addAction(_tr("Clear list")).triggered.connect(lambda _checked=False: window.settings.clear_recent())


def _choice(
    menu: QMenu, options: tuple[tuple[str, str], ...], current: str, choose: Callable[[str], object]
) -> QActionGroup:
    """Actions of which one is checked."""
    group = QActionGroup(menu)
    for key, text in options:
        action = menu.addAction(text)
        action.setCheckable(True)
        action.setData(key)
        action.setChecked(key == current)
        action.triggered.connect(lambda _checked=False, key=key: choose(key))
        group.addAction(action)
    return group


def _theme_menu(window: MainWindow) -> QMenu:
    menu = QMenu(_tr("Theme"), window)
    options = (("system", _tr("As the desktop")), ("light", _tr("Light")), ("dark", _tr("Dark")))
    _choice(menu, options, window.settings.theme_mode, window.set_theme_mode)
    return menu


def _columns_menu(window: MainWindow) -> QMenu:
    menu = QMenu(_tr("Columns"), window)
    menu.aboutToShow.connect(lambda: _fill_columns(menu, window))
    header = window.table.grid.horizontalHeader()
    header.customContextMenuRequested.connect(lambda point: menu.popup(header.mapToGlobal(point)))
    return menu


def _fill_columns(menu: QMenu, window: MainWindow) -> None:
    menu.clear()
    shown = window.table.column_keys
    for column in COLUMNS:
        action = menu.addAction(column.title)
        action.setCheckable(True)
        action.setChecked(column.key in shown)
        action.setToolTip(column.help)
        action.triggered.connect(lambda _checked=False, key=column.key: window.table.toggle_column(key))


TOOLS = (
    "new",
    "open",
    "save",
    "",
    "undo",
    "redo",
    "",
    "add",
    "duplicate",
    "delete",
    "move_up",
    "move_down",
    "",
    "find",
)


def build_tool_bar(window: MainWindow, actions: Actions) -> None:
    """Fills the tool bar: actions at the left, convention and shape order at the right."""
    bar = QToolBar(_tr("Tools"), window)
    bar.setObjectName("tools")
    bar.setIconSize(QSize(16, 16))
    bar.setMovable(False)
    bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    for key in TOOLS:
        if key:
            bar.addAction(actions[key])
        else:
            bar.addSeparator()
    spacer = QWidget()
    spacer.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    bar.addWidget(spacer)
    bar.addWidget(_convention_button(window))
    bar.addWidget(_order_button(window))
    window.addToolBar(bar)


def _menu_button(window: MainWindow, name: str, tip: str) -> tuple[QToolButton, QMenu]:
    button = QToolButton(window)
    button.setObjectName(name)
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
    menu = QMenu(button)
    button.setMenu(menu)
    return button, menu


def _convention_button(window: MainWindow) -> QToolButton:
    button, menu = _menu_button(window, "convention", _tr("Whose way of counting: PyTorch, Keras or Caffe"))
    options = tuple((key, convention.title) for key, convention in CONVENTIONS.items())
    group = _choice(menu, options, window.document.design.convention, window.set_convention)

    def show(*_: object) -> None:
        current = window.document.analysis.convention
        button.setText(_tr("Counting: {name}").format(name=current.title))
        _check(group.actions(), current.key)

    window.document.changed.connect(show)
    show()
    return button


def _order_button(window: MainWindow) -> QToolButton:
    button, menu = _menu_button(window, "shape_order", _tr("Order of the sizes of a shape"))
    options = (
        ("convention", _tr("As the convention prints it")),
        ("channels_last", "H × W × C"),
        ("channels_first", "C × H × W"),
    )
    group = _choice(menu, options, window.settings.shape_order, window.set_shape_order)

    def show(*_: object) -> None:
        button.setText("H × W × C" if window.view_state.is_channels_last else "C × H × W")
        _check(group.actions(), window.settings.shape_order)

    window.view_state.shape_order_changed.connect(show)
    window.document.changed.connect(show)
    show()
    return button


def _check(actions: list[QAction], key: str) -> None:
    for action in actions:
        action.setChecked(action.data() == key)
