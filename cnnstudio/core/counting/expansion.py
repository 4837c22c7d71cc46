"""Every row of a network written out: blocks expanded, passes that were counted once listed one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from msgspec import Struct, structs

from cnnstudio.core.counting.reflow import entered_by, leaving, reflowed
from cnnstudio.core.counting.rows import BlockRow, Entry, Pass, Row, pass_prefix

MAX_REPEATED = 2_000
"""Layers up to which every repeat is shown on its own; with more, the first pass of a block stands for all."""

MAX_LETTERS = 20_000_000
"""Letters of all the paths that a list of rows has, its inputs' included: blocks with long names nest deep."""


class _Rename(Struct, frozen=True):
    """Rewrites the paths of a counted pass for another pass: the prefix of its rows, and what flows into it."""

    old: str = ""
    new: str = ""
    sources: Mapping[str, str] = MappingProxyType({})

    def __call__(self, path: str) -> str:
        # The sources lie outside the pass, so that their paths do not begin with the prefix that is replaced below.
        if path in self.sources:
            return self.sources[path]
        return self.new + path[len(self.old) :] if path.startswith(self.old) else path


_AS_COUNTED = _Rename()


def expanded(entries: tuple[Entry, ...]) -> Iterator[Row]:
    """One row a layer for all the entries of a design, in order."""
    return _expand(entries, _AS_COUNTED)


def as_counted(entries: tuple[Entry, ...]) -> Iterator[str]:
    """For each row of `expanded` the path of the one that was counted in its place."""
    for entry in entries:
        if isinstance(entry, BlockRow):
            for pass_ in entry.passes:
                for _ in range(pass_.times):
                    yield from as_counted(pass_.entries)
        else:
            yield entry.path


def bounded(rows: Iterable[Row]) -> Iterator[Row]:
    """The same rows; ValueError where their paths have more letters than can be held and written."""
    letters = 0
    for row in rows:
        letters += len(row.path) + sum(map(len, row.inputs))
        if letters > MAX_LETTERS:
            raise ValueError(
                f"the paths of its layers have more than {MAX_LETTERS:,} letters when all are listed; "
                "list it with its blocks folded, or give its blocks shorter names"
            )
        yield row


def _expand(entries: tuple[Entry, ...], rename: _Rename) -> Iterator[Row]:
    """Every row below these entries, in order.

    Entries were counted once for passes that are alike: `rename` rewrites the paths of the counted pass.
    """
    for entry in entries:
        if isinstance(entry, BlockRow):
            for pass_ in entry.passes:
                yield from _expand_pass(entry, pass_, rename)
        # The row itself and no equal copy: views tell by identity which rows an edit left alone.
        elif rename is _AS_COUNTED:
            yield entry
        else:
            yield structs.replace(entry, path=rename(entry.path), inputs=tuple(map(rename, entry.inputs)))


def _expand_pass(entry: BlockRow, pass_: Pass, rename: _Rename) -> Iterator[Row]:
    path = rename(entry.path)
    counted = pass_prefix(entry.path, entry.block, pass_.first)
    entries, here = pass_.entries, pass_.field
    beside = {old: rename(old) for old, _ in pass_.beside}
    for number in range(pass_.first, pass_.first + pass_.times):
        prefix = pass_prefix(path, entry.block, number)
        source = rename(pass_.source)
        if number > pass_.first:
            # From the second pass on a repeat takes the last row of the one before.
            source = pass_prefix(path, entry.block, number - 1) + pass_.result[len(counted) :]
            before, here = here, leaving(entries)
            # What a pass sees grows with each repeat although it counts the same, so that only the fields are worked
            # out again.
            if here != before:
                entries = reflowed(entries, entered_by(pass_, here))
        sources = {**beside, pass_.source: source}
        same = prefix == counted and all(old == new for old, new in sources.items())
        own = _AS_COUNTED if same else _Rename(counted, prefix, sources)
        yield from _expand(entries, own)
