"""Finds a row of an analysis by what a person calls it."""

from __future__ import annotations

from collections.abc import Iterator

from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.counting.rows import BlockRow, Entry


def walk_entries(entries: tuple[Entry, ...]) -> Iterator[Entry]:
    """Every entry, blocks before the entries of each of their passes."""
    for entry in entries:
        yield entry
        if isinstance(entry, BlockRow):
            for pass_ in entry.passes:
                yield from walk_entries(pass_.entries)


def find_entries(analysis: Analysis, wanted: str) -> tuple[list[Entry], list[str]]:
    """The entries meant by a path, by a path without repeat numbers, or else by a name; and all names there are.

    An exact path means one entry. Without repeat numbers the first pass is meant.
    """
    entries = list(walk_entries(analysis.entries))
    for key in ("path", "place"):
        exact = [entry for entry in entries if getattr(entry, key) == wanted]
        if exact:
            return exact[:1], []
    rows = [row for row in analysis.rows if row.path == wanted] if "[" in wanted else []
    if rows:
        return list(rows), []
    named = {entry.place: entry for entry in reversed(entries) if entry.item.name == wanted}
    return list(reversed(named.values())), [entry.item.name for entry in entries]
