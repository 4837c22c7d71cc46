"""Docks keep their width in letters, and never come back too narrow for their names."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from cnnstudio.app.application import Studio
from cnnstudio.app.window.main_window import MainWindow
from tests.app.conftest import has_all_docks, opened_window

WIDE = ("palette", "layers", "inspector")


@pytest.fixture
def window(studio: Studio, qtbot: QtBot) -> MainWindow:
    """ResNet-18 with all docks."""
    window = opened_window(studio, "resnet-18")
    qtbot.waitUntil(lambda: has_all_docks(window))
    window.resize(2600, 1200)
    window.docks.widths.spread()
    qtbot.waitUntil(lambda: window.docks.widths.is_settled)
    return window


def widths(window: MainWindow) -> dict[str, int]:
    return {key: window.docks[key].width() for key in WIDE}


def scale(window: MainWindow, factor: float, qtbot: QtBot) -> None:
    """Chooses a text size, and waits until the window is laid out."""
    window.look.set_text_scale(factor)
    # The theme of a test does not dress the application, and so does not tell.
    window.theme.changed.emit()
    qtbot.waitUntil(lambda: window.docks.widths.is_settled)


def test_a_larger_text_and_back_leaves_the_docks_as_they_were(window: MainWindow, qtbot: QtBot) -> None:
    before, heights = widths(window), heights_of(window)
    for factor in (1.1, 1.21, 1.5, 1.6):
        scale(window, factor, qtbot)
    assert widths(window)["palette"] > before["palette"]
    scale(window, 1.0, qtbot)
    after = widths(window)
    assert {key: abs(after[key] - before[key]) <= 2 for key in WIDE} == dict.fromkeys(WIDE, True)
    assert heights_of(window) == heights


def test_heights_that_were_dragged_are_kept_with_the_text_size(window: MainWindow, qtbot: QtBot) -> None:
    docks = [window.docks[key] for key in ("inspector", "working")]
    window.resizeDocks(docks, [700, 300], Qt.Orientation.Vertical)
    qtbot.waitUntil(lambda: window.docks["inspector"].height() > 600)
    heights = heights_of(window)
    for factor in (1.1, 1.6, 1.0):
        scale(window, factor, qtbot)
    assert heights_of(window) == heights


def heights_of(window: MainWindow) -> list[int]:
    return [window.docks[key].height() for key in ("inspector", "working")]


def test_a_dock_that_came_back_too_narrow_gets_room(window: MainWindow, qtbot: QtBot) -> None:
    palette = window.docks["palette"]
    palette.setMaximumWidth(80)
    qtbot.waitUntil(lambda: palette.width() == 80)
    palette.setMaximumWidth(16_777_215)
    window.docks.widths.mend()
    qtbot.waitUntil(lambda: palette.width() >= 190)


def test_large_letters_leave_room_for_the_tabs_of_the_middle(window: MainWindow, qtbot: QtBot) -> None:
    window.resize(1440, 860)
    scale(window, 1.6, qtbot)
    assert window.center.width() >= 400


@pytest.mark.parametrize(("width", "factor"), [(1280, 1.0), (1067, 1.0), (1600, 1.6), (2200, 1.6)])
def test_the_table_has_room_for_its_first_numbers(window: MainWindow, qtbot: QtBot, width: int, factor: float) -> None:
    window.resize(width, 800)
    scale(window, factor, qtbot)
    window.docks.widths.give_soon()
    qtbot.waitUntil(lambda: window.docks.widths.is_settled)
    assert window.center.width() >= 480 * factor
    assert window.docks["layers"].width() >= 200 * factor
