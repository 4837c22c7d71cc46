"""Files of a window: saving and its failures, the prompt for unsaved changes, and files changed by others."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import pytest
from PySide6.QtCore import QFileSystemWatcher, Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox
from pytestqt.qtbot import QtBot

from cnnstudio.app.appearance.questions import Button
from cnnstudio.app.application import Studio
from cnnstudio.app.document.recovery import recovery_folder
from cnnstudio.app.window.main_window import MainWindow
from cnnstudio.core import edits
from cnnstudio.core.network.design import find
from cnnstudio.formats import saving
from cnnstudio.formats.design_yaml import read_design
from tests.app.conftest import Answers, opened_window
from tests.places import ROOT

SMALL = """# Kept.
cnnstudio: 1
name: Small
layers:
- {type: Input, name: image, size: [8, 8], channels: 3}
- {type: Conv2D, name: one, filters: 4, kernel_size: 3}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "small.yaml"
    path.write_text(SMALL)
    return path


@pytest.fixture
def window(studio: Studio, file: Path) -> MainWindow:
    """The small design, open from its file."""
    window = studio.open(file)
    assert window is not None
    return window


def set_filters(window: MainWindow, filters: int) -> None:
    window.document.apply(edits.set_field(window.document.design, [("one",)], "filters", filters))


def filters_of(window: MainWindow) -> object:
    return getattr(find(window.document.design, ("one",)), "filters", None)


def choose_name(monkeypatch: pytest.MonkeyPatch, path: Path | str) -> None:
    """The user's answer when asked for a name to save under."""
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))


# Saving.


def test_save_writes_the_file_and_undo_goes_past_it(window: MainWindow, file: Path) -> None:
    set_filters(window, 16)
    assert window.isWindowModified()
    window.actions_of["save"].trigger()
    assert not window.isWindowModified()
    assert file.read_text() == SMALL.replace("filters: 4", "filters: 16")
    window.actions_of["undo"].trigger()
    assert (filters_of(window), window.isWindowModified()) == (4, True)
    window.actions_of["redo"].trigger()
    assert (filters_of(window), window.isWindowModified()) == (16, False)


def test_a_design_without_a_file_asks_for_a_name(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = opened_window(studio)
    choose_name(monkeypatch, tmp_path / "mine")
    assert window.files.save()
    assert read_design(tmp_path / "mine.yaml").design.name == "AlexNet"
    assert window.document.path == tmp_path / "mine.yaml"
    assert studio.settings.recent == [tmp_path / "mine.yaml"]


def test_no_name_saves_nothing(studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    window = opened_window(studio)
    choose_name(monkeypatch, "")
    assert not window.files.save()
    assert (window.document.path, list(tmp_path.glob("*.yaml"))) == (None, [])


@pytest.mark.parametrize("answer", [Button.Yes, Button.No])
def test_a_suffix_that_was_added_replaces_nothing_unasked(
    window: MainWindow, tmp_path: Path, answers: Answers, monkeypatch: pytest.MonkeyPatch, answer: Button
) -> None:
    other = tmp_path / "other.yaml"
    other.write_text("mine")
    choose_name(monkeypatch, tmp_path / "other")
    answers.give(answer)
    assert window.files.save_as() == (answer == Button.Yes)
    assert answers.texts == ["'other.yaml' exists already. Replace it?"]
    assert (other.read_text() == "mine") == (answer == Button.No)


def raising(code: int) -> object:
    def fail(*_: object, **__: object) -> NoReturn:
        raise OSError(code, os.strerror(code))

    return fail


@pytest.mark.parametrize(
    ("place", "name", "code"),
    [(os, "replace", errno.EIO), (os, "fsync", errno.ENOSPC)],
    ids=["a failing disk", "a full disk"],
)
def test_a_failing_save_is_told_and_loses_nothing(
    window: MainWindow,
    file: Path,
    answers: Answers,
    monkeypatch: pytest.MonkeyPatch,
    place: object,
    name: str,
    code: int,
) -> None:
    set_filters(window, 16)
    answers.give(Button.Ok)
    with monkeypatch.context() as patched:
        patched.setattr(place, name, raising(code))
        assert not window.files.save()
    assert answers.texts == [f"'{file}' could not be saved: {os.strerror(code)}. Nothing was changed there."]
    assert (file.read_text(), window.isWindowModified(), filters_of(window)) == (SMALL, True, 16)
    assert [path.name for path in file.parent.glob("*small*")] == ["small.yaml"]
    assert window.files.save()


def test_comments_stay_at_their_layers(studio: Studio, file: Path) -> None:
    file.write_text(SMALL.replace("layers:", "layers: # one\n# two"))
    window = studio.open(file)
    assert window is not None
    set_filters(window, 5)
    assert window.files.save()
    assert file.read_text() == SMALL.replace("filters: 4", "filters: 5").replace("layers:", "layers: # one\n# two")


# Closing with unsaved changes.


@pytest.mark.parametrize(
    ("answer", "closes", "saved"),
    [(Button.Save, True, True), (Button.Discard, True, False), (Button.Cancel, False, False)],
)
def test_closing_asks_about_unsaved_changes(
    studio: Studio, window: MainWindow, file: Path, answers: Answers, answer: Button, closes: bool, saved: bool
) -> None:
    set_filters(window, 16)
    answers.give(answer)
    assert window.close() == closes
    assert answers.texts == ["Save the changes to 'small.yaml'?"]
    assert (window in studio.windows) == (not closes)
    assert ("filters: 16" in file.read_text()) == saved


def test_a_failing_save_keeps_the_window_open(
    studio: Studio, window: MainWindow, answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_filters(window, 16)
    answers.give(Button.Save, Button.Ok)
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", raising(errno.ENOSPC))
        assert not window.close()
    assert studio.windows == [window]
    assert window.isWindowModified()


def test_nothing_is_asked_where_nothing_is_lost(studio: Studio, window: MainWindow) -> None:
    set_filters(window, 16)
    window.document.undo_stack.undo()
    assert window.close()
    assert studio.windows == []


# Files changed by other programs.


def replace_on_disk(file: Path, text: str) -> None:
    """As editors save: another file takes the place of the old one."""
    other = file.with_suffix(".new")
    other.write_text(text)
    other.replace(file)


def wait_for_filters(window: MainWindow, filters: int, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: filters_of(window) == filters)


@pytest.mark.parametrize("in_place", [True, False])
def test_a_change_on_disk_is_loaded_if_wanted(
    window: MainWindow, file: Path, answers: Answers, qtbot: QtBot, in_place: bool
) -> None:
    for filters in (9, 10):
        answers.give(Button.Yes)
        text = SMALL.replace("filters: 4", f"filters: {filters}")
        file.write_text(text) if in_place else replace_on_disk(file, text)
        wait_for_filters(window, filters, qtbot)
    assert set(answers.texts) == {"'small.yaml' was changed by another program. Load it again?"}
    assert not window.isWindowModified()
    assert window.document.undo_stack.undoText() == "Load small.yaml again"
    window.document.undo_stack.undo()
    assert (filters_of(window), window.isWindowModified()) == (9, True)


def test_a_change_on_disk_that_is_not_wanted(window: MainWindow, file: Path, answers: Answers, qtbot: QtBot) -> None:
    answers.give(Button.No)
    file.write_text(SMALL.replace("filters: 4", "filters: 9"))
    qtbot.waitUntil(window.isWindowModified)
    assert filters_of(window) == 4
    assert window.files.save()
    assert file.read_text() == SMALL


def test_unsaved_work_survives_loading_again(window: MainWindow, file: Path, answers: Answers, qtbot: QtBot) -> None:
    set_filters(window, 16)
    answers.give(Button.Yes)
    file.write_text(SMALL.replace("filters: 4", "filters: 9"))
    qtbot.waitUntil(lambda: filters_of(window) == 9)
    assert answers.texts[0].endswith("Load it again? Undo brings your unsaved changes back.")
    window.document.undo_stack.undo()
    assert filters_of(window) == 16


def test_a_change_on_disk_that_cannot_be_read(window: MainWindow, file: Path, answers: Answers, qtbot: QtBot) -> None:
    answers.give(Button.Yes, Button.Ok)
    file.write_text("cnnstudio: 1\nlayers:\n- {type: Conf2D}\n")
    qtbot.waitUntil(window.isWindowModified)
    assert "'small.yaml' cannot be opened." in answers.texts[1]
    assert "Did you mean 'Conv2D'" in answers.texts[1]
    assert filters_of(window) == 4


def test_a_file_removed_while_open_and_put_back(window: MainWindow, file: Path, answers: Answers, qtbot: QtBot) -> None:
    file.unlink()
    qtbot.waitUntil(window.isWindowModified)
    assert window.statusBar().currentMessage() == "'small.yaml' is gone from the disk; save to keep it."
    answers.give(Button.Yes)
    file.write_text(SMALL.replace("filters: 4", "filters: 9"))
    qtbot.waitUntil(lambda: filters_of(window) == 9)
    file.unlink()
    qtbot.waitUntil(window.isWindowModified)
    assert window.files.save()
    assert "filters: 9" in file.read_text()


def test_own_saves_are_not_taken_for_those_of_others(window: MainWindow, file: Path, qtbot: QtBot) -> None:
    for filters in (5, 6):
        set_filters(window, filters)
        assert window.files.save()
        qtbot.wait(350)
    assert f"filters: {filters_of(window)}" in file.read_text()
    assert not window.isWindowModified()


# What somebody else has saved meanwhile, of which no watcher told.

QUESTION = "'small.yaml' was saved by somebody else since it was opened here. Overwrite their version?"


@pytest.fixture
def theirs(window: MainWindow, file: Path) -> str:
    """Another version, saved by somebody else just before the own one is."""
    set_filters(window, 16)
    text = SMALL.replace("filters: 4", "filters: 9")
    replace_on_disk(file, text)
    return text


def test_their_version_is_not_overwritten_unasked(
    window: MainWindow, file: Path, theirs: str, answers: Answers, qtbot: QtBot
) -> None:
    for _ in range(2):
        answers.give(Button.Cancel)
        assert not window.files.save()
    assert answers.texts == [QUESTION, QUESTION]
    assert (file.read_text(), filters_of(window), window.isWindowModified()) == (theirs, 16, True)
    qtbot.wait(350)
    assert len(answers.texts) == 2, "the watcher asks no more about a version that has been asked about"


def test_their_version_is_overwritten_if_that_is_wanted(
    window: MainWindow, file: Path, theirs: str, answers: Answers
) -> None:
    answers.give(Button.Yes)
    assert window.files.save()
    assert (theirs != file.read_text(), window.isWindowModified()) == (True, False)
    assert window.files.save()
    assert answers.texts == [QUESTION]


def test_a_version_that_comes_while_one_is_asked_about_is_asked_about_too(
    window: MainWindow, file: Path, theirs: str, answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = theirs.replace("filters: 9", "filters: 10")

    def answer(box: QMessageBox) -> int:
        if not answers.texts:
            file.write_text(later)
        return answers.answer(box)

    monkeypatch.setattr(QMessageBox, "exec", answer)
    answers.give(Button.Yes, Button.Cancel)
    assert not window.files.save()
    assert (file.read_text(), answers.texts) == (later, [QUESTION, QUESTION])


@pytest.mark.usefixtures("theirs")
def test_their_version_is_loaded_and_undo_brings_the_own_one_back(window: MainWindow, answers: Answers) -> None:
    answers.give(Button.Open)
    assert not window.files.save()
    assert (filters_of(window), window.isWindowModified()) == (9, False)
    window.document.undo_stack.undo()
    assert (filters_of(window), window.isWindowModified()) == (16, True)
    assert window.files.save(), "theirs has been seen"


def test_the_own_version_is_saved_under_another_name(
    window: MainWindow, file: Path, theirs: str, answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers.give(Button.Save)
    choose_name(monkeypatch, file.with_name("mine.yaml"))
    assert window.files.save()
    assert (file.read_text(), window.document.path) == (theirs, file.with_name("mine.yaml"))
    assert "filters: 16" in file.with_name("mine.yaml").read_text()


@pytest.mark.usefixtures("theirs")
def test_closing_does_not_overwrite_their_version_unasked(studio: Studio, window: MainWindow, answers: Answers) -> None:
    answers.give(Button.Save, Button.Cancel)
    assert not window.close()
    assert studio.windows == [window]


def test_what_both_wrote_alike_is_no_conflict(window: MainWindow, file: Path) -> None:
    set_filters(window, 16)
    replace_on_disk(file, SMALL.replace("filters: 4", "filters: 16"))
    assert window.files.save()
    assert not window.isWindowModified()


def test_a_change_between_reading_and_showing_is_noticed(studio: Studio, file: Path, answers: Answers) -> None:
    read = read_design(file)
    replace_on_disk(file, SMALL.replace("filters: 4", "filters: 9"))
    window = studio.open(file, read)
    assert window is not None
    answers.give(Button.Cancel)
    assert not window.files.save()
    assert answers.texts == [QUESTION]


def test_somebody_who_comes_back_is_told_of_a_change_of_which_no_watcher_tells(
    window: MainWindow, file: Path, answers: Answers, qtbot: QtBot
) -> None:
    for watcher in window.findChildren(QFileSystemWatcher):
        watcher.removePaths([*watcher.files(), *watcher.directories()])
    replace_on_disk(file, SMALL.replace("filters: 4", "filters: 9"))
    answers.give(Button.Yes)
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    application.applicationStateChanged.emit(Qt.ApplicationState.ApplicationActive)
    wait_for_filters(window, 9, qtbot)
    application.applicationStateChanged.emit(Qt.ApplicationState.ApplicationActive)
    qtbot.wait(300)
    assert len(answers.texts) == 1


def test_two_programs_on_one_file_overwrite_nothing_unasked(window: MainWindow, file: Path, answers: Answers) -> None:
    """Another process saves again and again, while this one wants to and is told no where it would take that away."""
    script = (
        "import sys; from pathlib import Path; from cnnstudio.formats.saving import write_atomically\n"
        "text = Path(sys.argv[1]).read_text()\n"
        "for number in range(100, 140):\n"
        "    write_atomically(Path(sys.argv[1]), text.replace('filters: 4', f'filters: {number}').encode())\n"
    )
    with subprocess.Popen([sys.executable, "-c", script, str(file)], cwd=ROOT) as other:
        attempts = 0
        while other.poll() is None:
            attempts += 1
            set_filters(window, 1_000 + attempts)
            answers.left[:] = [Button.Cancel]
            window.files.save()
    answers.left.clear()
    assert (attempts > 1, set(answers.texts)) == (True, {QUESTION})
    read_design(file)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes have no names here")
@pytest.mark.parametrize("kind", ["pipe", "endless"])
def test_a_pipe_or_an_endless_file_in_its_place_holds_nobody_up(
    window: MainWindow, file: Path, answers: Answers, qtbot: QtBot, kind: str
) -> None:
    file.unlink()
    os.mkfifo(file) if kind == "pipe" else file.symlink_to("/dev/zero")
    qtbot.waitUntil(window.isWindowModified)
    assert window.statusBar().currentMessage() == "'small.yaml' is gone from the disk; save to keep it."
    answers.give(Button.Ok)
    assert not window.files.save()
    assert answers.texts[0].endswith("could not be saved: Not a regular file. Nothing was changed there.")


# Saving over a file that another window shows.


@pytest.mark.parametrize(("is_edited", "answer"), [(False, Button.Yes), (True, Button.Cancel)])
def test_saving_over_the_file_of_another_window_is_asked_about(
    studio: Studio,
    window: MainWindow,
    file: Path,
    answers: Answers,
    monkeypatch: pytest.MonkeyPatch,
    is_edited: bool,
    answer: Button,
) -> None:
    other = opened_window(studio)
    if is_edited:
        set_filters(window, 16)
    choose_name(monkeypatch, file)
    answers.give(answer)
    assert other.files.save_as() == (answer == Button.Yes)
    unsaved = ", with unsaved changes" if is_edited else ""
    assert answers.texts == [f"'small.yaml' is open in another window{unsaved}. Overwrite it?"]
    assert ("AlexNet" in file.read_text()) == (answer == Button.Yes)
    if answer == Button.Yes:
        set_filters(window, 5)
        answers.give(Button.Cancel)
        assert not window.files.save(), "the other window does not save over it unasked either"


# A file that is written in place.


@pytest.mark.skipif(os.name != "posix", reason="hard links are another matter here")
def test_unsaved_work_is_kept_while_a_file_is_written_in_place(
    window: MainWindow, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.link(file, file.with_name("link.yaml"))
    set_filters(window, 16)
    kept: list[int] = []
    write = saving._write_in_place

    def write_in_place(target: Path, content: bytes) -> None:
        kept.append(len(list(recovery_folder().glob("*.json"))))
        write(target, content)

    monkeypatch.setattr(saving, "_write_in_place", write_in_place)
    assert window.files.save()
    assert kept == [1]
    assert list(recovery_folder().glob("*.json")) == []
    assert "filters: 16" in file.with_name("link.yaml").read_text()


# Recent files.


def test_the_latest_file_comes_first_and_those_that_are_gone_are_left_out(studio: Studio, tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.yaml" for number in range(12)]
    for path in paths:
        path.write_text(SMALL)
        studio.settings.add_recent(path)
    studio.settings.add_recent(paths[5])
    latest = [paths[number] for number in (5, 11, 10, 9, 8, 7, 6, 4, 3, 2)]
    assert studio.settings.recent == latest
    paths[5].unlink()
    assert studio.settings.recent == latest[1:]
    studio.settings.clear_recent()
    assert studio.settings.recent == []


@pytest.mark.parametrize(
    ("name", "stem"),
    [("AlexNet", "alexnet"), ("a/b\\c: d?", "a-b-c--d"), ("..", "design"), ("", "design"), ("n" * 300, "n" * 80)],
)
def test_a_name_to_save_under_is_offered(studio: Studio, monkeypatch: pytest.MonkeyPatch, name: str, stem: str) -> None:
    offered: list[str] = []

    def offer(_parent: object, _title: str, start: str, _filter: str) -> tuple[str, str]:
        offered.append(start)
        return "", ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", offer)
    window = studio.new()
    window.document.apply(edits.set_design(window.document.design, "name", name))
    window.files.save_as()
    assert Path(offered[0]).name == f"{stem}.yaml"
