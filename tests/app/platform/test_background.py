"""Work in a thread: its result arrives once, where the window is, and never when nobody wants it any more."""

from __future__ import annotations

import threading

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from cnnstudio.app.platform.background import Background


@pytest.fixture
def background(qapp: QObject) -> Background:
    return Background(qapp, (ValueError,))


def test_the_result_arrives_in_the_thread_of_the_window(background: Background, qtbot: QtBot) -> None:
    heard: list[tuple[object, threading.Thread]] = []
    background.done.connect(lambda result: heard.append((result, threading.current_thread())))
    background.start(threading.current_thread)
    qtbot.waitUntil(lambda: bool(heard))
    assert heard[0][0] is not threading.main_thread()
    assert heard[0][1] is threading.main_thread()
    assert not background.is_running


def test_a_refusal_is_its_sentence(background: Background, qtbot: QtBot) -> None:
    def refuse() -> None:
        raise ValueError("not this one")

    with qtbot.waitSignal(background.failed) as waiting:
        background.start(refuse)
    assert waiting.args == ["not this one"]


def test_an_error_of_the_program_is_told_and_raised(background: Background, qtbot: QtBot) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    with qtbot.captureExceptions() as raised, qtbot.waitSignal(background.failed) as waiting:
        background.start(fail)
    assert waiting.args == ["Something went wrong inside the program."]
    assert [kind for kind, _, _ in raised] == [ZeroDivisionError]
    assert not background.is_running


def test_only_the_last_one_counts(background: Background, qtbot: QtBot) -> None:
    gate = threading.Event()
    heard: list[object] = []
    background.done.connect(heard.append)
    background.start(lambda: gate.wait(10) and "first")
    background.start(lambda: "second")
    qtbot.waitUntil(lambda: bool(heard))
    gate.set()
    qtbot.wait(50)
    assert heard == ["second"]


def test_what_is_cancelled_is_not_heard_of(background: Background, qtbot: QtBot) -> None:
    heard: list[object] = []
    background.done.connect(heard.append)
    background.start(lambda: "never")
    background.cancel()
    qtbot.wait(50)
    assert (heard, background.is_running) == ([], False)
