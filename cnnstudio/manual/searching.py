"""Search in the manual: every word must begin a word of a section; titles count more than text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from cnnstudio.manual.page import Page, Section, plain

MAX_FOUND: Final = 60
EXCERPT: Final = 120
"""Letters of the excerpt that is shown of a section."""
_WORD: Final = re.compile(r"\w+")
_TITLE, _EXACT, _PAGE = 12, 6, 3
"""The weights of a word in the title of a section, of a word that is there as a whole, and of the title of the page."""


class Found(Struct, frozen=True):
    """A section that was found: its page, itself, and some of its text around the first word."""

    page: Page
    section: Section
    excerpt: str


class Index:
    """The words of sections; pages are added one by one, so that nobody waits for all of them."""

    def __init__(self) -> None:
        self._entries: list[tuple[Page, Section, dict[str, int]]] = []

    def add(self, page: Page) -> None:
        """Takes in the sections of a page."""
        for section in page.sections:
            words: dict[str, int] = {}
            for word in _words(section.text):
                words[word] = min(words.get(word, 0) + 1, _PAGE)
            for title, weight in ((page.title, _PAGE), (section.title, _TITLE)):
                for word in _words(title):
                    words[word] = words.get(word, 0) + weight
            self._entries.append((page, section, words))

    def find(self, query: str) -> list[Found]:
        """The sections in which every word of the query begins a word, the best first."""
        wanted = _words(query)
        if not wanted:
            return []
        ranked = [(self._rank(words, wanted), page, section) for page, section, words in self._entries]
        best = sorted((entry for entry in ranked if entry[0]), key=lambda entry: -entry[0])[:MAX_FOUND]
        return [Found(page, section, _excerpt(section.text, wanted)) for _, page, section in best]

    @staticmethod
    def _rank(words: dict[str, int], wanted: list[str]) -> int:
        total = 0
        for start in wanted:
            hits = [weight + _EXACT * (word == start) for word, weight in words.items() if word.startswith(start)]
            if not hits:
                return 0
            total += max(hits)
        return total


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text)]


def _excerpt(text: str, wanted: Iterable[str]) -> str:
    """The text around the first word that was wanted, on one line."""
    line = " ".join(plain(text.replace("|", " ").replace("---", " ")).split())
    lowered = line.lower()
    places = [place for start in wanted if (place := lowered.find(start)) >= 0]
    begin = max(0, min(places, default=0) - EXCERPT // 3)
    if begin:
        begin = line.find(" ", begin) + 1
    part = line[begin : begin + EXCERPT]
    return ("… " if begin else "") + part + (" …" if begin + EXCERPT < len(line) else "")
