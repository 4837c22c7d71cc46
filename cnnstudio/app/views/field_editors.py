"""One editor for each kind of field: its control, and below it the sentence that says why a value is refused."""

from __future__ import annotations

from typing import Any, Final, Protocol

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QCheckBox, QLabel, QSizePolicy, QVBoxLayout, QWidget

from cnnstudio.app.theme import Theme
from cnnstudio.app.views.field_controls import ChoiceBox, FieldLine, FieldText, PowerLinks
from cnnstudio.app.views.labels import tinted
from cnnstudio.core.convention import CONVENTIONS
from cnnstudio.core.field_text import field_text, parse_field
from cnnstudio.core.layer import Field
from cnnstudio.core.stepping import doubled, nearby_powers, stepped, stepped_at, stepped_fraction
from cnnstudio.core.subject import DIFFERENT

COUNTS: Final = ("filters", "units", "channels", "groups", "depth_multiplier")
"""Fields that are often a power of two."""
USUAL_PADDINGS: Final = ("1", "2", "3")


class Target(Protocol):
    """What the editors edit. `submit` does an edit and `check` only tries it; both return why not, or nothing."""

    def submit(self, field: Field, value: Any) -> str: ...
    def check(self, field: Field, value: Any) -> str: ...
    def undo(self) -> None: ...
    def redo(self) -> None: ...


class FieldEditor(QWidget):
    """Shows one field and edits it. What is typed stays as it is typed, also while the design changes elsewhere."""

    def __init__(self, field: Field, target: Target, theme: Theme, parent: QWidget | None = None) -> None:
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
        """Why the value in the editor is refused; empty if it is not."""
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
            self._sentence.setWordWrap(True)
            self._sentence.setObjectName("refusal")
            self._column.addWidget(self._sentence)
        self._sentence.setText(sentence)
        self._sentence.setVisible(bool(sentence))
        self.control.setAccessibleDescription(sentence or self.field.help)
        self.dress()

    def dress(self) -> None:
        """Wears the colours of the theme."""
        sheet = self._sheet()
        if sheet != self.control.styleSheet():
            self.control.setStyleSheet(sheet)
        if self._sentence is not None:
            tinted(self._sentence, self._theme.tokens.danger)
            self._sentence.setFont(self._theme.text_font(0.92))

    def _sheet(self) -> str:
        """What the control wears besides the style sheet of the program."""
        danger = self._theme.tokens.danger
        return f"QLineEdit, QComboBox {{ border-color: {danger}; }}" if self._refusal else ""


class TypedEditor(FieldEditor):
    """A field that is typed. Each text that means a value is set at once, so that the numbers follow the fingers."""

    is_live = True

    def _text(self) -> str:
        raise NotImplementedError

    def _set_text(self, text: str) -> None:
        raise NotImplementedError

    def _set_placeholder(self, text: str) -> None:
        raise NotImplementedError

    def _connect(self, control: FieldLine | FieldText) -> None:
        control.restored.connect(self.restore)
        control.undone.connect(lambda: self.restore() if self.is_half_typed else self._target.undo())
        control.redone.connect(self._target.redo)
        control.left.connect(self._on_left)

    @property
    def is_half_typed(self) -> bool:
        """Whether the text is not what the design says."""
        return bool(self._refusal) or (not self.is_live and self._text() != self._written())

    def _written(self) -> str:
        return "" if self._value is DIFFERENT else field_text(self.field, self._value)

    def _show(self, *, anew: bool) -> None:
        if anew or not self._means_value():
            self._set_text(self._written())
        self._set_placeholder(self._placeholder())

    def _placeholder(self) -> str:
        if self._value is DIFFERENT:
            return self.tr("(different)")
        return self.tr("none") if self.field.optional or self._value == () else ""

    def _means_value(self) -> bool:
        """Whether the text means the value that the design has now: it was typed here, and may stay as it is."""
        try:
            return bool(parse_field(self.field, self._text()) == self._value)
        except ValueError:
            return False

    def _on_edited(self) -> None:
        try:
            value = parse_field(self.field, self._text())
        except ValueError as error:
            self.refuse(str(error))
            return
        if self.is_live:
            self._offer(value)
        else:
            self.refuse("" if value == self._value else self._target.check(self.field, value))

    def _on_finished(self) -> None:
        """Sets a value that is not set while it is typed."""
        if self.is_live or not self.is_half_typed:
            return
        try:
            value = parse_field(self.field, self._text())
        except ValueError as error:
            self.refuse(str(error))
        else:
            self._offer(value)

    def _on_left(self) -> None:
        self._on_finished()
        if not self._refusal and self._value is not DIFFERENT and self._text() != self._written():
            self._set_text(self._written())


class LineEditor(TypedEditor):
    """A field of one line."""

    def __init__(self, field: Field, target: Target, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(field, target, theme, parent)
        self.line = FieldLine(self)
        self._connect(self.line)
        self.line.textEdited.connect(self._on_edited)
        self.line.editingFinished.connect(self._on_finished)
        self.line.stepped.connect(self._on_stepped)
        self.line.scaled.connect(self._on_scaled)
        self._set_control(self.line)

    def _text(self) -> str:
        return self.line.text()

    def _set_text(self, text: str) -> None:
        if text != self.line.text():
            cursor = self.line.cursorPosition() if self.line.hasFocus() else 0
            self.line.setText(text)
            self.line.setCursorPosition(min(cursor, len(text)))

    def _set_placeholder(self, text: str) -> None:
        if text != self.line.placeholderText():
            self.line.setPlaceholderText(text)

    def _type(self, text: str) -> None:
        """Another text, as if it was typed."""
        cursor = self.line.cursorPosition()
        self.line.setText(text)
        self.line.setCursorPosition(min(cursor, len(text)))
        self._on_edited()

    def _on_stepped(self, step: int) -> None:
        """Nothing to count here."""

    def _on_scaled(self, halve: bool) -> None:
        """Nothing to count here."""


class NameEditor(LineEditor):
    """A name, set when it is finished: others take the layer by it."""

    is_live = False


class IntegerEditor(LineEditor):
    """A whole number: arrows count, with Ctrl they double and halve; counts offer the powers of two near them."""

    def __init__(self, field: Field, target: Target, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(field, target, theme, parent)
        self.line.has_steps = True
        self.links: PowerLinks | None = None
        if field.name in COUNTS:
            self.links = PowerLinks(theme, self.line)
            self.links.chosen.connect(lambda number: self._type(str(number)))
            self.line.set_tail(self.links)

    def _show(self, *, anew: bool) -> None:
        super()._show(anew=anew)
        if self.links is not None:
            value = self._value if isinstance(self._value, int) else None
            low, high = int(self.field.minimum or 1), int(self.field.maximum or value or 1)
            self.links.show_numbers(nearby_powers(value or 0, low, high), value)

    def _on_stepped(self, step: int) -> None:
        if isinstance(self._value, int):
            self._type(str(stepped(self.field, self._value, step)))

    def _on_scaled(self, halve: bool) -> None:
        if isinstance(self._value, int):
            self._type(str(doubled(self.field, self._value, halve=halve)))


class NumberEditor(LineEditor):
    """A number with decimals: arrows change the last one."""

    def __init__(self, field: Field, target: Target, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(field, target, theme, parent)
        self.line.has_steps = True

    def _on_stepped(self, step: int) -> None:
        if isinstance(self._value, float):
            self._type(stepped_fraction(field_text(self.field, self._value), step))


class SizesEditor(LineEditor):
    """Sizes, one for all axes or one for each: arrows count in the number at the cursor."""

    def __init__(self, field: Field, target: Target, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(field, target, theme, parent)
        self.line.has_steps = True

    def _on_stepped(self, step: int) -> None:
        text = stepped_at(self._text(), self.line.cursorPosition(), step, int(self.field.minimum or 0))
        if text is not None:
            self._type(text)


class PaddingEditor(SizesEditor):
    """`valid`, `same`, or numbers, typed or chosen."""

    def __init__(self, field: Field, target: Target, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(field, target, theme, parent)
        self.box = ChoiceBox(self)
        self.box.setEditable(True)
        self.box.setInsertPolicy(ChoiceBox.InsertPolicy.NoInsert)
        self.box.setLineEdit(self.line)
        self.box.setCompleter(None)  # type: ignore[arg-type]
        self.box.addItems([*field.choices, *USUAL_PADDINGS])
        self.box.setCurrentIndex(-1)
        self.box.textActivated.connect(self._type)
        self._set_control(self.box)


class LinesEditor(TypedEditor):
    """A field of several lines: a note, or a table with one row a line."""

    def __init__(self, field: Field, target: Target, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(field, target, theme, parent)
        self._seen = ""
        self.lines = FieldText(self)
        self._connect(self.lines)
        self.lines.textChanged.connect(self._on_text_changed)
        self._set_control(self.lines)

    def _on_text_changed(self) -> None:
        """Qt says that the text changed also when only its font or its margin did."""
        if self._text() != self._seen:
            self._seen = self._text()
            self._on_edited()

    def _text(self) -> str:
        return self.lines.toPlainText()

    def _set_text(self, text: str) -> None:
        if text == self.lines.toPlainText():
            return
        place = self.lines.textCursor().position()
        self._seen = text
        self.lines.setPlainText(text)
        cursor = self.lines.textCursor()
        cursor.setPosition(min(place, len(text)), QTextCursor.MoveMode.MoveAnchor)
        self.lines.setTextCursor(cursor)

    def _set_placeholder(self, text: str) -> None:
        if text != self.lines.placeholderText():
            self.lines.setPlaceholderText(text)

    def set_line_height(self, height: int) -> None:
        """Makes one line as tall as the other fields are."""
        self.lines.set_line_height(height)
        self.dress()

    def _sheet(self) -> str:
        tokens = self._theme.tokens
        inset = max(0, round(7 * self._theme.text_scale) + 2 - int(self.lines.document().documentMargin()))
        border, focused = (tokens.danger,) * 2 if self._refusal else (tokens.outline, tokens.accent)
        return (
            f"QPlainTextEdit {{ background: {tokens.field}; border: 1px solid {border}; border-radius: 5px; "
            f"padding: 0 {inset}px; selection-background-color: {tokens.selection}; "
            f"selection-color: {tokens.selection_text}; }}"
            f"QPlainTextEdit:focus {{ border-color: {focused}; }}"
        )


class ChoiceEditor(FieldEditor):
    """One of several words, or none."""

    def __init__(self, field: Field, target: Target, theme: Theme, parent: QWidget | None = None) -> None:
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

    def __init__(self, field: Field, target: Target, theme: Theme, parent: QWidget | None = None) -> None:
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
}
"""The editor for each kind of field; the form makes those of names, notes and inputs itself."""
