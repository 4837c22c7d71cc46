"""The pages that are written by hand: those that docs/README.md lists, chapter by chapter."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Final

from cnnstudio import resources
from cnnstudio.manual.page import HEADING, Page, first_title, plain

FRONT: Final = "README.md"
"""The page that opens the manual. A page of this name in a folder lists the pages of its folder."""
CONTRIBUTORS: Final = "For contributors"
"""The chapter that comes after everything that users read."""
_LINK: Final = re.compile(r"\[([^\]]*)\]\(([\w./-]+\.md)\)")


def written_pages() -> tuple[Page, ...]:
    """The front page, and every page that it lists, in its order; the headings above the lists are the chapters."""
    return (_page(FRONT, ""), *_listed(FRONT, ""))


def _listed(path: str, chapter: str) -> Iterator[Page]:
    for line in _read(resources.documents() / path).splitlines():
        heading = HEADING.fullmatch(line)
        if heading and path == FRONT:
            chapter = plain(heading[2])
        for match in _LINK.finditer(line if path != FRONT or line.startswith("- ") else ""):
            listed = posixpath.normpath(posixpath.join(posixpath.dirname(path), match[2]))
            yield _page(listed, chapter)
            if posixpath.basename(listed) == FRONT:
                yield from _listed(listed, chapter)


def _page(path: str, chapter: str) -> Page:
    file = resources.documents() / path
    return Page(path, first_title(_read(file)), chapter, partial(_read, file))


def changes_page(chapter: str) -> Page:
    """The page of what is new, as the changelog tells it."""
    file = resources.documents().parent / "CHANGELOG.md"

    def make() -> str:
        return _read(file).replace("# Changes", "# What is new", 1)

    return Page("reference/changes.md", "What is new", chapter, make)


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")
