"""The spellings of Keras 1, as Keras 3 takes them: what an old script means, built by a Keras that can be had."""

from __future__ import annotations

import sys
import types
from typing import Any

import pytest

from tests.frameworks.frameworks import keras

NAMES = {
    "border_mode": "padding",
    "subsample": "strides",
    "bias": "use_bias",
    "init": "kernel_initializer",
    "output_dim": "units",
    "nb_filter": "filters",
    "filter_length": "kernel_size",
    "subsample_length": "strides",
    "pool_length": "pool_size",
    "dim_ordering": "data_format",
    "W_regularizer": "kernel_regularizer",
    "p": "rate",
    "input": "inputs",
    "output": "outputs",
}
FORMATS = {"th": "channels_first", "tf": "channels_last"}
INITIALIZERS = {"uniform": "random_uniform", "normal": "random_normal"}


def _named(arguments: dict[str, Any]) -> dict[str, Any]:
    found = {NAMES.get(name, name): value for name, value in arguments.items()}
    for name, values in (("data_format", FORMATS), ("kernel_initializer", INITIALIZERS)):
        if found.get(name) in values:
            found[name] = values[found[name]]
    found.pop("input_length", None)
    return found


def _made(kind: str, sides: int = 0) -> Any:
    def make(*given: Any, **named: Any) -> Any:
        more = _named(named)
        if sides and len(given) > sides:
            given = (given[0], given[1 : 1 + sides], *given[1 + sides :])
        if "nb_row" in more:
            more["kernel_size"] = (more.pop("nb_row"), more.pop("nb_col"))
        return getattr(keras.layers, kind)(*given, **more)

    return make


def _merge(tensors: list[Any], mode: str = "sum", concat_axis: int = -1) -> Any:
    if mode == "concat":
        return keras.layers.concatenate(tensors, axis=concat_axis)
    return {"sum": keras.layers.add, "mul": keras.layers.multiply, "ave": keras.layers.average}[mode](tensors)


def _model(*given: Any, **named: Any) -> Any:
    return keras.Model(*given, **_named(named))


def install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Puts the modules and names of Keras 1 where a script looks for them, for one test."""
    names = {
        **{f"Convolution{rank}D": _made(f"Conv{rank}D", rank if rank > 1 else 0) for rank in (1, 2, 3)},
        "Deconvolution2D": _made("Conv2DTranspose", 2),
        **{name: _made(name) for name in ("Dense", "Dropout", "MaxPooling1D", "MaxPooling2D", "AveragePooling2D")},
        **{name: _made(name) for name in ("BatchNormalization", "ZeroPadding2D", "Flatten", "Activation", "Reshape")},
        **{name: _made(name) for name in ("LSTM", "UpSampling2D", "Input", "LeakyReLU")},
        "Embedding": lambda *given, **named: keras.layers.Embedding(*given, input_length=None, **_plain(named)),
        "merge": _merge,
    }
    for part in (
        "core",
        "convolutional",
        "pooling",
        "normalization",
        "recurrent",
        "embeddings",
        "advanced_activations",
    ):
        module = types.ModuleType(f"keras.layers.{part}")
        module.__dict__.update(names)
        monkeypatch.setitem(sys.modules, module.__name__, module)
    module = types.ModuleType("keras.layers")
    module.__dict__.update({**keras.layers.__dict__, **names})
    monkeypatch.setitem(sys.modules, "keras.layers", module)
    models = types.ModuleType("keras.models")
    models.__dict__.update({**keras.models.__dict__, "Model": _model})
    monkeypatch.setitem(sys.modules, "keras.models", models)
    backend = keras.backend
    monkeypatch.setattr(backend, "set_image_dim_ordering", _order, raising=False)


def _plain(named: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in named.items() if name not in ("input_length", "dropout")}


def _order(name: str) -> None:
    keras.config.set_image_data_format(FORMATS[name])
