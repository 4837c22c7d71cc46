"""Columns: what is unknown in them, and what is only called so."""

from __future__ import annotations

import pytest

from cnnstudio.core.arithmetic.numerals import UNKNOWN
from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.counting.columns import COLUMN, COLUMNS
from cnnstudio.core.counting.lookup import input_names, walk_entries
from cnnstudio.core.network.design import Block, Design
from cnnstudio.layers.convolution import Conv2D
from cnnstudio.layers.merge import Add
from cnnstudio.layers.structure import Identity
from tests.networks import IMAGE, conv, design_of


def test_unknown_is_a_value_and_not_a_name() -> None:
    named = Identity(name=UNKNOWN, inputs=(IMAGE.name,))
    wrong = Conv2D(name="wrong", filters=2, kernel_size=9_999, inputs=(UNKNOWN,))
    counted = analyze(Design(layers=(IMAGE, named, wrong)))
    _, _, lost = counted.rows
    texts = {column.key: column.cell(lost, counted) for column in COLUMNS}
    assert (texts["parameters"], texts["output"], texts["inputs"]) == (UNKNOWN, UNKNOWN, UNKNOWN)
    for column in COLUMNS:
        value, text = column.value(lost, counted), texts[column.key]
        is_unknown = text == UNKNOWN and column.key != "inputs"
        assert column.is_unknown(value, text) == is_unknown, column.key
        assert not (is_unknown and column.writes_names), column.key
    assert COLUMN["layer"].writes_names
    assert COLUMN["inputs"].writes_names


@pytest.mark.parametrize("name", ["res/conv", "res\\", "res[2]"])
def test_inputs_are_named_as_the_layers_are_called(name: str) -> None:
    block = Block(name="block/1", repeat=2, layers=(conv("inside"), Add(name="add", inputs=("inside", "input"))))
    analysis = analyze(design_of(conv(name), block, conv("last")))
    taken = {entry.item.name: input_names(entry) for entry in walk_entries(analysis.entries)}
    assert taken[name] == ["image"]
    assert taken["block/1"] == [name]
    assert taken["last"] == ["block/1"]
    first = next(entry for entry in walk_entries(analysis.entries) if entry.item.name == "add")
    assert input_names(first) == ["inside", f"input ({name})"]
