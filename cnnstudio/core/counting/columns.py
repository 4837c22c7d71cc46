"""The columns that the table, the command line and every report share, so that no two of them can disagree."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Literal

from msgspec import Struct

from cnnstudio.core.arithmetic.convention import Convention
from cnnstudio.core.arithmetic.numerals import UNKNOWN, exact
from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.core.counting.lookup import input_names, is_chain
from cnnstudio.core.counting.quantities import QUANTITY
from cnnstudio.core.counting.quantity import Quantity
from cnnstudio.core.counting.quantity_places import placed
from cnnstudio.core.counting.rows import Entry, Row, unknown_text
from cnnstudio.core.counting.units import shape_list, shape_text
from cnnstudio.core.network.settings import other_settings, settings_text
from cnnstudio.core.network.sharing import shares_any
from cnnstudio.core.network.value_text import value_text

SHARED: Final = "shared"
"""The text for the parameters of what uses those of another layer."""


class Column(Struct, frozen=True):
    """One property of a row: its key, title and help, its raw value, and its text.

    `value` is what machines read: an integer, a text, a list, or None for unknown. `quantity` is the number that the
    column shows, if it shows one; `fields` names the hyperparameter that it shows and edits: a layer has one of them at
    most.
    """

    key: str
    title: str
    help: str
    align: Literal["left", "right"]
    value: Callable[[Entry, Analysis], Any]
    text: Callable[[Any, Analysis], str]
    quantity: Quantity | None = None
    fields: tuple[str, ...] = ()

    def cell(self, entry: Entry, analysis: Analysis) -> str:
        """The text of the cell of an entry: a layer's row, or a block with its sums."""
        value = self.value(entry, analysis)
        # A bare 0 would look as if it had no parameters at all.
        if self.key == "parameters" and not value and entry.owner:
            return SHARED
        return self.words(value, self.text(value, analysis), entry)

    def words(self, value: Any, text: str, *entries: Entry) -> str:
        """The text of a value of these entries; for what is unknown, whether it depends on the input size."""
        return unknown_text(*entries) if self._is_by_size and self.is_unknown(value, text) else text

    @property
    def _is_by_size(self) -> bool:
        """True if what it shows follows from sizes: counts and shapes do, what is seen of the input does not."""
        return self.summed is not None or self.key in ("output", "input")

    def is_unknown(self, value: Any, text: str) -> bool:
        """True if a value of this column is not known, and not only called so: a layer may have the name `unknown`."""
        return text == UNKNOWN and (value is None or value == [None])

    @property
    def writes_names(self) -> bool:
        """True if its texts hold names and words, which say nothing of a number."""
        return self.quantity is None and self.key not in ("output", "input")

    @property
    def summed(self) -> Quantity | None:
        """The quantity, if it adds up over layers."""
        return self.quantity if self.quantity is not None and self.quantity.adds_up else None

    def total_text(self, analysis: Analysis) -> str:
        """The text of the total, `at least` where a part of it is unknown; empty where a sum means nothing."""
        return "" if self.summed is None else self.summed.total(analysis).text(self.summed.unit.full)

    def brief_total(self, analysis: Analysis) -> str:
        """The same as a cell has room for it: `≥ 649,600` where a part is unknown."""
        return "" if self.summed is None else self.summed.total(analysis).brief(self.summed.unit.full)


def _input_shapes(entry: Entry, _analysis: Analysis) -> list[list[int] | None]:
    return [shape_list(shape) for shape in entry.input_shapes]


def _input_text(value: list[list[int] | None], analysis: Analysis) -> str:
    return ", ".join(shape_text(shape, analysis) for shape in value)


def _weight_shapes(entry: Entry, analysis: Analysis) -> list[list[int]]:
    if not isinstance(entry, Row) or entry.counts is None or len(entry.taken_shapes) != 1:
        return []
    found = entry.layer.weight_shapes(entry.taken_shapes[0], channels_last=analysis.convention.channels_last)
    return [list(sizes) for sizes in found]


def _hyperparameter(names: tuple[str, ...]) -> Callable[[Entry, Analysis], Any]:
    def value(entry: Entry, _analysis: Analysis) -> Any:
        owner = entry.item
        for name in names:
            if hasattr(owner, name):
                chosen = getattr(owner, name)
                # A pooling window steps by its own size where no stride is stated, in PyTorch as in Keras.
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


def _quantity(quantity: Quantity) -> Column:
    return Column(quantity.key, quantity.title, quantity.help, quantity.align, quantity.value, quantity.text, quantity)


COLUMNS: tuple[Column, ...] = (
    Column(
        "layer",
        "Layer",
        "name",
        "left",
        lambda entry, _: entry.item.name,
        lambda value, _: str(value),
        fields=("name",),
    ),
    Column("path", "Path", "place in the network", "left", lambda entry, _: entry.path, lambda value, _: str(value)),
    Column("type", "Type", "layer type", "left", lambda entry, _: entry.item.type_name, lambda value, _: str(value)),
    Column(
        "settings",
        "Settings",
        "what the layer is set to, in short: filters or units, kernel / stride, padding, and what is not by default",
        "left",
        lambda entry, _: settings_text(entry.item),
        lambda value, _: str(value),
    ),
    _field("filters", "Filters", "filters of a convolution, units of a dense layer", also=("units",)),
    _field("kernel_size", "Kernel", "elements the kernel or the pooling window covers", also=("pool_size",)),
    _field("stride", "Stride", "step from one window to the next"),
    _field("padding", "Padding", "elements added at the ends"),
    _field("dilation", "Dilation", "step between the elements of one window"),
    _field("groups", "Groups", "independent parts of the channels"),
    _field("bias", "Bias", "whether there are biases", "left"),
    _field("activation", "Activation", "function applied to the output", "left"),
    _field("repeat", "Repeat", "how often a block follows itself"),
    Column(
        "other_settings",
        "Other settings",
        "what shapes and counts depend on besides filters, kernel, stride and padding, where it is not by default",
        "left",
        lambda entry, _: other_settings(entry.item),
        lambda value, _: str(value),
    ),
    Column(
        "inputs",
        "Inputs",
        "names of what flows in",
        "left",
        lambda entry, _: input_names(entry),
        lambda value, _: ", ".join(value),
    ),
    Column(
        "shares",
        "Shared with",
        "the layer whose weights it uses, which count there",
        "left",
        lambda entry, _: entry.owner,
        lambda value, _: str(value),
    ),
    Column(
        "weight_shape",
        "Weight shape",
        "sizes of the weights of convolutions and dense layers, in the order of the convention",
        "left",
        _weight_shapes,
        lambda value, _: ", ".join(" × ".join(map(str, sizes)) for sizes in value),
    ),
    Column("input", "Input shape", "shape of each input, without the batch", "left", _input_shapes, _input_text),
    *map(_quantity, placed("column")),
    Column(
        "note", "Note", "remark in the design", "left", lambda entry, _: entry.item.note, lambda value, _: str(value)
    ),
)
"""Every column, in the order a chooser offers them."""

COLUMN: dict[str, Column] = {column.key: column for column in COLUMNS}
SUMMARY_COLUMNS = ("layer", "type", *(quantity.key for quantity in placed("summary")))
"""The columns that the summary shows by default."""
REPORT_COLUMNS = ("layer", "type", "settings", "inputs", "shares", "weight_shape", *SUMMARY_COLUMNS[2:])
"""The columns that a report shows by default; see `report_columns`."""


def report_columns(analysis: Analysis) -> tuple[Column, ...]:
    """The columns of a report by default: those of REPORT_COLUMNS that say anything of this design."""
    silent = {"inputs"} if is_chain(analysis.entries) else set()
    if not shares_any(analysis.design.layers):
        silent.add("shares")
    return tuple([COLUMN[key] for key in REPORT_COLUMNS if key not in silent])


def summary_columns(analysis: Analysis) -> tuple[Column, ...]:
    """The columns of the summary by default: those of SUMMARY_COLUMNS, and whose weights a layer uses if any does."""
    shared = ("shares",) if shares_any(analysis.design.layers) else ()
    return tuple([COLUMN[key] for key in (*SUMMARY_COLUMNS[:2], *shared, *SUMMARY_COLUMNS[2:])])


def counting_note(analysis: Analysis, others: tuple[Convention, ...]) -> str:
    """`25,557,032 as PyTorch counts, 25,610,152 as Keras counts the same layers`."""
    totals = [QUANTITY["parameters"].total(analyze(analysis.design, other)) for other in others]
    counts = [f"{total.text(exact)} as {other.title} counts" for total, other in zip(totals, others, strict=True)]
    return ", ".join(counts) + (" the same layers" if len(counts) > 1 else "")
