"""The diagram of large networks: from the analysis to the whole SVG, every block open."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from msgspec import structs

from cnnstudio.core.counting.analysis import analyze, count_layer
from cnnstudio.core.network.design import Block, Design, Item
from cnnstudio.drawings.diagram import diagram_svg
from cnnstudio.drawings.diagram.boxes.layering import laid_out
from cnnstudio.formats.builtin import open_design
from tests.benchmarks.measuring import Afresh, Result, medians

NETWORKS = ("densenet-201", "resnet-152")
GOAL_SECONDS = 1.0


def results() -> Iterator[Result]:
    """DenseNet-201 and ResNet-152, each repeat drawn once, and written out as layers of their own."""
    for name in NETWORKS:
        design = open_design(name).design
        for what, drawn in ((name, design), (f"{name}, every repeat drawn", written_out(design))):
            analysis = analyze(drawn)
            draw = partial(diagram_svg, analysis)
            first, again, count = medians(
                [Afresh(laid_out.cache_clear, draw), draw, Afresh(count_layer.cache_clear, partial(analyze, drawn))],
                seconds=2,
            )
            yield Result(f"diagram of {what}", "1 s", first, GOAL_SECONDS, 1)
            yield Result("  nothing remembered", "its analysis", first, count)
            yield Result("  laid out before", "its analysis", again, count)


def written_out(design: Design) -> Design:
    """The same network with every pass through a block as a block of its own."""
    return structs.replace(design, layers=_passes(design.layers))


def _passes(items: tuple[Item, ...]) -> tuple[Item, ...]:
    found: list[Item] = []
    for item in items:
        if not isinstance(item, Block):
            found.append(item)
            continue
        inside, inputs = _passes(item.layers), item.inputs
        for number in range(1, item.repeat + 1):
            name = item.name if number == item.repeat else f"{item.name} {number}"
            found.append(structs.replace(item, name=name, repeat=1, layers=inside, inputs=inputs))
            inputs = (name,)
    return tuple(found)
