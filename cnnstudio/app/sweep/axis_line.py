"""One line of the form of a sweep: a layer or several, a field, and its values."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QToolButton, QWidget

from cnnstudio.app.appearance.icons import icon
from cnnstudio.app.appearance.theme import Theme
from cnnstudio.core.network.design import Block, Design, path_text, walk
from cnnstudio.core.sweeps.axis import TYPE, fields_named

EXAMPLE: Final = "32, 64  ·  *0.5, *1, *2  ·  64:512:32"


class AxisLine(QWidget):
    """The layers, the field and the values that `LAYER.FIELD=VALUES` names on the command line."""

    changed = Signal()
    removal_requested = Signal()

    def __init__(self, theme: Theme, design: Design, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._design = design
        self.layer, self.field, self.values = QComboBox(), QComboBox(), QLineEdit()
        self.remove = QToolButton()
        self.remove.setIcon(icon("x", theme))
        self.remove.setAutoRaise(True)
        self.remove.setToolTip(self.tr("Vary it no more"))
        for box, name in ((self.layer, self.tr("Layer or pattern")), (self.field, self.tr("Field"))):
            box.setEditable(True)
            box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
            box.setAccessibleName(name)
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.layer.setMinimumContentsLength(12)
        self.field.setMinimumContentsLength(8)
        self.layer.setToolTip(self.tr("A name or a path; * stands for any signs, as in stage*/conv1"))
        self.values.setPlaceholderText(EXAMPLE)
        self.values.setAccessibleName(self.tr("Values"))
        self.values.setToolTip(self.tr("Values with commas between; *0.5 changes what is there; 64:512:32 is a range"))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for widget, stretch in ((self.layer, 3), (self.field, 2), (self.values, 4), (self.remove, 0)):
            layout.addWidget(widget, stretch)
        self.layer.addItems(_places(design))
        self.layer.currentTextChanged.connect(self._on_layer)
        self.field.currentTextChanged.connect(lambda _text: self.changed.emit())
        self.values.textChanged.connect(lambda _text: self.changed.emit())
        self.remove.clicked.connect(self.removal_requested)
        self._on_layer()

    @property
    def text(self) -> str:
        """The variation as it is written on the command line."""
        return f"{self.layer.currentText().strip()}.{self.field.currentText().strip()}={self.values.text().strip()}"

    def show_axis(self, layer: str, field: str, values: str) -> None:
        """Shows what is varied."""
        self.layer.setCurrentText(layer)
        self.field.setCurrentText(field)
        self.values.setText(values)

    def _on_layer(self) -> None:
        """Offers the fields of what is named now; the one that was chosen stays."""
        chosen = self.field.currentText()
        fields = fields_named(self._design, self.layer.currentText().strip())
        self.field.blockSignals(True)
        self.field.clear()
        self.field.addItems([*fields, TYPE] if fields else [])
        if chosen in fields or not fields:
            self.field.setCurrentText(chosen)
        self.field.blockSignals(False)
        self.changed.emit()


def _places(design: Design) -> list[str]:
    """The paths of all items, and of the blocks in one list their pattern."""
    items = list(walk(design.layers))
    blocks = [path[0] for path, item in items if len(path) == 1 and isinstance(item, Block)]
    stems = dict.fromkeys(name.rstrip("0123456789") for name in blocks)
    patterns = [f"{stem}*" for stem in stems if stem and sum(name.startswith(stem) for name in blocks) > 1]
    return [*patterns, *(path_text(path) for path, _ in items)]
