"""The room that text takes on a terminal, and the characters that no text may show."""

from __future__ import annotations

import re

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")
"""Characters that would act on a terminal or break a line; names cannot hold most of them, notes can."""
_NARROW = str.maketrans("", "", "×·−–…≥─")
"""Characters outside ASCII that the tables themselves use; each takes one terminal column."""


def display_width(text: str) -> int:
    """Terminal columns that a text takes."""
    if text.translate(_NARROW).isascii():
        return len(text)
    import wcwidth  # a tenth of the whole command's time, which only few names need

    width = wcwidth.wcswidth(text)
    return width if width >= 0 else len(text)
