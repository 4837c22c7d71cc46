"""Opening and saving for one window: prompts, recent files, files changed by others, and recovery after a crash."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from cnnstudio.app.document import Document
from cnnstudio.app.recovery import RecoveryFile
from cnnstudio.app.settings import Settings
from cnnstudio.formats.design_yaml import SUFFIXES

FILTER = "CNN Studio designs (*.yaml *.yml);;All files (*)"
_Button = QMessageBox.StandardButton


class Files(QObject):
    """The file commands of a window. Each returns whether it was done; a failure is told and changes nothing."""

    reload_wanted = Signal()

    def __init__(self, document: Document, settings: Settings, window: QWidget) -> None:
        super().__init__(window)
        self._document = document
        self._settings = settings
        self._window = window
        self._watcher = QFileSystemWatcher(self)
        self._content: bytes | None = None
        self._recovery = RecoveryFile(document, settings, self)
        self._watcher.fileChanged.connect(lambda _path: QTimer.singleShot(200, self._check_file))
        document.path_changed.connect(self._watch)
        self._watch()

    def save(self) -> bool:
        """Saves to the document's file; asks for one if it has none."""
        if self._document.path is None:
            return self.save_as()
        return self._save_to(self._document.path)

    def save_as(self) -> bool:
        """Asks for a file and saves to it."""
        start = self._document.path or Path(f"{_file_stem(self._document.design.name)}.yaml")
        name, _ = QFileDialog.getSaveFileName(self._window, self.tr("Save design"), str(start), FILTER)
        if not name:
            return False
        path = Path(name)
        return self._save_to(path if path.suffix.lower() in SUFFIXES else path.with_name(f"{path.name}.yaml"))

    def _save_to(self, path: Path) -> bool:
        if not self._may_drop_comments():
            return False
        try:
            self._document.save(path)
        except OSError as error:
            reason = error.strerror or str(error)
            text = self.tr("'{path}' could not be saved: {reason}. Nothing was changed there.")
            QMessageBox.warning(self._window, self.tr("Not saved"), text.format(path=path, reason=reason))
            return False
        self._settings.add_recent(path)
        self._recovery.discard()
        return True

    def _may_drop_comments(self) -> bool:
        """Asks before saving would lose comments that are not at the head of the file."""
        lost = self._document.comments.others
        if not lost:
            return True
        text = self.tr("Saving keeps the comments at the head of the file. Lines of comment that it drops: {n}.")
        answer = QMessageBox.question(
            self._window,
            self.tr("Comments would be lost"),
            text.format(n=lost),
            _Button.Save | _Button.Cancel,
            _Button.Cancel,
        )
        return answer == _Button.Save

    def may_close(self) -> bool:
        """Asks what to do with unsaved changes; False to stay."""
        if self._document.is_modified:
            text = self.tr("Save the changes to '{name}'?").format(name=self._document.title)
            answer = QMessageBox.question(
                self._window,
                self.tr("Unsaved changes"),
                text,
                _Button.Save | _Button.Discard | _Button.Cancel,
                _Button.Save,
            )
            if answer == _Button.Cancel or (answer == _Button.Save and not self.save()):
                return False
        self._recovery.discard()
        return True

    def ask_for_file(self) -> Path | None:
        """Asks for a file to open."""
        folder = self._document.path.parent if self._document.path else Path.home()
        name, _ = QFileDialog.getOpenFileName(self._window, self.tr("Open design"), str(folder), FILTER)
        return Path(name) if name else None

    # A file changed on disk by another program.

    def _watch(self) -> None:
        watched = self._watcher.files()
        if watched:
            self._watcher.removePaths(watched)
        path = self._document.path
        self._content = _content(path) if path else None
        if path is not None and path.exists():
            self._watcher.addPath(str(path))

    def _check_file(self) -> None:
        path = self._document.path
        if path is None:
            return
        now = _content(path)
        if now == self._content:
            self._watch()
            return
        self._watch()
        if now is None:
            gone = self.tr("'{name}' is gone from the disk; save to keep it.")
            self._document.noted.emit(gone.format(name=path.name))
            self._document.undo_stack.resetClean()
            return
        self._ask_to_reload(path)

    def _ask_to_reload(self, path: Path) -> None:
        text = self.tr("'{name}' was changed by another program. Load it again?").format(name=path.name)
        if self._document.is_modified:
            text += " " + self.tr("Your unsaved changes would be lost.")
        answer = QMessageBox.question(
            self._window, self.tr("File changed"), text, _Button.Yes | _Button.No, _Button.Yes
        )
        if answer == _Button.Yes:
            self.reload_wanted.emit()
        else:
            self._document.undo_stack.resetClean()


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _file_stem(name: str) -> str:
    """A design's name as a file name that every system allows."""
    kept = "".join(letter if letter.isalnum() or letter in " -_." else "-" for letter in name).strip(" .-")
    return kept[:80].replace(" ", "-").lower() or "design"
