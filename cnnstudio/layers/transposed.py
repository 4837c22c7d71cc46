"""Transposed convolutions, which enlarge."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from msgspec import Meta

from cnnstudio.core.arithmetic.derivation import exact_divide, product
from cnnstudio.core.arithmetic.numerals import signed
from cnnstudio.core.arithmetic.receptive_field import reach_of
from cnnstudio.core.arithmetic.shape import Axis, Shape, per_axis, sizes_text, transposed_output_size
from cnnstudio.core.arithmetic.taps import transposed_taps
from cnnstudio.core.network.layer import WINDOW_RANK, Counts, NaturalSize, Scope, outputs_last, single
from cnnstudio.core.network.problem import Refusal
from cnnstudio.core.network.step import Step
from cnnstudio.layers.convolution import NO_BIAS, SlidingLayer
from cnnstudio.layers.demands import require_multiple, sizes_for
from cnnstudio.layers.sliding import Filters, Groups


class ConvTranspose(SlidingLayer, frozen=True, kw_only=True):
    """A transposed convolution, which enlarges: each input element adds a kernel to the output.

    Source: Zeiler et al. 2010; sizes by Dumoulin and Visin 2016.
    """

    starts_with: ClassVar[dict[str, Any]] = {"filters": 64, "kernel_size": 2, "stride": 2}

    filters: Filters
    groups: Groups = 1
    output_padding: Annotated[
        NaturalSize | Annotated[tuple[NaturalSize, ...], Meta(min_length=1, max_length=WINDOW_RANK)] | None,
        Meta(title="Output padding", description="elements added at the end of the output; less than the stride"),
    ] = None

    def __post_init__(self) -> None:
        super().__post_init__()
        sizes_for("output_padding", self.output_padding or 0, self.rank, self.type_name)

    def lead(self) -> str:
        return str(self.filters)

    def output_paddings(self) -> tuple[int | None, ...]:
        """The output padding of each axis, None where none is given."""
        return (None,) * self.rank if self.output_padding is None else per_axis(self.output_padding, self.rank)

    def padded_axes(self, shape: Shape) -> tuple[Axis, ...]:
        return ()  # `same` makes the output I · S by cropping, whatever the kernel

    def weight_shapes(self, shape: Shape, *, channels_last: bool) -> tuple[tuple[int, ...], ...]:
        # Inputs come first, unlike in a convolution: PyTorch has [C, N / G, K, K], as its weights are those of the
        # convolution that it reverses.
        kernels = (shape.channels, self.filters // self.groups, *per_axis(self.kernel_size, self.rank))
        return (outputs_last(kernels) if channels_last else kernels,)

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        shape = single(inputs)
        axes, extra, symbol = self.axes(shape), self.output_paddings(), scope.symbol
        require_multiple(shape.channels, self.groups, "input channels", "groups")
        require_multiple(self.filters, self.groups, "filters", "groups")
        _require_output_padding(axes, extra, by_words=isinstance(self.padding, str))
        sizes = tuple([transposed_output_size(axis, more, symbol) for axis, more in zip(axes, extra, strict=True)])
        _require_something_left(axes, sizes)
        filters = symbol("N", self.filters)
        per_channel = filters if self.groups == 1 else exact_divide(filters, symbol("G", self.groups))
        weights = product((*self.kernel(scope), symbol("C", shape.channels), per_channel))
        places = [symbol(f"I{axis.name}", axis.size) for axis in axes]
        return Counts(
            Shape(filters, sizes),
            weights,
            filters if self.bias else 0,
            weights + filters if self.bias else weights,
            0,
            # Every input element is multiplied by the whole kernel once, so that the input's positions count and not
            # the output's.
            symbol("W", weights) * product(places),
            reach_of([transposed_taps(axis, more) for axis, more in zip(axes, extra, strict=True)]),
            reasons=() if self.bias else NO_BIAS,
        )

    def padding_steps(self, shape: Shape) -> tuple[Step, ...]:
        # Padding takes elements from the output of a transposed convolution, and adds none to its input.
        return ()


def _require_output_padding(axes: tuple[Axis, ...], extra: tuple[int | None, ...], *, by_words: bool) -> None:
    """PyTorch wants it below the stride or the dilation; Keras, which pads by words, below the stride."""
    for axis, more in zip(axes, extra, strict=True):
        bound = axis.stride if by_words else max(axis.stride, axis.dilation)
        if more is not None and more >= bound:
            below = "the stride" if by_words or axis.dilation == 1 else "the stride or the dilation"
            raise Refusal(
                "output-padding",
                f"output padding must be less than {below}, and {more} is not less than {bound}.",
                f"Use an output padding of {bound - 1}" + (" or less." if bound > 1 else "."),
            )


def _require_something_left(axes: tuple[Axis, ...], sizes: tuple[int, ...]) -> None:
    if min(sizes) > 0:
        return
    given, left = sizes_text(tuple(axis.size for axis in axes)), " × ".join(signed(int(size)) for size in sizes)
    raise Refusal(
        "window",
        f"with this padding nothing is left of the output: {given} becomes {left}.",
        "Use less padding, or a larger kernel or stride.",
    )


class ConvTranspose1D(ConvTranspose, frozen=True, kw_only=True):
    """A transposed convolution along one axis: (K · C) · N weights and N biases."""

    rank: ClassVar[int] = 1


class ConvTranspose2D(ConvTranspose, frozen=True, kw_only=True):
    """A transposed convolution over height and width: (K_h · K_w · C) · N weights and N biases."""


class ConvTranspose3D(ConvTranspose, frozen=True, kw_only=True):
    """A transposed convolution over depth, height and width."""

    rank: ClassVar[int] = 3
