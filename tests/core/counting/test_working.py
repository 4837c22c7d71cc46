"""The working of every number of every layer type: printed, read back, computed, and equal to the number."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from cnnstudio.core.arithmetic.convention import CONVENTIONS, KERAS, Convention
from cnnstudio.core.arithmetic.derivation import Working, formula, latex_substitution, substitution
from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.counting.quantities import QUANTITIES, QUANTITY
from cnnstudio.core.counting.rows import BlockRow, Row
from cnnstudio.core.counting.working import (
    block_working,
    incomplete_text,
    total_working,
    working_of,
    workings,
)
from cnnstudio.core.network.design import Block, Design
from cnnstudio.core.network.layer import NUMBERS, SYMBOLS, Layer
from cnnstudio.layers import LAYER_TYPES
from cnnstudio.layers.convolution import Conv1D, Conv2D
from cnnstudio.layers.dense import Dense
from cnnstudio.layers.merge import Add
from cnnstudio.layers.normalization import BatchNorm
from cnnstudio.layers.pooling import GlobalAvgPool
from cnnstudio.layers.regularization import Dropout
from cnnstudio.layers.reshaping import Flatten
from cnnstudio.layers.structure import Input, Opaque
from cnnstudio.layers.transposed import ConvTranspose1D
from tests.core.counting.printed import symbols_of, value_of_latex, value_of_text
from tests.examples import share
from tests.networks import IMAGE
from tests.strategies import counted_layers, designs

SUMMED = ("weights", "biases", "parameters", "state", "trainable", "non_trainable", "macs", "flops")


def row_of(layer: Layer, shapes: tuple[Shape, ...], convention: Convention) -> Row:
    """The row of a layer behind inputs of these shapes."""
    inputs = [Input(name=f"in {i}", size=shape.spatial, channels=shape.channels) for i, shape in enumerate(shapes)]
    tested = structs.replace(layer, name="tested", inputs=tuple(source.name for source in inputs))
    return analyze(Design(layers=(*inputs, tested)), convention).rows[-1]


def is_what_it_prints(working: Working) -> bool:
    """True if formula, substitution and LaTeX of a working all come to its value."""
    number = working.number
    if number is None:
        return working.text().startswith(f"{working.name} = unknown")
    filled_in = value_of_text(formula(number), symbols_of(number))
    return filled_in == value_of_text(substitution(number)) == value_of_latex(latex_substitution(number)) == int(number)


def numbers_by_hand(row: Row, key: str) -> list[Fraction | int | None]:
    """The numbers of the row itself for the quantity of a working."""
    if key == "output":
        assert row.output_shape is not None
        return [*row.output_shape.spatial, row.output_shape.channels]
    if not key.startswith("receptive_field"):
        return [QUANTITY[key].of_row(row)]
    field = row.receptive_field
    if field is None:
        return [None]
    # Of a field that covers the whole of its input there is no more to explain than its size.
    followed = [each for each in field.each if key == "receptive_field" or not each.whole]
    axes = [axis for each in followed for axis in each.axes]
    if key == "receptive_field_stride":
        return [Fraction(axis.stride, axis.unit) for axis in axes if axis.stride]
    if key == "receptive_field_smallest":
        return [axis.size - axis.shrinks for axis in axes if axis.shrinks]
    return [axis.offset if key == "receptive_field_offset" else axis.size for axis in axes]


def value_in_whole_elements(working: Working) -> Fraction | None:
    """The value of a working, also where it counts in parts of an input element."""
    parts = re.search(r"in 1/(\d+) of an input element", working.reason)
    return None if working.value is None else Fraction(working.value, int(parts[1]) if parts else 1)


def check_row(row: Row) -> None:
    """Every working of the row is what it prints, and is the row's number."""
    found: dict[str, list[Fraction | None]] = {}
    for working in workings(row):
        assert is_what_it_prints(working), working.text()
        found.setdefault(working.key, []).append(value_in_whole_elements(working))
    assert found == {key: numbers_by_hand(row, key) for key in found}
    vector = row.receptive_field is not None and not row.receptive_field.axes
    explained = {quantity.key for quantity in QUANTITIES if quantity.has_working and quantity.spread is None}
    assert explained - set(found) <= ({"receptive_field"} if vector else set())


@pytest.mark.parametrize("name", [name for name in LAYER_TYPES if name != "FurtherOutput"])
@given(data=st.data())
@share(1 / 4)
def test_every_number_of_a_layer_is_what_its_working_prints(name: str, data: st.DataObject) -> None:
    layer, shapes = data.draw(counted_layers(LAYER_TYPES[name]))
    check_row(row_of(layer, shapes, data.draw(st.sampled_from(list(CONVENTIONS.values())))))


@given(designs(counted=True))
def test_every_number_of_a_design_is_what_its_working_prints(design: Design) -> None:
    for row in analyze(design).rows:
        check_row(row)


def test_the_field_of_a_map_that_was_made_a_vector_is_explained_by_the_outputs_it_had() -> None:
    """The second output of the transposed convolution, which no element reaches, is not there."""
    image, enlarged = (
        Input(name="image", size=1, channels=1),
        ConvTranspose1D(name="up", filters=1, kernel_size=1, stride=2),
    )
    for row in analyze(Design(layers=(image, enlarged, Flatten(name="flat"), Dropout(name="drop")))).rows:
        check_row(row)


def test_the_fields_of_a_vector_that_sees_everything_and_of_a_map_are_explained_together() -> None:
    image, other = Input(name="image", size=3, channels=1), Input(name="other", size=4, channels=1)
    joined = Add(name="sum", inputs=("pool", "conv"))
    layers = (image, GlobalAvgPool(name="pool"), other, Conv1D(name="conv", filters=1, kernel_size=2), joined)
    for row in analyze(Design(layers=layers)).rows:
        check_row(row)


@pytest.mark.parametrize("name", [name for name in LAYER_TYPES if name != "FurtherOutput"])
@given(data=st.data())
@share(1 / 4)
def test_symbols_count_what_numbers_count(name: str, data: st.DataObject) -> None:
    layer, shapes = data.draw(counted_layers(LAYER_TYPES[name]))
    for rounding in NUMBERS:
        numbers = layer.count(shapes, NUMBERS[rounding])
        assert layer.count(shapes, SYMBOLS[rounding]) == numbers
        values = [*numbers.output.to_list(), numbers.weights, numbers.biases, numbers.parameters, numbers.macs]
        assert {type(value) for value in values} <= {int, type(None)}


@given(designs())
def test_totals_come_together_from_the_rows(design: Design) -> None:
    analysis = analyze(design)
    for key in SUMMED:
        working = total_working(analysis, key)
        assert working.value == getattr(analysis.totals, key)
        unknown_macs = analysis.totals.unknown_macs if key in ("macs", "flops") else 0
        assert bool(working.reason) == bool(analysis.totals.uncounted or unknown_macs)


@given(designs())
def test_the_sum_of_a_block_comes_together_from_its_passes(design: Design) -> None:
    analysis = analyze(design)
    for entry in analysis.entries:
        if isinstance(entry, BlockRow):
            assert [block_working(entry, key, analysis).value for key in SUMMED] == [
                getattr(entry.totals, key) for key in SUMMED
            ]


CONV = Conv2D(name="conv", filters=4, kernel_size=3)


def test_the_working_of_a_convolution_in_words() -> None:
    row = analyze(Design(layers=(IMAGE, CONV))).rows[-1]
    assert [working.text() for working in workings(row)] == [
        "output height = floor((I_h − K_h + 2 · P_h) / S_h) + 1 = floor((8 − 3 + 2 × 0) / 1) + 1 = 6",
        "output width = floor((I_w − K_w + 2 · P_w) / S_w) + 1 = floor((8 − 3 + 2 × 0) / 1) + 1 = 6",
        "output channels = N = 4",
        "weights = K_h · K_w · C · N = 3 × 3 × 3 × 4 = 108",
        "biases = N = 4",
        "parameters = (K_h · K_w · C + 1) · N = (3 × 3 × 3 + 1) × 4 = 112",
        "state = 0",
        "trainable parameters = learned = 112",
        "non-trainable parameters = 0",
        "reused parameters = 0",
        "MACs = W · O_h · O_w = 108 × 6 × 6 = 3,888",
        "FLOPs = 2 · MACs = 2 × 3,888 = 7,776  (two for each MAC)",
        "activations = O_h · O_w · N = 6 × 6 × 4 = 144",
        "activation bytes = activations · bytes = 144 × 4 = 576",
        "parameter bytes = parameters · bytes = 112 × 4 = 448",
        "receptive field, height = r_in + (K − 1) · j_in = 1 + (3 − 1) × 1 = 3",
        "stride of the field, height = j_in · S = 1 × 1 = 1",
        "offset of the field, height = o_in − P · j_in = 0 − 0 × 1 = 0",
        "receptive field, width = r_in + (K − 1) · j_in = 1 + (3 − 1) × 1 = 3",
        "stride of the field, width = j_in · S = 1 × 1 = 1",
        "offset of the field, width = o_in − P · j_in = 0 − 0 × 1 = 0",
    ]


def test_keras_counts_the_state_and_says_so() -> None:
    row = analyze(Design(layers=(IMAGE, BatchNorm(name="norm"))), KERAS).rows[-1]
    assert [working.text() for working in working_of(row, "parameters")] == [
        "parameters = learned + state = 6 + 6 = 12",
    ]
    assert working_of(row, "non_trainable")[0].text() == "non-trainable parameters = state = 6"


def test_a_frozen_layer_says_so() -> None:
    row = analyze(Design(layers=(IMAGE, structs.replace(CONV, trainable=False)))).rows[-1]
    assert working_of(row, "trainable")[0].text() == "trainable parameters = 0  (the layer is frozen)"
    assert working_of(row, "non_trainable")[0].text() == (
        "non-trainable parameters = learned = 112  (the layer is frozen)"
    )


def test_a_layer_that_cannot_be_computed_has_one_working() -> None:
    row = analyze(Design(layers=(IMAGE, structs.replace(CONV, kernel_size=9)))).rows[-1]
    assert [working.text() for working in workings(row)] == ["output = unknown  (the layer cannot be computed)"]
    assert [working.text() for working in working_of(row, "macs")] == ["MACs = unknown"]


def test_a_total_is_the_sum_of_named_layers() -> None:
    design = Design(layers=(IMAGE, Block(name="twice", repeat=2, layers=(CONV,)), Dense(name="fc", units=2)))
    analysis = analyze(design)
    assert total_working(analysis, "biases").text() == "total biases = twice + fc = 8 + 2 = 10"
    block = analysis.entries[1]
    assert isinstance(block, BlockRow)
    assert block_working(block, "biases", analysis).text() == "biases = conv + conv = 4 + 4 = 8  (2 repeats)"


def test_equal_passes_are_one_term_with_a_factor() -> None:
    same = structs.replace(CONV, filters=3, padding="same")
    analysis = analyze(Design(layers=(IMAGE, Block(name="stage", repeat=9, layers=(same,)))))
    block = analysis.entries[1]
    assert isinstance(block, BlockRow)
    assert block_working(block, "biases", analysis).text() == "biases = repeats · conv = 9 × 3 = 27  (9 repeats)"


def test_what_is_missing_in_a_total_is_said() -> None:
    unknown = Opaque(name="attention", size=(8, 8), channels=4, parameters=5)
    broken = structs.replace(CONV, name="broken", kernel_size=99)
    analysis = analyze(Design(layers=(IMAGE, unknown, broken, Dense(name="fc", units=2))))
    assert incomplete_text(analysis) == "2 layers not counted, MACs of 1 layer unknown"
    assert total_working(analysis, "macs").reason == "at least: 2 layers not counted, MACs of 1 layer unknown"
    assert incomplete_text(analyze(Design(layers=(IMAGE, CONV)))) == ""
