"""A file of another format is opened as a new design that nobody has saved yet, and never written."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtWidgets import QFileDialog, QMessageBox

from cnnstudio.app.application import Studio
from cnnstudio.app.document.file_drops import designs_in
from cnnstudio.app.document.files import ask_for_design
from cnnstudio.app.window.main_window import MainWindow
from cnnstudio.core.network.design import ItemPath
from cnnstudio.formats import format_of, read_file
from tests.app.conftest import Answers
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
