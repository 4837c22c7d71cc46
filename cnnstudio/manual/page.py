"""Pages of the manual in Markdown, the sections they consist of, and the links between them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Final

from msgspec import Struct

HEADING: Final = re.compile(r"(#{1,4}) +(.+)")
FENCE: Final = "```"
_STRUCK: Final = re.compile(r"[^\w\- ]")
_MARKS: Final = re.compile(r"[`*]|\[([^\]]*)\]\([^)]*\)")


class Section(Struct, frozen=True):
    """A heading and what stands below it up to the next one; `anchor` leads to it, and is empty for the whole page."""

    title: str
    anchor: str
    text: str


class Page(Struct, frozen=True, dict=True):
    """One page: its path in the manual, such as `layers/Conv2D.md`, its title, and the chapter that it belongs to.

    `make` writes its Markdown, which begins with the title as a heading; it is called when somebody wants it.
    """

    path: str
    title: str
    chapter: str
    make: Callable[[], str]

    @cached_property
    def text(self) -> str:
        """Its Markdown."""
        return self.make()

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """Its sections in order, the first under the title of the page."""
        found: list[tuple[str, list[str]]] = [(self.title, [])]
        for line, is_code in lines_of(self.text):
            heading = None if is_code else HEADING.fullmatch(line)
            if heading is None:
                found[-1][1].append(line)
            elif len(heading[1]) > 1:
                found.append((plain(heading[2]), []))
        return tuple(
            Section(title, anchor_of(title) if place else "", "\n".join(lines))
            for place, (title, lines) in enumerate(found)
        )

    @property
    def anchors(self) -> set[str]:
        """The anchors to which a link can lead."""
        return {section.anchor for section in self.sections}

    def target(self, link: str) -> tuple[str, str]:
        """The path in the manual and the anchor to which a link on this page leads."""
        path, _, anchor = link.partition("#")
        folder = posixpath.dirname(self.path)
        return (posixpath.normpath(posixpath.join(folder, path)) if path else self.path), anchor


def lines_of(text: str) -> Iterator[tuple[str, bool]]:
    """The lines of a page, and whether each belongs to a block of code."""
    is_code = False
    for line in text.splitlines():
        is_fence = line.lstrip().startswith(FENCE)
        yield line, is_code or is_fence or line.startswith("    ")
        is_code ^= is_fence


def plain(text: str) -> str:
    """A line of Markdown without its marks."""
    return _MARKS.sub(lambda match: match[1] or "", text).strip()


def anchor_of(title: str) -> str:
    """The anchor of a heading, as GitHub makes it: `what-is-counted`."""
    return _STRUCK.sub("", plain(title).lower()).replace(" ", "-")


def relative(path: str, page: str) -> str:
    """The link from one page to another path of the manual."""
    return posixpath.relpath(path, posixpath.dirname(page) or ".")


def first_title(text: str) -> str:
    """The title of a page: its first heading; empty if there is none."""
    return next((plain(heading[2]) for line in text.splitlines() if (heading := HEADING.fullmatch(line))), "")


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [tuple(head), tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in lines)


def code(text: str) -> str:
    """A text set as code, whatever is in it; nothing for an empty one."""
    if not text:
        return ""
    fence = "``" if "`" in text else "`"
    pad = " " if "`" in text else ""
    return f"{fence}{pad}{text}{pad}{fence}"
