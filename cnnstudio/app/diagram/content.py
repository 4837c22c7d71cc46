"""The content of a window's diagram: the drawing, and the places of its items for pointer and keyboard."""

from __future__ import annotations

from collections.abc import Collection

from msgspec import Struct

from cnnstudio.app.appearance.tokens import Tokens
from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.network.design import ItemPath
from cnnstudio.drawings.colours import PageColours
from cnnstudio.drawings.diagram import USUAL_DIRECTION, Style
from cnnstudio.drawings.diagram.bounds import excess
from cnnstudio.drawings.diagram.boxes.boxes import boxes_drawing, fold_mark
from cnnstudio.drawings.diagram.boxes.layout import layout_of
from cnnstudio.drawings.diagram.boxes.placement import Direction
from cnnstudio.drawings.diagram.drawing import Drawing
from cnnstudio.drawings.diagram.graph import graph_of
from cnnstudio.drawings.diagram.volumes.sequence import sequence_of
from cnnstudio.drawings.diagram.volumes.volumes import volumes_drawing

Area = tuple[float, float, float, float]
"""Left, top, width, height."""


class DiagramOptions(Struct, frozen=True):
    """The options for drawing the diagram."""

    style: Style = "boxes"
    direction: Direction | None = None
    channels_last: bool = False

    @property
    def way(self) -> Direction:
        """The direction, as chosen or as the style is usually drawn."""
        return self.direction or USUAL_DIRECTION[self.style]


class Content(Struct, frozen=True):
    """A drawing; `areas` are those of boxes and of frames, `marks` those of the arrows that fold, `labels` of texts.

    `blocks` are the paths that stand for blocks. All by path, what lies around before what lies within. `is_down`: it
    is drawn from the top down.
    """

    drawing: Drawing
    areas: dict[ItemPath, Area]
    frames: frozenset[ItemPath]
    blocks: frozenset[ItemPath]
    marks: dict[ItemPath, Area]
    labels: dict[ItemPath, Area]
    is_down: bool = True


def content_of(
    analysis: Analysis, folded: Collection[ItemPath], look: DiagramOptions, colours: PageColours
) -> Content | None:
    """The content for a design; None where it has more than can be drawn."""
    graph = graph_of(analysis, folded)
    if excess(graph):
        return None
    blocks: set[ItemPath] = set()
    marks: dict[ItemPath, Area] = {}
    if look.style == "boxes":
        layout = layout_of(graph, look.way, channels_last=look.channels_last)
        drawing = boxes_drawing(layout, colours)
        for placed in layout.boxes:
            if placed.box.is_block:
                blocks.add(placed.box.path)
                marks[placed.box.path] = fold_mark(placed)
    else:
        sequence = sequence_of(graph)
        drawing = volumes_drawing(sequence, colours, look.way, channels_last=look.channels_last)
        blocks.update(volume.box.path for volume in sequence.volumes if volume.box.is_block)
    return Content(
        drawing,
        {group.path: group.bounds for group in drawing.groups if group.kind in ("frame", "box")},
        frozenset(group.path for group in drawing.groups if group.kind == "frame"),
        frozenset(blocks),
        marks,
        {group.path: group.bounds for group in drawing.groups if group.kind == "label" and group.path},
        look.way == "down",
    )


def colours_of(tokens: Tokens) -> PageColours:
    """The colours of the window as those of a page."""
    return PageColours(
        paper=tokens.surface,
        raised=tokens.raised,
        hairline=tokens.hairline,
        text=tokens.text,
        muted=tokens.muted,
        accent=tokens.accent,
        danger=tokens.danger,
        warning=tokens.warning,
        families=tokens.families,
    )


def area_at(areas: dict[ItemPath, Area], x: float, y: float) -> ItemPath | None:
    """The innermost area in which a point lies."""
    found = None
    for path, (left, top, width, height) in areas.items():
        inside = left <= x <= left + width and top <= y <= top + height
        if inside and (found is None or len(path) > len(found)):
            found = path
    return found


def neighbour(content: Content, start: ItemPath | None, step: tuple[int, int]) -> ItemPath | None:
    """The box next to one in a direction, (1, 0) for the right; the first of all where none is given.

    Open frames are passed over: what they hold is gone to. None where nothing lies there.
    """
    boxes = {path: area for path, area in content.areas.items() if path not in content.frames}
    if not boxes:
        return None
    if start not in content.areas:
        return min(boxes, key=lambda path: (boxes[path][1], boxes[path][0]))
    x, y = _middle(content.areas[start])
    best, best_cost = None, float("inf")
    for path, area in boxes.items():
        if path == start:
            continue
        dx, dy = _middle(area)[0] - x, _middle(area)[1] - y
        ahead, aside = dx * step[0] + dy * step[1], abs(dx * step[1]) + abs(dy * step[0])
        # Ahead counts, and aside counts double: the key goes to what looks next in its direction and not to the nearest
        # of all.
        if ahead > 1 and ahead >= aside * 0.3 and (cost := ahead + 2 * aside) < best_cost:
            best, best_cost = path, cost
    return best


def _middle(area: Area) -> tuple[float, float]:
    return area[0] + area[2] / 2, area[1] + area[3] / 2
