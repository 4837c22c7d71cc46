"""Convolutions: plain, depthwise and separable; `transposed` has the others."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from msgspec import Meta, structs

from cnnstudio.core.arithmetic.derivation import exact_divide, product
from cnnstudio.core.arithmetic.shape import AXIS_NAMES, Axis, Shape, per_axis
from cnnstudio.core.network.layer import AxisPadding, Counts, Layer, NaturalSize, Scope, outputs_last, single
from cnnstudio.core.network.problem import Refusal
from cnnstudio.core.network.step import Kernel, Made, Step, activated, convolved, padded, standardized
from cnnstudio.layers.demands import require_multiple, require_rank, require_room, sizes_for
from cnnstudio.layers.sliding import (
    Activation,
    Bias,
    DepthMultiplier,
    Dilation,
    Filters,
    Groups,
    KernelSize,
    PaddingMode,
    Stride,
    WindowPadding,
    axes_of,
    placed,
    require_fit,
    window_remarks,
)
from cnnstudio.layers.summaries import brief_padding, brief_sizes, brief_stride

NO_BIAS = (("biases", "bias is off"),)


class SlidingLayer(Layer, frozen=True, kw_only=True):
    """The fields that every convolution has."""

    family: ClassVar[str] = "convolution"
    rank: ClassVar[int] = 2

    kernel_size: KernelSize
    stride: Stride = 1
    padding: WindowPadding = "valid"
    dilation: Dilation = 1
    bias: Bias = True
    activation: Activation = None

    def __post_init__(self) -> None:
        for field in ("kernel_size", "stride", "padding", "dilation"):
            # A bound of msgspec cannot know the rank, so that a list of three sizes for a Conv2D is refused here.
            sizes_for(field, getattr(self, field), self.rank, self.type_name)

    def kernel(self, scope: Scope) -> tuple[int, ...]:
        """The kernel's sizes under their symbols, K_h and K_w."""
        names = AXIS_NAMES[self.rank]
        sizes = per_axis(self.kernel_size, self.rank)
        return tuple([scope.symbol(f"K{name}", size) for name, size in zip(names, sizes, strict=True)])

    def axes(self, shape: Shape) -> tuple[Axis, ...]:
        """The axes the kernel slides along."""
        require_rank(self, shape, self.rank)
        return axes_of(shape, self.kernel_size, self.stride, self.ends(), self.dilation)

    def ends(self) -> AxisPadding:
        """The padding, with what stands before and after each axis where the layer has another rule than its field."""
        return self.padding

    def steps(self, inputs: tuple[Shape, ...], counts: Counts) -> tuple[Step, ...]:
        shape, elements = single(inputs), counts.output.elements
        return (
            *self.padding_steps(shape),
            *self.convolution_steps(shape, counts),
            *activated(self.activation, elements),
        )

    def padding_steps(self, shape: Shape) -> tuple[Step, ...]:
        """Padding that PyTorch makes before it convolves: other than zeros, or unlike at the two ends of an axis."""
        axes, mode = self.axes(shape), getattr(self, "padding_mode", "zeros")
        pads = [axis.pads for axis in axes]
        # In another mode than zeros PyTorch makes a copy even where nothing is to be padded.
        if mode == "zeros" and all(begin == end for begin, end in pads):
            return ()
        if mode == "zeros" and self.padding == "same" and all(axis.stride == 1 for axis in axes):
            # PyTorch's own `same` pads evenly as it convolves, and copies only for the odd element.
            pads = [(0, abs(end - begin)) for begin, end in pads]
        sizes = [axis.size + sum(ends) for axis, ends in zip(axes, pads, strict=True)]
        return (padded(shape.channels * product(sizes), mode),)

    def convolution_steps(self, shape: Shape, counts: Counts) -> tuple[Step, ...]:
        """The convolution itself."""
        kernel = self.kernel_sizes(shape, counts.output, getattr(self, "groups", 1))
        step = convolved(counts.output.elements, kernel, counts.weights, counts.biases)
        return (standardized(step, kernel.filters, self.trainable) if getattr(self, "standardized", False) else step,)

    def kernel_sizes(self, shape: Shape, output: Shape, groups: int) -> Kernel:
        """The sizes by which the workspace of the convolution is estimated."""
        window = tuple([axis.reach for axis in self.axes(shape)])
        stride = per_axis(self.stride, self.rank)
        return Kernel(shape.channels, output.channels, shape.spatial, output.spatial, window, stride, groups)

    def padded_axes(self, shape: Shape) -> tuple[Axis, ...]:
        return self.axes(shape) if self.padding == "same" else ()

    def summary(self) -> str:
        kernel = brief_sizes(self.kernel_size, self.rank)
        stride = "" if self.stride == 1 else f" / {brief_stride(self.stride)}"
        padding = "causal" if getattr(self, "causal", False) else brief_padding(self.padding)
        return " · ".join(part for part in (self.lead(), kernel + stride, padding) if part)

    def lead(self) -> str:
        """The start of the summary: the number of filters."""
        return ""


def _outputs(layer: SlidingLayer, sizes: tuple[int, ...], scope: Scope) -> int:
    """The number of output positions, as symbols O_h and O_w."""
    names = AXIS_NAMES[layer.rank]
    return product([scope.symbol(f"O{name}", size) for name, size in zip(names, sizes, strict=True)])


class Conv(SlidingLayer, frozen=True, kw_only=True):
    """A convolution over all spatial axes: K · (C / G) · N weights and N biases.

    Source: LeCun et al. 1998; sizes by Dumoulin and Visin 2016; groups: Krizhevsky et al. 2012; dilation: Yu and
    Koltun 2016; standardized weights: Qiao et al. 2019.
    """

    starts_with: ClassVar[dict[str, Any]] = {"filters": 64, "kernel_size": 3, "padding": "same"}

    filters: Filters
    groups: Groups = 1
    padding_mode: PaddingMode = "zeros"
    standardized: Annotated[
        bool,
        Meta(title="Standardized", description="weights of each filter with mean 0 and deviation 1, by its function"),
    ] = False

    def lead(self) -> str:
        return str(self.filters)

    def links(self, channels: int, scope: Scope) -> int:
        """The input channels that all filters together are connected to: (C / G) · N."""
        return self.channels_seen(channels, scope) * scope.symbol("N", self.filters)

    def channels_seen(self, channels: int, scope: Scope) -> int:
        """The input channels that one filter sees: C / G."""
        seen = scope.symbol("C", channels)
        return seen if self.groups == 1 else exact_divide(seen, scope.symbol("G", self.groups))

    def weights_and_parameters(self, channels: int, scope: Scope) -> tuple[int, int]:
        """Weights K · C/G · N, and parameters (K · C/G + 1) · N."""
        each = product((*self.kernel(scope), self.channels_seen(channels, scope)))
        filters = scope.symbol("N", self.filters)
        # Written as (K · C + 1) · N and not as a sum, because that is how textbooks write it and students look for it.
        return each * filters, (each + 1) * filters if self.bias else each * filters

    def weight_shapes(self, shape: Shape, *, channels_last: bool) -> tuple[tuple[int, ...], ...]:
        kernels = (self.filters, shape.channels // self.groups, *per_axis(self.kernel_size, self.rank))
        return (outputs_last(kernels) if channels_last else kernels,)

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        shape = single(inputs)
        axes = self.axes(shape)
        if self.groups > 1:
            require_multiple(shape.channels, self.groups, "input channels", "groups")
            require_multiple(self.filters, self.groups, "filters", "groups")
        require_fit(axes, "kernel")
        require_room(shape.spatial, [axis.pads for axis in axes], self.padding_mode)
        symbol = scope.symbol
        weights, parameters = self.weights_and_parameters(shape.channels, scope)
        sizes = placed(axes, symbol)
        return Counts(
            Shape(symbol("N", self.filters), sizes),
            weights,
            symbol("N", self.filters) if self.bias else 0,
            parameters,
            0,
            symbol("W", weights) * _outputs(self, sizes, scope),
            tuple([axis.window for axis in axes]),
            window_remarks(axes, "kernel"),
            () if self.bias else NO_BIAS,
        )


class Conv1D(Conv, frozen=True, kw_only=True):
    """A convolution along one axis, as for time series: (K · C + 1) · N parameters.

    Source: Waibel et al. 1989 (time-delay network); causal: van den Oord et al. 2016 (WaveNet).
    """

    rank: ClassVar[int] = 1

    causal: Annotated[
        bool, Meta(title="Causal", description="pad only before, so that no output sees what comes later")
    ] = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.causal and self.padding not in ("valid", 0):
            raise ValueError("causal: the padding follows from the kernel; leave padding out")

    def ends(self) -> AxisPadding:
        if not self.causal:
            return self.padding
        kernel, dilation = per_axis(self.kernel_size, 1)[0], per_axis(self.dilation, 1)[0]
        return ((dilation * (kernel - 1), 0),)


Link = Annotated[tuple[NaturalSize, ...], Meta(min_length=1)]


class Conv2D(Conv, frozen=True, kw_only=True):
    """A convolution over height and width: (K_h · K_w · C + 1) · N parameters.

    Source: LeCun et al. 1998.
    """

    connections: Annotated[
        tuple[Link, ...] | None,
        Meta(
            title="Connections", description="for each filter the input channels it sees, from 0, such as LeNet-5's C3"
        ),
    ] = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.connections is None:
            return
        if self.standardized:
            raise ValueError("standardized: filters with connections of their own are not standardized")
        if self.groups != 1:
            raise ValueError("connections and groups both split the channels; use one of them")
        if len(self.connections) != self.filters:
            raise ValueError(
                f"connections needs one list for each of the {self.filters} filters, and received "
                f"{len(self.connections)}"
            )
        for row in self.connections:
            # A channel named twice would have two kernels that add up to one: more weights, the same function.
            if len(set(row)) != len(row):
                raise ValueError(f"connections names a channel twice in {list(row)}")

    def weight_shapes(self, shape: Shape, *, channels_last: bool) -> tuple[tuple[int, ...], ...]:
        # The filters see unlike numbers of channels, so that their weights are not one tensor.
        return () if self.connections else super().weight_shapes(shape, channels_last=channels_last)

    def weights_and_parameters(self, channels: int, scope: Scope) -> tuple[int, int]:
        if self.connections is None:
            return super().weights_and_parameters(channels, scope)
        highest = max(max(row) for row in self.connections)
        if highest >= channels:
            raise Refusal(
                "connections",
                f"connections name channel {highest}, and the input has channels 0 to {channels - 1}.",
                f"Use channels up to {channels - 1}.",
            )
        weights = product(self.kernel(scope)) * scope.symbol("L", sum(map(len, self.connections)))
        return weights, weights + scope.symbol("N", self.filters) if self.bias else weights

    def convolution_steps(self, shape: Shape, counts: Counts) -> tuple[Step, ...]:
        if self.connections is None:
            return super().convolution_steps(shape, counts)
        # PyTorch has no such layer: each filter gathers its channels into a copy of its own, and keeps that.
        before, links = self.padding_steps(shape), sum(map(len, self.connections))
        positions = before[0].output // shape.channels if before else shape.positions
        kernel = self.kernel_sizes(shape, counts.output, 1)
        step = convolved(counts.output.elements, kernel, counts.weights, counts.biases)
        gathered = (Made("gathered channels", links * positions), Made("indices", fixed=links, size=8))
        return (structs.replace(step, keeps="nothing", kernel=None, makes=gathered),)


class Conv3D(Conv, frozen=True, kw_only=True):
    """A convolution over depth, height and width: (K_d · K_h · K_w · C + 1) · N parameters.

    Source: Ji et al. 2013; Tran et al. 2015.
    """

    rank: ClassVar[int] = 3


class DepthwiseConv(SlidingLayer, frozen=True, kw_only=True):
    """A convolution of each channel by kernels of its own: K · C · M weights and C · M biases.

    Source: Chollet 2016; Howard et al. 2017.
    """

    starts_with: ClassVar[dict[str, Any]] = {"kernel_size": 3, "padding": "same"}

    depth_multiplier: DepthMultiplier = 1

    def lead(self) -> str:
        return "" if self.depth_multiplier == 1 else f"× {self.depth_multiplier}"

    def weight_shapes(self, shape: Shape, *, channels_last: bool) -> tuple[tuple[int, ...], ...]:
        return (_depthwise_shape(self, self.depth_multiplier, shape, channels_last=channels_last),)

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        shape = single(inputs)
        axes, symbol = self.axes(shape), scope.symbol
        require_fit(axes, "kernel")
        sizes = placed(axes, symbol)
        outputs = symbol("C", shape.channels) * symbol("M", self.depth_multiplier)
        each = product(self.kernel(scope))
        weights = each * outputs
        return Counts(
            Shape(outputs, sizes),
            weights,
            outputs if self.bias else 0,
            (each + 1) * outputs if self.bias else weights,
            0,
            symbol("W", weights) * _outputs(self, sizes, scope),
            tuple([axis.window for axis in axes]),
            window_remarks(axes, "kernel"),
            () if self.bias else NO_BIAS,
        )

    def kernel_sizes(self, shape: Shape, output: Shape, groups: int) -> Kernel:
        return super().kernel_sizes(shape, output, shape.channels)


class DepthwiseConv1D(DepthwiseConv, frozen=True, kw_only=True):
    """A depthwise convolution along one axis: (K + 1) · C · M parameters."""

    rank: ClassVar[int] = 1


class DepthwiseConv2D(DepthwiseConv, frozen=True, kw_only=True):
    """A depthwise convolution over height and width: (K_h · K_w + 1) · C · M parameters."""


def _depthwise_shape(layer: SlidingLayer, multiplier: int, shape: Shape, *, channels_last: bool) -> tuple[int, ...]:
    """K · K · C · M for Keras, (C · M) · 1 · K · K for PyTorch."""
    kernel = per_axis(layer.kernel_size, layer.rank)
    return (*kernel, shape.channels, multiplier) if channels_last else (shape.channels * multiplier, 1, *kernel)


class SeparableConv(SlidingLayer, frozen=True, kw_only=True):
    """A depthwise convolution and a 1 × 1 convolution in one, with one bias, as in Keras.

    Source: Sifre 2014; Chollet 2016.
    """

    starts_with: ClassVar[dict[str, Any]] = {"filters": 64, "kernel_size": 3, "padding": "same"}

    filters: Filters
    depth_multiplier: DepthMultiplier = 1

    def lead(self) -> str:
        return str(self.filters)

    def weight_shapes(self, shape: Shape, *, channels_last: bool) -> tuple[tuple[int, ...], ...]:
        depthwise = _depthwise_shape(self, self.depth_multiplier, shape, channels_last=channels_last)
        pointwise = (self.filters, shape.channels * self.depth_multiplier, *per_axis(1, self.rank))
        return depthwise, outputs_last(pointwise) if channels_last else pointwise

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        shape = single(inputs)
        axes, symbol = self.axes(shape), scope.symbol
        require_fit(axes, "kernel")
        sizes = placed(axes, symbol)
        # No bias between the two convolutions, as in Keras: only the pointwise one has it.
        middle = symbol("C", shape.channels) * symbol("M", self.depth_multiplier)
        filters = symbol("N", self.filters)
        weights = product(self.kernel(scope)) * middle + middle * filters
        return Counts(
            Shape(filters, sizes),
            weights,
            filters if self.bias else 0,
            weights + filters if self.bias else weights,
            0,
            symbol("W", weights) * _outputs(self, sizes, scope),
            tuple([axis.window for axis in axes]),
            window_remarks(axes, "kernel"),
            () if self.bias else NO_BIAS,
        )

    def convolution_steps(self, shape: Shape, counts: Counts) -> tuple[Step, ...]:
        """The depthwise convolution, and the 1 × 1 convolution of its map."""
        channels = shape.channels * self.depth_multiplier
        middle = Shape(channels, counts.output.spatial)
        depthwise = product(per_axis(self.kernel_size, self.rank)) * channels
        ones = (1,) * self.rank
        pointwise = Kernel(channels, self.filters, middle.spatial, middle.spatial, ones, ones)
        return (
            convolved(middle.elements, self.kernel_sizes(shape, middle, shape.channels), depthwise, 0),
            convolved(counts.output.elements, pointwise, counts.weights - depthwise, counts.biases),
        )


class SeparableConv1D(SeparableConv, frozen=True, kw_only=True):
    """A separable convolution along one axis: K · C · M + C · M · N weights and N biases."""

    rank: ClassVar[int] = 1


class SeparableConv2D(SeparableConv, frozen=True, kw_only=True):
    """A separable convolution over height and width: K_h · K_w · C · M + C · M · N weights and N biases."""
