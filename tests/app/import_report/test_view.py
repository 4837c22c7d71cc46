"""The import report in the window: what it says, where its rows lead, and importing again with another size."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest
from pytestqt.qtbot import QtBot

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.document.document import Document
from cnnstudio.app.document.view_state import ViewState
from cnnstudio.app.import_report.view import ImportReportView
from cnnstudio.formats import read_file
from tests.formats.foreign.truth import sample
from tests.formats.source.test_reading import TWO


def _view(qtbot: QtBot, path: Path, theme: Theme) -> tuple[Document, ViewState, ImportReportView]:
    document = Document(read_file(path))
    state = ViewState(document)
    view = ImportReportView(document, state, theme)
    qtbot.addWidget(view)
    return document, state, view


def _texts(view: ImportReportView) -> list[str]:
    items = [view.rows.topLevelItem(index) for index in range(view.rows.topLevelItemCount())]
    return [f"{item.text(0)}: {item.text(1)}" for item in items if item is not None]


def test_it_tells_the_proof_and_what_was_replaced(qtbot: QtBot, theme: Theme, tmp_path: Path) -> None:
    _, _, view = _view(qtbot, sample("torch", "shuffle.pt2", tmp_path), theme)
    assert "the file holds 2,278,604 learned numbers; the design counts 2,278,604" in view.proof.text()
    assert "Replaced: ChannelShuffle was written as two reshapes and a transpose (16 ×)" in _texts(view)
    assert view.size_field.text() == "3 × 224 × 224"


def test_a_row_leads_to_the_layer_that_was_left_out(qtbot: QtBot, theme: Theme, tmp_path: Path) -> None:
    _, state, view = _view(qtbot, sample("torch", "roll.pt2", tmp_path), theme)
    item = next(
        item
        for index in range(view.rows.topLevelItemCount())
        if (item := view.rows.topLevelItem(index)) is not None and item.text(0) == "Left out"
    )
    view.rows.itemClicked.emit(item, 0)
    assert len(state.selection) == 1


def test_the_input_size_is_changed_as_one_step_of_undo(qtbot: QtBot, theme: Theme, tmp_path: Path) -> None:
    document, _, view = _view(qtbot, sample("keras", "MobileNetV2.json", tmp_path), theme)
    before = document.analysis.totals.macs
    view.size_field.setText("3 x 96 x 96")
    view.import_again()
    assert document.analysis.totals.macs < before
    assert document.undo_stack.undoText() == "Import again with 3 × 96 × 96"
    assert "as asked for" in "".join(_texts(view))
    document.undo_stack.undo()
    assert document.analysis.totals.macs == before


def test_a_size_that_is_none_is_refused(qtbot: QtBot, theme: Theme, tmp_path: Path) -> None:
    document, _, view = _view(qtbot, sample("keras", "MobileNetV2.json", tmp_path), theme)
    view.size_field.setText("large")
    with qtbot.waitSignal(document.refused) as blocker:
        view.import_again()
    assert blocker.args == ["An input size is channels, height and width, such as 3 × 224 × 224."]


@pytest.fixture
def theme() -> Theme:
    return Theme("light")


def test_another_network_of_a_file_is_taken(qtbot: QtBot, theme: Theme, tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(dedent(TWO), encoding="utf-8")
    document, _, view = _view(qtbot, path, theme)
    assert [view.network_field.itemText(place) for place in range(3)] == ["wide", "narrow", "Small"]
    view.network_field.setCurrentText("narrow")
    view.import_again()
    assert document.analysis.totals.parameters == 8 * 28
    assert view.network_field.currentText() == "narrow"
    view.network_field.setCurrentText("Small")
    view.arguments_field.setText("width=5")
    view.import_again()
    assert document.analysis.totals.parameters == 5 * 28
    assert view.arguments_field.text() == "width=5"
