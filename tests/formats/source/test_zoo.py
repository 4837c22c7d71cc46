"""Networks of torchvision and keras.applications by name, whole, as features, and with another head."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnnstudio.core.counting.analysis import analyze
from cnnstudio.formats.builtin import open_design
from cnnstudio.formats.fault import FileError
from cnnstudio.formats.source.zoo import KERAS, TORCHVISION, input_of
from tests.formats.source.sources import read


@pytest.mark.parametrize("name", TORCHVISION)
def test_a_network_of_torchvision_is_the_built_in_design(name: str, tmp_path: Path) -> None:
    text = f"from torchvision import models\nmodel = models.{name}(weights='DEFAULT')\n"
    before = analyze(open_design(TORCHVISION[name]).design).totals
    analysis, network = read(text, tmp_path, input_size=input_of(TORCHVISION[name]))
    after = analysis.totals
    assert (after.weights, after.biases, after.macs) == (before.weights, before.biases, before.macs)
    assert network.stated_parameters == before.weights + before.biases
    assert not network.notes


@pytest.mark.parametrize("name", KERAS)
def test_a_network_of_keras_is_the_built_in_design(name: str, tmp_path: Path) -> None:
    text = f"from keras.applications import {name}\nmodel = {name}()\n"
    before = analyze(open_design(KERAS[name]).design).totals
    after = read(text, tmp_path)[0].totals
    assert (after.weights, after.biases, after.macs) == (before.weights, before.biases, before.macs)


def test_a_new_head_on_frozen_features(tmp_path: Path) -> None:
    text = """
        import torch.nn as nn
        import torchvision.models as models
        model = models.resnet18(pretrained=True)
        for parameter in model.parameters():
            parameter.requires_grad = False
        model.fc = nn.Linear(model.fc.in_features, 2)
        """
    totals = read(text, tmp_path)[0].totals
    assert (totals.parameters, totals.trainable) == (11_176_512 + 1_026, 1_026)


def test_features_and_classifier_are_taken_apart(tmp_path: Path) -> None:
    text = """
        import torch
        import torch.nn as nn
        from torchvision import models

        class Net(nn.Module):
            def __init__(self, classes=10):
                super().__init__()
                vgg = models.vgg16()
                self.features, self.classifier = vgg.features, vgg.classifier
                self.classifier[6] = nn.Linear(4096, classes)
                self.body = nn.Sequential(*list(models.resnet50().children())[:-1])

            def forward(self, x):
                x = self.body(x), self.classifier(torch.flatten(self.features(x), 1))
                return x[0].flatten(1), x[1]
        """
    assert read(text, tmp_path)[0].totals.parameters == 134_301_514 + 23_508_032


def test_a_network_of_keras_without_its_head(tmp_path: Path) -> None:
    text = """
        import tensorflow as tf
        base = tf.keras.applications.MobileNetV2(input_shape=(160, 160, 3), include_top=False, weights='imagenet')
        base.trainable = False
        inputs = tf.keras.Input((160, 160, 3))
        x = base(tf.keras.applications.mobilenet_v2.preprocess_input(inputs), training=False)
        x = tf.keras.layers.GlobalAveragePooling2D()(x)
        model = tf.keras.Model(inputs, tf.keras.layers.Dense(1)(x))
        """
    totals = read(text, tmp_path)[0].totals
    # The numbers that TensorFlow's tutorial on transfer learning prints.
    assert (totals.parameters, totals.trainable) == (2_259_265, 1_281)


def test_a_network_that_no_design_equals_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="torchvision's resnext101_32x8d, which no built-in design equals"):
        read("from torchvision import models\nmodel = models.resnext101_32x8d()\n", tmp_path)
