"""Small networks and their parts, and networks as lines of text."""

from __future__ import annotations

from typing import Any, Final

from cnnstudio.core.arithmetic.convention import CONVENTIONS
from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.core.network.design import Block, Design, Item, ItemPath
from cnnstudio.formats.builtin import open_design
from cnnstudio.layers.activation import Activation
from cnnstudio.layers.convolution import Conv2D
from cnnstudio.layers.merge import Add
from cnnstudio.layers.normalization import BatchNorm
from cnnstudio.layers.reshaping import Flatten
from cnnstudio.layers.structure import Input


def image(*size: int, channels: int = 3) -> Input:
    """An input of this size, called `image`."""
    return Input(name="image", size=size, channels=channels)


IMAGE: Final = image(8, 8)
MAP: Final = image(8, 8, channels=4)
"""An input with as many channels as `conv` makes, so that both can be added."""


def conv(
    name: str = "conv", *inputs: str, filters: int = 4, kernel_size: int = 3, padding: Any = "same", **fields: Any
) -> Conv2D:
    """A convolution that leaves a `MAP` its shape."""
    given = {"filters": filters, "kernel_size": kernel_size, "padding": padding, **fields}
    return Conv2D(name=name, inputs=inputs, **given)


def relu(name: str, *inputs: str) -> Activation:
    """An activation."""
    return Activation(name=name, function="relu", inputs=inputs)


def design_of(*items: Item) -> Design:
    """A `MAP`, and these behind it."""
    return Design(layers=(MAP, *items))


def paths(*names: str) -> list[ItemPath]:
    """The paths of items of the design's own list."""
    return [(name,) for name in names]


def builtin(name: str, convention: str | None = None) -> Analysis:
    """A built-in design, counted by its own convention or another."""
    return analyze(open_design(name).design, CONVENTIONS[convention] if convention else None)


def chain() -> Design:
    """An image, a convolution, its activation, and a vector."""
    return Design(
        layers=(
            IMAGE,
            conv(padding="valid"),
            relu("relu"),
            Flatten(name="flat"),
        )
    )


def residual() -> Design:
    """An image, a block with a shortcut that is passed twice, and a vector."""
    return Design(
        layers=(
            MAP,
            Block(
                name="stage",
                repeat=2,
                layers=(
                    conv("a"),
                    conv("short", "input", kernel_size=1, padding="valid"),
                    BatchNorm(name="norm"),
                    Add(name="sum", inputs=("a", "norm")),
                ),
            ),
            Flatten(name="flat"),
        )
    )


def drawn(design: Design) -> str:
    """The design as a line: `image conv stage(a short<input sum<a,norm)`; a repeat as `stage×2(...)`."""
    return " ".join(map(_drawn_item, design.layers))


def _drawn_item(item: Item) -> str:
    inputs = f"<{','.join(item.inputs)}" if item.inputs else ""
    if not isinstance(item, Block):
        return f"{item.name}{inputs}"
    times = f"×{item.repeat}" if item.repeat > 1 else ""
    return f"{item.name}{times}({' '.join(map(_drawn_item, item.layers))}){inputs}"
