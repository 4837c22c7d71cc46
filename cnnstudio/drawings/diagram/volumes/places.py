"""The places of the volumes of a picture and their labels: in rows from the left, or in a column from the top."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Final

from msgspec import Struct

from cnnstudio.core.network.design import ItemPath
from cnnstudio.drawings.diagram.boxes.placement import Direction, Point
from cnnstudio.drawings.diagram.faces import shape_text
from cnnstudio.drawings.diagram.graph import Box
from cnnstudio.drawings.diagram.text_width import clean, fitted, text_width
from cnnstudio.drawings.diagram.volumes.sequence import Sequence, Volume
from cnnstudio.drawings.diagram.volumes.solids import Solid, scale_of, solid_of

MARGIN: Final = 24.0
GAP: Final = 26.0
WORD_GAP: Final = 10.0
LABEL_GAP: Final = 14.0
NAME: Final = 11
DETAIL: Final = 10
LINES: Final = (0.0, 14.0, 27.0, 39.0, 51.0, 63.0)
"""The base lines of a label, from its first line on."""
MAX_LABEL_WIDTH: Final = 150.0
TRACK: Final = 18.0
"""Between connections that run side by side."""
SIGN: Final = 9.0
SPAN: Final = 26.0
ELBOW: Final = 14.0
"""The distance that a connection to the next row leads out before it turns."""
ROW_GAP: Final = 22.0

Labels = Mapping[ItemPath, str]
"""Texts that replace what is written at a map, lines parted by line breaks."""


class Place(Struct, frozen=True):
    """A volume in the picture: its solid with the left upper corner of its front face, and its label.

    `row` is the number of its row, and `start` where that row begins, across the direction.
    """

    volume: Volume
    solid: Solid
    x: float
    y: float
    lines: tuple[str, ...]
    label: Point
    row: int = 0
    start: float = 0.0

    @property
    def left(self) -> Point:
        """The point at which a connection arrives from the left: the middle of the left edge."""
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
    """The default label of a map: name, window, sizes."""
    lines = [box.name + (f" × {box.times}" if box.times > 1 else "")]
    if box.kernel:
        stride = "" if set(box.stride) == {1} else f" / {_joined(box.stride)}"
        lines.append(_joined(box.kernel, is_long=True) + stride)
    lines.append(shape_text(box, channels_last=channels_last))
    return "\n".join(lines)


class Arranger:
    """Finds a place for everything."""

    def __init__(
        self, sequence: Sequence, direction: Direction, labels: Labels, *, channels_last: bool, wrap: float | None
    ) -> None:
        self.wrap = wrap if direction == "right" else None
        self.volumes = sequence.volumes
        self.repeated = {number for span in sequence.spans for number in range(span.first, span.last + 1)}
        self.is_row = direction == "right"
        shapes = [volume.box.shape for volume in self.volumes if volume.box.shape is not None]
        scale = scale_of(shapes)
        self.solids = [sign_solid() if volume.sign else solid_of(volume.box.shape, scale) for volume in self.volumes]
        self.lines = [
            lines_of(
                labels.get(volume.box.path) or volume.box.label or label_of(volume.box, channels_last=channels_last)
            )
            for volume in self.volumes
        ]
        self.tracks = tracks_of(self.volumes)

    def places(self) -> tuple[list[Place], dict[tuple[int, int], int]]:
        """Every volume in its place, and the tracks of the connections that skip some."""
        room = MARGIN + (max(self.tracks.values()) + 1) * TRACK if self.tracks else MARGIN
        return (self._row(room) if self.is_row else self._column(room)), self.tracks

    def _row(self, room: float) -> list[Place]:
        """In rows: front faces have their middles at one height, labels stand below the lowest."""
        middles = self._middles()
        places: list[Place] = []
        start = 0.0
        for row, members in groupby(range(len(middles)), key=lambda number: middles[number][0]):
            inside = list(members)
            solids = [self.solids[number] for number in inside]
            axis = start + room + 8 + max(solid.height - solid.high / 2 for solid in solids)
            below = axis + max(solid.high / 2 for solid in solids) + LABEL_GAP
            for number in inside:
                solid, middle = self.solids[number], middles[number][1]
                left, top = middle - solid.width / 2, axis - solid.high / 2
                label = (middle, below)
                places.append(Place(self.volumes[number], solid, left, top, self.lines[number], label, row, start))
            # Braces hang below in at most two lines.
            text = max(LINES[len(self.lines[number]) - 1] for number in inside)
            start = below + text + ROW_GAP + (0.0 if self.repeated.isdisjoint(inside) else 2 * SPAN)
        return places

    def _middles(self) -> list[tuple[int, float]]:
        """The row of each volume, and where its middle lies in it.

        Of a row that would be too wide, all from the last place on where it may end goes into the next.
        """
        found: list[tuple[int, float]] = []
        row, begin, ends = 0, 0, (0.0, 0.0)
        while len(found) < len(self.solids):
            number = len(found)
            halves = self._halves(number)
            # Solids and labels keep apart by themselves: a wide label may stand below the gap beside a narrow solid.
            middle = max(ends[0] + GAP + halves[0], ends[1] + WORD_GAP + halves[1])
            if number == begin:
                middle = MARGIN + (ELBOW if row else 0.0) + max(halves)
            # A row that goes on in the next does so around its end.
            right = middle + max(halves) + ELBOW + MARGIN
            if self.wrap and right > self.wrap and (place := self._last_end(begin, number)):
                del found[place:]
                row, begin = row + 1, place
                continue
            ends = (middle + halves[0], middle + halves[1])
            found.append((row, middle))
        return found

    def _halves(self, number: int) -> tuple[float, float]:
        return self.solids[number].width / 2, width_of(self.lines[number]) / 2

    def _last_end(self, begin: int, number: int) -> int:
        """The last volume up to this one before which the row that begins there may end; 0 if there is none."""
        return next((place for place in range(number, begin, -1) if self._can_end(place)), 0)

    def _can_end(self, number: int) -> bool:
        """True if a row may end before a volume: all that leads past that place comes from the volume before."""
        return self.volumes[number].sources == (number - 1,) and all(
            source == number - 1 for source, target in self.tracks if source < number <= target
        )

    def _column(self, room: float) -> list[Place]:
        """In a column: middles one above the other, labels at the right of the widest."""
        widest = max((solid.width for solid in self.solids), default=0.0)
        y, places = MARGIN, list[Place]()
        for volume, solid, lines in zip(self.volumes, self.solids, self.lines, strict=True):
            slot = max(solid.height, LINES[min(len(lines), len(LINES) - 1)])
            left = room + 8 + (widest - solid.width) / 2
            top = y + (slot - solid.height) / 2 - solid.shift[1]
            label = (room + 8 + widest + LABEL_GAP, y + slot / 2 - LINES[len(lines) - 1] / 2 + 4)
            places.append(Place(volume, solid, left, top, lines, label))
            y += slot + GAP
        return places


def tracks_of(volumes: tuple[Volume, ...]) -> dict[tuple[int, int], int]:
    """The number of the track of each connection that is not from a map to the next: short ones lie inside."""
    skips = [
        (source, number) for number, volume in enumerate(volumes) for source in volume.sources if source != number - 1
    ]
    taken: list[list[tuple[int, int]]] = []
    found: dict[tuple[int, int], int] = {}
    # The short ones first, so that they lie inside the long ones and cross fewer of them.
    for first, last in sorted(skips, key=lambda skip: (skip[1] - skip[0], skip)):
        level = 0
        while level < len(taken) and any(first < end and start < last for start, end in taken[level]):
            level += 1
        while len(taken) <= level:
            taken.append([])
        taken[level].append((first, last))
        found[first, last] = level
    return found


def sign_solid() -> Solid:
    """The ring of a sign."""
    return Solid(2 * SIGN, 2 * SIGN, 0.0)


def lines_of(text: str) -> tuple[str, ...]:
    """The lines of a label, each short enough, and no more than there is room for."""
    lines = [clean(line).strip() for line in text.split("\n")[: len(LINES) - 1]]
    return tuple(
        fitted(line, MAX_LABEL_WIDTH, NAME if at == 0 else DETAIL, is_bold=at == 0) for at, line in enumerate(lines)
    ) or ("",)


def line_width(numbered: tuple[int, str]) -> float:
    number, line = numbered
    return text_width(line, NAME if number == 0 else DETAIL, is_bold=number == 0)


def width_of(lines: tuple[str, ...]) -> float:
    """The width of a label."""
    return max(map(line_width, enumerate(lines)), default=0.0)


def _joined(sizes: tuple[int, ...], *, is_long: bool = False) -> str:
    """`3 × 3`; a stride that is the same along all axes is one number."""
    return str(sizes[0]) if not is_long and len(set(sizes)) == 1 else " × ".join(map(str, sizes))
