"""Pieces of a report that follow each other down the page, and how they are divided into pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from msgspec import Struct
from PySide6.QtGui import QPainter

Draw = Callable[[QPainter, float, float], None]
"""Paints a piece whose upper left corner is there."""


class Piece(Struct, frozen=True):
    """Something that stays on one page.

    `gap` is left free above it, unless it comes first on a page. One that `leads` never ends a page. `header` is
    drawn again where the piece begins a page.
    """

    height: float
    draw: Draw
    gap: float = 0.0
    leads: bool = False
    header: Piece | None = None


class Placed(Struct, frozen=True):
    """A piece, and where it lies on its page."""

    piece: Piece
    y: float


def paginate(pieces: Iterable[Piece], height: float) -> list[list[Placed]]:
    """The pieces by page; at least one page."""
    pages: list[list[Placed]] = [[]]
    for _ in paginating(pieces, height, pages):
        pass
    return pages


def paginating(pieces: Iterable[Piece], height: float, pages: list[list[Placed]]) -> Iterator[int]:
    """Adds the pieces to pages, of which there is one; stops after each step to say how many there are."""
    y = 0.0
    for group in _groups(pieces):
        needed = sum(piece.gap + piece.height for piece in group)
        # Only where something stands on the page: a piece taller than a page would else leave an empty one before it.
        if pages[-1] and y + needed > height:
            pages.append([])
            y = 0.0
        for piece in group:
            if pages[-1] and y + piece.gap + piece.height > height:
                pages.append([])
                y = 0.0
            y = _place(piece, pages[-1], y)
        yield len(pages)


def _groups(pieces: Iterable[Piece]) -> Iterable[list[Piece]]:
    """Each piece with those right before it that lead to it."""
    group: list[Piece] = []
    for piece in pieces:
        group.append(piece)
        if not piece.leads:
            yield group
            group = []
    if group:
        yield group


def _place(piece: Piece, page: list[Placed], y: float) -> float:
    """Puts a piece on a page, under its header where it is the first; where the next one begins."""
    if page:
        y += piece.gap
    elif piece.header is not None:
        page.append(Placed(piece.header, y))
        y += piece.header.height
    page.append(Placed(piece, y))
    return y + piece.height
