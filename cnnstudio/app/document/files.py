"""Opening and saving for one window: prompts, recent files, files changed by others, and recovery after a crash."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QFileSystemWatcher, QObject, QTimer
from PySide6.QtWidgets import QFileDialog, QWidget

from cnnstudio import formats
from cnnstudio.app.appearance.questions import Button, ask, warn
from cnnstudio.app.document.document import Document
from cnnstudio.app.document.recovery import RecoveryFile
from cnnstudio.app.platform.settings import Settings
from cnnstudio.formats import DESIGN
from cnnstudio.formats.fault import FileError

SETTLED_MS = 200
"""How long a file is left alone after it changed: other programs write in several steps."""


class Files(QObject):
    """The file commands of a window. Each returns whether it was done; a failure is told and changes nothing."""

    def __init__(self, document: Document, settings: Settings, window: QWidget) -> None:
        super().__init__(window)
        self._document = document
        self._settings = settings
        self._window = window
        self._content: bytes | None = None
        self._is_asking = False
        self._recovery = RecoveryFile(document, settings, self)
        self._watcher = QFileSystemWatcher(self)
        self._settled = QTimer(self)
        self._settled.setSingleShot(True)
        self._settled.setInterval(SETTLED_MS)
        self._settled.timeout.connect(self._check_file)
        self._watcher.fileChanged.connect(self._settled.start)
        self._watcher.directoryChanged.connect(self._settled.start)
        document.path_changed.connect(self._on_path_changed)
        self._on_path_changed()

    def save(self) -> bool:
        """Saves to the document's file; asks for one if it has none."""
        if self._document.path is None:
            return self.save_as()
        return self._save_to(self._document.path)

    def save_as(self) -> bool:
        """Asks for a file and saves to it."""
        near = _folder_near(self._settings.recent)
        start = self._document.path or near / f"{_file_stem(self._document.design.name)}{DESIGN.suffixes[0]}"
        name, _ = QFileDialog.getSaveFileName(self._window, self.tr("Save design"), str(start), _saving())
        if not name:
            return False
        path = Path(name)
        if path.suffix.lower() not in formats.suffixes(writable=True):
            path = path.with_name(f"{path.name}{DESIGN.suffixes[0]}")
            if path.exists() and not self._may_replace(path):
                return False
        return self._save_to(path)

    def _may_replace(self, path: Path) -> bool:
        """The file dialog has asked for the name as it was typed, not for the one with the suffix."""
        text = self.tr("'{name}' exists already. Replace it?").format(name=path.name)
        answer = ask(self._window, self.tr("Save design"), text, Button.Yes | Button.No, Button.No)
        return answer == Button.Yes

    def _save_to(self, path: Path) -> bool:
        if not self._may_drop_comments():
            return False
        try:
            self._document.save(path)
        except OSError as error:
            reason = error.strerror or str(error)
            text = self.tr("'{path}' could not be saved: {reason}. Nothing was changed there.")
            warn(self._window, self.tr("Not saved"), text.format(path=path, reason=reason))
            return False
        self._settings.add_recent(path)
        self._recovery.discard()
        return True

    def _may_drop_comments(self) -> bool:
        """Asks before saving would lose comments that are not at the head of the file."""
        lost = self._document.comments.others
        if not lost:
            return True
        if lost == 1:
            text = self.tr("Saving keeps the comments at the head of the file and drops one other.")
        else:
            text = self.tr("Saving keeps the comments at the head of the file and drops {count} others.")
        answer = ask(
            self._window,
            self.tr("Comments would be lost"),
            text.format(count=lost),
            Button.Save | Button.Cancel,
            Button.Cancel,
        )
        return answer == Button.Save

    def may_close(self) -> bool:
        """Asks what to do with unsaved changes; False to stay."""
        if self._document.is_modified:
            text = self.tr("Save the changes to '{name}'?").format(name=self._document.title)
            answer = ask(
                self._window,
                self.tr("Unsaved changes"),
                text,
                Button.Save | Button.Discard | Button.Cancel,
                Button.Save,
            )
            if answer not in (Button.Save, Button.Discard) or (answer == Button.Save and not self.save()):
                return False
        self._settled.stop()
        self._recovery.discard()
        return True

    def keep_recovered(self) -> None:
        """Takes on work that a crash left behind: it is unsaved, and kept again before the leftover is removed."""
        self._document.keep_as_unsaved()
        self._recovery.write()

    def toggle_recovery(self) -> None:
        """Keeps unsaved work for the next start from now on, or no longer; what was kept goes then."""
        self._settings.keeps_recovery = not self._settings.keeps_recovery
        self._recovery.write()

    def ask_for_file(self) -> Path | None:
        """Asks for a file to open."""
        path = self._document.path
        return ask_for_design(self._window, [path] if path is not None else self._settings.recent)

    # A file changed on disk by another program.

    def _on_path_changed(self) -> None:
        self._content = _content(self._document.path)
        self.watch()

    def watch(self) -> None:
        """Watches the file, which many programs replace by another one; while it is gone, its folder."""
        watched = [*self._watcher.files(), *self._watcher.directories()]
        if watched:
            self._watcher.removePaths(watched)
        path = self._document.path
        if path is not None:
            self._watcher.addPath(str(path if path.exists() else path.parent))

    def _check_file(self) -> None:
        path = self._document.path
        if path is None or self._is_asking:
            return
        self.watch()
        now = _content(path)
        if now == self._content:
            return
        self._content = now
        if now is None:
            gone = self.tr("'{name}' is gone from the disk; save to keep it.")
            self._document.keep_as_unsaved()
            self._document.noted.emit(gone.format(name=path.name))
            return
        self._is_asking = True
        self._ask_to_reload(path)
        self._is_asking = False
        self._settled.start()

    def _ask_to_reload(self, path: Path) -> None:
        text = self.tr("'{name}' was changed by another program. Load it again?").format(name=path.name)
        if self._document.is_modified:
            text += " " + self.tr("Undo brings your unsaved changes back.")
        answer = ask(self._window, self.tr("File changed"), text, Button.Yes | Button.No, Button.Yes)
        if answer != Button.Yes or not self._reload(path):
            self._document.keep_as_unsaved()

    def _reload(self, path: Path) -> bool:
        try:
            file = formats.read_file(path)
        except FileError as error:
            text = self.tr("'{name}' is no design that can be opened.").format(name=path.name)
            warn(self._window, self.tr("Not opened"), f"{text}\n\n{error.lines()[0]}")
            return False
        self._content = _content(path)
        self._document.reload(file)
        return True


def ask_for_design(window: QWidget, near: Sequence[Path]) -> Path | None:
    """Asks for a design file to open, beginning beside the first of the files given."""
    title = QCoreApplication.translate("Files", "Open design")
    name, _ = QFileDialog.getOpenFileName(window, title, str(_folder_near(near)), _opening())
    return Path(name) if name else None


def _opening() -> str:
    """What the dialog offers to show: every format at once if there are several, each alone, and all files."""
    each = [_filter(row.title, row.suffixes) for row in formats.FORMATS]
    every = [_filter(QCoreApplication.translate("Files", "All networks"), formats.suffixes())] if len(each) > 1 else []
    return ";;".join([*every, *each, _all_files()])


def _saving() -> str:
    each = [_filter(row.title, row.suffixes) for row in formats.FORMATS if not row.is_import]
    return ";;".join([*each, _all_files()])


def _filter(title: str, endings: Sequence[str]) -> str:
    return f"{title} ({' '.join(f'*{ending}' for ending in endings)})"


def _all_files() -> str:
    return QCoreApplication.translate("Files", "All files (*)")


def _folder_near(files: Sequence[Path]) -> Path:
    return files[0].parent if files else Path.home()


def _content(path: Path | None) -> bytes | None:
    try:
        return path.read_bytes() if path is not None else None
    except OSError:
        return None


def _file_stem(name: str) -> str:
    """A design's name as a file name that every system allows."""
    kept = "".join(letter if letter.isalnum() or letter in " -_." else "-" for letter in name).strip(" .-")
    return kept[:80].replace(" ", "-").lower() or "design"
