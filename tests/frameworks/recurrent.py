"""Weights of recurrent layers: of ONNX for both directions in one tensor, its gates in an order of its own."""

from __future__ import annotations

from typing import Any

from cnnstudio.layers.sequences.recurrent import GRU, LSTM, RecurrentLayer
from tests.frameworks.frameworks import numpy as np

Arrays = dict[str, Any]
Orders = dict[type[RecurrentLayer], tuple[int, ...]]

TORCH_ORDER: Orders = {LSTM: (0, 2, 3, 1), GRU: (1, 0, 2)}
"""The places in ONNX (i o f c; z r h) of the gates of PyTorch (i f g o; r z n)."""
KERAS_ORDER: Orders = {LSTM: (0, 2, 3, 1)}
"""The same for Keras (i f c o; z r h)."""


def _gates(array: Any, layer: RecurrentLayer, orders: Orders) -> Any:
    """The gates along the first axis in another order."""
    parts = np.split(array, layer.gates, axis=0)
    return np.concatenate([parts[place] for place in orders.get(type(layer), range(layer.gates))], axis=0)


def _biases(own: Arrays, layer: RecurrentLayer, direction: int) -> tuple[Any, Any]:
    """The two biases of a direction; the second is 0 where there is one."""
    bias = own["bias"][direction]
    rows = layer.gates * layer.units
    return bias[:rows], bias[rows:] if bias.size > rows else np.zeros_like(bias)


def of_torch(layer: RecurrentLayer, own: Arrays) -> Arrays:
    """The tensors by the names of PyTorch."""
    arrays: Arrays = {}
    for direction, end in enumerate(("_l0", "_l0_reverse")[: len(own["weight"])]):
        arrays[f"weight_ih{end}"] = _gates(own["weight"][direction], layer, TORCH_ORDER)
        arrays[f"weight_hh{end}"] = _gates(own["recurrent"][direction], layer, TORCH_ORDER)
        if layer.bias:
            first, second = _biases(own, layer, direction)
            arrays[f"bias_ih{end}"] = _gates(first, layer, TORCH_ORDER)
            arrays[f"bias_hh{end}"] = _gates(second, layer, TORCH_ORDER)
    return arrays


def of_keras(layer: RecurrentLayer, own: Arrays) -> Arrays:
    """The tensors in the order of Keras."""
    arrays: Arrays = {}
    for direction in range(len(own["weight"])):
        for name in ("weight", "recurrent"):
            arrays[f"{name} {direction}"] = _gates(own[name][direction], layer, KERAS_ORDER).T
        if layer.bias:
            both = [_gates(bias, layer, KERAS_ORDER) for bias in _biases(own, layer, direction)]
            is_two = isinstance(layer, GRU) and layer.reset_after
            arrays[f"bias {direction}"] = np.stack(both) if is_two else both[0] + both[1]
    return arrays
