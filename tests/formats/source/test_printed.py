"""Printed networks, read back: trees of PyTorch, tables of Keras, torchinfo and torchsummary."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnnstudio.formats.fault import FileError
from tests.formats.source.sources import LENET_PARAMETERS, read

TREE = """
Net(
  (conv1): Conv2d(3, 6, kernel_size=(5, 5), stride=(1, 1), padding_mode=reflect)
  (pool): MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)
  (conv2): Conv2d(6, 16, kernel_size=(5, 5), stride=(1, 1))
  (pool2): MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)
  (fc): Sequential(
    (0): Linear(in_features=400, out_features=120, bias=True)
    (1): ReLU(inplace=True)
    (2): Linear(in_features=120, out_features=10, bias=True)
  )
)
"""
REPEATED = """
Sequential(
  (0): Conv2d(1, 4, kernel_size=(3, 3), stride=(1, 1))
  (1-3): 3 x Sequential(
    (0): Conv2d(4, 4, kernel_size=(3, 3), stride=(1, 1))
    (1-2): 2 x ReLU()
  )
)
"""
KERAS = """
Model: "sequential"
_________________________________________________________________
Layer (type)                 Output Shape              Param #
=================================================================
conv2d (Conv2D)              (None, 94, 94, 60)        3000
_________________________________________________________________
conv2d_1 (Conv2D)            (None, 90, 90, 100)       150100
_________________________________________________________________
max_pooling2d (MaxPooling2D) (None, 45, 45, 100)       0
_________________________________________________________________
flatten (Flatten)            (None, 202500)            0
_________________________________________________________________
dense (Dense)                (None, 250)               50625250
_________________________________________________________________
dense_1 (Dense)              (None, 200)               50200
_________________________________________________________________
dense_2 (Dense)              (None, 1)                 201
=================================================================
Total params: 50,828,751
"""
KERAS_3 = """
┏━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━┓
┃ Layer (type)              ┃ Output Shape           ┃       Param # ┃
┡━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━┩
│ conv2d (Conv2D)           │ (None, 14, 14, 8)      │            80 │
├───────────────────────────┼────────────────────────┼───────────────┤
│ batch (BatchNormalization)│ (None, 14, 14, 8)      │            32 │
│ conv2d_1 (Conv2D)         │ (None, 14, 14, 4)      │           288 │
│ gap (GlobalAveragePooling2D) │ (None, 4)           │             0 │
│ dropout (Dropout)         │ (None, 4)              │             0 │
│ dense (Dense)             │ (None, 3)              │            15 │
└───────────────────────────┴────────────────────────┴───────────────┘
"""
STEPS = """
Model: "sequential"
┃ Layer (type)                    ┃ Output Shape              ┃       Param # ┃
│ conv_lstm3d (ConvLSTM3D)        │ (None, 6, 8, 16, 16, 8)   │         7,808 │
│ conv_lstm3d_1 (ConvLSTM3D)      │ (None, 3, 7, 7, 4)        │         5,184 │
│ conv3d (Conv3D)                 │ (None, 3, 7, 7, 2)        │           218 │
"""
TORCHINFO = """
==========================================================================================
Layer (type:depth-idx)                   Output Shape              Param #
==========================================================================================
Net                                      [1, 10]                   --
├─Conv2d: 1-1                            [1, 6, 28, 28]            456
├─MaxPool2d: 1-2                         [1, 6, 14, 14]            --
├─Conv2d: 1-3                            [1, 16, 10, 10]           2,416
├─MaxPool2d: 1-4                         [1, 16, 5, 5]             --
├─Linear: 1-5                            [1, 120]                  48,120
├─Linear: 1-6                            [1, 10]                   1,210
==========================================================================================
"""


def test_a_printed_tree_is_read_one_after_the_other(tmp_path: Path) -> None:
    analysis, network = read(TREE, tmp_path, "net.txt")
    assert analysis.totals.parameters == LENET_PARAMETERS
    assert network.input_shapes == ((3, 32, 32),)
    assert network.assumed[0].startswith("print(model) shows modules and not forward")
    assert network.assumed[1].startswith("A Flatten was put before the first Linear")
    assert read(REPEATED, tmp_path, "net.txt")[0].totals.parameters == 40 + 3 * 148


def test_a_tree_that_is_not_a_row_is_refused(tmp_path: Path) -> None:
    wrong = TREE.replace("Conv2d(6, 16", "Conv2d(3, 16")
    with pytest.raises(FileError, match=r"line 5: Conv2d says in_channels=3 and receives 6.*and not forward"):
        read(wrong, tmp_path, "net.txt", input_size=(3, 32, 32))


@pytest.mark.parametrize(
    ("table", "parameters", "size"),
    [
        (KERAS, 50_828_751, (1, 100, 100)),
        (KERAS_3, 80 + 32 + 288 + 15, (1, 16, 16)),
        (TORCHINFO, LENET_PARAMETERS, (3, 32, 32)),
        (STEPS, 4 * 8 * (27 * 9 + 1) + 4 * 4 * 27 * 12 + 27 * 4 * 2 + 2, (1, 6, 10, 18, 18)),
    ],
)
def test_a_table_is_worked_out(table: str, parameters: int, size: tuple[int, ...], tmp_path: Path) -> None:
    analysis, network = read(table, tmp_path, "net.txt")
    assert analysis.totals.parameters == parameters
    assert network.input_shapes == (size,)
    assert network.assumed[0].startswith("A summary shows shapes and numbers alone")


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        (KERAS.replace("150100", "150101"), "no square kernel gives a Conv2D 150,101 parameters"),
        (KERAS.replace("50200", "50201"), "Dense does not fit 250 features"),
        (KERAS.replace("Param #", "Param #  Connected to"), "a network with branches"),
        (KERAS.replace("(Flatten)", "(Permute)"), "a summary with Permute, of which it does not tell enough"),
        (KERAS.replace("45, 45, 100", "45, 31, 100"), "no pool leads to MaxPooling2D"),
        (STEPS.replace("7,808", "7,809"), "a summary with ConvLSTM3D, of which it does not tell enough"),
        (STEPS.replace("6, 8, 16, 16, 8", "6, 8, 16, 8"), "a summary in which ConvLSTM3D does not fit what is before"),
    ],
)
def test_a_table_that_does_not_tell_enough_is_refused(table: str, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(FileError, match=sentence):
        read(table, tmp_path, "net.txt")
