"""The feature maps that the style of volumes draws, in their order, each with the maps it is made from.

Layers that leave the shape as it is, or only lay it out anew, have no volume of their own: the map flows through them.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.drawings.diagram.graph import ENTRY, EXIT, Box, Graph
from cnnstudio.layers.families import FAMILY

_SIGNS: Final = {"Add": "+", "Subtract": "−", "Multiply": "×", "Average": "avg", "Maximum": "max", "Minimum": "min"}


class Volume(Struct, frozen=True):
    """One drawn feature map; `sources` are the numbers of those that it is made from.

    A merge that keeps the shape is no volume but a `sign` where branches meet.
    """

    box: Box
    sources: tuple[int, ...]
    sign: str = ""


class Span(Struct, frozen=True):
    """The volumes, from the first to the last by their numbers, that a block repeats."""

    box: Box
    first: int
    last: int


class Sequence(Struct, frozen=True):
    """All volumes in the order of the list, and what repeats."""

    volumes: tuple[Volume, ...]
    spans: tuple[Span, ...]


def sequence_of(graph: Graph) -> Sequence:
    """The volumes of a graph; open blocks give theirs, folded ones are a volume each."""
    walk = _Walk()
    walk.through(graph, None)
    return Sequence(tuple(walk.volumes), tuple(walk.spans))


class _Walk:
    """Goes through the lists in order."""

    def __init__(self) -> None:
        self.volumes: list[Volume] = []
        self.spans: list[Span] = []

    def through(self, graph: Graph, entering: int | None) -> int | None:
        """Adds the volumes of a list; the number of the one that flows out, None where there is none."""
        taken: list[list[int | None]] = [[] for _ in graph.boxes]
        made: dict[int, int | None] = {ENTRY: entering}
        by_target: dict[int, list[int]] = {}
        for edge in graph.edges:
            if edge.target != EXIT:
                by_target.setdefault(edge.target, []).append(edge.source)
        for number, box in enumerate(graph.boxes):
            taken[number] = [made.get(source) for source in by_target.get(number, ())]
            made[number] = self.item(box, tuple(source for source in taken[number] if source is not None))
        return made.get(len(graph.boxes) - 1)

    def item(self, box: Box, sources: tuple[int, ...]) -> int | None:
        """Adds what one item gives; the number of the volume that flows out of it."""
        if box.inside is not None:
            first = len(self.volumes)
            out = self.through(box.inside, sources[0] if sources else None)
            if box.times > 1 and len(self.volumes) > first:
                self.spans.append(Span(box, first, len(self.volumes) - 1))
            return out
        before = self.volumes[sources[0]].box.shape if sources else None
        if sources and not _is_drawn(box, before):
            return sources[0]
        sign = _SIGNS.get(box.type_name, "") if box.shape is not None and len(sources) > 1 else ""
        self.volumes.append(Volume(box, tuple(dict.fromkeys(sources)), sign))
        return len(self.volumes) - 1


def _is_drawn(box: Box, before: Shape | None) -> bool:
    """True if an item gives a volume of its own, when this shape flows into it."""
    if box.shape is None or before is None:
        return True
    effect = FAMILY[box.family].effect
    if effect == "keeps":
        return False
    if effect == "passes":
        return box.shape != before
    return effect != "rearranges" or _is_other_map(box.shape, before)


def _is_other_map(shape: Shape, before: Shape) -> bool:
    """True if reshaping gives a map that looks different: enlarged, or with its elements laid out in other sizes."""
    if not shape.rank or shape == before:
        return False
    # Padding by a few elements would look the same, and cropping as well.
    return shape.positions >= 2 * before.positions or shape.elements == before.elements
