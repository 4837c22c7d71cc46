"""Layers that move elements between channels and places, or between channels."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from cnnstudio.core.arithmetic.derivation import exact_divide, product
from cnnstudio.core.arithmetic.receptive_field import reach_of
from cnnstudio.core.arithmetic.shape import Shape, Window
from cnnstudio.core.arithmetic.taps import enlarged_taps
from cnnstudio.core.network.layer import Counts, Scope, Size, single
from cnnstudio.layers.demands import require_multiple
from cnnstudio.layers.reshaping import ReshapingLayer, axis_symbols, require_axes


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
