"""Recovery: a crash loses nothing, and nobody is asked about what was not lost."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from cnnstudio.app.appearance.questions import Button
from cnnstudio.app.application import SEEN_AFTER_MS, Studio
from cnnstudio.app.document.recovery import lost_work, recovery_folder
from cnnstudio.app.window.main_window import MainWindow
from cnnstudio.core import edits
from tests.app.conftest import Answers, opened_window
from tests.places import ROOT

QUESTION = "The program ended before 'net.yaml' was saved. Recover the unsaved work? No throws it away."


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "net.yaml"
    path.write_text("cnnstudio: 1\nname: Net\nlayers:\n- {type: Input, name: image, size: [8, 8], channels: 3}\n")
    return path


@contextmanager
def other_studio(file: Path, tmp_path: Path) -> Iterator[None]:
    """Another process with unsaved work on the file; killed in the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.app.document.crashing", str(file), str(tmp_path / "other.ini")],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    with process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "kept\n"
            yield
        finally:
            process.kill()


def rename(window: MainWindow, name: str) -> None:
    document = window.document
    document.apply(edits.rename(document.design, (document.design.layers[-1].name,), name))


def kept() -> list[Path]:
    return list(recovery_folder().glob("*.json"))


def test_work_of_a_killed_program_is_offered_at_the_next_start(
    studio: Studio, file: Path, tmp_path: Path, answers: Answers, qtbot: QtBot
) -> None:
    with other_studio(file, tmp_path):
        assert lost_work() == [], "the other program still runs"
    answers.give(Button.Yes)
    studio.start(None)
    qtbot.waitUntil(lambda: bool(answers.texts))
    assert answers.texts == [QUESTION]
    (window,) = studio.windows
    assert [item.name for item in window.document.design.layers] == ["not saved"]
    assert window.document.path == file
    assert window.isWindowModified()
    assert "not saved" not in file.read_text()
    assert len(kept()) == 1, "kept until it is saved, should this program crash as well"
    assert lost_work() == []
    assert window.files.save()
    assert (kept(), "not saved" in file.read_text()) == ([], True)


def test_recovered_into_the_window_of_its_file(
    studio: Studio, file: Path, tmp_path: Path, answers: Answers, qtbot: QtBot
) -> None:
    with other_studio(file, tmp_path):
        pass
    answers.give(Button.Yes)
    studio.start(str(file))
    qtbot.waitUntil(lambda: bool(answers.texts))
    (window,) = studio.windows
    assert (window.document.undo_stack.undoText(), window.isWindowModified()) == ("Recover unsaved work", True)
    window.document.undo_stack.undo()
    assert [item.name for item in window.document.design.layers] == ["image"]


def test_work_that_is_not_wanted_is_asked_about_once(
    studio: Studio, file: Path, tmp_path: Path, answers: Answers, qtbot: QtBot
) -> None:
    with other_studio(file, tmp_path):
        pass
    answers.give(Button.No)
    for _ in range(2):
        studio.start(None)
        qtbot.wait(SEEN_AFTER_MS + 50)
    assert (answers.texts, studio.windows, kept()) == ([QUESTION], [], [])


def test_work_is_kept_soon_and_removed_by_saving(studio: Studio, file: Path, qtbot: QtBot) -> None:
    window = studio.open(file)
    assert window is not None
    rename(window, "other")
    qtbot.waitUntil(lambda: len(kept()) == 1)
    assert lost_work() == [], "its program runs"
    assert window.files.save()
    assert kept() == []


def test_somebody_who_never_pauses_is_covered(studio: Studio, file: Path, qtbot: QtBot) -> None:
    window = studio.open(file)
    assert window is not None
    for step in range(100):
        rename(window, f"n{step}")
        qtbot.wait(10)
        if kept():
            break
    assert kept()


@pytest.mark.parametrize("how", ["undo", "discard"])
def test_nothing_is_kept_of_what_is_given_up(
    studio: Studio, file: Path, answers: Answers, qtbot: QtBot, how: str
) -> None:
    window = studio.open(file)
    assert window is not None
    rename(window, "other")
    qtbot.waitUntil(lambda: len(kept()) == 1)
    if how == "undo":
        window.document.undo_stack.undo()
    else:
        answers.give(Button.Discard)
        window.close()
    qtbot.waitUntil(lambda: kept() == [])


def test_a_start_after_a_clean_end_asks_nothing(studio: Studio, file: Path, qtbot: QtBot) -> None:
    window = studio.open(file)
    assert window is not None
    rename(window, "other")
    qtbot.waitUntil(lambda: len(kept()) == 1)
    assert window.files.save()
    window.close()
    studio.start(None)
    qtbot.wait(50)
    assert studio.welcome is not None
    assert list(recovery_folder().iterdir()) == []


def test_what_cannot_be_read_is_left_for_a_later_version(studio: Studio, answers: Answers, qtbot: QtBot) -> None:
    recovery_folder().mkdir(parents=True)
    leftovers = {"a.json": b"{", "b.json": b"[]", "c.json": b'{"file": "", "text": "cnnstudio: 99"}', "d.json": b"\xff"}
    for name, content in leftovers.items():
        (recovery_folder() / name).write_bytes(content)
    studio.start(None)
    qtbot.wait(50)
    assert answers.texts == []
    assert {path.name: path.read_bytes() for path in kept()} == leftovers


def test_a_folder_that_cannot_be_written_disturbs_nobody(studio: Studio, qtbot: QtBot) -> None:
    recovery_folder().parent.mkdir(parents=True)
    recovery_folder().write_text("a file where the folder should be")
    window = opened_window(studio)
    rename(window, "other")
    qtbot.wait(600)
    assert window.document.design.layers[-1].name == "other"
    assert recovery_folder().is_file()


def test_keeping_can_be_switched_off(studio: Studio, qtbot: QtBot) -> None:
    studio.settings.keeps_recovery = False
    rename(opened_window(studio), "other")
    qtbot.wait(600)
    assert kept() == []


def test_recovery_can_be_switched_off_in_the_file_menu(studio: Studio, file: Path) -> None:
    window, other = studio.open(file), studio.new()
    assert window is not None
    rename(window, "other")
    window.files.keep_recovered()
    assert len(kept()) == 1
    switch = window.actions_of["keep_recovery"]
    menu = next(child for child in window.menuBar().findChildren(QMenu) if child.title() == "&File")
    menu.aboutToShow.emit()
    assert switch.isChecked()
    switch.trigger()
    assert (switch.isChecked(), studio.settings.keeps_recovery, kept()) == (False, False, [])
    rename(other, "third")
    other.files.keep_recovered()
    assert kept() == []
    menu.aboutToShow.emit()
    assert not switch.isChecked()
    other.actions_of["keep_recovery"].trigger()
    assert studio.settings.keeps_recovery
    assert len(kept()) == 1, "work that is unsaved now is kept at once"
