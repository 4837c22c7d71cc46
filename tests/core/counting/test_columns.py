"""Columns: what is unknown in them, and what is only called so."""

from __future__ import annotations

from cnnstudio.core.arithmetic.numerals import UNKNOWN
from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.counting.columns import COLUMN, COLUMNS
from cnnstudio.core.network.design import Design
from cnnstudio.layers.convolution import Conv2D
from cnnstudio.layers.structure import Identity
from tests.networks import IMAGE


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
