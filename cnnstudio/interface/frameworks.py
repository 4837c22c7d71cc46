"""Networks from models of PyTorch and Keras that are in memory.

Neither is required: what is called is a method of the model that is given, or the package that it comes from. Both are
written into a file that the studio's readers open, so that a model in memory is read as the same model in a file.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cnnstudio.formats import read_file
from cnnstudio.formats.format import ReadOptions
from cnnstudio.interface.network import Network


def from_torch(model: Any, input_size: tuple[int, ...]) -> Network:
    """A `torch.nn.Module`, followed by torch.export with an input of this size: channels first, without the batch.

    The model is followed as it computes, so that what its forward never calls is not counted. Raises ValueError with
    PyTorch's reason where it cannot be followed, and FileError where a reader does not understand what came out.
    """
    # Whoever has a module of PyTorch has imported it.
    torch: Any = sys.modules.get("torch")
    if torch is None or not isinstance(model, torch.nn.Module):
        raise TypeError(f"from_torch takes a torch.nn.Module, and received {type(model).__name__}.")
    sizes = _sizes(input_size)
    with tempfile.TemporaryDirectory() as folder, _evaluating(model):
        path = Path(folder, f"{type(model).__name__}.pt2")
        try:
            example = torch.zeros(1, *sizes, dtype=_kind_of(model, torch), device=_device_of(model))
            torch.export.save(torch.export.export(model, (example,)), path)
        except Exception as error:  # PyTorch raises exceptions of a dozen kinds, its own and Python's
            reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
            raise ValueError(f"torch.export cannot follow {type(model).__name__}: {reason}") from error
        return Network.of_file(read_file(path), name=type(model).__name__)


def from_keras(model: Any, input_size: tuple[int, ...] | None = None) -> Network:
    """A Keras model, by its own description in JSON.

    `input_size` is channels first and without the batch, where the model leaves it open. Raises TypeError for what has
    no such description, and FileError where the reader does not understand it.
    """
    if not callable(getattr(model, "to_json", None)):
        raise TypeError(f"from_keras takes a Keras model, and received {type(model).__name__}.")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.json")
        path.write_text(model.to_json(), encoding="utf-8")
        size = None if input_size is None else _sizes(input_size)
        return Network.of_file(read_file(path, ReadOptions(input_size=size)), name=str(getattr(model, "name", "")))


def _sizes(given: Any) -> tuple[int, ...]:
    sizes = tuple(given) if isinstance(given, (tuple, list)) else (given,)
    if not sizes or not all(type(size) is int and size > 0 for size in sizes):
        raise ValueError(f"input_size is channels and sizes, such as (3, 224, 224), and received {given!r}.")
    return sizes


@contextmanager
def _evaluating(model: Any) -> Iterator[None]:
    """The model as it infers; afterwards as it was."""
    was_training = model.training
    model.eval()
    try:
        yield
    finally:
        model.train(was_training)


def _kind_of(model: Any, torch: Any) -> Any:
    kinds = (parameter.dtype for parameter in model.parameters() if parameter.is_floating_point())
    return next(kinds, torch.float32)


def _device_of(model: Any) -> Any:
    return next((parameter.device for parameter in model.parameters()), "cpu")
