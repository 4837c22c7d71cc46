"""A picture as a value: groups of shapes in colours, which the SVG writer writes and the window paints alike."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from cnnstudio.core.network.design import ItemPath
from cnnstudio.drawings.diagram.boxes.placement import Point

Step = tuple[Literal["M", "L", "Q", "Z"], tuple[float, ...]]
"""One step of a path: go to, line to, curve by way of to, close."""


Anchor = Literal["start", "middle", "end"]


class Rect(Struct, frozen=True, gc=False):
    """A rectangle with round corners; no line around it if `stroke` is empty."""

    x: float
    y: float
    width: float
    height: float
    fill: str
    stroke: str = ""
    radius: float = 0.0
    stroke_width: float = 1.0


class Path(Struct, frozen=True, gc=False):
    """Lines and curves, filled if `fill` is not empty."""

    steps: tuple[Step, ...]
    stroke: str = ""
    fill: str = ""
    stroke_width: float = 1.2
    dash: tuple[float, ...] = ()


class Text(Struct, frozen=True, gc=False):
    """One line of text; `x` is its start, middle or end, `y` its base line."""

    x: float
    y: float
    text: str
    size: int
    fill: str
    anchor: Anchor = "start"
    is_bold: bool = False


Shape = Rect | Path | Text


class Group(Struct, frozen=True, gc=False):
    """The shapes of one thing. `path` is the item that it belongs to, and `source` that from which an edge comes.

    `bounds` are left, top, width and height; `tip` says all about it.
    """

    kind: Literal["frame", "edge", "box", "label", "legend"]
    path: ItemPath
    bounds: tuple[float, float, float, float]
    shapes: tuple[Shape, ...]
    tip: str = ""
    source: ItemPath = ()


class Drawing(Struct, frozen=True):
    """A whole picture, from back to front."""

    width: float
    height: float
    background: str
    groups: tuple[Group, ...]


def polygon(*points: Point) -> tuple[Step, ...]:
    """A closed shape with these corners."""
    return (("M", points[0]), *(("L", point) for point in points[1:]), ("Z", ()))


def rounded_line(points: tuple[Point, ...], radius: float) -> tuple[Step, ...]:
    """A line through these points whose corners are round, as far as the lengths beside them allow."""
    steps: list[Step] = [("M", points[0])]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        # Half of each side at most, as the next corner needs the other half.
        into = min(radius, _distance(before, corner) / 2)
        out = min(radius, _distance(corner, after) / 2)
        near = min(into, out)
        steps.append(("L", _towards(corner, before, near)))
        steps.append(("Q", (*corner, *_towards(corner, after, near))))
    steps.append(("L", points[-1]))
    return tuple(steps)


def _distance(first: Point, second: Point) -> float:
    return float(((first[0] - second[0]) ** 2 + (first[1] - second[1]) ** 2) ** 0.5)


def _towards(start: Point, end: Point, length: float) -> Point:
    whole = _distance(start, end)
    # Two points in one place have no direction to go in.
    if whole == 0:
        return start
    part = length / whole
    return round(start[0] + (end[0] - start[0]) * part, 2), round(start[1] + (end[1] - start[1]) * part, 2)
