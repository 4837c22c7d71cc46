"""The windows of a map as columns, and columns added up to a map."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from msgspec import Meta

from cnnstudio.core.arithmetic.derivation import exact_divide, plain, product
from cnnstudio.core.arithmetic.shape import AXIS_NAMES, Axis, Shape, per_axis, sizes_text
from cnnstudio.core.network.layer import WINDOW_RANK, AxisSizes, Counts, NaturalSize, Scope, single
from cnnstudio.core.network.problem import Refusal
from cnnstudio.layers.demands import describe, require_multiple, require_rank, sizes_for
from cnnstudio.layers.reshaping import ReshapingLayer
from cnnstudio.layers.sliding import Dilation, KernelSize, Stride, axes_of, placed, require_fit
from cnnstudio.layers.summaries import brief_sizes

EvenPadding = Annotated[
    NaturalSize | Annotated[tuple[NaturalSize, ...], Meta(min_length=1, max_length=WINDOW_RANK)],
    Meta(title="Padding", description="zeros at both ends of each axis"),
]


class Unfolding(ReshapingLayer, frozen=True, kw_only=True):
    """The windows by which a map is laid out, or put together."""

    rank: ClassVar[int] = 2
    starts_with: ClassVar[dict[str, Any]] = {"kernel_size": 2, "stride": 2}

    kernel_size: KernelSize
    stride: Stride = 1
    padding: EvenPadding = 0
    dilation: Dilation = 1

    def __post_init__(self) -> None:
        for field in ("kernel_size", "stride", "padding", "dilation"):
            sizes_for(field, getattr(self, field), 2, self.type_name)

    def axes_on(self, shape: Shape) -> tuple[Axis, ...]:
        """The axes of the map along which the windows slide."""
        return axes_of(shape, self.kernel_size, self.stride, self.padding, self.dilation)

    def places(self, scope: Scope) -> int:
        """The elements of a window, in symbols."""
        sizes = zip(AXIS_NAMES[2], per_axis(self.kernel_size, 2), strict=True)
        return product([scope.symbol(f"K{name}", size) for name, size in sizes])

    def summary(self) -> str:
        stride = "" if self.stride == 1 else f" / {brief_sizes(self.stride, 2)}"
        return brief_sizes(self.kernel_size, 2) + stride


class Unfold(Unfolding, frozen=True, kw_only=True):
    """Lays out the windows of a map: each becomes a column of K_h · K_w · C channels; no parameters.

    Source: torch.nn.Unfold.
    """

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        shape = single(inputs)
        require_rank(self, shape, self.rank)
        axes = self.axes_on(shape)
        require_fit(axes, "kernel")
        channels = self.places(scope) * scope.symbol("C", shape.channels)
        # The columns are no rows and columns of the image any more.
        return Counts(Shape(channels, (product(placed(axes, scope.symbol)),)), reach="unknown")


class Fold(Unfolding, frozen=True, kw_only=True):
    """Puts columns back as windows of a map, and adds up where they overlap: the reverse of Unfold; no parameters.

    Source: torch.nn.Fold.
    """

    rank: ClassVar[int] = 1
    starts_with: ClassVar[dict[str, Any]] = {"kernel_size": 2, "stride": 2, "size": 8}

    size: Annotated[AxisSizes, Meta(title="Size", description="spatial sizes of the map")]

    def __post_init__(self) -> None:
        super().__post_init__()
        sizes_for("size", self.size, 2, self.type_name)

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        shape = single(inputs)
        require_rank(self, shape, self.rank)
        places = product(per_axis(self.kernel_size, 2))
        require_multiple(shape.channels, places, "input channels", "the elements of a window")
        sizes = per_axis(self.size, 2)
        axes = self.axes_on(Shape(1, sizes))
        require_fit(axes, "kernel")
        windows = product(placed(axes, plain))
        if windows != shape.spatial[0]:
            raise Refusal(
                "reshape",
                f"a map of {sizes_text(sizes)} has {windows} windows, and it receives {describe(shape)}.",
                "State the size and the windows by which the map was unfolded.",
            )
        channels = exact_divide(scope.symbol("C", shape.channels), self.places(scope))
        outputs = tuple(scope.symbol(f"O{name}", size) for name, size in zip(AXIS_NAMES[2], sizes, strict=True))
        return Counts(Shape(channels, outputs), reach="unknown")
