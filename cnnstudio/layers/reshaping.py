"""Layers that move elements without computing on them."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Annotated, Any, ClassVar, Literal

from msgspec import Meta

from cnnstudio.core.arithmetic.derivation import exact_divide, product
from cnnstudio.core.arithmetic.receptive_field import Reach, reach_of
from cnnstudio.core.arithmetic.shape import (
    AXIS_NAMES,
    MAX_RANK,
    Shape,
    Window,
    explicit_padding,
    per_axis,
    sizes_text,
)
from cnnstudio.core.arithmetic.taps import interpolated_taps
from cnnstudio.core.network.layer import (
    WINDOW_RANK,
    AxisSizes,
    Counts,
    Ends,
    Layer,
    Margin,
    NaturalSize,
    Scope,
    Size,
    single,
)
from cnnstudio.core.network.problem import Refusal
from cnnstudio.core.network.step import Step, copied, padded, part_of, viewed
from cnnstudio.layers.demands import (
    describe,
    require_axis,
    require_map,
    require_one_an_axis,
    require_rank,
    require_room,
    require_window_axes,
)

FreeSize = Annotated[int, Meta(ge=-1, le=1_000_000_000)]


class ReshapingLayer(Layer, frozen=True, kw_only=True):
    """A layer that only moves elements."""

    family: ClassVar[str] = "reshaping"
    learns_nothing: ClassVar[str] = "it only moves elements"
    moves: ClassVar[Callable[[int], Step]] = copied

    def steps(self, inputs: tuple[Shape, ...], counts: Counts) -> tuple[Step, ...]:
        return (type(self).moves(counts.output.elements),)


def axis_symbols(shape: Shape, scope: Scope) -> tuple[int, ...]:
    """The spatial sizes of an input under their symbols, I_h and I_w."""
    names = AXIS_NAMES[shape.rank]
    return tuple([scope.symbol(f"I{name}", size) for name, size in zip(names, shape.spatial, strict=True)])


def require_axes(layer: Layer, value: int | tuple[object, ...], shape: Shape, field: str) -> None:
    """Raises Refusal for a vector, and for a value that does not have one number for each axis."""
    require_map(layer, shape, "Put it before the layer that makes a vector.")
    require_one_an_axis(layer, value, shape, field)


class Flatten(ReshapingLayer, frozen=True, kw_only=True):
    """Makes a vector of a map: H · W · C elements; no parameters.

    Source: torch.nn.Flatten; keras.layers.Flatten.
    """

    moves: ClassVar[Callable[[int], Step]] = viewed
    is_view: ClassVar[bool] = True

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        shape = single(inputs)
        return Counts(Shape(product((*axis_symbols(shape, scope), scope.symbol("C", shape.channels)))))


class Reshape(ReshapingLayer, frozen=True, kw_only=True):
    """Gives the same elements another shape; one size may be -1, which is then worked out.

    Source: keras.layers.Reshape.
    """

    moves: ClassVar[Callable[[int], Step]] = viewed
    is_view: ClassVar[bool] = True
    starts_with: ClassVar[dict[str, Any]] = {"channels": -1}

    channels: Annotated[FreeSize, Meta(title="Channels", description="channels of the output, or -1")]
    size: Annotated[
        FreeSize | Annotated[tuple[FreeSize, ...], Meta(max_length=MAX_RANK)],
        Meta(title="Size", description="spatial sizes of the output; none for a vector"),
    ] = ()

    def __post_init__(self) -> None:
        sizes = self.sizes()
        # Frameworks read 0 differently: for ONNX it keeps the size of the input, for numpy the tensor is empty.
        if 0 in sizes:
            raise ValueError("size: a size of 0 has no elements; use 1 or more, or -1 once")
        if sizes.count(-1) > 1:
            raise ValueError("only one size can be -1")

    def sizes(self) -> tuple[int, ...]:
        """[channels, *size] as given."""
        return (self.channels, *((self.size,) if isinstance(self.size, int) else self.size))

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        shape = single(inputs)
        wanted = self.sizes()
        # A vector of -1 alone leaves 1, which divides everything.
        known = product([size for size in wanted if size > 0])
        elements = shape.elements
        if elements % known or (-1 not in wanted and known != elements):
            raise Refusal(
                "reshape",
                f"{shape} has {elements:,} elements, and {sizes_text(wanted)} "
                + (f"has {known:,}." if -1 not in wanted else f"needs a multiple of {known:,}."),
                "Use sizes whose product is the number of elements.",
            )
        free = exact_divide(scope.symbol("E", elements), known) if -1 in wanted else 0
        channels, *spatial = (free if size == -1 else size for size in wanted)
        result = Shape(channels, tuple(spatial))
        # Elements that land in other places mix positions, and no window describes that.
        reach: Reach = "pointwise" if result.spatial == shape.spatial or not spatial else "unknown"
        return Counts(result, reach=reach)

    def summary(self) -> str:
        return "to " + sizes_text(self.sizes())


class RepeatVector(ReshapingLayer, frozen=True, kw_only=True):
    """Repeats a vector along a new axis: a sequence of alike steps, as between an encoder and a decoder.

    C numbers become n steps of C channels. Source: keras.layers.RepeatVector.
    """

    rank: ClassVar[int] = 0
    moves: ClassVar[Callable[[int], Step]] = viewed
    learns_nothing: ClassVar[str] = "it only repeats"
    starts_with: ClassVar[dict[str, Any]] = {"times": 10}
    symbols: ClassVar[dict[str, str]] = {"n": "steps of the sequence"}

    times: Annotated[Size, Meta(title="Times", description="n: how many steps the sequence has")]

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        shape = single(inputs)
        require_rank(self, shape, self.rank)
        # The steps of the new axis are no places in the image, so that nothing is known of what a window on them sees.
        return Counts(Shape(scope.symbol("C", shape.channels), (scope.symbol("n", self.times),)), reach="unknown")

    def summary(self) -> str:
        return f"× {self.times}"


class Permute(ReshapingLayer, frozen=True, kw_only=True):
    """Exchanges axes.

    Source: keras.layers.Permute.
    """

    moves: ClassVar[Callable[[int], Step]] = viewed
    starts_with: ClassVar[dict[str, Any]] = {"dims": [1, 2, 0]}

    dims: Annotated[
        tuple[NaturalSize, ...],
        Meta(title="Dims", description="for each output axis the input axis it takes; 0: channels", min_length=1),
    ]

    def __post_init__(self) -> None:
        if sorted(self.dims) != list(range(len(self.dims))):
            raise ValueError(f"dims must name each of the axes 0 to {len(self.dims) - 1} once, such as [1, 2, 0]")

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        sizes = single(inputs).to_list()
        if len(self.dims) != len(sizes):
            raise Refusal(
                "rank",
                f"dims names {len(self.dims)} axes and receives {describe(single(inputs))}, which has {len(sizes)}.",
                f"Name each of the axes 0 to {len(sizes) - 1} once.",
            )
        channels, *spatial = (sizes[axis] for axis in self.dims)
        # With axes exchanged the offsets and strides belong to other axes, which a field by axis cannot say.
        stays = self.dims == tuple(range(len(self.dims)))
        return Counts(Shape(channels, tuple(spatial)), reach="pointwise" if stays else "unknown")

    def summary(self) -> str:
        return ", ".join(str(axis) for axis in self.dims)


class ZeroPad(ReshapingLayer, frozen=True, kw_only=True):
    """Adds elements around a map: zeros, or copies of what is there.

    Source: torch.nn.ZeroPad2d, ReflectionPad2d, ReplicationPad2d and CircularPad2d; zeros along the channels: He et al.
    2016 (shortcuts of option A).
    """

    padding: Annotated[Margin, Meta(title="Padding", description="elements added at each end of each axis")] = 1
    padding_mode: Annotated[
        Literal["zeros", "reflect", "replicate", "circular"],
        Meta(title="Padding mode", description="what is added; reflect and circular need room for it"),
    ] = "zeros"
    channels: Annotated[
        NaturalSize | Ends,
        Meta(title="Channels", description="channels of zeros added at both ends, or [before, after]"),
    ] = 0

    def __post_init__(self) -> None:
        if any(self.channel_ends()) and self.padding_mode != "zeros":
            raise ValueError(f"channels: they are padded with zeros alone, and padding_mode is {self.padding_mode}")

    def channel_ends(self) -> tuple[int, int]:
        """The channels of zeros before and after those that flow in."""
        return (
            (self.channels, self.channels) if isinstance(self.channels, int) else (self.channels[0], self.channels[1])
        )

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        shape = single(inputs)
        if isinstance(self.padding, tuple) and len(self.padding) == shape.rank + 1:
            raise Refusal(
                "rank",
                f"its padding has a value for the channels, too, and it receives {describe(shape)}.",
                "State the zeros along the channels as its channels, and the padding for each spatial axis.",
            )
        require_axes(self, self.padding, shape, "padding")
        if self.padding_mode != "zeros":
            require_window_axes(self, shape, "Use padding_mode: zeros, or put a Reshape before it.")
        pads = explicit_padding(self.padding, shape.rank)
        require_room(shape.spatial, pads, self.padding_mode)
        names = AXIS_NAMES[shape.rank]
        sizes = tuple(
            size + scope.symbol(f"P{name}_begin", begin) + scope.symbol(f"P{name}_end", end)
            for name, size, (begin, end) in zip(names, axis_symbols(shape, scope), pads, strict=True)
        )
        before, after = self.channel_ends()
        channels = shape.channels
        if before or after:
            channels = scope.symbol("C", channels) + scope.symbol("P_c_begin", before) + scope.symbol("P_c_end", after)
        return Counts(Shape(channels, sizes), reach=tuple(Window(-begin, 1) for begin, _ in pads))

    def zeros_at_end(self, rank: int) -> tuple[int, ...]:
        # Copies of the edge are input too: losing them is worth the warning that zeros are spared.
        if self.padding_mode != "zeros":
            return ()
        return tuple(end for _, end in explicit_padding(self.padding, rank))

    def steps(self, inputs: tuple[Shape, ...], counts: Counts) -> tuple[Step, ...]:
        return (padded(counts.output.elements, self.padding_mode),)


class Crop(ReshapingLayer, frozen=True, kw_only=True):
    """Cuts elements off around a map.

    Source: keras.layers.Cropping2D; Ronneberger et al. 2015 (U-Net) crop before they concatenate.
    """

    moves: ClassVar[Callable[[int], Step]] = part_of

    cropping: Annotated[Margin, Meta(title="Cropping", description="elements cut off at each end of each axis")] = 1

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        shape = single(inputs)
        require_axes(self, self.cropping, shape, "cropping")
        cuts = explicit_padding(self.cropping, shape.rank)
        names = AXIS_NAMES[shape.rank]
        sizes = tuple(
            size - scope.symbol(f"X{name}_begin", begin) - scope.symbol(f"X{name}_end", end)
            for name, size, (begin, end) in zip(names, axis_symbols(shape, scope), cuts, strict=True)
        )
        if min(sizes) < 1:
            raise Refusal(
                "crop",
                f"cropping leaves nothing of {sizes_text(shape.spatial)}.",
                f"Cut off less than {min(shape.spatial)} elements of each axis.",
            )
        return Counts(Shape(shape.channels, sizes), reach=tuple(Window(begin, 1) for begin, _ in cuts))


Factor = Annotated[float, Meta(gt=0, le=1_000_000)]


class Upsample(ReshapingLayer, frozen=True, kw_only=True):
    """Enlarges a map, by a factor or to a size, by repeating or interpolating; no parameters.

    Source: torch.nn.Upsample; bicubic: Keys 1981.
    """

    learns_nothing: ClassVar[str] = "it repeats or interpolates"
    starts_with: ClassVar[dict[str, Any]] = {"scale": 2}
    symbols: ClassVar[dict[str, str]] = {"S": "scale"}

    scale: Annotated[
        Size | Factor | Annotated[tuple[Size | Factor, ...], Meta(min_length=1, max_length=WINDOW_RANK)] | None,
        Meta(title="Scale", description="factor for the spatial sizes; sizes are rounded down"),
    ] = None
    size: Annotated[
        AxisSizes | None, Meta(title="Size", description="spatial sizes of the output, instead of a scale")
    ] = None
    mode: Annotated[
        Literal["nearest", "linear", "bilinear", "bicubic", "trilinear"],
        Meta(title="Mode", description="how the elements between are found"),
    ] = "nearest"
    align_corners: Annotated[
        bool, Meta(title="Align corners", description="interpolation keeps the outermost elements where they are")
    ] = False

    def __post_init__(self) -> None:
        # Given both, one would have to win, and nobody could tell from the file which.
        if (self.scale is None) == (self.size is None):
            raise ValueError("Upsample needs either scale or size")

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        shape = single(inputs)
        given = self.size if self.scale is None else self.scale
        require_window_axes(self, shape)
        require_axes(self, given if isinstance(given, tuple) else 1, shape, "size" if self.scale is None else "scale")
        if self.scale is None:
            sizes = per_axis(self.size or 1, shape.rank)
        else:
            scales = self.scale if isinstance(self.scale, tuple) else (self.scale,) * shape.rank
            names = AXIS_NAMES[shape.rank] if len(set(scales)) > 1 else ("",) * shape.rank
            sizes = tuple(
                _scaled(size, scale, f"S{name}", scope)
                for size, scale, name in zip(axis_symbols(shape, scope), scales, names, strict=True)
            )
        if min(sizes) < 1:
            sentence = f"with this scale nothing is left of {sizes_text(shape.spatial)}."
            raise Refusal("upsample", sentence, "Use a larger scale.")
        return Counts(Shape(shape.channels, sizes), reach=self.reach(shape, sizes))

    def reach(self, shape: Shape, sizes: tuple[int, ...]) -> Reach:
        """The elements that each output is interpolated from."""
        scales = self.scale if isinstance(self.scale, tuple) else (self.scale,) * shape.rank
        return reach_of(interpolated_taps(shape.spatial, sizes, scales, self.mode, align_corners=self.align_corners))

    def summary(self) -> str:
        given = self.size if self.scale is None else self.scale
        text = " × ".join(f"{part:g}" for part in given) if isinstance(given, tuple) else f"{given:g}"
        return f"× {text}" if self.scale is not None else f"to {text}"


def _scaled(size: int, scale: float, name: str, scope: Scope) -> int:
    """⌊size · scale⌋, multiplied in floating point as the frameworks do, and shown as the fraction that was meant."""
    # A whole factor needs no floating point, and keeps its formula.
    if scale == int(scale):
        return size * scope.symbol(name, int(scale))
    outputs = int(int(size) * scale)
    ratio = Fraction(scale).limit_denominator(1_000_000)
    meant = size * ratio.numerator // ratio.denominator
    # 0.1 + 0.2: where the product in floating point is another than the meant one, the number is right and has no
    # formula.
    return meant if meant == outputs else scope.symbol("O", outputs)


class Slice(ReshapingLayer, frozen=True, kw_only=True):
    """Takes a part of one axis, usually of the channels: start, start + step, ... below stop.

    Source: Ma et al. 2018 (the channel split of ShuffleNet V2).
    """

    moves: ClassVar[Callable[[int], Step]] = part_of

    axis: Annotated[int, Meta(title="Axis", description="0: channels; 1 and on: a spatial axis", ge=0, le=MAX_RANK)] = 0
    start: Annotated[NaturalSize, Meta(title="Start", description="first index taken")] = 0
    stop: Annotated[Size | None, Meta(title="Stop", description="index after the last one; none: to the end")] = None
    step: Annotated[Size, Meta(title="Step", description="distance of the indices taken")] = 1

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        shape = single(inputs)
        sizes = shape.to_list()
        require_axis(self.axis, shape)
        have = sizes[self.axis]
        stop = have if self.stop is None else self.stop
        if stop > have or self.start >= stop:
            raise Refusal(
                "slice",
                f"the slice from {self.start} to {stop} does not lie in the {have} elements of axis {self.axis}.",
                f"Use a start below the stop, and a stop up to {have}.",
            )
        taken = scope.symbol("stop", stop) - scope.symbol("start", self.start)
        sizes[self.axis] = taken if self.step == 1 else (taken - 1) // scope.symbol("step", self.step) + 1
        return Counts(Shape(sizes[0], tuple(sizes[1:])), reach=self.reach(shape))

    def reach(self, shape: Shape) -> Reach:
        """A shift along a spatial axis; nothing for channels."""
        if self.axis == 0:
            return "pointwise"
        cut = Window(self.start, 1, self.step)
        return tuple(cut if axis == self.axis else Window(0, 1) for axis in range(1, shape.rank + 1))

    def summary(self) -> str:
        return f"{self.start}:{'' if self.stop is None else self.stop}" + (f":{self.step}" if self.step > 1 else "")
