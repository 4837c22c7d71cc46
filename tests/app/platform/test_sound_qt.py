"""The Qt that is installed keeps Python alive, and pairs that do not are refused with a sentence."""

from __future__ import annotations

import sys

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.app.platform.sound_qt import this_pair, unsound_pair


@pytest.mark.parametrize(
    ("python", "qt", "is_refused"),
    [((3, 11), (6, 12), True), ((3, 11), (6, 11), False), ((3, 12), (6, 12), False), ((3, 11), (7, 0), True)],
)
def test_pairs(python: tuple[int, int], qt: tuple[int, int], is_refused: bool) -> None:
    sentence = unsound_pair(python, qt)
    assert bool(sentence) is is_refused
    assert ("crashes Python 3.11" in sentence) is is_refused


def test_the_installed_pair_is_sound() -> None:
    assert this_pair() == ""


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None is immortal from Python 3.12 on")
def test_calls_of_qt_lose_no_reference_to_none(qtbot: QtBot) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    before = sys.getrefcount(None)
    for _ in range(1_000):
        widget.update()
    assert sys.getrefcount(None) > before - 100
