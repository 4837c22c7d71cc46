"""Axes taken away and added: sums, means and the like over axes, and stacks of equal maps."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from msgspec import Meta

from cnnstudio.core.arithmetic.receptive_field import Reach
from cnnstudio.core.arithmetic.shape import MAX_RANK, Shape
from cnnstudio.core.network.layer import WINDOW_RANK, Counts, Layer, Scope, single
from cnnstudio.core.network.problem import Refusal
from cnnstudio.core.network.step import Flow, Keeps, Step
from cnnstudio.layers.demands import require_axis
from cnnstudio.layers.merge import equal_shapes_text
from cnnstudio.layers.pooling import GlobalAvgPool, GlobalMaxPool

_WORDS = {"sum": "sum", "mean": "mean", "max": "maximum", "min": "minimum", "norm": "length"}


class Reduce(Layer, frozen=True, kw_only=True):
    """Takes the sum, mean, maximum, minimum or length (L2 norm) over some axes; no parameters.

    Source: torch.sum, torch.mean, torch.amax, torch.amin and torch.linalg.vector_norm.
    """

    family: ClassVar[str] = "pooling"
    learns_nothing: ClassVar[str] = "the function is fixed"
    starts_with: ClassVar[dict[str, Any]] = {"function": "mean", "axes": [0]}

    function: Annotated[
        Literal["sum", "mean", "max", "min", "norm"], Meta(title="Function", description="taken over the axes")
    ]
    axes: Annotated[
        tuple[Annotated[int, Meta(ge=0, le=MAX_RANK)], ...],
        Meta(title="Axes", description="0: channels; 1 and on: a spatial axis", min_length=1, max_length=MAX_RANK + 1),
    ]
    keepdims: Annotated[
        bool, Meta(title="Keep axes", description="leave axes of size 1 instead of taking them away")
    ] = False

    def __post_init__(self) -> None:
        if len(set(self.axes)) < len(self.axes):
            raise ValueError("axes names an axis twice")

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        shape = single(inputs)
        require_axis(max(self.axes), shape)
        names = ("C", *[f"I_{at}" for at in range(1, shape.rank + 1)])
        named = [scope.symbol(name, size) for name, size in zip(names, shape.to_list(), strict=True)]
        sizes = [1 if axis in self.axes else size for axis, size in enumerate(named)]
        if not self.keepdims:
            sizes = [size for axis, size in enumerate(named) if axis not in self.axes] or [1]
        return Counts(Shape(sizes[0], tuple(sizes[1:])), reach=self.reach(shape))

    def reach(self, shape: Shape) -> Reach:
        """Everything if all positions are reduced; nothing more if only channels are; else no window describes it."""
        spatial = set(self.axes) - {0}
        if len(spatial) == shape.rank:
            return "whole" if spatial else "pointwise"
        return "pointwise" if not spatial and self.keepdims else "unknown"

    def steps(self, inputs: tuple[Shape, ...], counts: Counts) -> tuple[Step, ...]:
        # The gradient of a sum or mean is only spread out.
        keeps: Keeps = "nothing" if self.function in ("sum", "mean") else "inputs and output"
        # A sum and a length are found with 32 bits, whatever they are of.
        flow: Flow = "single" if self.function in ("sum", "norm") else "input"
        return (Step(output=counts.output.elements, flow=flow, keeps=keeps, order="first"),)

    def summary(self) -> str:
        return f"{_WORDS[self.function]} over {', '.join(map(str, self.axes))}"


def pooled_over_map(function: Literal["mean", "max"], rank: int, *, keepdims: bool) -> Layer:
    """A mean or maximum over all positions: a global pool, or a Reduce over more axes than there are such pools for."""
    if rank > WINDOW_RANK:
        return Reduce(function=function, axes=tuple(range(1, rank + 1)), keepdims=keepdims)
    return (GlobalAvgPool if function == "mean" else GlobalMaxPool)(keepdims=keepdims)


class Stack(Layer, frozen=True, kw_only=True):
    """Puts equal maps beside each other along a new axis; no parameters.

    Source: torch.stack.
    """

    family: ClassVar[str] = "merge"
    min_inputs: ClassVar[int] = 2
    max_inputs: ClassVar[int | None] = None
    learns_nothing: ClassVar[str] = "joining branches needs no parameters"

    axis: Annotated[
        int, Meta(title="Axis", description="the new one; 0: channels; 1 and on: spatial", ge=0, le=MAX_RANK)
    ] = 1

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        given = " and ".join(str(shape) for shape in inputs)
        if len(set(inputs)) > 1:
            sentence = f"Stack needs branches of equal shape and receives {given}."
            raise Refusal("merge", sentence, equal_shapes_text(inputs))
        sizes = inputs[0].to_list()
        if len(sizes) > MAX_RANK:
            sentence = f"a stack of {given} would have more than four spatial axes."
            raise Refusal("rank", sentence, "Join them by a Concat, or put a Reshape before it.")
        if self.axis > len(sizes):
            remedy = f"Use an axis from 0 to {len(sizes)}."
            raise Refusal("axis", f"a stack of {inputs[0]} has no axis {self.axis}.", remedy)
        sizes.insert(self.axis, scope.symbol("n", len(inputs)))
        return Counts(Shape(sizes[0], tuple(sizes[1:])), reach="unknown")

    def steps(self, inputs: tuple[Shape, ...], counts: Counts) -> tuple[Step, ...]:
        each = tuple(range(len(inputs)))
        return (Step(output=counts.output.elements, inputs=each, casts=True, gradient="parts"),)

    symbols: ClassVar[dict[str, str]] = {"n": "maps in the stack"}
