"""The bounds of a design as it is written: what stands in its file, each block once."""

from __future__ import annotations

from typing import Final

from cnnstudio.core.network.design import Block, Item

MAX_LAYERS: Final = 25_000
"""Layers and blocks of a design, what is in a block counted once however often it repeats."""
MAX_CONNECTIONS: Final = 50_000
"""Inputs that are named in a design; a layer that takes the one before names none."""


def excess(items: tuple[Item, ...]) -> str:
    """The excess of the items, as a part of a sentence, with the bound and what to do; empty if there is none."""
    layers, connections = _size(items)
    if layers > MAX_LAYERS:
        return f"more than {MAX_LAYERS:,} layers; write what is alike once, as a block that repeats"
    if connections > MAX_CONNECTIONS:
        return f"more than {MAX_CONNECTIONS:,} connections; name fewer inputs"
    return ""


def _size(items: tuple[Item, ...]) -> tuple[int, int]:
    """The number of layers and blocks, and of named inputs."""
    layers, connections = len(items), sum([len(item.inputs) for item in items])
    for item in items:
        if type(item) is Block:
            inside = _size(item.layers)
            layers, connections = layers + inside[0], connections + inside[1]
    return layers, connections
