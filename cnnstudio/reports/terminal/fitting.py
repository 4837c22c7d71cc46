"""Tables made as narrow as a terminal: names lose their middle, columns are left out, and no number is cut."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Final

from msgspec import Struct

from cnnstudio.drawings.display_width import display_width
from cnnstudio.reports.terminal.table import shortened

MIN_NAME_WIDTH: Final = 10
"""Terminal columns that are left of a name, however narrow the terminal is."""
GAP: Final = 2


class Room(Struct, frozen=True):
    """The terminal columns that a table may take, None for any number; `spares` if it may lose columns."""

    width: int | None = None
    spares: bool = True


WHOLE: Final = Room()
"""Room for everything."""


class TextTable(Struct, frozen=True):
    """A table of texts, a line of totals among them; `names` are the columns of names, which may be shortened."""

    header: list[str]
    rows: list[list[str]]
    total: list[str]
    aligns: list[str]
    names: Collection[int] = (0,)

    @property
    def widths(self) -> list[int]:
        """The terminal columns of each column, as `plain_table` writes it."""
        shown = [[shortened(cell) for cell in row] for row in self.rows]
        return [max(map(display_width, column)) for column in zip(self.header, *shown, self.total, strict=True)]

    def fitted(self, width: int | None, spared: Sequence[int] = ()) -> tuple[TextTable, list[str]]:
        """The table in a terminal of that many columns, and the titles of what is left out, first what is `spared`.

        The whole table without a width. What does not fit without all that is spared is wider than the terminal.
        """
        if width is None:
            return self, []
        widths = [min(size, MIN_NAME_WIDTH) if at in self.names else size for at, size in enumerate(self.widths)]
        kept = list(range(len(widths)))
        for place in spared:
            if sum(widths[at] + GAP for at in kept) - GAP <= width:
                break
            kept.remove(place)
        left_out = [title for at, title in enumerate(self.header) if at not in kept]
        return self._with(kept)._narrowed(width), left_out

    def _with(self, kept: list[int]) -> TextTable:
        """The table of some of its columns."""
        return TextTable(
            [self.header[at] for at in kept],
            [[row[at] for at in kept] for row in self.rows],
            [self.total[at] for at in kept],
            [self.aligns[at] for at in kept],
            [place for place, at in enumerate(kept) if at in self.names],
        )

    def _narrowed(self, width: int) -> TextTable:
        """The table with shorter names, the longest first, as far as that is needed and goes."""
        widths = self.widths
        bounds = {at: widths[at] for at in self.names}
        while sum(widths) + GAP * (len(widths) - 1) > width and any(size > MIN_NAME_WIDTH for size in bounds.values()):
            longest = max(bounds, key=lambda at: bounds[at])
            bounds[longest] -= 1
            widths[longest] -= 1

        def cut(cells: list[str]) -> list[str]:
            return [shortened(cell, bounds[at]) if at in bounds else cell for at, cell in enumerate(cells)]

        return TextTable(cut(self.header), [cut(row) for row in self.rows], cut(self.total), self.aligns, self.names)


def left_out_line(titles: Iterable[str]) -> list[str]:
    """The line that says what the terminal is too narrow for, if there is something."""
    named = ", ".join(title for title in titles if title)
    return [f"Left out, as the terminal is narrow: {named}."] if named else []
