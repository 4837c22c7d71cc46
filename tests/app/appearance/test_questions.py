"""Questions in boxes: titles are whole, and the signs are the program's own."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication, QInputDialog, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.app.appearance.questions import Button, ask, ask_number, warn

TITLE = "Concatenate the output of a layer with a rather long name"


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    """A window to ask in."""
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    return window


def seen_while(found: list[tuple[int, int, bool]]) -> None:
    """Keeps the width of the box that is open, of its title, and whether it has a picture; and closes it."""
    box = QApplication.activeModalWidget()
    assert isinstance(box, QMessageBox | QInputDialog)
    title = QFontMetrics(box.font()).horizontalAdvance(box.windowTitle())
    has_sign = isinstance(box, QMessageBox) and not box.iconPixmap().isNull()
    found.append((box.width(), title, has_sign))
    box.reject()


def test_titles_are_whole_and_signs_are_there(window: QWidget) -> None:
    found: list[tuple[int, int, bool]] = []
    questions: tuple[Callable[[], object], ...] = (
        lambda: ask(window, TITLE, "So?", Button.Save | Button.Cancel, Button.Save),
        lambda: warn(window, TITLE, "No."),
        lambda: ask_number(window, TITLE, "How?", 1, 9),
    )
    for question in questions:
        QTimer.singleShot(30, window, lambda: seen_while(found))
        question()
    assert [width > title for width, title, _ in found] == [True] * 3
    assert [has_sign for _, _, has_sign in found] == [True, True, False]
