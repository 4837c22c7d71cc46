"""Every activation function in every layer that takes one, as each framework takes it."""

from __future__ import annotations

import typing
from collections.abc import Iterator

import pytest

from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.core.network.design import Design
from cnnstudio.core.network.layer import Activate, Layer
from cnnstudio.exports import TARGETS
from cnnstudio.exports.target import ExportError, ExportOptions
from cnnstudio.layers import LAYER_TYPES
from cnnstudio.layers.structure import Input
from tests.frameworks.frameworks import keras
from tests.frameworks.running import keras_model, torch_net

FUNCTIONS = typing.get_args(Activate)
TRIED = {"pytorch": torch_net, "keras": keras_model, "keras-json": keras.models.model_from_json}


def taking(function: str) -> Iterator[tuple[Input, Layer]]:
    """Each layer type that has a function, with an input that it takes."""
    fields = ("function", "gate_function", "activation")
    shapes = ((8, 8), (4, 8), (6,), (), (4, 8, 8))
    for name, kind in LAYER_TYPES.items():
        own = [field for field in fields if field in kind.__struct_fields__]
        if not own or name in ("Function", "Reduce"):
            continue
        values = {**kind.starts_with, **dict.fromkeys(own, function), "name": "tested"}
        for size in shapes:
            image = Input(name="image", size=size, channels=4)
            yield image, kind(**values)


def cases(function: str) -> Iterator[Analysis]:
    """Those that can be counted."""
    for image, layer in taking(function):
        analysis = analyze(Design(name="case", layers=(image, layer)))
        if not analysis.errors:
            yield analysis


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("target", TRIED)
def test_a_layer_with_a_function_is_made_or_refused(target: str, function: str) -> None:
    made = 0
    for analysis in cases(function):
        try:
            text = TARGETS[target].write(analysis, ExportOptions()).text
        except ExportError:
            continue
        TRIED[target](text)
        made += 1
    # JSON holds functions by their names, and Keras has operations that have none.
    assert made or target == "keras-json"
