"""The column of names stays in sight, and its cells are where they are seen."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.document.document import Document
from cnnstudio.app.document.view_state import ViewState
from cnnstudio.app.layer_table.cell_painter import Strip
from cnnstudio.app.layer_table.view import LayerTable
from cnnstudio.app.rows.text_cache import Lettering
from cnnstudio.core.counting.columns import COLUMNS


@pytest.fixture
def table(alexnet: Document, qtbot: QtBot) -> LayerTable:
    """AlexNet in a table that is too narrow, scrolled to its last columns."""
    shown = LayerTable(alexnet, ViewState(alexnet), Theme())
    qtbot.addWidget(shown)
    shown.resize(300, 400)
    with qtbot.waitExposed(shown):
        shown.show()
    shown.grid.horizontalScrollBar().setValue(250)
    return shown


def middle(table: LayerTable, row: int) -> QPoint:
    """A point in the frozen cell of a row."""
    return table.grid.visualRect(table.grid.layers.index(row, 0)).center()


def test_a_click_on_a_name_selects_its_layer_and_scrolls_nothing(table: LayerTable) -> None:
    assert table.grid.visualRect(table.grid.layers.index(1, 0)).left() == 0
    QTest.mouseClick(table.grid.viewport(), Qt.MouseButton.LeftButton, pos=middle(table, 1))
    assert [path[-1] for path in table.grid._view_state.selection] == ["Conv-1"]
    assert table.grid.horizontalScrollBar().value() == 250


def test_beside_it_the_other_columns_are_found_where_they_were_scrolled_to(table: LayerTable) -> None:
    grid = table.grid
    place = QPoint(grid.frozen.width + 5, middle(table, 1).y())
    assert grid.indexAt(place).column() == grid.horizontalHeader().logicalIndexAt(place.x())


def test_a_click_on_its_title_sorts_by_it(table: LayerTable) -> None:
    header = table.grid.horizontalHeader()
    QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(10, header.height() // 2))
    assert table.grid.layers.sort_order == ("layer", True)


def test_it_is_painted_over_what_is_scrolled_below_it(table: LayerTable) -> None:
    width = table.grid.frozen.width
    before = table.grid.viewport().grab().toImage().copy(0, 0, width - 1, 300)
    table.grid.horizontalScrollBar().setValue(120)
    assert table.grid.viewport().grab().toImage().copy(0, 0, width - 1, 300) == before
    table.grid.horizontalScrollBar().setValue(0)
    assert table.grid.viewport().grab().toImage().copy(0, 0, width - 1, 300) == before


def test_who_moves_the_column_elsewhere_wants_it_there(table: LayerTable) -> None:
    table.grid.horizontalHeader().moveSection(0, 2)
    assert table.grid.frozen.section == -1
    assert table.grid.frozen.width == 0


FIGURE = "1,135,256,096"


@pytest.mark.parametrize(("first", "more", "told"), [(0, 0, FIGURE), (0, -10, "…"), (110, 0, "…"), (100, 40, FIGURE)])
def test_a_figure_that_is_cut_off_is_an_ellipsis(first: int, more: int, told: str, qapp: QApplication) -> None:
    """A part of one would be read as another figure; a name that is cut off is still that name."""
    lettering = Lettering(qapp.font())
    inner = QRect(100, 0, round(lettering.width(FIGURE)) + 1, 20)
    for align, wanted in (("right", told), ("left", FIGURE)):
        column = next(column for column in COLUMNS if column.align == align)
        strip = Strip(column, False, inner.left(), inner.width(), first, inner.right() + 1 + more)
        assert strip.whole(inner, FIGURE, lettering)[1] == wanted
        narrow = inner.adjusted(12, 0, 0, 0)
        assert strip.whole(narrow, FIGURE, lettering)[1] == ("…" if align == "right" else FIGURE)
