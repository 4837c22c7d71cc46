"""The working of every number: the same rules run on symbols, so that each count comes with its formula."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import structs

from cnnstudio.core.arithmetic.derivation import Working, product, symbol, total
from cnnstudio.core.arithmetic.receptive_field import field_workings
from cnnstudio.core.arithmetic.shape import AXIS_WORDS, Shape
from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.counting.rows import BlockRow, Entry, Row, Totals
from cnnstudio.core.network.layer import SYMBOLS, Counts

QUANTITIES: dict[str, str] = {
    "output": "output",
    "weights": "weights",
    "biases": "biases",
    "parameters": "parameters",
    "state": "state",
    "trainable": "trainable parameters",
    "non_trainable": "non-trainable parameters",
    "macs": "MACs",
    "flops": "FLOPs",
    "activations": "activations",
    "activation_bytes": "activation bytes",
    "parameter_bytes": "parameter bytes",
    "receptive_field": "receptive field",
}
"""Quantities that have a working, by the key of their column, in the order that a layer is explained in."""


def workings(row: Row) -> tuple[Working, ...]:
    """The working of every number of a row; a lone "unknown" for a row that could not be computed."""
    if row.counts is None:
        return (Working("output", "output", None, "the layer cannot be computed"),)
    shapes = tuple(shape for shape in row.input_shapes if shape is not None)
    counts = row.layer.count(shapes, SYMBOLS[row.convention.rounding])
    reasons = dict(counts.reasons)
    if not row.counts.parameters:
        reasons.setdefault("parameters", row.layer.learns_nothing)
    return (
        *_output_workings(counts.output),
        Working("weights", "weights", counts.weights, reasons.get("weights", "")),
        Working("biases", "biases", counts.biases, reasons.get("biases", "")),
        *_parameter_workings(row, counts, reasons),
        *_cost_workings(row, counts, reasons),
        *field_workings(list(row.input_fields), counts.reach, row.receptive_field),
    )


def _output_workings(output: Shape) -> tuple[Working, ...]:
    words = AXIS_WORDS[output.rank]
    spatial = (Working("output", f"output {word}", size) for word, size in zip(words, output.spatial, strict=True))
    return (*spatial, Working("output", "output channels" if output.spatial else "output size", output.channels))


def _parameter_workings(row: Row, counts: Counts, reasons: dict[str, str]) -> tuple[Working, ...]:
    learned, state = symbol("learned", counts.parameters), symbol("state", counts.state)
    counts_state = row.convention.counts_state and counts.state
    parameters = learned + state if counts_state else counts.parameters
    frozen = "" if row.layer.trainable else "the layer is frozen"
    kept = state if counts_state else 0
    unchanged = learned + state if counts_state else learned
    return (
        Working("parameters", "parameters", parameters, reasons.get("parameters", "")),
        Working("state", "state", counts.state, reasons.get("state", "")),
        Working("trainable", "trainable parameters", learned if row.layer.trainable else 0, frozen),
        Working("non_trainable", "non-trainable parameters", kept if row.layer.trainable else unchanged, frozen),
    )


def _cost_workings(row: Row, counts: Counts, reasons: dict[str, str]) -> tuple[Working, ...]:
    unknown = "not stated in the design" if counts.macs is None else reasons.get("macs", "")
    macs = None if counts.macs is None else symbol("MACs", counts.macs)
    elements = product(_named_sizes(counts.output))
    parameters = symbol("parameters", row.parameters or 0)
    each = symbol("bytes", row.element_bytes)
    return (
        Working("macs", "MACs", counts.macs, unknown),
        Working("flops", "FLOPs", None if macs is None else 2 * macs, "" if macs is None else "two for each MAC"),
        Working("activations", "activations", elements),
        Working("activation_bytes", "activation bytes", symbol("activations", elements) * each),
        Working("parameter_bytes", "parameter bytes", parameters * each),
    )


def _named_sizes(output: Shape) -> tuple[int, ...]:
    names = {1: ("O",), 2: ("O_h", "O_w"), 3: ("O_d", "O_h", "O_w")}.get(output.rank, ())
    sizes = tuple(symbol(name, size) for name, size in zip(names, output.spatial, strict=True))
    return (*sizes, symbol("N", output.channels))


def working_of(row: Row, key: str) -> tuple[Working, ...]:
    """The workings of one quantity of a row: several for what has several numbers, as the output has."""
    found = tuple(working for working in workings(row) if working.key.startswith(key))
    return found or (Working(key, QUANTITIES.get(key, key), None),)


def joined_axes(found: Iterable[Working]) -> list[Working]:
    """One working for axes along which it is the same: `receptive field, height and width`."""
    joined: dict[tuple[str, ...], Working] = {}
    for working in found:
        quantity, comma, axis = working.name.partition(", ")
        same = (working.key, quantity, *working.steps(), working.reason) if comma else (working.name,)
        before = joined.get(same)
        joined[same] = structs.replace(before, name=f"{before.name} and {axis}") if before else working
    return list(joined.values())


def goes_without_saying(working: Working, others: Iterable[Working]) -> bool:
    """True if it is about trained or stored numbers, in a layer where these are simply all of them, or none."""
    if working.key not in ("state", "trainable", "non_trainable"):
        return False
    return not any(other.value for other in others if other.key in ("state", "non_trainable"))


def total_working(analysis: Analysis, key: str) -> Working:
    """The working of a total: one term for each layer or block that contributes; `key` as in `QUANTITIES`."""
    terms = [term for entry in analysis.entries if (term := _term(entry, key))]
    return Working(key, f"total {QUANTITIES[key]}", total(terms), _lower_bound(analysis.totals, key))


def block_working(row: BlockRow, key: str) -> Working:
    """The working of a block's sum, with a factor for passes that are alike."""
    terms: list[int] = []
    for pass_ in row.passes:
        inside = total([term for entry in pass_.entries if (term := _term(entry, key))])
        if inside:
            terms.append(symbol("repeats", pass_.times) * inside if pass_.times > 1 else inside)
    repeats = f"{row.block.repeat} repeats" if row.block.repeat > 1 else ""
    reasons = [reason for reason in (repeats, _lower_bound(row.totals, key)) if reason]
    return Working(key, QUANTITIES[key], total(terms), "; ".join(reasons))


def _lower_bound(totals: Totals, key: str) -> str:
    """The reason why a sum is only a lower bound; empty if everything in it is known."""
    missing = incomplete_text(totals, with_macs=key in ("macs", "flops"))
    return f"at least: {missing}" if missing else ""


def _term(entry: Entry, key: str) -> int:
    holder = entry.totals if isinstance(entry, BlockRow) else entry
    name = entry.block.name if isinstance(entry, BlockRow) else entry.layer.name
    return symbol(name, getattr(holder, key) or 0) if getattr(holder, key) else 0


def incomplete_text(totals: Totals, *, with_macs: bool = True) -> str:
    """`2 layers not counted`, or which part of the count is missing; nothing if all is known."""
    parts = []
    if totals.uncounted:
        parts.append(f"{totals.uncounted:,} {'layer' if totals.uncounted == 1 else 'layers'} not counted")
    if totals.unknown_macs and with_macs:
        layers = "layer" if totals.unknown_macs == 1 else "layers"
        parts.append(f"MACs of {totals.unknown_macs:,} {layers} unknown")
    return ", ".join(parts)
