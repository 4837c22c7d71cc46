"""Receptive fields, against index sets that are passed through small networks element by element."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec import structs

from cnnstudio.core.arithmetic.receptive_field import (
    AxisField,
    ReceptiveField,
    of_input,
    strides_differ,
    through,
    union,
)
from cnnstudio.core.arithmetic.shape import Shape, Window
from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.core.counting.rows import Row
from cnnstudio.core.network.design import Design, Item
from cnnstudio.core.network.layer import Layer
from cnnstudio.layers.activation import Activation
from cnnstudio.layers.convolution import Conv1D, Conv2D, DepthwiseConv1D, DepthwiseConv2D, SeparableConv1D
from cnnstudio.layers.dense import Dense
from cnnstudio.layers.merge import Add, Concat, Multiply
from cnnstudio.layers.normalization import BatchNorm
from cnnstudio.layers.pooling import AdaptiveAvgPool, AvgPool1D, GlobalAvgPool, MaxPool1D, MaxPool2D
from cnnstudio.layers.reshaping import Crop, Flatten, Permute, PixelUnshuffle, Slice, Upsample, ZeroPad
from cnnstudio.layers.structure import Input, Opaque
from cnnstudio.layers.transposed import ConvTranspose1D
from tests.core.counting.simulation import Seen, behind, itself
from tests.strategies import accepted, counts_of, draw_fields

ALONG_ONE_AXIS: tuple[type[Layer], ...] = (
    *(Conv1D, DepthwiseConv1D, SeparableConv1D, MaxPool1D, AvgPool1D),
    *(ZeroPad, Crop, Slice, PixelUnshuffle, Activation, BatchNorm),
)
ALONG_TWO_AXES: tuple[type[Layer], ...] = (Conv2D, DepthwiseConv2D, MaxPool2D, ZeroPad, Crop, Slice)
SIGNAL = Input(name="signal", size=(96,), channels=12)
IMAGE = Input(name="image", size=(40, 56), channels=4)
MAX_ELEMENTS = 48
"""The number of a layer's outputs that are simulated."""


@st.composite
def networks(draw: st.DrawFn, start: Input, kinds: tuple[type[Layer], ...]) -> Design:
    """A small network with additions of branches that have equal shapes and step equally."""
    shape = Shape(start.channels, start.size if isinstance(start.size, tuple) else (start.size,))
    items: list[Item] = [start]
    shapes = {start.name: shape}
    for number in range(draw(st.integers(1, 6))):
        shape = shapes[items[-1].name]
        alike = [name for name, other in shapes.items() if other == shape and name != items[-1].name]
        layer: Layer = BatchNorm()
        joins = draw(st.booleans())
        if alike and joins:
            layer = Add(inputs=(items[-1].name, draw(st.sampled_from(alike))))
        else:
            layer = draw(_layers_for(shape, kinds))
        items.append(structs.replace(layer, name=f"layer {number}"))
        counts = counts_of(layer, (shape,) * max(1, len(layer.inputs)))
        shapes[items[-1].name] = counts.output if counts else shape
    return Design(layers=tuple(items))


@st.composite
def _layers_for(draw: st.DrawFn, shape: Shape, kinds: tuple[type[Layer], ...]) -> Layer:
    """A layer that takes this shape; a BatchNorm where none of those that were tried does."""
    for _ in range(20):
        kind = draw(st.sampled_from(kinds))
        layer = accepted(draw_fields(draw, kind, shape.rank), kind)
        if layer is not None and counts_of(layer, (shape,)):
            return layer
    return BatchNorm()


@st.composite
def decoders(draw: st.DrawFn) -> Design:
    """A network that makes its map smaller and then larger again, as networks for segmentation do."""
    items = list(draw(networks(SIGNAL, ALONG_ONE_AXIS)).layers)
    for number in range(draw(st.integers(1, 5))):
        zoom, kernel = draw(st.integers(2, 3)), draw(st.sampled_from([1, 3, 5]))
        choices: list[Layer] = [
            Upsample(scale=zoom),
            ConvTranspose1D(filters=4, kernel_size=zoom, stride=zoom),
            ConvTranspose1D(filters=4, kernel_size=4, stride=2, padding=1),
            Conv1D(filters=4, kernel_size=kernel, padding="same"),
            BatchNorm(),
        ]
        items.append(structs.replace(draw(st.sampled_from(choices)), name=f"decoder {number}"))
    return Design(layers=tuple(items))


def simulated(analysis: Analysis, axis: int) -> dict[str, Seen]:
    """The parts of the input that the outputs of each layer of a flat design see along an axis."""
    seen: dict[str, Seen] = {}
    for row in analysis.rows:
        shapes = tuple(shape for shape in row.input_shapes if shape)
        below = [seen[name] for name in row.inputs]
        seen[row.path] = behind(row.layer, shapes, axis, below) if below else itself
    return seen


def spans(row: Row, seen: Seen, axis: int) -> list[range]:
    """From the first to the last input element that each output of a row sees along an axis."""
    assert row.output_shape is not None
    sets = [seen(index) for index in range(min(MAX_ELEMENTS, row.output_shape.spatial[axis]))]
    return [range(min(found), max(found) + 1) for found in sets]


def field_of(row: Row) -> ReceptiveField:
    """The field of a row that has one."""
    assert row.receptive_field is not None
    return row.receptive_field


def exact(field: ReceptiveField, axis: int) -> tuple[Fraction, Fraction, Fraction]:
    """Size, stride and offset along an axis, with their fractions."""
    axis_field = field.axes[axis]
    return (
        Fraction(axis_field.size, axis_field.unit),
        Fraction(axis_field.stride, axis_field.unit),
        Fraction(axis_field.offset, axis_field.unit),
    )


def check_every_output(design: Design, axes: int) -> None:
    """Each output of each row sees just the span that the row's field says."""
    analysis = analyze(design)
    assume(not any(problem.rule == "unlike-strides" for problem in analysis.problems))
    for axis in range(axes):
        seen = simulated(analysis, axis)
        for row in analysis.rows:
            size, stride, offset = exact(field_of(row), axis)
            starts = [offset + index * stride for index in range(MAX_ELEMENTS)]
            found = spans(row, seen[row.path], axis)
            assert found == [range(int(start), int(start + size)) for start in starts[: len(found)]]


@given(networks(SIGNAL, ALONG_ONE_AXIS))
def test_every_output_sees_the_span_of_the_field(design: Design) -> None:
    check_every_output(design, 1)


@given(networks(IMAGE, ALONG_TWO_AXES))
def test_each_axis_has_a_field_of_its_own(design: Design) -> None:
    check_every_output(design, 2)


@given(decoders())
def test_behind_enlarging_layers_the_field_is_that_of_the_mean_output(design: Design) -> None:
    """Neighbouring outputs see unlike spans there, which differ by steps of the map before it was enlarged."""
    analysis = analyze(design)
    assume(not any(problem.rule == "unlike-strides" for problem in analysis.problems))
    seen, step = simulated(analysis, 0), Fraction(1)
    for row in analysis.rows:
        size, stride, offset = exact(field_of(row), 0)
        step = max(step, stride)
        found = spans(row, seen[row.path], 0)
        assert abs(size - max(map(len, found))) < 2 * step
        assert abs(offset - found[0].start) < 2 * step


def last_field(*items: Item) -> ReceptiveField | None:
    """The field of the last row of a design."""
    return analyze(Design(layers=items)).rows[-1].receptive_field


START = Input(name="image", size=(9, 12), channels=4)
CONV = Conv2D(name="conv", filters=4, kernel_size=3, padding="same")
EVERYTHING = ReceptiveField((9, 12), (AxisField(9, 0, 0), AxisField(12, 0, 0)), whole=True)


def test_a_residual_sum_sees_what_its_branches_see_together() -> None:
    far = Conv2D(name="far", filters=4, kernel_size=3, dilation=2, padding=((4, 0), (0, 4)), inputs=("image",))
    field = last_field(START, CONV, far, Add(name="sum", inputs=("conv", "far")))
    assert field is not None
    assert (field.size, field.offset, field.stride) == ((6, 6), (-4, -1), (1, 1))


@pytest.mark.parametrize(
    "layer", [GlobalAvgPool(name="pool"), Dense(name="fc", units=3), AdaptiveAvgPool(name="a", output_size=1)]
)
def test_global_pooling_and_dense_see_everything(layer: Layer) -> None:
    assert last_field(START, CONV, layer) == EVERYTHING


def test_a_gate_lets_everything_be_seen_and_keeps_the_step() -> None:
    stride = Conv2D(name="conv", filters=4, kernel_size=3, stride=2, padding=1)
    gate = GlobalAvgPool(name="squeeze", keepdims=True)
    field = last_field(START, stride, gate, Multiply(name="gate", inputs=("conv", "squeeze")))
    assert field == ReceptiveField((9, 12), (AxisField(9, 2, 0), AxisField(12, 2, 0)), whole=True)


def test_what_sees_everything_still_does_when_it_is_enlarged() -> None:
    gate = GlobalAvgPool(name="squeeze", keepdims=True)
    joined = Multiply(name="gate", inputs=("conv", "squeeze"))
    field = last_field(START, CONV, gate, joined, Upsample(name="larger", scale=2))
    assert field is not None
    assert (field.size, field.offset, field.stride) == ((9, 12), (0, 0), (0.5, 0.5))


def test_flatten_keeps_what_each_element_sees() -> None:
    assert last_field(START, CONV, Flatten(name="flat")) == last_field(START, CONV)


def test_even_adaptive_pooling_is_pooling() -> None:
    field = last_field(START, AdaptiveAvgPool(name="pool", output_size=(3, 4)))
    assert field == ReceptiveField((9, 12), (AxisField(3, 3, 0), AxisField(3, 3, 0)))


def test_uneven_adaptive_pooling_has_no_one_step() -> None:
    pool = AdaptiveAvgPool(name="pool", output_size=(4, 4))
    field = last_field(START, pool)
    assert field is not None
    assert (field.size, field.stride) == ((3, 3), (None, 3))


def test_nobody_knows_how_far_several_uneven_windows_reach() -> None:
    pool = AdaptiveAvgPool(name="pool", output_size=4)
    assert last_field(START, pool, CONV) is None
    assert last_field(START, pool, BatchNorm(name="norm")) == last_field(START, pool)


def test_uneven_windows_beside_others_are_unknown_together() -> None:
    pool = AdaptiveAvgPool(name="pool", output_size=(4, 6))
    other = MaxPool2D(name="other", pool_size=(2, 2), inputs=("image",))
    assert last_field(START, pool, other, Add(name="sum", inputs=("pool", "other"))) is None
    assert last_field(START, pool, Add(name="sum", inputs=("pool", "pool"))) == last_field(START, pool)


@pytest.mark.parametrize(
    "layer", [Opaque(name="x", size=(9, 12), channels=4, parameters=0), Permute(name="x", dims=(0, 2, 1))]
)
def test_behind_a_layer_of_which_nobody_knows_what_it_sees(layer: Layer) -> None:
    assert last_field(START, layer) is None
    assert last_field(START, layer, CONV) is None
    assert last_field(START, layer, GlobalAvgPool(name="pool")) is None


def test_a_branch_that_sees_something_unknown_makes_the_sum_unknown() -> None:
    opaque = Opaque(name="x", size=(9, 12), channels=4, parameters=0)
    assert last_field(START, opaque, Add(name="sum", inputs=("image", "x"))) is None


def test_images_of_unlike_size_have_no_common_field() -> None:
    other = Input(name="other", size=(18, 24), channels=4)
    smaller = MaxPool2D(name="smaller", pool_size=2)
    assert last_field(START, other, smaller, Add(name="sum", inputs=("image", "smaller"))) is None


def test_a_vector_that_joins_a_map_adds_nothing_to_see() -> None:
    condition = Input(name="condition", size=(1, 1), channels=4)
    assert union([of_input((9, 12)), of_input(())]) == of_input((9, 12))
    assert union([of_input(()), of_input(())]) == of_input(())
    assert last_field(START, condition, Concat(name="joined", inputs=("condition", "condition"))) == of_input((1, 1))


def test_strides_of_vectors_and_of_the_unknown_do_not_differ() -> None:
    slow = through(of_input((9,)), (Window(0, 1, 2),))
    assert strides_differ([of_input((9,)), slow])
    assert not strides_differ([of_input((9,)), None, through(of_input((9,)), "whole")])


def test_a_field_has_whole_numbers_and_fractions() -> None:
    field = ReceptiveField((8,), (AxisField(5, 3, -3, 2),))
    assert (field.size, field.stride, field.offset) == ((3,), (1.5,), (-2,))


def test_a_stride_that_grows_beyond_every_map_is_unknown() -> None:
    field: ReceptiveField | None = of_input((1,))
    for _ in range(60):
        field = through(field, (Window(0, 1, 2),))
    assert field is None
