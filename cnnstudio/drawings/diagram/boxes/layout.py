"""The layout of a whole diagram: each list laid out by itself, open blocks as frames around theirs, from the inside
out.

A block has one way in and one way out, so its frame takes part in the list around it as a box would.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from cnnstudio.core.network.design import ItemPath
from cnnstudio.drawings.diagram.boxes.layering import place
from cnnstudio.drawings.diagram.boxes.placement import Direction, Node, Placement, Point, Route
from cnnstudio.drawings.diagram.faces import CHIP, DETAIL, GAP, NAME, PAD, Face, face_of
from cnnstudio.drawings.diagram.graph import ENTRY, EXIT, Box, Graph
from cnnstudio.drawings.diagram.text_width import text_width

HEADER: Final = 26.0
PADDING: Final = 14.0
DOOR: Final = 4.0
"""The side of the points through which a block is entered and left."""


class PlacedBox(Struct, frozen=True):
    """A box with its face and its place; the frame of an open block, if `is_open`. `depth` counts the frames around."""

    box: Box
    face: Face
    x: float
    y: float
    width: float
    height: float
    depth: int

    @property
    def is_open(self) -> bool:
        """True if it is a frame around what a block holds."""
        return self.box.inside is not None

    @property
    def right(self) -> float:
        """The right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """The lower edge."""
        return self.y + self.height


class PlacedEdge(Struct, frozen=True):
    """A connection with its route. At the way into a block `source` is the block, and at the way out `target` is.

    Only the way out has no arrow head: it goes on outside.
    """

    source: ItemPath
    target: ItemPath
    route: Route
    has_head: bool


class Layout(Struct, frozen=True):
    """A whole diagram in its place, from (0, 0) on; frames come before what they hold."""

    width: float
    height: float
    boxes: tuple[PlacedBox, ...]
    edges: tuple[PlacedEdge, ...]
    direction: Direction


class _Sized(Struct, frozen=True):
    """A box with its size, and if it is open with the list in it, placed from its own left upper corner on.

    `enter` and `leave` are where edges arrive and depart, from -1 to 1 across the side.
    """

    face: Face
    width: float
    height: float
    enter: float | None = None
    leave: float | None = None
    boxes: tuple[_Sized, ...] = ()
    placement: Placement | None = None


def layout_of(graph: Graph, direction: Direction = "down", *, channels_last: bool = False) -> Layout:
    """Lays out a graph from the top down, or from left to right."""
    sizer = _Sizer(direction, channels_last=channels_last)
    boxes, nodes = sizer.sized(graph)
    placement, width, height = _from_corner(nodes, place(nodes, _pairs(graph), direction))
    spread = _Spread()
    spread.add(graph, boxes, placement, (0.0, 0.0), (), is_taken=False)
    return Layout(width, height, tuple(spread.boxes), tuple(spread.edges), direction)


class _Sizer:
    """Finds sizes, from the inside out."""

    def __init__(self, direction: Direction, *, channels_last: bool) -> None:
        self.direction = direction
        self.channels_last = channels_last
        self.axis = 0 if direction == "down" else 1

    def sized(self, graph: Graph) -> tuple[tuple[_Sized, ...], tuple[Node, ...]]:
        """The boxes of a list, and the same for the layout. Those that are no frames are of one width."""
        boxes = [self.box(box) for box in graph.boxes]
        widest = max((sized.width for sized in boxes if sized.placement is None), default=0.0)
        # Equal widths let a chain read as one column; boxes as wide as their names would make its edges ragged.
        boxes = [sized if sized.placement else _Sized(sized.face, widest, sized.height) for sized in boxes]
        return tuple(boxes), tuple([Node(sized.width, sized.height, sized.enter, sized.leave) for sized in boxes])

    def box(self, box: Box) -> _Sized:
        face = face_of(box, self.direction, channels_last=self.channels_last)
        return _Sized(face, face.width, face.height) if box.inside is None else self.frame(face, box.inside)

    def frame(self, face: Face, graph: Graph) -> _Sized:
        """A frame around a list, which is laid out with a node for the way in and one for the way out."""
        boxes, nodes = self.sized(graph)
        # The doors are laid out as nodes, so that no box comes to lie between the frame and its first layer.
        nodes = (Node(DOOR, DOOR, leave=0.0, rank="first"), *nodes, Node(DOOR, DOOR, enter=0.0, rank="last"))
        last = len(nodes) - 1
        ends = {ENTRY: 0, EXIT: last, **{at: at + 1 for at in range(len(boxes))}}
        edges = [(ends[edge.source], ends[edge.target]) for edge in graph.edges]
        # What takes nothing is tied to the way in, unseen, so that it lies between the two ways.
        ties = [(0, at) for at in range(1, last) if at not in {target for _, target in edges}]
        placement = place(nodes, (*edges, *ties), self.direction)
        placement = Placement(placement.corners, placement.routes[: len(edges)])
        placement, width, height = _from_corner(nodes, placement)
        sides = 2 * PADDING if self.direction == "down" else 0.0
        # From left to right the ways in and out keep no room above and below.
        above, below = (0.0, 0.0) if self.direction == "down" else (PADDING / 2, PADDING)
        size = (max(width + sides, _header_width(face)), HEADER + above + height + below)
        placement = placement.moved((size[0] - width) / 2, HEADER + above)
        doors = [placement.corners[at][self.axis] + DOOR / 2 for at in (0, last)]
        enter, leave = (2 * door / size[self.axis] - 1 for door in doors)
        inside = Placement(placement.corners[1:-1], self.reaching(graph, placement.routes, doors, size))
        return _Sized(face, *size, enter, leave, boxes, inside)

    def reaching(
        self, graph: Graph, routes: tuple[Route, ...], doors: list[float], size: tuple[float, float]
    ) -> tuple[Route, ...]:
        """The routes of a list, those through the doors as far as the header or the border of the frame."""
        starts = (doors[0], HEADER) if self.direction == "down" else (0.0, doors[0])
        ends = (doors[1], size[1]) if self.direction == "down" else (size[0], doors[1])
        found: list[Route] = []
        for edge, route in zip(graph.edges, routes, strict=True):
            route = (starts, *route) if edge.source == ENTRY else route
            found.append(_straightened((*route, ends) if edge.target == EXIT else route))
        return tuple(found)


class _Spread:
    """Gathers what lies where, from the outside in."""

    def __init__(self) -> None:
        self.boxes: list[PlacedBox] = []
        self.edges: list[PlacedEdge] = []

    def add(
        self,
        graph: Graph,
        boxes: tuple[_Sized, ...],
        placement: Placement,
        origin: Point,
        within: ItemPath,
        *,
        is_taken: bool,
    ) -> None:
        """Adds a list; where nothing takes what flows out of it, no line leads out."""
        taken = {edge.source for edge in graph.edges if edge.target != EXIT or is_taken}
        for number, (box, sized, corner) in enumerate(zip(graph.boxes, boxes, placement.corners, strict=True)):
            x, y = _rounded((origin[0] + corner[0], origin[1] + corner[1]))
            self.boxes.append(PlacedBox(box, sized.face, x, y, sized.width, sized.height, len(within)))
            if box.inside is not None and sized.placement is not None:
                self.add(box.inside, sized.boxes, sized.placement, (x, y), box.path, is_taken=number in taken)
        for edge, route in zip(graph.edges, placement.routes, strict=True):
            if edge.target == EXIT and not is_taken:
                continue
            source = within if edge.source == ENTRY else graph.boxes[edge.source].path
            target = within if edge.target == EXIT else graph.boxes[edge.target].path
            points = tuple([_rounded((origin[0] + x, origin[1] + y)) for x, y in route])
            self.edges.append(PlacedEdge(source, target, points, edge.target != EXIT))


def _pairs(graph: Graph) -> tuple[tuple[int, int], ...]:
    return tuple([(edge.source, edge.target) for edge in graph.edges])


def _header_width(face: Face) -> float:
    """The width that the header of a frame needs: the arrow, the name, what repeats, and the shape."""
    texts = text_width(face.name, NAME, is_bold=True) + text_width(face.shape, DETAIL)
    times = text_width(face.times, DETAIL) + 10 + GAP if face.times else 0.0
    return 2 * PAD + CHIP + 3 * GAP + texts + times


def _from_corner(nodes: tuple[Node, ...], placement: Placement) -> tuple[Placement, float, float]:
    """The same with its left upper corner at (0, 0), and its size."""
    corners, routes = placement.corners, placement.routes
    xs = [x for x, _ in corners] + [x for route in routes for x, _ in route]
    ys = [y for _, y in corners] + [y for route in routes for _, y in route]
    if not xs:
        return placement, 0.0, 0.0
    rights = [x + node.width for (x, _), node in zip(corners, nodes, strict=True)]
    bottoms = [y + node.height for (_, y), node in zip(corners, nodes, strict=True)]
    left, top = min(xs), min(ys)
    return placement.moved(-left, -top), max(xs + rights) - left, max(ys + bottoms) - top


def _straightened(route: Route) -> Route:
    """The route without points on straight lines."""
    kept: list[Point] = []
    for point in route:
        if kept and _is_near(kept[-1], point):
            continue
        if len(kept) > 1 and any(_in_line(kept[-2][axis], kept[-1][axis], point[axis]) for axis in (0, 1)):
            kept[-1] = point
        else:
            kept.append(point)
    return tuple(kept)


def _is_near(first: Point, second: Point) -> bool:
    return abs(first[0] - second[0]) < 0.05 and abs(first[1] - second[1]) < 0.05


def _in_line(*places: float) -> bool:
    return max(places) - min(places) < 0.05


def _rounded(point: Point) -> Point:
    """To a tenth of a pixel, and never to minus zero."""
    # Adding 0.0 turns -0.0 into 0.0, which would be written as `-0` into one drawing and not into an equal one.
    return round(point[0], 1) + 0.0, round(point[1], 1) + 0.0
