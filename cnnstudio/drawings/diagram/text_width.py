"""The width of a text, without a font: the widths of DejaVu Sans, the widest of the fonts that pictures name."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from cnnstudio.drawings.display_width import CONTROL, display_width

_FIRST: Final = " "
_REGULAR: Final = (
    "32 40 46 84 64 95 78 27 39 39 50 84 32 36 32 34 64 64 64 64 64 64 64 64 "
    "64 64 34 34 84 84 84 53 100 68 69 70 77 63 58 77 75 29 29 66 56 86 75 79 "
    "60 79 69 63 61 73 68 99 69 61 69 39 34 39 84 50 50 61 63 55 63 62 35 63 "
    "63 28 28 58 28 97 63 61 63 63 41 52 39 63 59 82 59 59 52 64 34 64 84"
)
"""Hundredths of the font size, from the space to the tilde."""
_WIDTHS: Final = tuple(map(int, _REGULAR.split()))
_OTHER: Final = {"×": 84, "·": 32, "…": 100, "−": 84, "→": 84}
_COLUMN: Final = 64
BOLDNESS: Final = 1.12
"""The factor by which bold letters are wider, at most."""


@lru_cache(maxsize=16_384)
def text_width(text: str, size: float, *, is_bold: bool = False) -> float:
    """The width of a text at a font size, in the same unit."""
    # What cannot be printed is replaced before it is drawn, so that only its length counts.
    hundredths = sum(map(_hundredths, text)) if text.isprintable() else _COLUMN * len(text)
    return hundredths * size / 100 * (BOLDNESS if is_bold else 1.0)


def _hundredths(letter: str) -> int:
    index = ord(letter) - ord(_FIRST)
    if 0 <= index < len(_WIDTHS):
        return _WIDTHS[index]
    return _OTHER.get(letter) or (100 if display_width(letter) > 1 else 90)


def clean(text: str) -> str:
    """Without what XML cannot hold or what would act on the text around it."""
    return CONTROL.sub(" ", text).encode("utf-8", "replace").decode("utf-8")


def fitted(text: str, width: float, size: float, *, is_bold: bool = False) -> str:
    """The beginning of a text with an ellipsis, where it is wider than there is room."""
    if text_width(text, size, is_bold=is_bold) <= width:
        return text
    low, high = 0, len(text)
    # By halving: a name may have 500 letters, and each try measures them all.
    while low < high:
        middle = (low + high + 1) // 2
        if text_width(text[:middle] + "…", size, is_bold=is_bold) <= width:
            low = middle
        else:
            high = middle - 1
    return text[:low].rstrip() + "…"
