"""The editors of fields that are chosen, and which editor is for which kind of field."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QWidget

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.inspector.field_controls import ChoiceBox
from cnnstudio.app.inspector.field_editor import FieldEditor, FieldTarget
from cnnstudio.app.inspector.typed_editors import (
    IntegerEditor,
    LineEditor,
    LinesEditor,
    NumberEditor,
    PaddingEditor,
    SizesEditor,
)
from cnnstudio.authoring.selection import DIFFERENT
from cnnstudio.core.arithmetic.convention import CONVENTIONS
from cnnstudio.core.network.fields import Field


class ChoiceEditor(FieldEditor):
    """One of several words, or none."""

    def __init__(self, field: Field, target: FieldTarget, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(field, target, theme, parent)
        self.box = ChoiceBox(self)
        self.box.setMaxVisibleItems(24)
        self._choices: tuple[str | None, ...] = (*((None,) if field.optional else ()), *field.choices)
        for word in self._choices:
            self.box.addItem(self.tr("none") if word is None else _shown_choice(field, word))
        self.box.activated.connect(lambda index: self._offer(self._choices[index]))
        self.box.restored.connect(self.restore)
        self._set_control(self.box)

    def _show(self, *, anew: bool) -> None:
        is_known = self._value in self._choices
        self.box.setPlaceholderText("" if is_known else self.tr("(different)"))
        self.box.setCurrentIndex(self._choices.index(self._value) if is_known else -1)

    def _sheet(self) -> str:
        # The text of a list to choose from begins where that of a line does.
        inset = round(7 * self._theme.text_scale) + 2
        return f"QComboBox {{ padding-left: {inset}px; }}{super()._sheet()}"


def _shown_choice(field: Field, word: str) -> str:
    return CONVENTIONS[word].title if field.name == "convention" else word


class SwitchEditor(FieldEditor):
    """On or off."""

    def __init__(self, field: Field, target: FieldTarget, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(field, target, theme, parent)
        self.box = QCheckBox(self)
        self.box.clicked.connect(self._on_clicked)
        self._set_control(self.box)

    def _on_clicked(self, checked: bool) -> None:
        self._offer(True if self._value is DIFFERENT else checked)

    def _show(self, *, anew: bool) -> None:
        states = {True: Qt.CheckState.Checked, False: Qt.CheckState.Unchecked}
        self.box.setTristate(self._value is DIFFERENT)
        self.box.setCheckState(states.get(self._value, Qt.CheckState.PartiallyChecked))


EDITORS: Final[dict[str, type[FieldEditor]]] = {
    "text": LineEditor,
    "integer": IntegerEditor,
    "number": NumberEditor,
    "sizes": SizesEditor,
    "padding": PaddingEditor,
    "choice": ChoiceEditor,
    "switch": SwitchEditor,
    "table": LinesEditor,
    "words": LineEditor,
    "names": LineEditor,
}
"""The editor for each kind of field; the form makes those of names, notes and inputs itself."""
