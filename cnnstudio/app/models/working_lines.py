"""What the working panel has to say: of the selected layer, block or layers, or of the whole network. Knows no Qt."""

from __future__ import annotations

from typing import Final

from msgspec import Struct, structs

from cnnstudio.core.analysis import Analysis, BlockRow, Entry, Row
from cnnstudio.core.columns import COLUMN, name_of
from cnnstudio.core.derivation import Working, symbol, total
from cnnstudio.core.problem import Problem
from cnnstudio.core.working import QUANTITIES, block_working, incomplete_text, total_working, workings

SUMMED: Final = tuple(key for key in QUANTITIES if key not in ("output", "receptive_field"))
"""The quantities that can be summed up over layers."""


class WorkingLine(Struct, frozen=True):
    """One number with its working. `has_names` says that its symbols are names of layers."""

    key: str
    working: Working
    has_names: bool = False


def working_lines(entries: tuple[Entry, ...], analysis: Analysis) -> tuple[WorkingLine, ...]:
    """The lines for the selected entries, in the order in which a layer is explained; for none, of the network."""
    if not entries:
        return tuple(_total_line(analysis, key) for key in SUMMED)
    if len(entries) > 1:
        return tuple(_sum_line(entries, key) for key in SUMMED)
    entry = entries[0]
    if isinstance(entry, BlockRow):
        return tuple(_block_line(entry, key) for key in SUMMED)
    if entry.counts is None:
        return (WorkingLine("output", Working("output", "output", None, why_unknown(entry, analysis))),)
    return tuple(WorkingLine(_quantity_of(one.key), one) for one in workings(entry))


def in_question(lines: tuple[WorkingLine, ...], quantity: str) -> tuple[WorkingLine, ...]:
    """The lines of a quantity, several for what has several numbers; of the first there is where it has none."""
    key = _quantity_of(quantity)
    found = tuple(line for line in lines if line.key == key)
    if not found:
        keys = [line.key for line in lines]
        key = "parameters" if "parameters" in keys else keys[0]
        found = tuple(line for line in lines if line.key == key)
    return found


def _quantity_of(key: str) -> str:
    """`receptive_field` for `receptive_field_stride` too: what belongs together is in question together."""
    if key in QUANTITIES:
        return key
    return next((quantity for quantity in QUANTITIES if key.startswith(f"{quantity}_")), key)


def _total_line(analysis: Analysis, key: str) -> WorkingLine:
    working = total_working(analysis, key)
    if COLUMN[key].is_total_known(analysis):
        # That another quantity is incomplete takes nothing from this one.
        working = structs.replace(working, reason="")
    return WorkingLine(key, working, has_names=True)


def _block_line(row: BlockRow, key: str) -> WorkingLine:
    working = block_working(row, key)
    missing = _missing(row, key)
    if missing:
        working = structs.replace(working, reason=f"at least: {missing}")
    return WorkingLine(key, working, has_names=True)


def _sum_line(entries: tuple[Entry, ...], key: str) -> WorkingLine:
    """The sum over several entries; by their names, or by their places where names are alike."""
    names = [name_of(entry) for entry in entries]
    terms: list[int] = []
    missing: list[str] = []
    for entry, name in zip(entries, names, strict=True):
        shown = name if names.count(name) == 1 else entry.place
        value = getattr(entry.totals if isinstance(entry, BlockRow) else entry, key)
        if value:
            terms.append(symbol(shown, value))
        if value is None or (isinstance(entry, BlockRow) and _missing(entry, key)):
            missing.append(shown)
    reason = f"at least: {', '.join(missing)} unknown" if missing else ""
    return WorkingLine(key, Working(key, QUANTITIES[key], total(terms), reason), has_names=True)


def _missing(row: BlockRow, key: str) -> str:
    """`2 layers not counted` where a part of the block's sum is unknown."""
    totals = row.totals
    if totals.uncounted:
        return f"{totals.uncounted:,} {'layer' if totals.uncounted == 1 else 'layers'} not counted"
    if totals.unknown_macs and key in ("macs", "flops"):
        return f"MACs of {totals.unknown_macs:,} {'layer' if totals.unknown_macs == 1 else 'layers'} unknown"
    return ""


def why_unknown(row: Row, analysis: Analysis) -> str:
    """The sentence of the error that leaves a row uncounted: its own, or that of what it takes its input from."""
    own = next((problem for problem in analysis.errors if problem.path == row.place), None)
    if own is not None:
        return _sentence(own)
    cause = _nearest_error(row, analysis)
    if cause is None:
        return "its input is unknown"
    return f"its input is unknown, because of {cause.path}: {_sentence(cause)}"


def _nearest_error(row: Row, analysis: Analysis) -> Problem | None:
    """The last error above a row, which in a network that is mostly a list is what it waits for."""
    places = _places_above(analysis.entries, row)
    above = [problem for problem in analysis.errors if problem.path in places]
    return above[-1] if above else next(iter(analysis.errors), None)


def _places_above(entries: tuple[Entry, ...], row: Row) -> set[str]:
    """The places that come before a row in the order of the network."""
    places: set[str] = set()
    stack = list(reversed(entries))
    while stack:
        entry = stack.pop()
        if entry.place == row.place:
            break
        places.add(entry.place)
        if isinstance(entry, BlockRow):
            stack += [inner for one in reversed(entry.passes) for inner in reversed(one.entries)]
    return places


def incomplete(analysis: Analysis) -> str:
    """What of the network is not counted; nothing if all is."""
    return incomplete_text(analysis)
