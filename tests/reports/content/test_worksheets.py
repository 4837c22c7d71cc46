"""Worksheets can be solved: a network built from nothing but what a sheet shows comes to the numbers of its key."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest

from cnnstudio.core.arithmetic.convention import CONVENTIONS
from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.core.network.design import Block, Design, Item
from cnnstudio.core.network.field_text import parse_field
from cnnstudio.core.network.fields import Field, fields_of
from cnnstudio.formats.builtin import builtin_paths
from cnnstudio.layers import LAYER_TYPES
from cnnstudio.reports.content.composition import compose
from cnnstudio.reports.content.manuscript import Facts, Table, TableLine
from cnnstudio.reports.content.report import ReportRequest, Worksheet
from cnnstudio.reports.form_table import FORMS
from tests.networks import builtin
from tests.reports.samples import worksheet

BLANK = ("output", "weights", "biases", "parameters", "state", "trainable", "macs", "activations", "receptive_field")
BY_COLUMN = {"filters": ("filters", "units"), "kernel_size": ("kernel_size", "pool_size")}
Line = dict[str, str]


def read_table(analysis: Analysis, *, has_answers: bool) -> tuple[list[str], list[TableLine]]:
    """The columns and lines of a sheet or its key."""
    (table,) = worksheet(analysis, *BLANK, has_answers=has_answers).parts(Table)
    return [field.key for field in table.fields], list(table.lines)


def solved(analysis: Analysis) -> Analysis:
    """The network that somebody counts who has nothing but the sheet."""
    keys, lines = read_table(analysis, has_answers=False)
    items, rest = items_of(
        [(line, dict(zip(keys, [cell.text for cell in line.cells], strict=True))) for line in lines], 0
    )
    assert not rest
    design = Design(name=analysis.design.name, layers=items, convention=analysis.design.convention)
    return analyze(design, CONVENTIONS[analysis.convention.key])


def items_of(lines: list[tuple[TableLine, Line]], depth: int) -> tuple[tuple[Item, ...], list[tuple[TableLine, Line]]]:
    """The items of a list, and the lines below it."""
    items: list[Item] = []
    while lines and lines[0][0].depth == depth:
        (line, cells), *lines = lines
        if line.kind != "block":
            items.append(layer_of(cells, {item.name for item in items}))
            continue
        name, _, times = cells["layer"].partition(" × ")
        inside, lines = items_of(lines, depth + 1)
        items.append(Block(name=name, repeat=int(times or 1), layers=inside, inputs=inputs_of(cells)))
    return tuple(items), lines


def inputs_of(cells: Line) -> tuple[str, ...]:
    """The names in the column of inputs, if there is one: `input (maxpool)` is the block's."""
    return tuple(re.sub(r"^input \(.*\)$", "input", name) for name in filter(None, cells.get("inputs", "").split(", ")))


def layer_of(cells: Line, _known: set[str]) -> Item:
    """The layer that a line describes."""
    layer_type = LAYER_TYPES[cells["type"]]
    fields = {field.name: field for field in fields_of(layer_type)}
    values: dict[str, Any] = {"name": cells["layer"], "inputs": inputs_of(cells)}
    for column in ("filters", "kernel_size", "stride", "padding"):
        name = next((name for name in BY_COLUMN.get(column, (column,)) if name in fields), "")
        if name and cells.get(column):
            values[name] = parse_field(fields[name], cells[column])
    values |= others_of(fields, cells.get("other_settings", ""))
    if "function" in fields:
        values["function"] = "linear"
    return msgspec.convert(msgspec.to_builtins(values), layer_type)


def others_of(fields: dict[str, Field], text: str) -> dict[str, Any]:
    """The values in the column of other settings."""
    words = {field.words: field for field in fields.values()}
    starts = "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
    found: dict[str, Any] = {}
    for part in re.split(rf", (?=(?:no )?(?:{starts})\b|frozen$)", text) if text else []:
        if part == "frozen":
            found["trainable"] = False
            continue
        match = re.fullmatch(rf"(no )?({starts})(?: (.*))?", part)
        assert match is not None, part
        field = words[match[2]]
        if match[3] is None:
            found[field.name] = not match[1]
        elif field.kind == "table":
            found[field.name] = [[int(number) for number in row.split(":")] for row in match[3].split(", ")]
        else:
            found[field.name] = parse_field(field, match[3])
    return found


@pytest.mark.parametrize("name", list(builtin_paths()))
def test_every_design_is_solved_from_what_its_sheet_shows(name: str) -> None:
    analysis = builtin(name)
    keys, key_lines = read_table(analysis, has_answers=True)
    _, solved_lines = read_table(solved(analysis), has_answers=True)
    blank = [keys.index(key) for key in BLANK]
    assert [[line.cells[at].text for at in blank] for line in solved_lines] == [
        [line.cells[at].text for at in blank] for line in key_lines
    ]


def test_a_sheet_tells_no_answer() -> None:
    keys, lines = read_table(builtin("resnet-18"), has_answers=False)
    for line in lines:
        assert {line.cells[keys.index(key)].text for key in BLANK} == {""}


@pytest.mark.parametrize(
    ("name", "layers", "formula"),
    [
        ("lenet-5", "Conv2D", "(K_h · K_w · C + 1) · N"),
        ("lenet-5", "Conv2D (C3)", "K_h · K_w · L + N"),
        ("alexnet-grouped", "Conv2D (conv2, conv4, conv5)", "(K_h · K_w · (C / G) + 1) · N"),
        ("alexnet-grouped", "Dense (fc7, fc8)", "(F₋₁ + 1) · F"),
    ],
)
def test_a_sheet_gives_each_layer_the_formula_that_holds_for_it(name: str, layers: str, formula: str) -> None:
    pairs = given_formulas(name)
    assert pairs[layers].endswith(f"parameters = {formula}")


def test_a_sheet_says_what_its_symbols_mean() -> None:
    said = given_formulas("alexnet-grouped")["Symbols"]
    assert {"K_h, K_w: kernel size", "G: groups", "P_s: pool size", "F₋₁: units of the layer before"} <= {
        *said.split("; ")
    }


def given_formulas(name: str) -> dict[str, str]:
    """The formulas of a sheet, by the layers that they are for."""
    sheet = Worksheet(("output", "parameters"))
    manuscript = compose(ReportRequest(analysis=builtin(name), worksheet=sheet))
    return dict([*manuscript.parts(Facts)][2].pairs)


def test_formulas_of_a_sheet_are_set_as_formulas() -> None:
    sheet = Worksheet(("output", "parameters"))
    manuscript = compose(ReportRequest(analysis=builtin("lenet-5"), worksheet=sheet))
    page, latex = (FORMS[form].render(manuscript).decode() for form in ("html", "tex"))
    assert '<span class="fraction"><span><i>I</i><sub><i>h</i></sub> − ' in page
    assert r"$O_{h} = \left\lfloor \frac{I_{h} - K_{h} + 2 \cdot P_{h}}{S_{h}} \right\rfloor + 1$" in latex
    assert "K_h" not in page
    assert latex.count("O_h") == 0


def test_a_symbol_of_a_sheet_with_two_meanings_says_where() -> None:
    said = given_formulas("lenet-5")["Symbols"].split("; ")
    assert {"N: output channels", "N: channels of the map that was flattened (of a Dense)"} <= {*said}
