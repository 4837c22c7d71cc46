"""Every repeat listed in table and chart: the lines, what they select and edit, and where it ends."""

from __future__ import annotations

import pytest
from hypothesis import given
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtTest import QAbstractItemModelTester

from cnnstudio.app.application import Studio
from cnnstudio.app.document.view_state import ViewState
from cnnstudio.app.layer_table.lines import keys_of, repeated_lines
from cnnstudio.app.layer_table.model import LayerTableModel
from cnnstudio.app.window.main_window import MainWindow
from cnnstudio.core import edits
from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.counting.expansion import MAX_REPEATED
from cnnstudio.core.network.design import Block, Design, find, path_text, walk
from cnnstudio.layers.convolution import Conv2D
from tests.app.conftest import opened_window, window_of
from tests.app.drawing import draw_table
from tests.strategies import designs

REPEATED = """- {type: Input, name: image, size: [16, 16], channels: 3}
- type: Block
  name: stage
  repeat: 2
  layers:
  - {type: Conv2D, name: a, filters: 3, kernel_size: 3}
  - {type: Conv2D, name: b/c, filters: 3, kernel_size: 1}
- {type: Flatten, name: flat}
"""


@pytest.fixture
def window(studio: Studio) -> MainWindow:
    """A block that is passed twice, each repeat listed."""
    window = window_of(studio, REPEATED)
    window.table.set_columns(("layer", "output", "kernel_size"))
    QAbstractItemModelTester(window.table.grid.layers, QAbstractItemModelTester.FailureReportingMode.Fatal)
    window.actions_of["show_repeats"].trigger()
    return window


FOLDED = "image | 3 × 16 × 16 | \nstage | 3 × 12 × 12 | \nflat | 432 | "
EXPANDED = "\n".join(
    [
        "image | 3 × 16 × 16 | ",
        "stage[1]/a | 3 × 14 × 14 | 3",
        "stage[1]/b\\/c | 3 × 14 × 14 | 1",
        "stage[2]/a | 3 × 12 × 12 | 3",
        "stage[2]/b\\/c | 3 × 12 × 12 | 1",
        "flat | 432 | ",
    ]
)


def test_each_repeat_has_its_line_and_its_numbers(window: MainWindow) -> None:
    assert draw_table(window.table.grid.layers) == EXPANDED
    assert window.actions_of["show_repeats"].isChecked()
    window.actions_of["show_repeats"].trigger()
    assert draw_table(window.table.grid.layers) == FOLDED
    assert not window.actions_of["show_repeats"].isChecked()


def test_an_edit_of_one_is_an_edit_of_all(window: MainWindow) -> None:
    layers = window.table.grid.layers
    assert layers.setData(layers.index(3, 2), "5", Qt.ItemDataRole.EditRole)
    assert [layers.index(row, 2).data() for row in (1, 3)] == ["5", "5"]
    assert layers.setData(layers.index(1, 0), "first", Qt.ItemDataRole.EditRole)
    assert [layers.index(row, 0).data() for row in (1, 3)] == ["stage[1]/first", "stage[2]/first"]
    assert layers.index(3, 0).data(Qt.ItemDataRole.EditRole) == "first"
    window.document.undo_stack.undo()
    window.document.undo_stack.undo()
    assert draw_table(layers) == EXPANDED


def test_a_click_selects_the_layer_in_all_its_repeats_and_stays(window: MainWindow) -> None:
    grid = window.table.grid
    flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
    grid.selectionModel().setCurrentIndex(grid.layers.index(3, 1), flags)
    assert window.view_state.selection == (("stage", "a"),)
    assert sorted(index.row() for index in grid.selectionModel().selectedRows()) == [1, 3]
    assert grid.currentIndex().row() == 3
    window.view_state.select((("flat",),))
    assert grid.currentIndex().row() == 5


def test_the_chart_lists_the_same(window: MainWindow) -> None:
    assert chart_mode(window) == "layer"
    assert not window.chart.tools.by_block.isEnabled()
    window.actions_of["show_repeats"].trigger()
    assert chart_mode(window) == "block"
    assert window.chart.tools.by_block.isEnabled()
    window.chart.tools.by_layer.setChecked(True)
    window.actions_of["show_repeats"].trigger()
    window.actions_of["show_repeats"].trigger()
    assert chart_mode(window) == "layer"


def chart_mode(window: MainWindow) -> str:
    return window.chart.tools.mode


def test_copied_lines_say_which_repeat(window: MainWindow) -> None:
    window.view_state.select(())
    mime = window.table.copied()
    lines = mime.text().splitlines()
    assert [line.split("\t")[0] for line in lines[1:3]] == ["image", "stage[1]/a"]
    assert "stage[2]/a" in mime.html()


def test_sorting_keeps_the_repeats_apart(window: MainWindow) -> None:
    layers = window.table.grid.layers
    layers.set_sort("kernel_size")
    first = [layers.index(row, 0).data() for row in range(4)]
    assert first == ["stage[1]/a", "stage[2]/a", "stage[1]/b\\/c", "stage[2]/b\\/c"]
    window.document.apply(edits.repeat(window.document.design, [("stage",)], 3))
    assert layers.rowCount() == 8
    layers.set_sort(None)
    assert layers.index(5, 0).data() == "stage[3]/a"


def test_what_is_too_long_is_listed_as_before(window: MainWindow) -> None:
    layers = window.table.grid.layers
    window.document.apply(edits.repeat(window.document.design, [("stage",)], MAX_REPEATED))
    assert not window.view_state.shows_repeats
    assert not window.actions_of["show_repeats"].isChecked()
    assert layers.rowCount() == 3
    window.document.undo_stack.undo()
    assert draw_table(layers) == EXPANDED
    window.document.undo_stack.redo()
    window.view_state.set_shows_repeats(False)
    window.actions_of["show_repeats"].trigger()
    assert not window.actions_of["show_repeats"].isChecked()
    assert window.statusBar().currentMessage() == (
        "With every repeat there are 4,002 layers, and at most 2,000 can be listed."
    )
    window.document.undo_stack.undo()
    assert draw_table(layers) == FOLDED


def test_resnet_50_has_its_175_layers(studio: Studio) -> None:
    window = opened_window(studio, "resnet-50")
    window.actions_of["show_repeats"].trigger()
    layers = window.table.grid.layers
    names = [str(layers.index(row, 0).data()) for row in range(layers.rowCount())]
    assert len(names) == len(set(names)) == 175
    assert "layer3/rest[5]/conv2" in names


@given(design=designs())
def test_lines_name_the_items_that_their_rows_count(design: Design) -> None:
    analysis = analyze(design)
    lines = repeated_lines(analysis)
    assert len(set(keys_of(lines))) == len(lines) == len(analysis.rows)
    for line, row in zip(lines, analysis.rows, strict=True):
        assert line.entry == row
        assert path_text(line.path) == row.place
        assert find(design, line.path) == row.layer


def test_a_model_on_its_own_follows_edits(window: MainWindow) -> None:
    document = window.document
    view_state = ViewState(document)
    view_state.set_shows_repeats(True)
    model = LayerTableModel(document, view_state, ("layer",))
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    document.apply(edits.insert(document.design, (("stage",), 0), [Conv2D(name="new", filters=3, kernel_size=1)]))
    assert [index for index in range(model.rowCount()) if "new" in str(model.index(index, 0).data())] == [1, 4]
    document.apply(edits.remove(document.design, [("stage", "a")]))
    assert model.rowCount() == 6
    assert sum(isinstance(item, Block) for _, item in walk(document.design.layers)) == 1
