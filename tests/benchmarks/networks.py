"""Designs made to measure."""

from __future__ import annotations

from itertools import cycle, islice

from cnnstudio.core.network.design import Block, Design, Item
from cnnstudio.layers.activation import Activation
from cnnstudio.layers.convolution import Conv2D
from cnnstudio.layers.merge import Add
from cnnstudio.layers.normalization import BatchNorm
from cnnstudio.layers.structure import Input

IMAGE = Input(name="image", size=(32, 32), channels=64)


def residual(number: int) -> tuple[Item, ...]:
    """Four layers, the last of which adds the outputs of two of them."""
    return (
        Conv2D(name=f"conv{number}", filters=64, kernel_size=3, padding=1, bias=False),
        BatchNorm(name=f"norm{number}"),
        Activation(name=f"relu{number}", function="relu"),
        Add(name=f"add{number}", inputs=(f"conv{number}", f"relu{number}")),
    )


def chain(layers: int) -> Design:
    """A network of so many layers, besides the input."""
    items = (item for number in range(layers // 4 + 1) for item in residual(number))
    return Design(name="Chain", layers=(IMAGE, *islice(items, layers)))


def varied_chain(layers: int) -> Design:
    """A network of so many convolutions of which none is like another, so that no count can be remembered."""
    kernels, filters = cycle(range(1, 10)), iter(range(1, layers + 1))
    convs = (Conv2D(name=f"conv{n}", filters=n, kernel_size=next(kernels), padding="same") for n in filters)
    return Design(name="Varied chain", layers=(IMAGE, *convs))


def repeated(times: int) -> Design:
    """A block that keeps its shape, so many times."""
    return Design(name="Repeats", layers=(IMAGE, Block(name="block", repeat=times, layers=residual(0))))
