"""The web page: valid, self-contained, harmless, and with the numbers of the analysis in it."""

from __future__ import annotations

import re
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
import pytest
from hypothesis import given

from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.counting.columns import COLUMN, SUMMARY_COLUMNS
from cnnstudio.core.network.design import Design
from cnnstudio.drawings.display_width import CONTROL
from cnnstudio.reports.content.manuscript import Page
from cnnstudio.reports.content.report import PARTS
from cnnstudio.reports.forms.web_page import html_text
from tests.examples import share
from tests.golden import Golden
from tests.hostile import NAMES, NOTES, renamed
from tests.networks import builtin
from tests.reports.samples import DESIGNS, SUMMED, columns, faulty, named, plain, with_working, worksheet
from tests.strategies import designs
from tests.svg import SVG

EVERYTHING = tuple(PARTS)


def parsed(text: str) -> Element:
    """The page as a browser sees it; the test fails on anything that is not as HTML wants it."""
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    page: Any = parser.parse(text)
    assert isinstance(page, Element)
    return page


def words(element: Element) -> str:
    """All text in an element."""
    return "".join(element.itertext())


def rows_of(page: Element) -> list[Element]:
    """The lines of the layer table without header and total."""
    return page.findall(".//table[@class='layers']/tbody/tr")


def number(text: str) -> int:
    """`1,234` as a number."""
    return int(text.replace(",", ""))


def depth(row: Element) -> int:
    """The depth of a row in blocks."""
    return int((row[0].get("style") or "--depth:0").partition(":")[2])


# Numbers


@pytest.mark.parametrize("convention", ["pytorch", "keras"])
@pytest.mark.parametrize("name", DESIGNS)
def test_columns_add_up_to_the_totals_in_the_page(name: str, convention: str) -> None:
    analysis = builtin(name, convention)
    page = parsed(html_text(plain(analysis)))
    total = [words(cell) for cell in page.findall(".//tfoot/tr/*")]
    for place, key in enumerate(SUMMARY_COLUMNS):
        if key in SUMMED:
            values = [number(words(row[place])) for row in rows_of(page) if depth(row) == 0]
            assert sum(values) == number(total[place]) == getattr(analysis.totals, key)


def test_every_cell_is_that_of_the_screen() -> None:
    analysis = builtin("lenet-5")
    keys = tuple(COLUMN)
    page = parsed(html_text(plain(analysis, columns=columns(*keys), expand=True)))
    heads = [words(cell) for cell in page.findall(".//table[@class='layers']/thead/tr/th")]
    assert heads == [COLUMN[key].title for key in keys]
    for line, row in zip(rows_of(page), analysis.rows, strict=True):
        expected = [row.path, *(COLUMN[key].cell(row, analysis) for key in keys[1:])]
        assert [words(cell) for cell in line] == expected


def test_unknown_is_said_and_the_total_is_a_lower_bound() -> None:
    page = parsed(html_text(plain(faulty())))
    unknown = [words(row[0]) for row in rows_of(page) if row[-1].get("class") == "n unknown"]
    assert unknown == ["large", "flat", "fc"]
    assert words(page.findall(".//tfoot/tr/*")[-1]) == "at least 3,888"
    errors = [words(item) for item in page.findall(".//li[@class='error']")]
    assert len(errors) == 1
    assert errors[0].startswith("Error in large: a 99 × 99 kernel does not fit")


def test_working_has_formula_substitution_and_value() -> None:
    page = parsed(html_text(with_working(builtin("alexnet"))))
    article = next(article for article in page.iter("article") if words(article[0]) == "Conv-1 (Conv2D)")
    line = next(row for row in article.iter("tr") if words(row[0]) == "parameters")
    assert words(line[1]) == "(Kh · Kw · C + 1) · N = (11 × 11 × 3 + 1) × 96 = 34,944"
    assert "Kh, Kw: kernel size" in words(article)
    assert words(next(row for row in article.iter("tr") if words(row[0]) == "biases")[1]) == "B = N = 96"
    assert not re.search(r"=\s*=", words(page))


def test_wide_table_is_printed_on_a_turned_page() -> None:
    assert "size: a4;" in html_text(plain(builtin("lenet-5")))
    wide = html_text(plain(builtin("lenet-5"), columns=columns(*COLUMN), page=Page(paper="letter")))
    assert "size: letter landscape;" in wide


# The page itself


@pytest.mark.parametrize("light", ["auto", "light", "dark"])
def test_page_is_valid_and_needs_nothing_from_elsewhere(light: Any) -> None:
    text = html_text(with_working(builtin("resnet-18"), parts=EVERYTHING, page=Page(light=light)))
    page = parsed(text)
    assert not list(page.iter("script"))
    assert not list(page.iter("link"))
    assert not re.search(r"\bsrc=|\bhref=|url\(|@import|javascript:|\son\w+=", text)
    assert ("prefers-color-scheme" in text) == (light == "auto")
    assert "@media print" in text


def test_table_is_marked_up_for_those_who_hear_it() -> None:
    page = parsed(html_text(plain(builtin("lenet-5"))))
    assert {cell.get("scope") for cell in page.findall(".//thead//th")} == {"col"}
    assert {row[0].get("scope") for row in rows_of(page)} == {"row"}
    assert page.get("lang") == "en"
    assert [heading.tag for heading in page.iter() if heading.tag in ("h1", "h2")] == ["h1", "h2", "h2", "h2"]
    picture = page.find(f".//{SVG}svg")
    assert picture is not None
    assert picture.get("role") == "img"
    assert picture.findtext(f"{SVG}title") == "Parameters by layer"


def test_numbers_stand_right() -> None:
    page = parsed(html_text(plain(builtin("lenet-5"))))
    for row in rows_of(page):
        assert [cell.get("class") for cell in row] == [None, None, None, "n", "n", "n", "n"]


def test_worksheet_has_no_answer_in_it() -> None:
    text = html_text(worksheet(builtin("alexnet"), "output", "parameters"))
    page = parsed(text)
    blank = [cell for cell in page.iter("td") if "blank" in (cell.get("class") or "")]
    assert len(blank) == 2 * 14 + 1
    assert {words(cell) for cell in blank} == {""}
    assert not re.search(r"34,944|34944|62,378,344|55 × 55", text)


def test_key_has_every_answer_and_the_working() -> None:
    page = parsed(html_text(worksheet(builtin("alexnet"), "parameters", has_answers=True)))
    answers = [words(cell) for cell in page.findall(".//table[@class='layers']//strong")]
    assert answers == [COLUMN["parameters"].cell(row, builtin("alexnet")) for row in builtin("alexnet").rows] + [
        "62,378,344"
    ]
    names = {words(row[0]) for row in page.findall(".//table[@class='working']/tbody/tr")}
    assert names == {"parameters"}


@pytest.mark.parametrize("make", [plain, with_working])
def test_empty_design(make: Any) -> None:
    page = parsed(html_text(make(analyze(Design(name="Empty")))))
    assert rows_of(page) == []
    assert "the design has no layers." in words(page)


def test_golden(golden: Golden) -> None:
    text = html_text(with_working(builtin("lenet-5")))
    golden("report-lenet-5.html", re.sub(r'(content="CNN Studio )[^"]+', r"\1VERSION", text))


# Hostile names


@pytest.mark.parametrize("name", NAMES)
def test_names_read_back(name: str) -> None:
    page = parsed(html_text(with_working(named(name, name), columns=columns("layer", "type", "note"))))
    assert not list(page.iter("script"))
    block = rows_of(page)[1]
    assert [words(block[0]), words(block[2])] == [name, name]
    assert words(next(page.iter("h1"))) == name
    assert page.findtext(".//title") == name


@pytest.mark.parametrize("note", NOTES)
def test_notes_are_harmless(note: str) -> None:
    text = html_text(plain(named("name", note), columns=columns("layer", "note")))
    assert not CONTROL.search(text.replace("\n", ""))
    assert len(rows_of(parsed(text))) == 4


@given(renamed(designs()))
@share(1 / 2)
def test_any_design_gives_a_valid_page(design: Design) -> None:
    analysis = analyze(design)
    page = parsed(html_text(with_working(analysis)))
    assert not list(page.iter("script"))
    assert words(page.findall(".//h1")[0]).split() == CONTROL.sub(" ", design.name).split()
