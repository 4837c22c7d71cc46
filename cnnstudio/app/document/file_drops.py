"""Design files dropped on a window."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QDropEvent

from cnnstudio.formats import suffixes


def designs_in(mime: QMimeData) -> list[Path]:
    """The design files among what is dragged."""
    names = (url.toLocalFile() for url in mime.urls())
    return [Path(name) for name in names if Path(name).suffix.lower() in suffixes()]


def accept_copy(event: QDropEvent) -> None:
    """Takes a drop as a copy: a proposed move would let the file manager delete the user's file."""
    # `acceptProposedAction` may report a move to the file manager, which would then delete the user's file.
    event.setDropAction(Qt.DropAction.CopyAction)
    event.accept()
