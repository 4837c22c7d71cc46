"""Somebody does whatever comes to mind: no action may leave a wrong number in sight, or an error behind."""

from __future__ import annotations

import traceback

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cnnstudio.app.application import Studio
from tests.app.soaking import Soak

SEED = 14


@pytest.mark.timeout(0)
def test_what_is_shown_is_what_a_fresh_count_says(studio: Studio, qtbot: QtBot, actions: int) -> None:
    """`make soak` does 20,000 actions."""
    soak = Soak(studio, SEED + actions)
    QApplication.processEvents()
    with qtbot.capture_exceptions() as raised:
        for _ in range(actions):
            soak.act()
            # At once, and as text: the trail tells what led there, and tracebacks hold widgets that will be deleted.
            told = ["".join(traceback.format_exception(error)) for _, error, _ in raised]
            assert not told, "\n".join([*told, *soak.trail])
