"""The product of two maps as matrices."""

from __future__ import annotations

from typing import Annotated, ClassVar

from msgspec import Meta, structs

from cnnstudio.core.arithmetic.derivation import product
from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.network.layer import Counts, Layer, Scope
from cnnstudio.core.network.problem import Refusal
from cnnstudio.core.network.step import Step, ordered_first, viewed
from cnnstudio.layers.attention.heads import VECTOR_REMEDY
from cnnstudio.layers.demands import require_map


class MatMul(Layer, frozen=True, kw_only=True):
    """Multiplies two maps as matrices: their last two axes are rows and columns, those before are alike; no parameters.

    Of a map along one axis the channels are the rows. Source: torch.matmul; Vaswani et al. 2017.
    """

    family: ClassVar[str] = "attention"
    min_inputs: ClassVar[int] = 2
    max_inputs: ClassVar[int | None] = 2
    learns_nothing: ClassVar[str] = "it multiplies what it receives"
    symbols: ClassVar[dict[str, str]] = {
        "R": "rows of the first matrix",
        "K": "columns of the first matrix, and rows of the second",
        "Q": "columns of the second matrix",
        "B": "matrices",
    }

    transpose_first: Annotated[
        bool, Meta(title="Transpose first", description="rows and columns of the first are exchanged before")
    ] = False
    transpose_second: Annotated[
        bool, Meta(title="Transpose second", description="rows and columns of the second are exchanged before")
    ] = False

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        first, second = inputs
        for shape in inputs:
            require_map(self, shape, VECTOR_REMEDY)
        (*outer, rows, inner), (*others, height, columns) = first.to_list(), second.to_list()
        if self.transpose_first:
            rows, inner = inner, rows
        if self.transpose_second:
            height, columns = columns, height
        if outer != others or inner != height:
            raise Refusal(
                "matmul",
                f"matrices of {first} and {second} cannot be multiplied: as they are taken, {rows} × {inner} meets "
                f"{height} × {columns}" + ("." if outer == others else ", and the axes before differ."),
                "Give both the same axes before the last two, and as many columns in the first as rows in the second.",
            )
        symbol = scope.symbol
        r, q = symbol("R", rows), symbol("Q", columns)
        sizes = [*outer, r, q]
        macs = product([*([symbol("B", product(outer))] if outer else []), r, symbol("K", inner), q])
        # Rows and columns are no places in an image.
        return Counts(Shape(sizes[0], tuple(sizes[1:])), macs=macs, reach="unknown")

    def steps(self, inputs: tuple[Shape, ...], counts: Counts) -> tuple[Step, ...]:
        made = Step(
            output=counts.output.elements,
            inputs=(-2, -1),
            flow="half",
            casts=True,
            keeps="partners",
            order="first",
        )
        # Along several axes PyTorch joins what lies before rows and columns: a copy, if the channels are last.
        given = [
            (viewed if shape.rank == 1 or shape.channels == 1 else ordered_first)(shape.elements) for shape in inputs
        ]
        return (*[structs.replace(step, inputs=(at,)) for at, step in enumerate(given)], made)

    def summary(self) -> str:
        words = {"transpose_first": "first transposed", "transpose_second": "second transposed"}
        return ", ".join(text for field, text in words.items() if getattr(self, field))
