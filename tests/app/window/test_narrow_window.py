"""A narrow window does without the palette, then without the inspector, and takes them back with the room."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from cnnstudio.app.application import Studio
from cnnstudio.app.window.main_window import MainWindow
from tests.app.conftest import has_all_docks, opened_window


@pytest.fixture
def window(studio: Studio, qtbot: QtBot) -> MainWindow:
    """AlexNet in a wide window."""
    window = opened_window(studio)
    qtbot.waitUntil(lambda: has_all_docks(window))
    window.resize(1440, 900)
    return window


def shown(window: MainWindow) -> set[str]:
    return {key for key in ("palette", "layers", "inspector", "working") if not window.docks[key].isHidden()}


EVERY = {"palette", "layers", "inspector", "working"}


def test_docks_go_and_come_with_the_room(window: MainWindow, qtbot: QtBot) -> None:
    assert shown(window) == EVERY
    window.resize(1000, 700)
    qtbot.waitUntil(lambda: shown(window) == EVERY - {"palette"})
    window.resize(700, 600)
    qtbot.waitUntil(lambda: shown(window) == {"layers"})
    window.resize(1440, 900)
    qtbot.waitUntil(lambda: shown(window) == EVERY)


def test_large_letters_need_room_too(window: MainWindow, qtbot: QtBot) -> None:
    window.theme.set_text_scale(1.5)
    window.theme.changed.emit()
    qtbot.waitUntil(lambda: "palette" not in shown(window))
    window.theme.set_text_scale(1.0)
    window.theme.changed.emit()
    qtbot.waitUntil(lambda: shown(window) == EVERY)


def test_whoever_shows_it_all_the_same_keeps_it(window: MainWindow, qtbot: QtBot) -> None:
    window.resize(1000, 700)
    qtbot.waitUntil(lambda: "palette" not in shown(window))
    window.docks["palette"].toggleViewAction().trigger()
    window.resize(1010, 700)
    assert "palette" in shown(window)
    window.docks["palette"].toggleViewAction().trigger()
    window.resize(1440, 900)
    assert "palette" not in shown(window), "it was closed by hand"


def test_the_layout_that_is_kept_is_that_of_a_wide_window(window: MainWindow, studio: Studio, qtbot: QtBot) -> None:
    window.resize(1000, 700)
    qtbot.waitUntil(lambda: "palette" not in shown(window))
    window.close()
    again = opened_window(studio)
    again.resize(1440, 900)
    qtbot.waitUntil(lambda: shown(again) == EVERY)
    again.resize(1000, 700)
    qtbot.waitUntil(lambda: "palette" not in shown(again))
    again.actions_of["reset_layout"].trigger()
    assert "palette" not in shown(again)
