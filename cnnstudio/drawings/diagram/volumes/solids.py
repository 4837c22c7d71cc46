"""Feature maps as solids in oblique projection: as thick as their channels, as high and as deep as their sizes.

Sizes are drawn on a scale that compresses, the same for a whole network: a side grows with the root of what it stands
for, so that 224 × 224 and 7 × 7 stand in one picture and still tell which is larger.
"""

from __future__ import annotations

from math import pow, sqrt
from typing import Final

from msgspec import Struct

from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.drawings.diagram.boxes.placement import Point

MAX_HEIGHT: Final = 132.0
"""The side, in pixels, of the largest map of a network."""
ROOT: Final = 0.55
MIN_SIDE: Final = 5.0
OBLIQUE: Final = (0.42, -0.34)
"""The direction in which one pixel of depth is drawn: to the right and up."""
VECTOR_DEPTH: Final = 10.0
LINE_DEPTH: Final = 8.0
MAX_THICKNESS: Final = 64.0
UNKNOWN_SIDE: Final = 44.0
MAX_SLICES: Final = 4
MAX_STEPS: Final = 3
SLICE_GAP: Final = 3.0
STEP_GAP: Final = 9.0


class Solid(Struct, frozen=True):
    """A block of so many pixels: its front face is `thick` wide and `high`, its sides go `deep` into the page.

    A map with three axes stands as several `slices`, one behind the other from left to right; with four, as several
    `steps` of so many slices, further apart.
    """

    thick: float
    high: float
    deep: float
    slices: int = 1
    steps: int = 1

    @property
    def shift(self) -> Point:
        """From the front face to the back face."""
        return OBLIQUE[0] * self.deep, OBLIQUE[1] * self.deep

    @property
    def front_width(self) -> float:
        """The width of all front faces."""
        return self.lefts[-1] + self.thick

    @property
    def lefts(self) -> list[float]:
        """The distance of each front face from the first."""
        places = [number * (self.thick + SLICE_GAP) for number in range(self.slices)]
        step = places[-1] + self.thick + STEP_GAP
        return [number * step + place for number in range(self.steps) for place in places]

    @property
    def width(self) -> float:
        """The width of the picture."""
        return self.front_width + self.shift[0]

    @property
    def height(self) -> float:
        """The height of the picture."""
        return self.high - self.shift[1]


class MapScale(Struct, frozen=True):
    """The scale at which the sides of a network's maps are drawn: its largest size, and its most channels."""

    largest: int
    most: int

    def side(self, size: int) -> float:
        """The length of a spatial side."""
        # A side of 1 beside one of 224 would be a line that nobody sees.
        return max(MIN_SIDE, MAX_HEIGHT * pow(size / self.largest, ROOT))

    def thickness(self, channels: int) -> float:
        """The length for channels: short for few, and never longer than a fair part of the picture."""
        return min(MAX_THICKNESS, 2.0 + 1.7 * sqrt(channels))

    def bar(self, elements: int) -> float:
        """The length of a vector."""
        return max(14.0, min(1.15 * MAX_HEIGHT, 7.2 * pow(elements, 0.36)))


def scale_of(shapes: list[Shape]) -> MapScale:
    """The scale for all shapes of a network."""
    return MapScale(
        max((size for shape in shapes for size in shape.spatial), default=1),
        max((shape.channels for shape in shapes), default=1),
    )


def solid_of(shape: Shape | None, scale: MapScale) -> Solid:
    """The solid of a shape; a cube of a fixed size for one that is unknown."""
    if shape is None:
        return Solid(UNKNOWN_SIDE / 2, UNKNOWN_SIDE, UNKNOWN_SIDE / 2)
    if not shape.rank:
        return Solid(7.0, scale.bar(shape.channels), VECTOR_DEPTH)
    thick = scale.thickness(shape.channels)
    sides = [scale.side(size) for size in shape.spatial]
    if shape.rank == 1:
        return Solid(thick, sides[0], LINE_DEPTH)
    slices = _several(shape.spatial[-3], MAX_SLICES) if shape.rank > 2 else 1
    steps = _several(shape.spatial[-4], MAX_STEPS) if shape.rank > 3 else 1
    every = slices * steps
    return Solid(thick if every == 1 else max(3.0, thick / every), sides[-2], sides[-1], slices, steps)


def _several(size: int, most: int) -> int:
    """The number of parts that stand for an axis of this size."""
    return max(1, min(most, round(sqrt(size))))


def faces(solid: Solid, x: float, y: float) -> list[tuple[tuple[Point, ...], ...]]:
    """The visible faces of each slice, its front face with its left upper corner at (x, y): front, top, side."""
    dx, dy = solid.shift
    found: list[tuple[tuple[Point, ...], ...]] = []
    for place in solid.lefts:
        left = x + place
        right, bottom = left + solid.thick, y + solid.high
        found.append(
            (
                ((left, y), (right, y), (right, bottom), (left, bottom)),
                ((left, y), (left + dx, y + dy), (right + dx, y + dy), (right, y)),
                ((right, y), (right + dx, y + dy), (right + dx, bottom + dy), (right, bottom)),
            )
        )
    return found


def patch(solid: Solid, parts: tuple[float, float], x: float, y: float) -> tuple[Point, ...]:
    """The outline of a window on the side of a solid: `parts` is what it covers of the height and of the depth."""
    dx, dy = solid.shift
    high, deep = (max(4.0 / length, min(1.0, part)) for part, length in zip(parts, _lengths(solid), strict=True))
    right = x + solid.front_width
    start = (1 - deep) * 0.5
    top = (1 - high) * 0.62

    def at(across: float, down: float) -> Point:
        return right + dx * across, y + dy * across + solid.high * down

    return at(start, top), at(start + deep, top), at(start + deep, top + high), at(start, top + high)


def _lengths(solid: Solid) -> tuple[float, float]:
    return max(4.0, solid.high), max(4.0, solid.deep)
