"""Layers of Keras: arguments by name, as Keras' own files have them."""

from __future__ import annotations

import re
from typing import Any

from cnnstudio.dialects.keras import KERAS
from cnnstudio.formats.source.language.values import (
    Bound,
    Foreign,
    Function,
    Native,
    NotFollowed,
    Thing,
    Unknown,
    kind_of,
)
from cnnstudio.formats.source.torch.arrays import Array

_POSITIONAL = {
    "Resizing": "height width interpolation",
    "CenterCrop": "height width",
    "RandomCrop": "height width",
    "GaussianNoise": "stddev",
    "GaussianDropout": "rate",
    "Lambda": "function output_shape",
    "TimeDistributed": "layer",
    "Bidirectional": "layer merge_mode",
    "InputLayer": "shape",
    "Normalization": "axis",
    "LocallyConnected1D": "filters kernel_size strides",
    "LocallyConnected2D": "filters kernel_size strides",
    "EinsumDense": "equation output_shape",
    "Dot": "axes normalize",
    "Attention": "use_scale",
    "AdditiveAttention": "use_scale",
    "Merge": "layers mode concat_axis dot_axes",
    "InstanceNormalization": "axis epsilon center scale",
}
"""Arguments of classes that have no row of their own in the dialect's table."""
_OLD_KERNELS = {"Convolution1D": 2, "Convolution2D": 3, "Convolution3D": 4}
"""Keras 1 wrote the sides of a kernel as arguments of their own: so many positional arguments say that it did."""
OF_CALLS = {
    "get_output_shape_at": "output_shape",
    "get_input_shape_at": "input_shape",
    "get_output_at": "output",
    "get_input_at": "input",
}
"""Methods of layers and models that were called once, and the attributes that say the same."""
_SNAKES = ((re.compile(r"(.)([A-Z][a-z]+)"), r"\1_\2"), (re.compile(r"([a-z])([A-Z])"), r"\1_\2"))
_SHAPES = ("shape", "input_shape", "batch_shape", "batch_input_shape")
RECURRENT = (
    *("LSTM", "GRU", "SimpleRNN", "CuDNNLSTM", "CuDNNGRU", "Bidirectional"),
    *("ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"),
)
_INNER = ("layer", "forward_layer", "backward_layer", "cell")


def snake(title: str) -> str:
    """`max_pooling2d` for MaxPooling2D, as Keras names a layer."""
    for pattern, replacement in _SNAKES:
        title = pattern.sub(replacement, title)
    return title.lower()


class KerasLayer(Thing):
    """A layer. `name` is what the source calls it, "" if Keras would name it; `serial` tells it from all others."""

    def __init__(self, kind: str, config: dict[str, Any], host: Any) -> None:
        self.kind = kind
        self.title = kind
        self.config = config
        self.host = host
        self.serial = host.number()
        self.place = host.places[kind]
        host.places[kind] += 1
        name = config.get("name")
        self.name = name if isinstance(name, str) else ""
        self.line: int = host.core.line
        self.is_trained = config.get("trainable", True) is not False
        self.function: Any = None
        self.after: Any = None
        self.output: Any = None
        self.input: Any = None
        self.spoiled: tuple[int, str] | None = None

    @property
    def entry_name(self) -> str:
        """A name that no other layer has: it ends in the serial number, as two models may use one name."""
        return f"{self.name or snake(self.kind)}${self.serial}"

    @property
    def is_recurrent(self) -> bool:
        """True for a layer that goes through a sequence and keeps a state."""
        return self.kind in RECURRENT

    def automatic(self, first: int) -> str:
        """The name that Keras gives it, counting the layers of a class from 0, or from 1 as it once did."""
        place = self.place + first
        return f"{snake(self.kind)}_{place}" if place else snake(self.kind)

    def call(self, given: list[Any], named: dict[str, Any]) -> Any:
        """Applies it."""
        return self.host.apply(self, given, named)

    def attribute(self, name: str) -> Any:
        """Its configuration, and what it gave when it was called last."""
        if name in ("name", "_name"):
            return self.name or self.automatic(0)
        if name in ("output", "input"):
            found = self.output if name == "output" else self.input
            return Unknown(f"the {name} of a layer that was not called") if found is None else found
        if name == "trainable":
            return self.is_trained
        if name == "__isinstance__":
            return (f"keras.layers.{self.kind}", "keras.layers.Layer", "keras.Layer")
        if name == "__deepcopy__":
            return KerasLayer(self.kind, dict(self.config), self.host)
        if name in ("output_shape", "input_shape"):
            found = self.output if name.startswith("output") else self.input
            return found.attribute("shape") if isinstance(found, Thing) else Unknown(f"the {name} of a layer")
        if name in OF_CALLS:
            return Native(name, lambda _given, _named: self.attribute(OF_CALLS[name]))
        if name in self.config:
            return self.config[name]
        if name in ("weights", "trainable_weights", "kernel", "bias", "get_weights", "activity_regularizer"):
            return Unknown(f"the {name} of a layer")
        return Native(name, lambda _given, _named: None)

    def train(self, is_trained: bool) -> None:
        """Trains or freezes it, and what it is wrapped around."""
        self.is_trained = is_trained
        inner = self.config.get("layer")
        if isinstance(inner, (KerasLayer, Thing)):
            inner.set_attribute("trainable", is_trained)

    def set_attribute(self, name: str, value: Any) -> None:
        """Freezes or renames it; other attributes change no shape."""
        if name == "trainable":
            self.train(value is not False)
        elif name in ("name", "_name") and isinstance(value, str):
            self.name = value
        elif name == "activation":
            self.config = {**self.config, "activation": value}


def make(kind: str, given: list[Any], named: dict[str, Any], host: Any) -> KerasLayer:
    """A layer by its class. Raises NotFollowed for arguments that are not known."""
    names = _names(kind, len(given), named)
    if len(given) == _CONVOLUTIONS.get(kind) and all(type(item) is int for item in given):
        names = _sides(kind, given, names, host)
    if len(given) > len(names):
        raise NotFollowed(f"{kind} takes {len(names)} arguments in their order, and {len(given)} are given.")
    config = {**dict(zip(names, given, strict=False)), **named}
    if kind == "GRU":
        # Its default; a file, which states it, was written before there was the choice if it does not.
        config.setdefault("reset_after", True)
    made = KerasLayer(kind, {}, host)
    for key, value in list(config.items()):
        config[key] = _plain(made, kind, key, value)
    made.config = config
    made.name = config["name"] if isinstance(config.get("name"), str) else ""
    if config.get("trainable", True) is False:
        made.train(False)
    inner = config.get("layer")
    if kind == "TimeDistributed" and made.name and isinstance(inner, KerasLayer) and not (inner.name or inner.output):
        # What is in a design is the layer inside, and the name of the author's is that of the wrapper.
        inner.name = made.name
    return made


def _sides(kind: str, given: list[Any], names: list[str], host: Any) -> list[str]:
    """The names of `Conv2D(64, 3, 3)`: Keras took it for a kernel of 3 × 3 until it became a part of TensorFlow."""
    if host.is_old:
        return [
            "nb_filter",
            *(["nb_row", "nb_col"] if len(given) == 3 else ["kernel_dim1", "kernel_dim2", "kernel_dim3"]),
        ]
    if len(given) == 3:
        host.core.note(
            f"{kind} was taken to have a kernel of {given[1]} and a stride of {given[2]}, as Keras has it since 2.4; "
            f"before, it was a kernel of {given[1]} × {given[2]}."
        )
    return names


def _names(kind: str, count: int, named: dict[str, Any]) -> list[str]:
    if kind in _OLD_KERNELS and (count >= _OLD_KERNELS[kind] or "nb_row" in named):
        sides = {"Convolution1D": ["filter_length"], "Convolution2D": ["nb_row", "nb_col"]}
        return ["nb_filter", *sides.get(kind, ["kernel_dim1", "kernel_dim2", "kernel_dim3"])]
    if kind in _POSITIONAL:
        return _POSITIONAL[kind].split()
    if kind.startswith("Random"):
        return [f"argument{place}" for place in range(count)]
    spelling = KERAS.find(kind)
    if spelling is None or (spelling.name != kind and kind not in spelling.aliases):
        return [f"argument{place}" for place in range(count)] if not count else []
    return [item.name for item in spelling.arguments]


_IGNORED = ("seed", "dtype", "weights", "init", "mean", "variance")
_WEIGHTLESS = ("initializer", "regularizer", "constraint")
_WEIGHTLESS_NUMBERS = ("rate", "stddev", "dropout", "recurrent_dropout", "alpha", "epsilon", "momentum")
"""Numbers that change no size and no count."""
_CONVOLUTIONS = {"Conv2D": 3, "SeparableConv2D": 3, "Conv2DTranspose": 3, "Conv3D": 4}
"""Classes of which the first Keras took the sides of a kernel one by one, with so many positional arguments."""


def _plain(layer: KerasLayer, kind: str, key: str, value: Any) -> Any:
    """An argument as a file would have it: lists for tuples, functions by their names."""
    if key in _INNER or key in _SHAPES:
        return value
    if key in ("activation", "recurrent_activation", "inner_activation"):
        return _activation(layer, kind, key, value)
    if (
        key == "function"
        or key.endswith(_WEIGHTLESS)
        or key in ("seed", "dtype", "weights", "init", "mean", "variance")
    ):
        if key == "function":
            layer.function = value
        return None if key != "mean" and key != "variance" else _listed(value)
    if key == "name":
        return value if isinstance(value, str) else None
    if key in ("padding", "border_mode") and isinstance(value, str):
        return value.lower()
    lost = next((item for item in (value if isinstance(value, (list, tuple)) else [value]) if _is_lost(item)), None)
    if lost is not None and key in _WEIGHTLESS_NUMBERS:
        layer.host.core.note(f"{kind} takes {key}, which is not known and was taken to be usual: {lost.why}.")
        return None
    if lost is not None:
        raise NotFollowed(f"{kind} takes {key}, which is not known: {_asked(lost)}.")
    return _listed(value)


def _asked(lost: Unknown) -> str:
    """The reason, and how to state what is not known: by the expression that the layer takes, not by a part of it."""
    if not lost.name:
        return lost.why
    name = lost.name if lost.name.isidentifier() else f'"{lost.name}"'
    return f"{lost.why.partition('; give --set')[0]}; give --set {name}=..."


def _is_lost(value: Any) -> bool:
    return isinstance(value, Unknown)


def _listed(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_listed(item) for item in value]
    if isinstance(value, Array) and value.values is not None:
        return list(value.values) if value.shape else value.values[0]
    return value


def _activation(layer: KerasLayer, kind: str, key: str, value: Any) -> Any:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, Unknown):
        layer.host.core.note(f"{kind} takes {key}, which is not known and was taken to be none: {value.why}.")
        return None
    if isinstance(value, Foreign):
        return value.name.rpartition(".")[2]
    if isinstance(value, KerasLayer):
        return {"class_name": value.kind, "config": value.config}
    if isinstance(value, (Function, Native, Bound, Thing)) and key == "activation":
        # A function of the source: it is followed on what the layer gives.
        layer.after = value
        return "linear"
    raise NotFollowed(f"{kind} takes {key}={kind_of(value)}, which is not read.")
