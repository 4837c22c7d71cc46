"""Names of designs, layers and files are text wherever they are shown: Qt takes what looks like HTML for HTML."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QAbstractItemModel, QAbstractListModel, QModelIndex, Qt
from PySide6.QtGui import Qt as QtText
from PySide6.QtGui import QUndoCommand
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QGraphicsView,
    QLabel,
    QMenu,
    QMessageBox,
    QTextEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from cnnstudio.app.application import Studio
from cnnstudio.app.comparison.subjects import OpenSubject, file_subject
from cnnstudio.app.window.comparisons import show_comparison
from cnnstudio.app.window.main_window import MainWindow
from cnnstudio.core import edits
from cnnstudio.formats.design_yaml import read_design
from tests.app.conftest import has_all_docks

EVIL = "<b>evil</b>"
TEXT = f"""cnnstudio: 1
name: "{EVIL} net"
note: "{EVIL} note"
layers:
- {{type: Input, name: "{EVIL} in", size: [8, 8], channels: 3, note: "{EVIL} note"}}
- {{type: Conv2D, name: "{EVIL} conv", filters: 4, kernel_size: 3, note: "{EVIL} note"}}
- type: Block
  name: "{EVIL} block"
  repeat: 2
  note: "{EVIL} note"
  layers:
  - {{type: Conv2D, name: "{EVIL} a", filters: 4, kernel_size: 3, padding: same}}
  - {{type: Add, name: "{EVIL} sum", inputs: ["{EVIL} a", input]}}
- {{type: Conv2D, name: "{EVIL} large", filters: 4, kernel_size: 99}}
- {{type: Conv2D, name: "{EVIL} side", filters: 4, kernel_size: 3, inputs: ["{EVIL} conv"]}}
"""


def is_read_as_html(text: str) -> bool:
    return EVIL in text and QtText.mightBeRichText(text)


def texts_of_models(model: QAbstractItemModel, parent: QModelIndex) -> Iterator[str]:
    columns = 1 if isinstance(model, QAbstractListModel) else model.columnCount(parent)
    for row in range(min(model.rowCount(parent), 20)):
        for column in range(columns):
            index = model.index(row, column, parent)
            yield str(index.data(Qt.ItemDataRole.ToolTipRole) or "")
            yield str(index.data(Qt.ItemDataRole.WhatsThisRole) or "")
            if not column and not isinstance(model, QAbstractListModel):
                yield from texts_of_models(model, index)
    for section in range(columns):
        yield str(model.headerData(section, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole) or "")


def texts_of(widget: QWidget) -> Iterator[str]:
    """The texts of a widget that Qt may take for HTML."""
    yield widget.toolTip()
    yield widget.whatsThis()
    if isinstance(widget, QLabel) and widget.textFormat() == Qt.TextFormat.AutoText:
        yield widget.text()
    if isinstance(widget, QMessageBox) and widget.textFormat() == Qt.TextFormat.AutoText:
        yield widget.text()
    if isinstance(widget, QAbstractItemView) and widget.model() is not None:
        yield from texts_of_models(widget.model(), QModelIndex())
    if isinstance(widget, QGraphicsView) and widget.scene() is not None:
        yield from (item.toolTip() for item in widget.scene().items())
    if isinstance(widget, QTextEdit):
        # What is HTML here on purpose has the name as letters, however it breaks them into lines.
        said = "".join(sign for sign in widget.toPlainText() if sign.isprintable())
        yield EVIL if "evil" in said.replace("\\/", "/").replace(EVIL, "") else ""
    for action in widget.actions():
        if not isinstance(widget, QMenu) or widget.toolTipsVisible():
            yield action.toolTip()
        yield action.whatsThis()


def all_read_as_html() -> list[str]:
    """Texts read as HTML in all windows, by the class of the widget."""
    return [
        f"{type(widget).__name__}: {text}"
        for widget in QApplication.allWidgets()
        for text in texts_of(widget)
        if is_read_as_html(text)
    ]


def selected(window: MainWindow, *names: str) -> None:
    window.view_state.select(tuple((f"{EVIL} {name}",) for name in names))
    QApplication.processEvents()


@pytest.fixture
def evil_file(tmp_path: Path) -> Path:
    folder = tmp_path / "<i>folder"
    folder.mkdir()
    path = folder / "<b>evil<b>.yaml"
    path.write_text(TEXT)
    return path


def test_windows_show_names_as_they_are(studio: Studio, evil_file: Path, qtbot: QtBot) -> None:
    window = studio.open(evil_file)
    assert window is not None
    qtbot.waitUntil(lambda: has_all_docks(window))
    window.center.panel.show_view("diagram")
    window.resize(700, 500)
    for names in (("conv",), ("block",), ("large",), ("conv", "large"), ("side",), ()):
        selected(window, *names)
        assert all_read_as_html() == []
    selected(window, "side")
    for menu in window.menuBar().findChildren(QMenu):
        menu.aboutToShow.emit()
    assert all_read_as_html() == []
    window.document.undo_stack.push(QUndoCommand(f"Rename {EVIL}"))
    window.actions_of.name_history(window.document.undo_stack)
    assert all_read_as_html() == []


def test_a_comparison_shows_names_as_they_are(studio: Studio, evil_file: Path) -> None:
    window = studio.open(evil_file)
    assert window is not None
    here = OpenSubject(window.document, window.view_state, f"{EVIL} now")
    shown = show_comparison((file_subject(read_design(evil_file), evil_file), here), window)
    for names in (("conv",), ()):
        window.document.apply(edits.set_field(window.document.design, [(f"{EVIL} conv",)], "filters", 5 + len(names)))
        shown.view.grid.selectRow(1)
        QApplication.processEvents()
        assert all_read_as_html() == []
    shown.close()


def test_recent_files_are_shown_as_they_are(studio: Studio, evil_file: Path) -> None:
    studio.settings.add_recent(evil_file)
    studio.show_welcome()
    QApplication.processEvents()
    assert [text for widget in QApplication.allWidgets() for text in texts_of(widget) if rich(text)] == []


def rich(text: str) -> bool:
    return "evil" in text and QtText.mightBeRichText(text) and "&lt;" not in text
