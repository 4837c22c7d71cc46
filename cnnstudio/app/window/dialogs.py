"""What actions ask and tell in boxes of their own; each is loaded when it is wanted first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMessageBox, QWidget

from cnnstudio import __version__
from cnnstudio.core.network.design import find, walk

if TYPE_CHECKING:
    from cnnstudio.app.window.main_window import MainWindow


def open_file(window: MainWindow) -> None:
    """Asks for a design file and opens it."""
    path = window.files.ask_for_file()
    if path is not None:
        window.open_requested.emit(path)


def add_quickly(window: MainWindow) -> None:
    """Asks for a layer type or a building block by its name, and adds one."""
    from cnnstudio.app.palette.quick_add import QuickAdd

    window.editing.blocks.refresh()
    dialog = QuickAdd(window.theme, window.editing.blocks.every(), window)
    if dialog.exec() == QuickAdd.DialogCode.Accepted and dialog.chosen:
        window.editing.add(dialog.chosen)
    dialog.deleteLater()


def find_layer(window: MainWindow) -> None:
    """Asks for a layer by its name and selects it."""
    from cnnstudio.app.search.find_layer import FindLayer

    design = window.document.design
    names = [path for path, _ in walk(design.layers)]
    dialog = FindLayer(window.theme, names, lambda path: find(design, path), window)
    if dialog.exec() == FindLayer.DialogCode.Accepted and dialog.chosen:
        window.view_state.select((dialog.chosen,))
    dialog.deleteLater()


def copy_schema() -> None:
    """Puts the JSON Schema of design files on the clipboard, for editors that check files with one."""
    from cnnstudio.formats.schema import design_schema

    schema = msgspec.json.format(msgspec.json.encode(design_schema()), indent=2)
    QGuiApplication.clipboard().setText(schema.decode())


def show_about(window: QWidget) -> None:
    """Tells what the program is, and which version."""
    translate = QCoreApplication.translate
    text = translate("Help", "CNN Studio {version}: design convolutional networks and see at once what they cost.")
    QMessageBox.about(window, translate("Help", "About CNN Studio"), text.format(version=__version__))
