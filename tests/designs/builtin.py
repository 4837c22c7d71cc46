"""The built-in designs for tests: loaded, counted, and changed."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from msgspec import structs

from cnnstudio.core.arithmetic.convention import CONVENTIONS, ConventionKey
from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.core.counting.rows import Row
from cnnstudio.core.network.design import Block, Design, Item
from cnnstudio.core.network.layer import Layer
from cnnstudio.formats.builtin import builtin_paths
from cnnstudio.formats.design_yaml import read_design
from cnnstudio.layers.structure import Input

Change = Callable[[str, Layer], Layer | None]
"""A function that changes the layer at a place; None leaves it out."""


@cache
def load(stem: str) -> Design:
    """A built-in design."""
    return read_design(builtin_paths()[stem]).design


@cache
def count(stem: str, convention: ConventionKey | None = None) -> Analysis:
    """A built-in design, counted by its own convention or by another."""
    return analyze(load(stem), CONVENTIONS[convention] if convention else None)


def row_at(analysis: Analysis, path: str) -> Row:
    """The row with this path."""
    return next(row for row in analysis.rows if row.path == path)


def changed(design: Design, change: Change) -> Design:
    """The design with every layer changed."""
    return structs.replace(design, layers=_changed(design.layers, "", change))


def _changed(items: tuple[Item, ...], within: str, change: Change) -> tuple[Item, ...]:
    result: list[Item] = []
    for item in items:
        place = within + item.name
        if isinstance(item, Block):
            result.append(structs.replace(item, layers=_changed(item.layers, place + "/", change)))
        elif (layer := change(place, item)) is not None:
            result.append(layer)
    return tuple(result)


def with_input(design: Design, size: int, channels: int | None = None) -> Design:
    """The design for square images of another size."""

    def change(_: str, layer: Layer) -> Layer:
        if not isinstance(layer, Input):
            return layer
        sizes = (size,) * len(layer.size) if isinstance(layer.size, tuple) else size
        return structs.replace(layer, size=sizes, channels=channels or layer.channels)

    return changed(design, change)
