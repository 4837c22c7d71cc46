"""Functions that halve what they receive, and functions that are known by name alone."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from msgspec import Meta

from cnnstudio.core.arithmetic.derivation import exact_divide
from cnnstudio.core.arithmetic.shape import MAX_RANK, Shape, sizes_text
from cnnstudio.core.network.layer import Counts, Layer, MapSizes, Scope, Size, single
from cnnstudio.core.network.problem import Refusal
from cnnstudio.core.network.step import Step
from cnnstudio.layers.demands import require_axis


class GLU(Layer, frozen=True, kw_only=True):
    """Multiplies one half of the channels by the sigmoid of the other (gated linear unit); no parameters.

    Source: Dauphin et al. 2017.
    """

    family: ClassVar[str] = "activation"
    learns_nothing: ClassVar[str] = "the function is fixed"

    axis: Annotated[
        int, Meta(title="Axis", description="that is halved; 0: channels; 1 and on: a spatial axis", ge=0, le=MAX_RANK)
    ] = 0

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        shape = single(inputs)
        sizes = shape.to_list()
        require_axis(self.axis, shape)
        if (size := sizes[self.axis]) % 2:
            raise Refusal(
                "multiple",
                f"the size of the halved axis must be even, and it is {size}.",
                f"Give it a size of {f'{size - 1} or {size + 1}' if size > 1 else size + 1}.",
            )
        name = "I" if self.axis else "C"
        sizes[self.axis] = exact_divide(scope.symbol(name, sizes[self.axis]), 2)
        return Counts(Shape(sizes[0], tuple(sizes[1:])), reach="unknown" if self.axis else "pointwise")

    def steps(self, inputs: tuple[Shape, ...], counts: Counts) -> tuple[Step, ...]:
        return (Step(output=counts.output.elements, keeps="input"),)


class Function(Layer, frozen=True, kw_only=True):
    """A function that is known by name alone and costs nothing; its shape is that of its first input, or stated.

    Source: a placeholder of this program, for what has neither parameters nor MACs.
    """

    family: ClassVar[str] = "structure"
    max_inputs: ClassVar[int | None] = None
    learns_nothing: ClassVar[str] = "it is stated to cost nothing"
    starts_with: ClassVar[dict[str, Any]] = {"function": "function"}

    function: Annotated[str, Meta(title="Function", description="what it computes, in a word", max_length=200)]
    channels: Annotated[
        Size | None, Meta(title="Channels", description="of the output; none: those of the first input")
    ] = None
    size: Annotated[
        MapSizes | None,
        Meta(title="Size", description="spatial sizes of the output; none: those of the first input"),
    ] = None

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        first = inputs[0]
        spatial = first.spatial if self.size is None else (self.size,) if isinstance(self.size, int) else self.size
        # Nobody knows what it looks at.
        return Counts(Shape(self.channels or first.channels, spatial), reach="unknown")

    def summary(self) -> str:
        stated = self.size is not None or self.channels is not None
        sizes = (self.size,) if isinstance(self.size, int) else self.size or ()
        text = f"{self.function} to {sizes_text((self.channels, *sizes) if self.channels else sizes)}"
        return (text if stated else self.function)[:100].replace("\n", " ")
