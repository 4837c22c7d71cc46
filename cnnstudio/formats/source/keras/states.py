"""The states of recurrent layers: those with which a layer begins, and those that it gives beside its output."""

from __future__ import annotations

from typing import Any

from cnnstudio.formats.source.keras.layers import KerasLayer
from cnnstudio.formats.source.keras.tensors import KerasTensor
from cnnstudio.formats.source.language.values import NotFollowed

_STATES = {"LSTM": 2, "GRU": 1, "SimpleRNN": 1, **{f"ConvLSTM{axes}D": 2 for axes in (1, 2, 3)}}
"""The states of the layers that a design has, in one direction."""


def begun(host: Any, layer: KerasLayer, tensors: list[KerasTensor], start: list[KerasTensor]) -> list[KerasTensor]:
    """The tensors that a layer takes: the sequence, and the states with which it begins.

    Where a design has no such layer, a placeholder stands before it that takes them all.
    """
    if not tensors or not start or len(start) == _count(layer):
        return [*tensors[:1], *start]
    return [host.placed("initial_state", [*tensors[:1], *start], tensors[0].sizes)]


def given(host: Any, layer: KerasLayer, made: Any) -> list[Any]:
    """The output of a layer and its last states. Raises NotFollowed for a layer of which they are not known."""
    if isinstance(made, list):
        return made
    inner = _inner(layer)
    if not isinstance(made, KerasTensor) or inner is None:
        raise NotFollowed(f"asks {layer.kind} for its states, which is not read.")
    units = inner.config.get("units")
    if type(units) is not int:
        raise NotFollowed(f"asks {layer.kind} for its states, whose size is not known.")
    count = (2 if "LSTM" in inner.kind else 1) * (1 if inner is layer else 2)
    return [made, *(host.placed("state", [made], [units]) for _ in range(count))]


def _inner(layer: KerasLayer) -> KerasLayer | None:
    """The recurrent layer that a Bidirectional holds, or the layer itself."""
    inner = layer.config.get("layer") if layer.kind == "Bidirectional" else layer
    return inner if isinstance(inner, KerasLayer) else None


def _count(layer: KerasLayer) -> int:
    """The number of states of a layer that a design has; 0 of any other."""
    inner = _inner(layer)
    return 0 if inner is None else _STATES.get(inner.kind, 0) * (1 if inner is layer else 2)
