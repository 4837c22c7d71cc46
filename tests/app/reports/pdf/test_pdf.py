"""The PDF: read back by another program, its numbers found, its pages measured, and looked at."""

from __future__ import annotations

import re
import shutil
import subprocess
import unicodedata
from datetime import date
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from msgspec import Struct
from PySide6.QtGui import QImage, QPainter, QTextCharFormat
from PySide6.QtWidgets import QApplication

from cnnstudio.app.platform.pdf_bytes import fixed
from cnnstudio.app.reports.pdf import Pages, pdf_bytes
from cnnstudio.app.reports.pdf.formulas import Formula
from cnnstudio.app.reports.pdf.ink import POINT, Words, load_fonts, read_rich
from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.counting.columns import COLUMN, SUMMARY_COLUMNS, report_columns
from cnnstudio.core.network.design import Design
from cnnstudio.reports.content.manuscript import Manuscript, Page
from cnnstudio.reports.content.report import PARTS
from cnnstudio.reports.forms.formula_html import FRACTION
from cnnstudio.reports.forms.formula_html import PARTS as PARTS_SIGN
from tests.app.drawing import need_letters_in_pictures
from tests.examples import share
from tests.hostile import NAMES, renamed
from tests.networks import builtin
from tests.reports.samples import (
    DESIGNS,
    SUMMED,
    columns,
    faulty,
    named,
    plain,
    with_working,
    worksheet,
)
from tests.strategies import designs

pytestmark = [
    pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler-utils are missing, so that no PDF is read"),
    pytest.mark.usefixtures("qapp"),
]
EVERYTHING = tuple(PARTS)
A4, LETTER = (595, 842), (612, 792)


class Word(Struct, frozen=True):
    """A word on a page: its text, and where it lies, in points from the upper left corner."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


def tool(name: str, *words: str | Path) -> str:
    """The output of one of poppler's programs for a file."""
    done = subprocess.run([name, *words], capture_output=True, check=True)
    assert not done.stderr, done.stderr
    return done.stdout.decode("utf-8")


def text_of(manuscript: Manuscript, folder: Path) -> str:
    """All the text of its PDF, as it is laid out."""
    path = folder / "report.pdf"
    path.write_bytes(pdf_bytes(manuscript))
    return tool("pdftotext", "-layout", path, "-")


def pages_of(manuscript: Manuscript, folder: Path) -> list[tuple[tuple[int, int], list[Word]]]:
    """The size of each page, and the words on it."""
    path = folder / "report.pdf"
    path.write_bytes(pdf_bytes(manuscript))
    pages = []
    for page in tool("pdftotext", "-bbox", path, "-").split("<page ")[1:]:
        size = re.search(r'width="([\d.]+)" height="([\d.]+)"', page)
        assert size
        box = r'<word xMin="([-\d.]+)" yMin="([-\d.]+)" xMax="([-\d.]+)" yMax="([-\d.]+)">(.*?)</word>'
        words = [Word(found[4], *map(float, found[:4])) for found in re.findall(box, page)]
        pages.append(((round(float(size[1])), round(float(size[2]))), words))
    return pages


# Numbers


@pytest.mark.parametrize("name", DESIGNS)
def test_every_number_of_the_table_is_in_the_pdf_and_adds_up(name: str, tmp_path: Path) -> None:
    analysis = builtin(name)
    manuscript = plain(analysis, parts=("table",), expand=True, columns=columns("path", *SUMMED))
    lines = [re.split(r"\s{2,}", line.strip()) for line in text_of(manuscript, tmp_path).splitlines()]
    found = {cells[0]: cells[1:] for cells in lines if len(cells) == 1 + len(SUMMED)}
    for row in analysis.rows:
        assert found[row.path] == [COLUMN[key].cell(row, analysis) for key in SUMMED]
    for place, key in enumerate(SUMMED):
        numbers = [int(found[row.path][place].replace(",", "")) for row in analysis.rows]
        assert f"{sum(numbers):,}" == found["Total"][place] == f"{getattr(analysis.totals, key):,}"


def test_every_line_of_a_folded_table_is_there(tmp_path: Path) -> None:
    analysis = builtin("resnet-50")
    text = text_of(plain(analysis), tmp_path)
    for entry in analysis.entries:
        for key in SUMMARY_COLUMNS[2:]:
            assert COLUMN[key].cell(entry, analysis) in text


def test_working_is_in_the_pdf(tmp_path: Path) -> None:
    text = " ".join(text_of(with_working(builtin("alexnet")), tmp_path).split())
    assert "(11 × 11 × 3 + 1) × 96 = 34,944" in text
    assert "W · O" in text


def test_fractions_are_stacked_and_squares_raised(tmp_path: Path) -> None:
    manuscript = with_working(builtin("alexnet"), parts=())
    for _, words in pages_of(manuscript, tmp_path):
        above = [first for first, second in pairwise(words) if (first.text, second.text) == ("227", "−")]
        if above:
            break
    below = min((word for word in words if word.text == "4" and word.top > above[0].top), key=lambda word: word.top)
    assert below.top >= above[0].bottom - 2, "the denominator stands below the numerator"
    assert below.left > above[0].left
    _, formats = read_rich("6<sup>2</sup>")
    assert formats[0].format.verticalAlignment() == QTextCharFormat.VerticalAlignment.AlignSuperScript


def test_a_formula_is_as_high_and_as_wide_as_its_fractions() -> None:
    load_fonts()
    plain_text, stacked = Words("a + 1", 9, 1e6, is_rich=True), Formula(f"{fraction('⌊', 'I', 'S', '⌋')} + 1", 9, 1e6)
    wide = Formula(f"{fraction('', 'I − K + 2 · P', 'S', '')} + 1", 9, 1e6)
    assert stacked.height > 1.8 * plain_text.height
    assert wide.used > stacked.used > plain_text.used
    assert Formula(f"{fraction('', 'a', 'b', '')} + 1 = " * 9, 9, wide.used).height > 4 * wide.height


def fraction(*parts: str) -> str:
    """A fraction as `formula_html` marks it."""
    return FRACTION + PARTS_SIGN.join(parts) + FRACTION


def test_unknown_and_problems(tmp_path: Path) -> None:
    text = " ".join(text_of(plain(faulty()), tmp_path).split())
    assert "at least 112" in text
    assert "Error in large: a 99 × 99 kernel does not fit its 6 × 6 input." in text


def test_worksheet_has_no_answer_and_its_key_has_all(tmp_path: Path) -> None:
    analysis = builtin("alexnet")
    sheet = text_of(worksheet(analysis, "output", "parameters"), tmp_path)
    assert "Fill in the columns Output shape and Parameters." in sheet
    assert not re.search(r"34,944|62,378,344|55 × 55", sheet)
    key = text_of(worksheet(analysis, "output", "parameters", has_answers=True), tmp_path)
    assert all(COLUMN["parameters"].cell(row, analysis) in key for row in analysis.rows)


# Pages


@pytest.mark.parametrize(("paper", "size"), [("a4", A4), ("letter", LETTER)])
@pytest.mark.parametrize("name", ["alexnet", "densenet-201"])
def test_nothing_is_cut_off(name: str, paper: Any, size: tuple[int, int], tmp_path: Path) -> None:
    manuscript = with_working(builtin(name), parts=EVERYTHING, page=Page(paper=paper))
    for found, words in pages_of(manuscript, tmp_path):
        assert found == size
        assert min(word.left for word in words) > 36
        assert max(word.right for word in words) < size[0] - 36
        assert min(word.top for word in words) > 36
        assert max(word.bottom for word in words) < size[1] - 36


@pytest.mark.parametrize("paper", ["a4", "letter"])
def test_header_is_repeated_and_every_page_has_its_number(paper: Any, tmp_path: Path) -> None:
    manuscript = plain(builtin("resnet-152"), parts=("table",), expand=True, page=Page(paper=paper))
    pages = pages_of(manuscript, tmp_path)
    assert len(pages) > 5
    for number, (_, words) in enumerate(pages, 1):
        texts = [word.text for word in words]
        assert texts[-4:] == ["page", str(number), "of", str(len(pages))]
        head = next(word for word in words if word.text == "MACs")
        assert all(word.top > head.top for word in words if re.fullmatch(r"layer\d\S*", word.text))


def test_only_tables_that_would_be_small_turn_the_page() -> None:
    assert not Pages(plain(builtin("alexnet"), columns=report_columns(builtin("alexnet")))).is_landscape
    assert Pages(plain(builtin("resnet-50"), columns=report_columns(builtin("resnet-50")))).is_landscape


def test_wide_table_turns_the_page_and_a_very_wide_one_goes_on_below(tmp_path: Path) -> None:
    turned = pages_of(plain(builtin("alexnet"), columns=columns(*list(COLUMN)[:18])), tmp_path)
    assert {size for size, _ in turned} == {(A4[1], A4[0])}
    analysis = builtin("alexnet")
    pages = pages_of(plain(analysis, columns=columns(*COLUMN), parts=("table",)), tmp_path)
    texts = [word.text for _, words in pages for word in words]
    assert max(word.right for _, words in pages for word in words) < A4[1] - 36
    for row in analysis.rows:
        assert texts.count(row.layer.name) >= 3
        assert COLUMN["macs"].cell(row, analysis) in texts
    assert {"Dilation", "Non-trainable", "FLOPs", "offset"} <= set(texts)


def test_words_do_not_lie_upon_each_other(tmp_path: Path) -> None:
    for _, words in pages_of(with_working(builtin("resnet-18"), parts=("note", "totals", "table")), tmp_path):
        words.sort(key=lambda word: (round(word.top), word.left))
        for _, line in groupby(words, lambda word: round(word.top)):
            row = list(line)
            assert all(left.right <= other.left + 0.6 for left, other in pairwise(row))


def test_fonts_are_those_that_come_with_the_program(tmp_path: Path) -> None:
    text_of(with_working(builtin("lenet-5")), tmp_path)
    fonts = [line.split() for line in tool("pdffonts", tmp_path / "report.pdf").splitlines()[2:]]
    assert fonts
    assert all("DejaVuSans" in font[0] for font in fonts)
    assert {(font[-5], font[-3]) for font in fonts} == {("yes", "yes")}, "embedded, and readable as text"


def test_chart_is_vectors_and_coloured(tmp_path: Path) -> None:
    path = tmp_path / "report.pdf"
    path.write_bytes(pdf_bytes(plain(builtin("alexnet"), parts=("chart",))))
    assert len(tool("pdfimages", "-list", path).splitlines()) == 2
    tool("pdftoppm", "-r", "40", "-png", path, tmp_path / "page")
    image = QImage(str(next(tmp_path.glob("page*.png"))))
    colours = {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}
    assert {"#2f7bd1", "#8a63d2"} <= colours


def test_chart_looks_the_same_whatever_was_painted_before(tmp_path: Path) -> None:
    """A table ends in a bold line, which no letter of the chart may take over."""
    need_letters_in_pictures()
    fonts = []
    for parts in (("chart",), ("table", "chart")):
        path = tmp_path / f"{len(parts)}.pdf"
        path.write_bytes(pdf_bytes(plain(builtin("alexnet"), parts=parts)))
        page = re.findall(r"<page .*?</page>", tool("pdftotext", "-bbox", path, "-"), re.DOTALL)[-1]
        words = re.findall(r'xMin="([\d.]+)"[^>]*xMax="([\d.]+)"[^>]*>(614,656|37,752,832)<', page)
        fonts.append([round(float(right) - float(left), 1) for left, right, _ in words][-2:])
    assert fonts[0] == fonts[1]


def test_pages_can_be_painted_into_pictures() -> None:
    pages = Pages(plain(builtin("alexnet")))
    image = QImage(round(pages.size.width() / POINT), round(pages.size.height() / POINT), QImage.Format.Format_RGB32)
    for number in range(len(pages)):
        image.fill(0xFFFFFF)
        painter = QPainter(image)
        painter.scale(1 / POINT, 1 / POINT)
        pages.paint(painter, number)
        painter.end()
        ink = sum(image.pixelColor(x, y).lightness() < 128 for x in range(0, 595, 2) for y in range(0, 842, 2))
        assert ink > 100


# The file


def test_same_bytes_and_a_date_only_if_it_has_one() -> None:
    manuscript = plain(builtin("lenet-5"))
    assert pdf_bytes(manuscript) == pdf_bytes(manuscript)
    assert b"D:20000101000000Z" in pdf_bytes(manuscript)
    dated = plain(builtin("lenet-5"), date=date(2026, 11, 25))
    assert b"D:20261125000000Z" in pdf_bytes(dated)
    assert b"D:20000101" not in pdf_bytes(dated)


def test_places_are_right_whatever_the_time_zone() -> None:
    """A time with a time zone is longer, and what follows it lies elsewhere."""
    utc = pdf_bytes(plain(builtin("lenet-5")))
    berlin = utc.replace(b"(D:20000101000000Z)", b"(D:20260704120000+02'00')")
    added = len(berlin) - len(utc)
    assert added
    table = berlin.rindex(b"\nxref\n")
    moved = re.sub(
        rb"^(\d{10})(?= \d{5} n)", lambda match: b"%010d" % _later(int(match[1]), utc), berlin[table:], flags=re.M
    )
    moved = re.sub(rb"(startxref\s+)(\d+)", lambda match: match[1] + b"%d" % (int(match[2]) + added), moved)
    assert fixed(berlin[:table] + moved, None) == utc


def _later(place: int, content: bytes) -> int:
    """The place of an object once the times before it have become longer."""
    longer = len(b"(D:20260704120000+02'00')") - len(b"(D:20000101000000Z)")
    return place + longer * content.count(b"(D:20000101000000Z)", 0, place)


# Hostile names


def letters(text: str) -> set[str]:
    """The letters of a text that a font of this program has, without forms and marks."""
    plain_text = unicodedata.normalize("NFKC", text)
    return {letter for letter in plain_text if letter.isalnum() and ord(letter) < 0x600}


@pytest.mark.parametrize("name", NAMES)
def test_names_survive(name: str, tmp_path: Path) -> None:
    manuscript = with_working(named(name, name), columns=columns("layer", "type", "parameters", "note"))
    text = unicodedata.normalize("NFKC", text_of(manuscript, tmp_path))
    assert letters(name) <= set(text)
    assert re.search(r"Total +56", text)


def test_letters_that_no_font_has_are_told_by_number(tmp_path: Path) -> None:
    text = text_of(plain(named("x\U000e0100\uf8ff")), tmp_path)
    assert "[U+F8FF]" in text


def test_long_name_is_there_whole(tmp_path: Path) -> None:
    name = "".join(chr(ord("a") + number % 26) for number in range(300))
    text = text_of(plain(named(name), parts=("table",), title="x"), tmp_path)
    assert name in "".join(re.findall(r"^\s*([a-z]{3,})(?:\s|$)", text, re.MULTILINE)).replace("last", "")


@given(renamed(designs()))
@share(1 / 4)
def test_any_design_gives_a_pdf(tmp_path: Path, design: Design) -> None:
    assert re.search(r"page 1 of \d+", text_of(with_working(analyze(design)), tmp_path))


def test_empty_design(tmp_path: Path) -> None:
    assert "the design has no layers." in text_of(plain(analyze(Design(name="Empty"))), tmp_path)


def test_an_application_with_windows_is_left_as_it_is(qapp: QApplication) -> None:
    pdf_bytes(plain(builtin("lenet-5")))
    assert QApplication.instance() is qapp
