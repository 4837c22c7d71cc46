"""Pooling by a p-norm, pooling after a blur, and pooling undone."""

from __future__ import annotations

from math import comb
from typing import Annotated, ClassVar

from msgspec import Meta

from cnnstudio.core.arithmetic.derivation import plain, product
from cnnstudio.core.arithmetic.shape import Axis, Shape, per_axis, sizes_text
from cnnstudio.core.network.layer import AxisSizes, Counts, Layer, Scope, single
from cnnstudio.core.network.problem import Refusal
from cnnstudio.core.network.step import Made, Step, padded
from cnnstudio.layers.demands import at_most, describe, require_map, require_one_an_axis, require_window_axes
from cnnstudio.layers.pooling import Pool
from cnnstudio.layers.sliding import PoolSize, PoolStride, Stride, axes_of, misfit, placed
from cnnstudio.layers.summaries import brief_sizes, brief_stride


class LPPool(Pool, frozen=True, kw_only=True):
    """Takes the p-norm of each window, without absolute values, as PyTorch does: (Σ xᵖ)^(1 / p).

    Source: Sermanet et al. 2012; torch.nn.LPPool2d, where the power is `norm_type`.
    """

    verb: ClassVar[str] = "power"
    learns_nothing: ClassVar[str] = "pooling learns nothing: the power is fixed"

    power: Annotated[
        float, Meta(title="Power", description="p of the norm: 1 gives the sum, 2 the length", gt=0, le=100)
    ] = 2.0

    def __post_init__(self) -> None:
        super().__post_init__()
        # Its function in PyTorch has none, and zeros around a map would change what a ceiling divides by.
        if self.padding not in ("valid", 0):
            raise ValueError(f"padding: {self.type_name} has none; put a ZeroPad before it")

    def steps(self, inputs: tuple[Shape, ...], counts: Counts) -> tuple[Step, ...]:
        elements, pooled = single(inputs).elements, counts.output.elements
        made = ("sign", "absolute value", "sum")
        return (
            Step(output=elements, flow="single", casts=True, keeps="input"),
            # The average of the powers, of which it keeps what makes a root with a sign of it.
            Step(output=pooled, keeps="input", makes=tuple([Made(what, pooled) for what in ("average", *made)])),
        )


class LPPool1D(LPPool, frozen=True, kw_only=True):
    """Takes the p-norm of each window along one axis: (Σ xᵖ)^(1 / p); no parameters."""

    rank: ClassVar[int] = 1


class LPPool2D(LPPool, frozen=True, kw_only=True):
    """Takes the p-norm of each window: (Σ xᵖ)^(1 / p); no parameters."""


class LPPool3D(LPPool, frozen=True, kw_only=True):
    """Takes the p-norm of each window along depth, height and width: (Σ xᵖ)^(1 / p); no parameters."""

    rank: ClassVar[int] = 3

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        counts = super().count(inputs, scope)
        axes = axes_of(single(inputs), self.pool_size, self.steps_of(), "valid")
        # PyTorch refuses such a window along three axes, even where it rounds up; along fewer it takes what there is.
        if any(axis.reach > axis.size for axis in axes):
            raise misfit(axes, "window", can_pad=False)
        return counts


class BlurPool(Layer, frozen=True, kw_only=True):
    """Blurs by a fixed binomial filter and takes each so many-th element, against aliasing; no parameters.

    The map is reflected at its edges. Source: Zhang 2019.
    """

    family: ClassVar[str] = "pooling"
    learns_nothing: ClassVar[str] = "its filter is fixed"
    symbols: ClassVar[dict[str, str]] = {"K": "filter size"}

    filter_size: Annotated[
        int, Meta(title="Filter size", description="elements of the filter along each axis", ge=1, le=64)
    ] = 3
    stride: Stride = 2

    def axes(self, shape: Shape) -> tuple[Axis, ...]:
        """The axes along which the filter slides, with what is reflected at their ends."""
        pads = ((self.filter_size - 1) // 2, self.filter_size // 2)
        return axes_of(shape, self.filter_size, self.stride, (pads,) * shape.rank)

    def taps(self) -> tuple[float, ...]:
        """The filter along one axis: binomial coefficients, whose sum is 1."""
        return tuple(comb(self.filter_size - 1, at) / 2 ** (self.filter_size - 1) for at in range(self.filter_size))

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        shape = single(inputs)
        require_map(self, shape, "Leave it out: there is nothing to blur.")
        require_window_axes(self, shape)
        require_one_an_axis(self, self.stride, shape, "stride")
        axes = self.axes(shape)
        if any(max(axis.pads) >= axis.size for axis in axes):
            least, needed = min(shape.spatial), self.filter_size // 2 + 1
            # Half of the filter lies beyond the edge, whose element is not repeated.
            raise Refusal(
                "padding-mode",
                f"a filter of {self.filter_size} needs {needed} elements on each axis to reflect them at the edges, "
                f"and the input has {least}.",
                f"Use a filter of {at_most(2 * least - 1)}.",
            )
        reach = tuple([axis.window for axis in axes])
        return Counts(Shape(scope.symbol("C", shape.channels), placed(axes, scope.symbol)), reach=reach)

    def steps(self, inputs: tuple[Shape, ...], counts: Counts) -> tuple[Step, ...]:
        shape = single(inputs)
        sizes = [axis.size + sum(axis.pads) for axis in self.axes(shape)]
        filters = Made("filters", fixed=shape.channels * self.filter_size**shape.rank)
        blurred = Step(output=counts.output.elements, flow="half", casts=True, keeps="input", makes=(filters,))
        return (*((padded(shape.channels * product(sizes), "reflect"),) if self.filter_size > 1 else ()), blurred)

    def summary(self) -> str:
        return f"blur {self.filter_size} / {brief_stride(self.stride)}"


class MaxUnpool(Layer, frozen=True, kw_only=True):
    """Puts each element where the maximum of its window was in the map that was pooled, and zeros elsewhere.

    Its inputs are what is put back, and the places of the maximums, which are a further output of a max pool, or the
    map that the max pool of these windows took. Source: Zeiler and Fergus
    2014; Badrinarayanan et al. 2017 (SegNet); torch.nn.MaxUnpool2d.
    """

    family: ClassVar[str] = "pooling"
    min_inputs: ClassVar[int] = 2
    max_inputs: ClassVar[int | None] = 2
    learns_nothing: ClassVar[str] = "it only moves elements"
    takes_places: ClassVar[bool] = True
    symbols: ClassVar[dict[str, str]] = {"K": "pool size"}

    pool_size: PoolSize = 2
    stride: PoolStride = None

    def steps_of(self) -> AxisSizes:
        """The stride: the pool size unless said."""
        return self.pool_size if self.stride is None else self.stride

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        taken, pooled = inputs
        for shape in inputs:
            require_map(self, shape, "Put it before the layer that makes a vector.")
            require_window_axes(self, shape)
        if taken.within:
            sentence = "what it puts back are numbers, and it receives the places of maximums first."
            raise Refusal("places", sentence, "Give it first the numbers, and then the places.")
        if pooled.within:
            return self._counts_of_places(taken, pooled)
        for field in ("pool_size", "stride"):
            require_one_an_axis(self, getattr(self, field), pooled, field)
        axes = axes_of(pooled, self.pool_size, self.steps_of(), "valid")
        sizes = placed(axes, plain)
        if min(sizes) < 1:
            raise misfit(axes, "window", can_pad=False)
        wanted = Shape(pooled.channels, sizes)
        if taken != wanted:
            raise Refusal(
                "merge",
                f"its windows in {describe(pooled)} give {wanted}, and what it puts back is {taken}.",
                "Give it first what has the shape of the pool's output, and then the map that was pooled.",
            )
        return Counts(pooled, reach="unknown")

    def _counts_of_places(self, taken: Shape, places: Shape) -> Counts:
        if len(places.within) != places.rank:
            sentence = f"the places are in maps of {sizes_text(places.within)}, and it receives {describe(taken)}."
            raise Refusal("places", sentence, "Apply it at each step, or to all of them, as the max pool is.")
        if taken != Shape(places.channels, places.spatial):
            raise Refusal(
                "merge",
                f"it receives {describe(taken)}, and places of {Shape(places.channels, places.spatial)} maximums.",
                "Give it first what has the shape of the pool's output, and then the places of that pool.",
            )
        for field in ("pool_size", "stride"):
            require_one_an_axis(self, getattr(self, field), places, field)
        if self.paddings(places) is None:
            windows = sizes_text(per_axis(self.pool_size, places.rank))
            raise Refusal(
                "window",
                f"windows of {windows} at {sizes_text(places.spatial)} places do not make up a map of "
                f"{sizes_text(places.within)}, in which the places are.",
                "Give it the pool size and the stride of the pool.",
            )
        return Counts(Shape(places.channels, places.within), reach="unknown")

    def paddings(self, places: Shape) -> tuple[int, ...] | None:
        """The padding of each axis with which its windows make up the map of these places; None if none does.

        As PyTorch demands it: |(n − 1) · S + K − 2 · P − O| < S for n places, O elements and P of at most half the
        window.
        """
        windows, strides = per_axis(self.pool_size, places.rank), per_axis(self.steps_of(), places.rank)
        found: list[int] = []
        for count, size, window, stride in zip(places.spatial, places.within, windows, strides, strict=True):
            over = (count - 1) * stride + window - size
            padding = min(max(-(-over // 2), 0), window // 2)
            if abs(over - 2 * padding) >= stride:
                return None
            found.append(padding)
        return tuple(found)

    def steps(self, inputs: tuple[Shape, ...], counts: Counts) -> tuple[Step, ...]:
        elements = counts.output.elements
        if inputs[1].within:
            return (Step(output=elements, inputs=(0, 1), keeps="partners", gradient="first"),)
        # The places of the maximums are found once more, and are all that it keeps.
        places = (Made("places of maximums", inputs[0].elements, size=8),)
        return (Step(output=elements, inputs=(0, 1), makes=places, gradient="first"),)

    def summary(self) -> str:
        return f"undo max {brief_sizes(self.pool_size, 2) if isinstance(self.pool_size, tuple) else self.pool_size}"
