"""Links that nobody writes: a layer type or a command, set as code, and the title of a page that is made, emphasized.

The pages that are made are not in the repository, so that a link to one would lead nowhere where the others are read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from cnnstudio.manual.page import HEADING, Page, lines_of, relative

_SPAN: Final = re.compile(r"(\[[^\]]*\]\([^)]*\))|(?<!`)`([^`\n]+)`(?!`)|(?<!\*)\*([^*\n]+)\*(?!\*)")
_COMMAND: Final = "cnnstudio "


def linked(page: Page, paths: Mapping[str, str]) -> str:
    """The Markdown of a page with such links; `paths` are the pages by the names of what they are about."""

    def lead(match: re.Match[str]) -> str:
        path = None if match[1] else paths.get(_subject(match[2]) if match[2] else match[3])
        if path is None or path == page.path:
            return match[0]
        return f"[{match[0]}]({relative(path, page.path)})"

    lines = [
        line if is_code or HEADING.fullmatch(line) else _SPAN.sub(lead, line) for line, is_code in lines_of(page.text)
    ]
    return "\n".join(lines) + "\n"


def _subject(words: str) -> str:
    """`cnnstudio memory` for a whole call of it; other words as they are."""
    if words.startswith(_COMMAND):
        return " ".join(words.split()[:2])
    return words
