"""The connections between the lines of a comparison, so that they compare by what they connect, not by names."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cnnstudio.core.counting.rows import BlockRow, Entry
from cnnstudio.core.network.design import BLOCK_INPUT, Block

_NOWHERE, _OUTSIDE = -1, -2
_NUMBER = re.compile(r"(\\.)|\[\d+\]")


def without_repeats(path: str) -> str:
    """A path without the numbers of repeats: `stage2/conv1` for `stage2[3]/conv1`."""
    return _NUMBER.sub(lambda found: found[1] or "", path) if "[" in path else path


class Wiring:
    """The inputs of the items of each line. `lines` give, for each design, an index into its entries or None."""

    def __init__(
        self, lines: Sequence[Sequence[int | None]], entries: Sequence[Sequence[Entry]], *, expand: bool
    ) -> None:
        self._lines = lines
        self._expand = expand
        places = [[self._place(entry.path) for entry in ones] for ones in entries]
        self._before = [_layers_before(ones, names) for ones, names in zip(entries, places, strict=True)]
        self._line_at: list[dict[str, int]] = [{} for _ in entries]
        for number, line in enumerate(lines):
            for design, index in enumerate(line):
                if index is not None:
                    self._line_at[design][places[design][index]] = number

    def differs(self, number: int, present: list[tuple[int, Entry]]) -> bool:
        """True if the items of a line have different inputs.

        All that take the layer before them take the same, whatever that is, for its own line tells what became of it;
        and so do all that take what flows into their block.
        """
        line = self._lines[number]
        if all(self._is_chained(design, entry, line[design]) for design, entry in present):
            return False
        # Both views have to differ: by what really flows in, and with everything from outside the block taken as one
        # source.
        return all(
            len({self._sources(design, entry, within=within) for design, entry in present}) > 1
            for within in (False, True)
        )

    def names(self, entry: Entry) -> tuple[str, ...]:
        """The places of what flows into an item."""
        return tuple(self._place(path) for path in entry.inputs)

    def _is_chained(self, design: int, entry: Entry, index: int | None) -> bool:
        """True if an item takes nothing, or the layer before it and nothing else."""
        places = self.names(entry)
        return index is None or not places or places == (self._before[design][index],)

    def _sources(self, design: int, entry: Entry, *, within: bool) -> tuple[int, ...]:
        """The lines that flow in.

        `within` gives one number to whatever flows into the block that the item is in, wherever that comes from.
        """
        owner = entry.item
        found = [self._line_at[design].get(place, _NOWHERE) for place in self.names(entry)]
        if within and len(owner.inputs) == len(found):
            found = [_OUTSIDE if name == BLOCK_INPUT else line for name, line in zip(owner.inputs, found, strict=True)]
        # An Add gives the same whichever comes first; a Concat does not.
        ordered = isinstance(owner, Block) or owner.orders_inputs
        return tuple(found if ordered else sorted(found))

    def _place(self, path: str) -> str:
        return path if self._expand else without_repeats(path)


def _layers_before(entries: Sequence[Entry], places: list[str]) -> list[str]:
    """For each entry the place of the layer listed last before it; the lines of blocks do not count."""
    before: list[str] = []
    last = ""
    for entry, place in zip(entries, places, strict=True):
        before.append(last)
        # A block's own line is a heading: what flows on comes from its last layer.
        if not isinstance(entry, BlockRow):
            last = place
    return before
