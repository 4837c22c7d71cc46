"""The working of every number: the same rules run on symbols, so that each count comes with its formula."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from msgspec import structs

from cnnstudio.core.arithmetic.derivation import Working, symbol, total
from cnnstudio.core.arithmetic.measure import bound_words
from cnnstudio.core.arithmetic.numerals import UNKNOWN
from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.counting.quantities import QUANTITIES, QUANTITY
from cnnstudio.core.counting.quantity import Quantity, Terms
from cnnstudio.core.counting.quantity_places import COUNTED
from cnnstudio.core.counting.rows import BlockRow, Entry, Row, unknown_text
from cnnstudio.core.network.design import path_from
from cnnstudio.core.network.distribution import counts_at_each_step
from cnnstudio.core.network.layer import SYMBOLS, Counts

_FIRST: Final = re.compile(r"((?:[^/\\\[]|\\.)*)")


def workings(row: Row) -> tuple[Working, ...]:
    """The working of every number of a row; a lone "unknown" for a row that could not be computed."""
    if row.counts is None:
        return _known_workings(row)
    # None of them is None once a row has been counted; this only tells the type checker so.
    shapes = tuple(shape for shape in row.input_shapes if shape is not None)
    counts = _in_symbols(row, shapes)
    terms = Terms(row, counts, symbol, dict(counts.reasons))
    return tuple(working for quantity in QUANTITIES for working in quantity.workings(terms))


def _in_symbols(row: Row, shapes: tuple[Shape, ...]) -> Counts:
    """The counts of a row, which know the expressions that they came from."""
    counts = counts_at_each_step(row.layer, shapes, SYMBOLS[row.convention.rules], row.step_axes)
    return counts.sharing(row.owner) if row.owner else counts


def _known_workings(row: Row) -> tuple[Working, ...]:
    """The working of a layer that could not be computed: of what it learns and stores, if that is known."""
    found = unknown_text(row)
    reason = "the layer cannot be computed" if found == UNKNOWN else found
    unknown = Working("output", "output", None, reason)
    if row.part is None or (row.part.output is None and row.stored is None):
        return (unknown,)
    counts = _in_symbols(row, row.part.inputs)
    terms = Terms(row, counts, symbol, dict(counts.reasons))
    outputs = (unknown,) if row.part.output is None else tuple(QUANTITY["output"].workings(terms))
    if row.stored is None:
        return (*outputs, Working("parameters", "parameters", None, reason))
    stored = [quantity for quantity in QUANTITIES if quantity.without_sizes]
    return (*outputs, *[working for quantity in stored for working in quantity.workings(terms)])


def working_of(row: Row, key: str) -> tuple[Working, ...]:
    """The workings of one quantity of a row: several for what has several numbers, as the output has."""
    found = tuple(w for w in workings(row) if key in (w.key, QUANTITY[w.key].explained_by))
    return found or (Working(key, QUANTITY[key].name, None),)


def joined_axes(found: Iterable[Working]) -> list[Working]:
    """One working for axes along which it is the same: `receptive field, height and width`."""
    joined: dict[tuple[str, ...], Working] = {}
    for working in found:
        quantity, comma, axis = working.name.partition(", ")
        # Steps, not values: 3 × 3 outputs may agree in the number and come from unlike formulas.
        same = (working.key, quantity, *working.steps(), working.reason) if comma else (working.name,)
        before = joined.get(same)
        joined[same] = structs.replace(before, name=f"{before.name} and {axis}") if before else working
    return list(joined.values())


def is_absent(working: Working) -> bool:
    """True if it is 0 and about what few networks have any of."""
    return working.value == 0 and QUANTITY[working.key].if_any


def goes_without_saying(working: Working, others: Iterable[Working]) -> bool:
    """True if it is about trained or stored numbers, in a layer where these are simply all of them, or none; or about
    what is absent.
    """
    keys = QUANTITY[working.key].silent_without
    return is_absent(working) or (bool(keys) and not any(other.value for other in others if other.key in keys))


def total_working(analysis: Analysis, key: str) -> Working:
    """The working of a total: one term for each layer or block that contributes; `key` is one of `SUMMED`."""
    quantity = QUANTITY[key]
    terms = [term for entry in analysis.entries if (term := _term(entry, quantity, analysis))]
    return Working(key, f"total {quantity.name}", total(terms), lower_bound(analysis, quantity))


def block_working(row: BlockRow, key: str, analysis: Analysis) -> Working:
    """The working of a block's sum, with a factor for passes that are alike."""
    quantity = QUANTITY[key]
    terms = _spread_terms(row, quantity, analysis) if quantity.spread else _pass_terms(row, quantity, analysis)
    repeats = f"{row.block.repeat} repeats" if row.block.repeat > 1 else ""
    reasons = [reason for reason in (repeats, lower_bound(row, quantity, analysis)) if reason]
    # From the terms and not from the totals: the formula that is shown must give the number beside it.
    return Working(key, quantity.name, total(terms), "; ".join(reasons))


def _pass_terms(row: BlockRow, quantity: Quantity, analysis: Analysis) -> list[int]:
    terms: list[int] = []
    for pass_ in row.passes:
        inside = total([term for entry in pass_.entries if (term := _term(entry, quantity, analysis))])
        # A block of pooling alone adds nothing, and `8 · 0` would be noise in the sum.
        if inside:
            terms.append(symbol("repeats", pass_.times) * inside if pass_.times > 1 else inside)
    return terms


def _spread_terms(row: BlockRow, quantity: Quantity, analysis: Analysis) -> list[int]:
    """A term for each item, over all passes: of what later layers need, each pass may have another share."""
    found: dict[str, int] = {}
    read = quantity.reader(analysis)
    within = row.path
    for inner in analysis.rows:
        if inner.path.startswith((f"{within}/", f"{within}[")) and (value := read(inner)):
            name = _first_name(inner.path[len(within) :].partition("/")[2])
            found[name] = found.get(name, 0) + value
    return [symbol(name, value) for name, value in found.items()]


def _first_name(path: str) -> str:
    """The name of the item that a path begins with, without the number of its repeat."""
    found = _FIRST.match(path)
    return path_from(found[1])[0] if found else path


def _term(entry: Entry, quantity: Quantity, analysis: Analysis) -> int:
    name = entry.item.name
    value = quantity.known(entry, analysis)
    # Layers that add nothing are left out, or the sum of a deep network would be mostly zeros.
    return symbol(name, value) if value else 0


def lower_bound(whole: Analysis | BlockRow, quantity: Quantity, analysis: Analysis | None = None) -> str:
    """`at least: 2 layers not counted` where a part of a sum is unknown; nothing where all of it is known."""
    return at_least(", ".join(quantity.missing(whole, analysis)))


def at_least(missing: str) -> str:
    """The reason why a sum is a lower bound; empty if it lacks nothing."""
    return f"{bound_words('at least').strip()}: {missing}" if missing else ""


def incomplete_text(whole: Analysis | BlockRow) -> str:
    """The parts that the totals of a network or a block lack: `2 layers not counted, MACs of 1 layer unknown`."""
    return ", ".join(dict.fromkeys(part for quantity in COUNTED for part in quantity.missing(whole)))


def is_complete(analysis: Analysis) -> bool:
    """True if every quantity of every layer is known."""
    return all(quantity.total(analysis).is_exact for quantity in COUNTED)
