"""The code view: live, never stale, its selection shared, refusals with their layers."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.code.panel import CodePanel
from cnnstudio.app.document.document import Document
from cnnstudio.app.document.view_state import ViewState
from cnnstudio.app.platform.settings import Settings
from cnnstudio.core.edits import remove, set_field
from cnnstudio.formats.builtin import open_design


class Case:
    """A document with its code, shown."""

    def __init__(self, stem: str, theme: Theme, settings: Settings, qtbot: QtBot) -> None:
        self.document = Document(open_design(stem))
        self.state = ViewState(self.document)
        self.panel = CodePanel(self.document, self.state, theme, settings)
        qtbot.addWidget(self.panel)
        self.panel.resize(700, 500)
        self.panel.show()
        qtbot.waitUntil(lambda: self.panel.is_current)

    def marked(self) -> list[str]:
        """The lines that are marked."""
        return [extra.cursor.block().text().strip() for extra in self.panel.view.extraSelections()]

    def line_of(self, text: str) -> int:
        lines = self.panel.view.toPlainText().split("\n")
        return next(at for at, line in enumerate(lines, 1) if text in line)


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    """The look of the application."""
    assert qapp is not None
    return Theme("light")


@pytest.fixture
def shown(theme: Theme, settings: Settings, qtbot: QtBot) -> Case:
    """AlexNet as code."""
    return Case("alexnet", theme, settings, qtbot)


def test_an_edit_greys_the_code_out_until_it_is_made_anew(shown: Case, qtbot: QtBot) -> None:
    assert "nn.Conv2d(3, 96, 11, stride=4)" in shown.panel.view.toPlainText()
    shown.document.apply(set_field(shown.document.design, [("Conv-1",)], "filters", 64))
    assert not shown.panel.is_current
    assert not shown.panel.view.isEnabled()
    qtbot.waitUntil(lambda: shown.panel.is_current)
    assert "nn.Conv2d(3, 64, 11, stride=4)" in shown.panel.view.toPlainText()
    assert shown.panel.view.isEnabled()


def test_copied_code_is_that_of_the_design_as_it_is(shown: Case) -> None:
    shown.document.apply(set_field(shown.document.design, [("Conv-1",)], "filters", 64))
    shown.panel.copy()
    assert "nn.Conv2d(3, 64, 11, stride=4)" in QGuiApplication.clipboard().text()


def test_what_is_selected_elsewhere_is_marked(shown: Case) -> None:
    shown.state.select((("Conv-2",),))
    assert [text.partition(" = ")[0] for text in shown.marked()] == ["self.Conv_2", "x"]


def test_a_click_on_a_line_selects_its_layer(shown: Case) -> None:
    shown.panel.view.line_clicked.emit(shown.line_of("self.FC_1 = "))
    assert shown.state.selection == (("FC-1",),)
    shown.panel.view.line_clicked.emit(1)
    assert shown.state.selection == (("FC-1",),)


def test_another_framework_is_chosen_and_remembered(shown: Case, settings: Settings, qtbot: QtBot) -> None:
    shown.panel.tools.choose("keras")
    shown.panel.tools.changed.emit()
    qtbot.waitUntil(lambda: "import keras" in shown.panel.view.toPlainText())
    assert settings.code_target == "keras"
    shown.state.select((("Conv-2",),))
    assert any('name="Conv-2"' in text for text in shown.marked())


def test_blocks_can_be_written_out(theme: Theme, settings: Settings, qtbot: QtBot) -> None:
    case = Case("resnet-18", theme, settings, qtbot)
    folded = case.panel.view.toPlainText()
    case.panel.tools.flat.trigger()
    qtbot.waitUntil(lambda: case.panel.is_current)
    assert case.panel.view.toPlainText().count("class ") < folded.count("class ")


def test_what_cannot_be_said_is_listed_with_links(theme: Theme, settings: Settings, qtbot: QtBot) -> None:
    case = Case("lenet-5", theme, settings, qtbot)
    assert "output: an Opaque: its function is not known" in case.panel.refusals.toPlainText()
    assert case.panel.text == ""
    case.panel.refusals.anchorClicked.emit(QUrl("output"))
    assert case.state.selection == (("output",),)


def test_what_cannot_be_said_is_marked_as_long_as_the_code_is_looked_at(
    theme: Theme, settings: Settings, qtbot: QtBot
) -> None:
    case = Case("lenet-5", theme, settings, qtbot)
    assert case.state.unsayable == {
        ("output",): "PyTorch source: an Opaque: its function is not known, only its shape and its counts"
    }
    case.panel.hide()
    assert case.state.unsayable == {}
    case.panel.show()
    assert ("output",) in case.state.unsayable
    case.document.apply(remove(case.document.design, [("output",)]))
    qtbot.waitUntil(lambda: case.panel.is_current)
    assert case.state.unsayable == {}


def test_a_text_is_found_again_and_again(shown: Case) -> None:
    shown.panel.find_text("nn.Linear", False)
    first = shown.panel.view.textCursor().blockNumber()
    shown.panel.find_text("nn.Linear", True)
    second = shown.panel.view.textCursor().blockNumber()
    shown.panel.find_text("nn.Linear", True)
    shown.panel.find_text("nn.Linear", True)
    assert second > first
    assert shown.panel.view.textCursor().blockNumber() == first


def test_code_is_saved_or_the_reason_told(shown: Case, tmp_path: Path, qtbot: QtBot) -> None:
    path = tmp_path / "net.py"
    assert shown.panel.save(path)
    assert path.read_text(encoding="utf-8") == shown.panel.text
    with qtbot.waitSignal(shown.document.refused) as told:
        assert not shown.panel.save(tmp_path / "none" / "net.py")
    assert told.args is not None
    assert "cannot be written: No such file" in told.args[0]


def test_large_designs_are_written_in_a_thread(
    theme: Theme, settings: Settings, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cnnstudio.app.code.panel.MAX_AT_ONCE", 5)
    case = Case("resnet-18", theme, settings, qtbot)
    assert "class ResNet18" in case.panel.view.toPlainText()
