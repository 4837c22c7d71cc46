"""Layers that move elements between channels and places, or between channels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, ClassVar

from msgspec import Meta

from cnnstudio.core.arithmetic.derivation import exact_divide, product
from cnnstudio.core.arithmetic.receptive_field import reach_of
from cnnstudio.core.arithmetic.shape import Shape, Window
from cnnstudio.core.arithmetic.taps import enlarged_taps
from cnnstudio.core.network.layer import Counts, Scope, Size, single
from cnnstudio.core.network.problem import Refusal
from cnnstudio.core.network.step import Step, part_of
from cnnstudio.layers.demands import require_multiple
from cnnstudio.layers.reshaping import ReshapingLayer, axis_symbols, require_axes

MAX_PARTS = 1_000
"""Parts that channels are cut into."""


class PixelShuffle(ReshapingLayer, frozen=True, kw_only=True):
    """Moves r² channels into r × r larger maps: a sub-pixel convolution.

    Source: Shi et al. 2016.
    """

    scale: Annotated[Size, Meta(title="Scale", description="r: factor for the spatial sizes")] = 2

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        shape = single(inputs)
        require_axes(self, self.scale, shape, "scale")
        factor = scope.symbol("r", self.scale)
        parts = product((factor,) * shape.rank)
        require_multiple(shape.channels, int(parts), "input channels", f"scale to the power {shape.rank}")
        channels = exact_divide(scope.symbol("C", shape.channels), parts)
        sizes = tuple([size * factor for size in axis_symbols(shape, scope)])
        return Counts(Shape(channels, sizes), reach=reach_of([enlarged_taps(self.scale)] * shape.rank))

    def summary(self) -> str:
        return f"× {self.scale}"


class PixelUnshuffle(ReshapingLayer, frozen=True, kw_only=True):
    """The inverse of PixelShuffle: moves r × r neighbours into r² channels.

    Source: torch.nn.PixelUnshuffle; the inverse of Shi et al. 2016.
    """

    scale: Annotated[Size, Meta(title="Scale", description="r: divisor of the spatial sizes")] = 2

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        shape = single(inputs)
        require_axes(self, self.scale, shape, "scale")
        for size in shape.spatial:
            require_multiple(size, self.scale, "spatial sizes", "scale")
        factor = scope.symbol("r", self.scale)
        channels = scope.symbol("C", shape.channels) * product((factor,) * shape.rank)
        sizes = tuple([exact_divide(size, factor) for size in axis_symbols(shape, scope)])
        return Counts(Shape(channels, sizes), reach=(Window(0, self.scale, self.scale),) * shape.rank)

    def summary(self) -> str:
        return f"/ {self.scale}"


class ChannelShuffle(ReshapingLayer, frozen=True, kw_only=True):
    """Mixes the channels of groups, as in ShuffleNet.

    Source: Zhang et al. 2018 (ShuffleNet).
    """

    groups: Annotated[Size, Meta(title="Groups", description="groups that the channels are dealt from")] = 2

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        require_multiple(single(inputs).channels, self.groups, "input channels", "groups")
        return Counts(single(inputs))

    def summary(self) -> str:
        return f"{self.groups} groups"


class Split(ReshapingLayer, frozen=True, kw_only=True):
    """Cuts the channels into equal parts. Its output is the first, and the others are further outputs: 2, 3, ...

    Source: torch.chunk; keras.ops.split; Krizhevsky et al. 2012 (the two halves of AlexNet).
    """

    moves: ClassVar[Callable[[int], Step]] = part_of
    symbols: ClassVar[dict[str, str]] = {"parts": "number of parts"}

    parts: Annotated[
        int, Meta(title="Parts", description="so many, each with as many channels", ge=2, le=MAX_PARTS)
    ] = 2

    @property
    def further_outputs(self) -> tuple[str, ...]:
        return tuple([str(number) for number in range(2, self.parts + 1)])

    def further_output(self, name: str, inputs: tuple[Shape, ...], output: Shape) -> Shape:
        return output

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        shape = single(inputs)
        if shape.channels % self.parts:
            divisors = [
                number for number in range(2, min(shape.channels, MAX_PARTS) + 1) if shape.channels % number == 0
            ]
            fits = f"Use {min(divisors, key=lambda number: abs(number - self.parts))} parts." if divisors else ""
            raise Refusal(
                "split",
                f"{self.parts} parts do not divide the {shape.channels:,} channels evenly.",
                fits or "Take parts of unlike size by a Slice each.",
            )
        return Counts(Shape(scope.symbol("C", shape.channels) // scope.symbol("parts", self.parts), shape.spatial))

    def summary(self) -> str:
        return f"{self.parts} parts"
