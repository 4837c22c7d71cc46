"""The request for a report on one design: its parts, the columns of its table, and how it is laid out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final, Literal

from msgspec import Struct

from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.counting.columns import COLUMN, COLUMNS, SUMMARY_COLUMNS, Column
from cnnstudio.core.counting.lookup import is_chain
from cnnstudio.core.counting.quantities import QUANTITY
from cnnstudio.core.counting.rows import Entry, Row
from cnnstudio.drawings.diagram import Style
from cnnstudio.reports.content.manuscript import Page
from cnnstudio.reports.terminal.table import table_lines

PartKey = Literal["note", "totals", "kinds", "stages", "table", "chart", "memory", "diagram", "problems"]
PARTS: Final[dict[PartKey, str]] = {
    "note": "Note",
    "totals": "Totals",
    "kinds": "Layers by kind",
    "stages": "Stages",
    "table": "Layers",
    "chart": "Chart",
    "memory": "Memory and budgets",
    "diagram": "Diagram",
    "problems": "Problems",
}
"""The parts that a report may have beside its title and the working, in order, with their titles."""
USUAL_PARTS: Final[tuple[PartKey, ...]] = ("note", "totals", "table", "chart", "problems")
WORKSHEET_COLUMNS: Final = (
    *("layer", "type", "inputs", "filters", "kernel_size", "stride", "padding"),
    "other_settings",
)
"""The columns that a worksheet gives unless others are chosen: with them every other one can be worked out."""
GIVABLE: Final = tuple(column.key for column in COLUMNS if column.quantity is None and column.key != "weight_shape")
"""The columns that a worksheet may give: what is set, and not what follows from it."""

MAX_ROOM: Final = 200
"""Lines to work on, below a worksheet."""
USUAL_ROOM: Final = 8


class Worksheet(Struct, frozen=True):
    """The columns, by their keys, that are left blank for students; with answers it is the key, and shows them.

    `has_formulas` says that the sheet gives the formulas, and `room` how many lines there are to work on.
    """

    blank: tuple[str, ...]
    has_answers: bool = False
    has_formulas: bool = True
    room: int = USUAL_ROOM


class ReportRequest(Struct, frozen=True, kw_only=True):
    """One report. `title` is the design's name unless said, `lines` gives the file's line for the place of an item.

    `working` has the layers and blocks whose working is shown, None among them for the whole network. `metric` is
    what the chart shows, a key of `bar_chart.METRICS`, and `diagram` how the network is drawn. A `date` is printed
    only if it is given, so that the same design gives the same bytes.
    """

    analysis: Analysis
    title: str = ""
    columns: tuple[Column, ...] = tuple(COLUMN[key] for key in SUMMARY_COLUMNS)
    parts: tuple[PartKey, ...] = USUAL_PARTS
    expand: bool = False
    depth: int | None = None
    working: tuple[Entry | None, ...] = ()
    metric: str = "parameters"
    is_log: bool = False
    diagram: Style = "boxes"
    date: date | None = None
    worksheet: Worksheet | None = None
    lines: dict[str, int] = {}
    page: Page = Page()


def all_working(analysis: Analysis, *, expand: bool = False, depth: int | None = None) -> tuple[Entry | None, ...]:
    """The network and every layer of the table, for `ReportRequest.working`; of a repeated block the first pass.

    Of blocks that a `depth` leaves closed it is the sum.
    """
    return (None, *_layers(analysis, expand=expand, depth=depth))


def worksheet_columns(
    analysis: Analysis, blank: tuple[str, ...], given: tuple[str, ...] = WORKSHEET_COLUMNS
) -> tuple[Column, ...]:
    """The columns of a worksheet: what is given of the layers, and then what is to be filled in.

    Of the usual ones those are left out in which nothing would stand: inputs of a chain, or settings that nobody has.
    """
    chosen = [key for key in given if key not in blank]
    if given == WORKSHEET_COLUMNS:
        chosen = [key for key in chosen if _is_telling(COLUMN[key], analysis)]
    return (*(COLUMN[key] for key in chosen), *(column for column in COLUMNS if column.key in blank))


def _is_telling(column: Column, analysis: Analysis) -> bool:
    if column.key == "inputs":
        return not is_chain(analysis.entries)
    return any(column.cell(line.entry, analysis) for line in table_lines(analysis, expand=False))


def answer_working(analysis: Analysis, blank: tuple[str, ...], *, expand: bool = False) -> tuple[Entry | None, ...]:
    """The layers whose working belongs into the key of a worksheet: none if no blank column has a working."""
    return (
        tuple(_layers(analysis, expand=expand))
        if any(QUANTITY[key].has_working for key in blank if key in QUANTITY)
        else ()
    )


def _layers(analysis: Analysis, *, expand: bool, depth: int | None = None) -> Iterator[Entry]:
    for line in table_lines(analysis, expand=expand, depth=depth):
        if isinstance(line.entry, Row) or line.depth == depth:
            yield line.entry
