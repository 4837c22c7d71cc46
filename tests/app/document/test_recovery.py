"""Recovery: a crash loses nothing, and nobody is asked about what was not lost."""

from __future__ import annotations

import errno
import itertools
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QTreeWidgetItem
from pytestqt.qtbot import QtBot

from cnnstudio.app.appearance.questions import Button
from cnnstudio.app.application import SEEN_AFTER_MS, Studio
from cnnstudio.app.document.recovery import Kept, lost_work, recovery_folder
from cnnstudio.app.document.recovery_dialog import RecoveryDialog
from cnnstudio.app.window.main_window import MainWindow
from cnnstudio.core import edits
from cnnstudio.formats.design_yaml import design_text, read_design
from cnnstudio.formats.saving.temporary_files import temporary_path
from tests.app.conftest import Answers, opened_window
from tests.places import ROOT


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "net.yaml"
    path.write_text("cnnstudio: 1\nname: Net\nlayers:\n- {type: Input, name: image, size: [8, 8], channels: 3}\n")
    return path


@contextmanager
def other_studio(file: Path, tmp_path: Path) -> Iterator[None]:
    """Another process with unsaved work on the file; killed in the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.app.document.crashing", str(file), str(tmp_path / "other.json")],
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


def keep(
    stem: str, name: str, content: Kept | None = None, at: int = 1_700_000_000, folder: Path | None = None
) -> None:
    """Leaves work behind as a crash does."""
    folder = folder or recovery_folder()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{stem}.json"
    text = f"cnnstudio: 1\nname: {name}\nlayers:\n- {{type: Input, name: image, size: 8, channels: 3}}\n"
    path.write_bytes(msgspec.json.encode(content or Kept("", text)))
    os.utime(path, (at, at))


def test_work_is_found_where_it_was_kept_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep("own", "Own")
    named = tmp_path / "named"
    keep("named", "Named", at=1_600_000_000, folder=named)
    named.chmod(0o700)
    assert [lost.design.design.name for lost in lost_work(named)] == ["Own", "Named"]
    # Where another could have put it, nothing is read.
    named.chmod(0o777)
    assert [lost.design.design.name for lost in lost_work(named)] == ["Own"]
    monkeypatch.setenv("CNNSTUDIO_HOME", str(tmp_path / "portable"))
    keep("portable", "Portable", at=1_650_000_000)
    assert [lost.design.design.name for lost in lost_work()] == ["Own", "Portable"]


def offered(studio: Studio, qtbot: QtBot) -> RecoveryDialog:
    """The dialog, once it is there."""
    qtbot.waitUntil(lambda: studio.recovery_dialog is not None)
    assert studio.recovery_dialog is not None
    return studio.recovery_dialog


def rows(dialog: RecoveryDialog) -> list[list[str]]:
    """The texts of its rows."""
    return [[row.text(column) for column in range(row.columnCount())] for row in items(dialog)]


def items(dialog: RecoveryDialog) -> list[QTreeWidgetItem]:
    """Its rows."""
    found = [dialog.list.topLevelItem(row) for row in range(dialog.list.topLevelItemCount())]
    return [row for row in found if row is not None]


def test_work_of_a_killed_program_is_offered_at_the_next_start(
    studio: Studio, file: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    with other_studio(file, tmp_path):
        assert lost_work() == [], "the other program still runs"
    studio.start(None)
    dialog = offered(studio, qtbot)
    (row,) = rows(dialog)
    assert (row[0], row[2:]) == ("Net", ["1 layer, 91 B", "net.yaml"])
    dialog.recover_button.click()
    (window,) = studio.windows
    assert [item.name for item in window.document.design.layers] == ["not saved"]
    assert window.document.path == file
    assert window.isWindowModified()
    assert "not saved" not in file.read_text()
    assert len(kept()) == 1, "kept until it is saved, should this program crash as well"
    assert lost_work() == []
    assert window.files.save()
    assert (kept(), "not saved" in file.read_text()) == ([], True)


def test_recovered_into_the_window_of_its_file(studio: Studio, file: Path, tmp_path: Path, qtbot: QtBot) -> None:
    with other_studio(file, tmp_path):
        pass
    studio.start(str(file))
    offered(studio, qtbot).recover_button.click()
    (window,) = studio.windows
    assert (window.document.undo_stack.undoText(), window.isWindowModified()) == ("Recover unsaved work", True)
    window.document.undo_stack.undo()
    assert [item.name for item in window.document.design.layers] == ["image"]


def test_work_that_is_not_wanted_is_asked_about_once(studio: Studio, answers: Answers, qtbot: QtBot) -> None:
    keep("a", "First")
    studio.start(None)
    answers.give(Button.Cancel, Button.Discard)
    dialog = offered(studio, qtbot)
    for count in (1, 0):
        dialog.discard_button.click()
        assert len(kept()) == count, "once more asked before it is gone for good"
    assert set(answers.texts) == {"Discard the unsaved work on 'First' for good?"}
    assert (studio.recovery_dialog, studio.windows) == (None, [])
    studio.start(None)
    qtbot.wait(SEEN_AFTER_MS + 50)
    assert studio.recovery_dialog is None


def test_escape_loses_nothing(studio: Studio, qtbot: QtBot) -> None:
    keep("a", "First")
    for _ in range(2):
        studio.start(None)
        dialog = offered(studio, qtbot)
        assert len(rows(dialog)) == 1
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
        assert studio.recovery_dialog is None
        assert len(kept()) == 1
    studio.start(None)
    offered(studio, qtbot).later_button.click()
    assert len(kept()) == 1


def test_one_list_for_all_from_which_some_are_chosen(studio: Studio, qtbot: QtBot) -> None:
    for number, name in enumerate(("First", "Second", "Third")):
        keep(name, name, at=1_700_000_000 + number)
    studio.start(None)
    dialog = offered(studio, qtbot)
    assert [row[0] for row in rows(dialog)] == ["Third", "Second", "First"], "the latest first"
    assert all(row[3] == "never saved" and row[1] for row in rows(dialog))
    for row in (0, 2):
        items(dialog)[row].setCheckState(0, Qt.CheckState.Unchecked)
    dialog.recover_button.click()
    assert [window.document.design.name for window in studio.windows] == ["Second"]
    assert [lost.design.design.name for lost in lost_work()] == ["Third", "First"], "left for later"


def test_work_that_cannot_be_kept_again_is_not_forgotten(
    studio: Studio, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep("a", "First")
    studio.start(None)
    dialog = offered(studio, qtbot)
    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", raising)
        dialog.recover_button.click()
    assert [lost.design.design.name for lost in lost_work()] == ["First"]


def raising(*_: object) -> NoReturn:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_recovered_work_does_not_overwrite_what_was_saved_after_it(
    studio: Studio, file: Path, answers: Answers, qtbot: QtBot
) -> None:
    old = read_design(file)
    keep("a", "Mine", Kept(str(file), design_text(old.design), old.stamp))
    theirs = file.read_text().replace("Net", "Theirs")
    file.write_text(theirs)
    studio.start(str(file))
    offered(studio, qtbot).recover_button.click()
    (window,) = studio.windows
    answers.give(Button.Cancel)
    assert not window.files.save()
    assert answers.texts == ["'net.yaml' was saved by somebody else since it was opened here. Overwrite their version?"]
    assert file.read_text() == theirs


def spoilt() -> dict[str, bytes]:
    """Contents that a later version, a failing disk or an enemy may put in the place of a recovery file."""
    deep = b'{"file": "", "text": "", "more": ' + b"[" * 200_000
    return {
        "a.json": b"{",
        "b.json": b"[]",
        "c.json": b'{"file": "", "text": "cnnstudio: 99"}',
        "d.json": b"\xff",
        "e.json": b'{"file": 7, "text": "cnnstudio: 1\\nlayers: []"}',
        "f.json": deep,
        "g.json": b'{"file": "", "text": "\\ud800"}',
        "h.json": b"",
    }


def test_a_spoilt_recovery_file_hides_no_other(studio: Studio, qtbot: QtBot) -> None:
    keep("z", "Sound")
    for name, content in spoilt().items():
        (recovery_folder() / name).write_bytes(content)
    (recovery_folder() / "folder.json").mkdir()
    (recovery_folder() / "nowhere.json").symlink_to("nothing")
    null = Kept("a\0b", "cnnstudio: 1\nname: Void\nlayers: []\n")
    (recovery_folder() / "null.json").write_bytes(msgspec.json.encode(null))
    if hasattr(os, "mkfifo"):
        os.mkfifo(recovery_folder() / "pipe.json")
        os.mkfifo(recovery_folder() / "locked.lock")
        (recovery_folder() / "locked.json").write_bytes(b"{}")
        (recovery_folder() / "endless.json").symlink_to("/dev/zero")
    studio.start(None)
    assert sorted(row[0] for row in rows(offered(studio, qtbot))) == ["Sound", "Void"]
    assert {name: (recovery_folder() / name).read_bytes() for name in spoilt()} == spoilt()


def test_what_a_kill_left_of_writing_is_swept() -> None:
    keep("z", "Sound")
    ended = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    mark = temporary_path(recovery_folder() / "z.json").name
    mark = mark.replace(f"-{os.getpid():x}-", f"-{int(ended.stdout):x}-")
    (recovery_folder() / mark).write_bytes(b"half")
    assert len(lost_work()) == 1
    assert sorted(path.name for path in recovery_folder().iterdir()) == ["z.json"]


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
    steps = itertools.count()

    def edited_again_and_kept() -> bool:
        rename(window, f"n{next(steps)}")
        return bool(kept())

    qtbot.waitUntil(edited_again_and_kept)


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


def test_nothing_is_offered_where_nothing_can_be_read(studio: Studio, qtbot: QtBot) -> None:
    recovery_folder().mkdir(parents=True)
    for name, content in spoilt().items():
        (recovery_folder() / name).write_bytes(content)
    studio.start(None)
    qtbot.wait(SEEN_AFTER_MS + 50)
    assert studio.recovery_dialog is None
    assert len(kept()) == len(spoilt())


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
