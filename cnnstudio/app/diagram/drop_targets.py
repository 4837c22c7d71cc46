"""The places of a diagram that layers can be dropped on: a connection, a box, an open block, or the end."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from msgspec import Struct

from cnnstudio.app.diagram.content import Area, Content, area_at
from cnnstudio.app.document.layer_drops import Connection
from cnnstudio.core.edits import Place
from cnnstudio.core.network.design import BLOCK_INPUT, Design, ItemPath, index_of, items_of
from cnnstudio.drawings.diagram.drawing import Group, Path

Point = tuple[float, float]

REACH: Final = 14.0
"""The distance from a line within which a drop is meant for it."""


class DropTarget(Struct, frozen=True):
    """A place for what is dropped: on a connection, or at a place of a list.

    `edge` is the line to mark, `area` the box or frame; a drop after a box is marked at its end.
    """

    place: Place
    connection: Connection | None = None
    edge: Group | None = None
    area: Area | None = None
    is_after: bool = False

    @property
    def parent(self) -> ItemPath:
        """The block that takes up what is dropped."""
        return self.place[0]


def target_at(content: Content, design: Design, x: float, y: float) -> DropTarget:
    """The place that a point means: the nearest connection, else after the box there, else the end of the list."""
    path = area_at(content.areas, x, y)
    is_box = path is not None and path not in content.frames
    # A box wins over lines: many end at its border, and within reach of it every drop on the box would hit one of them.
    edge = None if is_box else _edge_near(content, x, y)
    if edge is not None:
        return _on_edge(edge, design)
    if path is None:
        boxes = [area for path, area in content.areas.items() if len(path) == 1]
        return DropTarget(((), len(design.layers)), area=boxes[-1] if boxes else None, is_after=True)
    if is_box:
        return DropTarget((path[:-1], index_of(design, path) + 1), area=content.areas[path], is_after=True)
    return DropTarget((path, len(items_of(design, path))), area=content.areas[path])


def _on_edge(edge: Group, design: Design) -> DropTarget:
    source, target = edge.source, edge.path
    if source[: len(target)] == target and len(source) > len(target):
        # The way out of a block: what is put there becomes its last item.
        return DropTarget((target, len(items_of(design, target))), edge=edge)
    is_entry = target[:-1] == source
    connection = Connection(target, BLOCK_INPUT if is_entry else source[-1])
    return DropTarget((target[:-1], index_of(design, target)), connection, edge)


def _edge_near(content: Content, x: float, y: float) -> Group | None:
    """The connection whose line is nearest to a point, if one is within reach."""
    best, best_distance = None, REACH
    for group in content.drawing.groups:
        if group.kind != "edge":
            continue
        left, top, width, height = group.bounds
        # The bounds are cheap and rule out almost every line while the pointer moves.
        if not (left - REACH <= x <= left + width + REACH and top - REACH <= y <= top + height + REACH):
            continue
        distance = min((_distance((x, y), first, last) for first, last in pairwise(corners(group))), default=REACH)
        if distance < best_distance:
            best, best_distance = group, distance
    return best


def corners(edge: Group) -> list[Point]:
    """The points through which the line of a connection goes."""
    line = next((shape for shape in edge.shapes if isinstance(shape, Path) and shape.stroke), None)
    return [] if line is None else [(step[1][-2], step[1][-1]) for step in line.steps if step[1]]


def _distance(point: Point, first: Point, last: Point) -> float:
    """The distance of a point from a piece of a line."""
    along = (last[0] - first[0], last[1] - first[1])
    length = along[0] ** 2 + along[1] ** 2
    offset = (point[0] - first[0], point[1] - first[1])
    # Kept within 0 and 1: beyond its ends, the piece of line is as far away as the end. A piece without length has no
    # direction to divide by.
    part = 0.0 if not length else max(0.0, min(1.0, (offset[0] * along[0] + offset[1] * along[1]) / length))
    gap = (offset[0] - part * along[0], offset[1] - part * along[1])
    return float((gap[0] ** 2 + gap[1] ** 2) ** 0.5)
