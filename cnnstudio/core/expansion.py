"""Every row of a network written out: blocks expanded, passes that were counted once listed one by one."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, structs

from cnnstudio.core.design import Block
from cnnstudio.core.receptive_field import ReceptiveField, moved
from cnnstudio.core.rows import BlockRow, Entry, Pass, Row

MOST_REPEATED = 2_000
"""Layers up to which every repeat is shown on its own; with more, the first pass of a block stands for all."""


class _Rename(Struct, frozen=True):
    """How paths of a counted pass are rewritten for another pass: the prefix of its rows, and what flows into it."""

    old: str = ""
    new: str = ""
    old_source: str = ""
    new_source: str = ""

    def __call__(self, path: str) -> str:
        if path == self.old_source:
            return self.new_source
        return self.new + path[len(self.old) :] if path.startswith(self.old) else path


_AS_COUNTED = _Rename()


def expanded(entries: tuple[Entry, ...]) -> Iterator[Row]:
    """One row a layer for all the entries of a design, in order."""
    return _expand(entries, _AS_COUNTED, None, None)


def _expand(
    entries: tuple[Entry, ...], rename: _Rename, before: ReceptiveField | None, start: ReceptiveField | None
) -> Iterator[Row]:
    """Every row below these entries, in order.

    Entries were counted once for passes that are alike. `rename` rewrites the paths of the counted pass, and the
    receptive fields, which were counted from `before` on, are shifted to where this pass starts.
    """
    for entry in entries:
        if isinstance(entry, BlockRow):
            for one in entry.passes:
                yield from _expand_pass(entry, one, rename, before, start)
        elif rename is _AS_COUNTED and before is start:
            yield entry
        else:
            yield structs.replace(
                entry,
                path=rename(entry.path),
                inputs=tuple(map(rename, entry.inputs)),
                receptive_field=moved(entry.receptive_field, before, start),
                input_fields=tuple(moved(field, before, start) for field in entry.input_fields),
            )


def _expand_pass(
    entry: BlockRow, one: Pass, rename: _Rename, before: ReceptiveField | None, start: ReceptiveField | None
) -> Iterator[Row]:
    path = rename(entry.path)
    counted = pass_prefix(entry.path, entry.block, one.first)
    here = one.field if before is start else moved(one.field, before, start)
    after = one.entries[-1].receptive_field if one.entries else None
    for number in range(one.first, one.first + one.times):
        prefix = pass_prefix(path, entry.block, number)
        source = rename(one.source)
        if number > one.first:
            source = pass_prefix(path, entry.block, number - 1) + one.result[len(counted) :]
            here = moved(after, one.field, here)
        same = prefix == counted and source == one.source
        yield from _expand(
            one.entries, _AS_COUNTED if same else _Rename(counted, prefix, one.source, source), one.field, here
        )


def pass_prefix(path: str, block: Block, number: int) -> str:
    """The beginning of the paths in one pass: `stage2[1]/`, or `stage2/` of a block that is not repeated."""
    return f"{path}[{number + 1}]/" if block.repeat > 1 else f"{path}/"
