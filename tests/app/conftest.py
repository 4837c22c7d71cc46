"""Fixtures shared by the tests of the window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QStandardPaths
from PySide6.QtWidgets import QApplication, QMessageBox

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.application import Studio, make_application
from cnnstudio.app.document.document import Document
from cnnstudio.app.platform.settings import Settings
from cnnstudio.app.platform.settings_file import SettingsFile
from cnnstudio.app.window.main_window import MainWindow
from cnnstudio.core.network.design import Design, path_from
from cnnstudio.formats.builtin import open_design
from cnnstudio.formats.design_file import DesignFile
from cnnstudio.formats.design_yaml import parse_items


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings and state in a folder of the test's own."""
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    QStandardPaths.setTestModeEnabled(False)


@pytest.fixture(autouse=True)
def same_look(qapp: QApplication) -> Iterator[None]:
    """The font, the colours and the style sheet that a test gives the application end with it."""
    font, palette, sheet = qapp.font(), qapp.palette(), qapp.styleSheet()
    yield
    if qapp.styleSheet() != sheet:
        qapp.setStyleSheet(sheet)
    if qapp.font() != font:
        qapp.setFont(font)
    if qapp.palette() != palette:
        qapp.setPalette(palette)


@pytest.fixture(scope="session", autouse=True)
def empty_clipboard(qapp: QApplication) -> Iterator[None]:
    """Nothing of Python's is left in the clipboard, which the platform without a screen deletes after Python's end."""
    yield
    qapp.clipboard().clear()


@pytest.fixture
def theme() -> Theme:
    """The light theme; `same_look` takes it off the application again."""
    return Theme("light")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings that nobody else sees."""
    return Settings(SettingsFile(tmp_path / "settings.json"))


class Answers:
    """Answers every box that asks, and keeps what it said; a box that no answer is left for fails the test."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.details: list[str] = []
        self._next: list[QMessageBox.StandardButton] = []

    def give(self, *buttons: QMessageBox.StandardButton) -> None:
        """The answers to come."""
        self._next += buttons

    @property
    def left(self) -> list[QMessageBox.StandardButton]:
        """The answers that nobody asked for."""
        return self._next

    def answer(self, box: QMessageBox) -> int:
        """The return value of a box's `exec`."""
        self.texts.append(box.text())
        self.details.append(box.detailedText())
        assert self._next, f"nobody expected to be asked: {box.text()}"
        return int(self._next.pop(0).value)


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Answers]:
    """The answers to the message boxes of this test; all of them must be used."""
    given = Answers()
    monkeypatch.setattr(QMessageBox, "exec", lambda box: given.answer(box))
    yield given
    assert not given.left, "not asked"


@pytest.fixture
def studio(qapp: QApplication, settings: Settings, answers: Answers) -> Iterator[Studio]:
    """The studio without windows; those that are left open are closed without being asked."""
    assert not answers.texts
    make_application([])
    qapp.setQuitOnLastWindowClosed(False)
    studio = Studio(settings, Theme("light"))
    yield studio
    for window in list(studio.windows):
        window.document.undo_stack.setClean()
        window.close()
    if studio.welcome is not None:
        studio.welcome.close()
    if studio.manual_window is not None:
        # Nobody owns it, and to delete it while garbage is collected brings other things back to life.
        studio.manual_window.close()
        studio.manual_window.deleteLater()
    # With it goes what it was going to do later, as to offer lost work, which then would be that of whoever tests.
    studio.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    QCoreApplication.processEvents()


def opened_window(studio: Studio, name: str = "alexnet") -> MainWindow:
    """A window with a built-in design."""
    window = studio.open_builtin(name)
    assert window is not None
    return window


def window_of(studio: Studio, items: str) -> MainWindow:
    """A window with these layers, as YAML, and nothing to undo."""
    window = studio.new()
    window.editing.select_all()
    window.editing.delete()
    window.editing.insert(parse_items(items, "test"), ((), 0))
    window.document.undo_stack.clear()
    return window


def select(window: MainWindow, *paths: str) -> None:
    """Selects layers by the texts of their paths."""
    window.view_state.select(tuple(path_from(path) for path in paths))


def document_of(design: Design) -> Document:
    """A document that holds a design and has no file."""
    return Document(DesignFile(design))


@pytest.fixture
def alexnet(qapp: QApplication) -> Document:
    """AlexNet, open."""
    return opened("alexnet", qapp)


@pytest.fixture
def resnet(qapp: QApplication) -> Document:
    """ResNet-18, open: blocks and branches."""
    return opened("resnet-18", qapp)


def opened(name: str, application: QApplication) -> Document:
    """A built-in design, open; it lives as long as the application."""
    return Document(open_design(name), parent=application)


def has_all_docks(window: MainWindow) -> bool:
    """True if what is in the docks has been made, which follows the first picture."""
    return all(dock.widget() for dock in window.docks)
