"""The building blocks that a window offers: those of the program, of a course, and of the user."""

from __future__ import annotations

from pathlib import Path

from msgspec import structs
from PySide6.QtCore import QObject, Signal

from cnnstudio.core.network.design import Design
from cnnstudio.formats.building_blocks import BuildingBlock, builtin_blocks, own_blocks, rename_block, save_block

Stamps = tuple[tuple[str, int], ...]


class BuildingBlocks(QObject):
    """Building blocks by key. `changed` tells that the user's are others now, here or in another window."""

    changed = Signal()

    def __init__(self, folder: Path, parent: QObject | None = None, course: Path | None = None) -> None:
        """Those of the user lie in `folder`, those of a course, which are for reading alone, in `course`."""
        super().__init__(parent)
        self._folder = folder
        found = own_blocks(course)[0] if course is not None else ()
        self._given = (*builtin_blocks(), *(structs.replace(block, is_own=False) for block in found))
        self._own: tuple[BuildingBlock, ...] = ()
        self._faults: tuple[str, ...] = ()
        self._stamps: Stamps | None = None

    @property
    def folder(self) -> Path:
        """The folder of the user's building blocks."""
        return self._folder

    @property
    def faults(self) -> tuple[str, ...]:
        """A sentence for each file in the user's folder that is no building block."""
        self._read()
        return self._faults

    def every(self) -> tuple[BuildingBlock, ...]:
        """All of them, the program's first, then those of the course."""
        self._read()
        return (*self._given, *self._own)

    def find(self, key: str) -> BuildingBlock | None:
        """The building block of this key; None if it is something else's, or gone."""
        return next((block for block in self.every() if block.key == key), None)

    def refresh(self) -> None:
        """Reads the user's folder again if something in it is new."""
        if self._stamps is not None and self._stamps != self._now():
            self._stamps = None
            self.changed.emit()

    def save(self, design: Design) -> None:
        """Keeps another one; OSError if it cannot be written."""
        save_block(self._folder, design)
        self.refresh()

    def rename(self, key: str, name: str) -> None:
        """Gives one of the user's another name; OSError if it cannot be written."""
        block = self.find(key)
        if block is not None and block.is_own and name != block.name:
            rename_block(block, name)
            self._stamps = ()
            self.refresh()

    def delete(self, key: str) -> None:
        """Deletes one of the user's, and its file; OSError if that cannot be."""
        block = self.find(key)
        if block is not None and block.is_own:
            block.path.unlink(missing_ok=True)
            self.refresh()

    def _read(self) -> None:
        if self._stamps is None:
            self._stamps = self._now()
            self._own, self._faults = own_blocks(self._folder)

    def _now(self) -> Stamps:
        """The modification time of each file, by which changes are noticed."""
        try:
            return tuple(sorted((path.name, path.stat().st_mtime_ns) for path in self._folder.glob("*.yaml")))
        except OSError:
            return ()
