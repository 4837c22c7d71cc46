"""`summary` as users of torchinfo call it: a model and an input size in, a printed table and its totals out."""

from __future__ import annotations

import os
from typing import Any

from msgspec import Struct

from cnnstudio.formats.builtin import locate_design
from cnnstudio.interface.frameworks import from_keras, from_torch
from cnnstudio.interface.network import Network
from cnnstudio.interface.opening import open_model
from cnnstudio.interface.text import Text


class Summary(Struct, frozen=True):
    """The table of a network and its totals, under torchinfo's names; None where a part is unknown."""

    network: Network
    text: Text
    total_params: int | None
    trainable_params: int | None
    total_mult_adds: int | None

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return self.network._repr_html_()


def summary(
    model: Any,
    input_size: tuple[int, ...] | None = None,
    *,
    input_data: Any = None,
    depth: int | None = None,
    columns: str | None = None,
    verbose: int = 1,
) -> Summary:
    """The summary of a model of PyTorch or Keras, of a `Network`, or of a file or built-in design by its name.

    As with torchinfo, `input_size` begins with the batch, (1, 3, 224, 224); `input_data` is an example of that shape;
    `verbose=0` prints nothing. `columns` and `depth` are those of `Network.summary`. The multiply-accumulate operations
    are those of one example. Raises what `from_torch`, `from_keras` and `load` raise, and ValueError for a model of
    PyTorch without a size and for a size that the input of a network cannot have.
    """
    network = _network(model, _size(input_size, input_data))
    text = network.summary(columns, depth=depth)
    if verbose:
        print(text)
    totals = network.analysis.totals
    is_known = network.parameters is not None
    return Summary(network, text, network.parameters, totals.trainable if is_known else None, network.macs)


def _size(input_size: tuple[int, ...] | None, input_data: Any) -> tuple[int, ...] | None:
    """The sizes of one example, without the batch."""
    sizes = input_size if input_data is None else tuple(getattr(input_data, "shape", ()))
    if sizes is None:
        return None
    if len(sizes) < 2:
        raise ValueError(f"input_size begins with the batch, as in (1, 3, 224, 224), and received {sizes!r}.")
    return tuple(int(size) for size in sizes[1:])


def _network(model: Any, size: tuple[int, ...] | None) -> Network:
    if isinstance(model, (str, os.PathLike)):
        model = open_model(locate_design(os.fspath(model)), input_size=size)
    if isinstance(model, Network):
        return model if size is None else model.with_input_size(size)
    if callable(getattr(model, "to_json", None)):
        return from_keras(model, size)
    if size is None:
        raise ValueError("a model of PyTorch does not say what it takes: give input_size, such as (1, 3, 224, 224).")
    return from_torch(model, size)
