"""The geometry of the rows of a drawn list, and selection in it by click and key. Knows no Qt."""

from __future__ import annotations

from collections.abc import Sequence

from cnnstudio.core.network.design import ItemPath


class RowGeometry:
    """Rows of one height, scrolled by whole pixels, so that edges stay sharp."""

    def __init__(self) -> None:
        self.count = 0
        self.height = 24
        self.page = 0
        self._offset = 0

    @property
    def offset(self) -> int:
        """The scroll position, never beyond the last row."""
        return max(0, min(self._offset, self.most_offset))

    @offset.setter
    def offset(self, pixels: int) -> None:
        self._offset = pixels

    @property
    def most_offset(self) -> int:
        """The largest scroll position."""
        return max(0, self.count * self.height - self.page)

    def top_of(self, row: int) -> int:
        """The upper edge of a row in the visible part."""
        return row * self.height - self.offset

    def row_at(self, y: float) -> int:
        """The row at a height of the visible part, -1 where there is none."""
        row = int((y + self.offset) // self.height)
        return row if 0 <= y < self.page and 0 <= row < self.count else -1

    @property
    def visible(self) -> range:
        """The rows that are in sight, also in part."""
        first = self.offset // self.height
        # Rounded up: a row that is cut at the lower edge is in sight.
        last = -(-(self.offset + self.page) // self.height)
        return range(first, min(self.count, last))

    @property
    def whole_rows(self) -> int:
        """The number of rows that fit into sight, at least 1."""
        return max(1, self.page // self.height)

    def offset_to_show(self, row: int) -> int:
        """The least scrolling that brings a row into sight as a whole."""
        top = row * self.height
        # The upper edge wins where a row is higher than the page.
        return min(max(self.offset, top + self.height - self.page), top)

    def zoom(self, height: int, y: float) -> None:
        """Changes the height of rows; what lies at height `y` of the visible part stays there."""
        # Read before the height changes, because the offset is bounded by it.
        place = (y + self.offset) / self.height
        self.height = height
        self.offset = round(place * height - y)


class RowPick:
    """The selection that follows when a row is clicked or reached by a key, as in any list."""

    def __init__(self) -> None:
        self.current = -1
        self._anchor = -1

    def restart(self, row: int) -> None:
        """Goes on from this row, as after a selection that was made elsewhere."""
        self.current = self._anchor = row

    def pick(
        self,
        paths: Sequence[ItemPath],
        selected: frozenset[ItemPath],
        row: int,
        *,
        extends: bool = False,
        toggles: bool = False,
    ) -> tuple[ItemPath, ...]:
        """The new selection, in the order of the rows and without doubles."""
        self.current = row
        if extends and 0 <= self._anchor < len(paths):
            low, high = sorted((self._anchor, row))
            between = set(paths[low : high + 1])
            return _in_order(paths, between | selected if toggles else between)
        self._anchor = row
        if toggles:
            return _in_order(paths, selected ^ {paths[row]})
        return (paths[row],)


def _in_order(paths: Sequence[ItemPath], wanted: set[ItemPath] | frozenset[ItemPath]) -> tuple[ItemPath, ...]:
    return tuple(dict.fromkeys(path for path in paths if path in wanted))
