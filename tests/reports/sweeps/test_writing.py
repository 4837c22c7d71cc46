"""The rows of a sweep as files."""

from __future__ import annotations

import csv
import io
import json

import pytest
from msgspec import structs

from cnnstudio.authoring.retyping import change_type
from cnnstudio.core.budgets.condition import condition_from
from cnnstudio.core.counting.quantities import QUANTITY
from cnnstudio.core.sweeps.axis import parse_axis
from cnnstudio.core.sweeps.conditions import Aim
from cnnstudio.core.sweeps.running import chunks
from cnnstudio.core.sweeps.space import Space
from cnnstudio.core.sweeps.table import Table
from cnnstudio.reports.sweeps.records import Listing, best_of
from cnnstudio.reports.sweeps.writing import WRITERS, csv_bytes, json_bytes
from tests.designs.builtin import load

AIMS = (Aim(QUANTITY["macs"]), Aim(QUANTITY["parameters"]))


def listing(*texts: str, where: str = "") -> Listing:
    """The rows of a sweep of LeNet-5."""
    design = load("lenet-5-modern")
    axes = tuple(parse_axis(design, text, change_type) for text in texts)
    conditions = (condition_from(where),) if where else ()
    space = Space(design, axes, change_type, conditions=conditions)
    table = Table()
    for chunk in chunks(space):
        table.add(chunk)
    return Listing(space, table, AIMS, best_of(table, AIMS))


SAMPLE = ("conv1.filters=*1,*0.75,6", "conv2.kernel_size=5,99")


def test_csv_has_a_line_a_variant_and_leaves_unknown_cells_empty() -> None:
    lines = list(csv.DictReader(io.StringIO(csv_bytes(listing(*SAMPLE)).decode())))
    assert [line["variant"] for line in lines] == ["1", "2", "3", "4", "5", "6"]
    assert [line["conv1.filters"] for line in lines] == ["*1", "*1", "*0.75", "*0.75", "6", "6"]
    first, faulty, refused = lines[0], lines[1], lines[2]
    assert (first["parameters"], first["macs"], first["best"]) == ("61706", "416520", "yes")
    assert (faulty["parameters"], faulty["macs"], faulty["errors"], faulty["best"]) == ("", "", "1", "no")
    assert faulty["problems"].startswith("conv2: a 99 × 99 kernel does not fit its 14 × 14 input.")
    assert (refused["layers"], refused["output"], refused["errors"]) == ("", "", "1")
    assert refused["problems"] == "conv1: Filters must be a whole number, and 6 *0.75 is 4.5."


def test_json_has_numbers_and_null_for_unknown() -> None:
    data = json.loads(json_bytes(listing(*SAMPLE)))
    assert data["varied"] == ["conv1.filters", "conv2.kernel_size"]
    first, faulty = data["variants"][0], data["variants"][1]
    assert first["values"] == {"conv1.filters": "*1", "conv2.kernel_size": 5}
    assert first["totals"]["parameters"] == 61_706
    assert first["output"] == [10]
    assert faulty["totals"]["parameters"] is None
    assert [problem["severity"] for problem in faulty["problems"]] == ["error"]


def test_memory_has_columns_where_it_is_asked_for() -> None:
    plain = listing("conv1.filters=6,*0.3")
    asked = structs.replace(plain.space, has_memory=True)
    table = Table()
    for chunk in chunks(asked):
        table.add(chunk)
    header = Listing(asked, table).header
    assert [key for key in header if key not in Listing(plain.space, table).header] == [
        *("kept_bytes", "peak_low", "peak_high")
    ]
    first, refused = json.loads(json_bytes(Listing(asked, table)))["variants"]
    assert 0 < first["totals"]["kept_bytes"] < first["totals"]["peak_low"] <= first["totals"]["peak_high"]
    assert [refused["totals"][key] for key in ("kept_bytes", "peak_low", "peak_high")] == [None] * 3


def test_rows_that_surely_break_a_condition_are_left_out() -> None:
    data = json.loads(json_bytes(listing(*SAMPLE, where="parameters > 1M")))
    assert [(row["variant"], row["meets"]) for row in data["variants"]] == [(2, None), (3, None), (4, None), (6, None)]
    assert data["conditions"] == ["parameters > 1M"]


def test_numbers_beyond_64_bits_stay_whole() -> None:
    huge = listing(*(f"fc{number}.units=1000000000" for number in (1, 2, 3)), "conv2.filters=1000000000")
    (record,) = json.loads(json_bytes(huge))["variants"]
    assert record["totals"]["parameter_bytes"] > 2**64
    assert str(record["totals"]["parameter_bytes"]) in csv_bytes(huge).decode()


def test_parquet_has_the_same_values() -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed: pip install pyarrow")
    sample = listing(*SAMPLE)
    table = parquet.read_table(io.BytesIO(WRITERS[".parquet"](sample)))
    assert table.column_names == sample.header
    rows = [list(row.values()) for row in table.to_pylist()]
    expected = [sample.values(row) for row in sample]
    at = sample.header.index("conv1.filters")
    for row in expected:
        # Numbers and factors in one column: all of them are texts.
        row[at] = str(row[at])
    assert rows == expected
