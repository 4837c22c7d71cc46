"""The way from an editor to the document: one field of the subject, as one edit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cnnstudio.app.document.document import Document
from cnnstudio.authoring.selection import InspectedItems, readable, subject_of
from cnnstudio.core.edits import Edit, EditError
from cnnstudio.core.network.fields import Field


class SubjectTarget:
    """The target of the editors: the fields of the subject, through the document."""

    def __init__(self, document: Document, subject: InspectedItems) -> None:
        self._document = document
        self.subject = subject

    @property
    def is_there(self) -> bool:
        """True if the design still has all the items; an undo may have taken them just now."""
        return subject_of(self._document.design, self.subject.paths).paths == self.subject.paths

    def is_fixed(self, field: Field) -> bool:
        """True for a field of the design that nobody may change here."""
        return not self.subject.items and field.name in self._document.fixed

    def submit(self, field: Field, value: Any) -> str:
        """Does the edit; returns why not, or nothing."""
        return self._attempt(field, lambda: self.subject.edit(self._document.design, field, value))

    def work_out(self, field: Field, text: str) -> str:
        """Changes what is there by `/2` and the like; returns why not, or nothing."""
        return self._attempt(field, lambda: self.subject.work_out(self._document.design, field, text))

    def _attempt(self, field: Field, edit: Callable[[], Edit]) -> str:
        refusal = ""
        if not self.is_there:
            return refusal

        def make() -> Edit:
            nonlocal refusal
            try:
                return edit()
            except EditError as error:
                refusal = readable(field, str(error))
                raise

        self._document.attempt(make)
        return refusal

    def check(self, field: Field, value: Any) -> str:
        """Only tries the edit; returns why not, or nothing."""
        try:
            if self.is_there:
                self.subject.edit(self._document.design, field, value)
        except EditError as error:
            return readable(field, str(error))
        return ""

    def undo(self) -> None:
        """Undoes the last edit of the document."""
        self._document.undo_stack.undo()

    def redo(self) -> None:
        """Does it again."""
        self._document.undo_stack.redo()
