"""The designs that can be compared: an open design as it is at every moment, its last saved version, or a file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from cnnstudio.app.document.document import Document
from cnnstudio.app.document.view_state import ViewState
from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.formats import read_file
from cnnstudio.formats.design_file import DesignFile
from cnnstudio.formats.fault import FileError


class ComparedDesign(QObject):
    """One design of a comparison.

    `source` tells it from others of the same name; `view_state` is there if it is open in a window.
    """

    changed = Signal()

    def __init__(self, analysis: Analysis, source: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.analysis = analysis
        self.source = source
        self.view_state: ViewState | None = None

    @property
    def name(self) -> str:
        """The name of the design."""
        return self.analysis.design.name


class OpenSubject(ComparedDesign):
    """A design in a window, as it is edited. Once its window is closed it stays as it was last."""

    def __init__(self, document: Document, view_state: ViewState, source: str, parent: QObject | None = None) -> None:
        super().__init__(document.analysis, source, parent)
        self.view_state = view_state
        document.changed.connect(self._on_changed)
        document.destroyed.connect(self._on_gone)

    def _on_changed(self, _old: Analysis, new: Analysis) -> None:
        self.analysis = new
        self.changed.emit()

    def _on_gone(self) -> None:
        self.view_state = None


class SavedSubject(ComparedDesign):
    """The saved version of an open design: read anew whenever it is saved, or loaded again."""

    def __init__(self, document: Document, file: DesignFile, source: str, parent: QObject | None = None) -> None:
        super().__init__(analyze(file.design), source, parent)
        self._document = document
        document.path_changed.connect(self._read)
        document.modified_changed.connect(self._read)

    def _read(self) -> None:
        path = self._document.path
        if path is None or self._document.is_modified:
            return
        try:
            self.analysis = analyze(read_file(path).design)
        except FileError:
            return  # somebody else has it in hand just now; what was saved last is still true
        self.changed.emit()


def file_subject(file: DesignFile, path: Path, parent: QObject | None = None) -> ComparedDesign:
    """A design file, or a built-in design."""
    return ComparedDesign(analyze(file.design), path.name, parent)
