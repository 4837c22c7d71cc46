"""The sentences of what counting notices between layers; what a layer notices about itself it says itself."""

from __future__ import annotations

from cnnstudio.core.arithmetic.convention import Convention
from cnnstudio.core.network.design import Block, Item
from cnnstudio.core.network.layer import MAX_COUNT, Layer
from cnnstudio.core.network.problem import Remark

MAX_ANALYZED = 200_000
"""Layers counted one by one, repeats with equal shapes counting once; a design with more is not counted further."""


def missing_input(item: Item, given: int) -> Remark:
    """An item without enough inputs."""
    if given:
        fewest = item.min_inputs if isinstance(item, Layer) else 1
        return Remark(
            "missing-input",
            f"{item.type_name} needs at least {fewest} inputs and receives {given}.",
            "Name the layers it joins in inputs.",
        )
    return Remark("missing-input", f"{item.type_name} receives nothing.", "Put an Input layer before it.")


def unknown_input(name: str) -> Remark:
    """An input that names nothing."""
    return Remark("missing-input", f"inputs names '{name}', which is not an earlier layer.", "Name an earlier layer.")


def unlike_strides(steps: str) -> Remark:
    """A merge of branches that step differently."""
    return Remark(
        "unlike-strides",
        f"its branches step through the input at different strides, {steps}, so that they do not line up.",
        "Give the branches the same total stride.",
    )


def useless_bias(norm: Layer) -> Remark:
    """A bias that the normalization after it subtracts again."""
    return Remark(
        "bias-before-norm",
        f"its bias has no effect, because the {norm.type_name} '{norm.name}' after it subtracts the mean.",
        "Turn its bias off.",
    )


def framework_remark(layer: Layer, convention: Convention) -> Remark | None:
    """A convolution that PyTorch refuses, as which a design is counted: with padding by a word and a stride."""
    if convention.key != "pytorch" or getattr(layer, "padding", None) != "same" or layer.family != "convolution":
        return None
    if hasattr(layer, "output_padding") or _is_one(layer):
        return None
    return Remark(
        "same-padding",
        "PyTorch refuses padding 'same' with a stride, and this counts as Keras pads.",
        "Give the padding in numbers, or count as Keras.",
    )


def _is_one(layer: Layer) -> bool:
    stride = getattr(layer, "stride", 1)
    return stride == 1 or (isinstance(stride, tuple) and set(stride) == {1})


def unused(item: Item) -> Remark:
    """An output that nobody takes."""
    return Remark(
        "unused",
        f"nothing takes the output of this {item.type_name}.",
        "Connect it, delete it, or put an Output after it.",
    )


def too_vast(size: int) -> Remark:
    """An output beyond all bounds."""
    return Remark(
        "too-vast",
        f"an axis of its output has {size:,} elements, and at most {MAX_COUNT:,} are counted.",
        "Enlarge less, or repeat less often.",
    )


def too_many(block: Block) -> Remark:
    """A design beyond the bound."""
    return Remark(
        "too-large",
        f"the design has more than {MAX_ANALYZED:,} different layers and is not counted from here on.",
        f"Use a smaller repeat than {block.repeat:,}.",
    )
