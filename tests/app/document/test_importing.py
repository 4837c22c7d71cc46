"""A file of another format is opened as a new design that nobody has saved yet, and never written."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtWidgets import QFileDialog, QMessageBox
from pytestqt.qtbot import QtBot

from cnnstudio.app.application import Studio
from cnnstudio.app.document.file_drops import designs_in, source_in
from cnnstudio.app.document.files import ask_for_design
from cnnstudio.app.document.layer_mime import LAYERS as LAYERS_FORMAT
from cnnstudio.app.document.layer_mime import has_layers
from cnnstudio.app.window.main_window import MainWindow
from cnnstudio.core.network.design import ItemPath
from cnnstudio.formats import format_of, read_file
from tests.app.conftest import Answers
from tests.app.dragging import drop, enter
from tests.stone import MARK, REPORT

pytestmark = pytest.mark.usefixtures("stone")
IMAGE: ItemPath = ("image",)


@pytest.fixture
def tablet(tmp_path: Path) -> Path:
    """A file of the format."""
    path = tmp_path / "net.stone"
    path.write_text(MARK, encoding="utf-8")
    return path


def opened(studio: Studio, path: Path) -> MainWindow:
    window = studio.open(path)
    assert window is not None
    return window


def test_what_is_imported_is_new_and_unsaved(studio: Studio, tablet: Path) -> None:
    document = opened(studio, tablet).document
    assert (document.title, document.path, document.is_modified) == ("net", None, True)
    assert document.report == REPORT
    assert studio.settings.recent[0] == tablet


def test_it_is_saved_as_a_design_and_its_file_stays(
    studio: Studio, tablet: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = opened(studio, tablet)
    asked: list[tuple[str, str]] = []

    def answer(_parent: object, _title: str, start: str, offered: str) -> tuple[str, str]:
        asked.append((start, offered))
        return str(tablet), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", answer)
    assert window.files.save()
    saved = tablet.with_name("net.stone.yaml")
    assert [(Path(start).name, offered.count("*.")) for start, offered in asked] == [("net.yaml", 2)]
    assert "stone" not in asked[0][1]
    assert (window.document.path, window.document.is_modified) == (saved, False)
    assert format_of(saved).key == "design"
    assert read_file(saved).design == window.document.design
    assert tablet.read_text(encoding="utf-8") == MARK


def test_the_dialog_offers_every_format(studio: Studio, tablet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    offered: list[str] = []

    def answer(_parent: object, _title: str, _start: str, filters: str) -> tuple[str, str]:
        offered.extend(filters.split(";;"))
        return str(tablet), ""

    monkeypatch.setattr(QFileDialog, "getOpenFileName", answer)
    assert ask_for_design(studio.new(), []) == tablet
    assert offered[0].startswith("All networks (*.yaml *.yml ")
    assert offered[0].endswith("*.stone *.rock)")
    assert offered[1] == "CNN Studio designs (*.yaml *.yml)"
    assert offered[-2:] == ["Stone tablets (*.stone *.rock)", "All files (*)"]


@pytest.mark.usefixtures("qapp")
def test_it_is_taken_when_it_is_dropped(tablet: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(tablet)), QUrl.fromLocalFile("/tmp/picture.png")])
    assert designs_in(mime) == [tablet]


CODE = "import keras\nmodel = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])\n"
LAYERS = "- {type: ReLU, name: a, note: import keras}"


@pytest.mark.parametrize(
    ("text", "is_code"),
    [
        (CODE, True),
        ("Sequential(\n  (0): Linear(in_features=4, out_features=3, bias=True)\n)", True),
        ('Model: "a"\n Layer (type)   Output Shape   Param #\n dense (Dense)   (None, 3)   15\n', True),
        ("- {type: Dense, name: a, units: 3}", False),
        ("A sentence about networks.", False),
        ("", False),
    ],
)
@pytest.mark.usefixtures("qapp")
def test_code_is_told_from_other_text(text: str, is_code: bool) -> None:
    mime = QMimeData()
    mime.setText(text)
    assert bool(source_in(mime)) is is_code
    assert has_layers(mime) is not is_code


@pytest.mark.usefixtures("qapp")
def test_layers_of_our_own_are_no_code_whatever_they_say() -> None:
    mime = QMimeData()
    mime.setText(CODE)
    mime.setData(LAYERS_FORMAT, LAYERS.encode())
    assert source_in(mime) == ""
    assert has_layers(mime)


def test_code_that_is_dropped_opens_in_a_window_of_its_own(studio: Studio, qtbot: QtBot) -> None:
    window = studio.new()
    mime = QMimeData()
    mime.setText(CODE)
    assert enter(window, mime).isAccepted()
    assert drop(window, mime).dropAction() is Qt.DropAction.CopyAction
    qtbot.waitUntil(lambda: len(studio.windows) == 2)
    assert [layer.name for layer in studio.windows[-1].document.design.layers] == ["input_1", "dense"]
    assert [layer.name for layer in window.document.design.layers] == ["input_1"]


def test_code_that_is_dropped_on_the_welcome_page_opens(studio: Studio, qtbot: QtBot) -> None:
    studio.show_welcome()
    assert studio.welcome is not None
    mime = QMimeData()
    mime.setText(CODE)
    page = studio.welcome.centralWidget()
    assert page is not None
    assert enter(page, mime).isAccepted()
    drop(page, mime)
    qtbot.waitUntil(lambda: len(studio.windows) == 1)


def test_code_that_cannot_be_read_is_told(studio: Studio, answers: Answers, qtbot: QtBot) -> None:
    window = studio.new()
    answers.give(QMessageBox.StandardButton.Ok)
    mime = QMimeData()
    mime.setText("import keras\nmodel = keras.models.load_model('net.h5')\n")
    enter(window, mime)
    drop(window, mime)
    qtbot.waitUntil(lambda: bool(answers.texts))
    assert "holds no network" in answers.texts[0]


def test_a_broken_file_is_told_in_its_own_words(studio: Studio, tablet: Path, answers: Answers) -> None:
    tablet.write_text(MARK + " and more", encoding="utf-8")
    answers.give(QMessageBox.StandardButton.Ok)
    assert studio.open(tablet) is None
    assert "the stone is broken." in answers.texts[0]
    assert studio.windows == []


def test_an_import_can_be_undone_to_and_still_is_unsaved(studio: Studio, tablet: Path) -> None:
    from cnnstudio.core import edits

    document = opened(studio, tablet).document
    document.apply(edits.set_field(document.design, [IMAGE], "channels", 5))
    document.undo_stack.undo()
    assert document.is_modified
