"""Comparisons in windows: they follow edits and files, share the selection, and say in words what colour says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from msgspec import structs
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics, QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QLineEdit, QMessageBox
from pytestqt.qtbot import QtBot

from cnnstudio.app.application import Studio
from cnnstudio.app.comparison import window as comparison_window
from cnnstudio.app.comparison.choice_dialog import ComparisonChoice, SubjectChoice
from cnnstudio.app.comparison.model import ComparisonModel
from cnnstudio.app.comparison.subjects import ComparedDesign, OpenSubject, SavedSubject, file_subject
from cnnstudio.app.comparison.window import ComparisonWindow
from cnnstudio.app.platform.settings import Settings
from cnnstudio.app.rows.cells import PADDING
from cnnstudio.app.window.comparisons import show_comparison
from cnnstudio.app.window.main_window import MainWindow
from cnnstudio.core import edits
from cnnstudio.core.comparison.comparison import compare
from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.core.network.design import Design
from cnnstudio.formats.builtin import find_builtin
from cnnstudio.formats.design_yaml import read_design, write_design
from tests.app.conftest import Answers, opened_window
from tests.examples import share
from tests.strategies import designs


def subject(stem: str) -> ComparedDesign:
    path = find_builtin(stem)
    assert path is not None
    return file_subject(read_design(path), path)


def beside(window: MainWindow, other: ComparedDesign) -> ComparisonWindow:
    return show_comparison((OpenSubject(window.document, window.view_state, "now"), other), window)


def column(shown: ComparisonWindow, part: str, design: int = 0) -> list[str]:
    """The texts of a column, from top to bottom."""
    model = shown.view.model
    chosen = next(listed for listed in model.columns if listed.part == part and listed.design == design)
    return [model.cell_text(row, chosen) for row in model.rows]


def totals(shown: ComparisonWindow) -> list[list[str]]:
    model = shown.view.totals_model
    return [
        [str(model.index(row, section).data()) for section in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


@pytest.fixture
def vgg(studio: Studio) -> ComparisonWindow:
    """VGG-16, open, beside VGG-19."""
    return beside(opened_window(studio, "vgg-16"), subject("vgg-19"))


def test_the_keyboard_begins_somewhere_and_selects_nothing(vgg: ComparisonWindow, studio: Studio) -> None:
    assert vgg.view.grid.currentIndex().row() == 0
    assert not studio.windows[0].view_state.selection


def test_totals_on_top_and_layers_line_by_line(vgg: ComparisonWindow) -> None:
    assert [line[:3] for line in totals(vgg)] == [
        ["VGG-16", "25", "138,357,544"],
        ["VGG-19", "28", "143,667,240"],
        ["Difference", "+3", "+5,309,696"],
        ["Ratio", "× 1.12", "× 1.038"],
    ]
    assert vgg.windowTitle() == "VGG-16 and VGG-19 compared — CNN Studio"
    assert column(vgg, "name")[8:12] == ["conv3_2", "conv3_3", "–", "pool3"]
    assert column(vgg, "name", 1)[8:12] == ["conv3_2", "conv3_3", "conv3_4", "pool3"]
    assert column(vgg, "sign")[8:12] == ["=", "=", "+", "="]
    assert column(vgg, "differs")[8:12] == ["", "", "only in VGG-19", ""]
    assert column(vgg, "difference")[8:12] == ["", "", "+590,080", ""]


def test_only_differences_is_remembered(vgg: ComparisonWindow, settings: Settings) -> None:
    vgg.only_differences.trigger()
    assert column(vgg, "name", 1) == ["conv3_4", "conv4_4", "conv5_4"]
    assert settings.comparison_toggles == ("only_differences",)
    vgg.only_differences.trigger()
    assert len(column(vgg, "name")) == 28
    assert not settings.comparison_toggles


def test_another_quantity(vgg: ComparisonWindow, settings: Settings) -> None:
    vgg.quantity.setCurrentIndex(vgg.quantity.findData("macs"))
    assert column(vgg, "difference")[10] == "+1,849,688,064"
    assert settings.compared_quantity == "macs"


def test_every_repeat(studio: Studio) -> None:
    shown = beside(opened_window(studio, "resnet-18"), subject("resnet-34"))
    assert column(shown, "differs")[5].startswith("changed: repeat 2 → 3; state 512 → 768; MACs")
    shown.expand.trigger()
    assert "layer1[3]/conv1" in column(shown, "name", 1)


def test_too_much_to_expand_is_told_and_stays_folded(studio: Studio, qtbot: QtBot) -> None:
    window = opened_window(studio, "resnet-18")
    shown = beside(window, subject("resnet-18"))
    window.document.apply(edits.set_field(window.document.design, [("layer1",)], "repeat", 10_000))
    window.document.apply(edits.set_field(window.document.design, [("layer2", "rest")], "repeat", 10_000))
    shown.refresh()
    shown.expand.trigger()
    qtbot.waitUntil(lambda: "can be compared" in shown.statusBar().currentMessage())
    assert not shown.expand.isChecked()
    assert column(shown, "name")[5] == "layer1 × 10000"


def test_long_designs_are_compared_in_a_thread(studio: Studio, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparison_window, "MAX_AT_ONCE", 10)
    window = opened_window(studio, "vgg-16")
    shown = beside(window, subject("vgg-19"))
    assert shown.statusBar().currentMessage() == "Comparing…"
    assert not shown.view.model.rows
    qtbot.waitUntil(lambda: len(shown.view.model.rows) == 28)
    assert shown.statusBar().currentMessage() == ""
    shown.swap.trigger()
    shown.only_differences.trigger()
    assert len(shown.view.model.rows) == 28, "what was there stays until the other is made"
    qtbot.waitUntil(lambda: column(shown, "sign") == ["−"] * 3)
    shown.close()


def test_names_can_be_ignored(studio: Studio) -> None:
    shown = beside(opened_window(studio, "alexnet"), subject("alexnet-grouped"))
    assert column(shown, "differs").count("renamed") == 10
    shown.ignore_names.trigger()
    assert "renamed" not in column(shown, "differs")


def test_it_follows_edits_and_undo(vgg: ComparisonWindow, studio: Studio, qtbot: QtBot) -> None:
    document = studio.windows[0].document
    document.apply(edits.set_field(document.design, [("conv1_1",)], "filters", 32))
    qtbot.waitUntil(lambda: column(vgg, "sign")[1] == "≠")
    assert column(vgg, "differs")[1].startswith("changed: filters 32 → 64; output shape 32 × 224 × 224 → 64")
    assert column(vgg, "sign")[2] == "→"
    assert [index.row() for index in vgg.view.grid.selectionModel().selectedRows()] == [1]
    document.undo_stack.undo()
    qtbot.waitUntil(lambda: column(vgg, "sign")[1] == "=")


def test_what_is_not_fully_known_is_a_bound_and_columns_grow(
    vgg: ComparisonWindow, studio: Studio, qtbot: QtBot
) -> None:
    document, header = studio.windows[0].document, vgg.view.grid.horizontalHeader()
    vgg.view.show()
    before = [header.sectionSize(section) for section in range(header.count())]
    document.apply(edits.set_field(document.design, [("conv1_1",)], "filters", 99_999_999))
    document.apply(edits.set_field(document.design, [("conv5_3",)], "kernel_size", 999))
    qtbot.waitUntil(lambda: totals(vgg)[0][2].startswith("≥ "))
    assert totals(vgg)[2][2].startswith("≤ −")
    role = Qt.ItemDataRole.AccessibleTextRole
    assert str(vgg.view.totals_model.index(0, 2).data(role)).startswith("VGG-16, Parameters: at least ")
    after = [header.sectionSize(section) for section in range(header.count())]
    assert after[4] > before[4], "the numbers of VGG-16"
    assert after[1:4] == before[1:4]


def test_a_layer_that_is_added_gets_a_line_of_its_own(vgg: ComparisonWindow, studio: Studio, qtbot: QtBot) -> None:
    document = studio.windows[0].document
    document.apply(edits.remove(document.design, [("drop6",)]))
    qtbot.waitUntil(lambda: "+" in column(vgg, "sign")[23:])
    assert column(vgg, "name", 1)[column(vgg, "name").index("–", 23)] == "drop6"


def test_a_selection_is_one_in_both_windows(vgg: ComparisonWindow, studio: Studio) -> None:
    view_state = studio.windows[0].view_state
    view_state.select((("pool1",),))
    assert [index.row() for index in vgg.view.grid.selectionModel().selectedRows()] == [3]
    vgg.view.grid.selectRow(5)
    assert view_state.selection == (("conv2_2",),)
    vgg.view.grid.selectRow(10)
    assert not view_state.selection, "only VGG-19 has it"


def test_two_open_designs_share_it_all_three(studio: Studio) -> None:
    first, second = opened_window(studio, "vgg-16"), opened_window(studio, "vgg-19")
    shown = beside(first, OpenSubject(second.document, second.view_state, "other"))
    shown.view.grid.selectRow(4)
    assert first.view_state.selection == second.view_state.selection == (("conv2_1",),)
    second.view_state.select((("conv3_4",),))
    assert first.view_state.selection == (("conv2_1",),), "it has no such layer"


def test_going_from_difference_to_difference(vgg: ComparisonWindow) -> None:
    rows = []
    for step in (1, 1, 1, 1, -1):
        vgg.view.go_to_difference(step)
        rows.append(vgg.view.grid.currentIndex().row())
    assert rows == [10, 15, 20, 10, 20]


def test_swapping_turns_the_differences_round(vgg: ComparisonWindow) -> None:
    vgg.swap.trigger()
    assert vgg.labels == ("VGG-19", "VGG-16")
    assert column(vgg, "difference")[10] == "−590,080"
    assert column(vgg, "sign")[10] == "−"


def test_a_closed_window_leaves_its_design_as_it_was(studio: Studio) -> None:
    first, second = opened_window(studio, "vgg-16"), opened_window(studio, "vgg-19")
    shown = beside(first, OpenSubject(second.document, second.view_state, "other"))
    second.close()
    QApplication.processEvents()
    shown.refresh()
    shown.view.grid.selectRow(4)
    assert totals(shown)[1][:2] == ["VGG-19", "28"]


def test_it_closes_with_the_window_it_was_asked_for_in(studio: Studio, qtbot: QtBot) -> None:
    window = opened_window(studio, "vgg-16")
    shown = beside(window, subject("vgg-19"))
    gone: list[bool] = []
    shown.destroyed.connect(lambda: gone.append(True))
    window.close()
    qtbot.waitUntil(lambda: bool(gone))


def test_it_can_be_closed_before_that(studio: Studio, qtbot: QtBot) -> None:
    window = opened_window(studio, "vgg-16")
    shown = beside(window, subject("vgg-19"))
    gone: list[bool] = []
    shown.destroyed.connect(lambda: gone.append(True))
    shown.close()
    qtbot.waitUntil(lambda: bool(gone))
    window.view_state.select((("pool1",),))
    window.document.apply(edits.rename(window.document.design, ("pool1",), "other"))
    window.theme.set_text_scale(1.1)
    qtbot.wait(150)


def test_equal_designs_have_nothing_to_show(studio: Studio) -> None:
    shown = beside(opened_window(studio, "vgg-16"), subject("vgg-16"))
    assert shown.view.sentence.text() == "Nothing differs between VGG-16 (now) and VGG-16 (vgg-16.yaml)."
    shown.only_differences.trigger()
    assert not shown.view.grid.isVisible()


def test_no_word_of_what_differs_is_cut(studio: Studio) -> None:
    shown = beside(opened_window(studio, "resnet-50"), subject("xception"))
    shown.resize(760, 600)
    QApplication.processEvents()
    grid, last = shown.view.grid, len(shown.view.model.columns) - 1
    width = grid.columnWidth(last) - 2 * PADDING
    metrics = QFontMetrics(grid.font())
    rows = shown.view.model.rows
    assert any(grid.rowHeight(number) > 2 * metrics.height() for number in range(len(rows)))
    for number, row in enumerate(rows):
        needed = metrics.boundingRect(0, 0, width, 9999, Qt.TextFlag.TextWordWrap, shown.view.model.words(row))
        assert needed.height() <= grid.rowHeight(number)


def test_the_title_is_whole_and_the_causes_are_added_up(studio: Studio) -> None:
    window = opened_window(studio, "resnet-50")
    name = "A residual network of fifty layers as it is trained in our laboratory"
    window.document.apply(edits.set_design(window.document.design, "name", name))
    shown = beside(window, subject("resnet-50-keras"))
    assert name in shown.view.title.text()
    assert "+26,560 biases and +53,120 moving statistics" in shown.view.sentence.text()


def test_copy_is_tab_separated(vgg: ComparisonWindow) -> None:
    vgg.view.grid.selectRow(10)
    QTest.keyClick(vgg.view.grid, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = QGuiApplication.clipboard().text().splitlines()
    assert [line.split("\t")[:4] for line in lines[-1:]] == [["+", "–", "conv3_4", "Conv2D"]]


def test_what_is_heard_says_what_is_seen(vgg: ComparisonWindow) -> None:
    model = vgg.view.model
    role = Qt.ItemDataRole.AccessibleTextRole
    assert model.index(10, 0).data(role) == "only in VGG-19"
    assert model.index(0, 0).data(role) == "the same"
    assert model.index(10, 2).data(role) == "VGG-19: conv3_4"


# The last saved version.


def test_the_last_saved_version(studio: Studio, tmp_path: Path, qtbot: QtBot, answers: Answers) -> None:
    path = tmp_path / "net.yaml"
    built = find_builtin("vgg-11")
    assert built is not None
    write_design(path, read_design(built).design)
    window = studio.open(path)
    assert window is not None
    saved = SavedSubject(window.document, read_design(path), "saved")
    shown = show_comparison((saved, OpenSubject(window.document, window.view_state, "as it is now")), window)
    window.document.apply(edits.rename(window.document.design, ("fc8",), "head"))
    qtbot.waitUntil(lambda: column(shown, "sign")[-1] == "~")
    assert shown.labels == ("VGG-11 (saved)", "VGG-11 (as it is now)")
    window.files.save()
    qtbot.waitUntil(lambda: column(shown, "sign")[-1] == "=")
    smaller = structs.replace(window.document.design, layers=window.document.design.layers[:5])
    answers.give(QMessageBox.StandardButton.Yes)  # that it was changed by another program, and is to be loaded
    write_design(path, smaller)
    qtbot.waitUntil(lambda: len(column(shown, "sign")) == 5)
    assert set(column(shown, "sign")) == {"="}


# What to compare with.


@pytest.fixture
def choose(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[ComparisonChoice], None]], None]:
    """Says what is done in the dialog that asks."""

    def by(act: Callable[[ComparisonChoice], None]) -> None:
        def execute(dialog: ComparisonChoice) -> int:
            act(dialog)
            return dialog.result()

        monkeypatch.setattr(ComparisonChoice, "exec", execute)

    return by


Chooser = Callable[[Callable[[ComparisonChoice], None]], None]


def compared(window: MainWindow) -> list[ComparisonWindow]:
    return window.findChildren(ComparisonWindow)


def type_and_choose(text: str) -> Callable[[ComparisonChoice], None]:
    def act(dialog: ComparisonChoice) -> None:
        search = dialog.findChild(QLineEdit)
        assert search is not None
        QTest.keyClicks(search, text)
        QTest.keyClick(search, Qt.Key.Key_Return)

    return act


def test_a_built_in_design_by_its_name(studio: Studio, choose: Chooser) -> None:
    window = opened_window(studio, "vgg-16")
    choose(type_and_choose("vgg 19 bn"))
    window.actions_of["compare"].trigger()
    assert [report.labels for report in compared(window)] == [("VGG-16", "VGG-19 with batch normalization")]


def test_a_built_in_design_with_what_it_was_when_it_was_opened(studio: Studio, choose: Chooser) -> None:
    window = opened_window(studio, "vgg-16")
    window.document.apply(edits.remove(window.document.design, [("fc8",)]))
    choose(type_and_choose("as it was opened"))
    window.actions_of["compare"].trigger()
    assert [report.labels for report in compared(window)] == [("VGG-16 (as opened)", "VGG-16 (as it is now)")]


def test_another_window(studio: Studio, choose: Chooser) -> None:
    window, other = opened_window(studio, "vgg-16"), opened_window(studio, "alexnet")
    other.document.apply(edits.set_design(other.document.design, "name", "Mine"))
    choose(type_and_choose("mine"))
    window.actions_of["compare"].trigger()
    assert [report.labels for report in compared(window)] == [("VGG-16", "Mine")]


def test_up_and_down_pass_the_headings(studio: Studio) -> None:
    window = opened_window(studio, "vgg-16")
    choices = [
        SubjectChoice("saved", "Saved"),
        SubjectChoice("open", "Other", number=0),
        SubjectChoice("builtin", "alexnet"),
    ]
    dialog = ComparisonChoice(window.theme, "VGG-16", choices, window)
    names = []
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Up):
        names.append(dialog.found.currentItem().text())
        QTest.keyClick(dialog, key)
    assert [*names, dialog.found.currentItem().text()] == ["Saved", "Other", "alexnet", "alexnet", "Other"]


def test_nothing_found_cannot_be_chosen(studio: Studio, choose: Chooser) -> None:
    window = opened_window(studio, "vgg-16")
    choose(type_and_choose("no such design"))
    window.actions_of["compare"].trigger()
    assert compared(window) == []


def test_a_file(studio: Studio, choose: Chooser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    window = opened_window(studio, "vgg-16")
    path = tmp_path / "net.yaml"
    write_design(path, Design(name="Net", layers=window.document.design.layers[:3]))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    choose(lambda dialog: dialog.file_button.click())
    window.actions_of["compare"].trigger()
    assert [report.labels for report in compared(window)] == [("VGG-16", "Net")]


def test_a_file_that_is_no_design(
    studio: Studio, choose: Chooser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answers: Answers
) -> None:
    window = opened_window(studio, "vgg-16")
    path = tmp_path / "bad.yaml"
    path.write_text("nonsense")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    choose(lambda dialog: dialog.file_button.click())
    answers.give(QMessageBox.StandardButton.Ok)
    window.actions_of["compare"].trigger()
    assert "'bad.yaml' cannot be opened." in answers.texts[0]
    assert compared(window) == []


def test_cancelled(studio: Studio, choose: Chooser) -> None:
    window = opened_window(studio, "vgg-16")
    choose(QDialog.reject)
    window.actions_of["compare"].trigger()
    assert compared(window) == []


# The model.


@share(1 / 2)
@given(designs(), designs(), designs())
def test_any_comparison_takes_the_place_of_any_other(
    qapp: QApplication, left: Design, middle: Design, right: Design
) -> None:
    model = ComparisonModel(qapp)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    analyses: list[Analysis] = [analyze(left), analyze(middle), analyze(right)]
    for first, second in ((0, 1), (0, 2), (2, 1), (0, 0), (0, 1)):
        comparison = compare([analyses[first], analyses[second]])
        for only in (False, True):
            model.show(comparison, ("a", "b"), quantity="parameters", is_expanded=False, only_differences=only)
            wanted = [row for row in comparison.rows if not only or row.kind != "same"]
            assert model.rows == wanted
            assert model.rowCount() == len(wanted)
    tester.deleteLater()
    model.deleteLater()
