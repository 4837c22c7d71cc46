"""Makes `keras_volumes.jsonl` by running Keras: layers on tensors with four spatial axes, as volumes at steps of time.

    KERAS_BACKEND=torch python tests/truth/volume_rows.py

in an environment that has it (see `packaging/frameworks.py`). Each row is one layer, really run on two examples, or the
error with which Keras refused: its windows, and the pools over all positions, end with three axes.
"""

from __future__ import annotations

import importlib
import json
import random
import re
from collections.abc import Callable
from functools import partial
from math import prod
from pathlib import Path
from typing import Any

Fields = dict[str, Any]
Case = Callable[[random.Random, list[int]], Fields]
SEED = 20261130
ROWS = 12
"""Rows of each class."""
FILE = Path(__file__).parent / "keras_volumes.jsonl"
torch, keras, flop_counter = [importlib.import_module(name) for name in ("torch", "keras", "torch.utils.flop_counter")]


def some(source: random.Random, **fields: Any) -> Fields:
    """Some of these arguments."""
    return {name: value for name, value in fields.items() if source.random() < 0.4}


def axis_of(source: random.Random, shape: list[int]) -> int:
    """An axis, counted from the batch or from the end; seldom one that is not there."""
    return source.choice([-1, -1, source.randint(-len(shape), -1), source.randint(1, len(shape)), len(shape) + 1])


def batch_norm(source: random.Random, shape: list[int]) -> Fields:
    """Over one axis."""
    return {"axis": axis_of(source, shape), **some(source, scale=False, center=False)}


def layer_norm(source: random.Random, shape: list[int]) -> Fields:
    """Over the last axis, or over several that end with it: over others Keras promises an output and fails to run."""
    several = list(range(source.randint(1, len(shape) - 1), len(shape) + 1))
    axis = source.choice([-1, len(shape), several, several, len(shape) + 1])
    return {"axis": axis, **some(source, scale=False, center=False)}


def rms_norm(source: random.Random, shape: list[int]) -> Fields:
    """Over the same axes."""
    return {"axis": layer_norm(source, shape)["axis"]}


def group_norm(source: random.Random, shape: list[int]) -> Fields:
    """Of groups that divide the channels, or not."""
    return {"groups": source.choice([1, 2, 3, shape[-1], -1]), **some(source, scale=False, center=False)}


def prelu(source: random.Random, shape: list[int]) -> Fields:
    """Slopes that are shared along some axes."""
    return {"shared_axes": sorted(source.sample(range(1, len(shape) + 1), source.randint(0, len(shape))))}


def reshape(source: random.Random, shape: list[int]) -> Fields:
    """The same sizes in another order, two of them as one, or other sizes."""
    sizes = source.sample(shape, len(shape))
    joined = [sizes[0] * sizes[1], *sizes[2:]]
    return {"target_shape": source.choice([sizes, sizes, joined, [-1, *sizes[2:]], [sizes[0] + 1, *sizes[1:]]])}


def window(source: random.Random, name: str, **own: Any) -> Fields:
    """A window along three axes."""
    return {name: [source.randint(1, 3) for _ in range(3)], **own}


KINDS: dict[str, Case] = {
    "BatchNormalization": batch_norm,
    "LayerNormalization": layer_norm,
    "RMSNormalization": rms_norm,
    "GroupNormalization": group_norm,
    "UnitNormalization": lambda source, shape: {"axis": axis_of(source, shape)},
    "PReLU": prelu,
    "Dense": lambda source, _shape: {"units": source.randint(1, 9), **some(source, use_bias=False)},
    "Activation": lambda source, _shape: {"activation": source.choice(["relu", "gelu", "sigmoid"])},
    "Softmax": lambda source, shape: {"axis": axis_of(source, shape)},
    "Dropout": lambda source, _shape: {"rate": source.choice([0.1, 0.5])},
    "Rescaling": lambda _source, _shape: {"scale": 0.5},
    "Flatten": lambda _source, _shape: {},
    "Reshape": reshape,
    "Permute": lambda source, shape: {"dims": source.sample(range(1, len(shape) + 1), len(shape))},
    "Conv3D": lambda source, _shape: window(source, "kernel_size", filters=2),
    "Conv3DTranspose": lambda source, _shape: window(source, "kernel_size", filters=2),
    "MaxPooling3D": lambda source, _shape: window(source, "pool_size"),
    "AveragePooling3D": lambda source, _shape: window(source, "pool_size"),
    "ConvLSTM2D": lambda _source, _shape: {"filters": 2, "kernel_size": [2, 2]},
    "GlobalAveragePooling3D": lambda source, _shape: some(source, keepdims=True),
    "GlobalMaxPooling3D": lambda source, _shape: some(source, keepdims=True),
    "AdaptiveAveragePooling3D": lambda source, _shape: {"output_size": source.randint(1, 2)},
    "ZeroPadding3D": lambda source, _shape: {"padding": source.randint(1, 2)},
    "UpSampling3D": lambda source, _shape: {"size": source.randint(1, 2)},
    "LSTM": lambda source, _shape: {"units": source.randint(1, 4)},
}


def macs(layer: Any, shape: list[int]) -> int:
    """The multiply-accumulates for one example that PyTorch's counter sees."""
    counter = flop_counter.FlopCounterMode(display=False)
    with torch.no_grad(), counter:
        layer(torch.zeros(1, *shape))
    return int(counter.get_total_flops()) // 2


def made(kind: str, given: Fields, shape: list[int]) -> tuple[Any, list[Any], list[Any]]:
    """The layer, and its output as promised and as run."""
    layer = getattr(keras.layers, kind)(**given)
    return layer, list(layer(keras.Input(shape)).shape), list(layer(torch.rand(2, *shape)).shape)


def row(kind: str, source: random.Random) -> Fields:
    """One layer, run."""
    shape = [source.randint(1, 4), *[source.randint(1, 5) for _ in range(3)], source.choice([1, 2, 3, 4, 6])]
    given = KINDS[kind](source, shape)
    found: Fields = {"layer": kind, "kw": given, "in": shape}
    try:
        layer, promised, real = made(kind, given, shape)
    except (ValueError, RuntimeError, TypeError, IndexError, AttributeError) as error:
        # Keras sets its own words in bold, on a line of their own.
        words = " ".join(re.sub("\x1b\\[[0-9]*m", "", str(error)).split())
        sentence = f"{type(error).__name__}: {words}"[:160]
        return {**found, "sym_error": sentence, "run_error": sentence}
    weights = {weight.path.rpartition("/")[2]: list(weight.shape) for weight in layer.weights}
    learned = sum(prod(weight.shape) for weight in layer.trainable_weights)
    more = {"sym": promised, "run": real, "w": weights, "params": layer.count_params(), "trainable": learned}
    return {**found, **more, "macs": macs(layer, shape)}


def main() -> None:
    """Writes the file."""
    head = {
        "framework": f"keras {keras.__version__} (backend torch)",
        "seed": SEED,
        "fields": "layer, kw, in (no batch), sym and run: promised and real output, w: weights, params, macs, errors",
    }
    lines = [json.dumps(head)]
    for kind in KINDS:
        make = partial(row, kind, random.Random(f"{SEED} {kind}"))
        lines += [json.dumps(make(), separators=(",", ":")) for _ in range(ROWS)]
    FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
