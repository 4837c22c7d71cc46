"""Layers that act only in training."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from msgspec import Meta

from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.network.layer import Counts, Layer, Scope, single
from cnnstudio.core.network.step import Made, Step, passed_on

Rate = Annotated[float, Meta(title="Rate", description="probability of being dropped", ge=0, lt=1)]


class DropLayer(Layer, frozen=True, kw_only=True):
    """Drops something at random in training, and nothing afterwards."""

    family: ClassVar[str] = "regularization"
    learns_nothing: ClassVar[str] = "it drops at random, and only in training"

    rate: Rate = 0.5

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        return Counts(single(inputs))

    def steps(self, inputs: tuple[Shape, ...], counts: Counts) -> tuple[Step, ...]:
        elements = counts.output.elements
        # At a rate of 0 PyTorch returns the input itself.
        if not self.rate:
            return (passed_on(elements),)
        return (Step(output=elements, makes=(self.noise(counts.output),), only_in_training=True),)

    def noise(self, shape: Shape) -> Made:
        """The numbers that say which elements are kept: on a GPU a mask of one byte an element."""
        return Made("mask", shape.elements, size=1)

    def summary(self) -> str:
        return f"{self.rate:g}"


class Dropout(DropLayer, frozen=True, kw_only=True):
    """Drops single elements in training; no parameters.

    Source: Srivastava et al. 2014.
    """


class SpatialDropout(DropLayer, frozen=True, kw_only=True):
    """Drops whole channels in training; no parameters.

    Source: Tompson et al. 2015.
    """

    def noise(self, shape: Shape) -> Made:
        return Made("noise", shape.channels) if shape.rank else super().noise(shape)


class DropPath(DropLayer, frozen=True, kw_only=True):
    """Drops the whole branch in training (stochastic depth); no parameters.

    Source: Huang et al. 2016 (stochastic depth); Larsson et al. 2017 (drop-path).
    """

    starts_with: ClassVar[dict[str, Any]] = {"rate": 0.1}

    def noise(self, shape: Shape) -> Made:
        return Made("noise", 1)
