"""The machine-readable form: raw numbers, null for unknown, one row a layer, blocks expanded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.counting.quantity_places import placed
from cnnstudio.core.counting.rows import Row
from cnnstudio.core.counting.units import shape_list
from cnnstudio.core.counting.working import is_complete
from cnnstudio.core.network.settings import fields_set
from cnnstudio.version import __version__


def json_report(analysis: Analysis, lines: dict[str, int] | None = None) -> str:
    """The analysis as JSON; `lines` gives the file's line for a place."""
    return json_text(report_data(analysis, lines))


def json_text(data: Any) -> str:
    """Plain values as JSON that diffs well."""
    return json_bytes(data).decode()


def json_bytes(data: Any) -> bytes:
    """The same in UTF-8, as a file has it."""
    # A report on a large network has a million values: they go before the text takes as much again.
    encoded = msgspec.json.encode(data)
    del data
    return msgspec.json.format(encoded, indent=2) + b"\n"


def report_data(analysis: Analysis, lines: dict[str, int] | None = None) -> dict[str, Any]:
    """The analysis as plain values, as JSON has them. Shapes are [channels, *spatial]."""
    recorders = [quantity.recorder(analysis) for quantity in placed("data_rows")]
    return {
        "cnnstudio": __version__,
        "design": analysis.design.name,
        "convention": analysis.convention.key,
        "complete": is_complete(analysis),
        "totals": {quantity.key: quantity.total(analysis).value for quantity in placed("data_totals")},
        "rows": [_row(row, recorders) for row in analysis.rows],
        "problems": [
            {
                "severity": problem.severity,
                "path": problem.path,
                "line": (lines or {}).get(problem.path),
                "sentence": problem.sentence,
                "remedy": problem.remedy,
            }
            for problem in analysis.problems
        ],
    }


def _row(row: Row, recorders: list[tuple[str, Callable[[Row], Any]]]) -> dict[str, Any]:
    return {
        "path": row.path,
        "type": row.layer.type_name,
        "settings": fields_set(row.layer),
        "inputs": list(row.inputs),
        **({"shared_with": row.owner} if row.owner else {}),
        "input_shapes": [shape_list(shape) for shape in row.input_shapes],
        **{key: read(row) for key, read in recorders},
    }
