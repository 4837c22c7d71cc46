"""Layers that ONNX has not: PyTorch source and Keras source give the same numbers from the same weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.network.design import Design
from cnnstudio.formats import read_file
from cnnstudio.layers.sequences.convolutional import ConvLSTM, ConvLSTM1D, ConvLSTM2D, ConvLSTM3D
from cnnstudio.layers.structure import Input
from tests.frameworks.frameworks import keras, torch
from tests.frameworks.frameworks import numpy as np
from tests.frameworks.running import images_of, keras_model, run_keras, run_torch, text_of, torch_net

CASES = (
    (ConvLSTM2D(name="r", filters=3, kernel_size=(3, 2), padding="same", return_sequences=True), Shape(2, (4, 6, 5))),
    (ConvLSTM2D(name="r", filters=2, kernel_size=3, stride=2, bias=False, function="relu"), Shape(3, (3, 7, 8))),
    (ConvLSTM2D(name="r", filters=2, kernel_size=2, dilation=2), Shape(1, (2, 6, 6))),
    (ConvLSTM1D(name="r", filters=4, kernel_size=4, stride=3, padding="same"), Shape(2, (5, 8))),
    (ConvLSTM3D(name="r", filters=3, kernel_size=(3, 2, 4), padding="same"), Shape(2, (3, 4, 6, 5))),
    (ConvLSTM3D(name="r", filters=2, kernel_size=2, stride=2, return_sequences=True), Shape(1, (2, 5, 4, 6))),
)


@pytest.mark.parametrize(("layer", "shape"), CASES)
def test_convolutional_lstms_give_equal_numbers(layer: ConvLSTM, shape: Shape) -> None:
    image = Input(name="image", size=shape.spatial, channels=shape.channels)
    analysis = analyze(Design(name="case", layers=(image, layer)))
    images = images_of(analysis)
    net, model = torch_net(text_of(analysis, "pytorch")), keras_model(text_of(analysis, "keras"))
    source = np.random.default_rng(1)
    for weight in model.get_layer("r").weights:
        weight.assign(source.standard_normal(weight.shape, dtype=np.float32) / 4)
    net.load_state_dict({f"r.{name}": tensor for name, tensor in _of_torch(model.get_layer("r")).items()})
    assert sum(tensor.numel() for tensor in net.parameters()) == analysis.totals.parameters
    (ours,), (theirs,) = run_torch(net, images), run_keras(model, images)
    output = analysis.rows[-1].output_shape
    assert output is not None
    assert list(ours.shape)[1:] == output.to_list()
    assert np.allclose(ours, theirs, atol=1e-5)


@pytest.mark.parametrize("ending", ["keras", "h5", "json"])
def test_volumes_in_time_are_read_from_the_files_of_keras(ending: str, tmp_path: Path) -> None:
    layers = keras.layers
    scans = x = keras.Input((4, 6, 8, 8, 1))
    x = layers.TimeDistributed(layers.Conv3D(3, 3, padding="same"))(x)
    x = layers.BatchNormalization()(layers.Dropout(0.5)(x))
    x = layers.ConvLSTM3D(4, (3, 2, 3), padding="same", return_sequences=True, activation="relu")(x)
    x = layers.Add()([x, layers.TimeDistributed(layers.Dense(4))(x)])
    x = layers.Flatten()(layers.ConvLSTM3D(2, 3, strides=2, use_bias=False)(x))
    model = keras.Model(scans, x)
    path = tmp_path / f"net.{ending}"
    if ending == "json":
        path.write_text(model.to_json(), encoding="utf-8")
    else:
        model.save(path)
    analysis = analyze(read_file(path).design)
    assert analysis.totals.parameters == model.count_params()
    shapes = [list(layer.output.shape)[1:] for layer in model.layers]
    assert [[*row.output_shape.spatial, row.output_shape.channels] for row in analysis.rows if row.output_shape] == [
        shape for shape in shapes if shape
    ]
    assert not [row for row in analysis.rows if row.layer.type_name == "Opaque"]


def _of_torch(layer: Any) -> dict[str, Any]:
    """Keras' kernels, outputs last, as those of the two convolutions."""
    names = {"recurrent_kernel": "state.weight", "kernel": "input.weight", "bias": "input.bias"}
    tensors = {}
    for weight in layer.weights:
        array = weight.numpy()
        ordered = np.moveaxis(array, (-1, -2), (0, 1)) if array.ndim > 1 else array
        tensors[names[weight.path.rpartition("/")[2]]] = torch.from_numpy(np.array(ordered))
    return tensors
