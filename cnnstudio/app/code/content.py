"""The text of the code view: code with the places of its lines, or the reasons why there is none."""

from __future__ import annotations

from functools import cached_property

from msgspec import Struct

from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.network.design import ItemPath, path_from
from cnnstudio.exports import TARGETS
from cnnstudio.exports.target import ExportError, ExportOptions, Mark, Unsayable


class CodeContent(Struct, frozen=True, dict=True):
    """Code of a target, and its marks; or `refusals`, and no code."""

    title: str
    text: str = ""
    marks: tuple[Mark, ...] = ()
    refusals: tuple[Unsayable, ...] = ()

    @cached_property
    def _lines_by_place(self) -> dict[str, list[tuple[int, int]]]:
        lines: dict[str, list[tuple[int, int]]] = {}
        for mark in self.marks:
            for place in mark.places:
                lines.setdefault(place, []).append((mark.first, mark.last))
        return lines

    @cached_property
    def _places_by_line(self) -> dict[int, tuple[str, ...]]:
        return {line: mark.places for mark in self.marks for line in range(mark.first, mark.last + 1)}

    def lines_of(self, place: str) -> list[tuple[int, int]]:
        """The lines, from 1, that say an item."""
        return self._lines_by_place.get(place, [])

    def paths_at(self, line: int) -> list[ItemPath]:
        """The items that a line says."""
        return [path_from(place) for place in self._places_by_line.get(line, ())]


def code_of(analysis: Analysis, key: str, *, flat: bool) -> CodeContent:
    """The design as code of a target. Never raises on a design: what cannot be said is told."""
    target = TARGETS[key]
    try:
        exported = target.write(analysis, ExportOptions(flat=flat and "flat" in target.choices))
    except ExportError as error:
        return CodeContent(target.title, refusals=error.refusals)
    return CodeContent(target.title, exported.text, exported.marks)
