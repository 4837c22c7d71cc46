"""The choices of the View menu and the tool bar: counting, order of shapes, theme."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from msgspec import Struct
from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu

from cnnstudio.app.window.frame import WindowFrame
from cnnstudio.core.arithmetic.convention import CONVENTIONS

translate = QCoreApplication.translate


Options = tuple[tuple[str, str], ...]
"""The keys of a choice and their texts."""


class MenuChoice(Struct, frozen=True):
    """A choice of one among several that stands in several places: what it is now, and how to choose.

    One that is locked shows what it is, and nothing else can be chosen.
    """

    title: str
    options: Options
    current: Callable[[], str]
    choose: Callable[[str], object]
    is_locked: bool = False

    def fill(self, menu: QMenu) -> None:
        """Puts the options into a menu; the current one is checked whenever the menu opens."""
        group = QActionGroup(menu)
        for key, text in self.options:
            action = menu.addAction(text)
            action.setCheckable(True)
            action.setData(key)
            action.setEnabled(not self.is_locked)
            action.triggered.connect(partial(self._choose, key))
            group.addAction(action)
        menu.aboutToShow.connect(partial(self._check, group))
        self._check(group)

    def _choose(self, key: str, _is_checked: bool = False) -> None:
        self.choose(key)

    def _check(self, group: QActionGroup) -> None:
        for action in group.actions():
            action.setChecked(action.data() == self.current())


def menu_choices(window: WindowFrame) -> tuple[MenuChoice, ...]:
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
    is_locked = window.settings.is_locked
    return (
        MenuChoice(
            translate("Menus", "Counting"),
            conventions,
            lambda: design.analysis.convention.key,
            look.set_convention,
            is_locked("design/convention"),
        ),
        MenuChoice(
            translate("Menus", "Shapes"),
            orders,
            lambda: view_state.shape_order,
            look.set_shape_order,
            is_locked("view/shape_order"),
        ),
        MenuChoice(
            translate("Menus", "Theme"),
            themes,
            lambda: window.theme.mode,
            look.set_theme_mode,
            is_locked("view/theme"),
        ),
    )
