"""What the Help menu does."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMessageBox, QWidget

from cnnstudio import __version__


def copy_schema() -> None:
    """Puts the JSON Schema of design files on the clipboard, for editors that check files with one."""
    from cnnstudio.formats.schema import design_schema  # only wanted on demand

    schema = msgspec.json.format(msgspec.json.encode(design_schema()), indent=2)
    QGuiApplication.clipboard().setText(schema.decode())


def show_about(window: QWidget) -> None:
    """Tells what the program is, and which version."""
    translate = QCoreApplication.translate
    text = translate("Help", "CNN Studio {version}: design convolutional networks and see at once what they cost.")
    QMessageBox.about(window, translate("Help", "About CNN Studio"), text.format(version=__version__))
