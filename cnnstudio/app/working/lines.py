"""The content of the working panel: for the selected layer, block or layers, or the whole network. Knows no Qt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from math import prod
from typing import Final

from msgspec import Struct

from cnnstudio.core.arithmetic.derivation import Working, symbol, total
from cnnstudio.core.arithmetic.numerals import UNKNOWN
from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.counting.lookup import walk_entries
from cnnstudio.core.counting.quantities import QUANTITY
from cnnstudio.core.counting.quantity import Quantity
from cnnstudio.core.counting.quantity_places import SUMMED
from cnnstudio.core.counting.rows import BlockRow, Entry, Row, unknown_text
from cnnstudio.core.counting.textbook import textbook_workings, zeros_joined
from cnnstudio.core.counting.working import (
    at_least,
    block_working,
    goes_without_saying,
    is_absent,
    joined_axes,
    lower_bound,
    total_working,
    workings,
)
from cnnstudio.core.network.design import Block, Design, ItemPath, find
from cnnstudio.core.network.problem import Problem
from cnnstudio.reports.content.legend import legend

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
    asked = QUANTITY[QUANTITY[quantity].explained_in]
    asked = asked if asked in SUMMED else QUANTITY["parameters"]
    sums = (_bare_sum(entries, analysis, other) for other in SUMMED if other is not asked)
    others = tuple(WorkingLine(working.key, working) for working in sums if not is_absent(working))
    return (sum_line(entries, analysis, asked.key),), others


def line_symbols(entries: tuple[Entry, ...], lines: tuple[WorkingLine, ...]) -> list[tuple[str, str]]:
    """The meaning of the symbols in the lines of a layer; sums have names of layers in their place."""
    if len(entries) != 1 or not isinstance(entries[0], Row):
        return []
    return legend([line.working for line in lines], entries[0].layer)


def sum_line(entries: tuple[Entry, ...], analysis: Analysis, key: str) -> WorkingLine:
    """The working of a sum over the entries: of a block, of several layers, or for none of the whole network."""
    if not entries:
        working = total_working(analysis, key)
    elif len(entries) == 1 and isinstance(entries[0], BlockRow):
        working = block_working(entries[0], key, analysis)
    else:
        working = _terms_of(entries, QUANTITY[key], analysis)
    return WorkingLine(key, working, has_names=True)


def _row_lines(row: Row, analysis: Analysis) -> tuple[WorkingLine, ...]:
    if row.counts is None:
        return tuple(_known_lines(row, analysis))
    found = joined_axes(textbook_workings(row, analysis))
    return tuple(WorkingLine(QUANTITY[working.key].explained_in, working) for working in found)


def _known_lines(row: Row, analysis: Analysis) -> Iterator[WorkingLine]:
    """The lines of a layer that is not counted: why, and what is known of it all the same."""
    known = [working for working in joined_axes(workings(row)) if working.number is not None]
    keys = {working.key for working in known}
    for key in ("output", "parameters") if keys else ("output",):
        if key not in keys:
            yield WorkingLine(key, Working(key, key, None, why_unknown(row, analysis)))
    yield from [WorkingLine(QUANTITY[working.key].explained_in, working) for working in known]


def _divided(lines: tuple[WorkingLine, ...], quantity: str) -> tuple[tuple[WorkingLine, ...], tuple[WorkingLine, ...]]:
    """The lines of a quantity, several for what has several numbers, and the others."""
    key = QUANTITY[quantity].explained_in
    keys = [line.key for line in lines]
    if key not in keys:
        key = "parameters" if "parameters" in keys else keys[0]
    found = [line.working for line in lines]
    others = [line for line in lines if line.key != key and not goes_without_saying(line.working, found)]
    # A pool learns nothing, which is one thing to say and not four.
    joined = zeros_joined(line.working for line in others)
    explained = (WorkingLine(QUANTITY[working.key].explained_in, working) for working in joined)
    return tuple(line for line in lines if line.key == key), tuple(explained)


def _bare_sum(entries: tuple[Entry, ...], analysis: Analysis, quantity: Quantity) -> Working:
    """The value of a sum without its terms."""
    if not entries:
        value = quantity.known(analysis)
        return Working(quantity.key, f"total {quantity.name}", value, lower_bound(analysis, quantity))
    value = sum(quantity.known(entry, analysis) or 0 for entry in entries)
    return Working(quantity.key, quantity.name, value, _lacking(entries, quantity, analysis))


def _terms_of(entries: tuple[Entry, ...], quantity: Quantity, analysis: Analysis) -> Working:
    """The sum of several entries; by their names, or by their places where names are alike."""
    count = Counter(entry.item.name for entry in entries)
    terms = [
        symbol(entry.item.name if count[entry.item.name] == 1 else entry.place, value)
        for entry in entries
        if (value := quantity.known(entry, analysis))
    ]
    return Working(quantity.key, quantity.name, total(terms), _lacking(entries, quantity, analysis))


def _lacking(entries: tuple[Entry, ...], quantity: Quantity, analysis: Analysis) -> str:
    """`at least: 2 layers not counted`, or of several entries which are unknown; nothing where all is known."""
    if len(entries) == 1 and isinstance(entries[0], BlockRow):
        return lower_bound(entries[0], quantity, analysis)
    unknown = [entry.place for entry in entries if _is_unknown(entry, quantity, analysis)]
    missing = ", ".join(unknown[:MAX_NAMED])
    missing += f" and {len(unknown) - MAX_NAMED:,} more" if len(unknown) > MAX_NAMED else ""
    return at_least(f"{missing} unknown" if missing else "")


def _is_unknown(entry: Entry, quantity: Quantity, analysis: Analysis) -> bool:
    if isinstance(entry, BlockRow):
        return bool(quantity.missing(entry, analysis))
    return quantity.reader(analysis)(entry) is None


def why_unknown(row: Row, analysis: Analysis) -> str:
    """The sentence of the error that leaves a row uncounted: its own, or that of what its input waits for.

    Without an error it is a size of the input that is missing.
    """
    # Reversed, so that of several at one place the first stays.
    errors = {problem.path: problem for problem in reversed(analysis.errors)}
    own = errors.get(row.place)
    if own is not None:
        return _sentence(own)
    cause = _cause(row, analysis, errors)
    if cause is None:
        found = unknown_text(row)
        return "its input is unknown" if found == UNKNOWN else found
    return f"its input is unknown, because of {cause.path}: {_sentence(cause)}"


def _sentence(problem: Problem) -> str:
    return f"{problem.sentence} {problem.remedy}".rstrip()


def _cause(row: Row, analysis: Analysis, errors: dict[str, Problem]) -> Problem | None:
    """The error upstream of a row, along the connections; else that of a block around it."""
    producers = _producers(analysis)
    seen = {row.path}
    # Breadth first: the nearest cause is the one to tell of.
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
