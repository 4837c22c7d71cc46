"""The editors of fields that are typed: names, numbers, sizes, padding, notes and tables."""

from __future__ import annotations

from typing import Final, cast

from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QCompleter, QWidget

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.inspector.field_controls import ChoiceBox, FieldLine, FieldText
from cnnstudio.app.inspector.field_editor import FieldEditor, FieldTarget
from cnnstudio.app.inspector.power_links import PowerLinks
from cnnstudio.authoring.selection import DIFFERENT
from cnnstudio.core.network.field_arithmetic import (
    doubled,
    is_arithmetic,
    nearby_powers,
    stepped,
    stepped_at,
    stepped_fraction,
)
from cnnstudio.core.network.field_text import field_text, parse_field
from cnnstudio.core.network.fields import Field

_NO_COMPLETER: Final = cast(QCompleter, None)
"""Qt's value for no completer; its type does not say so."""
COUNTS: Final = ("filters", "units", "channels", "groups", "depth_multiplier")
"""Fields that are often a power of two."""
USUAL_PADDINGS: Final = ("1", "2", "3")


class TypedEditor(FieldEditor):
    """A field that is typed. Each text that means a value is set at once, so that the numbers follow the fingers."""

    is_live = True
    _implied = ""

    def imply(self, text: str) -> None:
        """Says what happens while the field is empty: `2 (= pool size)`."""
        if text != self._implied:
            self._implied = text
            self._set_placeholder(self._placeholder())

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
        """True if the text differs from the value in the design."""
        is_pending = not self.is_live or self._is_arithmetic
        return bool(self._refusal) or (is_pending and self._text() != self._written())

    @property
    def _is_arithmetic(self) -> bool:
        """True for `/2` and the like: it is done once, when it is finished."""
        return is_arithmetic(self.field, self._text())

    def _written(self) -> str:
        return "" if self._value is DIFFERENT else field_text(self.field, self._value)

    def _show(self, *, anew: bool) -> None:
        # `3x3` means what the design has, and stays as it was typed as long as the cursor is in it.
        if anew or not self._means_value():
            self._set_text(self._written())
        self._set_placeholder(self._placeholder())

    def _placeholder(self) -> str:
        if self._value is DIFFERENT:
            return self.tr("(different)")
        if not self.field.optional and self._value != ():
            return ""
        return self._implied or self.tr("none")

    def _means_value(self) -> bool:
        """True if the text means the value that the design has now: it was typed here, and may stay."""
        try:
            return bool(parse_field(self.field, self._text()) == self._value)
        except ValueError:
            return False

    def _on_edited(self) -> None:
        if self._is_arithmetic:
            self.refuse("")
            return
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
        if self._is_arithmetic:
            self.refuse(self._target.work_out(self.field, self._text()))
            if not self._refusal:
                self._set_text(self._written())
            return
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

    def __init__(self, field: Field, target: FieldTarget, theme: Theme, parent: QWidget | None = None) -> None:
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
            # setText puts the cursor at the end, in the middle of somebody's typing.
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

    def __init__(self, field: Field, target: FieldTarget, theme: Theme, parent: QWidget | None = None) -> None:
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

    def __init__(self, field: Field, target: FieldTarget, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(field, target, theme, parent)
        self.line.has_steps = True

    def _on_stepped(self, step: int) -> None:
        if isinstance(self._value, float):
            self._type(stepped_fraction(field_text(self.field, self._value), step))


class SizesEditor(LineEditor):
    """Sizes, one for all axes or one for each: arrows count in the number at the cursor."""

    def __init__(self, field: Field, target: FieldTarget, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(field, target, theme, parent)
        self.line.has_steps = True

    def _on_stepped(self, step: int) -> None:
        text = stepped_at(self._text(), self.line.cursorPosition(), step, int(self.field.minimum or 0))
        if text is not None:
            self._type(text)


class PaddingEditor(SizesEditor):
    """`valid`, `same`, or numbers, typed or chosen."""

    def __init__(self, field: Field, target: FieldTarget, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(field, target, theme, parent)
        self.box = ChoiceBox(self)
        self.box.setEditable(True)
        self.box.setInsertPolicy(ChoiceBox.InsertPolicy.NoInsert)
        self.box.setLineEdit(self.line)
        # Qt's completer would finish `1` to `1, 2` of another entry while somebody types.
        self.box.setCompleter(_NO_COMPLETER)
        self.box.addItems([*field.choices, *USUAL_PADDINGS])
        self.box.setCurrentIndex(-1)
        self.box.textActivated.connect(self._type)
        self._set_control(self.box)


class LinesEditor(TypedEditor):
    """A field of several lines: a note, or a table with one row a line."""

    def __init__(self, field: Field, target: FieldTarget, theme: Theme, parent: QWidget | None = None) -> None:
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
        # Before the text is set, which tells of a change at once: it was not typed, and must not be set as a value.
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
        self.apply_theme()

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
