"""Finds rows of an analysis by what a person calls them, and what flows into a row by the names of its neighbours."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.counting.rows import BlockRow, Entry, Row
from cnnstudio.core.network.design import unescaped
from cnnstudio.core.network.sharing import passes_of, passes_of_owner


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
    # Only the first of equal passes is in the entries; `stage2[7]/conv1` exists in the expanded rows alone.
    rows = [row for row in analysis.rows if row.path == wanted] if "[" in wanted else []
    if rows:
        return list(rows), []
    # From the end, so that of equal places the first pass is what stays in the dictionary.
    named = {entry.place: entry for entry in reversed(entries) if entry.item.name == wanted}
    return list(reversed(named.values())), [entry.item.name for entry in entries]


def input_names(entry: Entry) -> list[str]:
    """The names of what flows in: of neighbours by their names, from outside a block as `input (maxpool)`."""
    within = "/".join(_parts(entry.path)[:-1])
    return [_near(path, within) for path in entry.inputs]


def _near(path: str, within: str) -> str:
    if not within:
        return _head(path)
    inside = path.removeprefix(f"{within}/")
    return _head(inside) if inside != path else f"input ({_outside(path, within)})"


def _outside(path: str, within: str) -> str:
    """The part of a path that can be seen from inside a block: below what both have in common."""
    parts, own = _parts(path), _parts(within)
    common = next((at for at, pair in enumerate(zip(parts, own, strict=False)) if pair[0] != pair[1]), 0)
    return unescaped(parts[min(common, len(parts) - 1)])


def _parts(path: str) -> list[str]:
    """The names in a path, escaped as they stand there: a `/` may belong to a name."""
    return re.findall(r"(?:\\.|[^\\/])+", path, re.DOTALL)


def _head(path: str) -> str:
    """The item of its list that a path leads to or into: `layer1` for layer1[2]/relu2."""
    head, *below = _parts(path)
    return unescaped(re.sub(r"(?<!\\)\[\d+\]$", "", head) if below else head)


def owner_paths(rows: Iterable[Row]) -> dict[str, str]:
    """The path of the row whose weights a row uses, by its own path; `rows` are all of a design, blocks expanded."""
    rows = list(rows)
    owned = {row.owner for row in rows} - {""}
    by_place: dict[str, dict[tuple[int, ...], str]] = {}
    for row in rows:
        if row.place in owned:
            by_place.setdefault(row.place, {})[passes_of(row.path)] = row.path
    found: dict[str, str] = {}
    for row in rows:
        if row.owner:
            there = by_place[row.owner]
            depth = len(next(iter(there)))
            found[row.path] = there[passes_of_owner(row.owner, row.path, row.place, depth)]
    return found


def is_chain(entries: tuple[Entry, ...], source: str = "") -> bool:
    """True if everything takes what stands directly above it: then nobody has to be told the inputs."""
    before = source
    for entry in entries:
        if entry.inputs != ((before,) if before else ()):
            return False
        if isinstance(entry, BlockRow) and not all(is_chain(first.entries, first.source) for first in entry.passes[:1]):
            return False
        before = entry.result if isinstance(entry, BlockRow) else entry.path
    return True
