"""The style of volumes, for papers: feature maps as solids in a row, the way that AlexNet's figure made common.

Each map shows the window that slides over it, and where one output of that window lies in the next map. Connections
that skip maps run above the row. The label of a map has up to three lines: name, window, sizes; each can be replaced.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Final

from cnnstudio.drawings.colours import PageColours
from cnnstudio.drawings.diagram.boxes.boxes import HEAD_LENGTH, HEAD_WIDTH, arrow_head, problem_words
from cnnstudio.drawings.diagram.boxes.placement import Direction, Point
from cnnstudio.drawings.diagram.drawing import (
    Anchor,
    Drawing,
    Group,
    Path,
    Rect,
    Shape,
    Step,
    Text,
    polygon,
    rounded_line,
)
from cnnstudio.drawings.diagram.graph import Box
from cnnstudio.drawings.diagram.shades import family_colour, mixed
from cnnstudio.drawings.diagram.text_width import clean, fitted, text_width
from cnnstudio.drawings.diagram.volumes.places import (
    DETAIL,
    ELBOW,
    LINES,
    MARGIN,
    MAX_LABEL_WIDTH,
    NAME,
    SIGN,
    SPAN,
    TRACK,
    Arranger,
    Labels,
    Place,
    width_of,
)
from cnnstudio.drawings.diagram.volumes.sequence import Sequence, Span
from cnnstudio.drawings.diagram.volumes.solids import ROOT, faces, patch
from cnnstudio.layers.families import BLOCKS

RIM: Final = max(HEAD_LENGTH, HEAD_WIDTH)
"""The room around a connection in which a pointer finds it."""


def volumes_drawing(
    sequence: Sequence,
    colours: PageColours,
    direction: Direction = "right",
    *,
    channels_last: bool = False,
    labels: Labels | None = None,
    wrap: float | None = None,
) -> Drawing:
    """The drawing of a sequence of volumes, in a row from the left, or in a column from the top.

    `wrap` is how wide rows may be; what is wider goes on in the next, as far as connections allow.
    """
    places, tracks = Arranger(sequence, direction, labels or {}, channels_last=channels_last, wrap=wrap).places()
    return _Artist(colours, direction, places, tracks).drawing(sequence.spans)


class _Artist:
    """Draws what has its place."""

    def __init__(
        self, colours: PageColours, direction: Direction, places: list[Place], tracks: dict[tuple[int, int], int]
    ) -> None:
        self.colours = colours
        self.is_row = direction == "right"
        self.places = places
        self.tracks = tracks
        self.line = mixed(colours.paper, colours.text, 0.55)

    def drawing(self, spans: tuple[Span, ...]) -> Drawing:
        """The whole picture."""
        groups: list[Group] = []
        for number, place in enumerate(self.places):
            groups.append(self.sign(place) if place.volume.sign else self.solid(place))
            groups.append(self.label(place))
            for source in place.volume.sources:
                if (source, number) in self.tracks:
                    groups.append(self.skip(source, number))
                elif source == number - 1:
                    groups.append(self.step(self.places[source], place))
        for depth, span in enumerate(spans):
            inside = self.places[span.first : span.last + 1]
            for _, row in groupby(inside, key=lambda place: place.row):
                groups.append(self.span(span, list(row), depth))
        # The room around a connection, in which a pointer finds it, is not drawn.
        rims = [(group.bounds[0] + group.bounds[2]) - (RIM if group.kind == "edge" else 0.0) for group in groups]
        width = max(rims, default=0.0) + MARGIN
        height = max((group.bounds[1] + group.bounds[3] for group in groups), default=0.0) + MARGIN
        return Drawing(round(width, 1), round(height, 1), self.colours.paper, tuple(groups))

    def solid(self, place: Place) -> Group:
        box = place.volume.box
        family = family_colour(self.colours, box.family)
        stroke = mixed(self.colours.paper, family, 0.8)
        shapes: list[Shape] = []
        if box.shape is None:
            # Red where the fault lies; what is only below one is quiet.
            family = stroke = self.colours.danger if box.errors else self.colours.muted
        parts = (0.34, 0.16, 0.24) if box.shape is not None else (0.10, 0.05, 0.07)
        dash = () if box.shape is not None else (3.0, 2.0)
        for slice_faces in faces(place.solid, place.x, place.y):
            for part, corners in zip(parts, slice_faces, strict=True):
                fill = mixed(self.colours.paper, family, part)
                shapes.append(Path(polygon(*corners), stroke, fill, 0.9, dash))
        shapes.extend(self._problem(place))
        return Group("box", box.path, place.bounds, tuple(shapes), clean(_tip(box, place.lines)))

    def _problem(self, place: Place) -> Iterator[Shape]:
        """The problem, in words, above the solid."""
        words = problem_words(place.volume.box)
        if not words:
            return
        colour = self.colours.danger if place.volume.box.errors else self.colours.warning
        width = text_width(words, DETAIL, is_bold=True) + 22
        x, y = place.x + place.solid.width / 2 - width / 2, place.bounds[1] - 20
        yield Rect(x, y, width, 16, colour, radius=8)
        yield Text(x + 9, y + 11.6, "!", 11, self.colours.paper, "middle", is_bold=True)
        yield Text(x + 15, y + 11.4, words, DETAIL, self.colours.paper, is_bold=True)

    def sign(self, place: Place) -> Group:
        """The ring in which branches meet, with what is done with them."""
        x, y = place.x + SIGN, place.y + SIGN
        family = family_colour(self.colours, place.volume.box.family)
        is_word = len(place.volume.sign) > 1
        shapes: tuple[Shape, ...] = (
            Rect(x - SIGN, y - SIGN, 2 * SIGN, 2 * SIGN, mixed(self.colours.paper, family, 0.2), family, SIGN),
            Text(x, y + (2.4 if is_word else 4.6), place.volume.sign, 7 if is_word else 13, family, "middle"),
        )
        return Group("box", place.volume.box.path, place.bounds, shapes, clean(_tip(place.volume.box, place.lines)))

    def label(self, place: Place) -> Group:
        x, y = place.label
        anchor: Anchor = "middle" if self.is_row else "start"
        shapes: list[Shape] = []
        for number, line in enumerate(place.lines):
            colour = self.colours.text if number == 0 else self.colours.muted
            if place.volume.box.shape is None and place.volume.box.errors and number == len(place.lines) - 1:
                colour = self.colours.danger
            size = NAME if number == 0 else DETAIL
            shapes.append(Text(x, y + LINES[number], line, size, colour, anchor, is_bold=number == 0))
        width = width_of(place.lines)
        left = x - width / 2 if self.is_row else x
        height = LINES[len(place.lines) - 1] + NAME + 4
        return Group("label", place.volume.box.path, (left, y - NAME, width, height), tuple(shapes))

    def step(self, source: Place, target: Place) -> Group:
        """From one map to the next: the window and where its output lies, or an arrow."""
        box = target.volume.box
        shape = source.volume.box.shape
        if source.row != target.row:
            return self._to_next_row(source, target)
        if box.kernel and shape is not None and shape.rank == len(box.kernel) and not source.volume.sign:
            return self._window(source, target)
        end = target.left if self.is_row else target.top
        start = (source.x + source.solid.width, end[1]) if self.is_row else (end[0], source.y + source.solid.high)
        start, end = _apart(start, end)
        line = Path((("M", start), ("L", end)), self.line)
        head = Path(polygon(*arrow_head(start, end)), fill=self.line)
        return Group("edge", box.path, _box_around((start, end)), (line, head), source=source.volume.box.path)

    def _to_next_row(self, source: Place, target: Place) -> Group:
        """Out to the right, down between the rows, and back to where the next row begins."""
        way, end = self._between_rows(source, target), (target.x - 2, target.left[1])
        points = (*way, (way[-1][0], end[1]), end)
        return self._line_of(points, source, target)

    def _between_rows(self, source: Place, first: Place) -> tuple[Point, ...]:
        """The way from a volume at the end of a row to the left of the first one of the next row."""
        right = max(source.x + source.solid.width, source.label[0] + width_of(source.lines) / 2) + ELBOW
        left = min(first.x, first.label[0] - width_of(first.lines) / 2) - ELBOW
        start, between = (source.x + source.solid.width + 2, source.left[1]), first.start + MARGIN / 2
        return start, (right, start[1]), (right, between), (left, between)

    def _line_of(self, points: tuple[Point, ...], source: Place, target: Place) -> Group:
        """A connection along these points, with its head."""
        line = Path(rounded_line(points, 8), self.line, stroke_width=1.1)
        head = Path(polygon(*arrow_head(points[-2], points[-1])), fill=self.line)
        path = target.volume.box.path
        return Group("edge", path, _box_around(points), (line, head), source=source.volume.box.path)

    def _window(self, source: Place, target: Place) -> Group:
        box, shape = target.volume.box, source.volume.box.shape
        sizes = shape.spatial if shape is not None else ()
        # On the scale of the sides, where a small window would be a dot.
        parts = [min(1.0, kernel / size) ** ROOT for kernel, size in zip(box.kernel, sizes, strict=True)]
        high, deep = (parts[-2], parts[-1]) if len(parts) > 1 else (parts[0], 1.0)
        corners = patch(source.solid, (high, deep), source.x, source.y)
        apex = self._apex(target)
        rays = corners[1:3] if self.is_row else corners[2:4]
        colour = mixed(self.colours.paper, family_colour(self.colours, box.family), 0.9)
        lines: list[Step] = []
        for corner in rays:
            lines.extend((("M", corner), ("L", apex)))
        shapes = (
            Path(
                polygon(*corners), colour, mixed(self.colours.paper, family_colour(self.colours, box.family), 0.5), 0.9
            ),
            Path(tuple(lines), colour, stroke_width=0.8, dash=(3.0, 2.0)),
            Rect(apex[0] - 1.5, apex[1] - 1.5, 3, 3, colour, radius=1.5),
        )
        return Group("edge", box.path, _box_around((*corners, apex)), shapes, source=source.volume.box.path)

    def _apex(self, target: Place) -> Point:
        """The one output that a window gives: on the front of the next map."""
        solid = target.solid
        if self.is_row:
            return target.x + min(2.5, solid.thick / 2), target.y + solid.high * 0.5
        dx, dy = solid.shift
        return target.x + solid.front_width / 2 + dx / 2, target.y + dy / 2

    def skip(self, source: int, target: int) -> Group:
        """A connection past other maps, on its own track; from the end of a row by way of the next one's beginning."""
        first, last = self.places[source], self.places[target]
        lane = last.start + MARGIN + (max(self.tracks.values()) - self.tracks[source, target]) * TRACK
        if not self.is_row:
            start, end = (first.x, first.left[1] + 4), (last.x, last.left[1] - 4)
            return self._line_of((start, (lane, start[1]), (lane, end[1]), end), first, last)
        end = (last.top[0] - 5, last.top[1])
        if first.row == last.row:
            start = (first.top[0] + 3, first.top[1])
            return self._line_of((start, (start[0], lane), (end[0], lane), end), first, last)
        way = self._between_rows(first, self.places[source + 1])
        return self._line_of((*way, (way[-1][0], lane), (end[0], lane), end), first, last)

    def span(self, span: Span, inside: list[Place], depth: int) -> Group:
        """The brace that says what is repeated, and how often, under what lies of it in one row."""
        words = fitted(clean(span.box.name), MAX_LABEL_WIDTH, DETAIL) + f" × {span.box.times:,}"
        low = 4.0
        if self.is_row:
            left = min(min(place.x, place.label[0] - width_of(place.lines) / 2) for place in inside)
            right = max(
                max(place.x + place.solid.width, place.label[0] + width_of(place.lines) / 2) for place in inside
            )
            row = [place for place in self.places if place.row == inside[0].row]
            y = max(place.label[1] + LINES[len(place.lines) - 1] for place in row) + 12 + depth % 2 * SPAN
            points = ((left, y), (left, y + low), (right, y + low), (right, y))
            text = Text((left + right) / 2, y + low + 13, words, DETAIL, self.colours.muted, "middle", is_bold=True)
        else:
            top, bottom = inside[0].bounds[1], inside[-1].y + inside[-1].solid.high
            x = max(place.label[0] + width_of(place.lines) for place in self.places) + 12 + depth % 2 * SPAN
            points = ((x, top), (x + low, top), (x + low, bottom), (x, bottom))
            text = Text(x + low + 8, (top + bottom) / 2 + 4, words, DETAIL, self.colours.muted, is_bold=True)
        brace = Path(rounded_line(points, low), family_colour(self.colours, BLOCKS.key), stroke_width=1.2)
        left, top, width, height = _box_around(points)
        extra = text_width(words, DETAIL, is_bold=True)
        return Group("label", (), (left, top, max(width, extra + 12), height + 16), (brace, text))


def _tip(box: Box, lines: tuple[str, ...]) -> str:
    said = [f"{' / '.join(box.path)}: {' '.join(part for part in (box.type_name, box.summary) if part)}", *lines[1:]]
    said.extend(f"{problem.severity}: {problem.sentence} {problem.remedy}" for problem in box.problems)
    return "; ".join(said)


def _apart(start: Point, end: Point) -> tuple[Point, Point]:
    """A little away from what a line joins."""
    if abs(start[0] - end[0]) > abs(start[1] - end[1]):
        return (start[0] + 2, start[1]), (end[0] - 2, end[1])
    return (start[0], start[1] + 2), (end[0], end[1] - 2)


def _box_around(points: tuple[Point, ...]) -> tuple[float, float, float, float]:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs) - RIM, min(ys) - RIM, max(xs) - min(xs) + 2 * RIM, max(ys) - min(ys) + 2 * RIM
