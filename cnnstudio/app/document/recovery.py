"""Recovery after a crash: unsaved work is kept in the state folder until it is saved or given up.

One file for each open document, written soon after each edit and removed on a clean close. A lock file beside it tells
work that was lost from work that another program is still doing: a lock whose process is gone can be taken.
"""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path
from threading import Thread

import msgspec
from msgspec import MsgspecError, Struct, structs
from PySide6.QtCore import QLockFile, QObject, QTimer

from cnnstudio.app.document.document import Document
from cnnstudio.app.platform.places import state_folder, state_folders
from cnnstudio.app.platform.settings import Settings
from cnnstudio.core.network.design import Design
from cnnstudio.formats.content import read_content
from cnnstudio.formats.design_file import DesignFile
from cnnstudio.formats.design_yaml import MAX_FILE_BYTES, design_text, parse_design
from cnnstudio.formats.fault import FileError
from cnnstudio.formats.saving import write_atomically
from cnnstudio.formats.saving.stamp import ABSENT, Stamp
from cnnstudio.formats.saving.temporary_files import sweep

WRITE_AFTER_MS = 1_500
"""Long after a keystroke: writing takes the time of several, as both threads share one interpreter."""


MAX_KEPT_BYTES = 4 * MAX_FILE_BYTES
"""More than any design takes, with its signs escaped."""


class Kept(Struct, frozen=True):
    """The content of a recovery file: the design as text, its file, and the stamp of the version it began from."""

    file: str
    text: str = ""
    stamp: Stamp = ABSENT


class RecoveryFile(QObject):
    """Keeps one document's unsaved work. A thread writes it: neither a long design nor a slow disk holds anybody up."""

    def __init__(self, document: Document, settings: Settings, parent: QObject) -> None:
        super().__init__(parent)
        self._document = document
        self._settings = settings
        self._path = recovery_folder(settings.recovery_folder) / f"{document.key}.json"
        self._lock = _lock_of(self._path)
        self._writer: Thread | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(WRITE_AFTER_MS)
        self._timer.timeout.connect(self._start_writing)
        document.changed.connect(self._on_changed)
        if document.is_modified:
            self._on_changed(None, None)

    def _on_changed(self, _old: object, _new: object) -> None:
        # The first edit starts the timer, so that somebody who never pauses is covered too.
        if self._settings.keeps_recovery and not self._timer.isActive():
            self._timer.start()

    def write(self) -> bool:
        """Writes the unsaved work, or removes what is no longer needed; done on return.

        Returns True if it is kept now.
        """
        self._start_writing()
        self._wait()
        return self._path.is_file()

    def _start_writing(self) -> None:
        if not (self._document.is_modified and self._settings.keeps_recovery):
            self.discard()
            return
        self._wait()
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
        if not self._lock.isLocked():
            # Held for as long as the process lives: the system gives it back after a crash, whatever happened.
            self._lock.tryLock(0)
        document = self._document
        kept = Kept(str(document.path) if document.path else "", stamp=document.stamp)
        self._writer = Thread(target=_keep, args=(self._path, kept, document.design))
        self._writer.start()

    def _wait(self) -> None:
        if self._writer is not None:
            self._writer.join()
            self._writer = None

    def discard(self) -> None:
        """Removes the file: the work is saved, or given up."""
        self._timer.stop()
        self._wait()
        with contextlib.suppress(OSError):
            self._path.unlink()
        self._lock.unlock()


def _keep(path: Path, kept: Kept, design: Design) -> None:
    """Writes work to a recovery file; where that is not possible, the work goes on without one."""
    with contextlib.suppress(OSError):
        write_atomically(path, msgspec.json.encode(structs.replace(kept, text=design_text(design))))


def _lock_of(path: Path) -> QLockFile:
    lock = QLockFile(str(path.with_suffix(".lock")))
    # By default Qt takes a lock that is 30 seconds old for a leftover, though its process may be alive and editing.
    lock.setStaleLockTime(0)
    return lock


class Lost(Struct, frozen=True):
    """Work that a crash left behind: where it is kept and since when, the file it belongs to, and the design."""

    kept_in: Path
    kept_at: float
    size_bytes: int
    file: Path | None
    design: DesignFile

    def forget(self) -> None:
        """Removes what was kept."""
        with contextlib.suppress(OSError):
            self.kept_in.unlink()


def recovery_folder(wanted: Path | None = None) -> Path:
    """The folder in which unsaved work is kept: the one that an institution wants, if it is the user's alone."""
    usual = state_folder() / "recovery"
    return usual if wanted is None or not _is_private(wanted) else wanted


def _known_folders(wanted: Path | None) -> list[Path]:
    """The folders in which unsaved work may lie, first that in which it is kept now.

    An institution may have named another one since, or could not be followed; a program may be portable since.
    """
    return list(dict.fromkeys((recovery_folder(wanted), *(folder / "recovery" for folder in state_folders()))))


def _is_private(folder: Path) -> bool:
    """True of a folder of this user that nobody else can write to; it is made if it is not there.

    Where all users write, as below /var/tmp, somebody else may have been there first.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if os.name == "nt":
            return True
        found = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o022


def lost_work(wanted: Path | None = None) -> list[Lost]:
    """Unsaved work that programs which no longer run have left behind, the latest first.

    `wanted` is the folder that an institution wants it to be kept in; it may lie where it was kept before.

    Files that cannot be read stay: a later version may read them. Each is read on its own, so that a
    damaged one hides no other.
    """
    found: list[Lost] = []
    folders = _known_folders(wanted)
    for folder in folders:
        sweep(folder)
    for path in [path for folder in folders for path in folder.glob("*.json")]:
        if _is_free(path):
            with contextlib.suppress(OSError, ValueError, RecursionError, MemoryError, MsgspecError, FileError):
                found.append(_read_lost(path))
    return sorted(found, key=lambda lost: lost.kept_at, reverse=True)


def _is_free(path: Path) -> bool:
    """True if no program that runs is at work on what is kept in a file."""
    lock_path = path.with_suffix(".lock")
    if lock_path.exists() and not lock_path.is_file():
        return False  # Qt would wait for what a pipe has to say
    lock = _lock_of(path)
    if not lock.tryLock(0):
        return False
    lock.unlock()
    return True


def _read_lost(path: Path) -> Lost:
    content = read_content(path, MAX_KEPT_BYTES)
    kept = msgspec.json.decode(content, type=Kept)
    # The file may be damaged: a path with a null character would raise in every function of the system.
    file = Path(kept.file) if kept.file and "\0" not in kept.file else None
    design = structs.replace(parse_design(kept.text, str(path)), stamp=kept.stamp)
    return Lost(path, path.stat().st_mtime, len(kept.text), file, design)
