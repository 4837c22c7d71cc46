"""JSON and CSV: the same numbers as the analysis has, in the form that is written down."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from hypothesis import given

from cnnstudio.core.arithmetic.convention import CONVENTIONS
from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.core.counting.columns import COLUMN, COLUMNS
from cnnstudio.core.counting.quantities import QUANTITY
from cnnstudio.core.counting.quantity_places import placed
from cnnstudio.core.counting.working import is_complete
from cnnstudio.core.network.design import Design
from cnnstudio.formats.builtin import open_design
from cnnstudio.formats.design_yaml import parse_design
from cnnstudio.reports.data.json_data import json_report
from cnnstudio.reports.terminal.table import delimited_table
from cnnstudio.version import __version__
from tests.strategies import designs

DESIGNS = ("alexnet", "lenet-5", "resnet-50", "mobilenet-v2", "densenet-121", "u-net")
TOTALS = [quantity.key for quantity in placed("data_totals")]
ROW_COUNTS = [quantity.key for quantity in placed("data_rows") if quantity.adds_up]
SUMMED = ("weights", "biases", "parameters", "state", "trainable", "non_trainable", "macs", "activation_bytes")


def analysis_of(name: str, convention: str = "pytorch") -> Analysis:
    """The analysis of a built-in design."""
    return analyze(open_design(name).design, CONVENTIONS[convention])


def report_of(analysis: Analysis) -> dict[str, Any]:
    """Its JSON, read back."""
    report: dict[str, Any] = json.loads(json_report(analysis))
    return report


# JSON, as DESIGN says: the keys, their order, and what stands behind them


def test_json_of_one_convolution_to_the_letter() -> None:
    text = "cnnstudio: 1\nname: One\nlayers:\n- {type: Input, name: image, size: [227, 227], channels: 3}\n"
    text += "- {type: Conv2D, name: Conv-1, filters: 96, kernel_size: 11, stride: 4}\n"
    text += "- {type: Conv1D, filters: 1, kernel_size: 1}\n"
    file = parse_design(text)
    report = json.loads(json_report(analyze(file.design), file.lines))
    unknown = dict.fromkeys(ROW_COUNTS)
    assert report == {
        "cnnstudio": __version__,
        "design": "One",
        "convention": "pytorch",
        "complete": False,
        "totals": {
            "parameters": 34944,
            "weights": 34848,
            "biases": 96,
            "state": 0,
            "trainable": 34944,
            "non_trainable": 0,
            "macs": 105415200,
            "flops": 210830400,
            "activation_bytes": 1779948,
            "parameter_bytes": 139776,
            "kept_bytes": 0,
        },
        "rows": [
            {
                "path": "image",
                "type": "Input",
                "settings": {"size": [227, 227], "channels": 3},
                "inputs": [],
                "input_shapes": [],
                "output_shape": [3, 227, 227],
                **dict.fromkeys(ROW_COUNTS, 0),
                "activations": 154587,
                "activation_bytes": 618348,
                "receptive_field": {"size": [1, 1], "stride": [1, 1], "offset": [0, 0]},
            },
            {
                "path": "Conv-1",
                "type": "Conv2D",
                "settings": {"filters": 96, "kernel_size": 11, "stride": 4},
                "inputs": ["image"],
                "input_shapes": [[3, 227, 227]],
                "output_shape": [96, 55, 55],
                "weights": 34848,
                "biases": 96,
                "parameters": 34944,
                "state": 0,
                "trainable": 34944,
                "non_trainable": 0,
                "macs": 105415200,
                "activations": 290400,
                "activation_bytes": 1161600,
                "kept_bytes": 0,
                "receptive_field": {"size": [11, 11], "stride": [4, 4], "offset": [0, 0]},
            },
            {
                "path": "conv1d_1",
                "type": "Conv1D",
                "settings": {"filters": 1, "kernel_size": 1},
                "inputs": ["Conv-1"],
                "input_shapes": [[96, 55, 55]],
                "output_shape": None,
                **unknown,
                "receptive_field": None,
            },
        ],
        "problems": [
            {
                "severity": "error",
                "path": "conv1d_1",
                "line": 6,
                "sentence": "Conv1D needs a map with 1 spatial axis and receives a map of 96 channels, 55 × 55.",
                "remedy": "Use the Conv2D form, or a Reshape before it.",
            }
        ],
    }
    assert list(report["totals"]) == TOTALS


@pytest.mark.parametrize("convention", CONVENTIONS)
@pytest.mark.parametrize("name", DESIGNS)
def test_rows_of_json_add_up_to_its_totals(name: str, convention: str) -> None:
    report = report_of(analysis_of(name, convention))
    assert report["complete"]
    for key in SUMMED:
        assert sum(row[key] for row in report["rows"]) == report["totals"][key]
    assert report["totals"]["flops"] == 2 * report["totals"]["macs"]
    assert report["totals"]["parameter_bytes"] == 4 * report["totals"]["parameters"]


@given(designs())
def test_json_says_what_the_analysis_says(design: Design) -> None:
    analysis = analyze(design)
    report = report_of(analysis)
    assert report["complete"] == is_complete(analysis)
    assert report["totals"] == {key: QUANTITY[key].known(analysis) for key in TOTALS}
    for row, found in zip(analysis.rows, report["rows"], strict=True):
        values = {key: QUANTITY[key].reader(analysis)(row) for key in ROW_COUNTS}
        assert {key: found[key] for key in ROW_COUNTS} == values
        assert found["inputs"] == list(row.inputs)
        assert found["output_shape"] == (row.output_shape.to_list() if row.output_shape else None)
    assert [problem["path"] for problem in report["problems"]] == [problem.path for problem in analysis.problems]


@given(designs())
def test_every_input_of_json_is_the_path_of_an_earlier_row(design: Design) -> None:
    known: set[str] = set()
    for row in report_of(analyze(design))["rows"]:
        assert set(row["inputs"]) <= known
        known.add(row["path"])


def test_shapes_of_json_do_not_depend_on_the_convention() -> None:
    rows = [[row["output_shape"] for row in report_of(analysis_of("alexnet", key))["rows"]] for key in CONVENTIONS]
    assert rows[0] == rows[1] == rows[2]
    assert rows[0][1] == [96, 55, 55]


# CSV


def csv_of(analysis: Analysis, *keys: str) -> list[dict[str, str]]:
    """The rows of CSV with every repeat, by their keys."""
    text = delimited_table(analysis, tuple(COLUMN[key] for key in keys), expand=True)
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


@pytest.mark.parametrize("name", DESIGNS)
def test_columns_of_csv_add_up_to_the_totals(name: str) -> None:
    analysis = analysis_of(name)
    rows = csv_of(analysis, "layer", *SUMMED)
    assert {key: sum(int(row[key]) for row in rows) for key in SUMMED} == {
        key: getattr(analysis.totals, key) for key in SUMMED
    }


def test_every_column_of_csv_has_its_key_and_a_value_for_every_row() -> None:
    analysis = analysis_of("resnet-18")
    rows = csv_of(analysis, *COLUMN)
    assert [row["layer"] for row in rows] == [row.path for row in analysis.rows]
    assert list(rows[0]) == [column.key for column in COLUMNS]
    assert sum(float(row["share"]) for row in rows) == pytest.approx(1)
    assert (rows[1]["kernel_size"], rows[1]["bias"], rows[1]["output"]) == ("7", "no", "[64, 112, 112]")


def test_unknown_cells_of_csv_are_empty() -> None:
    file = parse_design("cnnstudio: 1\nlayers:\n- {type: Dense, units: 3}\n")
    assert csv_of(analyze(file.design), "layer", "output", "parameters", "macs", "share") == [
        {"layer": "dense_1", "output": "", "parameters": "", "macs": "", "share": ""}
    ]


def test_tab_separated_has_the_same_cells() -> None:
    analysis = analysis_of("alexnet")
    columns = (COLUMN["layer"], COLUMN["parameters"])
    commas, tabs = (delimited_table(analysis, columns, expand=True, delimiter=sign) for sign in ",\t")
    assert tabs == commas.replace(",", "\t")
