"""The weights of PyTorch's layers: for each kind of module the shapes of its parameters and buffers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cnnstudio.formats.source.torch.arrays import Array

Arguments = dict[str, Any]
Weights = dict[str, Array]
_GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}


def _each(value: Any, rank: int) -> tuple[int, ...]:
    return tuple(value) if isinstance(value, (list, tuple)) else (value,) * rank


def _learned(**shapes: tuple[int, ...] | None) -> Weights:
    return {name: Array(shape, is_learned=True) for name, shape in shapes.items() if shape is not None}


def _convolution(given: Arguments, rank: int) -> Weights:
    channels, filters, groups = given["in_channels"], given["out_channels"], given["groups"]
    kernel = _each(given["kernel_size"], rank)
    return _learned(weight=(filters, channels // groups, *kernel), bias=(filters,) if given["bias"] else None)


def _transposed(given: Arguments, rank: int) -> Weights:
    channels, filters, groups = given["in_channels"], given["out_channels"], given["groups"]
    kernel = _each(given["kernel_size"], rank)
    return _learned(weight=(channels, filters // groups, *kernel), bias=(filters,) if given["bias"] else None)


def _linear(given: Arguments, _rank: int) -> Weights:
    features, units = given["in_features"], given["out_features"]
    return _learned(weight=(units, features), bias=(units,) if given["bias"] else None)


def _norm(given: Arguments, _rank: int) -> Weights:
    size = (given["num_features"],)
    made = _learned(weight=size, bias=size if given["bias"] else None) if given["affine"] else {}
    if given["track_running_stats"]:
        made |= {name: Array(size, is_learned=False) for name in ("running_mean", "running_var")}
    return made


def _layer_norm(given: Arguments, _rank: int) -> Weights:
    shape = _each(given["normalized_shape"], 1)
    return _learned(weight=shape, bias=shape if given["bias"] else None) if given["elementwise_affine"] else {}


def _group_norm(given: Arguments, _rank: int) -> Weights:
    size = (given["num_channels"],)
    return _learned(weight=size, bias=size if given["bias"] else None) if given["affine"] else {}


def _prelu(given: Arguments, _rank: int) -> Weights:
    return _learned(weight=(given["num_parameters"],))


def _embedding(given: Arguments, _rank: int) -> Weights:
    return _learned(weight=(given["num_embeddings"], given["embedding_dim"]))


def _recurrent(given: Arguments, _rank: int, kind: str) -> Weights:
    gates, hidden = _GATES[kind], given["hidden_size"]
    made: Weights = {}
    directions = 2 if given["bidirectional"] else 1
    for layer in range(given["num_layers"]):
        width = given["input_size"] if not layer else hidden * directions
        for end in ("", "_reverse")[:directions]:
            made |= _learned(
                **{
                    f"weight_ih_l{layer}{end}": (gates * hidden, width),
                    f"weight_hh_l{layer}{end}": (gates * hidden, hidden),
                    f"bias_ih_l{layer}{end}": (gates * hidden,) if given["bias"] else None,
                    f"bias_hh_l{layer}{end}": (gates * hidden,) if given["bias"] else None,
                }
            )
    return made


def _attention(given: Arguments, _rank: int) -> Weights:
    width = given["embed_dim"]
    return _learned(
        in_proj_weight=(3 * width, width),
        in_proj_bias=(3 * width,) if given["bias"] else None,
        out_proj_weight=(width, width),
        out_proj_bias=(width,) if given["bias"] else None,
    )


_BY_KIND: dict[str, Callable[[Arguments, int], Weights]] = {
    **{f"Conv{rank}d": _convolution for rank in (1, 2, 3)},
    **{f"ConvTranspose{rank}d": _transposed for rank in (1, 2, 3)},
    **{f"BatchNorm{rank}d": _norm for rank in (1, 2, 3)},
    **{f"InstanceNorm{rank}d": _norm for rank in (1, 2, 3)},
    "Linear": _linear,
    "LayerNorm": _layer_norm,
    "GroupNorm": _group_norm,
    "PReLU": _prelu,
    "Embedding": _embedding,
    "MultiheadAttention": _attention,
    "LSTM": lambda given, rank: _recurrent(given, rank, "LSTM"),
    "GRU": lambda given, rank: _recurrent(given, rank, "GRU"),
    "RNN": lambda given, rank: _recurrent(given, rank, "RNN"),
}


def weights_of(kind: str, given: Arguments, rank: int) -> Weights:
    """The parameters and buffers of a module by their names; none for a module that has none."""
    rule = _BY_KIND.get(kind)
    return {} if rule is None else rule(given, rank)
