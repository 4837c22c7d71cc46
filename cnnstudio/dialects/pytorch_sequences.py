"""PyTorch's layers that read sequences, as rows of its dialect."""

from __future__ import annotations

from typing import Final

from cnnstudio.dialects.conversions import ZERO_FOR_NONE
from cnnstudio.dialects.dialect import Spelling, argument, fact

_RECURRENT = (
    fact("input_size", "channels"),
    argument("hidden_size", "units"),
    fact("num_layers", "stacked", 1),
)
_RECURRENT_END = (
    argument("bias", "bias", True),
    fact("batch_first", "batch_first", False),
    fact("dropout", "dropout", 0.0),
    fact("bidirectional", "bidirectional", False),
)
_ALL_STEPS = "all steps are given, channels last; the last one is a part of them, or the state of both directions"

SEQUENCES: Final = (
    Spelling(
        "Embedding",
        "Embedding",
        (argument("num_embeddings", "vocabulary"), argument("embedding_dim", "width")),
        aliases=("embedding",),
        exact_if="it is called with whole numbers",
    ),
    Spelling(
        "SimpleRNN",
        "RNN",
        (*_RECURRENT, argument("nonlinearity", "function", "tanh"), *_RECURRENT_END),
        exact_if=_ALL_STEPS,
    ),
    Spelling(
        "LSTM",
        "LSTM",
        (*_RECURRENT, *_RECURRENT_END, argument("proj_size", "projection", 0, ZERO_FOR_NONE)),
        exact_if=_ALL_STEPS,
    ),
    Spelling("GRU", "GRU", (*_RECURRENT, *_RECURRENT_END), exact_if=f"it resets after the product; {_ALL_STEPS}"),
)
"""The rows, which the dialect has among the others."""
