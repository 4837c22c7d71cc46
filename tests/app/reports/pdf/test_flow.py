"""Pieces and pages, drawn as text: a page a line, headers in brackets."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QPainter

from cnnstudio.app.reports.pdf.flow import Piece, Placed, paginate


def nothing(_painter: QPainter, _x: float, _y: float) -> None:
    """Draws nothing: only where pieces lie is tested."""


def pages_of(text: str, height: float = 10) -> list[str]:
    """The pages of `a3 b4+ c5`: names with heights, + for one that leads, ^ for one with a header of height 1."""
    header = Piece(1, nothing)
    names: dict[int, str] = {id(header): "[h]"}
    pieces = []
    for word in text.split():
        has_header, leads = word.endswith("^"), word.endswith("+")
        piece = Piece(float(word[1:].rstrip("+^")), nothing, leads=leads, header=header if has_header else None)
        names[id(piece)] = word[0]
        pieces.append(piece)
    return [" ".join(names[id(placed.piece)] for placed in page) for page in paginate(pieces, height)]


@pytest.mark.parametrize(
    ("text", "pages"),
    [
        ("", [""]),
        ("a3 b4", ["a b"]),
        ("a3 b4 c4", ["a b", "c"]),
        ("a3 b4+ c4", ["a", "b c"]),
        ("a3 b2+ c2+ d4", ["a", "b c d"]),
        ("a3^ b4^ c4^", ["[h] a b", "[h] c"]),
        ("a12", ["a"]),
        ("a3 b12 c3", ["a", "b", "c"]),
        ("a9 b5+ c8", ["a", "b", "c"]),
    ],
)
def test_pages(text: str, pages: list[str]) -> None:
    assert pages_of(text) == pages


def test_gap_is_left_between_pieces_but_not_on_top_of_a_page() -> None:
    pieces = [Piece(4, nothing, gap=2), Piece(4, nothing, gap=2), Piece(4, nothing, gap=2)]
    assert [[placed.y for placed in page] for page in paginate(pieces, 10)] == [[0, 6], [0]]


@pytest.mark.parametrize(("height", "page", "placed"), [(9, 0, 6.0), (8, 0, 6.0), (6, 0, 6.0), (9.5, 1, 8.0)])
def test_a_picture_is_made_smaller_to_stay_beside_its_title_but_not_much(
    height: float, page: int, placed: float
) -> None:
    picture = Piece(height, nothing, gap=1, least=2 / 3 - 1e-6)
    pages = paginate([Piece(2, nothing), Piece(1, nothing, leads=True), picture], 10)
    assert pages[page][-1].piece.height == pytest.approx(placed)
    assert len(pages) == page + 1


@given(st.lists(st.tuples(st.floats(0.5, 9), st.floats(0, 2), st.booleans()), max_size=40))
def test_every_piece_is_on_a_page_once_in_order_and_none_overlap(parts: list[tuple[float, float, bool]]) -> None:
    pieces = [Piece(height, nothing, gap=gap, leads=leads) for height, gap, leads in parts]
    pages = paginate(pieces, 10)
    assert [placed.piece for page in pages for placed in page] == pieces
    for page in pages:
        for first, second in pairwise(page):
            assert second.y >= first.y + first.piece.height - 1e-9
        assert not page or _end(page[-1]) <= 10 + 1e-9


def _end(placed: Placed) -> float:
    return placed.y + placed.piece.height
