"""A studio that edits a file and then waits to be killed; prints a line when its unsaved work is kept."""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QTimer

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.application import Studio, make_application
from cnnstudio.app.document.recovery import recovery_folder
from cnnstudio.app.platform.settings import Settings
from cnnstudio.app.platform.settings_file import SettingsFile
from cnnstudio.core import edits


def main(file: Path, settings: Path) -> int:
    """Opens the file, renames its last layer, and goes on until it is killed."""
    application = make_application(sys.argv[:1])
    studio = Studio(Settings(SettingsFile(settings)), Theme("light"))
    window = studio.open(file)
    assert window is not None
    document = window.document
    last = document.design.layers[-1].name
    document.apply(edits.rename(document.design, (last,), "not saved"))
    timer = QTimer()
    timer.timeout.connect(lambda: print("kept", flush=True) if list(recovery_folder().glob("*.json")) else None)
    timer.start(50)
    return application.exec()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
