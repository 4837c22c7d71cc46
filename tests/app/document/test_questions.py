"""The one question about source code that leaves something open, and its answers."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest
from pytestqt.qtbot import QtBot

from cnnstudio.app.document import background_reading, questions
from cnnstudio.app.document.questions import AnswersDialog, arguments_in, arguments_text
from cnnstudio.formats import read_file
from cnnstudio.formats.fault import FileError, OpenQuestion
from cnnstudio.formats.format import ReadOptions
from tests.formats.source.test_reading import TWO


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "net.py"
    found.write_text(dedent(TWO), encoding="utf-8")
    return found


def test_it_asks_for_the_values_that_are_missing(qtbot: QtBot, path: Path) -> None:
    with pytest.raises(OpenQuestion, match="takes 'width'") as asked:
        read_file(path, ReadOptions(network="Small"))
    question = asked.value
    assert (question.arguments, question.network) == (("width",), "Small")
    assert question.choices == ("wide", "narrow", "Small")
    dialog = AnswersDialog(question, ReadOptions(network="Small"))
    qtbot.addWidget(dialog)
    dialog.arguments["width"].setText(" 5 ")
    assert dialog.options() == ReadOptions(network="Small", arguments=(("width", "5"),))


def test_a_file_is_asked_about_once(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = ReadOptions(network="Small", arguments=(("width", "5"),))
    monkeypatch.setattr(questions, "ask", lambda *_given: answers)
    file = background_reading.load_design(path, None, ReadOptions(network="Small"))
    assert file is not None
    assert file.report is not None
    assert file.report.networks[0].counted_parameters == 5 * 28
    monkeypatch.setattr(questions, "ask", lambda *_given: ReadOptions(network="Small"))
    with pytest.raises(FileError, match="--set width"):
        background_reading.load_design(path, None, ReadOptions(network="Small"))
    monkeypatch.setattr(questions, "ask", lambda *_given: None)
    assert background_reading.load_design(path, None, ReadOptions(network="Small")) is None


def test_answers_are_read_as_people_type_them() -> None:
    assert arguments_in("a=1, b = [2, 3]") == (("a", "1"), ("b", "[2, 3]"))
    assert arguments_in("") == ()
    assert arguments_in("a") is None
    assert arguments_text((("a", "1"), ("b", "x"))) == "a=1, b=x"
