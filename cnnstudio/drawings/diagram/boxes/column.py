"""The layout of lists that are knotted beyond all layers: one column, and lanes beside it.

Where every layer takes most of the earlier ones, a layered layout takes minutes and gives thousands of crossings. In a
column each box has one lane for all that skip the box after it; they turn into the line above the boxes that take it.
"""

from __future__ import annotations

from typing import Final

from cnnstudio.drawings.diagram.boxes.placement import Direction, Node, Placement, Point, Route

GAP: Final = 30.0
LANE: Final = 10.0
STUB: Final = 9.0
"""The distance after a box at which its lane begins, and before a box at which lanes join its line."""


def column(nodes: tuple[Node, ...], edges: tuple[tuple[int, int], ...], direction: Direction) -> Placement:
    """Places nodes one after the other; no edge touches a box that it passes."""
    is_down = direction == "down"
    widths = [node.width if is_down else node.height for node in nodes]
    lengths = [node.height if is_down else node.width for node in nodes]
    widest = max(widths)
    starts: list[float] = []
    start = 0.0
    for length in lengths:
        starts.append(start)
        start += length + GAP
    sides = [(widest - width) / 2 for width in widths]
    lanes = _lanes(edges)

    def door(number: int, place: float | None) -> float:
        """The point across the direction at which edges meet a box: in its middle unless it says so."""
        return sides[number] + widths[number] * (1 + (place or 0.0)) / 2

    routes: list[Route] = []
    for source, target in edges:
        begin = (door(source, nodes[source].leave), starts[source] + lengths[source])
        end = (door(target, nodes[target].enter), starts[target])
        # Two lanes' width is left free beside the boxes.
        lane = None if target == source + 1 else widest + LANE * (lanes[source] + 2)
        routes.append(_route(begin, end, lane))
    corners = list(zip(sides, starts, strict=True))
    if not is_down:
        corners = [(along, across) for across, along in corners]
        routes = [tuple([(along, across) for across, along in route]) for route in routes]
    return Placement(tuple(corners), tuple(routes))


def _route(begin: Point, end: Point, lane: float | None) -> Route:
    """Along the lane, or, to the next box, straight or with one step halfway."""
    if lane is not None:
        down, back = begin[1] + STUB, end[1] - STUB
        return begin, (begin[0], down), (lane, down), (lane, back), (end[0], back), end
    if abs(begin[0] - end[0]) < 0.05:
        return begin, (begin[0], end[1])
    middle = (begin[1] + end[1]) / 2
    return begin, (begin[0], middle), (end[0], middle), end


def _lanes(edges: tuple[tuple[int, int], ...]) -> dict[int, int]:
    """The lane of each node from which edges skip others: short ones inside, and none shared at one height."""
    ends: dict[int, int] = {}
    for source, target in edges:
        if target > source + 1:
            # One lane for all takers of a box, as long as the way to the last: a lane each would fill the picture.
            ends[source] = max(target, ends.get(source, 0))
    taken: list[list[tuple[int, int]]] = []
    found: dict[int, int] = {}
    # The shorter ones first, so that they lie inside and cross fewer lanes.
    for source, end in sorted(ends.items(), key=lambda pair: (pair[1] - pair[0], pair)):
        level = 0
        while level < len(taken) and any(source <= last and first <= end for first, last in taken[level]):
            level += 1
        if level == len(taken):
            taken.append([])
        taken[level].append((source, end))
        found[source] = level
    return found
