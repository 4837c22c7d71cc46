"""The window arithmetic, against the tables of the field and against windows that are really slid."""

from __future__ import annotations

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.core.arithmetic.derivation import symbol
from cnnstudio.core.arithmetic.shape import (
    Axis,
    Padding,
    Rounding,
    Shape,
    Window,
    explicit_padding,
    fitting_sizes,
    output_size,
    per_axis,
    same_padding,
    sizes_text,
    transposed_output_size,
    unused_elements,
)

Ends = tuple[int, int]
small = st.integers(0, 6)


def axis_of(size: int, kernel: int, stride: int, padding: int | Ends | Literal["same"] = 0, dilation: int = 1) -> Axis:
    """An axis with the same padding at both ends, or the given one."""
    return Axis("", size, kernel, stride, (padding, padding) if isinstance(padding, int) else padding, dilation)


def slide(axis: Axis) -> list[range]:
    """The input elements, padding included, of each window that lies inside the padded input."""
    begin, end = axis.pads
    starts = range(-begin, axis.size + end - axis.reach + 1, axis.stride)
    return [range(start, start + axis.reach) for start in starts]


@st.composite
def axes(draw: st.DrawFn, for_pooling: bool = False) -> Axis:
    """An axis whose kernel fits; padding of up to 6 elements, or up to half the kernel for pooling."""
    kernel, dilation = draw(st.integers(1, 8)), draw(st.integers(1, 3))
    most = kernel // 2 if for_pooling else 6
    begin, end = draw(st.integers(0, most)), draw(st.integers(0, most))
    least = max(1, dilation * (kernel - 1) + 1 - begin - end)
    return axis_of(draw(st.integers(least, least + 40)), kernel, draw(st.integers(1, 9)), (begin, end), dilation)


CEIL_TABLE = [
    # n, k, s, p: floor, PyTorch's ceil, Caffe's ceil
    ((112, 3, 2, 0), (55, 56, 56)),
    ((112, 3, 2, 1), (56, 57, 57)),
    ((5, 2, 2, 0), (2, 3, 3)),
    ((6, 1, 2, 1), (4, 4, 4)),
    ((4, 2, 3, 1), (2, 2, 2)),
    ((32, 1, 2, 0), (16, 16, 17)),
    ((9, 4, 4, 2), (3, 3, 3)),
]


@pytest.mark.parametrize(("window", "sizes"), CEIL_TABLE)
def test_three_rules_of_rounding(window: tuple[int, int, int, int], sizes: tuple[int, int, int]) -> None:
    axis = axis_of(*window)
    roundings: tuple[Rounding, ...] = ("floor", "pytorch", "caffe")
    assert tuple(output_size(axis, rounding) for rounding in roundings) == sizes


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "outputs", "pads"),
    [
        (224, 7, 2, 112, (2, 3)),
        (224, 3, 2, 112, (0, 1)),
        (112, 3, 2, 56, (0, 1)),
        (5, 2, 1, 5, (0, 1)),
        (227, 11, 4, 57, (4, 4)),
    ],
)
def test_same_padding_of_tensorflow(size: int, kernel: int, stride: int, outputs: int, pads: Ends) -> None:
    axis = axis_of(size, kernel, stride, "same")
    assert (output_size(axis), axis.pads) == (outputs, pads)


def test_an_even_kernel_with_half_its_size_as_padding_is_not_same() -> None:
    assert output_size(axis_of(5, 2, 1, 1)) == 6


@pytest.mark.parametrize(("rounding", "sizes"), [("floor", [54, 26, 12, 5]), ("caffe", [54, 27, 13, 6])])
def test_alexnet_at_224_without_padding(rounding: Rounding, sizes: list[int]) -> None:
    first = output_size(axis_of(224, 11, 4))
    found = [first]
    for _ in range(3):
        found.append(output_size(axis_of(found[-1], 3, 2), rounding))
    assert found == sizes


@given(axes())
def test_outputs_are_the_windows_that_fit(axis: Axis) -> None:
    assert output_size(axis) == len(slide(axis))


@given(st.integers(8, 60), st.integers(1, 8), st.integers(1, 9))
def test_valid_padding_as_tensorflow_words_it(size: int, kernel: int, stride: int) -> None:
    assert output_size(axis_of(size, kernel, stride)) == -(-(size - kernel + 1) // stride)


@given(axes(for_pooling=True))
def test_rounding_up_adds_the_window_that_reaches_the_end(axis: Axis) -> None:
    begin, end = axis.pads
    starts = [-begin]
    while starts[-1] + axis.reach < axis.size + end:
        starts.append(starts[-1] + axis.stride)
    inside = [start for start in starts if start < axis.size]
    assert output_size(axis, "pytorch") == len(inside)
    assert output_size(axis, "caffe") == len(inside if begin or end else starts)


@given(st.integers(1, 60), st.integers(1, 8), st.integers(1, 9), st.integers(1, 3))
def test_same_is_the_least_padding_for_one_output_a_stride(size: int, kernel: int, stride: int, dilation: int) -> None:
    def outputs(padding: int) -> int:
        return len(slide(axis_of(size, kernel, stride, (0, padding), dilation)))

    wanted = len(range(0, size, stride))
    least = next(padding for padding in range(200) if outputs(padding) >= wanted)
    assert same_padding(size, kernel, stride, dilation) == (least // 2, least - least // 2)
    assert output_size(axis_of(size, kernel, stride, "same", dilation)) == wanted


@given(axes(), st.sampled_from(["floor", "pytorch", "caffe"]))
def test_symbols_give_the_number_that_plain_integers_give(axis: Axis, rounding: Rounding) -> None:
    assert int(output_size(axis, rounding, symbol)) == output_size(axis, rounding)


@given(axes())
def test_unused_elements_are_those_behind_the_last_window(axis: Axis) -> None:
    behind = axis.size - slide(axis)[-1].stop
    gap_of_the_stride = max(0, axis.stride - axis.reach)
    assert unused_elements(axis) == max(0, behind - gap_of_the_stride)


@given(axes())
def test_unused_elements_can_be_cut_off_without_a_trace(axis: Axis) -> None:
    shorter = axis_of(axis.size - unused_elements(axis), axis.kernel, axis.stride, axis.pads, axis.dilation)
    assert slide(shorter) == slide(axis)


@given(st.integers(1, 60), st.integers(1, 8), st.integers(1, 9))
def test_same_padding_uses_everything(size: int, kernel: int, stride: int) -> None:
    assert unused_elements(axis_of(size, kernel, stride, "same")) == 0


def test_the_input_sizes_that_fit_alexnet() -> None:
    axis = axis_of(224, 11, 4)
    assert (unused_elements(axis), fitting_sizes(axis)) == (1, (223, 227))


@given(axes())
def test_fitting_sizes_leave_no_rest(axis: Axis) -> None:
    def fits(size: int) -> bool:
        windows = slide(axis_of(size, axis.kernel, axis.stride, axis.pads, axis.dilation))
        return bool(windows) and windows[-1].stop == size + axis.pads[1]

    low = next(size for size in range(axis.size, -100, -1) if fits(size))
    high = next(size for size in range(axis.size + 1, axis.size + 100) if fits(size))
    assert fitting_sizes(axis) == (low, high)


def scatter(axis: Axis, outputs: int) -> list[list[int]]:
    """For each output of a transposed convolution the inputs that add to it, borders left open."""
    begin = axis.pads[0]
    seen: list[list[int]] = [[] for _ in range(outputs)]
    for index in range(-2 * axis.reach - begin, outputs + axis.reach + begin):
        for tap in range(axis.kernel):
            place = index * axis.stride + tap * axis.dilation - begin
            if 0 <= place < outputs:
                seen[place].append(index)
    return seen


@given(axes(), small)
def test_transposed_outputs_are_the_places_written_to(axis: Axis, extra: int) -> None:
    written = {i * axis.stride + tap * axis.dilation for i in range(axis.size) for tap in range(axis.kernel)}
    begin, end = axis.pads
    cropped = range(begin, max(written) + 1 + extra - end)
    assert max(0, transposed_output_size(axis, extra)) == len(cropped)


@given(axes(), st.one_of(st.none(), small))
def test_transposed_symbols_give_the_number_that_plain_integers_give(axis: Axis, extra: int | None) -> None:
    assert int(transposed_output_size(axis, extra, symbol)) == transposed_output_size(axis, extra)


@pytest.mark.parametrize(("extra", "size"), [(max(0, 3 - 1), 51), (0, 49)])
def test_keras_and_pytorch_enlarge_differently_where_the_kernel_is_smaller_than_the_stride(
    extra: int, size: int
) -> None:
    assert transposed_output_size(axis_of(17, 1, 3), extra) == size


@given(axes())
def test_keras_valid_is_output_padding_where_the_stride_exceeds_the_kernel(axis: Axis) -> None:
    bare = axis_of(axis.size, axis.kernel, axis.stride, 0, axis.dilation)
    extra = max(0, bare.stride - bare.reach)
    assert transposed_output_size(bare, extra) == bare.size * bare.stride + max(bare.reach - bare.stride, 0)


@given(axes(), small)
def test_the_two_same_rules_of_keras(axis: Axis, extra: int) -> None:
    same = axis_of(axis.size, axis.kernel, axis.stride, "same", axis.dilation)
    assert transposed_output_size(same, None) == axis.size * axis.stride
    spread = (axis.size - 1) * axis.stride + axis.reach
    assert transposed_output_size(same, extra) == spread - 2 * (axis.reach // 2) + extra


def test_a_window_of_a_sliding_axis() -> None:
    assert axis_of(32, 3, 2, (1, 2), 2).window == Window(-1, 5, 2, 2)


def test_a_shape_is_channels_and_spatial_sizes() -> None:
    shape = Shape(96, (55, 54))
    assert (shape.rank, shape.positions, shape.elements) == (2, 2970, 285_120)
    assert (shape.to_list(), str(shape)) == ([96, 55, 54], "96 × 55 × 54")


def test_a_vector_is_a_shape_without_spatial_sizes() -> None:
    shape = Shape(10)
    assert (shape.rank, shape.positions, shape.elements, str(shape)) == (0, 1, 10, "10")


def test_sizes_for_each_axis() -> None:
    assert (per_axis(3, 2), per_axis((3, 5), 2), sizes_text((3, 5))) == ((3, 3), (3, 5), "3 × 5")


@pytest.mark.parametrize(
    ("padding", "ends"),
    [
        ("valid", ((0, 0), (0, 0))),
        (2, ((2, 2), (2, 2))),
        ((1, 2), ((1, 1), (2, 2))),
        (((0, 1), 3), ((0, 1), (3, 3))),
    ],
)
def test_padding_as_a_word_a_number_or_a_list(padding: Padding, ends: tuple[Ends, Ends]) -> None:
    assert explicit_padding(padding, 2) == ends
