"""The list of the built-in designs."""

from __future__ import annotations

from collections.abc import Mapping

from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.counting.quantities import QUANTITY
from cnnstudio.core.network.design import Design
from cnnstudio.drawings.display_width import display_width
from cnnstudio.reports.terminal.table import Paint, unpainted
from cnnstudio.reports.terminal.totals_text import one_line


def gallery_text(designs: Mapping[str, Design], paint: Paint = unpainted) -> str:
    """One line a design: the name to type, its parameters as it counts them, and what it is."""
    rows = [("Name", "Parameters", "What it is"), *(_row(stem, design) for stem, design in designs.items())]
    widths = [max(display_width(row[i]) for row in rows) for i in (0, 1)]
    lines = [f"{stem:{widths[0]}}  {parameters:>{widths[1]}}  {note}" for stem, parameters, note in rows]
    return "\n".join([paint("header", lines[0]), *lines[1:]]) + "\n"


def _row(stem: str, design: Design) -> tuple[str, str, str]:
    quantity = QUANTITY["parameters"]
    parameters = quantity.total(analyze(design)).text(quantity.unit.full)
    note = design.note.partition("\n")[0] or design.name
    return stem, parameters, one_line(note.removesuffix(f"; {parameters} parameters"))
