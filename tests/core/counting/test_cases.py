"""Small designs that people once had counted wrongly: the first comment of each file says what is right."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.core.counting.rows import Row
from cnnstudio.formats.design_yaml import read_design
from cnnstudio.layers.reshaping import Flatten, Reshape
from cnnstudio.layers.structure import Identity, Output
from tests.places import CASES

EXPECTED = re.compile(r"# expected: totals=(?P<totals>.+?) rows=(?P<rows>.+)")


def expectations(path: Path) -> tuple[dict[str, int], dict[str, dict[str, Any]]] | None:
    """The totals and the rows that the first comment of a file states; None where it states none."""
    found = EXPECTED.fullmatch(path.read_text(encoding="utf-8").partition("\n")[0])
    if found is None:
        return None
    return ast.literal_eval(found["totals"]) or {}, ast.literal_eval(found["rows"]) or {}


STATED = [path for path in sorted(CASES.glob("*.yaml")) if any(expectations(path) or ())]
UNSAID = {
    "05-one-conv-two-inputs": "no field says that two layers are one and the same",
    "15b-zero-pad-channels": "ZeroPad has no field for channels",
    "31b-caffe-pool-default": "a design means the same under all conventions: what Caffe does is told, see below",
    "61-one-learned-factor": "Scale has a factor a channel",
}
"""Cases that a design cannot state, or not in this way, and why."""


def analyzed(stem: str) -> Analysis:
    """The analysis of a case."""
    return analyze(read_design(CASES / f"{stem}.yaml").design)


@pytest.mark.parametrize("stem", [path.stem for path in STATED if path.stem not in UNSAID])
def test_a_case_is_counted_as_its_comment_says(stem: str) -> None:
    expected = expectations(CASES / f"{stem}.yaml")
    assert expected is not None
    analysis = analyzed(stem)
    totals, rows = expected
    assert {key: getattr(analysis.totals, key) for key in totals} == totals
    for name, values in rows.items():
        row = next(row for row in analysis.rows if row.layer.name == name)
        assert {key: value_of(row, key) for key in values} == values, name


def value_of(row: Row, key: str) -> Any:
    """A value of a row by the short name that the comments use."""
    field = row.receptive_field
    match key:
        case "out":
            return None if row.output_shape is None else row.output_shape.to_list()
        case "rf":
            return None if field is None else list(field.size)
        case "rf_offset":
            return None if field is None else list(field.offset)
        case _:
            return getattr(row, key)


@pytest.mark.parametrize(
    ("stem", "warned"),
    [
        ("62-bias-used-beside-norm", []),
        ("62-pre-activation-bias", ["b/c1"]),
        ("62h-pre-activation-bias-flat", ["c1"]),
        ("63-two-images-of-unlike-size", []),
        ("63b-two-images-equal", []),
        ("63c-image-and-depth-lowres", []),
    ],
)
def test_only_what_is_so_is_warned_of(stem: str, warned: list[str]) -> None:
    assert [problem.path for problem in analyzed(stem).problems] == warned


def test_a_name_that_is_a_number_is_text() -> None:
    design = read_design(CASES / "110-name-is-a-number.yaml").design
    assert (design.name, design.layers[0].name) == ("763", "0")


def test_a_view_takes_no_memory_of_its_own() -> None:
    marked = analyzed("output-activations")
    without = analyze(structs.replace(marked.design, layers=marked.design.layers[:-1]))
    assert marked.totals.activation_bytes == without.totals.activation_bytes
    assert (marked.rows[-1].activations, marked.rows[-1].activation_bytes) == (0, 0)
    views = (Identity(name="i"), Reshape(name="r", channels=-1, size=(2,)), Flatten(name="f"), Output(name="o"))
    longer = analyze(structs.replace(without.design, layers=(*without.design.layers, *views)))
    assert longer.totals.activations == without.totals.activations
    assert [row.activations for row in longer.rows[-4:]] == [0, 0, 0, 0]
