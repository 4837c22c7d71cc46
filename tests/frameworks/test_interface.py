"""Models in memory, counted as their frameworks count them."""

from __future__ import annotations

from typing import Any

import pytest

import cnnstudio
from tests.exports.samples import analysis_of
from tests.frameworks.running import keras_model, text_of, torch_net


@pytest.mark.parametrize("stem", ["resnet-18", "squeezenet-1.1", "lenet-5-modern"])
def test_a_model_of_pytorch_is_counted_as_it_is(stem: str) -> None:
    analysis = analysis_of(stem)
    model: Any = torch_net(text_of(analysis, "pytorch"))
    model.train()
    shape = analysis.rows[0].output_shape
    assert shape is not None
    network = cnnstudio.from_torch(model, tuple(shape.to_list()))
    assert network.parameters == sum(parameter.numel() for parameter in model.parameters())
    assert network.macs == analysis.totals.macs
    assert model.training, "it is left as it was"


@pytest.mark.parametrize("stem", ["squeezenet-1.1", "lenet-5-modern"])
def test_a_model_of_keras_is_counted_as_it_is(stem: str) -> None:
    model = keras_model(text_of(analysis_of(stem), "keras"))
    assert cnnstudio.from_keras(model).parameters == model.count_params()


def test_what_cannot_be_followed_is_said() -> None:
    model: Any = torch_net(text_of(analysis_of("lenet-5-modern"), "pytorch"))
    with pytest.raises(ValueError, match=r"torch\.export cannot follow LeNet5Modern: .*channels"):
        cnnstudio.from_torch(model, (3, 32, 32))


VOLUMES = """cnnstudio: 1
name: scans
layers:
- {type: Input, name: scans, size: [3, 4, 5, 6], channels: 4}
- {type: BatchNorm, name: norm}
- {type: Activation, name: relu, function: relu}
- {type: Dense, name: each, units: 5, apply_to: channels}
- {type: LayerNorm, name: layer}
- {type: GroupNorm, name: group, groups: 5}
- {type: Add, name: sum, inputs: [group, each]}
- {type: Permute, name: turned, dims: [0, 2, 1, 3, 4]}
- {type: Slice, name: part, axis: 4, start: 1}
- {type: Reduce, name: mean, function: mean, axes: [1, 2, 3, 4]}
- {type: Dense, name: last, units: 3}
"""


def test_a_model_of_pytorch_on_four_axes_is_counted_as_it_is() -> None:
    analysis = analysis_of(VOLUMES)
    model: Any = torch_net(text_of(analysis, "pytorch"))
    network = cnnstudio.from_torch(model, (4, 3, 4, 5, 6))
    assert network.parameters == sum(parameter.numel() for parameter in model.parameters())
    # Nothing of it is a placeholder: not the axes that are moved, nor the mean over four of them.
    assert network.macs == analysis.totals.macs
