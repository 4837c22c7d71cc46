"""The studio's networks of keras.applications against Keras' own: each layer by its class, name, place and output."""

from __future__ import annotations

import ast
import re
from typing import Any

import pytest

from cnnstudio.formats.format import ReadOptions
from cnnstudio.formats.source.keras.layers import KerasLayer, snake
from cnnstudio.formats.source.keras.models import Sequential
from cnnstudio.formats.source.keras.tensors import KerasTensor
from cnnstudio.formats.source.language.values import Instance, Thing
from cnnstudio.formats.source.places import Places
from cnnstudio.formats.source.reading import followed
from tests.frameworks.frameworks import keras

FAMILIES = (
    *("VGG16", "ResNet50", "ResNet50V2", "DenseNet121", "Xception", "InceptionV3", "InceptionResNetV2", "MobileNet"),
    *("MobileNetV2", "MobileNetV3Small", "MobileNetV3Large", "EfficientNetB3", "EfficientNetV2B1", "EfficientNetV2S"),
    *("NASNetMobile", "ConvNeXtTiny"),
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
    net = _built(name, size)
    assert [_told(layer) for layer in made] == [_said(layer) for layer in net.layers]
    if None not in size:
        assert [_shape(layer) for layer in made] == [tuple(layer.output.shape[1:]) for layer in net.layers]


def _built(name: str, size: tuple[int | None, ...]) -> Any:
    """The network of Keras; of NASNet by what it is made with, as its function is refused with PyTorch."""
    if name != "NASNetMobile":
        return getattr(keras.applications, name)(include_top=False, weights=None, input_shape=size)
    given = {"penultimate_filters": 1056, "num_blocks": 4, "stem_block_filters": 32, "skip_reduction": False}
    return keras.src.applications.nasnet.NASNet(size, include_top=False, weights=None, default_size=224, **given)


def _told(layer: Any) -> tuple[str, str]:
    """The class and the name of a layer as they were read, a number that Keras would give left out."""
    if isinstance(layer, Instance):
        return layer.kind.name, "custom_scale_layer"
    if isinstance(layer, Sequential):
        return "Sequential", layer.name
    assert isinstance(layer, KerasLayer)
    return layer.kind, layer.name or AUTOMATIC.sub("", layer.attribute("name"))


def _said(layer: Any) -> tuple[str, str]:
    """The same of a layer of Keras."""
    kind = type(layer).__name__
    bare = AUTOMATIC.sub("", layer.name)
    return kind, bare if bare in (snake(kind), "input_layer") else layer.name


def _shape(layer: Any) -> tuple[int, ...]:
    """The output of a layer, channels last; of a Sequential that of its last."""
    layer = layer.layers[-1] if isinstance(layer, Sequential) else layer
    output = layer.attribute("output") if isinstance(layer, Thing) else None
    return tuple(output.sizes) if isinstance(output, KerasTensor) else ()
