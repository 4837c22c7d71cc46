"""The one undo command."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from PySide6.QtGui import QUndoCommand

from cnnstudio.core.network.design import Design, ItemPath

Focus = tuple[ItemPath, ...]
Show = Callable[[Design, Focus], None]

COALESCE_SECONDS = 1.5
"""Edits with the same key that follow each other within this time are one step: typing a number is one edit."""


class ReplaceDesign(QUndoCommand):
    """Replaces one design by another, and selects what is concerned after doing and after undoing."""

    def __init__(
        self, before: Design, after: Design, label: str, key: str, focus: tuple[Focus, Focus], show: Show
    ) -> None:
        super().__init__(label)
        self.before = before
        self.after = after
        self.key = key
        self.focus_before, self.focus_after = focus
        self.made_at = monotonic()
        self._show = show

    def redo(self) -> None:
        self._show(self.after, self.focus_after)

    def undo(self) -> None:
        self._show(self.before, self.focus_before)

    def id(self) -> int:
        """Commands of the same id may be merged; -1 never is."""
        return 1 if self.key else -1

    def mergeWith(self, other: QUndoCommand) -> bool:
        """Takes over a later edit of the same field; one that leads back to the start leaves no step."""
        if not isinstance(other, ReplaceDesign) or other.key != self.key:
            return False
        if other.made_at - self.made_at > COALESCE_SECONDS:
            return False
        self.after, self.focus_after, self.made_at = other.after, other.focus_after, other.made_at
        self.setText(other.text())
        self.setObsolete(self.after == self.before)
        return True
