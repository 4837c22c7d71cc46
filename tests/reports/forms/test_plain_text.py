"""Plain text and Markdown: goldens, columns that add up, and names that stay what they are."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest
from hypothesis import given
from markdown_it import MarkdownIt

from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.counting.columns import SUMMARY_COLUMNS
from cnnstudio.core.network.design import Design
from cnnstudio.drawings.display_width import CONTROL, display_width
from cnnstudio.reports.content.manuscript import Chart, Manuscript, Table
from cnnstudio.reports.forms.markdown import markdown_text
from cnnstudio.reports.forms.plain_text import plain_text
from cnnstudio.reports.forms.text_chart import text_chart
from tests.examples import share
from tests.golden import Golden
from tests.hostile import NAMES, NOTES, renamed
from tests.networks import builtin
from tests.reports.samples import DESIGNS, SUMMED, columns, faulty, named, plain, with_working, worksheet
from tests.strategies import designs

GITHUB = MarkdownIt("commonmark", {"html": True}).enable("table")


def html_of(markdown: str) -> str:
    """The HTML that a Markdown reader makes of it; HTML in it would go through."""
    return str(GITHUB.render(markdown))


def markdown_rows(markdown: str) -> list[list[str]]:
    """The cells of the layer table, as text."""
    table = html_of(markdown).partition("<table>")[2].partition("</table>")[0]
    rows = re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in rows]


# Goldens


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("report-lenet-5", lambda: plain(builtin("lenet-5"))),
        ("report-working", lambda: with_working(builtin("lenet-5"), parts=("table",))),
        ("report-resnet-18", lambda: plain(builtin("resnet-18"))),
        ("report-faulty", lambda: plain(faulty(), lines={"large": 6})),
        ("worksheet-lenet-5", lambda: worksheet(builtin("lenet-5"), "output", "parameters")),
        ("key-lenet-5", lambda: worksheet(builtin("lenet-5"), "output", "parameters", has_answers=True)),
    ],
)
def test_golden(golden: Golden, name: str, make: Callable[[], Manuscript]) -> None:
    golden(f"{name}.txt", plain_text(make()))
    golden(f"{name}.md", markdown_text(make()))


# Numbers


@pytest.mark.parametrize("name", DESIGNS)
def test_columns_of_markdown_add_up(name: str) -> None:
    analysis = builtin(name)
    _, *rows, total = markdown_rows(markdown_text(plain(analysis)))
    for place, key in enumerate(SUMMARY_COLUMNS):
        if key in SUMMED:
            outer = [int(row[place].replace(",", "")) for row in rows if not row[0].startswith("\xa0")]
            expected = getattr(analysis.totals, key)
            assert sum(outer) == expected
            assert total[place] == f"<strong>{expected:,}</strong>"


@pytest.mark.parametrize("name", DESIGNS)
def test_columns_of_text_add_up(name: str) -> None:
    analysis = builtin(name)
    body = plain_text(plain(analysis, parts=("table",))).split("─\n")
    lines = [re.split(r"\s{2,}", line) for line in body[2].splitlines() if line and not line.startswith((" ", "─"))]
    for offset, key in enumerate(reversed(SUMMARY_COLUMNS)):
        if key in SUMMED:
            expected = getattr(analysis.totals, key)
            assert sum(int(line[-1 - offset].replace(",", "")) for line in lines) == expected
            assert f"{expected:,}" in body[-1]


# Charts of letters


def test_bars_are_as_long_as_their_values() -> None:
    (chart,) = plain(builtin("alexnet")).parts(Chart)
    lengths = [line.count("█") for line in text_chart(chart)]
    assert max(lengths) == 40
    assert lengths.index(40) == [bar.label for bar in chart.bars].index("FC-1")
    values = [bar.value or 0 for bar in chart.bars]
    assert all(abs(length - 40 * value / max(values)) <= 1 for length, value in zip(lengths, values, strict=True))


def test_unknown_bars_say_so() -> None:
    (chart,) = plain(faulty()).parts(Chart)
    assert [line.split()[-1] for line in text_chart(chart)] == ["112", "unknown", "unknown"]


# Hostile names


@pytest.mark.parametrize("name", NAMES)
def test_text_has_the_whole_name_and_stays_aligned(name: str) -> None:
    text = plain_text(plain(named(name), parts=("table",)))
    assert name in text
    table = text.split("\n\n")[2].splitlines()
    rules = [line for line in table if set(line) == {"─"}]
    assert len(rules) == 2
    assert {display_width(line) for line in (table[0], *table[2:6])} == {display_width(rules[0])}


@pytest.mark.parametrize("note", NOTES)
def test_notes_are_harmless(note: str) -> None:
    for text in (plain_text(plain(named("x", note))), markdown_text(plain(named("x", note)))):
        assert not CONTROL.search(text.replace("\n", ""))


@pytest.mark.parametrize("name", NAMES)
def test_markdown_is_taken_for_text(name: str) -> None:
    text = markdown_text(with_working(named(name, name), columns=columns("layer", "type", "note", "parameters")))
    rendered = html_of(text)
    assert not re.search(r"<(script|img|a|em|del)\b", rendered)
    block = markdown_rows(text)[2]
    assert html.unescape(block[0]).strip("\xa0 ") == name.strip()
    assert len({len(row) for row in markdown_rows(text)}) == 1
    assert html.unescape(rendered.partition("<h1>")[2].partition("</h1>")[0]).strip("\xa0 ") == name.strip()


@given(renamed(designs()))
@share(1 / 2)
def test_any_design_gives_one_row_a_line(design: Design) -> None:
    manuscript = plain(analyze(design), parts=("table",))
    rows = markdown_rows(markdown_text(manuscript))
    (table,) = manuscript.parts(Table)
    assert len(rows) == len(table.lines) + 2
    assert not re.search(r"<(script|img|a)\b", html_of(markdown_text(with_working(analyze(design)))))
