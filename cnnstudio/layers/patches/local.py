"""Convolutions whose kernels are not shared between places."""

from __future__ import annotations

from typing import Any, ClassVar

from cnnstudio.core.arithmetic.derivation import product
from cnnstudio.core.arithmetic.shape import AXIS_NAMES, Shape
from cnnstudio.core.network.layer import Counts, Scope, single
from cnnstudio.core.network.step import Step, activated
from cnnstudio.layers.convolution import NO_BIAS, SlidingLayer
from cnnstudio.layers.sliding import Filters, placed, require_fit, window_remarks


class LocallyConnected(SlidingLayer, frozen=True, kw_only=True):
    """A convolution that has kernels and biases of its own at each place: O · (K · C + 1) · N parameters.

    Source: LeCun 1989; Taigman et al. 2014 (DeepFace); LocallyConnected2D of Keras 2.
    """

    starts_with: ClassVar[dict[str, Any]] = {"filters": 64, "kernel_size": 3}
    # Of the biases of a channel, one a place, a normalization takes away the mean alone.
    hides_bias: ClassVar[bool] = True

    filters: Filters

    def lead(self) -> str:
        return str(self.filters)

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        shape = single(inputs)
        axes, symbol = self.axes(shape), scope.symbol
        require_fit(axes, "kernel")
        sizes = placed(axes, symbol)
        names = AXIS_NAMES[self.rank]
        places = product([symbol(f"O{name}", size) for name, size in zip(names, sizes, strict=True)])
        filters = symbol("N", self.filters)
        each = product((*self.kernel(scope), symbol("C", shape.channels)))
        weights = places * each * filters
        return Counts(
            Shape(filters, sizes),
            weights,
            places * filters if self.bias else 0,
            places * (each + 1) * filters if self.bias else weights,
            # Each weight is used once.
            macs=symbol("W", weights),
            reach=tuple([axis.window for axis in axes]),
            remarks=window_remarks(axes, "kernel"),
            reasons=() if self.bias else NO_BIAS,
        )

    def steps(self, inputs: tuple[Shape, ...], counts: Counts) -> tuple[Step, ...]:
        """The windows as columns, which a product takes place by place, as the exported code has it."""
        shape, output = single(inputs), counts.output
        axes = self.axes(shape)
        sizes = [axis.size + sum(axis.pads) for axis in axes]
        before = (Step(output=shape.channels * product(sizes)),) if any(any(axis.pads) for axis in axes) else ()
        columns = shape.channels * product([axis.kernel for axis in axes]) * output.positions
        made = Step(
            output=output.elements,
            flow="half",
            casts=True,
            keeps="input if trained",
            weights=counts.weights,
            casts_parameters=True,
            keeps_weights="if input learns",
            order="first",
        )
        shift = Step(output=output.elements, flow="promoted", gradient="passes", biases=counts.biases)
        return (
            *before,
            Step(output=columns, order="first"),
            made,
            *((shift,) if self.bias else ()),
            *activated(self.activation, output.elements),
        )


class LocallyConnected1D(LocallyConnected, frozen=True, kw_only=True):
    """A convolution along one axis with kernels of its own at each place: O · (K · C + 1) · N parameters."""

    rank: ClassVar[int] = 1


class LocallyConnected2D(LocallyConnected, frozen=True, kw_only=True):
    """A convolution with kernels of its own at each place: O_h · O_w · (K_h · K_w · C + 1) · N parameters."""
