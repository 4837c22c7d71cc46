"""The division of tables that are wider than the page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.core.counting.columns import COLUMN
from cnnstudio.reports.content.manuscript import Table
from cnnstudio.reports.forms.table_width import GAP, column_groups, column_letters, divided, letters_of
from tests.networks import builtin
from tests.reports.samples import columns, named, plain


def table_of(*keys: str) -> Table:
    """The table of LeNet-5 with these columns."""
    return plain(builtin("lenet-5"), columns=columns(*keys)).parts(Table)[0]


def test_letters_are_those_of_the_widest_cell() -> None:
    assert column_letters(table_of("layer", "parameters")) == [len("flatten"), len("Parameters")]
    assert letters_of(table_of("layer", "parameters")) == 7 + 10 + 2 * GAP


def test_depth_counts_and_long_names_do_not() -> None:
    (nested,) = plain(builtin("resnet-18"), columns=columns("layer")).parts(Table)
    assert column_letters(nested) == [len("downsample_bn") + 2 * 2]
    (long,) = plain(named("n" * 300), columns=columns("layer")).parts(Table)
    assert column_letters(long) == [24]


def test_table_that_fits_stays_as_it_is() -> None:
    table = table_of("layer", "parameters")
    assert list(divided(table, 200)) == [table]


def test_divided_tables_have_every_column_behind_the_first() -> None:
    table = table_of(*COLUMN)
    parts = list(divided(table, 80))
    assert len(parts) > 2
    assert {part.fields[0].key for part in parts} == {"layer"}
    assert [field.key for part in parts for field in part.fields[1:]] == list(COLUMN)[1:]
    assert all(letters_of(part) <= 80 for part in parts)
    assert [bool(part.remarks) for part in parts] == [False] * (len(parts) - 1) + [True]
    for part in parts:
        assert part.total is not None
        assert {len(line.cells) for line in (*part.lines, part.total)} == {len(part.fields)}


@given(st.lists(st.floats(1, 50), min_size=1, max_size=30), st.floats(0, 5), st.floats(10, 200))
def test_groups_hold_each_column_once_and_fit_if_they_can(widths: list[float], gap: float, most: float) -> None:
    groups = list(column_groups(widths, gap, most))
    assert [place for group in groups for place in group[1:]] == list(range(1, len(widths)))
    for group in groups:
        width = sum(widths[place] for place in group) + gap * (len(group) - 1)
        assert width <= most + 1e-6 or len(group) <= 2


def test_no_columns() -> None:
    assert list(column_groups([], 1, 10)) == []


@pytest.mark.parametrize("most", [1, 20])
def test_page_that_is_too_narrow_for_two_columns_has_two(most: float) -> None:
    assert list(column_groups([30, 30, 30], 1, most)) == [[0, 1], [0, 2]]
