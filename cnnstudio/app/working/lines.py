"""The content of the working panel: for the selected layer, block or layers, or the whole network. Knows no Qt."""

from __future__ import annotations

from collections import Counter
from math import prod
from typing import Final

from msgspec import Struct, structs

from cnnstudio.core.arithmetic.derivation import Working, symbol, total
from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.counting.columns import COLUMN, name_of
from cnnstudio.core.counting.lookup import walk_entries
from cnnstudio.core.counting.rows import BlockRow, Entry, Row
from cnnstudio.core.counting.working import (
    QUANTITIES,
    block_working,
    goes_without_saying,
    incomplete_text,
    joined_axes,
    total_working,
    workings,
)
from cnnstudio.core.network.design import Block, Design, ItemPath, find
from cnnstudio.core.network.problem import Problem

SUMMED: Final = tuple(key for key in QUANTITIES if key not in ("output", "receptive_field"))
"""The quantities that can be summed up over layers."""
MAX_NAMED: Final = 3


class WorkingLine(Struct, frozen=True):
    """One number with its working. `has_names` says that its symbols are names of layers."""

    key: str
    working: Working
    has_names: bool = False


def working_lines(
    entries: tuple[Entry, ...], analysis: Analysis, quantity: str
) -> tuple[tuple[WorkingLine, ...], tuple[WorkingLine, ...]]:
    """The line in question, and the other lines, in the order in which a layer is explained; for no entries, totals.

    Of sums only the one in question comes with its terms, because there may be thousands.
    """
    if len(entries) == 1 and isinstance(entries[0], Row):
        return _divided(_row_lines(entries[0], analysis), quantity)
    key = _quantity_of(quantity)
    key = key if key in SUMMED else "parameters"
    others = (WorkingLine(quantity, _bare_sum(entries, analysis, quantity)) for quantity in SUMMED if quantity != key)
    return (sum_line(entries, analysis, key),), tuple(others)


def sum_line(entries: tuple[Entry, ...], analysis: Analysis, key: str) -> WorkingLine:
    """The working of a sum over the entries: of a block, of several layers, or for none of the whole network."""
    if not entries:
        working = structs.replace(total_working(analysis, key), reason="")
    elif len(entries) == 1 and isinstance(entries[0], BlockRow):
        working = block_working(entries[0], key)
    else:
        working = _terms_of(entries, key)
    lacking = _lacking(entries, analysis, key)
    return WorkingLine(key, structs.replace(working, reason=lacking or working.reason), has_names=True)


def _row_lines(row: Row, analysis: Analysis) -> tuple[WorkingLine, ...]:
    if row.counts is None:
        return (WorkingLine("output", Working("output", "output", None, why_unknown(row, analysis))),)
    return tuple(WorkingLine(_quantity_of(working.key), working) for working in joined_axes(workings(row)))


def _divided(lines: tuple[WorkingLine, ...], quantity: str) -> tuple[tuple[WorkingLine, ...], tuple[WorkingLine, ...]]:
    """The lines of a quantity, several for what has several numbers, and the others."""
    key = _quantity_of(quantity)
    keys = [line.key for line in lines]
    if key not in keys:
        key = "parameters" if "parameters" in keys else keys[0]
    found = [line.working for line in lines]
    others = (line for line in lines if line.key != key and not goes_without_saying(line.working, found))
    return tuple(line for line in lines if line.key == key), tuple(others)


def _quantity_of(key: str) -> str:
    """`receptive_field` for `receptive_field_stride` too: what belongs together is in question together."""
    if key in QUANTITIES:
        return key
    return next((quantity for quantity in QUANTITIES if key.startswith(f"{quantity}_")), key)


def _bare_sum(entries: tuple[Entry, ...], analysis: Analysis, key: str) -> Working:
    """The value of a sum without its terms."""
    if not entries:
        value = getattr(analysis.totals, key)
        return Working(key, f"total {QUANTITIES[key]}", value, _lacking(entries, analysis, key))
    value = sum(_value(entry, key) or 0 for entry in entries)
    return Working(key, QUANTITIES[key], value, _lacking(entries, analysis, key))


def _terms_of(entries: tuple[Entry, ...], key: str) -> Working:
    """The sum of several entries; by their names, or by their places where names are alike."""
    count = Counter(name_of(entry) for entry in entries)
    terms = [
        symbol(name_of(entry) if count[name_of(entry)] == 1 else entry.place, value)
        for entry in entries
        if (value := _value(entry, key))
    ]
    return Working(key, QUANTITIES[key], total(terms))


def _value(entry: Entry, key: str) -> int | None:
    value: int | None = getattr(entry.totals if isinstance(entry, BlockRow) else entry, key)
    return value


def _lacking(entries: tuple[Entry, ...], analysis: Analysis, key: str) -> str:
    """`at least: 2 layers not counted` where a part of the sum is unknown; nothing where all is known."""
    if analysis.is_complete:
        return ""
    if not entries:
        return "" if COLUMN[key].is_total_known(analysis) else f"at least: {incomplete_text(analysis.totals)}"
    if len(entries) == 1 and isinstance(entries[0], BlockRow):
        missing = _missing(entries[0], key)
    else:
        unknown = [entry for entry in entries if _is_unknown(entry, key)]
        missing = ", ".join(entry.place for entry in unknown[:MAX_NAMED])
        missing += f" and {len(unknown) - MAX_NAMED:,} more" if len(unknown) > MAX_NAMED else ""
        missing += " unknown" if missing else ""
    return f"at least: {missing}" if missing else ""


def _is_unknown(entry: Entry, key: str) -> bool:
    return bool(_missing(entry, key)) if isinstance(entry, BlockRow) else _value(entry, key) is None


def _missing(row: BlockRow, key: str) -> str:
    """`2 layers not counted` where a part of the block's sum is unknown."""
    totals = row.totals
    if totals.uncounted:
        return f"{totals.uncounted:,} {'layer' if totals.uncounted == 1 else 'layers'} not counted"
    if totals.unknown_macs and key in ("macs", "flops"):
        return f"MACs of {totals.unknown_macs:,} {'layer' if totals.unknown_macs == 1 else 'layers'} unknown"
    return ""


def why_unknown(row: Row, analysis: Analysis) -> str:
    """The sentence of the error that leaves a row uncounted: its own, or that of what its input waits for."""
    errors = {problem.path: problem for problem in reversed(analysis.errors)}
    own = errors.get(row.place)
    if own is not None:
        return _sentence(own)
    cause = _cause(row, analysis, errors)
    if cause is None:
        return "its input is unknown"
    return f"its input is unknown, because of {cause.path}: {_sentence(cause)}"


def _sentence(problem: Problem) -> str:
    return f"{problem.sentence} {problem.remedy}".rstrip()


def _cause(row: Row, analysis: Analysis, errors: dict[str, Problem]) -> Problem | None:
    """The error upstream of a row, along the connections; else that of a block around it."""
    producers = _producers(analysis)
    seen = {row.path}
    waiting: list[Row] = [row]
    while waiting:
        current = waiting.pop(0)
        if current.place in errors:
            return errors[current.place]
        for path, shape in zip(current.inputs, current.input_shapes, strict=False):
            producer = producers.get(path)
            if shape is None and producer is not None and path not in seen:
                seen.add(path)
                waiting.append(producer)
    return next((problem for place, problem in errors.items() if row.place.startswith(f"{place}/")), None)


def _producers(analysis: Analysis) -> dict[str, Row]:
    """The row behind each path that a connection can come from."""
    producers: dict[str, Row] = {}
    for entry in walk_entries(analysis.entries):
        last: Entry | None = entry
        while isinstance(last, BlockRow):
            last = last.passes[-1].entries[-1] if last.passes else None
        if last is not None:
            producers[entry.result if isinstance(entry, BlockRow) else entry.path] = last
    return producers


def repeats_of(design: Design, within: ItemPath) -> int:
    """The number of times that items inside these blocks are passed; an entry shows the first."""
    blocks = (find(design, within[:depth]) for depth in range(1, len(within) + 1))
    return prod(block.repeat for block in blocks if isinstance(block, Block))
