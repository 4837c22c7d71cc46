"""Tables in a narrow terminal."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.drawings.display_width import display_width
from cnnstudio.reports.terminal.fitting import MIN_NAME_WIDTH, TextTable, left_out_line
from cnnstudio.reports.terminal.table import plain_table

TABLE = TextTable(
    ["Layer", "Type", "Weights", "Parameters"],
    [["a layer with a long name", "Conv2D", "34,848", "34,944"], ["short", "Convolution of a kind", "0", "0"]],
    ["Total", "", "34,848", "34,944"],
    ["left", "left", "right", "right"],
    (0, 1),
)


def lines_of(table: TextTable) -> list[str]:
    return plain_table(table.header, table.rows, table.total, table.aligns, names=table.names)


def test_a_table_that_fits_stays_as_it_is() -> None:
    assert TABLE.fitted(None) == (TABLE, [])
    assert lines_of(TABLE.fitted(120)[0]) == lines_of(TABLE)


@given(st.integers(20, 80), st.lists(st.sampled_from([2, 3]), unique=True))
def test_names_are_cut_first_then_columns_left_out_and_never_a_number(width: int, spared: list[int]) -> None:
    table, left_out = TABLE.fitted(width, spared)
    widest = max(map(display_width, lines_of(table)))
    least = sum(MIN_NAME_WIDTH if at in TABLE.names else size for at, size in enumerate(TABLE.widths)) + 2 * 3
    assert widest <= width or left_out == [TABLE.header[at] for at in sorted(spared)]
    if width >= least:
        assert (widest <= width, left_out) == (True, [])
    for at in (2, 3):
        if TABLE.header[at] not in left_out:
            place = table.header.index(TABLE.header[at])
            assert [row[place] for row in table.rows] == [row[at] for row in TABLE.rows]


def test_what_is_left_out_is_named() -> None:
    assert TABLE.fitted(40, (2, 3))[1] == ["Weights"]
    assert left_out_line(["Weights", "", "MACs"]) == ["Left out, as the terminal is narrow: Weights, MACs."]
    assert left_out_line([]) == []
