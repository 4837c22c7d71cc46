"""A network as a value: what it costs, why, and what it becomes by edits."""

from __future__ import annotations

import os
import sys
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

from msgspec import structs

from cnnstudio.core import edits
from cnnstudio.core.arithmetic.convention import CONVENTIONS
from cnnstudio.core.arithmetic.numerals import number_of
from cnnstudio.core.budgets.checking import counted
from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.counting.columns import COLUMN, Column, summary_columns
from cnnstudio.core.counting.lookup import find_entries
from cnnstudio.core.counting.rows import Entry
from cnnstudio.core.network.design import Design, ItemPath, path_from, path_text, walk
from cnnstudio.core.network.field_check import convert_value
from cnnstudio.core.network.fields import fields_of
from cnnstudio.core.network.memory_setting import Setting
from cnnstudio.core.network.problem import Problem, did_you_mean, require_known
from cnnstudio.drawings.colours import LIGHT_PAGE
from cnnstudio.drawings.diagram import diagram_drawing
from cnnstudio.drawings.diagram.svg import svg_of
from cnnstudio.exports.target import Weights
from cnnstudio.formats import write_file
from cnnstudio.formats.design_file import DesignFile
from cnnstudio.formats.import_report import ImportReport
from cnnstudio.formats.saving.output import file_path
from cnnstudio.installation import how_to_add
from cnnstudio.interface.exporting import deliver, options_for, require_alone, target_of
from cnnstudio.interface.memory import Memory, memory_of
from cnnstudio.interface.text import Text
from cnnstudio.layers.families import FAMILY_TITLES
from cnnstudio.layers.structure import Input
from cnnstudio.reports.content.explanation import explain_text
from cnnstudio.reports.content.report import ReportRequest
from cnnstudio.reports.terminal.table import table_lines
from cnnstudio.reports.terminal.totals_text import summary_text
from cnnstudio.verification import DEFAULT_LIMIT, FRAMEWORKS, Verdict, verify


class Network:
    """A design and its counts. It never changes: `with_` makes another one.

    >>> from cnnstudio import load
    >>> net = load("alexnet")
    >>> net.parameters
    62378344
    >>> net.with_("Conv-1", filters=64).parameters
    62161896
    """

    def __init__(self, design: Design, report: ImportReport | None = None, source: Path | None = None) -> None:
        self.design = design
        self.report = report
        self._source = source

    @classmethod
    def of_file(cls, file: DesignFile, name: str = "", source: Path | None = None) -> Network:
        """The network in a file that was read, under another name if one is given; `source` is kept from exports."""
        return cls(structs.replace(file.design, name=name) if name else file.design, file.report, source)

    @cached_property
    def analysis(self) -> Analysis:
        """Every layer counted, by the convention of the design, and held against its budgets."""
        return counted(self.design)

    @property
    def name(self) -> str:
        """The name of the design."""
        return self.design.name

    @property
    def parameters(self) -> int | None:
        """All parameters, as the convention of the design counts them; None if a part of them is unknown."""
        return self._total("parameters")

    @property
    def macs(self) -> int | None:
        """The multiply-accumulate operations of one pass; None if a part of them is unknown."""
        return self._total("macs")

    def _total(self, key: str) -> int | None:
        quantity = COLUMN[key].quantity
        assert quantity is not None
        total = quantity.total(self.analysis)
        return int(total.value) if total.is_exact and total.value is not None else None

    def __repr__(self) -> str:
        counts = {name: self._total(name) for name in ("parameters", "macs")}
        words = ", ".join(f"{name} {'unknown' if count is None else f'{count:,}'}" for name, count in counts.items())
        return f"<Network {self.name!r}: {number_of(self.analysis.totals.layers, 'layer')}, {words}>"

    def summary(
        self,
        columns: str | None = None,
        *,
        expand: bool = False,
        depth: int | None = None,
        convention: str | None = None,
    ) -> Text:
        """The layer table, as `cnnstudio summary` prints it.

        `columns` are keys such as "layer,output,parameters"; `expand` lists every repeat, `depth` opens blocks so deep;
        `convention` counts by another than the design's. Raises ValueError for what there is not.
        """
        analysis = (
            self.analysis if convention is None else counted(self.design, _named(CONVENTIONS, convention, "convention"))
        )
        chosen = summary_columns(analysis) if columns is None else _columns(columns)
        return Text(summary_text(analysis, chosen, expand=expand, depth=depth))

    def explain(self, layer: str | None = None) -> Text:
        """The working of every number of a layer, by its name or path, or of the totals.

        Raises KeyError for a layer that there is not, or for a name that several have.
        """
        return Text(explain_text(None if layer is None else self._entry(layer), self.analysis))

    def check(self) -> tuple[Problem, ...]:
        """The problems of the design, broken budgets among them; none if there are none."""
        return self.analysis.problems

    def rows(self, columns: str | None = None, *, expand: bool = True) -> list[dict[str, Any]]:
        """One dictionary a layer, with every column or those named; None for what is unknown.

        Unless `expand`, a block is a row of its own, with the sums of what follows it. Raises ValueError for a column
        that there is not, and for more layers than are listed.
        """
        chosen = tuple(COLUMN.values()) if columns is None else _columns(columns)
        entries = (line.entry for line in table_lines(self.analysis, expand=expand))
        return [{column.key: column.value(entry, self.analysis) for column in chosen} for entry in entries]

    def to_frame(self, columns: str | None = None, *, expand: bool = True) -> Any:
        """The rows as a pandas.DataFrame. Raises ModuleNotFoundError where pandas is not installed."""
        try:
            pandas = import_module("pandas")
        except ModuleNotFoundError:
            raise ModuleNotFoundError(f"to_frame needs pandas, or take rows(); {how_to_add('pandas')}") from None
        return pandas.DataFrame(self.rows(columns, expand=expand))

    def memory(self, batch: int | None = None, **choices: Any) -> Memory:
        """The bytes that PyTorch holds, for `batch`, `optimizer`, `precision`, `mode`, `fused` and `gpu`.

        What is not said is as the design keeps it, or as usual: 32 examples, Adam, fp32, training. Raises ValueError
        for a choice that there is not.
        """
        given = choices if batch is None else {"batch": batch, **choices}
        declared = {field.name: field for field in fields_of(Setting)}
        made = {name: convert_value(_named(declared, name, "choice"), value) for name, value in given.items()}
        return memory_of(self.analysis, structs.replace(self.design.memory or Setting(), **made))

    def export(
        self,
        to: str | None = None,
        path: str | os.PathLike[str] | None = None,
        *,
        flat: bool = False,
        class_name: str = "",
        weights: Weights = "none",
    ) -> Text | bytes:
        """The design as code or a file of a framework: pytorch, keras, keras-json or onnx.

        With a `path` it is written there as well, whose suffix says the target if `to` does not. Raises ExportError
        with all that the target cannot say exactly, ValueError for choices that mean nothing to it and for a path that
        is the design's own, and OSError for a file that cannot be written.
        """
        place = None if path is None else file_path(path)
        target = target_of(to, place)
        exported = target.write(self.analysis, options_for(target, flat, class_name, weights))
        if place is None:
            require_alone(exported, "give a `path`")
        else:
            deliver(exported, place, self._source)
        if target.is_text:
            return Text(exported.text)
        return exported.content if place is None else exported.content_of(place.name)

    def verify(self, framework: str, python: str = sys.executable, limit: float = DEFAULT_LIMIT) -> Verdict:
        """Runs the export in an interpreter that has the framework: pytorch, keras or onnxruntime; compares every row.

        Raises ExportError for what cannot be exported, and VerifyError where the framework cannot run.
        """
        _named(FRAMEWORKS, framework, "framework")
        return verify(self.analysis, framework, python, limit)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Saves the design as a design file. Raises OSError, with the old file whole, if it cannot be written."""
        write_file(file_path(path), self.design)

    def with_(self, layer: str | None = None, **fields: Any) -> Network:
        """The network with other fields of a layer or a block, or of the design itself where none is named.

        Raises KeyError for a layer that there is not, and EditError for a field that refuses its value.
        """
        design = self.design
        place = None if layer is None else self._place(layer)
        for name, value in fields.items():
            made = (
                edits.set_design(design, name, value)
                if place is None
                else edits.set_field(design, [place], name, value)
            )
            design = made.design
            place = (*place[:-1], str(value)) if place is not None and name == "name" else place
        return Network(design, self.report, self._source)

    def with_input_size(self, size: tuple[int, ...]) -> Network:
        """The network on an input of this size, channels first and without the batch: (3, 224, 224).

        Raises ValueError unless it has one input, with as many axes, and EditError for a size that cannot be.
        """
        inputs = [(path, item) for path, item in walk(self.design.layers) if isinstance(item, Input)]
        if len(inputs) != 1:
            raise ValueError(f"{self.name} has {len(inputs)} inputs; give each its size by with_(layer, size=...).")
        ((path, item),) = inputs
        axes = 1 + len(item.size if isinstance(item.size, tuple) else (item.size,))
        if len(size) != axes:
            raise ValueError(f"{path_text(path)} takes {axes} sizes, channels first, and received {size!r}.")
        return self.with_(path_text(path), channels=size[0], size=list(size[1:]))

    def _place(self, wanted: str) -> ItemPath:
        return path_from(self._entry(wanted).place)

    def _entry(self, wanted: str) -> Entry:
        found, names = find_entries(self.analysis, wanted)
        if not found:
            raise KeyError(f"there is no layer '{wanted}'.{did_you_mean(wanted, names)}")
        if len({entry.place for entry in found}) > 1:
            paths = ", ".join(entry.path for entry in found[:5])
            raise KeyError(f"'{wanted}' is the name of {len(found)} layers; give a path, such as one of {paths}.")
        return found[0]

    def _repr_html_(self) -> str:
        """The table of the reports, in the colours of the notebook, light or dark."""
        from cnnstudio.reports.forms.web_page import table_html

        return table_html(ReportRequest(analysis=self.analysis, columns=summary_columns(self.analysis)))

    def _repr_svg_(self) -> str:
        """The network drawn as boxes."""
        return self.diagram()

    def diagram(self, style: str = "boxes") -> Text:
        """The network drawn as SVG: boxes, or volumes. Raises ValueError for another style."""
        from cnnstudio.drawings.diagram import STYLES

        chosen = _named({name: name for name in STYLES}, style, "style")
        drawing = diagram_drawing(
            self.analysis,
            LIGHT_PAGE,
            style=chosen,
            direction=None,
            folded=(),
            channels_last=self.analysis.convention.channels_last,
            labels=None,
            legend=FAMILY_TITLES,
        )
        return Text(svg_of(drawing, self.name))


def _columns(text: str) -> tuple[Column, ...]:
    return tuple(_named(COLUMN, key.strip(), "column") for key in text.split(","))


def _named(table: Any, name: str, what: str) -> Any:
    """The entry of a table; ValueError with what there is for a name that there is not."""
    return table[require_known(name, table, what)]
