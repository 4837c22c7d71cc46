"""One list of boxes laid out in layers, with edges that go around boxes. The one module that knows the layout library.

The library is graphlay, chosen among those with wheels for Linux, Windows and macOS. On Inception-v3 (314 layers, 348
connections) and DenseNet-121 (427 and 484), every layer a box of 150 × 40, medians on one core, edges as straight lines
from box to box but for graphlay, which gives routes:

| library       | licence           | Inception-v3 | DenseNet-121 | boxes hit by edges | boxes that overlap |
| ------------- | ----------------- | -----------: | -----------: | -----------------: | -----------------: |
| graphlay      | MIT or Apache-2.0 |        26 ms |        56 ms |             0, 0   |             0, 0   |
| fast-sugiyama | MIT               |         5 ms |         5 ms |           197, 348 |             0, 348 |
| igraph        | GPL               |         6 ms |         9 ms |            96, 0   |            29, 0   |
| grandalf      | GPL or EPL        |        90 ms |       194 ms |            74, 0   |             0, 0   |

igraph and grandalf would put their licence on this program. fast-sugiyama knows neither the sizes of boxes nor routes
of edges, so that its edges are straight and run through boxes. graphlay knows both, needs nothing else, gives the
same drawing every time, and keeps the main path straight; its drawing of both networks has no crossing at all.

A list falls apart where everything flows through one box. The pieces are laid out one by one and remembered, so that
a chain of 10,000 layers takes little longer than its different pieces, and an edit lays out only what it concerns.

The library takes minutes where everything takes everything before it (98 boxes, 1,273 connections: 85 s), and once in
thousands of knotted lists leads an edge through a box, which is checked. Both are then laid out as a column with lanes.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Final

from cnnstudio.drawings.diagram.boxes.alignment import aligned, keeps_clear
from cnnstudio.drawings.diagram.boxes.column import column
from cnnstudio.drawings.diagram.boxes.placement import Direction, Node, Placement, Point, Route

if TYPE_CHECKING:
    from graphlay import Layout

LAYER_GAP: Final = {"down": 26.0, "right": 36.0}
NODE_GAP: Final = {"down": 22.0, "right": 18.0}
ROUTING: Final = {"merge_edges": "forks", "port_sides": "facing_only"}
"""Edges from one box share their beginning; they leave after it and arrive before it, never at its sides."""
EDGE_GAPS: Final = (16.0, 24.0, 34.0, 48.0)
MAX_SKIPPED_BOXES: Final = 1_500
"""The number of boxes that all edges of a piece may skip together before layering is given up: the library would take
seconds.
"""
_SIDES: Final = {"down": ("top", "bottom"), "right": ("left", "right")}
_WAYS: Final = {"down": "topbottom", "right": "leftright"}


def place(nodes: tuple[Node, ...], edges: tuple[tuple[int, int], ...], direction: Direction) -> Placement:
    """Places nodes, which come before what they lead to; edges between the same two have one route.

    Coordinates may be negative.
    """
    if not nodes:
        return Placement((), ())
    # An Add of a layer with itself gives the same edge twice, and the library would lay two lines beside each other.
    single = tuple(dict.fromkeys(edges))
    if len(single) < len(edges):
        placement = place(nodes, single, direction)
        routes_of = dict(zip(single, placement.routes, strict=True))
        return Placement(placement.corners, tuple([routes_of[edge] for edge in edges]))
    corners: list[Point] = [(0.0, 0.0)] * len(nodes)
    routes: list[Route] = [()] * len(edges)
    inside = _by_piece(waists(len(nodes), edges), edges)
    for first, last, numbers in inside:
        within = tuple([(edges[number][0] - first, edges[number][1] - first) for number in numbers])
        piece = laid_out(nodes[first : last + 1], within, direction)
        if first:
            start, found = corners[first], piece.corners[0]
            piece = piece.moved(start[0] - found[0], start[1] - found[1])
        corners[first : last + 1] = piece.corners
        for number, route in zip(numbers, piece.routes, strict=True):
            routes[number] = route
    return Placement(tuple(corners), tuple(routes))


def waists(count: int, edges: tuple[tuple[int, int], ...]) -> list[int]:
    """The nodes that everything flows through, with the first and the last: nothing leads past them."""
    past = [0] * (count + 1)

    def lead_past(source: int, target: int) -> None:
        if target - source > 1:
            past[source + 1] += 1
            past[target] -= 1

    for source, target in edges:
        lead_past(source, target)
    targets, sources = {target for _, target in edges}, {source for source, _ in edges}
    for node in range(count):
        if node and node not in targets:
            lead_past(0, node + 1)
        if node not in sources and node < count - 1:
            lead_past(node - 1, count - 1)
    return [node for node, number in enumerate(accumulate(past[:count])) if not number or node in (0, count - 1)]


def _by_piece(borders: list[int], edges: tuple[tuple[int, int], ...]) -> Iterator[tuple[int, int, tuple[int, ...]]]:
    """The first and the last node of each piece, and the numbers of the edges in it."""
    ends = list(pairwise(borders)) or [(0, 0)]
    piece_at: list[int] = [at for at, (first, last) in enumerate(ends) for _ in range(last - first)]
    numbers: list[list[int]] = [[] for _ in ends]
    for number, (source, _) in enumerate(edges):
        numbers[piece_at[source]].append(number)
    for (first, last), found in zip(ends, numbers, strict=True):
        yield first, last, tuple(found)


@lru_cache(maxsize=4096)
def laid_out(nodes: tuple[Node, ...], edges: tuple[tuple[int, int], ...], direction: Direction) -> Placement:
    """One piece, from wherever the library begins; remembered. A column where the library is missing."""
    # Before the library is asked: it cannot be interrupted.
    if sum(target - source - 1 for source, target in edges) > MAX_SKIPPED_BOXES:
        return column(nodes, edges, direction)
    try:
        import graphlay  # takes longer than most commands
    except ImportError:
        return column(nodes, edges, direction)

    enters, leaves = _SIDES[direction]
    graph = {
        "nodes": [_node(node) for node in nodes],
        "edges": [
            {
                "source": source,
                "target": target,
                "weight": 1.0,
                **_port("source_port", leaves, nodes[source].leave),
                **_port("target_port", enters, nodes[target].enter),
            }
            for source, target in edges
        ],
    }
    # Where much is knotted the library may lead an edge along a border or through a box; with more room it does not.
    for gap in EDGE_GAPS:
        spacing = {"layer_gap": LAYER_GAP[direction], "node_gap": NODE_GAP[direction], "dummy_gap": gap, "port_gap": 12}
        options = {"direction": _WAYS[direction], "spacing": spacing, "routing": ROUTING}
        placement = _placement(graphlay.layout(graph, options=options), nodes, edges, direction)
        if keeps_clear(placement, nodes, edges):
            return placement
    return column(nodes, edges, direction)


def _placement(
    layout: Layout, nodes: tuple[Node, ...], edges: tuple[tuple[int, int], ...], direction: Direction
) -> Placement:
    """The library's layout, upright and aligned."""
    corners = [
        (placed["center"]["x"] - node.width / 2, placed["center"]["y"] - node.height / 2)
        for placed, node in zip(layout.nodes, nodes, strict=True)
    ]
    routes = [_upright([(point["x"], point["y"]) for point in edge["points"]], direction) for edge in layout.edges]
    # What is not connected at all has no rank: it stands apart from the layers, at a height of its own.
    ranks = [-at - 1 if placed["rank"] is None else int(placed["rank"]) for at, placed in enumerate(layout.nodes)]
    return aligned(Placement(tuple(corners), tuple(routes)), ranks, nodes, edges, direction)


def _upright(points: list[Point], direction: Direction) -> Route:
    """The route without slants: the library smooths steps of less than a pixel into them."""
    along = 1 if direction == "down" else 0
    route = points[:1]
    for start, end in pairwise(points):
        # A slant of less than a pixel shows as a jagged line.
        if start[0] != end[0] and start[1] != end[1]:
            middle = (start[along] + end[along]) / 2
            route.extend((point[0], middle) if along else (middle, point[1]) for point in (start, end))
        route.append(end)
    return tuple(route)


def _node(node: Node) -> dict[str, object]:
    rank = {"rank": node.rank} if node.rank else {}
    return {"size": {"width": node.width, "height": node.height}, "shape": "box", **rank}


def _port(end: str, side: str, place_on_side: float | None) -> dict[str, object]:
    if place_on_side is None:
        return {}
    return {end: {"offset": {"side": side, "t": max(-1.0, min(1.0, place_on_side))}}}
