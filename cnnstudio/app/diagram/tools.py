"""The choices about the diagram: style, direction, zoom, and its menu."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from cnnstudio.app.appearance.icons import icon
from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.appearance.tool_line import GAP, ToolLine
from cnnstudio.drawings.diagram import USUAL_DIRECTION, Style
from cnnstudio.drawings.diagram.boxes.placement import Direction


class DiagramTools(ToolLine):
    """The tools of the diagram."""

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
        super().__init__("diagram_tools", parent)
        self.boxes, self.volumes = self.choices(self.tr("Boxes"), self.tr("Volumes"))
        self.boxes.setToolTip(self.tr("Layers as boxes, blocks as frames that fold"))
        self.volumes.setToolTip(self.tr("Feature maps drawn to size, for papers"))
        self.down, self.right = self.choices(self.tr("Down"), self.tr("Right"))
        self.down.setToolTip(self.tr("From the top down"))
        self.right.setToolTip(self.tr("From left to right"))
        self._ways: dict[Style, Direction] = dict(USUAL_DIRECTION)
        for action in (self.boxes, self.volumes):
            action.triggered.connect(self._on_style)
        for action in (self.down, self.right):
            action.triggered.connect(self._on_direction)
        self.line.addStretch(1)
        self.switches = [self.switch(pair) for pair in ((self.boxes, self.volumes), (self.down, self.right))]
        self._buttons = [*self._zoom_buttons(theme), self._menu(theme)]
        for widget in (*self.switches, *self._buttons):
            self.line.addWidget(widget)

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
        taken = sum(button.sizeHint().width() + GAP for button in self._buttons)
        self.show_switches(event.size().width() - taken - GAP)

    def _on_style(self) -> None:
        self.choose(self.style_key)

    def _on_direction(self) -> None:
        self.choose(self.style_key, "down" if self.down.isChecked() else "right")

    def _show_direction(self) -> None:
        (self.down if self.direction == "down" else self.right).setChecked(True)
        for action in (self.edit_label, self.drop_labels):
            action.setEnabled(self.style_key == "volumes")

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
        return self.menu_button(menu, self.tr("More about the diagram"), self.tr("Diagram menu"), theme)
