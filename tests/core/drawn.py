"""Designs as lines of text, for tests of edits."""

from __future__ import annotations

from cnnstudio.core.design import Block, Design, Item


def drawn(design: Design) -> str:
    """The design as a line: `image conv stage(a short<input sum<a,norm)`; a repeat as `stage×2(...)`."""
    return " ".join(map(_drawn_item, design.layers))


def _drawn_item(item: Item) -> str:
    inputs = f"<{','.join(item.inputs)}" if item.inputs else ""
    if not isinstance(item, Block):
        return f"{item.name}{inputs}"
    times = f"×{item.repeat}" if item.repeat > 1 else ""
    return f"{item.name}{times}({' '.join(map(_drawn_item, item.layers))}){inputs}"
