"""The texts on a box, and the room that they take."""

from __future__ import annotations

from math import ceil
from typing import Final

from msgspec import Struct

from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.drawings.diagram.boxes.placement import Direction
from cnnstudio.drawings.diagram.graph import Box
from cnnstudio.drawings.diagram.text_width import clean, fitted, text_width
from cnnstudio.layers.families import FAMILY

NAME: Final = 12
DETAIL: Final = 11
PAD: Final = 9.0
CHIP: Final = 15.0
GAP: Final = 7.0
LINE: Final = 15.0
ONE_LINE: Final = 26.0
MAX_TEXT_WIDTH: Final = 230.0
MAX_LINE_WIDTH: Final = 216.0
LOW_EFFECTS: Final = frozenset({"keeps", "joins", "passes"})
"""Effects of the families whose boxes are one line high if their words fit."""
STEP: Final = 16.0
"""Widths are multiples of it, so that another number seldom moves anything."""
MIN_WIDTH: Final = {"down": 144.0, "right": 96.0}


class Face(Struct, frozen=True, gc=False):
    """The texts of a box, each short enough: the name, what it does, the shape, and what repeats.

    `is_low` has them in one line; else the details have a line of their own.
    """

    name: str
    detail: str
    shape: str
    times: str
    is_low: bool
    width: float
    height: float


def shape_text(box: Box, *, channels_last: bool) -> str:
    """`96 × 55 × 55`, with `96…256` for a size that grows from pass to pass; in words that it is unknown."""
    if box.shape is None:
        return box.unknown
    pairs = _pairs(box.shape, box.last_shape or box.shape)
    if channels_last:
        pairs = [*pairs[1:], pairs[0]]
    return " × ".join(str(a) if a == b else f"{a}…{b}" for a, b in pairs)


def _pairs(shape: Shape, last: Shape) -> list[tuple[int, int]]:
    """Each size in the first and in the last pass."""
    if last.rank != shape.rank:
        last = shape
    return list(zip(shape.to_list(), last.to_list(), strict=True))


def face_of(box: Box, direction: Direction, *, channels_last: bool) -> Face:
    """The face of a box, as wide as its own texts need."""
    times = f"× {box.times:,}" if box.times > 1 else ""
    name = fitted(clean(box.name), MAX_TEXT_WIDTH, NAME, is_bold=True)
    shape = shape_text(box, channels_last=channels_last)
    # A block says by its look that it is one.
    parts = (box.summary,) if box.is_block else (box.type_name, box.summary)
    detail = fitted(clean("  ".join(part for part in parts if part)), MAX_TEXT_WIDTH, DETAIL)
    head = [text_width(name, NAME, is_bold=True)]
    if times:
        head.append(text_width(times, DETAIL) + 10)
    if box.is_block:
        head.append(CHIP)
    sizes = (sum(head) + GAP * (len(head) - 1), text_width(detail, DETAIL), text_width(shape, DETAIL))
    is_low = direction == "down" and FAMILY[box.family].effect in LOW_EFFECTS and sum(sizes) <= MAX_LINE_WIDTH
    lines = _line_widths(*sizes, direction, is_low=is_low)
    width = ceil((2 * PAD + CHIP + GAP + max(lines)) / STEP) * STEP
    height = ONE_LINE if is_low else 2 * PAD + LINE * (2 if direction == "down" else 3) - 6
    return Face(name, detail, shape, times, is_low, max(width, MIN_WIDTH[direction]), height)


def _line_widths(head: float, detail: float, shape: float, direction: Direction, *, is_low: bool) -> tuple[float, ...]:
    if direction == "right":
        return head, detail, shape
    return (head + detail + shape + 3 * GAP,) if is_low else (head + shape + 2 * GAP, detail)
