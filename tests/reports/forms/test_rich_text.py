"""Manuscripts as rich text: balanced, harmless, with every number of the table."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.network.design import Block, Design
from cnnstudio.drawings.colours import DARK_PAGE, LIGHT_PAGE
from cnnstudio.layers.convolution import Conv2D
from cnnstudio.reports.content.composition import compose
from cnnstudio.reports.content.report import ReportRequest, Worksheet, all_working
from cnnstudio.reports.forms.rich_text import PICTURE, first_lines, rich_text
from tests.hostile import NAMES
from tests.networks import IMAGE, builtin

TAGS = {"h1", "h2", "h3", "p", "table", "thead", "tbody", "tr", "th", "td", "b", "i", "sub", "ul", "li"}


class Page(HTMLParser):
    """The tags and the words of a text; tags must close in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.words: list[str] = []
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)
        if tag != "img":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.mark.parametrize("name", ["alexnet", "resnet-18", "u-net"])
def test_every_number_is_in_it(name: str) -> None:
    analysis = builtin(name)
    words = Page(rich_text(compose(ReportRequest(analysis=analysis, working=all_working(analysis)))).html).words
    for row in analysis.rows:
        assert f"{row.parameters:,}" in words
        assert f"{row.macs:,}" in words
    assert f"{analysis.totals.parameters:,}" in words


@pytest.mark.parametrize("name", NAMES)
def test_names_are_words(name: str) -> None:
    conv = Conv2D(name=name, filters=2, kernel_size=3)
    analysis = analyze(Design(name=name, note=name, layers=(IMAGE, Block(name=name, layers=(conv,)))))
    page = Page(rich_text(compose(ReportRequest(analysis=analysis, working=all_working(analysis)))).html)
    assert set(page.tags) <= TAGS
    assert name.split()[0] in "".join(page.words).replace("\xa0", " ")


def test_pictures_have_numbers() -> None:
    made = rich_text(compose(ReportRequest(analysis=builtin("alexnet"))), DARK_PAGE, has_pictures=True)
    assert len(made.pictures) == 1
    assert f'src="{PICTURE}0"' in made.html
    assert DARK_PAGE.text in made.pictures[0]
    plain = rich_text(compose(ReportRequest(analysis=builtin("alexnet"))), LIGHT_PAGE)
    assert (plain.pictures, "<img" in plain.html) == ((), False)


def test_a_preview_ends_early_and_says_so() -> None:
    analysis = builtin("resnet-50")
    whole = rich_text(compose(ReportRequest(analysis=analysis, expand=True, working=all_working(analysis))))
    part = rich_text(
        compose(ReportRequest(analysis=analysis, expand=True, working=all_working(analysis))), most_lines=20
    )
    assert (whole.is_cut, part.is_cut) == (False, True)
    assert "… and 155 lines more" in part.html
    assert len(part.html) < len(whole.html) / 5
    assert f"{analysis.totals.parameters:,}" in part.html


def test_blank_cells_have_a_line_to_write_on() -> None:
    sheet = ReportRequest(analysis=builtin("alexnet"), worksheet=Worksheet(("parameters",)))
    assert "62,378,344" not in "".join(Page(rich_text(compose(sheet)).html).words)
    assert "____" in rich_text(compose(sheet)).html


def test_first_lines() -> None:
    assert first_lines("a\nb\nc\n", 2) == ("a\nb\n", True)
    assert first_lines("a\nb\n", 2) == ("a\nb\n", False)
