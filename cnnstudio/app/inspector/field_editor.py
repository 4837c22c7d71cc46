"""The base of every field editor: shows one field, submits what is entered, and says why it is refused."""

from __future__ import annotations

from typing import Any, Protocol

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from cnnstudio.app.appearance.labels import tinted
from cnnstudio.app.appearance.theme import Theme
from cnnstudio.authoring.selection import DIFFERENT
from cnnstudio.core.network.fields import Field


class FieldTarget(Protocol):
    """The target of the editors.

    `submit` does an edit, `work_out` one that changes what is there, and `check` only tries one; all return the reason
    for a refusal, or nothing.
    """

    def submit(self, field: Field, value: Any) -> str: ...
    def work_out(self, field: Field, text: str) -> str: ...
    def check(self, field: Field, value: Any) -> str: ...
    def undo(self) -> None: ...
    def redo(self) -> None: ...


class FieldEditor(QWidget):
    """Shows one field and edits it. What is typed stays as it is typed, also while the design changes elsewhere."""

    def __init__(self, field: Field, target: FieldTarget, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = field
        self._target = target
        self._theme = theme
        self._value: Any = DIFFERENT
        self._refusal = ""
        self._sentence: QLabel | None = None
        self.control: QWidget = self
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(3)

    def _set_control(self, control: QWidget) -> None:
        self.control = control
        control.setAccessibleName(self.field.title)
        control.setAccessibleDescription(self.field.help)
        control.setToolTip(self.field.help)
        control.setSizePolicy(QSizePolicy.Policy.Ignored, control.sizePolicy().verticalPolicy())
        self.setFocusProxy(control)
        self._column.addWidget(control)

    @property
    def refusal(self) -> str:
        """The reason why the value in the editor is refused; empty if it is not."""
        return self._refusal

    def follow(self, value: Any, *, anew: bool = False) -> None:
        """Shows the value of the design; `anew`, that of another layer, whatever was typed before."""
        if anew or value != self._value:
            self._value = value
            self._show(anew=anew)
            self.refuse("")

    def _show(self, *, anew: bool) -> None:
        """Puts the value into the control."""
        raise NotImplementedError

    def restore(self) -> None:
        """Goes back to the value of the design."""
        self._show(anew=True)
        self.refuse("")

    def _offer(self, value: Any) -> None:
        """Sets the field, unless it has the value already."""
        self.refuse("" if value == self._value else self._target.submit(self.field, value))

    def refuse(self, sentence: str) -> None:
        """Says why the value is refused, or that it no longer is."""
        if sentence == self._refusal:
            return
        self._refusal = sentence
        if self._sentence is None:
            self._sentence = QLabel(self)
            self._sentence.setTextFormat(Qt.TextFormat.PlainText)
            self._sentence.setWordWrap(True)
            self._sentence.setObjectName("refusal")
            self._column.addWidget(self._sentence)
        self._sentence.setText(sentence)
        self._sentence.setVisible(bool(sentence))
        self.control.setAccessibleDescription(sentence or self.field.help)
        self.apply_theme()

    def apply_theme(self) -> None:
        """Applies the colours of the theme."""
        sheet = self._sheet()
        if sheet != self.control.styleSheet():
            self.control.setStyleSheet(sheet)
        if self._sentence is not None:
            tinted(self._sentence, self._theme.tokens.danger)
            self._sentence.setFont(self._theme.text_font(0.92))

    def _sheet(self) -> str:
        """The control's own style sheet, on top of that of the program."""
        danger = self._theme.tokens.danger
        return f"QLineEdit, QComboBox {{ border-color: {danger}; }}" if self._refusal else ""
