"""The geometry of rows, and the selection by click and key."""

from __future__ import annotations

import pytest

from cnnstudio.app.rows.geometry import RowGeometry, RowPick

PATHS = [("a",), ("b",), ("b",), ("c",), ("d",)]
"""The second item has two rows, as a repeated layer has."""


def geometry(*, count: int = 100, height: int = 20, page: int = 90, offset: int = 0) -> RowGeometry:
    rows = RowGeometry()
    rows.count, rows.height, rows.page, rows.offset = count, height, page, offset
    return rows


@pytest.mark.parametrize(("offset", "expected"), [(-5, 0), (0, 0), (37, 37), (5000, 1910)])
def test_scrolling_stops_at_both_ends(offset: int, expected: int) -> None:
    assert geometry(offset=offset).offset == expected


def test_visible_rows_include_those_in_sight_in_part() -> None:
    assert geometry(offset=30).visible == range(1, 6)
    assert geometry(count=2).visible == range(2)
    assert geometry(count=0).visible == range(0)


@pytest.mark.parametrize(("y", "row"), [(0, 1), (9, 1), (10, 2), (89, 5), (90, -1), (-1, -1)])
def test_a_height_leads_to_the_row_that_lies_there(y: float, row: int) -> None:
    assert geometry(offset=30).row_at(y) == row


def test_below_the_last_row_there_is_none() -> None:
    assert geometry(count=2).row_at(41) == -1


@pytest.mark.parametrize(("row", "offset"), [(0, 0), (1, 20), (3, 30), (5, 30), (6, 50)])
def test_showing_a_row_scrolls_no_more_than_needed(row: int, offset: int) -> None:
    assert geometry(offset=30).offset_to_show(row) == offset


def test_zooming_keeps_what_is_under_the_pointer() -> None:
    rows = geometry(offset=200)
    before = (45 + rows.offset) / rows.height
    rows.zoom(40, 45)
    assert (45 + rows.offset) / rows.height == pytest.approx(before)


def picked(pick: RowPick, row: int, selected: tuple[tuple[str, ...], ...] = (), **keys: bool) -> str:
    return "".join(path[0] for path in pick.pick(PATHS, frozenset(selected), row, **keys))


def test_a_click_selects_one_item_and_shift_all_up_to_the_next() -> None:
    pick = RowPick()
    assert picked(pick, 1) == "b"
    assert picked(pick, 3, extends=True) == "bc"
    assert picked(pick, 0, extends=True) == "ab"


def test_ctrl_adds_and_takes_away_in_the_order_of_the_list() -> None:
    pick = RowPick()
    assert picked(pick, 4, (("b",),), toggles=True) == "bd"
    assert picked(pick, 2, (("b",), ("d",)), toggles=True) == "d"


def test_ctrl_and_shift_keep_what_was_selected() -> None:
    pick = RowPick()
    picked(pick, 3)
    assert picked(pick, 4, (("a",), ("c",)), extends=True, toggles=True) == "acd"


def test_shift_without_a_beginning_is_a_plain_click() -> None:
    assert picked(RowPick(), 3, extends=True) == "c"
