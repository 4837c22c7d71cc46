"""The legend of the colours and letters of a drawing, in a line below it, for files that stand alone."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Final

from msgspec import structs

from cnnstudio.drawings.colours import PageColours
from cnnstudio.drawings.diagram.drawing import Drawing, Group, Rect, Shape, Text
from cnnstudio.drawings.diagram.graph import Graph
from cnnstudio.drawings.diagram.shades import family_colour
from cnnstudio.drawings.diagram.text_width import clean, text_width
from cnnstudio.layers.families import FAMILY

MARGIN: Final = 24.0
MARK: Final = 13.0
ROW: Final = 20.0
GAP: Final = 16.0
SIZE: Final = 10


def families_of_boxes(graph: Graph) -> set[str]:
    """The families of what is drawn as boxes; frames speak for themselves."""
    found: set[str] = set()
    for box in graph.boxes:
        found |= {box.family} if box.inside is None else families_of_boxes(box.inside)
    return found


def with_legend(
    drawing: Drawing, families: Collection[str], colours: PageColours, titles: Mapping[str, str]
) -> Drawing:
    """The drawing with a legend of these families below, in as many lines as its width asks for."""
    ordered = [family for family in FAMILY if family in families]
    if not ordered:
        return drawing
    chips = list(_placed(ordered, drawing.width - 2 * MARGIN, titles))
    top = drawing.height
    shapes: list[Shape] = []
    for family, x, y in chips:
        left, upper = MARGIN + x, top + y
        shapes.append(Rect(left, upper, MARK, MARK, family_colour(colours, family), radius=3))
        letter = Text(
            left + MARK / 2, upper + MARK - 3.4, FAMILY[family].letter, 9, colours.paper, "middle", is_bold=True
        )
        shapes.append(letter)
        shapes.append(Text(left + MARK + 6, upper + 10.2, clean(titles[family]), SIZE, colours.muted))
    height = chips[-1][2] + ROW
    width = max(drawing.width, 2 * MARGIN + max(x + _width(family, titles) for family, x, _ in chips))
    bounds = (MARGIN, top, width - 2 * MARGIN, height)
    groups = (*drawing.groups, Group("legend", (), bounds, tuple(shapes)))
    return structs.replace(
        drawing, width=round(width, 1), height=round(top + height + MARGIN - (ROW - MARK), 1), groups=groups
    )


def _placed(families: list[str], room: float, titles: Mapping[str, str]) -> Iterator[tuple[str, float, float]]:
    """Each family with its place; a full line is wrapped."""
    x = y = 0.0
    for family in families:
        width = _width(family, titles)
        # The first of a line stays there however wide it is, or it would move on for ever.
        if x and x + width > room:
            x, y = 0.0, y + ROW
        yield family, x, y
        x += width + GAP


def _width(family: str, titles: Mapping[str, str]) -> float:
    return MARK + 6 + text_width(titles[family], SIZE)
