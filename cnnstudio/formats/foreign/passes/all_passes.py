"""The passes over a graph of operations, in their order."""

from __future__ import annotations

from cnnstudio.formats.foreign.draft import Draft
from cnnstudio.formats.foreign.passes.attention import join_attention
from cnnstudio.formats.foreign.passes.biases import join_biases
from cnnstudio.formats.foreign.passes.functions import join_activations, join_functions
from cnnstudio.formats.foreign.passes.layouts import join_flattening, join_group_norms, join_shuffles
from cnnstudio.formats.foreign.passes.normalizations import join_layer_norms
from cnnstudio.formats.foreign.passes.paddings import join_paddings


def tidy(draft: Draft) -> None:
    """Replaces what several operations say together by the layer that one would have written."""
    # The order matters: a layer norm is found with its scale and shift still apart, and a group norm with both joined
    # to the one Scale that `join_biases` makes of them.
    for run in (
        join_layer_norms,
        join_functions,
        join_biases,
        join_attention,
        join_group_norms,
        join_paddings,
        join_shuffles,
        join_flattening,
        join_activations,
    ):
        run(draft)
    _note_folded_norms(draft)


def _note_folded_norms(draft: Draft) -> None:
    """Says that batch norms may have been folded where convolutions have biases and nothing normalizes."""
    names = [step.layer.type_name for step in draft.steps if step.layer is not None and not step.is_dropped]
    biased = sum(
        bool(getattr(step.layer, "bias", False)) and "Conv" in name
        for step, name in zip([s for s in draft.steps if s.layer is not None and not s.is_dropped], names, strict=True)
    )
    if biased >= 4 and not any("Norm" in name for name in names):
        draft.notes.append(
            "The convolutions have biases and nothing is normalized: the exporter may have folded batch "
            "normalizations into them, so that each has one parameter a channel less than while it was trained."
        )
