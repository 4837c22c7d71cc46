"""Design files and source code dropped on a window."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QDropEvent

from cnnstudio.formats import suffixes
from cnnstudio.formats.foreign.recognition import is_source

OWN = "application/x-cnnstudio"
"""The beginning of the formats in which our own windows drag layers."""


def designs_in(mime: QMimeData) -> list[Path]:
    """The design files among what is dragged."""
    names = (url.toLocalFile() for url in mime.urls())
    return [Path(name) for name in names if Path(name).suffix.lower() in suffixes()]


def source_in(mime: QMimeData) -> str:
    """The source code of a network, or what a framework prints of one, in a drag or on the clipboard; "" if none."""
    # Layers of our own are text as well, and a file comes with its address as text.
    is_other = mime.hasUrls() or any(name.startswith(OWN) for name in mime.formats())
    text = mime.text() if mime.hasText() and not is_other else ""
    return text if is_source(text) else ""


def accept_copy(event: QDropEvent) -> None:
    """Takes a drop as a copy: a proposed move would let the file manager delete the user's file."""
    # `acceptProposedAction` may report a move to the file manager, which would then delete the user's file.
    event.setDropAction(Qt.DropAction.CopyAction)
    event.accept()
