"""One open design: its value, its analysis, its undo stack and its file. The one way to change it is `apply`."""

from __future__ import annotations

from collections.abc import Callable
from os import urandom
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from cnnstudio.app.document.commands import Focus, ReplaceDesign
from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.core.network.bounds import excess
from cnnstudio.core.network.design import Design
from cnnstudio.formats import write_file
from cnnstudio.formats.design_file import DesignFile
from cnnstudio.formats.saving import NO_PRECAUTIONS, Precautions
from cnnstudio.formats.saving.stamp import ABSENT

if TYPE_CHECKING:
    from cnnstudio.core.edits import Edit

MAX_NOTES = 3
"""At most this many side effects of an edit are listed; the rest are counted."""


class Document(QObject):
    """A design that is being worked on.

    `changed(old, new)` carries both analyses, after every edit, undo and redo; views compute their difference.
    `focused` carries the items that an edit concerned, `noted` what an edit changed besides, `refused` the sentence
    of an edit that was not possible. `history_changed` and `modified_changed` repeat what the undo stack says: the
    stack itself also speaks while it is destroyed, when nobody should listen any more. `report` tells what was
    understood of the file that it was imported from, if it was; it is unsaved then. `stamp` is that of the version of
    its file which this one is based on, or which its user has been asked about. `fixed` names the fields of the design
    that an institution has locked: no edit changes them, and what a file holds is left as it is.
    """

    changed = Signal(object, object)
    focused = Signal(object)
    noted = Signal(str)
    refused = Signal(str)
    path_changed = Signal()
    history_changed = Signal()
    modified_changed = Signal()

    def __init__(self, file: DesignFile | None = None, path: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._design = file.design if file else Design()
        self._counted = analyze(self._design)
        self._analysis = self.opened = self._held_against_budgets()
        self._path = path
        self.report = file.report if file else None
        self.stamp = file.stamp if file else ABSENT
        self.fixed: frozenset[str] = frozenset()
        # Tells documents apart on the clipboard and in recovery files, also those of other programs.
        self.key = urandom(16).hex()
        self.focus: Focus = ()
        self.undo_stack = QUndoStack(self)
        self.undo_stack.indexChanged.connect(self.history_changed)
        self.undo_stack.cleanChanged.connect(self.modified_changed)
        # A network that was imported is in no design file yet, and would be lost without a question.
        if self.report is not None:
            self.keep_as_unsaved()

    @property
    def design(self) -> Design:
        """The design as it is now; `opened` is the analysis of what it was when it was opened."""
        return self._design

    @property
    def analysis(self) -> Analysis:
        """The analysis of the design as it is now."""
        return self._analysis

    @property
    def path(self) -> Path | None:
        """The file it was read from or saved to; None before it is first saved."""
        return self._path

    @property
    def title(self) -> str:
        """The name of the file, or of the design that has none yet."""
        return self._path.name if self._path else self._design.name

    @property
    def is_modified(self) -> bool:
        """True if there is something to save."""
        return not self.undo_stack.isClean()

    def apply(self, edit: Edit) -> bool:
        """Does an edit, as one step of undo. An edit that changes nothing is none. Returns False if it is refused.

        One by which the design would grow beyond what a file may hold is refused, and one that changes what is fixed.
        """
        if self.forbids(edit):
            self.refused.emit(self.tr("This is set for all users of this machine."))
            return False
        return self._apply(edit)

    def forbids(self, edit: Edit) -> bool:
        """True if an edit changes a field of the design that is fixed."""
        return any(getattr(edit.design, name) != getattr(self._design, name) for name in self.fixed)

    def _apply(self, edit: Edit) -> bool:
        # Or it could be saved, and never be opened again.
        if too_many := excess(edit.design.layers):
            self.refused.emit(self.tr("The design would have {what}.").format(what=too_many))
            return False
        from cnnstudio.core.edits import keeping_shares

        edit = keeping_shares(self._design, edit)
        # Equal, not the same: typing the value that is there already makes a new design that differs in nothing.
        if edit.design == self._design:
            self._set_focus(edit.focus)
            return True
        focus = (self.focus, edit.focus)
        self.undo_stack.push(ReplaceDesign(self._design, edit.design, edit.label, edit.key, focus, self._show))
        # After the edit, whose own signals clear what was said before it.
        if edit.notes:
            self.noted.emit(self._brief(edit.notes))
        return True

    def _brief(self, notes: tuple[str, ...]) -> str:
        """The first notes, and how many more there are: a status bar has one line."""
        more = len(notes) - MAX_NOTES
        if more < 1:
            return " ".join(notes)
        rest = self.tr("And {count} more changes of connections or names.").format(count=more)
        return " ".join((*notes[:MAX_NOTES], rest))

    def attempt(self, make_edit: Callable[[], Edit]) -> bool:
        """Makes an edit and applies it; where that is refused emits `refused` with the sentence and returns False."""
        from cnnstudio.core.edits import EditError  # here and below: with the first edit, not at every start

        try:
            edit = make_edit()
        except EditError as error:
            self.refused.emit(str(error))
            return False
        return self.apply(edit)

    def try_make(self, make: Callable[[], object]) -> bool:
        """Calls `make`; on EditError emits `refused` with its sentence and returns False."""
        from cnnstudio.core.edits import EditError

        try:
            make()
        except EditError as error:
            self.refused.emit(str(error))
            return False
        return True

    def save(self, path: Path, precautions: Precautions = NO_PRECAUTIONS) -> None:
        """Saves to a file, which from now on is its own.

        OSError, with the old file whole, if that is not possible; ChangedMeanwhile where the precautions say so.
        """
        self.stamp = write_file(path, self._design, precautions)
        self._path = path
        self.undo_stack.setClean()
        self.path_changed.emit()

    def replace(self, file: DesignFile, label: str) -> None:
        """Takes over another version of the file, as one step of undo: what was there before can be brought back."""
        from cnnstudio.core.edits import Edit

        self.stamp = file.stamp
        self._apply(Edit(file.design, label, self.focus))

    def reload(self, file: DesignFile) -> None:
        """Takes over what its file holds now."""
        self.replace(file, f"Load {self.title} again")
        self.undo_stack.setClean()

    def keep_as_unsaved(self) -> None:
        """Marks the design as unsaved though nobody edited it: its file is gone, differs, or was never written."""
        self.undo_stack.resetClean()

    def _show(self, design: Design, focus: Focus) -> None:
        old = self._analysis
        self._design = design
        # The old analysis goes along, so that what the edit left alone is not counted again and keeps its identity.
        self._counted = analyze(design, previous=self._counted)
        self._analysis = self._held_against_budgets()
        self.changed.emit(old, self._analysis)
        self._set_focus(focus)

    def _held_against_budgets(self) -> Analysis:
        """The analysis, with the budgets that are broken."""
        if not self._design.budgets:
            return self._counted
        from cnnstudio.core.budgets.checking import with_budgets

        return with_budgets(self._counted)

    def _set_focus(self, focus: Focus) -> None:
        self.focus = focus
        self.focused.emit(focus)
