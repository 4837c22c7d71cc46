"""The summary, and the problems, as text."""

from __future__ import annotations

from typing import Final

from msgspec import structs

from cnnstudio.core.arithmetic.convention import CAFFE, KERAS, PYTORCH
from cnnstudio.core.arithmetic.measure import Measure
from cnnstudio.core.arithmetic.numerals import exact
from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.core.counting.columns import Column, counting_note
from cnnstudio.core.counting.quantities import QUANTITY
from cnnstudio.core.counting.quantity import Quantity
from cnnstudio.core.counting.quantity_places import IN_LINES
from cnnstudio.core.counting.rows import BlockRow
from cnnstudio.core.counting.working import incomplete_text
from cnnstudio.core.edits.fields import with_items
from cnnstudio.core.network.design import walk
from cnnstudio.core.network.problem import Problem
from cnnstudio.drawings.display_width import CONTROL
from cnnstudio.layers.dense import FLATTENS
from cnnstudio.reports.terminal.fitting import WHOLE, Room, TextTable, left_out_line
from cnnstudio.reports.terminal.table import (
    Paint,
    markdown_table,
    markdown_text,
    plain_table,
    table_lines,
    text_rows,
    total_cells,
    unpainted,
)

Columns = tuple[Column, ...]


_SPARED: Final = ("biases", "weights", "settings", "output", "type", "macs")
"""The columns without which a narrow summary does, the first one first."""


def summary_text(
    analysis: Analysis,
    columns: Columns,
    *,
    expand: bool,
    paint: Paint = unpainted,
    depth: int | None = None,
    room: Room = WHOLE,
) -> str:
    """The table and the totals, as people know them from Keras and torchinfo; `depth` levels of blocks are opened."""
    lines_shown = table_lines(analysis, expand=expand, depth=depth)
    styles = ["block" if isinstance(line.entry, BlockRow) else "row" for line in lines_shown]
    names = [place for place, column in enumerate(columns) if column.writes_names]
    parts = TextTable(*_parts(analysis, columns, expand=expand, depth=depth), names)
    keys = [column.key for column in columns]
    table, left_out = parts.fitted(room.width, [keys.index(key) for key in _SPARED if key in keys] * room.spares)
    text = plain_table(table.header, table.rows, table.total, table.aligns, styles, paint, table.names)
    title = paint("title", one_line(analysis.design.name))
    notes = [*totals_lines(analysis), *reading_lines(analysis, columns, expand=expand)]
    lines = [title, "", *text, *left_out_line(left_out), "", *notes]
    return "\n".join(lines) + "\n"


def summary_markdown(analysis: Analysis, columns: Columns, *, expand: bool, depth: int | None = None) -> str:
    """The table and the totals as Markdown."""
    table = markdown_table(*_parts(analysis, columns, expand=expand, depth=depth))
    notes = [*totals_lines(analysis), *reading_lines(analysis, columns, expand=expand)]
    title = f"## {markdown_text(one_line(analysis.design.name))}"
    return "\n".join([title, "", *table, "", *(f"- {markdown_text(line)}" for line in notes)]) + "\n"


def one_line(text: str) -> str:
    """A text from a design without what would break its line or act on a terminal."""
    return CONTROL.sub(" ", text)


def _parts(
    analysis: Analysis, columns: Columns, *, expand: bool, depth: int | None
) -> tuple[list[str], list[list[str]], list[str], list[str]]:
    header = [column.title for column in columns]
    aligns = [str(column.align) for column in columns]
    return header, text_rows(analysis, columns, expand=expand, depth=depth), total_cells(analysis, columns), aligns


def totals_lines(analysis: Analysis) -> list[str]:
    """Parameters by every convention, operations, memory, and what is not known."""
    agree = "PyTorch, Keras and Caffe agree on this count"
    lines = [f"{name}: {text}" for name, text in totals_facts(analysis)]
    return [f"{agree}." if line.endswith(agree) else line for line in lines]


def totals_facts(analysis: Analysis) -> list[tuple[str, str]]:
    """The same as names and texts."""
    facts: dict[str, str] = {}
    for quantity in IN_LINES:
        total = quantity.total(analysis)
        if quantity.line is None or (quantity.line.if_any and not total.value):
            continue
        title = quantity.line.title.format(element_type=analysis.design.element_type)
        facts[title] = facts.get(title, "") + quantity.line.words.format_map(_Said(quantity, total, analysis))
        if quantity.key == "parameters":
            facts["By framework"] = _elsewhere(analysis)
    missing = incomplete_text(analysis)
    return [*facts.items(), ("Incomplete", f"{missing}.")] if missing else list(facts.items())


class _Said(dict[str, str]):
    """The fields that the words of a line can use: its own total, the same in short, and the bare number of any
    quantity.
    """

    def __init__(self, quantity: Quantity, total: Measure, analysis: Analysis) -> None:
        super().__init__(total=total.text(quantity.unit.full), short=quantity.unit.short(total.value))
        self._analysis = analysis

    def __missing__(self, key: str) -> str:
        return QUANTITY[key].unit.full(QUANTITY[key].total(self._analysis).value)


def _elsewhere(analysis: Analysis) -> str:
    """The number of parameters by each framework's counting; Caffe apart where its rounding of pools changes them."""
    if any(problem.rule == FLATTENS for problem in (*analysis.problems, *analysis.accepted)):
        return _where_dense_layers_flatten(analysis)
    pytorch, keras, caffe = (analyze(analysis.design, convention).totals for convention in (PYTORCH, KERAS, CAFFE))
    if pytorch.parameters == keras.parameters == caffe.parameters:
        return "PyTorch, Keras and Caffe agree on this count"
    note = counting_note(analysis, (PYTORCH, KERAS))
    if pytorch.parameters == caffe.parameters:
        return note
    note = f"{note}, {exact(caffe.parameters)} as Caffe counts"
    if (keras.weights, keras.biases) != (caffe.weights, caffe.biases):
        return f"{note}, which rounds pools up by another rule"
    return f"{note}; in PyTorch recurrent layers have two biases for each gate"


def _where_dense_layers_flatten(analysis: Analysis) -> str:
    """The frameworks that count dense layers on a map otherwise: only Caffe flattens what flows in."""
    places = {problem.path for problem in (*analysis.problems, *analysis.accepted) if problem.rule == FLATTENS}
    # In Keras all dense layers, also those after these, which then receive a map too.
    dense = {path: item for path, item in walk(analysis.design.layers) if getattr(item, "apply_to", "") == "all"}
    pointwise = {path: structs.replace(item, apply_to="channels") for path, item in dense.items()}
    keras = QUANTITY["parameters"].total(analyze(with_items(analysis.design, pointwise), KERAS)).text(exact)
    layers, them = ("the dense layer", "it") if len(places) == 1 else (f"{len(places):,} dense layers", "them")
    return (
        f"Caffe flattens the map before {layers}, as counted here; Keras applies {them} at each position, {keras} in "
        f"all; PyTorch refuses {them}"
    )


def reading_lines(analysis: Analysis, columns: Columns, *, expand: bool) -> list[str]:
    """Lines on reading the table: the convention, the order of shapes, and what the line of a block says."""
    lines = [analysis.convention.sentence]
    if any(column.key in ("input", "output") for column in columns):
        lines.append(f"Shapes are {analysis.convention.shape_order}, without the batch.")
    if not expand and any(isinstance(entry, BlockRow) for entry in analysis.entries):
        lines.append("The line of a block sums up all its repeats; the lines below it are its first pass.")
    return lines


def problem_line(problem: Problem, source: str, line: int | None) -> str:
    """`file:12: error: Conv-2: sentence remedy`."""
    place = f"{source}:{line}" if line else source
    return one_line(f"{place}: {problem.severity}: {problem}")
