"""The manual as a whole: its pages in order, its pictures, and where its links lead."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from functools import cached_property

from cnnstudio import resources
from cnnstudio.drawings.diagram import Style, diagram_svg
from cnnstudio.layers import LAYER_TYPES
from cnnstudio.layers.families import FAMILY
from cnnstudio.manual.layer_pages import layer_page, layer_pages, layer_picture
from cnnstudio.manual.linking import linked
from cnnstudio.manual.page import Page, relative
from cnnstudio.manual.reference_pages import CHAPTER, reference_pages
from cnnstudio.manual.specimens import specimen
from cnnstudio.manual.written import CONTRIBUTORS, FRONT, changes_page, written_pages


class Manual:
    """All pages, in the order in which they would be read.

    `commands` and `others` are made by those who know them: the command line, and the window with its shortcuts.
    """

    def __init__(self, commands: Iterable[Page] = (), others: Iterable[Page] = ()) -> None:
        commands, others = tuple(commands), tuple(others)
        written = written_pages()
        self.guide = {page.chapter for page in written} - {"", CONTRIBUTORS}
        """The chapters that are written by hand for those who use the program."""
        self.pages: tuple[Page, ...] = (
            *(page for page in written if page.chapter != CONTRIBUTORS),
            *layer_pages(),
            *commands,
            *reference_pages(),
            *others,
            changes_page(CHAPTER),
            *(page for page in written if page.chapter == CONTRIBUTORS),
        )
        self._by_path = {page.path: page for page in self.pages}
        self._subjects = {name: layer_page(name) for name in LAYER_TYPES}
        self._subjects |= {page.title: page.path for page in (*commands, *reference_pages(), *others)}

    def page(self, path: str) -> Page | None:
        """The page with this path; None if there is none."""
        return self._by_path.get(path)

    @cached_property
    def chapters(self) -> dict[str, tuple[Page, ...]]:
        """The pages by chapter, but for the front page."""
        found: dict[str, list[Page]] = {}
        for page in self.pages:
            if page.path != FRONT:
                found.setdefault(page.chapter, []).append(page)
        return {chapter: tuple(pages) for chapter, pages in found.items()}

    def text(self, page: Page) -> str:
        """The Markdown of a page, with links to what it names; the front page lists the chapters that are made."""
        text = linked(page, self._subjects)
        return text + self._made_chapters() if page.path == FRONT else text

    def _made_chapters(self) -> str:
        """The chapters that docs/README.md does not list, as it lists its own."""
        parts: list[str] = []
        for chapter, pages in self.chapters.items():
            if chapter not in {*self.guide, CONTRIBUTORS}:
                # A chapter with a list of its own is entered by that.
                index = [page for page in pages if posixpath.basename(page.path) == FRONT]
                links = [f"- [{page.title}]({relative(page.path, FRONT)})" for page in index or pages]
                parts.append(f"\n## {chapter}\n\n" + "\n".join(links) + "\n")
        return "".join(parts)

    def picture(self, path: str, *, is_dark: bool = False) -> bytes | None:
        """The content of a picture, drawn or read; None if there is none of this path."""
        drawn = next((name for name in LAYER_TYPES if layer_picture(name) == path), None)
        if drawn is not None:
            return _drawn(drawn, is_dark=is_dark)
        file = resources.documents() / path
        is_inside = not path.startswith("..") and not posixpath.isabs(path)
        return file.read_bytes() if is_inside and file.is_file() else None


def _drawn(type_name: str, *, is_dark: bool) -> bytes:
    """A layer type in its specimen: as volumes where it changes them, else as boxes."""
    style: Style = "volumes" if FAMILY[LAYER_TYPES[type_name].family].effect == "computes" else "boxes"
    return diagram_svg(specimen(type_name), style=style, direction="right", dark=is_dark).encode()
