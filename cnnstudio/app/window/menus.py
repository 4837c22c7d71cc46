"""The menus and the tool bar of a window, made of its actions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from msgspec import Struct
from PySide6.QtCore import QCoreApplication, QSize, Qt
from PySide6.QtGui import QAction, QActionGroup, QResizeEvent
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolBar, QToolButton, QWidget

from cnnstudio.app.appearance.icons import icon
from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.appearance.tips import plain_tip
from cnnstudio.app.window.actions import Actions
from cnnstudio.app.window.frame import WindowFrame
from cnnstudio.core.arithmetic.convention import CONVENTIONS
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
            *("report", "export_diagram", "print", "compare", "", "keep_recovery", "", "close", "quit"),
        ),
    )
    _complete_file_menu(window, actions, file_menu)
    edit = ("undo", "redo", "", "cut", "copy", "copy_table", "paste", "select_all", "", "find")
    edit_menu = _add_menu(window, actions, translate("Menus", "&Edit"), edit)
    edit_menu.aboutToShow.connect(lambda: actions.name_history(window.document.undo_stack))
    _add_disconnect(window, actions, _add_menu(window, actions, translate("Menus", "&Layer"), LAYER))
    view = _add_menu(window, actions, translate("Menus", "&View"), VIEW)
    _follow_repeats(window, actions["show_repeats"])
    for choice in _choices(window):
        choice.fill(view.addMenu(choice.title))
    view.addMenu(_columns_menu(window))
    view.addSeparator()
    for dock in window.docks:
        view.addAction(dock.toggleViewAction())
    view.addAction(actions["reset_layout"])
    _add_menu(window, actions, translate("Menus", "&Help"), ("design_schema", "about"))


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
_BLOCKS = ("group", "ungroup", "repeat")
LAYER = (
    *(
        "add",
        "duplicate",
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
    *("add", "", "cut", "copy", "paste", "duplicate", "delete", "", "rename", "move_up", "move_down", ""),
    *(*_BLOCKS, "", *CONNECT, "", "save_block"),
)
"""The actions that a right click on a layer offers."""
VIEW = (
    "show_table",
    "show_diagram",
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


def _follow_repeats(window: WindowFrame, action: QAction) -> None:
    """Keeps the switch as the views are: what is too long to be listed is not, whatever somebody clicked."""

    def show(*_: object) -> None:
        action.setChecked(window.view_state.shows_repeats)

    window.view_state.repeats_changed.connect(show)
    action.triggered.connect(show)


def _add_menu(window: WindowFrame, actions: Actions, title: str, keys: tuple[str, ...]) -> QMenu:
    menu = window.menuBar().addMenu(title)
    _fill(menu, actions, keys)
    return menu


def context_menu(window: WindowFrame, actions: Actions) -> QMenu:
    """The menu of actions on layers; it is deleted when it closes."""
    menu = QMenu(window)
    _fill(menu, actions, SELECTION)
    _add_disconnect(window, actions, menu)
    menu.aboutToHide.connect(menu.deleteLater)
    return menu


def _add_disconnect(window: WindowFrame, actions: Actions, menu: QMenu) -> None:
    """Puts the inputs that can be taken away below that to which one connects."""
    inputs = QMenu(translate("Menus", "Disconnect from"), menu)
    inputs.setToolTipsVisible(True)
    menu.aboutToShow.connect(lambda: window.connecting.list_inputs(inputs))
    menu.insertMenu(actions["residual"], inputs)


def _fill(menu: QMenu, actions: Actions, keys: tuple[str, ...]) -> None:
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


Options = tuple[tuple[str, str], ...]
"""The keys of a choice and their texts."""


class MenuChoice(Struct, frozen=True):
    """A choice of one among several that stands in several places: what it is now, and how to choose."""

    title: str
    options: Options
    current: Callable[[], str]
    choose: Callable[[str], object]

    def fill(self, menu: QMenu) -> None:
        """Puts the options into a menu; the current one is checked whenever the menu opens."""
        group = QActionGroup(menu)
        for key, text in self.options:
            action = menu.addAction(text)
            action.setCheckable(True)
            action.setData(key)
            action.triggered.connect(partial(self._choose, key))
            group.addAction(action)
        menu.aboutToShow.connect(partial(self._check, group))
        self._check(group)

    def _choose(self, key: str, _is_checked: bool = False) -> None:
        self.choose(key)

    def _check(self, group: QActionGroup) -> None:
        for action in group.actions():
            action.setChecked(action.data() == self.current())


def _choices(window: WindowFrame) -> tuple[MenuChoice, ...]:
    """The choices in the View menu; the first two have a button in the tool bar too."""
    conventions = tuple((key, convention.title) for key, convention in CONVENTIONS.items())
    orders = (
        ("convention", translate("Menus", "As the convention prints it")),
        ("channels_last", "H × W × C"),
        ("channels_first", "C × H × W"),
    )
    themes = (
        ("system", translate("Menus", "As the desktop")),
        ("light", translate("Menus", "Light")),
        ("dark", translate("Menus", "Dark")),
    )
    design, view_state, look = window.document, window.view_state, window.look
    return (
        MenuChoice(
            translate("Menus", "Counting"), conventions, lambda: design.analysis.convention.key, look.set_convention
        ),
        MenuChoice(translate("Menus", "Shapes"), orders, lambda: view_state.shape_order, look.set_shape_order),
        MenuChoice(translate("Menus", "Theme"), themes, lambda: window.theme.mode, look.set_theme_mode),
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


TOOLS = (
    "new",
    "open",
    "save",
    "",
    "undo",
    "redo",
    "",
    "add",
    "delete",
    "group",
    "repeat",
    "connect",
    "",
    "find",
    "",
    "report",
    "compare",
)


KNOWN_ICONS = ("new", "open", "save", "undo", "redo", "delete", "find")
"""Tools whose icons everybody knows: they are the first to do without words."""
_Style = Qt.ToolButtonStyle


class _ToolBar(QToolBar):
    """Shows words beside the icons: all of them, those that icons do not say, or none, so that nothing is cut off."""

    def __init__(self, title: str, theme: Theme, known: Sequence[QAction], parent: QWidget) -> None:
        super().__init__(title, parent)
        self._theme = theme
        self._known = known
        self._window = parent
        self._every = self._some = 0
        """The widths with all words, and with those that icons do not say; 0 where not measured."""
        self.setObjectName("tools")
        self.setIconSize(QSize(16, 16))
        self.setMovable(False)
        self.setToolButtonStyle(_Style.ToolButtonTextBesideIcon)
        theme.changed.connect(self.fit)

    def fit(self) -> None:
        """Measures anew, and shows the words that there is room for."""
        self.setToolButtonStyle(_Style.ToolButtonTextBesideIcon)
        self._rank(QAction.Priority.NormalPriority)
        self._every, self._some = self.sizeHint().width(), 0
        self._choose()

    def _rank(self, priority: QAction.Priority) -> None:
        """Qt writes no words beside the icons of actions of low priority."""
        for action in self._known:
            action.setPriority(priority)

    def _choose(self) -> None:
        # The window's width, which it is given: while that is laid out, the bar is narrow for a moment.
        room = self._window.width()
        has_room = self._every <= room
        self._rank(QAction.Priority.NormalPriority if has_room else QAction.Priority.LowPriority)
        if not has_room and not self._some:
            # Measured where it is wanted, as that lays out all buttons; until then there are words beside them.
            self._some = self.sizeHint().width()
        is_wordless = not has_room and self._some > room
        style = _Style.ToolButtonIconOnly if is_wordless else _Style.ToolButtonTextBesideIcon
        if style != self.toolButtonStyle():
            self.setToolButtonStyle(style)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._every:
            self._choose()
        else:
            self.fit()


def build_tool_bar(window: WindowFrame, actions: Actions) -> None:
    """Fills the tool bar: actions at the left, convention and shape order at the right."""
    bar = _ToolBar(translate("Menus", "Tools"), window.theme, [actions[key] for key in KNOWN_ICONS], window)
    for key in TOOLS:
        if key == "connect":
            _add_connect(window, actions, bar)
        elif key:
            bar.addAction(actions[key])
        else:
            bar.addSeparator()
    spacer = QWidget()
    spacer.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    bar.addWidget(spacer)
    counting, shapes, _ = _choices(window)
    bar.addWidget(_convention_button(window, counting))
    bar.addWidget(_order_button(window, shapes))
    window.addToolBar(bar)


def _add_connect(window: WindowFrame, actions: Actions, bar: QToolBar) -> None:
    """The commands that make branches, behind one button."""
    tip = translate("Menus", "Make branches: around the selected layers, beside them, or from an earlier layer")
    menu = QMenu(bar)
    _fill(menu, actions, CONNECT)
    action = QAction(icon("workflow", window.theme), translate("Menus", "Connect"), bar)
    action.setToolTip(tip)
    action.setMenu(menu)
    bar.addAction(action)
    button = bar.widgetForAction(action)
    if isinstance(button, QToolButton):
        button.setObjectName("connect")
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setAccessibleName(action.text())
        button.setAccessibleDescription(tip)


def _choice_button(window: WindowFrame, name: str, tip: str, choice: MenuChoice) -> QToolButton:
    """A button that opens the menu of the options."""
    button = QToolButton(window)
    button.setObjectName(name)
    button.setToolTip(tip)
    button.setAccessibleName(choice.title)
    button.setAccessibleDescription(tip)
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
    menu = QMenu(button)
    choice.fill(menu)
    button.setMenu(menu)
    return button


def _convention_button(window: WindowFrame, choice: MenuChoice) -> QToolButton:
    tip = translate("Menus", "The framework whose way of counting is used: PyTorch, Keras or Caffe")
    button = _choice_button(window, "convention", tip, choice)

    def show(*_: object) -> None:
        button.setText(translate("Menus", "Counting: {name}").format(name=window.document.analysis.convention.title))

    window.document.changed.connect(show)
    show()
    return button


def _order_button(window: WindowFrame, choice: MenuChoice) -> QToolButton:
    tip = translate("Menus", "Order of the sizes of a shape")
    button = _choice_button(window, "shape_order", tip, choice)
    # A click switches between two orders, which edits nothing; the arrow beside it also offers the convention's.
    button.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
    button.clicked.connect(window.look.toggle_shape_order)

    def show(*_: object) -> None:
        button.setText("H × W × C" if window.view_state.is_channels_last else "C × H × W")

    window.view_state.shape_order_changed.connect(show)
    window.document.changed.connect(show)
    show()
    return button
