"""Padding that a file writes as an operation of its own is the padding of the window after it."""

from __future__ import annotations

from typing import Any

from msgspec import structs

from cnnstudio.core.arithmetic.shape import explicit_padding
from cnnstudio.core.counting.analysis import count_layer
from cnnstudio.core.network.layer import Counts
from cnnstudio.formats.foreign.draft import Draft
from cnnstudio.formats.foreign.passes.patterns import Matcher
from cnnstudio.layers.convolution import Conv, DepthwiseConv
from cnnstudio.layers.pooling import MaxPool
from cnnstudio.layers.reshaping import ZeroPad


def join_paddings(draft: Draft) -> None:
    """Zeros before a convolution, and −∞ before max pooling, where nothing else takes the padded map."""
    matcher = Matcher(draft)
    for index, step in enumerate(draft.steps):
        if step.is_dropped or not step.inputs:
            continue
        source = step.inputs[0]
        before = matcher.steps[source]
        layer = step.layer
        if not isinstance(before.layer, ZeroPad) or before.is_dropped or not matcher.is_inner(source, index):
            continue
        if any(before.layer.channel_ends()):
            continue
        value = before.constants.get("value")
        # Zeros before max pooling are something else than its own padding: they win over negative values.
        fits = isinstance(layer, (Conv, DepthwiseConv)) and before.layer.padding_mode == "zeros" and value == 0
        if not fits and not (isinstance(layer, MaxPool) and value is not None and value < -1e30):
            continue
        assert isinstance(layer, (Conv, DepthwiseConv, MaxPool))
        if layer.padding not in ("valid", 0):
            continue
        joined = structs.replace(layer, padding=_brief(before.layer.padding, before.shape.rank))
        shape = draft.steps[before.inputs[0]].shape
        # Proved by counting and not argued: only where the joined layer gives the size that the file states.
        counts = count_layer(joined, (shape,), draft.convention.rules)
        if isinstance(counts, Counts) and counts.output == step.shape:
            step.layer, step.inputs = joined, before.inputs
            before.is_dropped = True
            draft.note_replaced("padding that stood by itself is the padding of the layer after it")


def _brief(padding: Any, rank: int) -> Any:
    pairs = explicit_padding(padding, rank)
    ends = {end for pair in pairs for end in pair}
    return ends.pop() if len(ends) == 1 else pairs
