"""The bounds of a diagram: more can neither be told apart nor laid out while anybody waits."""

from __future__ import annotations

from typing import Final

from cnnstudio.drawings.diagram.graph import Graph

MAX_BOXES: Final = 6_000
MAX_PASSING: Final = 4_000
"""Connections that lead past other boxes. Those from box to box cost little."""


def excess(graph: Graph) -> str:
    """The excess of the graph, as a part of a sentence, with the bound; empty if it can be drawn."""
    boxes, passing = _size(graph)
    if boxes > MAX_BOXES:
        return f"{boxes:,} boxes, and at most {MAX_BOXES:,} are drawn"
    if passing > MAX_PASSING:
        return f"{passing:,} connections that lead past other layers, and at most {MAX_PASSING:,} are drawn"
    return ""


def require_drawable(graph: Graph) -> None:
    """Raises ValueError where the graph has too much to be drawn."""
    if too_many := excess(graph):
        raise ValueError(f"the diagram has {too_many}; fold blocks, or group layers into blocks that are folded")


def _size(graph: Graph) -> tuple[int, int]:
    """The boxes, frames among them, and the connections that skip boxes."""
    boxes, passing = len(graph.boxes), sum([edge.target - edge.source > 1 for edge in graph.edges])
    for box in graph.boxes:
        if box.inside is not None:
            inside = _size(box.inside)
            boxes, passing = boxes + inside[0], passing + inside[1]
    return boxes, passing
