"""Recovery after a crash: unsaved work is kept in the state folder until it is saved or given up.

One file for each open document, written soon after each edit and removed on a clean close. A lock file beside it tells
work that was lost from work that another program is still doing: a lock whose process is gone can be taken.
"""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

from msgspec import Struct
from PySide6.QtCore import QLockFile, QObject, QTimer

from cnnstudio.app.document import Document
from cnnstudio.app.settings import Settings, state_folder
from cnnstudio.formats.design_yaml import DesignFile, design_text, parse_design
from cnnstudio.formats.fault import FileError
from cnnstudio.formats.saving import write_atomically

WRITE_AFTER_MS = 400


class RecoveryFile(QObject):
    """Keeps one document's unsaved work."""

    def __init__(self, document: Document, settings: Settings, parent: QObject) -> None:
        super().__init__(parent)
        self._document = document
        self._settings = settings
        self._path = recovery_folder() / f"{document.key}.json"
        self._lock = _lock_of(self._path)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(WRITE_AFTER_MS)
        self._timer.timeout.connect(self.write)
        document.changed.connect(self._on_changed)

    def _on_changed(self, _old: object, _new: object) -> None:
        if self._settings.keeps_recovery:
            self._timer.start()

    def write(self) -> None:
        """Writes the unsaved work, or removes what is no longer needed. Never disturbs the user's work."""
        if not self._document.is_modified:
            self.discard()
            return
        content = {
            "file": str(self._document.path) if self._document.path else "",
            "text": design_text(self._document.design, self._document.comments),
        }
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            if not self._lock.isLocked():
                self._lock.tryLock(0)
            write_atomically(self._path, json.dumps(content).encode())

    def discard(self) -> None:
        """Removes the file: the work is saved, or given up."""
        self._timer.stop()
        with contextlib.suppress(OSError):
            self._path.unlink()
        self._lock.unlock()


def _lock_of(path: Path) -> QLockFile:
    lock = QLockFile(str(path.with_suffix(".lock")))
    lock.setStaleLockTime(0)
    return lock


class Lost(Struct, frozen=True):
    """Work that a crash left behind: where it is kept, the file it belongs to, and the design."""

    kept_in: Path
    file: Path | None
    design: DesignFile

    def forget(self) -> None:
        """Removes what was kept."""
        with contextlib.suppress(OSError):
            self.kept_in.unlink()


def recovery_folder() -> Path:
    """Where unsaved work is kept."""
    return state_folder() / "recovery"


def lost_work() -> list[Lost]:
    """What programs that no longer run have left behind; unreadable leftovers are removed."""
    found: list[Lost] = []
    for path in sorted(recovery_folder().glob("*.json")):
        try:
            lock = _lock_of(path)
            if not lock.tryLock(0):
                continue
            lock.unlock()
            content = json.loads(path.read_bytes())
            file = Path(content["file"]) if content["file"] else None
            found.append(Lost(path, file, parse_design(content["text"], str(path))))
        except (OSError, ValueError, KeyError, TypeError, FileError):
            with contextlib.suppress(OSError):
                path.unlink()
    return found
