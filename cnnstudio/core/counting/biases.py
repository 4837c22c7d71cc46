"""Biases that have no effect, because whatever takes the output subtracts the mean."""

from __future__ import annotations

from cnnstudio.core.network.design import Block, Item
from cnnstudio.core.network.layer import Layer
from cnnstudio.core.network.wiring import all_feeds


def useless_biases(items: tuple[Item, ...], *, inside: bool) -> list[tuple[Layer, Layer]]:
    """The layers of a list that add a bias for nothing, each with a normalization that subtracts it again.

    Whatever takes such a layer is a normalization that subtracts the mean of what it receives. A frozen one subtracts
    the mean that it has stored, and so leaves the bias in; so does anything else, a block too.
    """
    biased = {item.name: item for item in items if type(item) is not Block and _ends_in_bias(item)}
    # Most lists have neither, and this is asked of every list after every edit.
    if not biased or not [item for item in items if _subtracts(item)]:
        return []
    takers: dict[str, list[Item]] = {}
    took = all_feeds(items, inside=inside)
    for item in items:
        for name in took[item.name]:
            if name in biased:
                takers.setdefault(name, []).append(item)
    return [
        (biased[name], norm)
        for name, taking in takers.items()
        if isinstance(norm := taking[0], Layer) and not [item for item in taking if not _subtracts(item)]
    ]


def _subtracts(item: Item) -> bool:
    # A frozen normalization subtracts a stored mean, which does not follow the bias, so that the bias keeps its effect.
    return type(item) is not Block and item.removes_bias and item.trainable


def _ends_in_bias(layer: Layer) -> bool:
    """True if the last step of a layer is to add a bias."""
    # After a nonlinear activation the bias is no longer added to what the normalization sees, so its mean does not
    # remove it.
    return bool(getattr(layer, "bias", False)) and getattr(layer, "activation", None) in (None, "linear")
