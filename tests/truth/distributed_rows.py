"""Makes `distributed_layers.jsonl` by running Keras: layers inside a TimeDistributed.

    KERAS_BACKEND=torch python tests/truth/distributed_rows.py

in an environment that has it (see `packaging/frameworks.py`). Each row is one layer, really run on one example of a few
steps, or the error with which Keras refused.
"""

from __future__ import annotations

import importlib
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

Fields = dict[str, Any]
SEED = 20261129
ROWS = 12
"""Rows of each class."""
FILE = Path(__file__).parent / "distributed_layers.jsonl"
keras = importlib.import_module("keras")


def window(source: random.Random, rank: int) -> Fields:
    """The sizes of a kernel along each axis; Keras has no stride beside a dilation."""
    given: Fields = {"kernel_size": [source.randint(1, 4) for _ in range(rank)]}
    if source.random() < 0.3:
        given["dilation_rate"] = [source.randint(1, 2) for _ in range(rank)]
    else:
        given["strides"] = [source.randint(1, 3)] * rank
    return given | {"padding": source.choice(["valid", "same"]), "use_bias": source.random() < 0.7}


def convolution(source: random.Random, rank: int) -> Fields:
    """Conv1D and Conv2D."""
    return {"filters": source.randint(1, 6), **window(source, rank), "activation": source.choice(["linear", "relu"])}


def depthwise(source: random.Random, rank: int) -> Fields:
    """DepthwiseConv1D and DepthwiseConv2D."""
    return {"depth_multiplier": source.randint(1, 3), **window(source, rank)}


def separable(source: random.Random, rank: int) -> Fields:
    """SeparableConv1D and SeparableConv2D."""
    return {"filters": source.randint(1, 6), **depthwise(source, rank)}


def pool(source: random.Random, rank: int) -> Fields:
    """Pools over windows."""
    strides = source.choice([None, [source.randint(1, 3) for _ in range(rank)]])
    return {
        "pool_size": [source.randint(1, 4) for _ in range(rank)],
        "strides": strides,
        "padding": source.choice(["valid", "same"]),
    }


def nothing(_source: random.Random, _rank: int) -> Fields:
    """Classes without arguments."""
    return {}


def ends(name: str) -> Callable[[random.Random, int], Fields]:
    """Elements at both ends of each axis."""
    return lambda source, rank: {name: [[source.randint(0, 2) for _ in range(2)] for _ in range(rank)]}


KINDS: dict[str, tuple[Callable[[random.Random, int], Fields], int]] = {
    **{f"Conv{rank}D": (convolution, rank) for rank in (1, 2)},
    **{f"Conv{rank}DTranspose": (convolution, rank) for rank in (1, 2)},
    **{f"DepthwiseConv{rank}D": (depthwise, rank) for rank in (1, 2)},
    **{f"SeparableConv{rank}D": (separable, rank) for rank in (1, 2)},
    **{f"{kind}Pooling{rank}D": (pool, rank) for kind in ("Max", "Average") for rank in (1, 2)},
    **{f"Global{kind}Pooling{rank}D": (nothing, rank) for kind in ("Max", "Average") for rank in (1, 2)},
    "ZeroPadding2D": (ends("padding"), 2),
    "Cropping2D": (ends("cropping"), 2),
    "UpSampling2D": (lambda source, _: {"size": [source.randint(1, 3) for _ in range(2)]}, 2),
    "BatchNormalization": (lambda source, _: {"center": source.random() < 0.7}, 2),
    "LayerNormalization": (lambda source, _: {"scale": source.random() < 0.7}, 2),
    "Dense": (lambda source, _: {"units": source.randint(1, 9), "use_bias": source.random() < 0.7}, 2),
    "Flatten": (nothing, 2),
    "Permute": (lambda source, _: {"dims": source.sample([1, 2, 3], 3)}, 2),
    "Dropout": (lambda source, _: {"rate": source.choice([0.2, 0.5])}, 2),
    "LSTM": (lambda source, _: {"units": source.randint(1, 9)}, 1),
    # Of volumes.
    "Conv3D": (convolution, 3),
    "MaxPooling3D": (pool, 3),
    "GlobalAveragePooling3D": (nothing, 3),
    "ZeroPadding3D": (ends("padding"), 3),
    "Cropping3D": (ends("cropping"), 3),
    "UpSampling3D": (lambda source, rank: {"size": [source.randint(1, 3) for _ in range(rank)]}, 3),
    "BatchNormalization 3": (lambda source, _: {"center": source.random() < 0.7}, 3),
    "Dense 3": (lambda source, _: {"units": source.randint(1, 9), "use_bias": source.random() < 0.7}, 3),
    "Flatten 3": (nothing, 3),
    "Permute 3": (lambda source, _: {"dims": source.sample([1, 2, 3, 4], 4)}, 3),
}
"""Arguments and axes of each class."""


def row(kind: str, source: random.Random) -> Fields:
    """One layer, run."""
    make, rank = KINDS[kind]
    given = make(source, rank)
    shape = [source.randint(1, 4), *[source.randint(1, 9) for _ in range(rank)], source.randint(1, 6)]
    name = kind.partition(" ")[0]
    found: Fields = {"layer": name, "kw": given, "in": shape}
    try:
        layer = keras.layers.TimeDistributed(getattr(keras.layers, name)(**given))
        output = layer(keras.random.uniform((1, *shape)))
    except (RuntimeError, ValueError, ZeroDivisionError) as error:
        return {**found, "error": f"{type(error).__name__}: {error}"[:160]}
    trainable = sum(weight.numpy().size for weight in layer.trainable_weights)
    return {**found, "out": list(output.shape)[1:], "params": layer.count_params(), "trainable": trainable}


def main() -> None:
    """Writes the file."""
    head = {
        "framework": f"keras {keras.__version__}",
        "seed": SEED,
        "fields": "layer inside, kw, in (steps first, no batch), out, params, trainable; error if refused",
    }
    lines = [json.dumps(head)]
    for kind in KINDS:
        source = random.Random(f"{SEED} {kind}")
        lines += [json.dumps(row(kind, source), separators=(",", ":")) for _ in range(ROWS)]
    FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
