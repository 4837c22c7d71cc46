"""One process that opens a file in the window, and looks at it in each view. Prints the views, one a line."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QElapsedTimer

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.application import Studio, make_application
from cnnstudio.app.platform.settings import Settings
from cnnstudio.app.platform.settings_file import SettingsFile
from cnnstudio.formats import read_file
from cnnstudio.formats.fault import FileError

SETTLED_MS = 300
"""Time without anything to do after which a view is taken to be there."""


def look_at(path: Path) -> None:
    """Opens the file, and shows one view after the other; a file that is refused is refused in the window, too."""
    make_application([])
    with tempfile.TemporaryDirectory() as folder:
        studio = Studio(Settings(SettingsFile(Path(folder) / "settings.json")), Theme("light"))
        try:
            window = studio.open(path, read_file(path))
        except FileError as error:
            print(error.lines()[0])
            return
        assert window is not None
        for view in ("table", "diagram", "code", "memory"):
            window.center.panel.show_view(view)
            _settle()
            print(view)
        window.handlers["show_repeats"]()
        _settle()
        window.document.undo_stack.setClean()
        window.close()


def _settle() -> None:
    """Lets everything happen that waits to."""
    timer = QElapsedTimer()
    timer.start()
    while timer.elapsed() < SETTLED_MS:
        QCoreApplication.processEvents()


if __name__ == "__main__":
    look_at(Path(sys.argv[1]))
