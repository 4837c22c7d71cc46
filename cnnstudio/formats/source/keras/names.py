"""The names of Keras: several packages and versions give the same things under other names."""

from __future__ import annotations

import re

LAYER, MODEL = "keras.Layer", "keras.Model"
_ROOTS = re.compile(
    r"^(?:tensorflow\.compat\.v[12]\.|tensorflow\.contrib\.)?(?:tensorflow\.python\.keras|tensorflow\.keras|tf_keras|keras_core|"
    r"keras\.src|keras\.api|keras\.engine|tensorflow\.compat\.v1\.keras)(?=\.|$)"
)
_SAME = {
    "keras.layers.Layer": LAYER,
    "keras.engine.topology.Layer": LAYER,
    "keras.layers.core.Layer": LAYER,
    "keras.engine.base_layer.Layer": LAYER,
    "keras.models.Model": MODEL,
    "keras.engine.training.Model": MODEL,
    "keras.engine.Model": MODEL,
    "keras.training.Model": MODEL,
    "keras.models.Sequential": "keras.Sequential",
    "keras.engine.sequential.Sequential": "keras.Sequential",
    "keras.engine.Input": "keras.Input",
    "keras.layers.Input": "keras.Input",
}


_ADDED = re.compile(r"^(keras_contrib|tensorflow_addons)\.layers\.(?:\w+\.)*(\w+)$")
"""Packages of more layers, most of which became Keras' own."""
_OTHERWISE = ("InstanceNormalization", "StochasticDepth", "WeightNormalization", "SubPixelUpscaling", "CRF")
_OLD = re.compile(
    r"^keras\.(?:layers\.(?:convolutional|core|pooling|normalization|recurrent|advanced_activations|merge|embeddings|noise|"
    r"wrappers|local)\.|utils\.(?:np_utils|vis_utils|generic_utils))"
)


def layer_of(name: str) -> str:
    """The class of a layer by its full name; "" for what is none."""
    start, _, bare = canonical(name).rpartition(".")
    return bare if start == "keras.layers" else ""


def is_old(name: str) -> bool:
    """True for a name that only Keras had before it became a part of TensorFlow, in 2.4."""
    return _OLD.match(name) is not None


def canonical(name: str) -> str:
    """`keras.layers.Conv2D` for `tensorflow.keras.layers.Conv2D` and `keras.layers.convolutional.Conv2D`."""
    name = _ROOTS.sub("keras", name)
    added = _ADDED.match(name)
    if added is not None:
        name = f"{added[1]}.{added[2]}" if added[2] in _OTHERWISE else f"keras.layers.{added[2]}"
    name = _SAME.get(name, name)
    if name.startswith("keras.layers.") and name.count(".") > 2:
        bare = name.rpartition(".")[2]
        # The submodules of old versions; a class begins with a capital letter, a merge with a small one.
        name = f"keras.layers.{bare}" if bare[:1].isupper() or ".merge." in name else name
    bare = name.rpartition(".")[2]
    if name.startswith("keras.") and bare in ("Input", "Model", "Sequential"):
        return f"keras.{bare}"
    return _SAME.get(name, name)
