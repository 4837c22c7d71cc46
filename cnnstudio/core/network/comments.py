"""Comments of a design's file, kept at the items that they stand at: through edits, moves and undo."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct


class Comment(Struct, frozen=True, gc=False):
    """The comments at one field of an item or of the design, or at the whole of it where `field` is "".

    `above` and `below` are lines, blank ones among them; `end` is the rest of the line, with the space before its sign.
    """

    field: str = ""
    above: tuple[str, ...] = ()
    end: str = ""
    below: tuple[str, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """All that it says, each comment on a line of its own."""
        return (*self.above, *([self.end.strip()] if self.end else []), *self.below)


Comments = tuple[Comment, ...]
"""The comments of an item or of a design, at most one a field."""


def lines_of(comments: Comments) -> tuple[str, ...]:
    """All that comments say, line by line."""
    return tuple(line for comment in comments for line in comment.lines)


def put_above(lines: tuple[str, ...], comments: Comments) -> Comments:
    """The comments with more lines above the whole item, before those that are there."""
    return tuple(_put_above(lines, comments)) if lines else comments


def _put_above(lines: tuple[str, ...], comments: Comments) -> Iterator[Comment]:
    whole = next((comment for comment in comments if not comment.field), Comment())
    yield Comment("", (*lines, *whole.above), whole.end, whole.below)
    yield from (comment for comment in comments if comment.field)
