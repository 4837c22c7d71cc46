"""Fully connected layers."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from msgspec import Meta

from cnnstudio.core.arithmetic.derivation import product
from cnnstudio.core.arithmetic.shape import AXIS_NAMES, Shape
from cnnstudio.core.network.layer import Activate, Counts, Layer, Scope, Size, outputs_last, single
from cnnstudio.core.network.problem import Remark
from cnnstudio.core.network.step import Step, activated, laid_out, viewed
from cnnstudio.layers.demands import describe

FLATTENS = "dense-on-map"


class Dense(Layer, frozen=True, kw_only=True):
    """A fully connected layer: (H · W · C + 1) · F parameters on a map, (C + 1) · F on a vector.

    Source: Rumelhart et al. 1986.
    """

    family: ClassVar[str] = "dense"
    starts_with: ClassVar[dict[str, Any]] = {"units": 128}

    units: Annotated[Size, Meta(title="Units", description="outputs; each is connected to every input")]
    bias: Annotated[bool, Meta(title="Bias", description="one learned number added to each unit")] = True
    apply_to: Annotated[
        Literal["all", "channels"],
        Meta(title="Apply to", description="all: to the flattened map; channels: at each position, as Keras does"),
    ] = "all"
    activation: Annotated[
        Activate | None, Meta(title="Activation", description="function applied to the output; costs nothing")
    ] = None

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        shape = single(inputs)
        symbol = scope.symbol
        sizes = [symbol(f"I{name}", size) for name, size in zip(AXIS_NAMES[shape.rank], shape.spatial, strict=True)]
        channels, units = symbol("C", shape.channels), symbol("F", self.units)
        pointwise = self.apply_to == "channels"
        each = channels if pointwise else product((*sizes, channels))
        weights = each * units
        return Counts(
            Shape(units, shape.spatial if pointwise else ()),
            weights,
            units if self.bias else 0,
            (each + 1) * units if self.bias else weights,
            0,
            # The same weights are used again at each position, so that positions multiply the cost and not the
            # parameters.
            product((symbol("W", weights), *sizes)) if pointwise else symbol("W", weights),
            "pointwise" if pointwise else "whole",
            # Keras' Dense and PyTorch's Linear act on the last axis of a map and do not flatten: a frequent
            # misunderstanding.
            () if pointwise or not shape.rank else (_flattening(shape),),
            () if self.bias else (("biases", "bias is off"),),
        )

    def weight_shapes(self, shape: Shape, *, channels_last: bool) -> tuple[tuple[int, ...], ...]:
        matrix = (self.units, shape.channels if self.apply_to == "channels" else shape.elements)
        return (outputs_last(matrix) if channels_last else matrix,)

    def steps(self, inputs: tuple[Shape, ...], counts: Counts) -> tuple[Step, ...]:
        shape, elements = single(inputs), counts.output.elements
        product_step = Step(
            output=elements,
            flow="half",
            casts=True,
            keeps="input if trained",
            weights=counts.weights,
            biases=counts.biases,
            casts_parameters=True,
            keeps_weights="if input learns",
            order="last" if shape.rank else "kept",
        )
        before = (viewed(shape.elements) if self.apply_to == "all" else laid_out(shape),) if shape.rank else ()
        return (*before, product_step, *activated(self.activation, elements))

    def summary(self) -> str:
        return str(self.units)


def _flattening(shape: Shape) -> Remark:
    return Remark(
        FLATTENS,
        f"it receives {describe(shape)}, and is counted with all {shape.elements:,} inputs, as Caffe flattens it; "
        "Keras applies it at each position, and PyTorch refuses it.",
        "Insert a Flatten before it, or apply it to the channels if each position is meant by itself.",
    )
