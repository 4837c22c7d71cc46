"""Networks from files and from the built-in designs."""

from __future__ import annotations

import os
from pathlib import Path

from cnnstudio.core.network.design import walk
from cnnstudio.core.network.layer import Layer
from cnnstudio.formats import read_file
from cnnstudio.formats.builtin import locate_design
from cnnstudio.formats.format import ReadOptions
from cnnstudio.interface.network import Network


def load(source: str | os.PathLike[str]) -> Network:
    """A design file, a file of a framework, or a built-in design by its name.

    >>> load("alexnet").parameters
    62378344

    Raises FileError, which says all that is wrong with the file, or that there is none.
    """
    place = locate_design(os.fspath(source))
    return Network.of_file(read_file(place), source=place)


def open_model(
    path: str | os.PathLike[str], *, input_size: tuple[int, ...] | None = None, fold: bool = True
) -> Network:
    """A file of a framework: Keras, ONNX, torch.export, TorchScript, Caffe or Darknet; nothing in it is executed.

    `input_size` is channels first and without the batch, as (3, 224, 224), where the file leaves it open; `fold`
    makes blocks of what repeats. What was understood is in `Network.report`. Raises FileError with the reason where
    the file cannot be read.
    """
    options = ReadOptions(input_size=input_size, fold=fold)
    network = Network.of_file(read_file(Path(path), options), source=Path(path))
    # Readers of weights and of design files take no size.
    is_open = any(isinstance(item, Layer) and not item.is_sized for _, item in walk(network.design.layers))
    return network.with_input_size(input_size) if input_size is not None and is_open else network
