"""Every number that is shown, declared once.

Table, chart, totals, inspector, status line, working, JSON and its schema, comparison, reports and command line read
these declarations. To add a number, declare it in `QUANTITIES`: `tests/test_quantities.py` then walks it through all of
them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from cnnstudio.core.arithmetic.derivation import Working, product
from cnnstudio.core.arithmetic.field_working import FieldCase, field_workings
from cnnstudio.core.arithmetic.shape import AXIS_NAMES, output_workings
from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.counting.quantity import ALWAYS, USUAL, Kept, Line, Place, Quantity, Record, Terms
from cnnstudio.core.counting.rows import Entry, Totals
from cnnstudio.core.counting.units import (
    AXES,
    BYTES,
    FIELD_SCHEMA,
    SHAPE,
    SHAPE_SCHEMA,
    SHARE,
    along_axes,
    receptive_field_dict,
    shape_list,
    shape_text,
)
from cnnstudio.core.memory.kept import KEY as KEPT_KEY
from cnnstudio.core.memory.kept import NAME as KEPT_NAME
from cnnstudio.core.memory.kept import kept_in, kept_spread

# What is learned and stored.


def _counts_state(terms: Terms) -> bool:
    return terms.row.convention.counts_state and bool(terms.counts.state)


def _learned(terms: Terms) -> int:
    return terms.symbol("learned", terms.counts.parameters)


def _state(terms: Terms) -> int:
    return terms.symbol("state", terms.counts.state)


def _parameters(terms: Terms) -> int:
    return _learned(terms) + _state(terms) if _counts_state(terms) else terms.counts.parameters


def _trainable(terms: Terms) -> int:
    return _learned(terms) if terms.row.layer.trainable else 0


def _non_trainable(terms: Terms) -> int:
    if terms.row.layer.trainable:
        return _state(terms) if _counts_state(terms) else 0
    return _learned(terms) + _state(terms) if _counts_state(terms) else _learned(terms)


def _frozen(terms: Terms) -> str:
    return "" if terms.row.layer.trainable else "the layer is frozen"


def _no_parameters(terms: Terms) -> str:
    return terms.reasons.get("parameters", "" if terms.counts.parameters else terms.row.layer.learns_nothing)


def _owner(terms: Terms) -> str:
    return f"those of {terms.row.owner}" if terms.row.owner else ""


def _share(entry: Entry, analysis: Analysis) -> float | None:
    parameters = QUANTITY["parameters"].value(entry, analysis)
    # A network of pooling alone has no parameters at all, and each share of nothing is 0.
    return None if parameters is None else parameters / (analysis.totals.parameters or 1)


# What is computed.


def _without_macs(totals: Totals) -> int:
    return totals.uncounted + totals.unsized + totals.unknown_macs


def _without_sizes(totals: Totals) -> int:
    return totals.uncounted + totals.unsized


def _stated_macs(terms: Terms) -> str:
    # An Opaque layer may state its output and not its cost: unknown is said, because 0 would make the total look exact.
    return "not stated in the design" if terms.counts.macs is None else terms.reasons.get("macs", "")


def _flops(terms: Terms) -> int | None:
    return None if terms.counts.macs is None else 2 * terms.symbol("MACs", terms.counts.macs)


# What is held.


def _activations(terms: Terms) -> int:
    if terms.row.layer.is_view:
        return 0
    output = terms.counts.output
    steps = terms.row.step_axes if terms.row.inputs else 0
    axes = zip(AXIS_NAMES[output.rank - steps], output.spatial[steps:], strict=True)
    sizes = [terms.symbol(f"O{name}", size) for name, size in axes]
    each = product((*sizes, terms.symbol("N", output.channels)))
    return terms.symbol("steps", product(output.spatial[:steps])) * each if steps else each


def _memory_shared(terms: Terms) -> str:
    return "the memory of its input" if terms.row.layer.is_view else ""


def _activation_bytes(terms: Terms) -> int:
    return terms.symbol("activations", terms.row.activations or 0) * terms.symbol("bytes", terms.row.element_bytes)


def _parameter_bytes(terms: Terms) -> int:
    return terms.symbol("parameters", terms.row.parameters or 0) * terms.symbol("bytes", terms.row.element_bytes)


# What is seen.


def _field_workings(terms: Terms) -> Iterable[Working]:
    row, counts = terms.row, terms.counts
    sizes = tuple(() if shape is None else shape.spatial for shape in row.input_shapes)
    outputs = tuple(map(int, counts.output.spatial))
    return field_workings(FieldCase(row.input_fields, sizes, counts.reach, outputs, row.receptive_field))


_TOLD: Final[tuple[Place, ...]] = ("column", "data_totals", "data_rows", "compared_totals")
_LISTED: Final[tuple[Place, ...]] = (*USUAL, "comparison_window", "table", "summary", "compared_rows")
_MEMORY: Final = "Memory ({element_type})"

QUANTITIES: Final[tuple[Quantity, ...]] = (
    Quantity(
        key="layers",
        title="Layers",
        name="layers",
        help="layers, those of every repeat of a block",
        kept=Kept("layers", lambda _: 0),
        places=("compared_totals", "comparison_window", "inspector"),
    ),
    Quantity(
        key="output",
        title="Output shape",
        name="output",
        help="shape of the output, without the batch",
        unit=SHAPE,
        align="left",
        look_up=lambda entry, _: shape_list(entry.output_shape),
        write=shape_text,
        several=lambda terms: output_workings(terms.counts.output, terms.row.step_axes if terms.row.inputs else 0),
        group="shape",
        places=("column", "table", "summary", "worksheet", "data_rows", "compared_rows", "compared_columns"),
        record=Record("output_shape", lambda row: shape_list(row.output_shape), SHAPE_SCHEMA),
    ),
    Quantity(
        key="weights",
        title="Weights",
        name="weights",
        help="learned weights",
        rule=lambda terms: terms.counts.weights,
        kept=Kept("weights"),
        without_sizes=True,
        group="parameters",
        places=(*_LISTED, "worksheet"),
        is_minor=True,
    ),
    Quantity(
        key="biases",
        title="Biases",
        name="biases",
        help="learned biases",
        rule=lambda terms: terms.counts.biases,
        kept=Kept("biases"),
        without_sizes=True,
        group="parameters",
        places=(*_LISTED, "worksheet"),
        is_minor=True,
    ),
    Quantity(
        key="parameters",
        title="Parameters",
        name="parameters",
        help="what the chosen convention counts as parameters",
        rule=_parameters,
        kept=Kept("parameters"),
        without_sizes=True,
        reason=_no_parameters,
        group="parameters",
        symbols=(("learned", "learned parameters"), ("state", "")),
        places=(*_LISTED, "worksheet", "compared_columns", "inspector"),
        line=Line("Parameters", "{total} ({trainable} trainable, {non_trainable} non-trainable)"),
        headline="parameters",
        status=ALWAYS,
    ),
    Quantity(
        key="share",
        title="Share",
        name="share of the parameters",
        help="part of all parameters",
        unit=SHARE,
        look_up=_share,
        explained_by="parameters",
        group="parameters",
        places=("column", "table"),
    ),
    Quantity(
        key="state",
        title="State",
        name="state",
        help="stored but not learned, such as moving statistics",
        rule=lambda terms: terms.counts.state,
        kept=Kept("state"),
        without_sizes=True,
        group="parameters",
        silent_without=("state", "non_trainable"),
        places=(*_TOLD, "compared_rows", "comparison_window", "inspector"),
        line=Line("State", "{total}, stored but not learned", if_any=True),
    ),
    Quantity(
        key="trainable",
        title="Trainable",
        name="trainable parameters",
        help="parameters that training changes",
        rule=_trainable,
        kept=Kept("trainable"),
        without_sizes=True,
        reason=_frozen,
        group="parameters",
        silent_without=("state", "non_trainable"),
        places=_TOLD,
    ),
    Quantity(
        key="non_trainable",
        title="Non-trainable",
        name="non-trainable parameters",
        help="parameters that training does not change",
        rule=_non_trainable,
        kept=Kept("non_trainable"),
        without_sizes=True,
        reason=_frozen,
        group="parameters",
        silent_without=("state", "non_trainable"),
        places=_TOLD,
    ),
    Quantity(
        key="reused",
        title="Reused",
        name="reused parameters",
        help="learned parameters of another layer that a layer uses again; they count there",
        rule=lambda terms: terms.counts.reused,
        kept=Kept("reused"),
        without_sizes=True,
        reason=_owner,
        if_any=True,
        group="parameters",
        places=("column",),
        line=Line("Reused", "{total} parameters of layers whose weights others use too", if_any=True),
    ),
    Quantity(
        key="macs",
        title="MACs",
        name="MACs",
        help="multiply-accumulates of convolutions, dense and recurrent layers, for one input",
        rule=lambda terms: terms.counts.macs,
        kept=Kept("macs", _without_macs),
        reason=_stated_macs,
        group="operations",
        places=(*_LISTED, "inspector"),
        line=Line("MACs (1 input)", "{total} ({short})"),
        headline="MACs for one input",
        status=ALWAYS,
    ),
    Quantity(
        key="flops",
        title="FLOPs",
        name="FLOPs",
        help="2 × MACs, for one input",
        rule=_flops,
        kept=Kept("flops", _without_macs, "MACs"),
        reason=lambda terms: "" if terms.counts.macs is None else "two for each MAC",
        group="operations",
        symbols=(("MACs", ""),),
        places=("column", "data_totals", "compared_totals", "inspector"),
        line=Line("MACs (1 input)", "; FLOPs = 2 × MACs: {total}"),
        status=3,
    ),
    Quantity(
        key="activations",
        title="Activations",
        name="activations",
        help="elements of the output; 0 where it is the memory of the input, under another shape or name",
        rule=_activations,
        reason=_memory_shared,
        kept=Kept("activations", _without_sizes, "sizes"),
        places=("column", "chart", "data_rows", "compared_totals"),
    ),
    Quantity(
        key="activation_bytes",
        title="Activation memory",
        name="activation bytes",
        help="bytes of the output",
        unit=BYTES,
        rule=_activation_bytes,
        kept=Kept("activation_bytes", _without_sizes, "sizes"),
        symbols=(("activations", ""), ("bytes", "")),
        places=(*USUAL, "comparison_window", "inspector"),
        line=Line(_MEMORY, ", activations {total}"),
        headline="memory for activations",
        status=2,
    ),
    Quantity(
        key="parameter_bytes",
        title="Parameter memory",
        name="parameter bytes",
        help="bytes of the parameters",
        unit=BYTES,
        rule=_parameter_bytes,
        kept=Kept("parameter_bytes"),
        without_sizes=True,
        symbols=(("parameters", ""), ("bytes", "")),
        places=("column", "data_totals", "compared_totals", "comparison_window", "inspector"),
        line=Line(_MEMORY, "parameters {total}"),
        headline="memory for parameters",
        status=1,
    ),
    Quantity(
        key=KEPT_KEY,
        title="Kept for backward",
        name=KEPT_NAME,
        help="bytes that training keeps for backward, at the batch and the precision of the design: 32 and fp32 unless "
        "it says others",
        unit=BYTES,
        spread=kept_spread,
        explain=kept_in,
        symbols=(("batch", ""), ("bytes", "")),
        places=USUAL,
    ),
    Quantity(
        key="receptive_field",
        title="Receptive field",
        name="receptive field",
        help="the most input elements that an output sees",
        unit=AXES,
        look_up=along_axes("size"),
        several=_field_workings,
        group="field",
        places=("column", "table", "data_rows"),
        record=Record("receptive_field", receptive_field_dict, FIELD_SCHEMA),
    ),
    Quantity(
        key="receptive_field_smallest",
        title="Smallest field",
        name="smallest receptive field",
        help="the fewest input elements that an output sees: less than the most where layers enlarge",
        unit=AXES,
        look_up=along_axes("smallest"),
        explained_by="receptive_field",
        group="field",
        places=("column",),
    ),
    Quantity(
        key="receptive_field_stride",
        title="Field stride",
        name="stride of the field",
        help="input elements between neighbouring outputs",
        unit=AXES,
        look_up=along_axes("stride"),
        explained_by="receptive_field",
        group="field",
        places=("column",),
    ),
    Quantity(
        key="receptive_field_offset",
        title="Field offset",
        name="offset of the field",
        help="first input element that the first output sees",
        unit=AXES,
        look_up=along_axes("offset"),
        explained_by="receptive_field",
        group="field",
        places=("column",),
    ),
)
"""Every quantity, in the order in which a layer is explained and a chooser offers columns."""

QUANTITY: Final[dict[str, Quantity]] = {quantity.key: quantity for quantity in QUANTITIES}
