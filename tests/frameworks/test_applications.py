"""The studio's networks of keras.applications against Keras' own: each layer by its class, name, place and output."""

from __future__ import annotations

import ast
import re
from typing import Any

import pytest

from cnnstudio.formats.format import ReadOptions
from cnnstudio.formats.source.keras.layers import KerasLayer, snake
from cnnstudio.formats.source.keras.tensors import KerasTensor
from cnnstudio.formats.source.language.values import Instance, Thing
from cnnstudio.formats.source.places import Places
from cnnstudio.formats.source.reading import followed
from tests.frameworks.frameworks import keras

FAMILIES = (
    *("VGG16", "ResNet50", "ResNet50V2", "DenseNet121", "Xception", "InceptionV3", "InceptionResNetV2", "MobileNet"),
    *("MobileNetV2", "MobileNetV3Small", "MobileNetV3Large", "EfficientNetB3", "EfficientNetV2B1", "EfficientNetV2S"),
)
"""One of each family: the others of it differ in numbers of blocks, which the quick tests know by their totals."""
AUTOMATIC = re.compile(r"_\d+$")


@pytest.mark.parametrize("name", FAMILIES)
def test_every_layer_is_that_of_keras(name: str) -> None:
    size = (None, None, 3) if "Inception" in name else (160, 160, 3)
    stated = "" if None in size else f"input_shape={size}, "
    text = f"from keras.applications import {name}\nmodel = {name}(include_top=False, {stated}weights=None)\n"
    script = followed(text, ast.parse(text), Places(), lambda *_: None, ReadOptions())
    made = script.program.scope.names["model"].attribute("layers")
    net = getattr(keras.applications, name)(include_top=False, weights=None, input_shape=size)
    assert [_told(layer) for layer in made] == [_said(layer) for layer in net.layers]
    if None not in size:
        assert [_shape(layer) for layer in made] == [tuple(layer.output.shape[1:]) for layer in net.layers]


def _told(layer: Any) -> tuple[str, str]:
    """The class and the name of a layer as they were read, a number that Keras would give left out."""
    if isinstance(layer, Instance):
        return layer.kind.name, "custom_scale_layer"
    assert isinstance(layer, KerasLayer)
    return layer.kind, layer.name or AUTOMATIC.sub("", layer.attribute("name"))


def _said(layer: Any) -> tuple[str, str]:
    """The same of a layer of Keras."""
    kind = type(layer).__name__
    bare = AUTOMATIC.sub("", layer.name)
    return kind, bare if bare in (snake(kind), "input_layer") else layer.name


def _shape(layer: Any) -> tuple[int, ...]:
    """The output of a layer, channels last."""
    output = layer.attribute("output") if isinstance(layer, Thing) else None
    return tuple(output.sizes) if isinstance(output, KerasTensor) else ()
