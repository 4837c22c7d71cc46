"""A form made of declared fields: a title at the left, an editor at the right, one row a field."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QSizePolicy, QWidget

from cnnstudio.app.appearance.labels import tinted
from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.inspector.field_editor import FieldEditor
from cnnstudio.app.inspector.field_editors import EDITORS, SwitchEditor
from cnnstudio.app.inspector.field_target import SubjectTarget
from cnnstudio.app.inspector.inputs_editor import InputsEditor
from cnnstudio.app.inspector.typed_editors import LinesEditor, NameEditor, TypedEditor
from cnnstudio.authoring.selection import InspectedItems, implied_text
from cnnstudio.core.network.fields import Field

MIN_TITLE_WIDTH: Final = 82
GAP: Final = 8
MARGIN: Final = 12


class FieldForm(QWidget):
    """The rows for some fields; it shows one subject after the other as long as they have these fields."""

    def __init__(
        self, subject: InspectedItems, target: SubjectTarget, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._changed_letters = QTimer(self, singleShot=True, interval=0)
        self._changed_letters.timeout.connect(self._measure)
        self._target = target
        self._theme = theme
        # While the room around it is laid out anew, no field is squeezed.
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._titles: list[QLabel] = []
        self.editors: dict[str, FieldEditor] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(MARGIN, MARGIN - 2, MARGIN, MARGIN - 2)
        self._grid.setHorizontalSpacing(GAP)
        self._grid.setVerticalSpacing(5)
        self._grid.setColumnStretch(1, 1)
        for row, field in enumerate(subject.fields):
            self._add_row(row, field, self._editor(field, subject, target))
        self.apply_theme()

    def _editor(self, field: Field, subject: InspectedItems, target: SubjectTarget) -> FieldEditor:
        if field.name == "inputs":
            return InputsEditor(field, target, self._theme, self)
        if field.name == "note":
            return LinesEditor(field, target, self._theme, self)
        if field.name == "name" and subject.items:
            return NameEditor(field, target, self._theme, self)
        return EDITORS[field.kind](field, target, self._theme, self)

    def _add_row(self, row: int, field: Field, editor: FieldEditor) -> None:
        title = QLabel(field.title, self)
        title.setToolTip(field.help)
        title.setBuddy(editor.control)
        if self._target.is_fixed(field):
            editor.control.setEnabled(False)
            editor.control.setToolTip(self.tr("Set for all users of this machine"))
        self._titles.append(title)
        self.editors[field.name] = editor
        self._grid.addWidget(title, row, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(editor, row, 1)

    def _one_line(self) -> int:
        """The height of a row, so that titles and switches keep to the lines of text."""
        lines = [editor.control.sizeHint().height() for editor in self.editors.values() if hasattr(editor, "line")]
        if lines:
            return max(lines)
        # Below the form for the same letters, and out of it at once, before anything shows it there.
        probe = QLineEdit(self)
        probe.hide()
        probe.ensurePolished()
        height = probe.sizeHint().height()
        probe.setParent(None)
        return height

    def follow(self, subject: InspectedItems, *, anew: bool) -> None:
        """Shows the values of a subject, and edits them from now on."""
        self._target.subject = subject
        for field in subject.fields:
            editor = self.editors[field.name]
            if isinstance(editor, TypedEditor):
                editor.imply(implied_text(subject, field))
            editor.follow(subject.value(field), anew=anew)

    def restore(self) -> None:
        """Drops what is half typed."""
        for editor in self.editors.values():
            if isinstance(editor, TypedEditor) and editor.is_half_typed:
                editor.restore()

    def apply_theme(self) -> None:
        """Applies the colours and the text size of the theme."""
        for title, editor in zip(self._titles, self.editors.values(), strict=True):
            tinted(title, self._theme.tokens.muted)
            editor.apply_theme()
        self._grid.setColumnMinimumWidth(0, round(MIN_TITLE_WIDTH * self._theme.text_scale))
        self._measure()

    def changeEvent(self, event: QEvent) -> None:
        """Other letters: the heights of lines are known once all that is in the form has them."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.StyleChange, QEvent.Type.FontChange):
            self._changed_letters.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._measure()

    def _measure(self) -> None:
        """Keeps titles, switches and notes to the height of a line."""
        height = self._one_line()
        for title, editor in zip(self._titles, self.editors.values(), strict=True):
            # At most, too: a label remembers the height that it wanted with the largest letters.
            title.setFixedHeight(height)
            if isinstance(editor, SwitchEditor):
                editor.control.setMinimumHeight(height)
            elif isinstance(editor, LinesEditor):
                editor.set_line_height(height)
