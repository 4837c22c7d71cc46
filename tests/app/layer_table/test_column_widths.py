"""The widths of the table's columns: no number is cut off, and nobody's own width is taken away."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.document.document import Document
from cnnstudio.app.document.view_state import ViewState
from cnnstudio.app.layer_table.view import LayerTable
from cnnstudio.core import edits


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


def test_the_totals_scroll_as_far_as_the_table(table: LayerTable) -> None:
    bar = table.grid.horizontalScrollBar()
    assert bar.maximum() > 0
    assert table.grid.verticalScrollBar().maximum() > 0
    bar.setValue(bar.maximum())
    last = len(table.grid.layers.columns) - 1
    assert table.totals.columnViewportPosition(last) == table.grid.columnViewportPosition(last)
