"""Pieces of a report that follow each other down the page, and how they are divided into pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from msgspec import Struct, structs
from PySide6.QtGui import QPainter

Draw = Callable[[QPainter, float, float], None]
"""Paints a piece whose upper left corner is there."""


class Piece(Struct, frozen=True):
    """Something that stays on one page.

    `gap` is left free above it, unless it comes first on a page. One that `leads` never ends a page. `header` is
    drawn again where the piece begins a page. A picture may be made smaller to stay on a page, down to the part of its
    size that `least` says.
    """

    height: float
    draw: Draw
    gap: float = 0.0
    leads: bool = False
    header: Piece | None = None
    least: float = 1.0

    def smaller(self, factor: float) -> Piece:
        """The same piece at a part of its size."""

        def draw(painter: QPainter, x: float, y: float) -> None:
            painter.save()
            painter.translate(x, y)
            painter.scale(factor, factor)
            self.draw(painter, 0, 0)
            painter.restore()

        return structs.replace(self, height=self.height * factor, draw=draw)


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
        _fit(group, height - y)
        needed = sum(piece.gap + piece.height for piece in group)
        # Only where something stands on the page: a piece taller than a page would else leave an empty one before it.
        if pages[-1] and y + needed > height:
            pages.append([])
            y = 0.0
            _fit(group, height)
        for piece in group:
            if pages[-1] and y + piece.gap + piece.height > height:
                pages.append([])
                y = 0.0
            y = _place(piece, pages[-1], y)
        yield len(pages)


def _fit(group: list[Piece], room: float) -> None:
    """Makes the picture that ends a group smaller, where there is room for the group then."""
    picture = group[-1]
    missing = sum(piece.gap + piece.height for piece in group) - room
    # A little less, or sums that are rounded otherwise would still find it too tall.
    factor = (1 - missing / picture.height) * (1 - 1e-9) if picture.height else 1.0
    if picture.least <= factor < 1:
        group[-1] = picture.smaller(factor)


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
