"""The tool bar of a window, made of its actions."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QSize, Qt
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolBar, QToolButton, QWidget

from cnnstudio.app.appearance.icons import icon
from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.window.actions import Actions
from cnnstudio.app.window.choices import MenuChoice, menu_choices
from cnnstudio.app.window.frame import WindowFrame
from cnnstudio.app.window.menus import CONNECT, fill

translate = QCoreApplication.translate

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
ICON = 16
"""The side of an icon at text size 1, in pixels."""


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
        self.setMovable(False)
        self.setIconSize(QSize(round(ICON * theme.text_scale), round(ICON * theme.text_scale)))
        self.setToolButtonStyle(_Style.ToolButtonTextBesideIcon)
        theme.changed.connect(self.fit)

    def fit(self) -> None:
        """Measures anew, and shows the words that there is room for."""
        side = round(ICON * self._theme.text_scale)
        self.setIconSize(QSize(side, side))
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
    counting, shapes, _ = menu_choices(window)
    bar.addWidget(_convention_button(window, counting))
    bar.addWidget(_order_button(window, shapes))
    window.addToolBar(bar)


def _add_connect(window: WindowFrame, actions: Actions, bar: QToolBar) -> None:
    """The commands that make branches, behind one button."""
    tip = translate("Menus", "Make branches: around the selected layers, beside them, or from an earlier layer")
    menu = QMenu(bar)
    fill(menu, actions, CONNECT)
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
