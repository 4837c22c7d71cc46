"""The list of the built-in designs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.counting.quantities import QUANTITY
from cnnstudio.core.network.design import Design
from cnnstudio.drawings.display_width import display_width
from cnnstudio.reports.terminal.fitting import GAP, MIN_NAME_WIDTH
from cnnstudio.reports.terminal.table import Paint, unpainted
from cnnstudio.reports.terminal.totals_text import one_line


def gallery_text(designs: Mapping[str, Design], paint: Paint = unpainted, width: int | None = None) -> str:
    """One line a design: the name to type, its parameters as it counts them, and what it is, as far as it fits."""
    rows = [("Name", "Parameters", "What it is"), *(_row(stem, design) for stem, design in designs.items())]
    widths = [max(display_width(row[i]) for row in rows) for i in (0, 1)]
    room = None if width is None else max(MIN_NAME_WIDTH, width - sum(widths) - 2 * GAP)
    rows = [(stem, parameters, note if room is None else _begun(note, room)) for stem, parameters, note in rows]
    lines = [f"{stem:{widths[0]}}  {parameters:>{widths[1]}}  {note}" for stem, parameters, note in rows]
    return "\n".join([paint("header", lines[0]), *lines[1:]]) + "\n"


def _begun(text: str, width: int) -> str:
    """The beginning of a text, `…` behind it where something is left out."""
    while display_width(text) > width:
        text = f"{text.removesuffix('…')[:-1].rstrip()}…"
    return text


def gallery_records(designs: Mapping[str, Design]) -> list[dict[str, Any]]:
    """The same for programs; null for parameters of which a part is unknown."""
    records: list[dict[str, Any]] = []
    for stem, design in designs.items():
        total = QUANTITY["parameters"].total(analyze(design))
        parameters = total.value if total.is_exact else None
        records.append({"name": stem, "title": design.name, "parameters": parameters, "note": design.note})
    return records


def _row(stem: str, design: Design) -> tuple[str, str, str]:
    quantity = QUANTITY["parameters"]
    parameters = quantity.total(analyze(design)).text(quantity.unit.full)
    note = design.note.partition("\n")[0] or design.name
    return stem, parameters, one_line(note.removesuffix(f"; {parameters} parameters"))
