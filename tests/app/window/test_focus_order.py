"""The way of Tab through the window: it reaches every view, in the order of the screen, leads out of each, and back."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.app.application import Studio
from cnnstudio.app.inspector.inspector import Inspector
from cnnstudio.app.window.main_window import MainWindow
from cnnstudio.core.edits import set_field
from tests.app.conftest import has_all_docks, opened_window

MAX_STEPS = 400
"""More than the widgets of the window and the links of its pages."""
VIEWS = ("table", "diagram", "code", "memory")


@pytest.fixture
def window(studio: Studio, qtbot: QtBot) -> MainWindow:
    """A window with a problem, so that the view of problems shows too."""
    window = opened_window(studio)
    window.resize(1280, 800)
    window.document.apply(set_field(window.document.design, [("Conv-3",)], "kernel_size", 99))
    window.view_state.select((("Conv-2",),))
    with qtbot.waitActive(window):
        window.activateWindow()
    qtbot.waitUntil(lambda: window.chart.plot is not None and has_all_docks(window))
    qtbot.waitUntil(lambda: window.docks["problems"].isVisible())
    return window


def way(window: MainWindow, key: Qt.Key) -> list[QWidget]:
    """The widgets that a key leads through from the list of layers until it is there again, each once in a row."""
    window.layers.setFocus()
    passed: list[QWidget] = [window.layers]
    for _ in range(MAX_STEPS):
        QTest.keyClick(window.focusWidget(), key, modifier_of(key))
        if window.focusWidget() is window.layers:
            return passed
        if window.focusWidget() is not passed[-1]:
            passed.append(window.focusWidget())
    raise AssertionError(f"{passed[-1]} lets nobody out")


def modifier_of(key: Qt.Key) -> Qt.KeyboardModifier:
    return Qt.KeyboardModifier.ShiftModifier if key == Qt.Key.Key_Backtab else Qt.KeyboardModifier.NoModifier


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("key", [Qt.Key.Key_Tab, Qt.Key.Key_Backtab])
def test_tab_reaches_every_view_and_comes_back(window: MainWindow, view: str, key: Qt.Key, qtbot: QtBot) -> None:
    window.center.panel.show_view(view)
    shown = window.center.panel.view(view)
    qtbot.waitUntil(shown.isVisible)
    qtbot.waitUntil(lambda: getattr(shown, "is_current", True))
    passed = way(window, key)
    panels: dict[str, QWidget] = {dock.objectName(): dock for dock in window.docks if dock.isVisible()}
    panels |= {view: shown, "chart": window.chart}
    assert len(panels) > 6
    missed = [name for name, panel in panels.items() if not any(within(panel, each) for each in passed)]
    assert missed == []


def test_in_the_inspector_it_goes_from_top_to_bottom(window: MainWindow) -> None:
    inspector = window.docks.view("inspector", Inspector)
    area = inspector.findChild(QScrollArea)
    page = area.widget() if area is not None else None
    assert page is not None
    for selection in ((), (("Conv-2",),), (("FC-1",),), ()):
        window.view_state.select(selection)
        inspector.settle()
        inside = [each for each in way(window, Qt.Key.Key_Tab) if page.isAncestorOf(each)]
        assert len(inside) > 3
        tops = [each.mapTo(page, QPoint(0, 0)).y() for each in inside]
        assert tops == sorted(tops), [each.accessibleName() for each in inside]


def within(panel: QWidget, widget: QWidget) -> bool:
    return panel is widget or panel.isAncestorOf(widget)
