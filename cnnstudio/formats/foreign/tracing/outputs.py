"""Outputs of a graph that depend on none of its inputs."""

from __future__ import annotations

from math import prod

from cnnstudio.formats.foreign.draft import Draft, Numbers
from cnnstudio.formats.foreign.tracing.attention.realizing import MAX_AXES
from cnnstudio.formats.foreign.tracing.values import Constant
from cnnstudio.layers.tensors.learned import Parameter


def learned_output(draft: Draft, name: str, tensor: Constant) -> int | None:
    """The step of a learned tensor that is an output, alike for every example; None for another constant."""
    sizes = tensor.shape[1:]
    is_held = tensor.is_float and tensor.is_learned is not False and tensor.numbers == prod(sizes) > 0
    # A Parameter that states no sizes has those of the input, which is the first step.
    least = 2 if draft.steps[0].shape.rank else 1
    if not is_held or not least <= len(sizes) <= MAX_AXES:
        return None
    layer = Parameter(use="alone", channels=sizes[0], size=sizes[1:] or None)
    return draft.add(layer, (name,), (0,), Numbers(tensor.numbers))
