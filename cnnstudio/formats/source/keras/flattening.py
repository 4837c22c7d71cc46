"""A Dense without a Flatten before it: Keras applies it at each position, and its author mostly meant the whole map."""

from __future__ import annotations

from cnnstudio.formats.foreign.draft import Draft
from cnnstudio.layers.dense import Dense

_AFTER = ("Dense", "Activation", "Dropout", "SpatialDropout", "BatchNorm", "Identity", "PReLU", "LayerNorm")
SUFFIX = " with Flatten"
"""The end of the name of the network that its author meant, which can be asked for."""


def unflattened(draft: Draft, steps: list[int], outputs: list[int]) -> int | None:
    """The first Dense on a map from which only layers of a head lead to an output that still is a map; None if none."""
    if len(outputs) != 1 or draft.steps[outputs[0]].shape.rank != 2:
        return None
    first: int | None = None
    step = outputs[0]
    while step in steps:
        made = draft.steps[step]
        layer = made.layer
        if layer is None or layer.type_name not in _AFTER or len(made.inputs) != 1:
            break
        if isinstance(layer, Dense) and layer.apply_to == "channels":
            first = step
        step = made.inputs[0]
    # A head of one such layer alone is the 1 × 1 convolution of a network that gives maps.
    is_head = first is not None and first != outputs[0] and _is_downsampled(draft, first)
    return first if is_head else None


def _is_downsampled(draft: Draft, step: int) -> bool:
    """True if pooling or strides come before: a network that classifies."""
    seen = set()
    waiting = list(draft.steps[step].inputs)
    while waiting:
        at = waiting.pop()
        if at in seen:
            continue
        seen.add(at)
        layer = draft.steps[at].layer
        if layer is not None and ("Pool" in layer.type_name or getattr(layer, "stride", 1) not in (1, None)):
            return True
        waiting.extend(draft.steps[at].inputs)
    return False
