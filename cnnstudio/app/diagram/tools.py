"""The choices about the diagram: style, direction, zoom, and its menu."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QAction, QActionGroup, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget

from cnnstudio.app.appearance.icons import icon
from cnnstudio.app.appearance.theme import Theme
from cnnstudio.drawings.diagram import USUAL_DIRECTION, Style
from cnnstudio.drawings.diagram.boxes.placement import Direction

GAP: Final = 6
DOTS_ALONE: Final = "QToolButton { padding-right: 7px; } QToolButton::menu-indicator { image: none; width: 0; }"
"""Three dots say already that there is a menu."""


class DiagramTools(QWidget):
    """One line of tools. Where it is narrow the switches go, and remain in the menu."""

    changed = Signal()
    """Another style or direction was chosen."""
    fit_requested = Signal()
    zoom_requested = Signal(float)
    """The magnification that is wanted."""
    overview_requested = Signal(bool)
    label_requested = Signal()
    labels_dropped = Signal()
    save_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("diagram_tools")
        self.boxes, self.volumes = self._pair(self.tr("Boxes"), self.tr("Volumes"))
        self.boxes.setToolTip(self.tr("Layers as boxes, blocks as frames that fold"))
        self.volumes.setToolTip(self.tr("Feature maps drawn to size, for papers"))
        self.down, self.right = self._pair(self.tr("Down"), self.tr("Right"))
        self.down.setToolTip(self.tr("From the top down"))
        self.right.setToolTip(self.tr("From left to right"))
        self._ways: dict[Style, Direction] = dict(USUAL_DIRECTION)
        for action in (self.boxes, self.volumes):
            action.triggered.connect(self._on_style)
        for action in (self.down, self.right):
            action.triggered.connect(self._on_direction)
        line = QHBoxLayout(self)
        line.setContentsMargins(GAP, 3, 0, 3)
        line.setSpacing(GAP)
        line.addStretch(1)
        self.switches = [self._switch(pair) for pair in ((self.boxes, self.volumes), (self.down, self.right))]
        self._buttons = [*self._zoom_buttons(theme), self._menu(theme)]
        for widget in (*self.switches, *self._buttons):
            line.addWidget(widget)

    @property
    def style_key(self) -> Style:
        """The chosen style."""
        return "volumes" if self.volumes.isChecked() else "boxes"

    @property
    def direction(self) -> Direction:
        """The chosen direction of that style."""
        return self._ways[self.style_key]

    def choose(self, style: Style, direction: Direction | None = None) -> None:
        """Chooses a style, and its direction if one is given."""
        (self.volumes if style == "volumes" else self.boxes).setChecked(True)
        if direction is not None:
            self._ways[style] = direction
        self._show_direction()
        self.changed.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        room = event.size().width() - sum(button.sizeHint().width() + GAP for button in self._buttons) - GAP
        for switch in self.switches:
            room -= switch.sizeHint().width() + GAP
            switch.setVisible(room >= 0)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, super().minimumSizeHint().height())

    def _on_style(self) -> None:
        self.choose(self.style_key)

    def _on_direction(self) -> None:
        self.choose(self.style_key, "down" if self.down.isChecked() else "right")

    def _show_direction(self) -> None:
        (self.down if self.direction == "down" else self.right).setChecked(True)
        for action in (self.edit_label, self.drop_labels):
            action.setEnabled(self.style_key == "volumes")

    def _pair(self, first: str, second: str) -> tuple[QAction, QAction]:
        """Two choices, one of which is taken."""
        group = QActionGroup(self)
        actions = (QAction(first, group, checkable=True), QAction(second, group, checkable=True))
        actions[0].setChecked(True)
        return actions

    def _switch(self, actions: tuple[QAction, ...]) -> QWidget:
        switch = QWidget(self)
        line = QHBoxLayout(switch)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(1)
        for action in actions:
            button = QToolButton(switch)
            button.setDefaultAction(action)
            line.addWidget(button)
        return switch

    def _zoom_buttons(self, theme: Theme) -> list[QToolButton]:
        """Fit, and the own size."""
        fit, own = QToolButton(self), QToolButton(self)
        fit.setIcon(icon("maximize", theme))
        fit.setToolTip(self.tr("Show all of it (Ctrl+9, or 9 in the diagram)"))
        fit.setAccessibleName(self.tr("Fit"))
        fit.clicked.connect(lambda: self.fit_requested.emit())
        own.setIcon(icon("zoom-in", theme))
        own.setToolTip(self.tr("100 % (0 in the diagram; + and −, or Ctrl and the wheel)"))
        own.setAccessibleName(self.tr("Own size"))
        own.clicked.connect(lambda: self.zoom_requested.emit(1.0))
        return [fit, own]

    def _menu(self, theme: Theme) -> QToolButton:
        menu = self.menu = QMenu(self)
        for actions in ((self.boxes, self.volumes), (self.down, self.right)):
            menu.addActions(list(actions))
            menu.addSeparator()
        self.overview = QAction(self.tr("Overview"), self, checkable=True)
        self.overview.setChecked(True)
        self.overview.toggled.connect(self.overview_requested)
        menu.addAction(self.overview)
        menu.addSeparator()
        self.edit_label = menu.addAction(icon("pencil", theme), self.tr("Edit label…"))
        self.edit_label.triggered.connect(lambda: self.label_requested.emit())
        self.drop_labels = menu.addAction(self.tr("Original labels"))
        self.drop_labels.triggered.connect(lambda: self.labels_dropped.emit())
        menu.addSeparator()
        self.legend = QAction(self.tr("Export with a legend"), self, checkable=True)
        self.legend.setChecked(True)
        menu.addAction(self.legend)
        self.save_diagram = menu.addAction(icon("image", theme), self.tr("Export diagram…"))
        self.save_diagram.triggered.connect(lambda: self.save_requested.emit())
        for action in (self.edit_label, self.drop_labels):
            action.setEnabled(False)
        button = QToolButton(self)
        button.setIcon(icon("ellipsis", theme))
        button.setToolTip(self.tr("More about the diagram"))
        button.setAccessibleName(self.tr("Diagram menu"))
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setMenu(menu)
        button.setStyleSheet(DOTS_ALONE)
        return button
