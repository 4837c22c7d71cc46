"""Activation functions, with and without parameters."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from msgspec import Meta

from cnnstudio.core.arithmetic.derivation import product
from cnnstudio.core.arithmetic.shape import AXIS_NAMES, MAX_RANK, Shape
from cnnstudio.core.network.layer import Activate, Counts, Layer, Scope, single
from cnnstudio.core.network.step import Made, Step, activated
from cnnstudio.layers.demands import require_axis


class Activation(Layer, frozen=True, kw_only=True):
    """Applies a function to every element (softmax: along an axis, usually the channels); no parameters.

    Source: ReLU: Nair and Hinton 2010; leaky ReLU: Maas et al. 2013; ELU: Clevert et al. 2016; CELU: Barron 2017;
    SELU: Klambauer et al. 2017; GELU: Hendrycks and Gimpel 2016; SiLU or swish: Elfwing et al. 2018, Ramachandran
    et al. 2017; hard swish: Howard et al. 2019; Mish: Misra 2020; softmax: Bridle 1990.
    """

    family: ClassVar[str] = "activation"
    learns_nothing: ClassVar[str] = "the function is fixed"
    starts_with: ClassVar[dict[str, Any]] = {"function": "relu"}

    function: Annotated[Activate, Meta(title="Function", description="what is applied to every element")]
    slope: Annotated[float, Meta(title="Slope", description="leaky_relu: factor of negative inputs")] = 0.01
    alpha: Annotated[float, Meta(title="Alpha", description="elu, celu: what negative inputs tend to, negated")] = 1.0
    approximate: Annotated[
        bool, Meta(title="Approximate", description="gelu: by its tanh formula instead of the error function")
    ] = False
    axis: Annotated[
        int,
        Meta(
            title="Axis",
            description="softmax: along it; 0: channels, 1 and on: a spatial axis, -1: over all positions together",
            ge=-1,
            le=MAX_RANK,
        ),
    ] = 0

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        shape = single(inputs)
        # Other functions know no axis.
        if "softmax" in self.function and (self.axis >= 0 or not shape.rank):
            require_axis(self.axis, shape)
        # A softmax lets every element along its axis matter to the others; over positions that is everything.
        spreads = "softmax" in self.function and self.axis != 0
        return Counts(
            shape, reach=("whole" if self.axis < 0 or shape.rank == 1 else "unknown") if spreads else "pointwise"
        )

    def steps(self, inputs: tuple[Shape, ...], counts: Counts) -> tuple[Step, ...]:
        return activated(self.function, counts.output.elements)

    def summary(self) -> str:
        return self.function


class PReLU(Layer, frozen=True, kw_only=True):
    """ReLU with a learned slope for negative inputs: one a layer, a channel, or an element.

    Source: He et al. 2015.
    """

    family: ClassVar[str] = "activation"

    coefficients: Annotated[
        Literal["layer", "channel", "element"],
        Meta(title="Coefficients", description="one a layer (PyTorch's default), a channel, or an element (Keras')"),
    ] = "layer"
    shared_axes: Annotated[
        tuple[Annotated[int, Meta(ge=0, le=MAX_RANK)], ...],
        Meta(
            title="Shared axes",
            description="of slopes an element: along these axes they are shared; 0: channels, 1 and on: a spatial axis",
            max_length=MAX_RANK,
        ),
    ] = ()

    def __post_init__(self) -> None:
        if self.shared_axes and self.coefficients != "element":
            raise ValueError("shared_axes: only slopes an element are shared along axes; set coefficients: element")
        if len(set(self.shared_axes)) < len(self.shared_axes):
            raise ValueError("shared_axes names an axis twice")

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        shape = single(inputs)
        slopes = self.slopes(shape, scope)
        reasons = (("weights", f"one slope {'an' if self.coefficients == 'element' else 'a'} {self.coefficients}"),)
        return Counts(shape, slopes, 0, slopes, reasons=reasons)

    def steps(self, inputs: tuple[Shape, ...], counts: Counts) -> tuple[Step, ...]:
        elements = counts.output.elements
        by_element = self.coefficients == "element"
        return (
            Step(
                output=elements,
                flow="promoted" if by_element else "half",
                casts=not by_element,
                keeps="input",
                # Slopes for each element are no PReLU of PyTorch's, but a choice by a mask.
                makes=(Made("mask", elements, size=1),) if by_element else (),
                weights=counts.weights,
                # Slopes of 16 bits are a copy, which it keeps as weights are kept.
                casts_parameters=not by_element,
                keeps_weights="" if by_element else "always",
                scratch=Made("product", elements),
            ),
        )

    def slopes(self, shape: Shape, scope: Scope) -> int:
        """The number of learned slopes. Raises Refusal for a shared axis that the input does not have."""
        if self.coefficients == "layer":
            return 1
        # PyTorch learns one slope or one a channel, Keras one an element unless axes are shared.
        channels = scope.symbol("C", shape.channels)
        if self.coefficients == "channel":
            return channels
        require_axis(max(self.shared_axes, default=0), shape)
        sizes = zip(AXIS_NAMES[shape.rank], shape.spatial, strict=True)
        named = [channels, *(scope.symbol(f"I{name}", size) for name, size in sizes)]
        own = [size for axis, size in enumerate(named) if axis not in self.shared_axes]
        return product([*own[1:], own[0]] if own else [])

    def slope_shape(self, shape: Shape) -> tuple[int, ...]:
        """The sizes of the slopes, [channels, *spatial]: 1 along axes on which they are shared."""
        if self.coefficients != "element":
            return (shape.channels if self.coefficients == "channel" else 1, *(1,) * shape.rank)
        return tuple([1 if axis in self.shared_axes else size for axis, size in enumerate(shape.to_list())])

    def summary(self) -> str:
        if self.shared_axes:
            return f"slopes shared along {', '.join(map(str, self.shared_axes))}"
        return f"a slope a {self.coefficients}" if self.coefficients != "element" else "a slope an element"
