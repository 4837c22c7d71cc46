"""Names that break careless writers stay one line, and harmless, in every form."""

from __future__ import annotations

import csv
import html
import io
import json
import re

import pytest
from hypothesis import given

from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.core.counting.columns import COLUMN, SUMMARY_COLUMNS
from cnnstudio.core.network.design import Block, Design, path_text
from cnnstudio.drawings.display_width import CONTROL, display_width
from cnnstudio.layers.convolution import Conv2D
from cnnstudio.layers.structure import Identity
from cnnstudio.reports.content.explanation import explain_latex, explain_text
from cnnstudio.reports.data.json_data import json_report
from cnnstudio.reports.terminal.table import MAX_CELL_LENGTH
from cnnstudio.reports.terminal.table import delimited_table as delimited
from cnnstudio.reports.terminal.totals_text import summary_markdown, summary_text
from tests.hostile import NAMES, NOTES, renamed
from tests.networks import IMAGE
from tests.strategies import designs

SUMMARY = tuple(COLUMN[key] for key in SUMMARY_COLUMNS)
WITH_NOTES = (*SUMMARY, COLUMN["note"])
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def analysis_of(name: str, note: str = "") -> Analysis:
    """A design, a block and a layer of that name, with that note."""
    conv = Conv2D(name=name, filters=2, kernel_size=3, note=note)
    block = Block(name=name, layers=(conv,), note=note)
    return analyze(Design(name=name, note=note, layers=(IMAGE, block, Identity(name="last", inputs=(name,)))))


@pytest.mark.parametrize("note", NOTES)
@pytest.mark.parametrize("expand", [False, True])
def test_text_has_one_line_a_row_and_nothing_that_acts(note: str, expand: bool) -> None:
    harmless = summary_text(analysis_of("name"), WITH_NOTES, expand=expand)
    text = summary_text(analysis_of(note[:300] or "x", note), WITH_NOTES, expand=expand)
    assert len(text.split("\n")) == len(harmless.split("\n"))
    assert not CONTROL.search(text.replace("\n", ""))
    assert "\x1b" not in text


@pytest.mark.parametrize("name", NAMES)
def test_columns_stay_aligned(name: str) -> None:
    lines = summary_text(analysis_of(name), SUMMARY, expand=False).split("\n\n")[1].splitlines()
    assert {display_width(line) for line in lines} == {display_width(lines[1])}


@pytest.mark.parametrize("name", ["n" * 300, "é" * 500, "層" * 200, "😀" * 100])
def test_long_names_are_cut_in_the_middle_for_the_terminal_alone(name: str) -> None:
    analysis = analysis_of(name)
    lines = summary_text(analysis, SUMMARY, expand=False).splitlines()
    cells = [re.split(r"\s{2,}", line.strip())[0] for line in lines if "…" in line]
    assert len(cells) == 2
    assert all(MAX_CELL_LENGTH - 5 < display_width(cell) <= MAX_CELL_LENGTH for cell in cells)
    assert name in summary_markdown(analysis, SUMMARY, expand=False)
    assert name in delimited(analysis, SUMMARY, expand=False)


# Markdown


def markdown_cells(line: str) -> list[str]:
    """The cells of a line of a table as GitHub sees them."""
    cells = re.split(r"(?<!\\)(?:\\\\)*\|", line)[1:-1]
    return [html.unescape(re.sub(r"\\([\\`*_{}\[\]<>#|~$])", r"\1", cell[1:-1])).replace("\xa0", " ") for cell in cells]


@pytest.mark.parametrize("name", NAMES)
def test_markdown_reads_back(name: str) -> None:
    lines = summary_markdown(analysis_of(name, name), WITH_NOTES, expand=False).splitlines()
    block = next(line for line in lines if "| Block |" in line)
    cells = markdown_cells(block)
    assert len(cells) == len(WITH_NOTES)
    assert cells[0] == cells[-1] == name.rstrip(" ")


@pytest.mark.parametrize("name", ["</script><script>alert(1)</script>", "<b>&amp;</b>", "![x](http://example.org)"])
def test_markdown_holds_no_html_and_no_picture(name: str) -> None:
    text = summary_markdown(analysis_of(name, name), WITH_NOTES, expand=False)
    assert not re.search(r"(?<!\\)<", text)
    assert "![" not in text
    assert "&amp;amp;" in text or "&" not in name


# CSV


def read_csv(text: str) -> list[list[str]]:
    """The rows as a spreadsheet reads them, without the apostrophe that says: this is text."""
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    return [[cell.removeprefix("'") if cell[1:2] in FORMULA_SIGNS else cell for cell in row] for row in rows]


@pytest.mark.parametrize("name", NAMES)
def test_csv_reads_back(name: str) -> None:
    analysis = analysis_of(name, name)
    _, _, block, *_ = read_csv(delimited(analysis, WITH_NOTES, expand=False))
    assert (block[0], block[-1]) == (name, name)
    rows = read_csv(delimited(analysis, WITH_NOTES, expand=True))
    assert rows[2][0] == path_text((name, name))


@given(renamed(designs()))
def test_no_cell_of_csv_is_taken_for_a_formula(design: Design) -> None:
    analysis = analyze(design)
    columns = (COLUMN["layer"], COLUMN["type"], COLUMN["note"])
    text = delimited(analysis, columns, expand=True)
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert len(rows) == len(analysis.rows) + 1
    assert not [cell for row in rows for cell in row if cell.startswith(FORMULA_SIGNS)]
    assert not CONTROL.search(text.replace("\n", ""))


# JSON


@given(renamed(designs()))
def test_json_reads_back(design: Design) -> None:
    report = json.loads(json_report(analyze(design)))
    assert report["design"] == design.name
    assert [row["path"] for row in report["rows"]] == [row.path for row in analyze(design).rows]


# The working


@given(renamed(designs()))
def test_working_of_everything_is_one_line_a_number(design: Design) -> None:
    analysis = analyze(design)
    for entry in (None, *analysis.entries):
        text = explain_text(entry, analysis)
        assert not CONTROL.search(text.replace("\n", ""))
        assert text.splitlines()[0] == text.split("\n")[0]


@pytest.mark.parametrize("name", NAMES)
def test_latex_holds_nothing_that_acts(name: str) -> None:
    analysis = analysis_of(name, name)
    for entry in (None, *analysis.entries):
        title, *lines = explain_latex(entry, analysis).splitlines()
        assert title.startswith(f"% {entry.path if entry else name}")
        body = "\n".join(lines)
        assert not re.search(r"(?<!\\)[%#$]", body)
        assert body.count(r"\begin") == body.count(r"\end") == 1
        assert _depth(body) == 0
        assert len(re.findall(r"(?<!\\)&", body)) == len(lines) - 2


def _depth(latex: str) -> int:
    """The number of braces that stay open."""
    bare = re.sub(r"\\[{}\\]", "", latex)
    return bare.count("{") - bare.count("}")
