"""The widths of the table's columns: no number is cut off, and nobody's own width is taken away."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.document.document import Document
from cnnstudio.app.document.view_state import ViewState
from cnnstudio.app.layer_table.view import LayerTable
from cnnstudio.core import edits
from cnnstudio.core.network.design import Block, walk
from cnnstudio.formats.builtin import open_design
from tests.app.conftest import document_of


@pytest.fixture
def table(alexnet: Document, theme: Theme, qtbot: QtBot) -> LayerTable:
    table = LayerTable(alexnet, ViewState(alexnet, alexnet), theme)
    qtbot.addWidget(table)
    table.resize(600, 300)
    table.show()
    return table


def width_of(table: LayerTable, key: str) -> int:
    section = [column.key for column in table.grid.layers.columns].index(key)
    return table.grid.columnWidth(section)


def grow(document: Document) -> None:
    """Numbers of a few more digits."""
    document.apply(edits.set_field(document.design, [("FC-1",)], "units", 4_000_000))


def test_columns_grow_with_their_numbers_and_do_not_shrink(table: LayerTable, alexnet: Document, qtbot: QtBot) -> None:
    before = width_of(table, "weights")
    grow(alexnet)
    qtbot.waitUntil(lambda: width_of(table, "weights") > before)
    grown = width_of(table, "weights")
    assert [table.totals.columnWidth(n) for n in range(4)] == [table.grid.columnWidth(n) for n in range(4)]
    alexnet.undo_stack.undo()
    qtbot.wait(200)
    assert width_of(table, "weights") == grown


def test_a_width_that_somebody_chose_stays(table: LayerTable, alexnet: Document, qtbot: QtBot) -> None:
    section = [column.key for column in table.grid.layers.columns].index("weights")
    table.grid.setColumnWidth(section, 30)
    before = width_of(table, "parameters")
    grow(alexnet)
    qtbot.waitUntil(lambda: width_of(table, "parameters") > before)
    assert width_of(table, "weights") == 30


def test_widths_follow_the_text_size_both_ways(table: LayerTable, theme: Theme) -> None:
    table.grid.setColumnWidth(0, 100)
    before = width_of(table, "parameters")
    theme.set_text_scale(2.0)
    theme.changed.emit()
    assert width_of(table, "parameters") > 1.6 * before
    assert table.grid.columnWidth(0) == 200
    theme.set_text_scale(1.0)
    theme.changed.emit()
    assert width_of(table, "parameters") == before
    assert table.grid.columnWidth(0) == 100


@pytest.fixture
def unfolded(theme: Theme, qtbot: QtBot) -> LayerTable:
    """ResNet-50 with all blocks open, whose deepest layers have long names."""
    document = document_of(open_design("resnet-50").design)
    state = ViewState(document, document)
    table = LayerTable(document, state, theme)
    qtbot.addWidget(table)
    table.resize(900, 300)
    table.show()
    before = width_of(table, "layer")
    for path, item in walk(document.design.layers):
        if isinstance(item, Block):
            state.set_open(path, is_open=True)
    qtbot.waitUntil(lambda: width_of(table, "layer") > before)
    return table


def shows_whole(table: LayerTable, key: str) -> bool:
    header = table.grid.horizontalHeader()
    section = [column.key for column in table.grid.layers.columns].index(key)
    return header.sectionViewportPosition(section) + header.sectionSize(section) <= table.grid.viewport().width()


def seen(table: LayerTable) -> list[str]:
    """The first columns as they stand on the screen."""
    header = table.grid.horizontalHeader()
    return [table.grid.layers.columns[header.logicalIndex(place)].key for place in range(4)]


def test_names_give_way_to_parameters_and_macs(unfolded: LayerTable, qtbot: QtBot) -> None:
    whole, order = width_of(unfolded, "layer"), seen(unfolded)
    unfolded.resize(560, 300)
    qtbot.waitUntil(lambda: width_of(unfolded, "layer") < whole)
    assert shows_whole(unfolded, "parameters")
    assert shows_whole(unfolded, "macs")
    assert seen(unfolded) == order
    unfolded.resize(900, 300)
    qtbot.waitUntil(lambda: width_of(unfolded, "layer") == whole)


def test_no_column_moves_while_numbers_grow(table: LayerTable, alexnet: Document, qtbot: QtBot) -> None:
    order = seen(table)
    table.resize(510, 300)
    before = width_of(table, "macs")
    grow(alexnet)
    qtbot.waitUntil(lambda: width_of(table, "macs") > before)
    assert seen(table) == order


def test_in_a_narrow_table_parameters_and_macs_come_first_for_a_while(unfolded: LayerTable, qtbot: QtBot) -> None:
    order, chosen = seen(unfolded), unfolded.column_keys
    unfolded.resize(380, 300)
    qtbot.waitUntil(lambda: seen(unfolded) != order)
    assert seen(unfolded)[:3] == ["layer", "parameters", "macs"]
    assert shows_whole(unfolded, "macs")
    assert unfolded.column_keys == chosen
    # Another choice of columns is made of the order that was chosen.
    unfolded.toggle_column("share")
    assert unfolded.column_keys == tuple(key for key in chosen if key != "share")
    unfolded.toggle_column("share")
    unfolded.resize(900, 300)
    qtbot.waitUntil(lambda: seen(unfolded) == order)
    assert unfolded.column_keys == chosen


def test_the_totals_scroll_as_far_as_the_table(table: LayerTable) -> None:
    bar = table.grid.horizontalScrollBar()
    assert bar.maximum() > 0
    assert table.grid.verticalScrollBar().maximum() > 0
    bar.setValue(bar.maximum())
    last = len(table.grid.layers.columns) - 1
    assert table.totals.columnViewportPosition(last) == table.grid.columnViewportPosition(last)
