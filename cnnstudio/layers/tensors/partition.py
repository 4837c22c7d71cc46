"""Windows of a map laid out beside each other, and back."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from msgspec import Meta

from cnnstudio.core.arithmetic.derivation import exact_divide, product
from cnnstudio.core.arithmetic.shape import AXIS_NAMES, Shape, per_axis, sizes_text
from cnnstudio.core.network.layer import AxisSizes, Counts, Scope, single
from cnnstudio.core.network.problem import Refusal
from cnnstudio.layers.demands import describe, require_multiple, require_rank, sizes_for
from cnnstudio.layers.reshaping import ReshapingLayer, axis_symbols
from cnnstudio.layers.sliding import WindowSize
from cnnstudio.layers.summaries import brief_sizes

SYMBOLS = {"M": "size of a window"}


class WindowPartition(ReshapingLayer, frozen=True, kw_only=True):
    """Cuts a map into windows that do not overlap: the axes are then the windows, and the places in them.

    C × H × W becomes C × (H / M · W / M) × (M · M). Source: Liu et al. 2021 (Swin).
    """

    rank: ClassVar[int] = 2
    starts_with: ClassVar[dict[str, Any]] = {"window": 7}
    symbols: ClassVar[dict[str, str]] = SYMBOLS

    window: WindowSize

    def __post_init__(self) -> None:
        sizes_for("window", self.window, self.rank, self.type_name)

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        shape = single(inputs)
        require_rank(self, shape, self.rank)
        window = per_axis(self.window, self.rank)
        for size, side in zip(shape.spatial, window, strict=True):
            require_multiple(size, side, "spatial sizes", "window")
        sides = [scope.symbol(f"M{name}", side) for name, side in zip(AXIS_NAMES[2], window, strict=True)]
        windows = product([exact_divide(*pair) for pair in zip(axis_symbols(shape, scope), sides, strict=True)])
        # The places of a window are no rows and columns of the image any more.
        return Counts(Shape(scope.symbol("C", shape.channels), (windows, product(sides))), reach="unknown")

    def summary(self) -> str:
        return brief_sizes(self.window, self.rank)


class WindowMerge(ReshapingLayer, frozen=True, kw_only=True):
    """Puts windows together to a map again: the inverse of WindowPartition.

    C × windows × (M · M) becomes C × H × W. Source: Liu et al. 2021 (Swin).
    """

    rank: ClassVar[int] = 2
    starts_with: ClassVar[dict[str, Any]] = {"window": 7, "size": 56}
    symbols: ClassVar[dict[str, str]] = SYMBOLS

    window: WindowSize
    size: Annotated[AxisSizes, Meta(title="Size", description="spatial sizes of the map")]

    def __post_init__(self) -> None:
        for field in ("window", "size"):
            sizes_for(field, getattr(self, field), self.rank, self.type_name)

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        shape = single(inputs)
        require_rank(self, shape, self.rank)
        window, sizes = per_axis(self.window, self.rank), per_axis(self.size, self.rank)
        for size, side in zip(sizes, window, strict=True):
            require_multiple(size, side, "spatial sizes", "window")
        wanted = (product(sizes) // product(window), product(window))
        if shape.spatial != wanted:
            raise Refusal(
                "reshape",
                f"a map of {sizes_text(sizes)} has {wanted[0]} windows of {wanted[1]} places, and it receives "
                f"{describe(shape)}.",
                "State the size and the window by which the map was cut.",
            )
        names = AXIS_NAMES[2]
        outputs = tuple(scope.symbol(f"O{name}", size) for name, size in zip(names, sizes, strict=True))
        return Counts(Shape(scope.symbol("C", shape.channels), outputs), reach="unknown")

    def summary(self) -> str:
        return f"{brief_sizes(self.window, self.rank)} to {brief_sizes(self.size, self.rank)}"
