"""Attention within windows of a map, and the bias that is learned for relative positions in them."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from msgspec import Meta

from cnnstudio.core.arithmetic.derivation import ceil_divide, product
from cnnstudio.core.arithmetic.shape import AXIS_NAMES, Shape, per_axis, sizes_text
from cnnstudio.core.network.layer import Counts, Layer, NaturalSize, Scope, single
from cnnstudio.core.network.problem import Refusal
from cnnstudio.core.network.step import Step, multiplied
from cnnstudio.layers.attention.heads import AttentionBias, Heads
from cnnstudio.layers.attention.running import in_windows
from cnnstudio.layers.demands import describe, require_multiple, require_rank, sizes_for
from cnnstudio.layers.sliding import WindowSize
from cnnstudio.layers.summaries import brief_sizes

WINDOW_SYMBOLS = {"M": "size of a window", "h": "heads", "L": "positions, padded to whole windows"}


def _relative(window: tuple[int, ...], heads: int, scope: Scope) -> int:
    """A number for each head and each distance along both axes: h · (2M − 1) · (2M − 1)."""
    distances = [2 * scope.symbol(f"M{name}", size) - 1 for name, size in zip(AXIS_NAMES[2], window, strict=True)]
    return product([*distances, scope.symbol("h", heads)])


class WindowAttention(Layer, frozen=True, kw_only=True):
    """Attention of several heads within windows of a map, shifted ones if asked to, as in Swin transformers.

    A map that the window does not divide is padded with zeros at the end, and cut again. With a shift the map is rolled
    by it before and after, and what lay apart attends to nothing.

    Source: Liu et al. 2021 (Swin).
    """

    family: ClassVar[str] = "attention"
    rank: ClassVar[int] = 2
    starts_with: ClassVar[dict[str, Any]] = {"heads": 1, "window": 7}
    # That of the queries stays, as in `MultiHeadAttention`.
    hides_bias: ClassVar[bool] = True
    symbols: ClassVar[dict[str, str]] = WINDOW_SYMBOLS

    heads: Heads
    window: WindowSize
    shift: Annotated[NaturalSize, Meta(title="Shift", description="by which the windows are moved; 0: not")] = 0
    bias: AttentionBias = True
    relative_positions: Annotated[
        bool, Meta(title="Relative positions", description="learn a bias for each head and relative position")
    ] = True

    def __post_init__(self) -> None:
        sizes_for("window", self.window, self.rank, self.type_name)
        least = min(per_axis(self.window, self.rank))
        if self.shift >= least:
            raise ValueError(f"shift: {self.shift} is not smaller than the window of {least}")

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        shape = single(inputs)
        require_rank(self, shape, self.rank)
        require_multiple(shape.channels, self.heads, "input channels", "heads")
        symbol = scope.symbol
        window = per_axis(self.window, self.rank)
        channels = symbol("C", shape.channels)
        table = _relative(window, self.heads, scope) if self.relative_positions else 0
        weights = 4 * channels * channels
        biases = 4 * channels if self.bias else 0
        named = [symbol(f"M{name}", size) for name, size in zip(AXIS_NAMES[2], window, strict=True)]
        sides = [
            ceil_divide(symbol(f"I{name}", size), side) * side
            for name, size, side in zip(AXIS_NAMES[2], shape.spatial, named, strict=True)
        ]
        positions = product(sides)
        seen = product(named)
        return Counts(
            Shape(channels, shape.spatial),
            weights + table if self.relative_positions else weights,
            biases,
            weights + biases + table if self.relative_positions else weights + biases,
            macs=symbol("L", positions) * (4 * channels * channels + 2 * channels * seen),
            # Windows see unlike parts of the map, which no sliding window describes.
            reach="unknown",
            reasons=() if self.bias else (("biases", "bias is off"),),
        )

    def steps(self, inputs: tuple[Shape, ...], counts: Counts) -> tuple[Step, ...]:
        shape, window = single(inputs), per_axis(self.window, self.rank)
        sides = [ceil_divide(size, side) * side for size, side in zip(shape.spatial, window, strict=True)]
        table = counts.weights - 4 * shape.channels**2
        padded = Shape(shape.channels, tuple(sides))
        return in_windows(padded, shape, self.heads, product(window), table, bias=self.bias)

    def summary(self) -> str:
        shifted = f", shifted by {self.shift}" if self.shift else ""
        return f"{self.heads} head{'s' if self.heads > 1 else ''} · {brief_sizes(self.window, 2)}{shifted}"


class RelativePositionBias(Layer, frozen=True, kw_only=True):
    """Adds a learned number for each head and relative position to attention scores: h · (2M − 1)² parameters.

    The channels are the heads, and the last two axes the positions in a window, row by row.

    Source: Liu et al. 2021 (Swin); Raffel et al. 2020.
    """

    family: ClassVar[str] = "attention"
    starts_with: ClassVar[dict[str, Any]] = {"window": 7}
    symbols: ClassVar[dict[str, str]] = WINDOW_SYMBOLS

    window: WindowSize

    def __post_init__(self) -> None:
        sizes_for("window", self.window, 2, self.type_name)

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        shape = single(inputs)
        window = per_axis(self.window, 2)
        positions = product(window)
        if shape.rank < 2 or shape.spatial[-2:] != (positions, positions):
            raise Refusal(
                "attention",
                f"a window of {sizes_text(window)} has scores of {positions} × {positions}, and it receives "
                f"{describe(shape)}.",
                "Put it after the product of queries and keys within windows of this size.",
            )
        weights = _relative(window, shape.channels, scope)
        return Counts(shape, weights, 0, weights, reasons=(("weights", "one a head and relative position"),))

    def steps(self, inputs: tuple[Shape, ...], counts: Counts) -> tuple[Step, ...]:
        return multiplied(counts.output.elements, 0, counts.weights)

    def summary(self) -> str:
        return brief_sizes(self.window, 2)
