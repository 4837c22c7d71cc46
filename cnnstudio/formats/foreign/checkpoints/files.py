"""Checkpoints, and the advice that each kind of them ends in."""

from __future__ import annotations

from pathlib import Path

from cnnstudio.formats.design_file import DesignFile
from cnnstudio.formats.foreign.checkpoints.fitting import fitted
from cnnstudio.formats.foreign.checkpoints.tensors import (
    tensors_of_archive,
    tensors_of_hdf5,
    tensors_of_safetensors,
)

_TORCH = "save the whole network by torch.export.save(torch.export.export(model, (example,)), 'model.pt2')"
_KERAS = "save the whole model by model.save('model.keras')"


def read_checkpoint(path: Path, _input_size: tuple[int, ...] | None) -> DesignFile:
    """A `.pt` or `.pth` file."""
    return fitted(tensors_of_archive(path), "checkpoint", "PyTorch", _TORCH)


def read_safetensors(path: Path, _input_size: tuple[int, ...] | None) -> DesignFile:
    """A `.safetensors` file."""
    return fitted(tensors_of_safetensors(path), "safetensors", "safetensors", _TORCH)


def read_hdf5_weights(path: Path, _input_size: tuple[int, ...] | None) -> DesignFile:
    """An `.h5` file that holds weights alone."""
    return fitted(tensors_of_hdf5(path), "keras-weights", "Keras", _KERAS)
