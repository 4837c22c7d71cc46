"""Tables for terminals and Markdown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.counting.columns import COLUMN
from cnnstudio.drawings.display_width import display_width
from cnnstudio.formats.builtin import open_design
from cnnstudio.reports.terminal.table import (
    markdown_table,
    plain_table,
    shortened,
    table_lines,
    text_rows,
    total_cells,
)

ALIGNS = ["left", "right"]


def test_plain_table() -> None:
    rows = [["a", "1"], ["long name", "1,000"]]
    assert plain_table(["Name", "Count"], rows, ["Total", "1,001"], ALIGNS) == [
        "Name       Count",
        "────────────────",
        "a              1",
        "long name  1,000",
        "────────────────",
        "Total      1,001",
    ]


def test_plain_table_counts_the_columns_of_the_terminal() -> None:
    lines = plain_table(["層", "n"], [["a\u0301", "1"], ["😀😀", "2"]], ["", "3"], ALIGNS)
    assert [display_width(line) for line in lines] == [7] * 6


def test_plain_table_without_rows() -> None:
    assert plain_table(["Name", "Count"], [], ["Total", "0"], ALIGNS) == [
        "Name   Count",
        "─" * 12,
        "─" * 12,
        "Total      0",
    ]


def test_styles_of_the_parts_of_a_table() -> None:
    rows = [["a", "unknown"], ["unknown", "1"]]
    lines = plain_table(
        ["N", "C"], rows, ["T", ""], ALIGNS, ["row", "block"], lambda style, text: f"<{style}>{text}</>"
    )
    assert lines == [
        "<header>N      </>  <header>      C</>",
        "<rule>────────────────</>",
        "<row>a      </>  <unknown>unknown</>",
        "<block>unknown</>  <block>      1</>",
        "<rule>────────────────</>",
        "<total>T      </>  <total></>",
    ]


def test_markdown_table() -> None:
    assert markdown_table(["Name", "Count"], [["a|b", "1"], ["  _c_", "2"]], ["Total", "3"], ALIGNS) == [
        "| Name | Count |",
        "| --- | ---: |",
        "| a\\|b | 1 |",
        "| &nbsp;&nbsp;\\_c\\_ | 2 |",
        "| **Total** | **3** |",
    ]


@pytest.mark.parametrize(
    ("text", "width", "short"),
    [("short", 5, "short"), ("longer", 5, "lon…r"), ("層層層層", 6, "層…層"), ("a" * 100, 9, "aaaaa…aaa")],
)
def test_shortened(text: str, width: int, short: str) -> None:
    assert shortened(text, width) == short


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=200), st.integers(4, 80))
def test_shortened_fits(text: str, width: int) -> None:
    short = shortened(text, width)
    assert display_width(short) <= max(width, 4)
    assert short == text or "…" in short


def test_lines_of_blocks_and_of_every_repeat() -> None:
    analysis = analyze(open_design("resnet-18").design)
    folded = [(line.depth, line.entry.path) for line in table_lines(analysis, expand=False)]
    assert folded[5:8] == [(0, "layer1"), (1, "layer1[1]/conv1"), (1, "layer1[1]/bn1")]
    expanded = [line.entry.path for line in table_lines(analysis, expand=True)]
    assert expanded == [row.path for row in analysis.rows]
    rows = text_rows(analysis, (COLUMN["layer"],), expand=False)
    assert rows[5:7] == [["layer1 × 2"], ["  conv1"]]


def test_total_stands_in_the_first_cell_unless_that_has_a_sum() -> None:
    analysis = analyze(open_design("alexnet").design)
    assert total_cells(analysis, (COLUMN["layer"], COLUMN["biases"])) == ["Total", "10,568"]
    assert total_cells(analysis, (COLUMN["biases"], COLUMN["layer"])) == ["10,568", ""]
    assert total_cells(analysis, ()) == []
