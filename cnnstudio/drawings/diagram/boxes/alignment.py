"""Boxes of one layer begin at one height, as far as nothing is in the way; and the check that nothing is."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from cnnstudio.drawings.diagram.boxes.placement import Direction, Node, Placement, Point

CLEARANCE: Final = 1.0
"""The distance that edges keep from boxes that they pass."""


def aligned(
    placement: Placement,
    ranks: list[int],
    nodes: tuple[Node, ...],
    edges: tuple[tuple[int, int], ...],
    direction: Direction,
) -> Placement:
    """The same with the boxes of a layer beginning at one height; the library has their middles at one."""
    along = 1 if direction == "down" else 0
    starts: dict[int, float] = {}
    for corner, rank in zip(placement.corners, ranks, strict=True):
        starts[rank] = min(starts.get(rank, corner[along]), corner[along])
    corners, routes = list(placement.corners), [list(route) for route in placement.routes]
    for number, (corner, rank) in enumerate(zip(placement.corners, ranks, strict=True)):
        shift = starts[rank] - corner[along]
        if not shift or not _is_free(corner, nodes[number], shift, along, number, edges, routes):
            continue
        corners[number] = _shifted(corner, shift, along)
        for route, (source, target) in zip(routes, edges, strict=True):
            if target == number:
                route[-1] = _shifted(route[-1], shift, along)
            if source == number:
                route[0] = _shifted(route[0], shift, along)
    return Placement(tuple(corners), tuple(map(tuple, routes)))


def _is_free(
    corner: Point,
    node: Node,
    shift: float,
    along: int,
    number: int,
    edges: tuple[tuple[int, int], ...],
    routes: list[list[Point]],
) -> bool:
    """True if nothing bends in the room into which a box would move back."""
    across = 1 - along
    low, high = corner[across], corner[across] + (node.width if across == 0 else node.height)
    first, last = corner[along] + shift, corner[along]
    for route, (source, target) in zip(routes, edges, strict=True):
        inner = route[1:-1] if number in (source, target) else route
        for start, end in pairwise(inner):
            beside = max(start[across], end[across]) < low or min(start[across], end[across]) > high
            apart = max(start[along], end[along]) < first or min(start[along], end[along]) > last
            if not beside and not apart:
                return False
    return True


def _shifted(point: Point, shift: float, along: int) -> Point:
    return (point[0], point[1] + shift) if along else (point[0] + shift, point[1])


def keeps_clear(placement: Placement, nodes: tuple[Node, ...], edges: tuple[tuple[int, int], ...]) -> bool:
    """True if no edge touches a box that it passes, or runs through one that it joins."""
    boxes = [
        (x - CLEARANCE, y - CLEARANCE, x + node.width + CLEARANCE, y + node.height + CLEARANCE)
        for (x, y), node in zip(placement.corners, nodes, strict=True)
    ]
    for route, ends in zip(placement.routes, edges, strict=True):
        for (x0, y0), (x1, y1) in pairwise(route):
            left, right = (x0, x1) if x0 <= x1 else (x1, x0)
            top, bottom = (y0, y1) if y0 <= y1 else (y1, y0)
            for number, (low_x, low_y, high_x, high_y) in enumerate(boxes):
                if left >= high_x or right <= low_x or top >= high_y or bottom <= low_y:
                    continue
                # An edge touches the borders of its own two boxes, which is no fault; through them it must not run.
                inset = 2 * CLEARANCE if number in ends else 0.0
                beside = left >= high_x - inset or right <= low_x + inset
                if not (beside or top >= high_y - inset or bottom <= low_y + inset):
                    return False
    return True
