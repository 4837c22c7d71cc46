"""The style of boxes: layers in the colour of their family, open blocks as frames, edges with round corners."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from cnnstudio.drawings.colours import PageColours
from cnnstudio.drawings.diagram.boxes.layout import HEADER, Layout, PlacedBox, PlacedEdge
from cnnstudio.drawings.diagram.boxes.placement import Direction, Point, Route
from cnnstudio.drawings.diagram.drawing import Drawing, Group, Path, Rect, Shape, Step, Text, polygon, rounded_line
from cnnstudio.drawings.diagram.faces import CHIP, DETAIL, GAP, LINE, NAME, PAD
from cnnstudio.drawings.diagram.graph import Box
from cnnstudio.drawings.diagram.shades import family_colour, mixed
from cnnstudio.drawings.diagram.text_width import clean, text_width
from cnnstudio.layers.families import BLOCKS, FAMILY

MARGIN: Final = 24.0
RADIUS: Final = 6.0
BEND: Final = 7.0
HEAD_LENGTH: Final = 6.5
HEAD_WIDTH: Final = 6.0
PILE: Final = 4.0
"""The distance by which a folded block that repeats shows the sheets behind it."""


def boxes_drawing(layout: Layout, colours: PageColours) -> Drawing:
    """The drawing of a layout, with a margin around it."""
    artist = _Artist(colours, layout.direction)
    frames = [box for box in layout.boxes if box.is_open]
    boxes = [box for box in layout.boxes if not box.is_open]
    # Edges between the same two boxes lie on each other: one is drawn, with their number.
    edges = Counter(layout.edges)
    groups = [
        *map(artist.frame, frames),
        *(artist.edge(edge, times) for edge, times in edges.items()),
        *map(artist.box, boxes),
    ]
    return Drawing(layout.width + 2 * MARGIN, layout.height + 2 * MARGIN, colours.paper, tuple(groups))


def fold_mark(placed: PlacedBox) -> tuple[float, float, float, float]:
    """The rectangle of the arrow that folds a block or opens it: left, top, width, height."""
    if placed.is_open:
        return placed.x + MARGIN, placed.y + MARGIN, PAD + CHIP + GAP / 2, HEADER
    return placed.x + MARGIN + placed.width - PAD - CHIP, placed.y + MARGIN, CHIP + PAD, PAD + LINE


class _Artist:
    """Makes groups of placed things."""

    def __init__(self, colours: PageColours, direction: Direction) -> None:
        self.colours = colours
        self.is_down = direction == "down"

    def box(self, placed: PlacedBox) -> Group:
        x, y = placed.x + MARGIN, placed.y + MARGIN
        family = family_colour(self.colours, placed.box.family)
        shapes: list[Shape] = []
        if placed.box.times > 1:
            shapes.extend(self._sheet(placed, x, y, shift) for shift in (PILE, PILE / 2))
        fill = mixed(self.colours.paper, family, 0.11)
        stroke = mixed(self.colours.paper, family, 0.55)
        shapes.append(Rect(x, y, placed.width, placed.height, fill, stroke, RADIUS))
        shapes.extend(self._chip(x + PAD, y + self._first_line(placed) - CHIP / 2, placed.box.family))
        shapes.extend(self._texts(placed, x, y))
        shapes.extend(self._badge(placed.box, x + placed.width, y))
        return Group("box", placed.box.path, (x, y, placed.width, placed.height), tuple(shapes), tip_of(placed))

    def frame(self, placed: PlacedBox) -> Group:
        x, y = placed.x + MARGIN, placed.y + MARGIN
        block = family_colour(self.colours, BLOCKS.key)
        fill = mixed(self.colours.paper, block, min(0.16, 0.05 + 0.03 * placed.depth))
        stroke = mixed(self.colours.paper, block, 0.38)
        header = mixed(self.colours.paper, block, min(0.30, 0.14 + 0.04 * placed.depth))
        face, middle = placed.face, y + HEADER / 2
        text = x + PAD + CHIP + 2
        shapes: list[Shape] = [
            Rect(x, y, placed.width, placed.height, fill, stroke, RADIUS + 2),
            Path(_tab(x, y, placed.width, HEADER, RADIUS + 2), fill=header),
            _chevron(x + PAD + CHIP / 2 - 2, middle, self.colours.muted, is_open=True),
            Text(text, middle + 4.3, face.name, NAME, self.colours.text, is_bold=True),
            Text(x + placed.width - PAD, middle + 4, face.shape, DETAIL, self._shape_colour(placed.box), "end"),
        ]
        if face.times:
            shapes.extend(self._times(text + text_width(face.name, NAME, is_bold=True) + GAP, middle, face.times))
        shapes.extend(self._badge(placed.box, x + placed.width, y))
        return Group("frame", placed.box.path, (x, y, placed.width, placed.height), tuple(shapes), tip_of(placed))

    def edge(self, edge: PlacedEdge, times: int) -> Group:
        """An edge; one that stands for several says so beside its head."""
        route: Route = tuple([(x + MARGIN, y + MARGIN) for x, y in edge.route])
        colour = mixed(self.colours.paper, self.colours.text, 0.55)
        line, head = _headed(route) if edge.has_head else (route, ())
        shapes: list[Shape] = [Path(rounded_line(line, BEND), colour)]
        if head:
            shapes.append(Path(polygon(*head), fill=colour))
        if times > 1:
            x, y = route[-1]
            shapes.append(Text(x + 7, y - 5, f"× {times}", 10, self.colours.muted))
        return Group("edge", edge.target, _bounds(route), tuple(shapes), source=edge.source)

    def _sheet(self, placed: PlacedBox, x: float, y: float, shift: float) -> Rect:
        block = family_colour(self.colours, BLOCKS.key)
        fill = mixed(self.colours.paper, block, 0.2)
        stroke = mixed(self.colours.paper, block, 0.45)
        return Rect(x + shift, y + shift, placed.width, placed.height, fill, stroke, RADIUS)

    def _first_line(self, placed: PlacedBox) -> float:
        """The middle of the line that has the name."""
        return placed.height / 2 if placed.face.is_low else PAD + LINE / 2 - 2

    def _chip(self, x: float, y: float, family: str) -> Iterator[Shape]:
        yield Rect(x, y, CHIP, CHIP, family_colour(self.colours, family), radius=3.5)
        letter = FAMILY[family].letter
        yield Text(x + CHIP / 2, y + CHIP - 4, letter, 10, self.colours.paper, "middle", is_bold=True)

    def _texts(self, placed: PlacedBox, x: float, y: float) -> Iterator[Shape]:
        face, left, right = placed.face, x + PAD + CHIP + GAP, x + placed.width - PAD
        first = y + self._first_line(placed)
        yield Text(left, first + 4.3, face.name, NAME, self.colours.text, is_bold=True)
        after = left + text_width(face.name, NAME, is_bold=True) + GAP
        if face.times:
            yield from self._times(after, first, face.times)
        if placed.box.is_block:
            yield _chevron(right - 5, first, self.colours.muted, is_open=False)
            right -= CHIP
        shape = self._shape_colour(placed.box)
        if self.is_down:
            yield Text(right, first + 4, face.shape, DETAIL, shape, "end")
        else:
            yield Text(left, first + 2 * LINE + 4, face.shape, DETAIL, shape)
        if face.is_low:
            yield Text(after, first + 4, face.detail, DETAIL, self.colours.muted)
        else:
            yield Text(left, first + LINE + 4, face.detail, DETAIL, self.colours.muted)

    def _times(self, x: float, middle: float, times: str) -> Iterator[Shape]:
        width = text_width(times, DETAIL) + 10
        yield Rect(x, middle - 8, width, 16, family_colour(self.colours, BLOCKS.key), radius=8)
        yield Text(x + width / 2, middle + 3.8, times, DETAIL, self.colours.paper, "middle")

    def _shape_colour(self, box: Box) -> str:
        """Red where the fault lies; what is only below one is quiet."""
        if box.shape is not None:
            return self.colours.text
        return self.colours.danger if box.errors else self.colours.muted

    def _badge(self, box: Box, right: float, y: float) -> Iterator[Shape]:
        """The problem, in words, on the upper border."""
        words = problem_words(box)
        if not words:
            return
        colour = self.colours.danger if box.errors else self.colours.warning
        width = text_width(words, 10, is_bold=True) + 22
        x = right - width - 8
        yield Rect(x, y - 12, width, 16, colour, self.colours.paper, 8)
        yield Text(x + 9, y - 0.4, "!", 11, self.colours.paper, "middle", is_bold=True)
        yield Text(x + 15, y - 0.6, words, 10, self.colours.paper, is_bold=True)


def problem_words(box: Box) -> str:
    """`error`, `3 errors`, `2 warnings`: the worst of what is wrong with an item and what it holds."""
    count, noun = (box.errors, "error") if box.errors else (box.warnings, "warning")
    return "" if not count else noun if count == 1 else f"{count} {noun}s"


def tip_of(placed: PlacedBox) -> str:
    """All about a box: its whole name, what it is, its output, and its problems."""
    box, face = placed.box, placed.face
    repeats = f", {face.times.replace('× ', '')} times" if face.times else ""
    said = [f"{' / '.join(box.path)}: {' '.join(part for part in (box.type_name, box.summary) if part)}{repeats}"]
    said.append(f"output {face.shape}")
    said.extend(f"{problem.severity}: {problem.sentence} {problem.remedy}" for problem in box.problems)
    return clean("\n".join(said).replace("\n", "; "))


def _chevron(x: float, y: float, colour: str, *, is_open: bool) -> Path:
    """Points down at what is open, and to the right at what is folded."""
    points = ((x - 4, y - 2), (x, y + 2), (x + 4, y - 2)) if is_open else ((x - 2, y - 4), (x + 2, y), (x - 2, y + 4))
    return Path((("M", points[0]), ("L", points[1]), ("L", points[2])), colour, stroke_width=1.6)


def _tab(x: float, y: float, width: float, height: float, radius: float) -> tuple[Step, ...]:
    """The header of a frame: round above, straight below."""
    return (
        ("M", (x, y + height)),
        ("L", (x, y + radius)),
        ("Q", (x, y, x + radius, y)),
        ("L", (x + width - radius, y)),
        ("Q", (x + width, y, x + width, y + radius)),
        ("L", (x + width, y + height)),
        ("Z", ()),
    )


def _headed(route: Route) -> tuple[Route, tuple[Point, Point, Point]]:
    """The line as far as its arrow head, and the head. The last piece of every route is straight along an axis."""
    head = arrow_head(route[-2], route[-1])
    base = ((head[0][0] + head[2][0]) / 2, (head[0][1] + head[2][1]) / 2)
    return (*route[:-1], base), head


def arrow_head(before: Point, tip: Point) -> tuple[Point, Point, Point]:
    """The corners of the head of an arrow that runs along an axis; its tip is the second."""
    (x, y), half = tip, HEAD_WIDTH / 2
    ahead_x, ahead_y = _sign(x - before[0]), _sign(y - before[1])
    x0, y0 = x - ahead_x * HEAD_LENGTH, y - ahead_y * HEAD_LENGTH
    return (x0 + ahead_y * half, y0 + ahead_x * half), tip, (x0 - ahead_y * half, y0 - ahead_x * half)


def _sign(value: float) -> float:
    return (value > 0.01) - (value < -0.01)


def _bounds(route: Route) -> tuple[float, float, float, float]:
    xs, ys = [x for x, _ in route], [y for _, y in route]
    pad = HEAD_WIDTH
    return min(xs) - pad, min(ys) - pad, max(xs) - min(xs) + 2 * pad, max(ys) - min(ys) + 2 * pad
