"""Receptive fields, against index sets that are passed through small networks element by element."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from cnnstudio.core.arithmetic.receptive_field import (
    AxisField,
    ReceptiveField,
    of_input,
    through,
    union,
    unlike_steps,
)
from cnnstudio.core.arithmetic.shape import Shape, Window
from cnnstudio.core.arithmetic.spans import seen_through, spans_of
from cnnstudio.core.arithmetic.taps import Taps
from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.core.counting.rows import Row
from cnnstudio.core.network.design import Design, Item
from cnnstudio.core.network.layer import Layer
from cnnstudio.formats.builtin import builtin_paths
from cnnstudio.formats.design_yaml import read_design
from cnnstudio.layers.activation import Activation
from cnnstudio.layers.convolution import Conv1D, Conv2D, DepthwiseConv1D, DepthwiseConv2D, SeparableConv1D
from cnnstudio.layers.dense import Dense
from cnnstudio.layers.merge import Add, Concat, Multiply
from cnnstudio.layers.normalization import BatchNorm
from cnnstudio.layers.pooling import AdaptiveAvgPool, AvgPool1D, GlobalAvgPool, MaxPool1D, MaxPool2D
from cnnstudio.layers.reshaping import (
    Crop,
    Flatten,
    Permute,
    Slice,
    Upsample,
    ZeroPad,
)
from cnnstudio.layers.shuffling import PixelShuffle, PixelUnshuffle
from cnnstudio.layers.structure import Input, Opaque, known_sizes
from cnnstudio.layers.transposed import ConvTranspose1D, ConvTranspose2D
from tests.core.counting.simulation import simulated, spans
from tests.examples import share
from tests.places import CASES
from tests.strategies import accepted, counts_of, draw_fields

SLIDING: tuple[type[Layer], ...] = (
    *(Conv1D, DepthwiseConv1D, SeparableConv1D, MaxPool1D, AvgPool1D),
    *(ZeroPad, Crop, Slice, PixelUnshuffle, Activation, BatchNorm),
)
ENLARGING: tuple[type[Layer], ...] = (ConvTranspose1D, Upsample, PixelShuffle, AdaptiveAvgPool)
ALONG_TWO_AXES: tuple[type[Layer], ...] = (Conv2D, MaxPool2D, DepthwiseConv2D, ConvTranspose2D, Upsample, Crop)
SIGNAL = Input(name="signal", size=(24,), channels=12)
SHORT = Input(name="short", size=(12,), channels=12)
IMAGE = Input(name="image", size=(12, 15), channels=4)
MAX_SIZE = 160
"""Maps up to which a network goes on: all of their outputs are simulated."""


@st.composite
def networks(draw: st.DrawFn, starts: tuple[Input, ...], kinds: tuple[type[Layer], ...]) -> Design:
    """A small network with merges of branches that have equal shapes, or one position that all outputs see."""
    items: list[Item] = list(starts)
    shapes = {start.name: Shape(start.channels, known_sizes(start.size)) for start in starts}
    for number in range(draw(st.integers(1, 8))):
        source = draw(st.sampled_from((items[-1].name, *shapes)))
        layer = draw(_layers_after(source, shapes, kinds))
        taken = tuple(shapes[name] for name in layer.inputs)
        counts = counts_of(layer, taken)
        if counts is not None and max(counts.output.spatial) <= MAX_SIZE:
            items.append(structs.replace(layer, name=f"layer {number}"))
            shapes[items[-1].name] = counts.output
    return Design(layers=tuple(items))


@st.composite
def _layers_after(draw: st.DrawFn, source: str, shapes: dict[str, Shape], kinds: tuple[type[Layer], ...]) -> Layer:
    """A layer that takes this one, perhaps with others; a BatchNorm where none of those that were tried can."""
    shape = shapes[source]
    alike = [name for name, other in shapes.items() if _joins(other, shape) and name != source]
    joins = draw(st.booleans())
    if alike and joins:
        return Add(inputs=(source, draw(st.sampled_from(alike))))
    for _ in range(8):
        kind = draw(st.sampled_from(kinds))
        layer = accepted(draw_fields(draw, kind, shape.rank), kind)
        if layer is not None and counts_of(layer, (shape,)):
            return structs.replace(layer, inputs=(source,))
    return BatchNorm(inputs=(source,))


def _joins(first: Shape, second: Shape) -> bool:
    pairs = zip(first.spatial, second.spatial, strict=True)
    return first.channels == second.channels and all(a == b or 1 in (a, b) for a, b in pairs)


def check_every_output(design: Design, axes: int) -> None:
    """Smallest and largest size over all outputs, and the first offset, of the field in each input."""
    analysis = analyze(design)
    for axis in range(axes):
        seen = simulated(analysis, axis)
        for row in analysis.rows:
            check_row(row, spans(row, seen[row.path], axis), axis)


def check_row(row: Row, found: dict[str, list[range]], axis: int) -> None:
    """Compares what is told with what was found; not of an input that is seen whole, as padding is seen besides."""
    followed = [each for each in field_of(row).each if not each.whole]
    whole = {each.origin for each in field_of(row).each if each.whole}
    measured = {origin: _measured(outputs) for origin, outputs in found.items() if origin not in whole}
    told = {each.origin: (each.smallest[axis], each.size[axis], each.offset[axis]) for each in followed}
    # A field that no output sees anything of is told, and cannot be found.
    assert {origin: values for origin, values in told.items() if values[1]} == measured, row.path


def _measured(outputs: list[range]) -> tuple[int, int, int]:
    sizes = [len(output) for output in outputs]
    return min(sizes), max(sizes), next(output.start for output in outputs if output)


def field_of(row: Row) -> ReceptiveField:
    """The field of a row that has one."""
    assert row.receptive_field is not None, row
    return row.receptive_field


@given(networks((SIGNAL,), SLIDING))
def test_sliding_windows_and_branches(design: Design) -> None:
    check_every_output(design, 1)


@given(networks((SIGNAL,), SLIDING + 3 * ENLARGING))
@share(3)
def test_enlarging_layers_dilation_crops_and_branches(design: Design) -> None:
    check_every_output(design, 1)


@given(networks((SIGNAL, SHORT), SLIDING + ENLARGING))
def test_several_inputs_keep_a_field_each(design: Design) -> None:
    check_every_output(design, 1)


@given(networks((IMAGE,), ALONG_TWO_AXES))
def test_each_axis_has_a_field_of_its_own(design: Design) -> None:
    check_every_output(design, 2)


def case_rows(stem: str) -> Analysis:
    """The analysis of a small design of which the right answer is known."""
    return analyze(read_design(CASES / f"{stem}.yaml").design)


def test_the_output_of_a_u_net_sees_188_or_204_elements() -> None:
    for path in (CASES / "42b-rf-u-shaped.yaml", builtin_paths()["u-net"]):
        field = field_of(analyze(read_design(path).design).rows[-1])
        assert (field.smallest, field.size, field.stride) == ((188, 188), (204, 204), (1, 1))


@pytest.mark.parametrize(
    ("path", "size", "offset"),
    [("l5", 372, None), ("r4", 468, -226), ("r3", 516, -258), ("r2", 532, -258), ("r1", 548, -274)],
)
def test_a_v_shaped_network_as_measured_by_gradients(path: str, size: int, offset: int | None) -> None:
    row = next(row for row in case_rows("42-rf-v-shaped-3d").rows if row.path == path)
    field = field_of(row)
    assert field.size == (size,) * 3
    assert offset is None or field.offset == (offset,) * 3
    assert path != "r1" or field.smallest == (532, 532, 532)


def test_two_images_of_unlike_size_line_up_and_keep_a_field_each() -> None:
    analysis = case_rows("63-two-images-of-unlike-size")
    assert analysis.problems == ()
    sizes = [[(each.origin, each.size, each.stride) for each in field_of(row).each] for row in analysis.rows[-2:]]
    assert sizes[0] == [("large", (3, 3), (2, 2)), ("small", (3, 3), (1, 1))]
    assert sizes[1] == [("large", (7, 7), (2, 2)), ("small", (5, 5), (1, 1))]
    analysis = case_rows("63b-two-images-equal")
    assert [each.size for each in field_of(analysis.rows[-1]).each] == [(3, 3), (7, 7)]
    assert case_rows("63c-image-and-depth-lowres").problems == ()


def along(*fields: tuple[int, int, int], **values: Any) -> ReceptiveField:
    """A field of uniform axes."""
    axes = tuple(AxisField(size, stride, offset) for size, stride, offset in fields)
    return ReceptiveField((9, 12), axes, origin="image", **values)


def last_field(*items: Item) -> ReceptiveField | None:
    """The field of the last row of a design."""
    return analyze(Design(layers=items)).rows[-1].receptive_field


START = Input(name="image", size=(9, 12), channels=4)
CONV = Conv2D(name="conv", filters=4, kernel_size=3, padding="same")
EVERYTHING = along((9, 0, 0), (12, 0, 0), whole=True)


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
    assert field == along((9, 2, 0), (12, 2, 0), whole=True)


def test_a_window_over_what_sees_everything_sees_everything() -> None:
    gate = GlobalAvgPool(name="squeeze", keepdims=True)
    assert last_field(START, gate, CONV) == EVERYTHING


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
    assert field == along((3, 3, 0), (3, 3, 0))


def test_uneven_adaptive_pooling_has_no_one_step() -> None:
    field = last_field(START, AdaptiveAvgPool(name="pool", output_size=(4, 4)))
    assert field is not None
    assert (field.size, field.smallest, field.stride) == ((3, 3), (3, 3), (None, 3))
    field = last_field(START, AdaptiveAvgPool(name="pool", output_size=(6, 4)))
    assert field is not None
    assert (field.size, field.smallest) == ((2, 3), (2, 3))
    field = last_field(START, AdaptiveAvgPool(name="pool", output_size=(5, 4)))
    assert field is not None
    assert (field.size, field.smallest) == ((3, 3), (2, 3))


def test_several_uneven_windows_are_followed_too() -> None:
    pool = AdaptiveAvgPool(name="pool", output_size=4)
    field = last_field(START, pool, CONV)
    assert field is not None
    assert (field.size, field.smallest, field.offset) == ((8, 9), (7, 9), (-3, -3))
    assert last_field(START, pool, BatchNorm(name="norm")) == last_field(START, pool)


def test_a_branch_of_one_position_is_seen_by_every_output() -> None:
    """A convolution as large as its input, as a gate or a bias of a map."""
    spot = Conv2D(name="spot", filters=4, kernel_size=(9, 12), inputs=("image",))
    field = last_field(START, CONV, spot, Add(name="sum", inputs=("conv", "spot")))
    assert field is not None
    assert (field.size, field.smallest, field.offset) == ((10, 13), (9, 12), (-1, -1))
    assert analyze(Design(layers=(START, CONV, spot, Add(name="sum", inputs=("conv", "spot"))))).problems == ()


def test_branches_that_step_unlike_are_told_exactly() -> None:
    fast = Conv2D(name="fast", filters=4, kernel_size=1, padding=0, inputs=("image",))
    slow = Conv2D(name="slow", filters=4, kernel_size=3, stride=2, padding=(5, 7), inputs=("image",))
    design = Design(layers=(START, fast, slow, Add(name="sum", inputs=("fast", "slow"))))
    assert [problem.rule for problem in analyze(design).problems] == ["unlike-strides"]
    check_every_output(design, 2)


def test_along_a_spatial_axis_nobody_follows_a_concatenation() -> None:
    assert last_field(START, CONV, Concat(name="rows", axis=1, inputs=("image", "conv"))) is None


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


def test_a_vector_that_joins_a_map_adds_nothing_to_see() -> None:
    condition = Input(name="condition", size=(1, 1), channels=4)
    image, vector = of_input((9, 12), "image"), of_input((), "vector")
    assert union([(image, (9, 12)), (vector, ())], (9, 12)) == image
    assert union([(vector, ()), (vector, ())], ()) == vector
    joined = last_field(START, condition, Concat(name="joined", inputs=("condition", "condition")))
    assert joined == of_input((1, 1), "condition")


def test_every_place_of_a_map_sees_what_a_vector_sees() -> None:
    gate = Multiply(name="gate", inputs=("image", "squeeze"))
    field = last_field(START, GlobalAvgPool(name="squeeze"), gate)
    assert field is not None
    assert field.whole
    # Which elements of a flattened map see which part of the image, nobody says any more.
    flat = of_input((4, 4), "image")
    assert union([(flat, (4, 4)), (flat, ())], (4, 4)) is None


def test_strides_of_vectors_and_of_the_unknown_do_not_differ() -> None:
    start = of_input((9,))
    slow = through(start, (Window(0, 1, 2),), (5,))
    assert unlike_steps([start, slow]) == "1 and 2"
    assert not unlike_steps([start, None, through(start, "whole", ())])
    assert not unlike_steps([start, through(of_input((9,), "other"), (Window(0, 1, 2),), (5,))])


def test_a_stride_that_grows_beyond_every_map_is_unknown() -> None:
    field: ReceptiveField | None = of_input((1,))
    for _ in range(60):
        field = through(field, (Window(0, 1, 2),), (1,))
    assert field is None


def test_what_would_take_too_many_looks_is_not_followed() -> None:
    """Each of the outputs of an uneven window behind another one may see any of a thousand unlike spans."""
    uneven = spans_of(tuple(range(1_000)), (*(1,) * 999, 0), 1_000)
    assert seen_through(uneven, Taps((0,) * 3, (2_000,) * 3, 7)) is None
    assert seen_through(uneven, Taps((0,), (3,), 1)) is not None
