"""Networks of torchvision and keras.applications by name, whole, as features, and with another head."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnnstudio.core.counting.analysis import analyze
from cnnstudio.formats.builtin import open_design
from cnnstudio.formats.fault import FileError
from cnnstudio.formats.source.keras.zoo import names
from tests.formats.source.sources import read

TORCHVISION: dict[str, str] = {
    **{f"resnet{depth}": f"resnet-{depth}" for depth in (18, 34, 50, 101, 152)},
    **{f"vgg{depth}": f"vgg-{depth}" for depth in (11, 13, 16, 19)},
    **{f"vgg{depth}_bn": f"vgg-{depth}-bn" for depth in (11, 13, 16, 19)},
    **{f"densenet{depth}": f"densenet-{depth}" for depth in (121, 169, 201)},
    "resnext50_32x4d": "resnext-50-32x4d",
    "wide_resnet50_2": "wide-resnet-50-2",
    "alexnet": "alexnet-torchvision",
    "squeezenet1_0": "squeezenet-1.0",
    "squeezenet1_1": "squeezenet-1.1",
    "mobilenet_v2": "mobilenet-v2",
    "mobilenet_v3_large": "mobilenet-v3-large",
    "mobilenet_v3_small": "mobilenet-v3-small",
    "mnasnet1_0": "mnasnet-1.0",
    "efficientnet_b0": "efficientnet-b0",
    "efficientnet_v2_s": "efficientnet-v2-s",
    "googlenet": "googlenet",
    "inception_v3": "inception-v3",
    "shufflenet_v2_x1_0": "shufflenet-v2-x1.0",
    "regnet_y_400mf": "regnet-y-400mf",
    "convnext_tiny": "convnext-tiny",
    "vit_b_16": "vit-b-16",
    "swin_t": "swin-t",
}
"""The function of torchvision.models, and the built-in design that equals it."""


@pytest.mark.parametrize("name", TORCHVISION)
def test_a_network_of_torchvision_is_the_built_in_design(name: str, tmp_path: Path) -> None:
    text = f"from torchvision import models\nmodel = models.{name}(weights='DEFAULT')\n"
    built_in = analyze(open_design(TORCHVISION[name]).design)
    before, shape = built_in.totals, built_in.rows[0].output_shape
    assert shape is not None
    analysis, network = read(text, tmp_path, input_size=tuple(shape.to_list()))
    after = analysis.totals
    assert (after.weights, after.biases, after.macs) == (before.weights, before.biases, before.macs)
    assert network.stated_parameters == before.weights + before.biases
    assert not network.notes


KERAS = {
    "VGG16": "vgg-16",
    "VGG19": "vgg-19",
    "ResNet50": "resnet-50-keras",
    "Xception": "xception",
    "MobileNet": "mobilenet-v1",
    "MobileNetV2": "mobilenet-v2",
    "DenseNet121": "densenet-121",
    "DenseNet169": "densenet-169",
    "DenseNet201": "densenet-201",
}


@pytest.mark.parametrize("name", KERAS)
def test_a_network_of_keras_is_the_built_in_design(name: str, tmp_path: Path) -> None:
    text = f"from keras.applications import {name}\nmodel = {name}()\n"
    before = analyze(open_design(KERAS[name]).design).totals
    after = read(text, tmp_path)[0].totals
    assert (after.weights, after.biases, after.macs) == (before.weights, before.biases, before.macs)


TOTALS = {
    "VGG16": 138_357_544,
    "VGG19": 143_667_240,
    "ResNet50": 25_636_712,
    "ResNet101": 44_707_176,
    "ResNet152": 60_419_944,
    "ResNet50V2": 25_613_800,
    "ResNet101V2": 44_675_560,
    "ResNet152V2": 60_380_648,
    "DenseNet121": 8_062_504,
    "DenseNet169": 14_307_880,
    "DenseNet201": 20_242_984,
    "Xception": 22_910_480,
    "InceptionV3": 23_851_784,
    "InceptionResNetV2": 55_873_736,
    "MobileNet": 4_253_864,
    "MobileNetV2": 3_538_984,
    "EfficientNetB0": 5_330_571,
    "EfficientNetB1": 7_856_239,
    "EfficientNetB2": 9_177_569,
    "EfficientNetB3": 12_320_535,
    "EfficientNetB4": 19_466_823,
    "EfficientNetB5": 30_562_527,
    "EfficientNetB6": 43_265_143,
    "EfficientNetB7": 66_658_687,
    "EfficientNetV2B0": 7_200_312,
    "EfficientNetV2B1": 8_212_124,
    "EfficientNetV2B2": 10_178_374,
    "EfficientNetV2B3": 14_467_622,
    "EfficientNetV2S": 21_612_360,
    "EfficientNetV2M": 54_431_388,
    "EfficientNetV2L": 119_027_848,
    "MobileNetV3Small": 2_554_968,
    "MobileNetV3Large": 5_507_432,
    "NASNetMobile": 5_326_716,
    "NASNetLarge": 88_949_818,
    "ConvNeXtTiny": 28_589_128,
    "ConvNeXtSmall": 50_223_688,
    "ConvNeXtBase": 88_591_464,
    "ConvNeXtLarge": 197_767_336,
    "ConvNeXtXLarge": 350_196_968,
}
"""The numbers that `count_params()` of Keras 3.15 gives."""


@pytest.mark.parametrize("name", names())
def test_a_network_of_keras_has_as_many_parameters_as_keras_says(name: str, tmp_path: Path) -> None:
    text = f"from tensorflow.keras.applications import {name}\nmodel = {name}()\n"
    totals = read(text, tmp_path)[0].totals
    assert totals.parameters == TOTALS[name]


def test_layers_of_a_network_of_keras_are_found_by_name_and_place(tmp_path: Path) -> None:
    text = """
        from tensorflow.keras import applications, layers, Model
        base = applications.InceptionV3(input_shape=(150, 150, 3), include_top=False, weights=None)
        for layer in base.layers[:249]:
            layer.trainable = False
        x = layers.Flatten()(base.get_layer("mixed7").output)
        model = Model(base.input, layers.Dense(1, activation="sigmoid")(layers.Dense(1024, activation="relu")(x)))
        """
    totals = read(text, tmp_path)[0].totals
    # As Keras 3.15 counts them.
    assert (totals.parameters, totals.trainable) == (47_512_481, 38_537_217)


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
    with pytest.raises(FileError, match="torchvision's maxvit_t, which no built-in design equals"):
        read("from torchvision import models\nmodel = models.maxvit_t()\n", tmp_path)
