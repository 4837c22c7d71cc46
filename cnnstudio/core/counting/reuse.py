"""Reuse between analyses: the next one counts only what an edit has changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct, field

from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.counting.rows import BlockRow, Entry, Row, Totals, add_totals, sum_entries
from cnnstudio.core.network.design import Block, Item, path_from, path_text
from cnnstudio.core.network.layer import Layer


class Reusable(Struct, frozen=True):
    """Rows and blocks by their paths: of passes that are alike only the first.

    Of the blocks only those without problems, because a problem would have to be reported again.
    """

    rows: dict[str, Row] = field(default_factory=dict)
    blocks: dict[str, BlockRow] = field(default_factory=dict)

    @property
    def without_blocks(self) -> Reusable:
        """The rows alone, for a design that shares weights: who owns them decides about rows all over the design."""
        return Reusable(self.rows)

    @classmethod
    def of(cls, entries: tuple[Entry, ...], troubled: Iterable[str]) -> Reusable:
        """Collects the entries of an analysis that has problems in these places."""
        counted = cls()
        around: set[str] = set()
        for place in troubled:
            names = path_from(place)
            # A block around a problem has it too: taken over, its problem would not be reported again.
            around.update(path_text(names[:depth]) for depth in range(1, len(names) + 1))
        counted._collect(entries, around)
        return counted

    def _collect(self, entries: tuple[Entry, ...], troubled: set[str]) -> None:
        for entry in entries:
            if isinstance(entry, Row):
                self.rows[entry.path] = entry
                continue
            if entry.place not in troubled:
                self.blocks[entry.path] = entry
            # A block with a problem is counted again, but the layers inside it that are sound are not.
            for pass_ in entry.passes:
                self._collect(pass_.entries, troubled)

    def row(self, path: str, layer: Layer, shapes: tuple[Shape | None, ...], step_axes: int) -> Row | None:
        """The row of the same layer with the same input shapes, if it could be counted; its inputs may be others."""
        row = self.rows.get(path)
        # By identity: an edit keeps the objects that it does not touch, and comparing all fields would take as long as
        # counting them.
        if row is None or row.layer is not layer or row.counts is None or row.input_shapes != shapes or row.owner:
            return None
        return row if row.step_axes == step_axes else None

    def block(self, path: str, block: Block, shapes: tuple[Shape | None, ...], step_axes: int) -> BlockRow | None:
        """The row of the same block with the same input shapes; its inputs, and what they see, may be others."""
        row = self.blocks.get(path)
        if row is None or row.block is not block or row.input_shapes != shapes:
            return None
        return row if row.step_axes == step_axes else None


class CommonEnds(Struct, frozen=True):
    """A list that was counted without any problem, beside the one that it has become.

    The first `head` items and the last `tail` items are the same ones in both.
    """

    before: tuple[Item, ...]
    entries: tuple[Entry, ...]
    items: tuple[Item, ...]
    head: int
    tail: int

    @classmethod
    def of(cls, before: tuple[Item, ...], entries: tuple[Entry, ...], items: tuple[Item, ...]) -> CommonEnds:
        """Finds the common ends of two lists."""
        head = same_run(before, items)
        # The tail is sought only in what the head left: in a list of equal layers both runs would claim the same items.
        return cls(before, entries, items, head, same_run(before[head:][::-1], items[head:][::-1]))

    def taken_by_name(self) -> set[str]:
        """The names that something after the head takes."""
        return {name for item in self.items[self.head :] for name in item.inputs}

    def expected(self) -> tuple[Entry | None, ...]:
        """The earlier entry of each item after which all items are unchanged; None for the others."""
        # All of the tail, and the item before it.
        known = min(self.tail + 1, len(self.before), len(self.items))
        return (None,) * (len(self.items) - known) + self.entries[len(self.entries) - known :]

    def rest(self, at: int) -> tuple[Entry, ...]:
        """The entries after an item that gave what it gave before, if they cannot be others than they were."""
        # Both lists end alike, so a place in the new list has one in the old that is as far from the end.
        then = at + len(self.before) - len(self.items)
        others = {item.name for item in (*self.items[self.head : at], *self.before[self.head : then])}
        # What takes by name something that the edit touched may receive another shape, though all in between is as it
        # was.
        if any(name in others for item in self.items[at + 1 :] for name in item.inputs):
            return ()
        return self.entries[then + 1 :]


def same_run(before: Sequence[object], after: Sequence[object]) -> int:
    """The number of leading objects that two lists share."""
    number = 0
    for first, second in zip(before, after, strict=False):
        if first is not second:
            break
        number += 1
    return number


def items_counted(row: BlockRow) -> int:
    """The items and named inputs that were counted for a block: in each of its passes, and in the blocks inside."""
    return items_in([entry for pass_ in row.passes for entry in pass_.entries])


def items_in(entries: Sequence[Entry]) -> int:
    """The items and named inputs that were counted for a list of entries."""
    named = sum([len((entry.block if isinstance(entry, BlockRow) else entry.layer).inputs) for entry in entries])
    return len(entries) + named + sum([items_counted(entry) for entry in entries if isinstance(entry, BlockRow)])


def sums_of(entries: tuple[Entry, ...], before: tuple[Entry, ...], totals: Totals) -> Totals:
    """The sums over entries; from those of an earlier analysis where it has most of the entries."""
    head = same_run(before, entries)
    tail = same_run(before[head:][::-1], entries[head:][::-1])
    gone, new = before[head : len(before) - tail], entries[head : len(entries) - tail]
    # Adding and subtracting more than half of the list would be slower than a fresh sum.
    if len(gone) + len(new) > len(entries) // 2:
        return sum_entries(entries)
    return add_totals([(totals, 1), (sum_entries(gone), -1), (sum_entries(new), 1)])
