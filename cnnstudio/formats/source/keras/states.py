"""The states of recurrent layers: those with which a layer begins, and those that it gives beside its output."""

from __future__ import annotations

from typing import Any

from cnnstudio.formats.source.keras.layers import KerasLayer
from cnnstudio.formats.source.keras.tensors import KerasTensor
from cnnstudio.formats.source.language.values import NotFollowed


def begun(host: Any, tensors: list[KerasTensor], start: list[KerasTensor]) -> list[KerasTensor]:
    """The sequence that a layer takes, behind a placeholder that also takes the states with which it begins."""
    if not tensors or not start:
        return tensors
    return [host.placed("initial_state", [*tensors[:1], *start], tensors[0].sizes)]


def given(host: Any, layer: KerasLayer, output: Any) -> list[Any]:
    """The output of a layer and its last states. Raises NotFollowed for a layer of which they are not known."""
    config = layer.config
    inner = config.get("layer") if layer.kind == "Bidirectional" else layer
    if not isinstance(output, KerasTensor) or not isinstance(inner, KerasLayer):
        raise NotFollowed(f"asks {layer.kind} for its states, which is not read.")
    units = inner.config.get("units")
    if type(units) is not int:
        raise NotFollowed(f"asks {layer.kind} for its states, whose size is not known.")
    count = (2 if "LSTM" in inner.kind else 1) * (1 if inner is layer else 2)
    return [output, *(host.placed("state", [output], [units]) for _ in range(count))]
