"""Repetition in a typed line: `conv 64 x2`, `3 x conv 64`, `2 × (conv 64, bn, relu)`, `conv 64 bn relu twice`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from msgspec import Struct

from cnnstudio.core.network.layer import Layer
from cnnstudio.formats.building_blocks import BuildingBlock
from cnnstudio.layers.families import FAMILY

MIN_FILTERS: Final = 8
"""Filters before a number of times: `64 x 2` is no window, and `7 x 1` is one."""
MAX_WINDOW: Final = 32
"""The side of a window that anybody types."""
_BEFORE: Final = re.compile(r"(?<![\w.])([0-9]+)(?:\s*[*×]\s*|\s+(?:x|times)\s+|x\s+|x(?=\())(?=[A-Za-z(])")
_AFTER_WORD: Final = re.compile(r"(?<=[A-Za-z)\]])\s+(?:[x×*]|times)\s+([0-9]+)\b")
_AFTER_SIZES: Final = re.compile(r"(?<=[0-9])\s+(?:[x×*]([0-9]+)|times\s+([0-9]+))\b")
_AFTER_WINDOW: Final = re.compile(r"([0-9][x×*][0-9]+) [x×*] ([0-9]+)\b")
_ADVERBS: Final = {"once": "x1", "twice": "x2", "thrice": "x3"}
_WHOLE: Final = re.compile(r"\s*(?:([0-9]+)x\s+)?(.*?\))(?:\s*[x×*]\s*([0-9]+))?\s*", re.DOTALL)
_PAIR: Final = re.compile(r"([0-9]+(?:[.][0-9]+)?|[.][0-9]+)[x×]([0-9]+)")


class Repeated(Struct, frozen=True):
    """A layer as it stands in a line, its times said after it or, as `leads`, before it."""

    item: Layer | BuildingBlock
    times: int = 1
    leads: bool = False

    @property
    def stays_with(self) -> bool:
        """True for what goes with the layer that it follows, such as a normalization."""
        return isinstance(self.item, Layer) and FAMILY[self.item.family].stays_with


def with_plain_times(text: str) -> str:
    """The text with each repetition as one word: `3x` before what is repeated, `x3` after it."""
    text = re.sub(r"\b(once|twice|thrice)\b", lambda found: _ADVERBS[found[0].lower()], text, flags=re.IGNORECASE)
    text = _AFTER_WINDOW.sub(r"\1 x\2", text)
    text = _AFTER_SIZES.sub(lambda found: f" x{found[1] or found[2]}", text)
    return _AFTER_WORD.sub(r" x\1", _BEFORE.sub(r"\1x ", text))


def whole_times(part: str) -> tuple[str, int]:
    """The part that is repeated as a whole, such as a call or all in a pair of brackets, and how often."""
    found = _WHOLE.fullmatch(part)
    if not found or not (found[1] or found[3]):
        return part, 1
    return found[2], int(found[1] or 1) * int(found[3] or 1)


def pair_of(token: str, *, takes_window: bool) -> tuple[str, int] | None:
    """The number and the times in `64x2`; None if it is the size of a window."""
    found = _PAIR.fullmatch(token.lower())
    if not found:
        return None
    number, times = float(found[1]), int(found[2])
    # Windows are odd or small. What could be one is one.
    is_number = (number > MAX_WINDOW and times != number) or (
        number >= MIN_FILTERS and times < number and number % 2 == 0
    )
    return (found[1], times) if is_number or not takes_window else None


def is_count(before: str, after: str) -> bool:
    """True if of the plain numbers around a name the first one counts, as in `2 conv 64`, and is no filters."""
    return before.isdecimal() and after.isdecimal() and int(after) >= MIN_FILTERS and int(before) < int(after)


def in_full(read: Sequence[Repeated]) -> Iterator[int]:
    """The place of each layer, repeated ones again: with a layer goes what belongs to it, as a normalization does."""
    begin = 0
    while begin < len(read):
        end = begin + 1
        while end < len(read) and read[end].stays_with:
            end += 1
        first, last = read[begin], read[end - 1]
        whole = (first.times if first.leads else 1) * (last.times if end - begin > 1 else 1)
        unit: list[int] = []
        for place in range(begin, end):
            own = 1 if (place == begin and first.leads) or (place == end - 1 and end - begin > 1) else read[place].times
            unit += [place] * own
        for _ in range(whole):
            yield from unit
        begin = end
