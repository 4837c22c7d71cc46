"""The machine-readable form: raw numbers, null for unknown, one row a layer, blocks expanded."""

from __future__ import annotations

from typing import Any

import msgspec

from cnnstudio import __version__
from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.counting.columns import receptive_field_dict, shape_list
from cnnstudio.core.counting.rows import Row

TOTALS = (
    "parameters",
    "weights",
    "biases",
    "state",
    "trainable",
    "non_trainable",
    "macs",
    "flops",
    "activation_bytes",
    "parameter_bytes",
)
ROW_COUNTS = (
    "weights",
    "biases",
    "parameters",
    "state",
    "trainable",
    "non_trainable",
    "macs",
    "activations",
    "activation_bytes",
)


def json_report(analysis: Analysis, lines: dict[str, int] | None = None) -> str:
    """The analysis as JSON; `lines` gives the file's line for a place."""
    return json_text(report_data(analysis, lines))


def json_text(data: Any) -> str:
    """Plain values as JSON that diffs well."""
    return msgspec.json.format(msgspec.json.encode(data), indent=2).decode() + "\n"


def report_data(analysis: Analysis, lines: dict[str, int] | None = None) -> dict[str, Any]:
    """The analysis as plain values, as JSON has them. Shapes are [channels, *spatial]."""
    return {
        "cnnstudio": __version__,
        "design": analysis.design.name,
        "convention": analysis.convention.key,
        "complete": analysis.is_complete,
        "totals": {key: getattr(analysis.totals, key) for key in TOTALS},
        "rows": [_row(row) for row in analysis.rows],
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


def _row(row: Row) -> dict[str, Any]:
    return {
        "path": row.path,
        "type": row.layer.type_name,
        "inputs": list(row.inputs),
        "input_shapes": [shape_list(shape) for shape in row.input_shapes],
        "output_shape": shape_list(row.output_shape),
        **{key: getattr(row, key) for key in ROW_COUNTS},
        "receptive_field": receptive_field_dict(row),
    }
