"""The network as a picture: boxes with edges between them."""

from __future__ import annotations

from collections.abc import Collection

from cnnstudio.core.analysis import Analysis
from cnnstudio.core.design import ItemPath
from cnnstudio.reports.diagram.boxes import boxes_drawing
from cnnstudio.reports.diagram.colours import DARK, LIGHT
from cnnstudio.reports.diagram.graph import graph_of
from cnnstudio.reports.diagram.layering import Direction
from cnnstudio.reports.diagram.layout import layout_of
from cnnstudio.reports.diagram.svg import svg_of


def diagram_svg(
    analysis: Analysis,
    *,
    direction: Direction = "down",
    folded: Collection[ItemPath] = (),
    dark: bool = False,
    channels_last: bool | None = None,
) -> str:
    """The diagram of a design as an SVG file; blocks are open but for the `folded` ones."""
    order = analysis.convention.channels_last if channels_last is None else channels_last
    layout = layout_of(graph_of(analysis, folded), direction, channels_last=order)
    drawing = boxes_drawing(layout, DARK if dark else LIGHT)
    return svg_of(drawing, analysis.design.name)
