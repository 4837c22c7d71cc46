"""The activation functions of Keras by name."""

from __future__ import annotations

from typing import Any

from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.network.layer import Layer
from cnnstudio.formats.foreign.draft import Numbers, placeholder
from cnnstudio.formats.foreign.keras.call import Call
from cnnstudio.formats.foreign.keras.config import Config
from cnnstudio.layers import LAYER_TYPES
from cnnstudio.layers.activation import Activation

FUNCTIONS: dict[str, str] = {
    "relu": "relu",
    "relu6": "relu6",
    "leaky_relu": "leaky_relu",
    "elu": "elu",
    "selu": "selu",
    "celu": "celu",
    "gelu": "gelu",
    "silu": "silu",
    "swish": "silu",
    "mish": "mish",
    "sigmoid": "sigmoid",
    "log_sigmoid": "log_sigmoid",
    "hard_sigmoid": "hard_sigmoid",
    "tanh": "tanh",
    "hard_tanh": "hard_tanh",
    "hard_silu": "hard_swish",
    "hard_swish": "hard_swish",
    "softmax": "softmax",
    "log_softmax": "log_softmax",
    "softplus": "softplus",
    "softsign": "softsign",
    "exponential": "exponential",
    "exp": "exponential",
    "log": "log",
    "sqrt": "sqrt",
    "square": "square",
    "abs": "abs",
    "absolute": "abs",
    "linear": "linear",
}
_CLASSES = {"ReLU": "relu", "LeakyReLU": "leaky_relu", "Softmax": "softmax", "ELU": "elu", "GELU": "gelu"}


def name_of(value: Any) -> str:
    """The name of an activation, which may be written as text, as an object, or as a function of some module."""
    if value is None:
        return "linear"
    if isinstance(value, str):
        # A registered function is written `package>name`.
        return value.rpartition(">")[2].lower()
    if isinstance(value, dict):
        kind, config = value.get("class_name"), value.get("config")
        # Keras 3 writes a function of the module as an object whose config is its name.
        if kind == "function" or value.get("registered_name") == "function":
            return name_of(config if isinstance(config, str) else "unknown")
        if kind == "Activation" and isinstance(config, dict):
            return name_of(config.get("activation"))
        if isinstance(kind, str) and kind in _CLASSES and _is_simple(config):
            return _CLASSES[kind]
    return "unknown"


def _is_simple(config: Any) -> bool:
    """True if a ReLU is the plain one."""
    given: Config = config if isinstance(config, dict) else {}
    return not any(given.get(key) for key in ("max_value", "threshold", "negative_slope"))


def in_field(value: Any) -> str | None:
    """The activation as a field of a layer, None where there is none, or where it needs a layer of its own."""
    name = FUNCTIONS.get(name_of(value))
    return None if name == "linear" else name


def is_known(value: Any) -> bool:
    """True if a field can say this activation."""
    return name_of(value) in FUNCTIONS


def elementwise(shape: Shape) -> Layer:
    """A function of every element that a design has no word for: no parameters, no MACs."""
    return placeholder(shape, Numbers(), 0)


def function(name: str, **constants: Any) -> Layer:
    """An Activation layer by the design's name of its function."""
    return LAYER_TYPES["Activation"](**{"function": name, **constants})


def activation(call: Call) -> Layer:
    """An Activation layer."""
    name = FUNCTIONS.get(name_of(call.get("activation")))
    return elementwise(call.shape) if name is None else function(name)


def relu(call: Call) -> Layer:
    """A ReLU layer: plain, cut at 6, or with a slope for negative inputs."""
    slope = call.number("negative_slope", default=0.0)
    highest = call.get("max_value")
    if call.number("threshold", default=0.0) or (highest is not None and (highest != 6 or slope)):
        return elementwise(call.shape)
    if slope:
        return Activation(function="leaky_relu", slope=slope)
    return Activation(function="relu" if highest is None else "relu6")


def softmax(call: Call) -> Layer:
    """A Softmax along an axis, or over all positions; along some of several a design has no word for it."""
    axes = call.get("axis", default=-1)
    places = sorted({call.axis(axis) for axis in (axes if isinstance(axes, list) else [axes])})
    if len(places) == 1:
        return Activation(function="softmax", axis=places[0])
    if places == list(range(1, call.shape.rank + 1)):
        return Activation(function="softmax", axis=-1)
    return elementwise(call.shape)
