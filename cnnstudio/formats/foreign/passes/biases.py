"""A shift of the channels is the bias of the layer before it."""

from __future__ import annotations

from msgspec import structs

from cnnstudio.core.network.problem import with_article
from cnnstudio.formats.foreign.draft import Draft, Numbers
from cnnstudio.formats.foreign.passes.patterns import Matcher
from cnnstudio.layers.normalization import Scale

_TAKE_BIAS = ("Dense", "Scale")


def join_biases(draft: Draft) -> None:
    """Dense or convolution and a vector added is one layer with a bias; Scale and a vector too."""
    matcher = Matcher(draft)
    for index, step in enumerate(draft.steps):
        if step.is_dropped or step.kind != "Shift" or step.layer is not None:
            continue
        source = step.inputs[0]
        before = matcher.steps[source]
        layer = before.layer
        takes = layer is not None and (layer.type_name in _TAKE_BIAS or "Conv" in layer.type_name)
        if layer is None or not takes or getattr(layer, "bias", True) or getattr(layer, "activation", None):
            continue
        # If something else takes the output without the vector, the bias must not be in it.
        if not matcher.is_inner(source, index):
            continue
        # Both held numbers of the file, whose sum proves the import.
        held, more = before.numbers or Numbers(), step.numbers or Numbers()
        step.layer = structs.replace(layer, bias=True)
        step.numbers = Numbers(held.learned + more.learned, held.stored + more.stored)
        step.inputs, step.path, step.kind = before.inputs, before.path, before.kind
        step.constants = before.constants
        before.is_dropped = True
        draft.note_replaced(
            "a factor and an addend a channel are one Scale"
            if isinstance(layer, Scale)
            else f"{with_article(layer.type_name)} and the vector added after it are one layer with a bias"
        )
