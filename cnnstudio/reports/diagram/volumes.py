"""The style of volumes, for papers: feature maps as solids in a row, the way that AlexNet's figure made common.

Each map shows the window that slides over it, and where one output of that window lies in the next map. Connections
that skip maps run above the row. The label of a map has up to three lines: name, window, sizes; each can be replaced.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from msgspec import Struct

from cnnstudio.core.design import ItemPath
from cnnstudio.reports.colours import PageColours
from cnnstudio.reports.diagram.boxes import HEAD_LENGTH, HEAD_WIDTH, arrow_head, problem_words
from cnnstudio.reports.diagram.drawing import (
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
from cnnstudio.reports.diagram.faces import shape_text
from cnnstudio.reports.diagram.graph import Box
from cnnstudio.reports.diagram.placement import Direction, Point
from cnnstudio.reports.diagram.sequence import Sequence, Span, Volume
from cnnstudio.reports.diagram.shades import family_colour, mixed
from cnnstudio.reports.diagram.solids import ROOT, Solid, faces, patch, scale_of, solid_of
from cnnstudio.reports.diagram.text_width import clean, fitted, text_width

MARGIN: Final = 24.0
GAP: Final = 26.0
WORD_GAP: Final = 10.0
LABEL_GAP: Final = 14.0
NAME: Final = 11
DETAIL: Final = 10
LINES: Final = (0.0, 14.0, 27.0, 39.0, 51.0, 63.0)
"""The base lines of a label, from its first line on."""
WIDEST_LABEL: Final = 150.0
TRACK: Final = 18.0
"""Between connections that run side by side."""
SIGN: Final = 9.0
SPAN: Final = 26.0

Labels = Mapping[ItemPath, str]
"""Texts that replace what is written at a map, lines parted by line breaks."""


class _Place(Struct, frozen=True):
    """A volume in the picture: its solid with the left upper corner of its front face, and its label."""

    volume: Volume
    solid: Solid
    x: float
    y: float
    lines: tuple[str, ...]
    label: Point

    @property
    def left(self) -> Point:
        """Where a connection arrives from the left: the middle of the left edge."""
        return self.x, self.y + self.solid.high / 2

    @property
    def top(self) -> Point:
        """The middle of the upper edge at the back."""
        dx, dy = self.solid.shift
        return self.x + dx + self.solid.front_width / 2, self.y + dy

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Left, top, width and height of the picture of the solid."""
        return self.x, self.y + self.solid.shift[1], self.solid.width, self.solid.height


def label_of(box: Box, *, channels_last: bool) -> str:
    """What is written at a map unless another text is given: name, window, sizes."""
    lines = [box.name + (f" × {box.times}" if box.times > 1 else "")]
    if box.kernel:
        stride = "" if set(box.stride) == {1} else f" / {_joined(box.stride)}"
        lines.append(_joined(box.kernel, is_long=True) + stride)
    lines.append(shape_text(box.shape, box.last_shape, channels_last=channels_last))
    return "\n".join(lines)


def volumes_drawing(
    sequence: Sequence,
    colours: PageColours,
    direction: Direction = "right",
    *,
    channels_last: bool = False,
    labels: Labels | None = None,
) -> Drawing:
    """The drawing of a sequence of volumes, in a row from the left, or in a column from the top."""
    places, tracks = _Arranger(sequence, direction, labels or {}, channels_last=channels_last).places()
    return _Artist(colours, direction, places, tracks).drawing(sequence.spans)


class _Arranger:
    """Finds a place for everything."""

    def __init__(self, sequence: Sequence, direction: Direction, labels: Labels, *, channels_last: bool) -> None:
        self.volumes = sequence.volumes
        self.is_row = direction == "right"
        shapes = [one.box.shape for one in self.volumes if one.box.shape is not None]
        scale = scale_of(shapes)
        self.solids = [_sign_solid() if one.sign else solid_of(one.box.shape, scale) for one in self.volumes]
        self.lines = [
            _lines(labels.get(one.box.path) or label_of(one.box, channels_last=channels_last)) for one in self.volumes
        ]
        self.tracks = _tracks(self.volumes)

    def places(self) -> tuple[list[_Place], dict[tuple[int, int], int]]:
        """Every volume in its place, and the tracks of the connections that skip some."""
        room = MARGIN + (max(self.tracks.values()) + 1) * TRACK if self.tracks else MARGIN
        return (self._row(room) if self.is_row else self._column(room)), self.tracks

    def _row(self, room: float) -> list[_Place]:
        """In a row: front faces have their middles at one height, labels stand below the lowest."""
        axis = room + 8 + max((solid.height - solid.high / 2 for solid in self.solids), default=0.0)
        below = axis + max((solid.high / 2 for solid in self.solids), default=0.0) + LABEL_GAP
        middle, ends, places = MARGIN, (0.0, 0.0), list[_Place]()
        for volume, solid, lines in zip(self.volumes, self.solids, self.lines, strict=True):
            halves = (solid.width / 2, _width_of(lines) / 2)
            if places:
                middle = max(ends[0] + GAP + halves[0], ends[1] + WORD_GAP + halves[1])
            else:
                middle += max(halves)
            ends = (middle + halves[0], middle + halves[1])
            left, top = middle - halves[0], axis - solid.high / 2
            places.append(_Place(volume, solid, left, top, lines, (middle, below)))
        return places

    def _column(self, room: float) -> list[_Place]:
        """In a column: middles one above the other, labels at the right of the widest."""
        widest = max((solid.width for solid in self.solids), default=0.0)
        y, places = MARGIN, list[_Place]()
        for volume, solid, lines in zip(self.volumes, self.solids, self.lines, strict=True):
            slot = max(solid.height, LINES[min(len(lines), len(LINES) - 1)])
            left = room + 8 + (widest - solid.width) / 2
            top = y + (slot - solid.height) / 2 - solid.shift[1]
            label = (room + 8 + widest + LABEL_GAP, y + slot / 2 - LINES[len(lines) - 1] / 2 + 4)
            places.append(_Place(volume, solid, left, top, lines, label))
            y += slot + GAP
        return places


class _Artist:
    """Draws what has its place."""

    def __init__(
        self, colours: PageColours, direction: Direction, places: list[_Place], tracks: dict[tuple[int, int], int]
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
            groups.append(self.span(span, depth))
        width = max((one.bounds[0] + one.bounds[2] for one in groups), default=0.0) + MARGIN
        height = max((one.bounds[1] + one.bounds[3] for one in groups), default=0.0) + MARGIN
        return Drawing(round(width, 1), round(height, 1), self.colours.paper, tuple(groups))

    def solid(self, place: _Place) -> Group:
        box = place.volume.box
        family = family_colour(self.colours, box.family)
        stroke = mixed(self.colours.paper, family, 0.8)
        shapes: list[Shape] = []
        if box.shape is None:
            family, stroke = self.colours.danger, self.colours.danger
        parts = (0.34, 0.16, 0.24) if box.shape is not None else (0.10, 0.05, 0.07)
        dash = () if box.shape is not None else (3.0, 2.0)
        for slice_faces in faces(place.solid, place.x, place.y):
            for part, corners in zip(parts, slice_faces, strict=True):
                fill = mixed(self.colours.paper, family, part)
                shapes.append(Path(polygon(*corners), stroke, fill, 0.9, dash))
        shapes.extend(self._problem(place))
        return Group("box", box.path, place.bounds, tuple(shapes), clean(_tip(box, place.lines)))

    def _problem(self, place: _Place) -> Iterator[Shape]:
        """What is wrong, in words, above the solid."""
        words = problem_words(place.volume.box)
        if not words:
            return
        colour = self.colours.danger if place.volume.box.errors else self.colours.warning
        width = text_width(words, DETAIL, is_bold=True) + 22
        x, y = place.x + place.solid.width / 2 - width / 2, place.bounds[1] - 20
        yield Rect(x, y, width, 16, colour, radius=8)
        yield Text(x + 9, y + 11.6, "!", 11, self.colours.paper, "middle", is_bold=True)
        yield Text(x + 15, y + 11.4, words, DETAIL, self.colours.paper, is_bold=True)

    def sign(self, place: _Place) -> Group:
        """The ring in which branches meet, with what is done with them."""
        x, y = place.x + SIGN, place.y + SIGN
        family = family_colour(self.colours, place.volume.box.family)
        is_word = len(place.volume.sign) > 1
        shapes: tuple[Shape, ...] = (
            Rect(x - SIGN, y - SIGN, 2 * SIGN, 2 * SIGN, mixed(self.colours.paper, family, 0.2), family, SIGN),
            Text(x, y + (2.4 if is_word else 4.6), place.volume.sign, 7 if is_word else 13, family, "middle"),
        )
        return Group("box", place.volume.box.path, place.bounds, shapes, clean(_tip(place.volume.box, place.lines)))

    def label(self, place: _Place) -> Group:
        x, y = place.label
        anchor: Anchor = "middle" if self.is_row else "start"
        shapes: list[Shape] = []
        for number, line in enumerate(place.lines):
            colour = self.colours.text if number == 0 else self.colours.muted
            if place.volume.box.shape is None and number == len(place.lines) - 1:
                colour = self.colours.danger
            size = NAME if number == 0 else DETAIL
            shapes.append(Text(x, y + LINES[number], line, size, colour, anchor, is_bold=number == 0))
        width = _width_of(place.lines)
        left = x - width / 2 if self.is_row else x
        height = LINES[len(place.lines) - 1] + NAME + 4
        return Group("label", place.volume.box.path, (left, y - NAME, width, height), tuple(shapes))

    def step(self, source: _Place, target: _Place) -> Group:
        """From one map to the next: the window and where its output lies, or an arrow."""
        box = target.volume.box
        shape = source.volume.box.shape
        if box.kernel and shape is not None and shape.rank == len(box.kernel) and not source.volume.sign:
            return self._window(source, target)
        end = target.left if self.is_row else target.top
        start = (source.x + source.solid.width, end[1]) if self.is_row else (end[0], source.y + source.solid.high)
        start, end = _apart(start, end)
        line = Path((("M", start), ("L", end)), self.line)
        head = Path(polygon(*arrow_head(start, end)), fill=self.line)
        return Group("edge", box.path, _box_around((start, end)), (line, head), source=source.volume.box.path)

    def _window(self, source: _Place, target: _Place) -> Group:
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

    def _apex(self, target: _Place) -> Point:
        """The one output that a window gives: on the front of the next map."""
        solid = target.solid
        if self.is_row:
            return target.x + min(2.5, solid.thick / 2), target.y + solid.high * 0.5
        dx, dy = solid.shift
        return target.x + solid.front_width / 2 + dx / 2, target.y + dy / 2

    def skip(self, source: int, target: int) -> Group:
        """A connection past other maps, on its own track."""
        first, last = self.places[source], self.places[target]
        lane = MARGIN + (max(self.tracks.values()) - self.tracks[source, target]) * TRACK
        if self.is_row:
            start, end = first.top, last.top
            start = (start[0] + 3, start[1])
            end = (end[0] - 5, end[1])
            points = (start, (start[0], lane), (end[0], lane), end)
        else:
            start, end = (first.x, first.left[1] + 4), (last.x, last.left[1] - 4)
            points = (start, (lane, start[1]), (lane, end[1]), end)
        head = arrow_head(points[-2], points[-1])
        shapes = (Path(rounded_line(points, 8), self.line, stroke_width=1.1), Path(polygon(*head), fill=self.line))
        return Group("edge", last.volume.box.path, _box_around(points), shapes, source=first.volume.box.path)

    def span(self, span: Span, depth: int) -> Group:
        """The brace that says what is repeated, and how often."""
        inside = self.places[span.first : span.last + 1]
        words = fitted(clean(span.box.name), WIDEST_LABEL, DETAIL) + f" × {span.box.times:,}"
        low = 4.0
        if self.is_row:
            left = min(min(one.x, one.label[0] - _width_of(one.lines) / 2) for one in inside)
            right = max(max(one.x + one.solid.width, one.label[0] + _width_of(one.lines) / 2) for one in inside)
            y = max(one.label[1] + LINES[len(one.lines) - 1] for one in self.places) + 12 + depth % 2 * SPAN
            points = ((left, y), (left, y + low), (right, y + low), (right, y))
            text = Text((left + right) / 2, y + low + 13, words, DETAIL, self.colours.muted, "middle", is_bold=True)
        else:
            top, bottom = inside[0].bounds[1], inside[-1].y + inside[-1].solid.high
            x = max(one.label[0] + _width_of(one.lines) for one in self.places) + 12 + depth % 2 * SPAN
            points = ((x, top), (x + low, top), (x + low, bottom), (x, bottom))
            text = Text(x + low + 8, (top + bottom) / 2 + 4, words, DETAIL, self.colours.muted, is_bold=True)
        brace = Path(rounded_line(points, low), family_colour(self.colours, "block"), stroke_width=1.2)
        left, top, width, height = _box_around(points)
        extra = text_width(words, DETAIL, is_bold=True)
        return Group("label", (), (left, top, max(width, extra + 12), height + 16), (brace, text))


def _tracks(volumes: tuple[Volume, ...]) -> dict[tuple[int, int], int]:
    """The number of the track of each connection that is not from a map to the next: short ones lie inside."""
    skips = [(source, number) for number, one in enumerate(volumes) for source in one.sources if source != number - 1]
    taken: list[list[tuple[int, int]]] = []
    found: dict[tuple[int, int], int] = {}
    for first, last in sorted(skips, key=lambda skip: (skip[1] - skip[0], skip)):
        level = 0
        while level < len(taken) and any(first < end and start < last for start, end in taken[level]):
            level += 1
        while len(taken) <= level:
            taken.append([])
        taken[level].append((first, last))
        found[first, last] = level
    return found


def _sign_solid() -> Solid:
    return Solid(2 * SIGN, 2 * SIGN, 0.0)


def _lines(text: str) -> tuple[str, ...]:
    """The lines of a label, each short enough, and no more than there is room for."""
    lines = [clean(line).strip() for line in text.split("\n")[: len(LINES) - 1]]
    return tuple(
        fitted(line, WIDEST_LABEL, NAME if at == 0 else DETAIL, is_bold=at == 0) for at, line in enumerate(lines)
    ) or ("",)


def _line_width(numbered: tuple[int, str]) -> float:
    number, line = numbered
    return text_width(line, NAME if number == 0 else DETAIL, is_bold=number == 0)


def _width_of(lines: tuple[str, ...]) -> float:
    """The width of a label."""
    return max(map(_line_width, enumerate(lines)), default=0.0)


def _joined(sizes: tuple[int, ...], *, is_long: bool = False) -> str:
    """`3 × 3`; a stride that is the same along all axes is one number."""
    return str(sizes[0]) if not is_long and len(set(sizes)) == 1 else " × ".join(map(str, sizes))


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
    pad = max(HEAD_LENGTH, HEAD_WIDTH)
    return min(xs) - pad, min(ys) - pad, max(xs) - min(xs) + 2 * pad, max(ys) - min(ys) + 2 * pad
