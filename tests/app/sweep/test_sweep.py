"""Sweeps in a window: a form, rows, a chart, and variants that open as designs."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from cnnstudio.app.appearance.help_topics import topic_of
from cnnstudio.app.application import Studio
from cnnstudio.app.sweep import job
from cnnstudio.app.sweep.model import SweepModel
from cnnstudio.app.sweep.scatter import SHADES, shades_of
from cnnstudio.app.sweep.window import SweepWindow
from cnnstudio.app.window.handlers import show_sweep
from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.counting.quantities import QUANTITY
from cnnstudio.core.network.design import find
from cnnstudio.core.network.settings import fields_set
from cnnstudio.core.sweeps.running import chunks
from cnnstudio.core.sweeps.space import Space
from cnnstudio.core.sweeps.table import Chunk
from tests.app.conftest import Answers, opened_window

PATIENCE_MS = 60_000
"""The time in which a busy machine starts another process."""
Shown = Callable[..., SweepWindow]


@pytest.fixture
def sweep(studio: Studio) -> Shown:
    """Opens the window of a sweep of LeNet-5 that varies these fields."""

    def show(*texts: str) -> SweepWindow:
        window = show_sweep(opened_window(studio, "lenet-5-modern"))
        for line in list(window.form.lines):
            line.removal_requested.emit()
        for text in texts:
            place, values = text.split("=")
            layer, field = place.rsplit(".", 1)
            window.form.add_line(layer, field, values)
        return window

    return show


def counted(window: SweepWindow, qtbot: QtBot) -> SweepWindow:
    """Counts, and waits until the chart shows all of it."""
    with qtbot.waitSignal(window.job.ended, timeout=PATIENCE_MS):
        window.start()
    qtbot.waitUntil(lambda: window.scatter.picture is not None and not window.picture_is_due)
    return window


def cells(model: SweepModel, key: str) -> list[str]:
    """The texts of a column, from top to bottom."""
    at = [column.key for column in model.columns].index(key)
    return [str(model.index(line, at).data()) for line in range(model.rowCount())]


def test_every_variant_is_a_row_with_what_was_varied_and_its_sums(sweep: Shown, qtbot: QtBot) -> None:
    window = counted(sweep("conv1.filters=6,*2", "conv2.kernel_size=5,99"), qtbot)
    QAbstractItemModelTester(window.model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    assert cells(window.model, "conv1.filters") == ["6", "6", "*2", "*2"]
    assert cells(window.model, "parameters") == ["61,706", "unknown", "64,262", "unknown"]
    problems = cells(window.model, "problems")
    assert problems[0] == ""
    assert problems[1].startswith("conv2: a 99 × 99 kernel does not fit")
    assert window.told.text() == "4 of 4 variants; nothing beats 1 of them"


def test_the_chart_has_the_variants_without_errors_and_marks_what_nothing_beats(sweep: Shown, qtbot: QtBot) -> None:
    window = sweep("conv1.filters=6,12", "conv2.kernel_size=5,3,99")
    window.most.setChecked(True)
    picture = counted(window, qtbot).scatter.picture
    assert picture is not None
    assert [point.variant for point in picture.points] == [0, 1, 3, 4]
    space = window.form.space()
    designs = [space.variant(space.picks(point.variant)).design for point in picture.points]
    assert [point.x for point in picture.points] == [analyze(design).totals.macs for design in designs]
    assert {line for line, sign in enumerate(cells(window.model, "best")) if sign} == set(picture.best)
    assert window.scatter.told(picture.points[1]).splitlines()[:2] == [
        "Variant 2",
        "conv1.filters = 6; conv2.kernel_size = 3",
    ]
    window.up.setCurrentIndex(window.up.findData("layers"))
    qtbot.waitUntil(lambda: window.scatter.picture is not picture)
    assert window.scatter.picture is not None
    assert {point.y for point in window.scatter.picture.points} == {9}


def test_memory_has_columns_and_axes_where_it_is_asked_for(sweep: Shown, qtbot: QtBot) -> None:
    window = sweep("conv1.filters=6,12")
    assert window.up.findData("peak_high") < 0
    window.form.memory.setChecked(True)
    assert counted(window, qtbot).up.findData("peak_high") >= 0
    assert all(text.endswith("MiB") for text in cells(window.model, "peak_low"))
    window.up.setCurrentIndex(window.up.findData("peak_high"))
    qtbot.waitUntil(lambda: window.scatter.picture is not None and window.scatter.picture.up.key == "peak_high")
    assert window.scatter.picture is not None
    assert [point.y > 2**20 for point in window.scatter.picture.points] == [True, True]
    window.form.memory.setChecked(False)
    counted(window, qtbot)
    assert window.up.quantity.key == "parameters"
    assert "peak_low" not in [column.key for column in window.model.columns]


def test_a_click_opens_the_variant_as_a_new_design(sweep: Shown, qtbot: QtBot, studio: Studio) -> None:
    window = counted(sweep("conv1.filters=6,12", "conv2.activation=relu,none"), qtbot)
    before = len(studio.windows)
    window.scatter.variant_clicked.emit(3)
    assert len(studio.windows) == before + 1
    opened = studio.windows[-1].document
    assert opened.design.name.endswith(", variant 4")
    assert fields_set(find(opened.design, ("conv1",)))["filters"] == 12
    assert "activation" not in fields_set(find(opened.design, ("conv2",)))
    assert "conv1.filters = 12; conv2.activation = none" in opened.design.note
    row = window.model.table.row(3)
    assert row.exact(QUANTITY["parameters"]) == opened.analysis.totals.parameters
    assert window.grid.currentIndex().row() == 3


def test_what_is_no_design_is_not_opened_and_says_why(sweep: Shown, qtbot: QtBot, answers: Answers) -> None:
    window = counted(sweep("conv1.filters=6,*0.3"), qtbot)
    answers.give(QMessageBox.StandardButton.Ok)
    window.request_variant(1)
    assert "conv1: Filters must be a whole number, and 6 *0.3 is 1.8." in answers.texts[0]


def test_rows_that_break_a_condition_are_left_out(sweep: Shown, qtbot: QtBot) -> None:
    window = sweep("conv1.filters=6,12")
    window.form.conditions.setText("parameters < 62k; macs > 1")
    counted(window, qtbot)
    assert cells(window.model, "variant") == ["1"]
    assert "1 is left out by the conditions" in window.told.text()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("conv9.filters=1", "There is no layer 'conv9'."),
        ("conv1.filters=", "conv1.filters needs at least one value"),
        ("conv1.filters=many", "conv1.filters: Filters must be a whole number, not 'many'."),
    ],
)
def test_the_form_says_what_is_wrong_and_counts_nothing(sweep: Shown, text: str, sentence: str) -> None:
    window = sweep(text)
    assert window.form.told.text().startswith(sentence)
    window.start()
    assert not window.job.is_running
    assert window.model.rowCount() == 0


def test_samples_are_drawn_and_never_larger_than_the_space(sweep: Shown, qtbot: QtBot) -> None:
    window = sweep("conv1.filters=1:40", "conv2.filters=1:40")
    window.form.way.setCurrentIndex(window.form.way.findData("latin"))
    window.form.count.setValue(40)
    counted(window, qtbot)
    assert sorted(map(int, cells(window.model, "conv1.filters"))) == list(range(1, 41))
    window.form.count.setValue(5_000)
    assert window.form.space().size == 1_600


def test_a_column_puts_rows_into_order_and_unknown_ones_last(sweep: Shown, qtbot: QtBot) -> None:
    window = counted(sweep("conv1.filters=8,6,0,7"), qtbot)
    at = [column.key for column in window.model.columns].index("parameters")
    header = window.grid.horizontalHeader()
    header.sectionClicked.emit(at)
    assert cells(window.model, "conv1.filters") == ["6", "7", "8", "0"]
    header.sectionClicked.emit(at)
    assert cells(window.model, "conv1.filters") == ["8", "7", "6", "0"]
    assert header.sortIndicatorOrder() == Qt.SortOrder.DescendingOrder


def test_a_sweep_that_is_cancelled_keeps_whole_rows(
    sweep: Shown, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_cancelled = Event()

    def two_chunks_and_a_wait(space: Space) -> Iterator[Chunk]:
        counted = chunks(space)
        yield next(counted)
        yield next(counted)
        is_cancelled.wait()
        yield from counted

    monkeypatch.setattr(job, "chunks", two_chunks_and_a_wait)
    window = sweep("conv1.filters=1:100", "conv2.filters=1:100")
    window.start()
    qtbot.waitUntil(lambda: window.model.rowCount() == 4_000, timeout=PATIENCE_MS)
    assert not window.run.isEnabled()
    window.cancel.click()
    is_cancelled.set()
    assert window.run.isEnabled()
    assert window.model.rowCount() == 4_000
    assert window.told.text() == "4,000 of 10,000 variants"


def test_a_sweep_that_fails_ends_and_keeps_its_reason(
    sweep: Shown, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def chunk_and_refusal(space: Space) -> Iterator[Chunk]:
        yield next(chunks(space))
        raise ValueError("no more of it")

    monkeypatch.setattr(job, "chunks", chunk_and_refusal)
    window = counted(sweep("conv1.filters=1:50", "conv2.filters=1:50"), qtbot)
    assert window.told.text().startswith("2,000 of 2,500 variants; no more of it")
    assert window.run.isEnabled()


def test_an_error_of_the_program_ends_a_sweep_and_is_told(
    sweep: Shown, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def faulty(space: Space) -> Iterator[Chunk]:
        raise ZeroDivisionError(space.size)

    monkeypatch.setattr(job, "chunks", faulty)
    window = sweep("conv1.filters=6,12")
    with qtbot.captureExceptions() as raised, qtbot.waitSignal(window.job.ended, timeout=PATIENCE_MS):
        window.start()
    assert [kind for kind, _, _ in raised] == [ZeroDivisionError]
    assert not window.job.is_running
    assert "Something went wrong inside the program" in window.told.text()


def test_one_variant_is_one(sweep: Shown, qtbot: QtBot) -> None:
    window = sweep("conv1.filters=12")
    assert window.form.told.text() == "1 variant; one layer is varied"
    assert counted(window, qtbot).told.text().startswith("1 of 1 variant;")


def test_a_design_without_layers_says_so(studio: Studio) -> None:
    opened = opened_window(studio, "lenet-5-modern")
    opened.editing.select_all()
    opened.editing.delete()
    window = show_sweep(opened)
    assert window.form.told.text() == "The design has no layers that could be varied"
    window.start()
    assert not window.job.is_running


def test_outputs_are_sorted_by_their_size_and_unknown_ones_stand_last(sweep: Shown, qtbot: QtBot) -> None:
    window = counted(sweep("fc3.units=10,9,0,100"), qtbot)
    at = [column.key for column in window.model.columns].index("output")
    for order, sizes in ((Qt.SortOrder.AscendingOrder, [9, 10, 100]), (Qt.SortOrder.DescendingOrder, [100, 10, 9])):
        window.model.sort(at, order)
        assert cells(window.model, "output") == [*map(str, sizes), "unknown"]


def test_long_sweeps_are_counted_by_other_processes(
    sweep: Shown, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job, "MAX_CHUNKS_HERE", 0)
    window = counted(sweep("conv1.filters=1:50", "conv2.filters=1:50"), qtbot)
    assert sorted(window.model.variants) == list(range(2_500))


def test_rows_are_saved_as_the_command_writes_them(
    sweep: Shown, qtbot: QtBot, tmp_path: Path, answers: Answers
) -> None:
    window = counted(sweep("conv1.filters=6,12"), qtbot)
    window.save_rows(tmp_path / "rows.csv")
    with (tmp_path / "rows.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [(row["conv1.filters"], row["parameters"], row["best"]) for row in rows] == [
        ("6", "61706", "yes"),
        ("12", "64262", "no"),
    ]
    answers.give(QMessageBox.StandardButton.Ok, QMessageBox.StandardButton.Ok)
    window.save_rows(tmp_path / "rows.txt")
    window.save_rows(tmp_path / "none" / "rows.csv")
    assert answers.texts[0].startswith("The name ends in one of .csv, .json, .parquet")
    assert "No such file or directory" in answers.texts[1]


def test_it_begins_with_what_is_selected_or_with_the_input(studio: Studio) -> None:
    window = opened_window(studio, "alexnet")
    assert topic_of(show_sweep(window).form) == "sweep.md"
    assert show_sweep(window).form.lines[0].text == "image.size=163, 195, 227, 259, 291"
    window.view_state.select((("Conv-2",),))
    assert show_sweep(window).form.lines[0].text == "Conv-2.filters=*0.5, *1, *2"


def test_shades_go_from_the_least_to_the_most() -> None:
    assert shades_of([5, None, 10, 15]) == [0, None, (SHADES - 1) // 2, SHADES - 1]
    assert shades_of([7, 7]) == [0, 0]
