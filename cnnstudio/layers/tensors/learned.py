"""A tensor that is learned itself: position embeddings, class tokens, queries."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from cnnstudio.core.arithmetic.derivation import product
from cnnstudio.core.arithmetic.receptive_field import Reach
from cnnstudio.core.arithmetic.shape import AXIS_NAMES, MAX_RANK, Shape, sizes_text
from cnnstudio.core.network.layer import Counts, Layer, MapSizes, Scope, Size, single
from cnnstudio.core.network.problem import Refusal
from cnnstudio.core.network.step import Step, multiplied
from cnnstudio.layers.demands import describe, require_axis


class Parameter(Layer, frozen=True, kw_only=True):
    """A learned tensor that is added to its input, or put beside it, the same for every example.

    Without a shape it has that of its input, as position embeddings do; put first or last along an axis, it has one
    element there, as a class token does. Source: torch.nn.Parameter; Dosovitskiy et al. 2021 (ViT).
    """

    family: ClassVar[str] = "structure"
    symbols: ClassVar[dict[str, str]] = {"E": "learned elements"}

    use: Annotated[
        Literal["add", "multiply", "first", "last", "alone"],
        Meta(title="Use", description="add or multiply; first or last along the axis; alone: instead of the input"),
    ] = "add"
    axis: Annotated[
        int, Meta(title="Axis", description="along which it is put first or last; 0: channels", ge=0, le=MAX_RANK)
    ] = 1
    channels: Annotated[
        Size | None, Meta(title="Channels", description="of the learned tensor; none: those of the input")
    ] = None
    size: Annotated[
        MapSizes | None,
        Meta(title="Size", description="spatial sizes of the learned tensor; none: those of the input"),
    ] = None

    def tensor(self, shape: Shape) -> Shape:
        """The shape of the learned tensor for an input."""
        joins = self.use in ("first", "last")
        sizes = [1 if joins and axis == self.axis else size for axis, size in enumerate(shape.to_list())]
        spatial = tuple(sizes[1:])
        if self.size is not None:
            spatial = (self.size,) if isinstance(self.size, int) else self.size
        return Shape(self.channels or sizes[0], spatial)

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        shape = single(inputs)
        if self.use in ("first", "last"):
            require_axis(self.axis, shape)
        tensor = self.tensor(shape)
        names = zip(AXIS_NAMES[tensor.rank], tensor.spatial, strict=True)
        weights = product(
            [scope.symbol("C", tensor.channels), *(scope.symbol(f"I{name}", size) for name, size in names)]
        )
        output, reach = self._output(shape, tensor)
        return Counts(output, weights, 0, weights, reach=reach, reasons=(("weights", "a learned tensor"),))

    def _output(self, shape: Shape, tensor: Shape) -> tuple[Shape, Reach]:
        if self.use == "alone":
            return tensor, "unknown"
        own, given = tensor.to_list(), shape.to_list()
        joins = self.use in ("first", "last")
        wanted = [axis for axis in range(len(given)) if not (joins and axis == self.axis)]
        fits = len(own) == len(given) and all(
            own[axis] in ((given[axis],) if joins else (1, given[axis])) for axis in wanted
        )
        if not fits:
            raise Refusal(
                "merge",
                f"a learned tensor of {sizes_text(tuple(own))} does not fit {describe(shape)}.",
                "State sizes equal to those of the input, or leave them out.",
            )
        if not joins:
            return shape, "pointwise"
        given[self.axis] += own[self.axis]
        return Shape(given[0], tuple(given[1:])), "pointwise" if not self.axis else "unknown"

    def steps(self, inputs: tuple[Shape, ...], counts: Counts) -> tuple[Step, ...]:
        if self.use == "multiply":
            return multiplied(counts.output.elements, counts.weights, 0)
        if self.use == "add":
            return multiplied(counts.output.elements, 0, counts.weights)
        elements = counts.output.elements
        if self.use == "alone":
            # One and the same parameter for every example: a view, whose memory is there anyway.
            return (Step(output=elements, result="parameter", flow="single", gradient="none", biases=counts.weights),)
        return (
            Step(
                output=elements,
                flow="promoted",
                casts=True,
                gradient="parts",
                biases=counts.weights,
                order="first",
            ),
        )

    def summary(self) -> str:
        words = {"add": "added", "multiply": "multiplied", "first": "put first", "last": "put last", "alone": "alone"}
        return words[self.use]
