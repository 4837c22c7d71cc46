"""The title of the panel that has the keyboard is marked, and Enter on a row leads to its fields."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from cnnstudio.app.application import Studio
from cnnstudio.app.inspector.inspector import Inspector
from cnnstudio.app.window.keyboard_marks import HAS_KEYBOARD
from cnnstudio.app.window.main_window import MainWindow
from tests.app.conftest import has_all_docks, opened_window, select


@pytest.fixture
def window(studio: Studio, qtbot: QtBot) -> MainWindow:
    """AlexNet in a window with all its docks."""
    window = opened_window(studio)
    window.activateWindow()
    qtbot.waitUntil(lambda: has_all_docks(window))
    return window


def marked(window: MainWindow) -> list[str]:
    return [dock.windowTitle() for dock in window.docks if dock.property(HAS_KEYBOARD)]


def test_one_title_is_marked(window: MainWindow) -> None:
    window.layers.setFocus()
    assert marked(window) == ["Layers"]
    window.docks["working"].widget().setFocus()
    assert marked(window) == ["Working"]
    window.table.grid.setFocus()
    assert marked(window) == []


def test_enter_on_a_row_of_the_list_leads_to_its_fields(window: MainWindow) -> None:
    select(window, "Conv-2")
    window.layers.setFocus()
    QTest.keyClick(window.layers, Qt.Key.Key_Return)
    inspector = window.docks.view("inspector", Inspector)
    editor = inspector.editor("filters")
    assert editor is not None
    assert editor.control.hasFocus()


def test_enter_in_the_table_edits_the_cell_or_leads_to_the_fields(window: MainWindow) -> None:
    grid = window.table.grid
    grid.setFocus()
    editable = next(
        index
        for column in range(1, grid.layers.columnCount())
        if (index := grid.layers.index(1, column)).flags() & Qt.ItemFlag.ItemIsEditable
    )
    grid.setCurrentIndex(editable)
    QTest.keyClick(grid, Qt.Key.Key_Return)
    editor = QApplication.focusWidget()
    assert isinstance(editor, QLineEdit)
    assert grid.isAncestorOf(editor)
    QTest.keyClick(editor, Qt.Key.Key_Escape)
    grid.setCurrentIndex(grid.layers.index(1, 0))
    QTest.keyClick(grid, Qt.Key.Key_Return)
    inspector = window.docks.view("inspector", Inspector)
    focus = QApplication.focusWidget()
    assert focus is not None
    assert inspector.isAncestorOf(focus)
