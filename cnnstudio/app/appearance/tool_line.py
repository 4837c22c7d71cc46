"""A line of tools above a view: switches that give way where it is narrow, and a menu that has everything."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSize
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget

from cnnstudio.app.appearance.icons import icon
from cnnstudio.app.appearance.theme import Theme

GAP: Final = 6
DOTS_ALONE: Final = "QToolButton { padding-right: 7px; } QToolButton::menu-indicator { image: none; width: 0; }"
"""Three dots say already that there is a menu."""


def help_button(theme: Theme, tip: str, parent: QWidget) -> QToolButton:
    """The button with a question mark that leads into the manual."""
    button = QToolButton(parent)
    button.setIcon(icon("circle-help", theme, "muted"))
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    button.setAutoRaise(True)
    return button


class ToolLine(QWidget):
    """One line of tools. Where it is narrow the switches go, and remain in the menu."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.switches: list[QWidget] = []
        """The most wanted first: it stays longest."""
        self.line = QHBoxLayout(self)
        self.line.setContentsMargins(GAP, 3, 0, 3)
        self.line.setSpacing(GAP)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, super().minimumSizeHint().height())

    def choices(self, *texts: str) -> tuple[QAction, ...]:
        """Choices, one of which is taken; at first the first."""
        group = QActionGroup(self)
        actions = tuple(QAction(text, group, checkable=True) for text in texts)
        actions[0].setChecked(True)
        return actions

    def switch(self, actions: tuple[QAction, ...]) -> QWidget:
        """Buttons side by side, one for each of the choices."""
        switch = QWidget(self)
        line = QHBoxLayout(switch)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(1)
        for action in actions:
            button = QToolButton(switch)
            button.setDefaultAction(action)
            line.addWidget(button)
        return switch

    def menu_button(self, menu: QMenu, tip: str, name: str, theme: Theme) -> QToolButton:
        """The button with three dots that opens the menu."""
        button = QToolButton(self)
        button.setIcon(icon("ellipsis", theme))
        button.setToolTip(tip)
        button.setAccessibleName(name)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setMenu(menu)
        button.setStyleSheet(DOTS_ALONE)
        return button

    def show_switches(self, room: int) -> None:
        """Shows as many switches as there is room for, in pixels, from the first to the last."""
        for switch in self.switches:
            room -= switch.sizeHint().width() + GAP
            switch.setVisible(room >= 0)
