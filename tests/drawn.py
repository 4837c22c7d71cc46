"""Small designs, and designs as lines of text, for tests of edits."""

from __future__ import annotations

from cnnstudio.core.network.design import Block, Design, Item
from cnnstudio.layers.activation import Activation
from cnnstudio.layers.convolution import Conv2D
from cnnstudio.layers.merge import Add
from cnnstudio.layers.normalization import BatchNorm
from cnnstudio.layers.reshaping import Flatten
from cnnstudio.layers.structure import Input


def chain() -> Design:
    """An image, a convolution, its activation, and a vector."""
    return Design(
        layers=(
            Input(name="image", size=(8, 8), channels=3),
            Conv2D(name="conv", filters=4, kernel_size=3),
            Activation(name="relu", function="relu"),
            Flatten(name="flat"),
        )
    )


def residual() -> Design:
    """An image, a block with a shortcut that is passed twice, and a vector."""
    return Design(
        layers=(
            Input(name="image", size=(8, 8), channels=4),
            Block(
                name="stage",
                repeat=2,
                layers=(
                    Conv2D(name="a", filters=4, kernel_size=3, padding="same"),
                    Conv2D(name="short", filters=4, kernel_size=1, inputs=("input",)),
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
