"""Two or more designs side by side: their totals, and their layers aligned so that what differs shows.

Every design is aligned with the first one. What a further design has in addition stands between the same two layers
of the first, and is there aligned with what the designs before it have in addition.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, Literal

import msgspec
from msgspec import Struct

from cnnstudio.core.comparison.alignment import Pairs, Trait, aligned
from cnnstudio.core.comparison.similarity import Resemblance, fields_in_common, means_same
from cnnstudio.core.comparison.totals import ComparedTotal, compared_totals
from cnnstudio.core.comparison.wiring import Wiring
from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.counting.columns import COLUMN
from cnnstudio.core.counting.quantity_places import placed
from cnnstudio.core.counting.rows import BlockRow, Entry

MAX_COMPARED = 100_000
"""Layers of one design that are laid side by side."""
COMPARED_QUANTITIES = ("input", *(quantity.key for quantity in placed("compared_rows")))
"""The columns whose values are compared whatever is shown."""

Kind = Literal["same", "renamed", "affected", "changed", "only"]
"""The verdict of a line on its layers: that they are the same; the same but for the name; that nothing was changed in
them but their numbers differ, by what flows in or by how they are counted; that their fields or connections differ;
that not every design has them.
"""
KINDS: tuple[Kind, ...] = ("same", "renamed", "affected", "changed", "only")


class Listed(Struct, frozen=True, gc=False):
    """A layer or block of one design, and how deep it lies in blocks."""

    entry: Entry
    depth: int


class Change(Struct, frozen=True):
    """A field or a quantity that differs, and its value in each design; None for unknown and where there is none."""

    key: str
    values: tuple[Any, ...]


class ComparedRow(Struct, frozen=True):
    """One line: what corresponds to each other in each design, None in a design that lacks it.

    `fields` are the hyperparameters, the type and the connections that differ, `quantities` the numbers.
    """

    items: tuple[Listed | None, ...]
    kind: Kind
    fields: tuple[Change, ...] = ()
    quantities: tuple[Change, ...] = ()

    @property
    def present(self) -> tuple[int, ...]:
        """The numbers of the designs, from 0, that have it."""
        return tuple(index for index, item in enumerate(self.items) if item is not None)

    @property
    def first(self) -> Listed:
        """The item that represents the line: that of the first design that has it."""
        return next(item for item in self.items if item is not None)


class Comparison(Struct, frozen=True, dict=True):
    """Designs side by side. `settings` are what the designs as a whole do not share: convention, element type."""

    analyses: tuple[Analysis, ...]
    rows: tuple[ComparedRow, ...]
    totals: tuple[ComparedTotal, ...]
    settings: tuple[Change, ...]

    @property
    def differs(self) -> bool:
        """True if anything differs, names included if they are compared."""
        return bool(self.settings) or any(row.kind != "same" for row in self.rows)

    @cached_property
    def counts(self) -> dict[Kind, int]:
        """The number of lines of each kind."""
        kinds = [row.kind for row in self.rows]
        return {kind: kinds.count(kind) for kind in KINDS}


def compare(
    analyses: Sequence[Analysis],
    *,
    expand: bool = False,
    names: bool = True,
    quantities: Sequence[str] = (),
) -> Comparison:
    """Lays designs side by side; ValueError with fewer than two, or with more layers than can be listed.

    Blocks stand folded with the layers of their first pass, or expanded. Without `names` a layer that is only called
    otherwise is the same. `quantities` are the keys of columns that are compared beside `COMPARED_QUANTITIES`.
    """
    if len(analyses) < 2:
        raise ValueError("a comparison needs two designs or more")
    lists = [_listed(analysis, expand=expand) for analysis in analyses]
    lines = _merged(lists, [_order_key(analysis, items) for analysis, items in zip(analyses, lists, strict=True)])
    wiring = Wiring(lines, [[item.entry for item in items] for items in lists], expand=expand)
    keys = tuple(dict.fromkeys((*COMPARED_QUANTITIES, *(key for key in quantities if key in _QUANTITIES))))
    judge = _Judge(tuple(analyses), wiring, keys, names=names)
    rows = tuple(
        judge.row(
            number,
            tuple(None if place is None else items[place] for place, items in zip(line, lists, strict=True)),
        )
        for number, line in enumerate(lines)
    )
    return Comparison(tuple(analyses), rows, compared_totals(analyses), tuple(_settings(analyses)))


_QUANTITIES = frozenset(column.key for column in COLUMN.values() if not column.fields) - {"layer", "path", "type"}


# What is listed.


def _listed(analysis: Analysis, *, expand: bool) -> list[Listed]:
    # Bounded here, before anything is listed: a repeat of a million would fill the memory before alignment began.
    if expand:
        if analysis.totals.layers > MAX_COMPARED:
            raise ValueError(
                f"'{analysis.design.name}' expands to {analysis.totals.layers:,} layers, and at most "
                f"{MAX_COMPARED:,} can be compared; compare it with its blocks folded"
            )
        return [Listed(row, 0) for row in analysis.rows]
    return list(_folded(analysis.entries, 0))


def _folded(entries: tuple[Entry, ...], depth: int) -> Iterator[Listed]:
    for entry in entries:
        yield Listed(entry, depth)
        if isinstance(entry, BlockRow) and entry.passes:
            # All passes have the same layers; only shapes may differ, and the first stands for them.
            yield from _folded(entry.passes[0].entries, depth + 1)


_Order = tuple[int, bytes]


def _order_key(analysis: Analysis, items: list[Listed]) -> _Order:
    """An order of designs that does not depend on which comes first: the longer, then by what is in them."""
    shapes = [item.entry.output_shape for item in items]
    # With the shapes, because the same layers on another input are another design.
    return -len(items), msgspec.json.encode([analysis.design.layers, shapes])


# The lines.

_Places = list[int | None]


def _merged(lists: list[list[Listed]], orders: list[_Order]) -> list[_Places]:
    """The lines, each with the index of its item in the list of each design."""
    resemblance = Resemblance()
    traits = [[resemblance.trait(listed.entry) for listed in items] for items in lists]
    # One before each line of the first design, and one after the last.
    gaps: list[list[_Places]] = [[] for _ in range(len(lists[0]) + 1)]
    spine: list[_Places] = [[index] for index in range(len(lists[0]))]
    for design in range(1, len(lists)):
        partners = dict(_ordered(traits[0], traits[design], (orders[0], orders[design]), resemblance))
        extra = _extras(partners, len(lists[0]), len(lists[design]))
        for index, line in enumerate(spine):
            line.append(partners.get(index))
        for gap, added in zip(gaps, extra, strict=True):
            _add_to_gap(gap, added, traits, design, resemblance)
    return [line for gap, item in zip(gaps, [*spine, None], strict=True) for line in (*gap, *([item] if item else []))]


def _ordered(first: list[Trait], second: list[Trait], orders: tuple[_Order, _Order], resemblance: Resemblance) -> Pairs:
    """The pairs, found in an order of the two that does not depend on which one came first."""
    # Designs that are equal in all that counts align item by item, which no search has to find.
    if orders[0] == orders[1]:
        return [(index, index) for index in range(len(first))]
    if orders[0] < orders[1]:
        return aligned(first, second, resemblance.likeness)
    return [(i, j) for j, i in aligned(second, first, resemblance.likeness)]


def _extras(partners: dict[int, int], length: int, other_length: int) -> list[list[int]]:
    """The additional items of the other design, by the index of the first design's item that it stands before."""
    extras: list[list[int]] = [[] for _ in range(length + 1)]
    start = 0
    for index in range(length):
        if index in partners:
            extras[index] = list(range(start, partners[index]))
            start = partners[index] + 1
    extras[length] = list(range(start, other_length))
    return extras


def _add_to_gap(
    gap: list[_Places], added: list[int], traits: list[list[Trait]], design: int, resemblance: Resemblance
) -> None:
    """Puts what a design has in addition into a gap, beside what corresponds to it there."""
    there = [_representative(line, traits) for line in gap]
    pairs = aligned(there, [traits[design][index] for index in added], resemblance.likeness) if gap and added else []
    partners = {line: added[index] for line, index in pairs}
    lines: list[_Places] = []
    start = 0
    for number, line in enumerate(gap):
        if number in partners:
            end = added.index(partners[number])
            lines += [[*([None] * design), index] for index in added[start:end]]
            start = end + 1
        lines.append([*line, partners.get(number)])
    lines += [[*([None] * design), index] for index in added[start:]]
    gap[:] = lines


def _representative(line: _Places, traits: list[list[Trait]]) -> Trait:
    return next(traits[design][index] for design, index in enumerate(line) if index is not None)


# What a line says.


class _Judge:
    """Says of each line what differs in it."""

    def __init__(self, analyses: tuple[Analysis, ...], wiring: Wiring, keys: tuple[str, ...], *, names: bool) -> None:
        self._analyses = analyses
        self._wiring = wiring
        self._keys = keys
        self._names = names

    def row(self, number: int, items: tuple[Listed | None, ...]) -> ComparedRow:
        """The line of these items."""
        present = [(index, item.entry) for index, item in enumerate(items) if item is not None]
        if len(present) == 1:
            return ComparedRow(items, "only")
        fields = tuple(self._fields(number, present))
        quantities = tuple(self._quantities(present))
        return ComparedRow(items, self._kind(len(present), fields, quantities), fields, quantities)

    def _kind(self, present: int, fields: tuple[Change, ...], quantities: tuple[Change, ...]) -> Kind:
        # First of all: a layer that one design lacks is missing there, whatever the others agree on.
        if present < len(self._analyses):
            return "only"
        if any(change.key != "name" for change in fields):
            return "changed"
        if quantities:
            return "affected"
        return "renamed" if fields else "same"

    def _fields(self, number: int, present: list[tuple[int, Entry]]) -> Iterator[Change]:
        owners = [(index, entry.item) for index, entry in present]
        first = owners[0][1]
        others = [owner for _, owner in owners[1:]]
        if self._names and any(owner.name != first.name for owner in others):
            yield self._change("name", [(index, owner.name) for index, owner in owners])
        if all(owner == first for owner in others):
            yield from self._connections(number, present)
            return
        # MaxPool2D and AvgPool2D share the fields that matter, and would pass for the same by those alone.
        if any(type(owner) is not type(first) for owner in others):
            yield self._change("type", [(index, owner.type_name) for index, owner in owners])
        for name in fields_in_common([owner for _, owner in owners]):
            values = [(index, getattr(owner, name)) for index, owner in owners]
            if not all(means_same(values[0][1], value) for _, value in values[1:]):
                yield self._change(name, values)
        yield from self._connections(number, present)

    def _connections(self, number: int, present: list[tuple[int, Entry]]) -> Iterator[Change]:
        if self._wiring.differs(number, present):
            yield self._change("inputs", [(index, self._wiring.names(entry)) for index, entry in present])

    def _quantities(self, present: list[tuple[int, Entry]]) -> Iterator[Change]:
        for key in self._keys:
            value = COLUMN[key].value
            values = [(index, value(entry, self._analyses[index])) for index, entry in present]
            if any(other != values[0][1] for _, other in values[1:]):
                yield self._change(key, values)

    def _change(self, key: str, values: Sequence[tuple[int, Any]]) -> Change:
        # None where a design lacks the layer: every change has one value for each design, in their order.
        known = dict(values)
        return Change(key, tuple(known.get(index) for index in range(len(self._analyses))))


def _settings(analyses: Sequence[Analysis]) -> Iterator[Change]:
    """Settings in which the designs differ."""
    for key, values in (
        ("convention", tuple(analysis.convention.key for analysis in analyses)),
        ("element_type", tuple(analysis.design.element_type for analysis in analyses)),
    ):
        if len(set(values)) > 1:
            yield Change(key, values)
