"""Pooling: over windows, over the whole map, to a given size, and LeNet-5's with something to learn."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from msgspec import Meta

from cnnstudio.core.arithmetic.derivation import plain, product
from cnnstudio.core.arithmetic.receptive_field import Reach, reach_of
from cnnstudio.core.arithmetic.shape import AXIS_NAMES, Axis, Rounding, Shape, sized, sizes_text
from cnnstudio.core.arithmetic.taps import adaptive_taps
from cnnstudio.core.network.layer import WINDOW_RANK, Activate, AxisSizes, Counts, Layer, Scope, Size, single
from cnnstudio.core.network.problem import Refusal, Remark, with_article
from cnnstudio.core.network.step import INDICES, PLACE_BYTES, Made, Step, activated, multiplied, padded
from cnnstudio.layers.demands import require_map, require_one_an_axis, require_rank, require_window_axes, sizes_for
from cnnstudio.layers.sliding import (
    Dilation,
    PoolSize,
    PoolStride,
    WindowPadding,
    axes_of,
    fitting_text,
    misfit,
    placed,
    window_remarks,
)
from cnnstudio.layers.summaries import brief_padding, brief_sizes, brief_stride

CeilMode = Annotated[
    bool, Meta(title="Ceil mode", description="round the output size up, by PyTorch's rule or by Caffe's")
]


class Pool(Layer, frozen=True, kw_only=True):
    """Pooling over a sliding window; the channels stay as they are."""

    family: ClassVar[str] = "pooling"
    rank: ClassVar[int] = 2
    verb: ClassVar[str] = "max"
    starts_with: ClassVar[dict[str, Any]] = {"pool_size": 2}
    symbols: ClassVar[dict[str, str]] = {"K": "pool size"}

    pool_size: PoolSize
    stride: PoolStride = None
    padding: WindowPadding = "valid"
    ceil_mode: CeilMode = False

    def __post_init__(self) -> None:
        for field in ("pool_size", "stride", "padding", "dilation"):
            # AvgPool has no dilation, and a stride may be left out: 0 stands for a value that there is nothing to check
            # of.
            sizes_for(field, getattr(self, field, None) or 0, self.rank, self.type_name)

    def steps_of(self) -> AxisSizes:
        """The stride: by its own window unless told otherwise, in PyTorch and Keras alike."""
        return self.pool_size if self.stride is None else self.stride

    def axes(self, shape: Shape) -> tuple[Axis, ...]:
        """The axes the window slides along."""
        return axes_of(shape, self.pool_size, self.steps_of(), self.padding, getattr(self, "dilation", 1))

    def padded_axes(self, shape: Shape) -> tuple[Axis, ...]:
        return self.axes(shape) if self.padding == "same" else ()

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        shape = single(inputs)
        require_rank(self, shape, self.rank)
        axes = self.axes(shape)
        _require_half(axes)
        # PyTorch and Caffe both round up, but drop a last window that begins in the padding by different rules.
        rounding: Rounding = scope.rounding if self.ceil_mode else "floor"
        sizes = placed(axes, scope.symbol, rounding)
        if min(sizes) < 1:
            raise misfit(axes, "window")
        remarks = window_remarks(axes, "window", rounds_up=self.ceil_mode)
        # A design that is counted as Caffe and rounds down would get other sizes from Caffe itself, silently.
        if scope.rounding == "caffe" and not self.ceil_mode:
            remarks += _caffe_remarks(axes, sizes)
        return Counts(
            Shape(scope.symbol("C", shape.channels), sizes),
            reach=tuple([axis.window for axis in axes]),
            remarks=remarks,
        )

    def padding_steps(self, shape: Shape, output: Shape) -> tuple[Step, ...]:
        """Padding that PyTorch makes before it pools, as far as windows reach into it.

        Its pools take none that is unlike at the two ends of an axis, or of more than half the window.
        """
        axes = self.axes(shape)
        if all(axis.pads[0] == axis.pads[1] <= axis.kernel // 2 for axis in axes):
            return ()
        needed = self.needed(shape, output)
        if not any((*needed, *(axis.pads[0] for axis in axes))):
            return ()
        sizes = [axis.size + axis.pads[0] + end for axis, end in zip(axes, needed, strict=True)]
        return (padded(shape.channels * product(sizes), "zeros"),)

    def needed(self, shape: Shape, output: Shape) -> list[int]:
        """The padding at the end of each axis into which its last window reaches."""
        pairs = zip(self.axes(shape), output.spatial, strict=True)
        ends = [(count - 1) * axis.stride + axis.reach - axis.size - axis.pads[0] for axis, count in pairs]
        return [max(end, 0) for end in ends]

    def summary(self) -> str:
        # Windows that do not overlap are what a reader expects, and need no word.
        stride = "" if self.stride in (None, self.pool_size) else f" / {brief_stride(self.stride or 1)}"
        parts = (f"{self.verb} {brief_sizes(self.pool_size, self.rank)}{stride}", brief_padding(self.padding))
        return " · ".join(part for part in (*parts, "ceil" if self.ceil_mode else "") if part)


def _caffe_remarks(axes: tuple[Axis, ...], sizes: tuple[int, ...]) -> tuple[Remark, ...]:
    """A remark where Caffe, which rounds up unless told otherwise, would make more outputs."""
    there = placed(axes, plain, "caffe")
    if there == tuple(map(int, sizes)):
        return ()
    sentence = f"it rounds down to {sizes_text(sizes)}; Caffe rounds up unless told otherwise, to {sizes_text(there)}."
    return (
        Remark("caffe-rounding", sentence, "Turn its ceil mode on, or accept it: Caffe has round_mode: FLOOR for it."),
    )


def _require_half(axes: tuple[Axis, ...]) -> None:
    """Refuses padding of more than half the window, which would pool nothing but padding."""
    for axis in axes:
        if axis.padding != "same" and max(axis.padding) > axis.kernel // 2:
            raise Refusal(
                "pool-padding",
                f"padding may be at most half the window, and {max(axis.padding)} is more than half of {axis.kernel}.",
                f"Use a padding of {axis.kernel // 2}" + (" or less." if axis.kernel > 1 else "."),
            )


def places_in(pooled: Shape, output: Shape) -> Shape:
    """The shape of the places that the maximums of an output have in the map that was pooled."""
    return Shape(output.channels, output.spatial, pooled.spatial)


def maximum_step(elements: int) -> Step:
    """A maximum of windows, which writes down the index of each, also in inference."""
    indices = Made(INDICES, elements, size=PLACE_BYTES)
    return Step(output=elements, keeps="input", makes=(indices,), gives=(indices,), inference_scratch=indices)


class MaxPool(Pool, frozen=True, kw_only=True):
    """Takes the maximum of each window; where each is, `indices`, is a further output.

    Source: Riesenhuber and Poggio 1999; Scherer et al. 2010.
    """

    learns_nothing: ClassVar[str] = "pooling learns nothing: it takes the maximum of each window"
    dilation: Dilation = 1

    @property
    def further_outputs(self) -> tuple[str, ...]:
        return (INDICES,)

    def further_output(self, name: str, inputs: tuple[Shape, ...], output: Shape) -> Shape:
        return places_in(single(inputs), output)

    def steps(self, inputs: tuple[Shape, ...], counts: Counts) -> tuple[Step, ...]:
        return (*self.padding_steps(single(inputs), counts.output), maximum_step(counts.output.elements))


class AvgPool(Pool, frozen=True, kw_only=True):
    """Takes the average of each window; `same` padding is never part of it, as in TensorFlow.

    Source: LeCun et al. 1990.
    """

    verb: ClassVar[str] = "average"
    learns_nothing: ClassVar[str] = "pooling learns nothing: it takes the average of each window"
    count_padding: Annotated[
        bool, Meta(title="Count padding", description="padding given by numbers takes part in averages, as zeros")
    ] = True

    def steps(self, inputs: tuple[Shape, ...], counts: Counts) -> tuple[Step, ...]:
        shape, output = single(inputs), counts.output
        before = self.padding_steps(shape, output)
        pooled = Step(output=output.elements, keeps="input")
        ends = zip(self.axes(shape), self.needed(shape, output), strict=True)
        counts_all = self.count_padding and self.padding != "same" and all(end <= axis.pads[1] for axis, end in ends)
        if not before or counts_all:
            return (*before, pooled)
        # The sums are divided by how many elements of the map each window holds.
        return (*before, pooled, Step(output=output.elements, makes=(Made("divisors", fixed=output.positions),)))


class MaxPool1D(MaxPool, frozen=True, kw_only=True):
    """Takes the maximum of each window along one axis; no parameters."""

    rank: ClassVar[int] = 1


class MaxPool2D(MaxPool, frozen=True, kw_only=True):
    """Takes the maximum of each window; no parameters."""


class MaxPool3D(MaxPool, frozen=True, kw_only=True):
    """Takes the maximum of each window in depth, height and width; no parameters.

    Source: Tran et al. 2015.
    """

    rank: ClassVar[int] = 3


class AvgPool1D(AvgPool, frozen=True, kw_only=True):
    """Takes the average of each window along one axis; no parameters."""

    rank: ClassVar[int] = 1


class AvgPool2D(AvgPool, frozen=True, kw_only=True):
    """Takes the average of each window; no parameters."""


class AvgPool3D(AvgPool, frozen=True, kw_only=True):
    """Takes the average of each window in depth, height and width; no parameters."""

    rank: ClassVar[int] = 3

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        shape = single(inputs)
        if shape.rank == self.rank and self.padding != "same":
            axes = self.axes(shape)
            # PyTorch, the one framework with explicit padding here, compares with the unpadded input.
            if any(axis.kernel > axis.size for axis in axes):
                window = with_article(sized("window", tuple(axis.kernel for axis in axes)))
                raise Refusal(
                    "window",
                    f"{window} is larger than its {sizes_text(shape.spatial)} input.",
                    f"Use {fitting_text(axes, shape.spatial, 'window')}; AvgPool3D does not let padding make room.",
                )
        return super().count(inputs, scope)


class GlobalPool(Layer, frozen=True, kw_only=True):
    """Pools each channel to one number."""

    family: ClassVar[str] = "pooling"
    verb: ClassVar[str] = "max"

    keepdims: Annotated[
        bool, Meta(title="Keep axes", description="leave spatial axes of size 1 instead of making a vector")
    ] = False

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        shape = single(inputs)
        require_map(self, shape, "Leave it out: there is nothing to pool.")
        require_window_axes(self, shape, "Use a Reduce over its axes, or put a Reshape before it.")
        # The axes stay where convolutions of 1 × 1 come next, as in many a gate.
        spatial = (1,) * shape.rank if self.keepdims else ()
        return Counts(Shape(scope.symbol("C", shape.channels), spatial), reach="whole")

    def summary(self) -> str:
        return f"global {self.verb}"


class GlobalMaxPool(GlobalPool, frozen=True, kw_only=True):
    """Takes the maximum of each channel; no parameters.

    Source: Oquab et al. 2015.
    """

    learns_nothing: ClassVar[str] = "pooling learns nothing: it takes the maximum of each channel"

    def steps(self, inputs: tuple[Shape, ...], counts: Counts) -> tuple[Step, ...]:
        return (maximum_step(counts.output.elements),)


class GlobalAvgPool(GlobalPool, frozen=True, kw_only=True):
    """Takes the average of each channel; no parameters.

    Source: Lin et al. 2014 (network in network).
    """

    verb: ClassVar[str] = "average"
    learns_nothing: ClassVar[str] = "pooling learns nothing: it takes the average of each channel"

    def steps(self, inputs: tuple[Shape, ...], counts: Counts) -> tuple[Step, ...]:
        # PyTorch runs it as a mean, which keeps nothing.
        return (Step(output=counts.output.elements),)


class AdaptivePool(Layer, frozen=True, kw_only=True):
    """Pools to a given output size, whatever the input size.

    Source: torch.nn.AdaptiveAvgPool2d; bins by size were used by He et al. 2014 (spatial pyramid pooling).
    """

    family: ClassVar[str] = "pooling"
    verb: ClassVar[str] = "max"
    starts_with: ClassVar[dict[str, Any]] = {"output_size": 1}

    output_size: Annotated[
        Size | Annotated[tuple[Size | None, ...], Meta(min_length=1, max_length=WINDOW_RANK)],
        Meta(title="Output size", description="spatial sizes of the output; null keeps the size of an axis"),
    ]

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        shape = single(inputs)
        wanted = self.output_size
        require_map(self, shape, "Leave it out: there is nothing to pool.")
        require_window_axes(self, shape)
        require_one_an_axis(self, wanted, shape, "output_size")
        sizes = (wanted,) * shape.rank if isinstance(wanted, int) else wanted
        outputs = tuple(
            scope.symbol(f"O{name}", have if want is None else want)
            for name, want, have in zip(AXIS_NAMES[shape.rank], sizes, shape.spatial, strict=True)
        )
        # To one element is global pooling by another name, and sees everything.
        whole = all(size == 1 for size in outputs) and shape.positions > 1
        windows = [adaptive_taps(have, int(want)) for have, want in zip(shape.spatial, outputs, strict=True)]
        reach: Reach = "whole" if whole else reach_of(windows)
        return Counts(Shape(scope.symbol("C", shape.channels), outputs), reach=reach)

    def summary(self) -> str:
        sizes = (self.output_size,) if isinstance(self.output_size, int) else self.output_size
        return f"{self.verb} to " + "×".join("all" if size is None else str(size) for size in sizes)


class AdaptiveMaxPool(AdaptivePool, frozen=True, kw_only=True):
    """Takes the maximum of as many windows as the output size asks for; no parameters."""

    learns_nothing: ClassVar[str] = "pooling learns nothing: it takes the maximum of each window"

    @property
    def further_outputs(self) -> tuple[str, ...]:
        return (INDICES,)

    def further_output(self, name: str, inputs: tuple[Shape, ...], output: Shape) -> Shape:
        return places_in(single(inputs), output)

    def steps(self, inputs: tuple[Shape, ...], counts: Counts) -> tuple[Step, ...]:
        return (maximum_step(counts.output.elements),)


class AdaptiveAvgPool(AdaptivePool, frozen=True, kw_only=True):
    """Takes the average of as many windows as the output size asks for; no parameters."""

    verb: ClassVar[str] = "average"
    learns_nothing: ClassVar[str] = "pooling learns nothing: it takes the average of each window"

    def steps(self, inputs: tuple[Shape, ...], counts: Counts) -> tuple[Step, ...]:
        # To one element PyTorch runs it as a mean, which keeps nothing.
        whole = counts.output.positions == 1
        return (Step(output=counts.output.elements, keeps="nothing" if whole else "input"),)


class Subsampling(Layer, frozen=True, kw_only=True):
    """LeNet-5's pooling: sums each window, times one trainable coefficient, plus one bias a map (LeCun et al. 1998).

    Source: LeCun et al. 1998.
    """

    family: ClassVar[str] = "pooling"
    symbols: ClassVar[dict[str, str]] = {"K": "pool size"}

    pool_size: PoolSize = 2
    stride: PoolStride = None
    activation: Annotated[
        Activate | None, Meta(title="Activation", description="function applied to the output; costs nothing")
    ] = None

    def __post_init__(self) -> None:
        for field in ("pool_size", "stride"):
            sizes_for(field, getattr(self, field) or 0, 2, self.type_name)

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        shape = single(inputs)
        require_rank(self, shape, 2)
        axes = axes_of(shape, self.pool_size, self.pool_size if self.stride is None else self.stride, "valid")
        sizes = placed(axes, scope.symbol)
        if min(sizes) < 1:
            raise misfit(axes, "window", can_pad=False)
        channels = scope.symbol("C", shape.channels)
        return Counts(
            Shape(channels, sizes),
            channels,
            channels,
            2 * channels,
            reach=tuple(axis.window for axis in axes),
            remarks=window_remarks(axes, "window", can_pad=False),
            reasons=(("weights", "one coefficient a map"), ("biases", "one bias a map")),
        )

    def steps(self, inputs: tuple[Shape, ...], counts: Counts) -> tuple[Step, ...]:
        elements = counts.output.elements
        summed = Step(output=elements, keeps="input")
        return (summed, *multiplied(elements, counts.weights, counts.biases), *activated(self.activation, elements))

    def summary(self) -> str:
        return f"sum {brief_sizes(self.pool_size, 2)} · trainable"
