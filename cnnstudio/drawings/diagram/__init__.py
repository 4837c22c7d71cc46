"""The network as a picture: boxes with edges between them, or feature maps as volumes, for papers.

What draws is loaded when something is drawn: the window and the reports ask here what styles there are.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Literal

from cnnstudio.drawings.diagram.boxes.placement import Direction

if TYPE_CHECKING:
    from cnnstudio.core.counting.analysis import Analysis
    from cnnstudio.core.network.design import ItemPath
    from cnnstudio.drawings.colours import PageColours
    from cnnstudio.drawings.diagram.drawing import Drawing
    from cnnstudio.drawings.diagram.graph import Graph
    from cnnstudio.drawings.diagram.volumes.places import Labels

Style = Literal["boxes", "volumes"]
STYLES: tuple[Style, ...] = ("boxes", "volumes")
DIRECTIONS: tuple[Direction, ...] = ("down", "right")
USUAL_DIRECTION: dict[Style, Direction] = {"boxes": "down", "volumes": "right"}
"""The default direction of each style."""


def diagram_svg(
    analysis: Analysis,
    *,
    style: Style = "boxes",
    direction: Direction | None = None,
    folded: Collection[ItemPath] = (),
    dark: bool = False,
    colours: PageColours | None = None,
    channels_last: bool | None = None,
    labels: Labels | None = None,
    wrap: float | None = None,
) -> str:
    """The diagram of a design as an SVG file.

    Blocks are open but for the `folded` ones. `labels` replace what is written at volumes. Shapes are in the order of
    the convention unless `channels_last` says something else. `colours` may be those of a style sheet. A row of
    volumes that is wider than `wrap` goes on in the next row, where connections allow.
    """
    from cnnstudio.drawings.colours import DARK_PAGE, LIGHT_PAGE
    from cnnstudio.drawings.diagram.svg import svg_of

    page = colours or (DARK_PAGE if dark else LIGHT_PAGE)
    order = analysis.convention.channels_last if channels_last is None else channels_last
    drawing = diagram_drawing(
        analysis, page, style=style, direction=direction, folded=folded, channels_last=order, labels=labels, wrap=wrap
    )
    return svg_of(drawing, analysis.design.name)


def diagram_drawing(
    analysis: Analysis,
    colours: PageColours,
    *,
    style: Style,
    direction: Direction | None,
    folded: Collection[ItemPath],
    channels_last: bool,
    labels: Labels | None,
    legend: Mapping[str, str] | None = None,
    wrap: float | None = None,
) -> Drawing:
    """The diagram of a design as shapes in these colours, with a legend if the titles of families are given.

    Raises ValueError where there is too much to be drawn.
    """
    from cnnstudio.drawings.diagram.bounds import require_drawable
    from cnnstudio.drawings.diagram.graph import graph_of

    graph = graph_of(analysis, folded)
    require_drawable(graph)
    way = direction or USUAL_DIRECTION[style]
    drawing, families = _drawn(graph, style, colours, way, channels_last, labels, wrap)
    if legend is None:
        return drawing
    from cnnstudio.drawings.diagram.family_legend import with_legend

    return with_legend(drawing, families, colours, legend)


def _drawn(
    graph: Graph,
    style: Style,
    colours: PageColours,
    way: Direction,
    channels_last: bool,
    labels: Labels | None,
    wrap: float | None,
) -> tuple[Drawing, set[str]]:
    """The drawing without a legend, and the families in it."""
    if style == "boxes":
        from cnnstudio.drawings.diagram.boxes.boxes import boxes_drawing
        from cnnstudio.drawings.diagram.boxes.layout import layout_of
        from cnnstudio.drawings.diagram.family_legend import families_of_boxes

        layout = layout_of(graph, way, channels_last=channels_last)
        return boxes_drawing(layout, colours), families_of_boxes(graph)
    from cnnstudio.drawings.diagram.volumes.sequence import sequence_of
    from cnnstudio.drawings.diagram.volumes.volumes import volumes_drawing

    sequence = sequence_of(graph)
    drawing = volumes_drawing(sequence, colours, way, channels_last=channels_last, labels=labels, wrap=wrap)
    return drawing, {volume.box.family for volume in sequence.volumes}
