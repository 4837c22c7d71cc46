"""Keeps, renames and deletes building blocks of the user, with their questions and messages."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from cnnstudio.app.appearance.questions import Button, ask, ask_text, warn
from cnnstudio.app.editing.building_blocks import BuildingBlocks
from cnnstudio.core.edits import EditError
from cnnstudio.core.edits.naming import require_name
from cnnstudio.core.network.design import Design

Make = Callable[[str], Design]
"""Makes a building block of this name; EditError with the reason where it cannot have it."""


class BlockKeeping(QObject):
    """Saves, renames and deletes building blocks; on failure, one sentence says why."""

    def __init__(self, blocks: BuildingBlocks, owner: QWidget) -> None:
        super().__init__(owner)
        self._blocks = blocks
        self._owner = owner

    def save(self, make: Make, proposal: str) -> None:
        """Asks for a name and keeps what is made under it."""
        title = self.tr("Save as building block")
        name = ask_text(self._owner, title, self.tr("Name in the palette:"), proposal)
        if name is None:
            return
        try:
            self._blocks.save(make(name.strip()))
        except EditError as error:
            self._warn(title, str(error))
        except OSError as error:
            self._warn_of_file(title, error)

    def rename(self, key: str) -> None:
        """Asks for another name for one of the user's."""
        block = self._blocks.find(key)
        if block is None:
            return
        title = self.tr("Rename building block")
        name = ask_text(self._owner, title, self.tr("Name in the palette:"), block.name)
        if name is None:
            return
        try:
            require_name(name.strip(), set())
            self._blocks.rename(key, name.strip())
        except EditError as error:
            self._warn(title, str(error))
        except OSError as error:
            self._warn_of_file(title, error)

    def delete(self, key: str) -> None:
        """Asks whether one of the user's is to be deleted, which cannot be undone."""
        block = self._blocks.find(key)
        if block is None:
            return
        title = self.tr("Delete building block")
        question = self.tr("Delete the building block '{name}' and its file {path}? This cannot be undone.")
        text = question.format(name=block.name, path=block.path)
        if ask(self._owner, title, text, Button.Yes | Button.No, Button.No) != Button.Yes:
            return
        try:
            self._blocks.delete(key)
        except OSError as error:
            self._warn_of_file(title, error)

    def _warn_of_file(self, title: str, error: OSError) -> None:
        reason = error.strerror or str(error)
        sentence = self.tr("The folder of building blocks, {folder}, cannot be changed: {reason}.")
        self._warn(title, sentence.format(folder=self._blocks.folder, reason=reason))

    def _warn(self, title: str, sentence: str) -> None:
        warn(self._owner, title, sentence[:1].upper() + sentence[1:])
