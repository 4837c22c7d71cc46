"""Opening and saving for one window: prompts, recent files, files changed by others, and recovery after a crash."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QFileSystemWatcher, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget

from cnnstudio import formats
from cnnstudio.app.appearance.questions import Button, ask, warn
from cnnstudio.app.document.document import Document
from cnnstudio.app.document.recovery import RecoveryFile
from cnnstudio.app.document.same_file import same_file
from cnnstudio.app.platform.settings import Settings
from cnnstudio.formats import DESIGN
from cnnstudio.formats.fault import FileError
from cnnstudio.formats.saving import ChangedMeanwhile, Precautions
from cnnstudio.formats.saving.stamp import ABSENT, Stamp, stamp_of

SETTLED_MS = 200
"""The time that a file is left alone after it changed: other programs write in several steps."""


class Files(QObject):
    """The file commands of a window. Each returns whether it was done; a failure is reported and changes nothing."""

    def __init__(self, document: Document, settings: Settings, window: QWidget) -> None:
        super().__init__(window)
        self._document = document
        self._settings = settings
        self._window = window
        self._seen: tuple[int, int, int] | None = None
        self._told = document.stamp
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
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.applicationStateChanged.connect(self._on_state_changed)
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
        # Qt's dialog adds no suffix on every platform, and a name such as `v1.0` seems to have one.
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
        if not self._may_take_from_window(path):
            return False
        # Only its own file can have been changed by others meanwhile; another one was asked about by the dialog.
        expected = self._document.stamp if same_file(path, self._document.path) else None
        try:
            # Again and again: they may save once more while the question is on the screen.
            while not self._is_saved(path, expected):
                expected = self._told = stamp_of(path)
                answer = self._ask_about_change(path)
                if answer != Button.Yes:
                    return self._yield(path, answer)
        except OSError as error:
            reason = error.strerror or str(error)
            text = self.tr("'{path}' could not be saved: {reason}. Nothing was changed there.")
            warn(self._window, self.tr("Not saved"), text.format(path=path, reason=reason))
            return False
        self._told = self._document.stamp
        self._settings.add_recent(path)
        self._recovery.discard()
        return True

    def _is_saved(self, path: Path, expected: Stamp | None) -> bool:
        """Saves, unless somebody else has written the file meanwhile."""
        try:
            self._document.save(path, Precautions(expected, self._recovery.write))
        except ChangedMeanwhile:
            return False
        return True

    def _ask_about_change(self, path: Path) -> Button:
        """Asks whether to overwrite what somebody else has saved."""
        text = self.tr("'{name}' was saved by somebody else since it was opened here. Overwrite their version?")
        return self._ask(
            self.tr("File changed"),
            text.format(name=path.name),
            Button.Yes | Button.Open | Button.Save | Button.Cancel,
            Button.Save,
            {
                Button.Yes: self.tr("Overwrite"),
                Button.Open: self.tr("Load theirs"),
                Button.Save: self.tr("Save as…"),
            },
        )

    def _yield(self, path: Path, answer: Button) -> bool:
        """Leaves their version in its place: loads it, which undo takes back, or saves under another name."""
        if answer == Button.Save:
            return self.save_as()
        if answer == Button.Open:
            self._reload(path)
        return False

    def _may_take_from_window(self, path: Path) -> bool:
        """Asks before saving over a file that another window of the program shows."""
        others = [
            window
            for window in QApplication.topLevelWidgets()
            if window is not self._window and window.isVisible() and window.windowFilePath()
        ]
        held = [window for window in others if same_file(Path(window.windowFilePath()), path)]
        if not held or same_file(path, self._document.path):
            return True
        text = self.tr("'{name}' is open in another window. Overwrite it?")
        if any(window.isWindowModified() for window in held):
            text = self.tr("'{name}' is open in another window, with unsaved changes. Overwrite it?")
        answer = ask(
            self._window,
            self.tr("Save design"),
            text.format(name=path.name),
            Button.Yes | Button.Cancel,
            Button.Cancel,
            {Button.Yes: self.tr("Overwrite")},
        )
        return answer == Button.Yes

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

    def keep_recovered(self) -> bool:
        """Takes on work that a crash left behind: it is unsaved, and kept again.

        Returns True if the leftover may be deleted.
        """
        self._document.keep_as_unsaved()
        return self._recovery.write() or not self._settings.keeps_recovery

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
        self._seen = _status(self._document.path)
        self.watch()

    def watch(self) -> None:
        """Watches the file, which many programs replace by another one; while it is gone, its folder."""
        watched = [*self._watcher.files(), *self._watcher.directories()]
        if watched:
            self._watcher.removePaths(watched)
        path = self._document.path
        if path is not None:
            # A watcher of a file that was replaced watches the old one, which nobody writes to any more.
            self._watcher.addPath(str(path if path.exists() else path.parent))

    def _on_state_changed(self, state: Qt.ApplicationState) -> None:
        """Looks when somebody comes back to the program: of a file on a network share no system tells of changes."""
        if state == Qt.ApplicationState.ApplicationActive and _status(self._document.path) != self._seen:
            self._settled.start()

    def _check_file(self) -> None:
        path = self._document.path
        if path is None or self._is_asking:
            return
        self._on_path_changed()
        now = _stamp_now(path)
        # The stamp is of the content, so that a touch or a copy with the same bytes asks nothing.
        if now in (self._document.stamp, self._told):
            return
        self._document.stamp = self._told = now
        if now == ABSENT:
            gone = self.tr("'{name}' is gone from the disk; save to keep it.")
            self._document.keep_as_unsaved()
            self._document.noted.emit(gone.format(name=path.name))
            return
        self._ask_to_reload(path)
        self._settled.start()

    def _ask_to_reload(self, path: Path) -> None:
        text = self.tr("'{name}' was changed by another program. Load it again?").format(name=path.name)
        if self._document.is_modified:
            text += " " + self.tr("Undo brings your unsaved changes back.")
        answer = self._ask(self.tr("File changed"), text, Button.Yes | Button.No, Button.Yes)
        if answer != Button.Yes or not self._reload(path):
            self._document.keep_as_unsaved()

    def _ask(
        self, title: str, text: str, buttons: Button, default: Button, words: Mapping[Button, str] | None = None
    ) -> Button:
        """Asks what to do about a change; what changes while the question is open waits until it is answered."""
        self._is_asking = True
        try:
            return ask(self._window, title, text, buttons, default, words)
        finally:
            self._is_asking = False

    def _reload(self, path: Path) -> bool:
        try:
            file = formats.read_file(path)
        except FileError as error:
            text = self.tr("'{name}' cannot be opened.").format(name=path.name)
            warn(self._window, self.tr("Not opened"), f"{text}\n\n{error.lines()[0]}")
            return False
        self._document.reload(file)
        return True


def ask_for_design(window: QWidget, near: Sequence[Path]) -> Path | None:
    """Asks for a design file to open, beginning beside the first of the files given."""
    title = QCoreApplication.translate("Files", "Open design")
    name, _ = QFileDialog.getOpenFileName(window, title, str(_folder_near(near)), _opening())
    return Path(name) if name else None


def _opening() -> str:
    """The file filters of the dialog: every format at once if there are several, each alone, and all files."""
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


def _stamp_now(path: Path) -> Stamp:
    """The stamp of what a file holds now; ABSENT if it cannot be read."""
    try:
        return stamp_of(path)
    except OSError:
        return ABSENT


def _status(path: Path | None) -> tuple[int, int, int] | None:
    """The stamp of a file, which changes when it is written; cheap to read."""
    try:
        status = path.stat() if path is not None else None
    except (OSError, ValueError):
        return None
    return (status.st_ino, status.st_size, status.st_mtime_ns) if status is not None else None


def _file_stem(name: str) -> str:
    """A design's name as a file name that every system allows."""
    kept = "".join(letter if letter.isalnum() or letter in " -_." else "-" for letter in name).strip(" .-")
    return kept[:80].replace(" ", "-").lower() or "design"
