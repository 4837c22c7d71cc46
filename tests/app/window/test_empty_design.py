"""A design without layers: every view shows it, and what counts or writes it opens without an error."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot

from cnnstudio.app.application import Studio
from cnnstudio.app.window.frame import WindowFrame
from cnnstudio.app.window.handlers import scale_design, show_budgets, show_sweep, verify_design
from cnnstudio.app.window.main_window import MainWindow


@pytest.fixture
def empty(studio: Studio) -> MainWindow:
    """A window with nothing in its design."""
    window = studio.new()
    window.editing.select_all()
    window.editing.delete()
    return window


@pytest.mark.parametrize("view", ["table", "diagram", "code", "memory"])
def test_views_show_nothing(empty: MainWindow, view: str, qtbot: QtBot) -> None:
    empty.center.panel.show_view(view)
    shown = empty.center.panel.view(view)
    qtbot.waitUntil(shown.isVisible)
    qtbot.waitUntil(lambda: getattr(shown, "is_current", True))
    assert not shown.grab().isNull()


@pytest.mark.parametrize("show", [verify_design, show_sweep, scale_design, show_budgets])
def test_dialogs_open(empty: MainWindow, show: Callable[[WindowFrame], object], qtbot: QtBot) -> None:
    show(empty)
    qtbot.waitUntil(lambda: empty.isVisible())
    assert empty.document.design.layers == ()
