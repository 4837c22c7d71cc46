"""Somebody does whatever comes to mind: no action may leave a wrong number in sight, or an error behind."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication

from cnnstudio.app.application import Studio
from tests.app.soaking import Soak

SEED = 14


@pytest.mark.timeout(0)
def test_what_is_shown_is_what_a_fresh_count_says(studio: Studio, actions: int) -> None:
    """`make soak` does 20,000 actions."""
    soak = Soak(studio, SEED + actions)
    QApplication.processEvents()
    for _ in range(actions):
        soak.act()
