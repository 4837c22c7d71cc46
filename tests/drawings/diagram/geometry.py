"""Rules that hold for every layout: checked on the numbers themselves, without the code that made them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise

from cnnstudio.drawings.diagram.boxes.layout import Layout, PlacedBox
from cnnstudio.drawings.diagram.boxes.placement import Point

SLACK = 0.6
"""Coordinates are rounded to a tenth; touching is not crossing."""

Area = tuple[float, float, float, float]
"""Left, top, right, bottom."""


def area_of(box: PlacedBox) -> Area:
    """The area of a box."""
    return box.x, box.y, box.x + box.width, box.y + box.height


def overlap(first: Area, second: Area) -> bool:
    """True if two areas share more than a border."""
    wide = min(first[2], second[2]) - max(first[0], second[0]) > SLACK
    return wide and min(first[3], second[3]) - max(first[1], second[1]) > SLACK


def contains(outer: Area, inner: Area) -> bool:
    """True if an area lies in another."""
    return (
        outer[0] - SLACK <= inner[0]
        and outer[1] - SLACK <= inner[1]
        and inner[2] <= outer[2] + SLACK
        and inner[3] <= outer[3] + SLACK
    )


def crosses(route: Sequence[Point], area: Area) -> bool:
    """True if a route of upright and level pieces runs through an area, more than along its border."""
    for (x0, y0), (x1, y1) in pairwise(route):
        piece = (min(x0, x1) - SLACK, min(y0, y1) - SLACK, max(x0, x1) + SLACK, max(y0, y1) + SLACK)
        shrunk = (area[0] + 2 * SLACK, area[1] + 2 * SLACK, area[2] - 2 * SLACK, area[3] - 2 * SLACK)
        if piece[0] < shrunk[2] and piece[2] > shrunk[0] and piece[1] < shrunk[3] and piece[3] > shrunk[1]:
            return True
    return False


def is_on_border(point: Point, area: Area) -> bool:
    """True if a point lies on the border of an area."""
    x, y = point
    within = contains(area, (x, y, x, y))
    return within and (
        min(abs(x - area[0]), abs(x - area[2])) < SLACK or min(abs(y - area[1]), abs(y - area[3])) < SLACK
    )


def faults(layout: Layout) -> Iterator[str]:
    """Every rule of a good layout that this one breaks, in words."""
    areas = {placed.box.path: area_of(placed) for placed in layout.boxes}
    whole = (0.0, 0.0, layout.width, layout.height)
    lists: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
    for path, area in areas.items():
        lists.setdefault(path[:-1], []).append(path)
        if not contains(areas.get(path[:-1], whole), area):
            yield f"{path} is outside of what holds it"
    for siblings in lists.values():
        for first, second in combinations(siblings, 2):
            if overlap(areas[first], areas[second]):
                yield f"{first} overlaps {second}"
    for edge in layout.edges:
        ends = (edge.source, edge.target)
        around = next((path for path in ends if any(path == second[:-1] for second in ends)), None)
        within = ends[0][:-1] if around is None else around
        yield from _edge_faults(edge.route, ends, within, areas, areas.get(within, whole), lists.get(within, []))


def _edge_faults(
    route: Sequence[Point],
    ends: tuple[tuple[str, ...], tuple[str, ...]],
    within: tuple[str, ...],
    areas: dict[tuple[str, ...], Area],
    holder: Area,
    siblings: list[tuple[str, ...]],
) -> Iterator[str]:
    if any(abs(x0 - x1) > 0.05 and abs(y0 - y1) > 0.05 for (x0, y0), (x1, y1) in pairwise(route)):
        yield f"{ends} runs aslant"
    for point, path in zip((route[0], route[-1]), ends, strict=True):
        if path != within and not is_on_border(point, areas[path]):
            yield f"{ends} does not touch {path}"
    xs, ys = [x for x, _ in route], [y for _, y in route]
    if not contains(holder, (min(xs), min(ys), max(xs), max(ys))):
        yield f"{ends} leaves what holds it"
    for path in siblings:
        if crosses(route, areas[path]):
            yield f"{ends} runs through {path}"
