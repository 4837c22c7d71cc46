"""The model behind the table: lines, columns, sorting and editing in the cell, under Qt's model tester."""

from __future__ import annotations

import random

import pytest
from PySide6.QtCore import QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from cnnstudio.app.document.document import Document
from cnnstudio.app.document.view_state import ViewState
from cnnstudio.app.layer_table.model import LayerTableModel
from cnnstudio.core import edits
from cnnstudio.core.arithmetic.numerals import UNKNOWN
from cnnstudio.core.counting.columns import COLUMNS
from cnnstudio.core.edits import EditError
from cnnstudio.core.network.design import Block, walk
from tests.app.drawing import draw_table
from tests.app.layer_list.test_model import small, take_random_step

_Fatal = QAbstractItemModelTester.FailureReportingMode.Fatal


def modelled(document: Document, *columns: str) -> tuple[LayerTableModel, ViewState]:
    view_state = ViewState(document)
    model = LayerTableModel(document, view_state, columns or ("layer", "output", "parameters"))
    QAbstractItemModelTester(model, _Fatal, model)
    return model, view_state


def cell(model: LayerTableModel, layer: str, column: int) -> str:
    row = next(row for row in range(model.rowCount()) if model.index(row, 0).data() == layer)
    return str(model.index(row, column).data())


def test_numbers_have_thousands_separators_and_stand_right(alexnet: Document) -> None:
    model, _ = modelled(alexnet)
    row = model.row_of(("FC-1",))
    assert model.index(row, 2).data() == "37,752,832"
    assert model.index(row, 2).data(Qt.ItemDataRole.TextAlignmentRole) & Qt.AlignmentFlag.AlignRight


@pytest.mark.usefixtures("qapp")
def test_blocks_fold_as_in_the_list() -> None:
    model, view_state = modelled(small(), "layer", "type")
    assert draw_table(model) == "image | Input\nstage | Block\nflat | Flatten"
    view_state.set_open(("stage",), is_open=True)
    assert draw_table(model) == "image | Input\nstage | Block\na | Conv2D\nr | Activation\nflat | Flatten"
    view_state.set_open(("stage",), is_open=False)
    assert draw_table(model) == "image | Input\nstage | Block\nflat | Flatten"


def test_rows_below_an_error_are_unknown(alexnet: Document) -> None:
    model, _ = modelled(alexnet)
    alexnet.apply(edits.set_field(alexnet.design, [("Conv-3",)], "kernel_size", 99))
    assert cell(model, "Conv-2", 2) == "614,656"
    assert {cell(model, name, 2) for name in ("Conv-3", "FC-1")} == {UNKNOWN}
    assert cell(model, "Conv-4", 2) == "1,327,488", "its channels are known"


def test_shape_order(alexnet: Document) -> None:
    model, view_state = modelled(alexnet)
    assert cell(model, "Conv-1", 1) == "96 × 55 × 55"
    view_state.set_channels_last(True)
    assert cell(model, "Conv-1", 1) == "55 × 55 × 96"


def test_edit_in_the_cell(alexnet: Document) -> None:
    model, _ = modelled(alexnet, "layer", "kernel_size", "filters")
    assert model.setData(model.index(model.row_of(("Conv-2",)), 1), "3 × 5")
    assert model.setData(model.index(model.row_of(("FC-3",)), 2), "10")
    assert model.setData(model.index(model.row_of(("MaxPool-1",)), 1), "2")
    assert (cell(model, "Conv-2", 1), cell(model, "FC-3", 2), cell(model, "MaxPool-1", 1)) == ("3 × 5", "10", "2")


def test_edit_of_several_selected_rows_that_share_the_field(alexnet: Document) -> None:
    model, view_state = modelled(alexnet, "layer", "filters", "kernel_size")
    view_state.select((("Conv-3",), ("MaxPool-3",), ("Conv-4",)))
    model.setData(model.index(model.row_of(("Conv-3",)), 1), "100")
    assert (cell(model, "Conv-3", 1), cell(model, "Conv-4", 1)) == ("100", "100")
    assert alexnet.undo_stack.count() == 1


def test_a_cell_takes_arithmetic_and_foreign_functions(alexnet: Document) -> None:
    model, view_state = modelled(alexnet, "layer", "filters", "activation")
    view_state.select((("Conv-1",), ("Conv-2",)))
    assert model.setData(model.index(model.row_of(("Conv-1",)), 1), "/2")
    assert (cell(model, "Conv-1", 1), cell(model, "Conv-2", 1)) == ("48", "128")
    assert model.setData(model.index(model.row_of(("Conv-1",)), 2), "swish")
    assert (cell(model, "Conv-1", 2), cell(model, "Conv-2", 2)) == ("silu", "silu")


def test_a_refused_cell_says_why(alexnet: Document) -> None:
    said: list[str] = []
    alexnet.refused.connect(said.append)
    model, _ = modelled(alexnet, "layer", "filters")
    assert not model.setData(model.index(model.row_of(("Conv-2",)), 1), "many")
    assert said
    assert "ilters must be a whole number" in said[0]
    assert alexnet.undo_stack.count() == 0


def test_only_cells_with_a_field_can_be_edited(alexnet: Document) -> None:
    model, _ = modelled(alexnet, "layer", "filters", "parameters")
    row = model.row_of(("MaxPool-1",))
    editable = [bool(model.flags(model.index(row, column)) & Qt.ItemFlag.ItemIsEditable) for column in range(3)]
    assert editable == [True, False, False]


def test_sort_and_back_to_the_order_of_the_network(alexnet: Document) -> None:
    model, _ = modelled(alexnet, "layer", "parameters")
    network = draw_table(model)
    kept = QPersistentModelIndex(model.index(model.row_of(("FC-1",)), 0))
    model.set_sort("parameters")
    assert [model.index(row, 0).data() for row in range(3)] == ["FC-1", "FC-2", "FC-3"]
    assert (kept.row(), kept.data()) == (0, "FC-1")
    model.set_sort(None)
    assert draw_table(model) == network


def test_lines_that_change_places_are_one_message(alexnet: Document) -> None:
    """Also many at once; and what Qt keeps of a line goes along."""
    model, _ = modelled(alexnet, "layer")
    told: list[str] = []
    for signal in (model.rowsMoved, model.layoutChanged, model.modelReset):
        signal.connect(lambda *_: told.append("structure"))
    model.reordered.connect(lambda: told.append("reordered"))
    kept = QPersistentModelIndex(model.index(model.row_of(("Conv-3",)), 0))
    alexnet.apply(edits.move(alexnet.design, [("Conv-3",)], ((), 2)))
    assert (kept.row(), kept.data()) == (2, "Conv-3")
    model.set_sort("layer")
    assert kept.data() == "Conv-3"
    assert told == ["reordered", "reordered"]


def test_unknown_sorts_last(alexnet: Document) -> None:
    model, _ = modelled(alexnet, "layer", "parameters")
    alexnet.apply(edits.set_field(alexnet.design, [("FC-2",)], "units", 5))
    alexnet.apply(edits.set_field(alexnet.design, [("Conv-5",)], "kernel_size", 99))
    for descending in (True, False):
        model.set_sort("parameters", descending=descending)
        assert model.index(model.rowCount() - 1, 1).data() == UNKNOWN


@pytest.mark.parametrize("column", [column.key for column in COLUMNS])
def test_every_column_shows_and_sorts(resnet: Document, column: str) -> None:
    model, _ = modelled(resnet, "layer", column)
    model.set_sort(column)
    assert model.rowCount() == len(resnet.design.layers)
    assert all(model.index(row, 1).data() is not None for row in range(model.rowCount()))


@pytest.mark.parametrize("sort", [None, "parameters"])
def test_long_random_runs(resnet: Document, sort: str | None) -> None:
    model, view_state = modelled(resnet, "layer", "parameters")
    model.set_sort(sort)
    chance = random.Random(7)
    for _ in range(60):
        try:
            take_random_step(resnet, chance)
        except EditError:
            continue
        blocks = [path for path, item in walk(resnet.design.layers) if isinstance(item, Block)]
        if blocks:
            view_state.set_open(chance.choice(blocks), is_open=chance.random() < 0.5)
        shown = {line.path for line in model.lines}
        assert {(item.name,) for item in resnet.design.layers} <= shown
        assert shown <= {path for path, _ in walk(resnet.design.layers)}
