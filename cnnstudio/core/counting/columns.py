"""The columns that the table, the command line and every report share, so that no two of them can disagree."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from msgspec import Struct

from cnnstudio.core.arithmetic.convention import Convention
from cnnstudio.core.arithmetic.numerals import UNKNOWN, exact, share, size_bytes
from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.counting.rows import BlockRow, Entry, Row, Totals
from cnnstudio.core.network.value_text import value_text


class Column(Struct, frozen=True):
    """One quantity of a row: its key, title and help, its raw value, and its text.

    `value` is what machines read: an integer, a text, a list, or None for unknown. `total` sums it up, where that
    means something. `fields` names the hyperparameter that the column shows and edits: a layer has one of them at most.
    """

    key: str
    title: str
    help: str
    align: Literal["left", "right"]
    value: Callable[[Entry, Analysis], Any]
    text: Callable[[Any, Analysis], str]
    total: Callable[[Totals], int] | None = None
    fields: tuple[str, ...] = ()

    def cell(self, entry: Entry, analysis: Analysis) -> str:
        """The text of the cell of an entry: a layer's row, or a block with its sums."""
        return self.text(self.value(entry, analysis), analysis)

    def total_text(self, analysis: Analysis) -> str:
        """The text of the total, `at least` where a part of it is unknown; empty where a sum means nothing."""
        if self.total is None:
            return ""
        text = self.text(self.total(analysis.totals), analysis)
        return text if self.is_total_known(analysis) else f"at least {text}"

    def is_total_known(self, analysis: Analysis) -> bool:
        """True if every layer is in the total."""
        totals = analysis.totals
        unknown_macs = totals.unknown_macs if self.key in ("macs", "flops") else 0
        return not (totals.uncounted or unknown_macs)


def name_of(entry: Entry) -> str:
    """The name of a row's layer or block."""
    return entry.block.name if isinstance(entry, BlockRow) else entry.layer.name


def type_of(entry: Entry) -> str:
    """The type of a row's layer, `Block` for a block."""
    return "Block" if isinstance(entry, BlockRow) else entry.layer.type_name


def _quantity(key: str) -> Callable[[Entry, Analysis], int | None]:
    def value(entry: Entry, _analysis: Analysis) -> int | None:
        if isinstance(entry, Row):
            number: int | None = getattr(entry, key)
            return number
        if entry.totals.uncounted or (key in ("macs", "flops") and entry.totals.unknown_macs):
            return None
        total: int = getattr(entry.totals, key)
        return total

    return value


def _count(key: str, title: str, help_text: str) -> Column:
    def total(totals: Totals) -> int:
        value: int = getattr(totals, key)
        return value

    return Column(key, title, help_text, "right", _quantity(key), lambda value, _: exact(value), total)


def _bytes(key: str, title: str, help_text: str) -> Column:
    def total(totals: Totals) -> int:
        value: int = getattr(totals, key)
        return value

    return Column(key, title, help_text, "right", _quantity(key), lambda value, _: size_bytes(value), total)


def shape_list(shape: Shape | None) -> list[int] | None:
    """[channels, *spatial], None for an unknown shape."""
    return None if shape is None else shape.to_list()


def _shape_text(value: list[int] | None, analysis: Analysis) -> str:
    if value is None:
        return UNKNOWN
    return analysis.convention.shape_text(Shape(value[0], tuple(value[1:])))


def _input_shapes(entry: Entry, _analysis: Analysis) -> list[list[int] | None]:
    return [shape_list(shape) for shape in entry.input_shapes]


def _input_text(value: list[list[int] | None], analysis: Analysis) -> str:
    return ", ".join(_shape_text(shape, analysis) for shape in value)


def _share_value(entry: Entry, analysis: Analysis) -> float | None:
    parameters = _quantity("parameters")(entry, analysis)
    return None if parameters is None else parameters / (analysis.totals.parameters or 1)


def _hyperparameter(names: tuple[str, ...]) -> Callable[[Entry, Analysis], Any]:
    def value(entry: Entry, _analysis: Analysis) -> Any:
        owner = entry.block if isinstance(entry, BlockRow) else entry.layer
        for name in names:
            if hasattr(owner, name):
                chosen = getattr(owner, name)
                if chosen is None and name == "stride":
                    return getattr(owner, "pool_size", None)
                return chosen
        return None

    return value


def _field(
    key: str, title: str, help_text: str, align: Literal["left", "right"] = "right", also: tuple[str, ...] = ()
) -> Column:
    """The column of a field; `also` names what is the same to other layer types."""
    fields = (key, *also)
    return Column(
        key, title, help_text, align, _hyperparameter(fields), lambda value, _: value_text(value), fields=fields
    )


def receptive_field_dict(entry: Entry) -> dict[str, list[Any]] | None:
    """Size, stride and offset along each axis, None if unknown."""
    field = entry.receptive_field
    if field is None:
        return None
    return {"size": list(field.size), "stride": list(field.stride), "offset": list(field.offset)}


def _field_part(part: str) -> Callable[[Entry, Analysis], list[Any] | None]:
    def value(entry: Entry, _analysis: Analysis) -> list[Any] | None:
        field = receptive_field_dict(entry)
        return None if field is None else field[part]

    return value


def _axes_text(value: list[Any] | None, _analysis: Analysis) -> str:
    if value is None:
        return UNKNOWN
    return " × ".join("–" if size is None else f"{size:g}" for size in value)


COLUMNS: tuple[Column, ...] = (
    Column(
        "layer", "Layer", "name", "left", lambda entry, _: name_of(entry), lambda value, _: str(value), fields=("name",)
    ),
    Column("path", "Path", "place in the network", "left", lambda entry, _: entry.path, lambda value, _: str(value)),
    Column("type", "Type", "layer type", "left", lambda entry, _: type_of(entry), lambda value, _: str(value)),
    _field("filters", "Filters", "filters of a convolution, units of a dense layer", also=("units",)),
    _field("kernel_size", "Kernel", "elements the kernel or the pooling window covers", also=("pool_size",)),
    _field("stride", "Stride", "step from one window to the next"),
    _field("padding", "Padding", "elements added at the ends"),
    _field("dilation", "Dilation", "step between the elements of one window"),
    _field("groups", "Groups", "independent parts of the channels"),
    _field("bias", "Bias", "whether there are biases", "left"),
    _field("activation", "Activation", "function applied to the output", "left"),
    _field("repeat", "Repeat", "how often a block follows itself"),
    Column("input", "Input shape", "shape of each input, without the batch", "left", _input_shapes, _input_text),
    Column(
        "output",
        "Output shape",
        "shape of the output, without the batch",
        "left",
        lambda entry, _: shape_list(entry.output_shape),
        _shape_text,
    ),
    _count("weights", "Weights", "learned weights"),
    _count("biases", "Biases", "learned biases"),
    _count("parameters", "Parameters", "what the chosen convention counts as parameters"),
    Column(
        "share",
        "Share",
        "part of all parameters",
        "right",
        _share_value,
        lambda value, _: UNKNOWN if value is None else share(round(value * 10**9), 10**9),
    ),
    _count("state", "State", "stored but not learned: moving statistics"),
    _count("trainable", "Trainable", "parameters that training changes"),
    _count("non_trainable", "Non-trainable", "parameters that training does not change"),
    _count("macs", "MACs", "multiply-accumulates of convolutions and dense layers, for one input"),
    _count("flops", "FLOPs", "2 × MACs, for one input"),
    _count("activations", "Activations", "elements of the output"),
    _bytes("activation_bytes", "Activation memory", "bytes of the output"),
    _bytes("parameter_bytes", "Parameter memory", "bytes of the parameters"),
    Column(
        "receptive_field", "Receptive field", "input elements an output sees", "right", _field_part("size"), _axes_text
    ),
    Column(
        "receptive_field_stride",
        "Field stride",
        "input elements between neighbouring outputs",
        "right",
        _field_part("stride"),
        _axes_text,
    ),
    Column(
        "receptive_field_offset",
        "Field offset",
        "first input element that the first output sees",
        "right",
        _field_part("offset"),
        _axes_text,
    ),
    Column(
        "note", "Note", "remark in the design", "left", lambda entry, _: _note_of(entry), lambda value, _: str(value)
    ),
)
"""Every column, in the order a chooser offers them."""

COLUMN: dict[str, Column] = {column.key: column for column in COLUMNS}
SUMMARY_COLUMNS = ("layer", "type", "output", "weights", "biases", "parameters", "macs")
"""The columns that the summary shows by default."""


def _note_of(entry: Entry) -> str:
    return entry.block.note if isinstance(entry, BlockRow) else entry.layer.note


def counting_note(analysis: Analysis, others: tuple[Convention, ...]) -> str:
    """`25,557,032 as PyTorch counts, 25,610,152 as Keras counts the same layers`."""
    totals = analysis.totals
    least = "at least " if totals.uncounted else ""
    counts = [f"{least}{exact(totals.parameters_as(other))} as {other.title} counts" for other in others]
    return ", ".join(counts) + (" the same layers" if len(counts) > 1 else "")
