"""The receptive fields of a counted pass when something else flows into it: all else stays as it was counted."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import structs

from cnnstudio.core.arithmetic.receptive_field import ReceptiveField, is_uniform, repeated, through, union
from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.counting.rows import BlockRow, Entry, Pass, Row, pass_prefix
from cnnstudio.core.network.layer import Counts

MAX_FOLLOWED = 5_000
"""Rows up to which the passes of a block are followed one by one, where outputs see unlike spans."""

Fields = dict[str, ReceptiveField | None]


def field_behind(
    counts: Counts, shapes: tuple[Shape | None, ...], fields: tuple[ReceptiveField | None, ...]
) -> ReceptiveField | None:
    """The field after a layer with these counts, which takes these shapes with these fields."""
    outputs = counts.output.spatial
    if len(fields) == 1:
        return through(fields[0], counts.reach, outputs)
    # Before the union, which is dear for many branches and would be thrown away.
    if counts.reach == "unknown":
        return None
    sizes = [() if shape is None else shape.spatial for shape in shapes]
    return through(union(list(zip(fields, sizes, strict=True)), outputs), counts.reach, outputs)


def reflowed(entries: tuple[Entry, ...], flows: Fields) -> tuple[Entry, ...]:
    """The entries where `flows`, by paths, says what flows into them sees; what flows out of each is added to it."""
    return tuple([_reflowed_block(e, flows) if isinstance(e, BlockRow) else _reflowed_row(e, flows) for e in entries])


def _reflowed_row(row: Row, flows: Fields) -> Row:
    if row.counts is not None and row.layer.max_inputs != 0:
        fields = tuple([flows.get(path) for path in row.inputs])
        # Rows that see the same stay the same objects, which keeps them from being painted again.
        if fields != row.input_fields:
            field = field_behind(row.counts, row.input_shapes, fields)
            row = structs.replace(row, receptive_field=field, input_fields=fields)
    # Also for rows that did not change: what takes them by name looks here.
    flows[row.path] = row.receptive_field
    return row


def _reflowed_block(row: BlockRow, flows: Fields) -> BlockRow:
    field = flows.get(row.inputs[0]) if row.inputs else None
    passes: list[Pass] = []
    for pass_ in row.passes:
        beside = tuple([(path, flows.get(path)) for path, _ in pass_.beside])
        entries = reflowed(pass_.entries, {**dict(beside), pass_.source: field})
        passes.append(structs.replace(pass_, entries=entries, field=field, beside=beside))
        field = field_after(passes[-1])
    flows[row.result] = field
    row = structs.replace(row, passes=tuple(passes), receptive_field=field)
    flows |= {path: entry.receptive_field for _, path, entry in given_beside(row)}
    return row


def given_beside(row: BlockRow) -> Iterator[tuple[str, str, Entry]]:
    """The items whose outputs a block gives beside its own: each name, and path and entry in the last repeat."""
    wanted = set(row.block.further_outputs)
    for pass_ in row.passes[-1:] if wanted else ():
        counted = pass_prefix(row.path, row.block, pass_.first)
        last = pass_prefix(row.path, row.block, row.block.repeat - 1)
        for entry in last_of(pass_):
            if entry.item.name in wanted:
                path = entry.result if isinstance(entry, BlockRow) else entry.path
                yield entry.item.name, last + path[len(counted) :], entry


def entering_fields(row: BlockRow) -> list[ReceptiveField | None]:
    """The fields of what flows into a block, in the order of its inputs."""
    return [field for pass_ in row.passes[:1] for field in (pass_.field, *[field for _, field in pass_.beside])]


def leaving(entries: tuple[Entry, ...]) -> ReceptiveField | None:
    """The field of what flows out of a pass."""
    return entries[-1].receptive_field if entries else None


def entered_by(pass_: Pass, field: ReceptiveField | None) -> Fields:
    """The fields that flow into one of the passes that one stands for, if its first input has this one."""
    return {**dict(pass_.beside), pass_.source: field}


def last_of(pass_: Pass) -> tuple[Entry, ...]:
    """The entries of the last of the equal passes that one stands for."""
    if pass_.times == 1:
        return pass_.entries
    before = field_after(structs.replace(pass_, times=pass_.times - 1))
    return pass_.entries if before == pass_.field else reflowed(pass_.entries, entered_by(pass_, before))


def field_after(pass_: Pass) -> ReceptiveField | None:
    """The field after all the passes that one stands for; None beyond `MAX_FOLLOWED`."""
    before, after = pass_.field, leaving(pass_.entries)
    # A pass that leaves the field alone, as one of 1 × 1 convolutions does, leaves it alone however often it is
    # repeated.
    if pass_.times == 1 or before is None or after is None or before == after:
        return after
    # Only here do all passes grow by one formula. After layers that enlarge, each pass has to be followed.
    if not pass_.beside and is_uniform(before) and is_uniform(after):
        return repeated(before, after, pass_.times)
    if pass_.times * len(pass_.entries) > MAX_FOLLOWED:
        return None
    for _ in range(1, pass_.times):
        after = leaving(reflowed(pass_.entries, entered_by(pass_, after)))
    return after
