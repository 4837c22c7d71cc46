"""Layers that join branches."""

from __future__ import annotations

from typing import Annotated, ClassVar

from msgspec import Meta

from cnnstudio.core.arithmetic.derivation import product, total
from cnnstudio.core.arithmetic.shape import MAX_RANK, Shape
from cnnstudio.core.network.layer import Counts, Layer, Scope
from cnnstudio.core.network.problem import Refusal
from cnnstudio.core.network.step import PREVIOUS, Gradient, Keeps, Made, Step
from cnnstudio.layers.demands import require_axis


class Merge(Layer, frozen=True, kw_only=True):
    """Joins branches element by element; an axis of size 1 is repeated to fit the others, and a vector over a map."""

    family: ClassVar[str] = "merge"
    min_inputs: ClassVar[int] = 2
    max_inputs: ClassVar[int | None] = None
    merges: ClassVar[bool] = True
    orders_inputs: ClassVar[bool] = False
    learns_nothing: ClassVar[str] = "joining branches needs no parameters"
    keeps: ClassVar[Keeps] = "nothing"
    gradient: ClassVar[Gradient] = "passes"

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        rows = [shape.to_list() for shape in with_axes(inputs)]
        if len({len(row) for row in rows}) > 1:
            raise self.mismatch(inputs, equal_shapes_text(inputs))
        sizes = [max(column) for column in zip(*rows, strict=True)]
        # A size of 1 is broadcast, as numpy, PyTorch and Keras do: a gate of C × 1 × 1 multiplies a map.
        if any(size not in (1, wanted) for row in rows for size, wanted in zip(row, sizes, strict=True)):
            raise self.mismatch(inputs, equal_shapes_text(inputs))
        return Counts(Shape(sizes[0], tuple(sizes[1:])))

    def steps(self, inputs: tuple[Shape, ...], counts: Counts) -> tuple[Step, ...]:
        """One step for each pair: a + b + c is (a + b) + c."""
        steps: list[Step] = []
        first, *others = [shape.to_list() for shape in with_axes(inputs)]
        sizes = first
        for at, row in enumerate(others, 1):
            # A broadcast enlarges from the pair on in which it happens.
            sizes = [max(pair) for pair in zip(sizes, row, strict=True)]
            elements = product(sizes)
            pair = (0, 1) if at == 1 else (PREVIOUS, at)
            scratch = Made("product", elements) if self.gradient == "new" else None
            steps.append(Step(output=elements, inputs=pair, keeps=self.keeps, gradient=self.gradient, scratch=scratch))
        return tuple(steps)

    def mismatch(self, inputs: tuple[Shape, ...], remedy: str) -> Refusal:
        """The refusal of branches whose shapes do not go together."""
        given = " and ".join(str(shape) for shape in inputs)
        return Refusal("merge", f"{self.type_name} needs branches of equal shape and receives {given}.", remedy)


def with_axes(inputs: tuple[Shape, ...]) -> tuple[Shape, ...]:
    """The shapes as they are joined: a vector of C beside a map of C × H × W is one of C × 1 × 1, as Keras has it."""
    # Numpy and PyTorch would line up the last axes, so that a vector of C would be added along the width.
    ones = (1,) * max(shape.rank for shape in inputs)
    return tuple([shape if shape.spatial else Shape(shape.channels, ones) for shape in inputs])


NEARLY = 4
"""The part of a map, in rows, by which maps differ that were not rounded alike: at most one in so many."""


def equal_shapes_text(inputs: tuple[Shape, ...], joined: int | None = None) -> str:
    """The remedy for branches of unequal shapes, `joined` along an axis on which they may differ."""
    ranks = {shape.rank for shape in inputs}
    if len(ranks) > 1 and 0 in ranks:
        return "Pool or flatten the maps to vectors first, or make a map of the vector by a Reshape and an Upsample."
    if len(ranks) > 1:
        return "Give all branches as many spatial axes: put a Reshape before those with fewer."
    parts: list[str] = []
    columns = list(zip(*[shape.spatial for shape in inputs], strict=True))
    apart = {max(sizes) - min(sizes) for axis, sizes in enumerate(columns, 1) if axis != joined} - {0}
    # A difference by a row or two comes of rounding at an odd size; a large one comes of unequal strides.
    if apart and all(NEARLY * (max(sizes) - min(sizes)) <= max(sizes) for sizes in columns):
        rows = " and ".join(str(rest) for rest in sorted(apart))
        parts.append(
            f"crop the larger maps or pad the smaller ones by {rows}, or use an input size that divides evenly"
        )
    elif apart:
        parts.append("give the branches the same total stride and equal padding")
    if joined != 0 and len({shape.channels for shape in inputs}) > 1:
        parts.append(f"give the branches as many {'filters' if columns else 'units'}")
    text = ", and ".join(parts)
    return f"{text[:1].upper()}{text[1:]}."


class Add(Merge, frozen=True, kw_only=True):
    """Adds the branches, as at the end of a residual connection; no parameters.

    Source: He et al. 2016 (residual connections).
    """


class Subtract(Merge, frozen=True, kw_only=True):
    """Subtracts the second branch from the first; no parameters.

    Source: keras.layers.Subtract.
    """

    orders_inputs: ClassVar[bool] = True
    max_inputs: ClassVar[int | None] = 2


class Multiply(Merge, frozen=True, kw_only=True):
    """Multiplies the branches, as a squeeze-and-excitation gate does; no parameters.

    Source: Hu et al. 2018 (squeeze and excitation).
    """

    keeps: ClassVar[Keeps] = "partners"
    gradient: ClassVar[Gradient] = "new"


class Average(Merge, frozen=True, kw_only=True):
    """Averages the branches; no parameters.

    Source: keras.layers.Average.
    """

    def steps(self, inputs: tuple[Shape, ...], counts: Counts) -> tuple[Step, ...]:
        return (*super().steps(inputs, counts), Step(output=counts.output.elements))


class Maximum(Merge, frozen=True, kw_only=True):
    """Takes the element-wise maximum of the branches; no parameters.

    Source: Goodfellow et al. 2013 (maxout).
    """

    keeps: ClassVar[Keeps] = "inputs"
    gradient: ClassVar[Gradient] = "new"


class Minimum(Merge, frozen=True, kw_only=True):
    """Takes the element-wise minimum of the branches; no parameters.

    Source: keras.layers.Minimum.
    """

    keeps: ClassVar[Keeps] = "inputs"
    gradient: ClassVar[Gradient] = "new"


class Concat(Merge, frozen=True, kw_only=True):
    """Puts the branches one after the other along an axis, usually the channels; no parameters.

    Source: Szegedy et al. 2015 (GoogLeNet); Huang et al. 2017 (DenseNet).
    """

    orders_inputs: ClassVar[bool] = True
    joins_one: ClassVar[bool] = True
    axis: Annotated[int, Meta(title="Axis", description="0: channels; 1 and on: a spatial axis", ge=0, le=MAX_RANK)] = 0

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        rows = [shape.to_list() for shape in inputs]
        first = rows[0]
        require_axis(self.axis, inputs[0])
        for row in rows:
            if len(row) != len(first) or any(row[i] != first[i] for i in range(len(first)) if i != self.axis):
                what = "the same spatial size" if self.axis == 0 else f"sizes that differ only on axis {self.axis}"
                given = " and ".join(str(shape) for shape in inputs)
                raise Refusal(
                    "merge",
                    f"Concat needs branches of {what} and receives {given}.",
                    equal_shapes_text(inputs, self.axis),
                )
        sizes: list[int] = list(first)
        sizes[self.axis] = total([scope.symbol(f"C_{i}", row[self.axis]) for i, row in enumerate(rows, 1)])
        # Along a spatial axis the outputs of one branch follow those of another, and see what they see.
        return Counts(Shape(sizes[0], tuple(sizes[1:])), reach="unknown" if self.axis else "pointwise")

    def steps(self, inputs: tuple[Shape, ...], counts: Counts) -> tuple[Step, ...]:
        each = tuple(range(len(inputs)))
        return (Step(output=counts.output.elements, inputs=each, casts=True, gradient="parts"),)
