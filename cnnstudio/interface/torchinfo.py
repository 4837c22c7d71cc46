"""`summary` as users of torchinfo call it: a model and an input size in, a printed table and its totals out."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct

from cnnstudio.formats.builtin import locate_design
from cnnstudio.interface.frameworks import from_keras, from_torch
from cnnstudio.interface.network import Network
from cnnstudio.interface.opening import open_model
from cnnstudio.interface.text import Text

COLUMNS = {
    "input_size": "input",
    "output_size": "output",
    "num_params": "parameters",
    "params_percent": "share",
    "kernel_size": "kernel_size",
    "groups": "groups",
    "mult_adds": "macs",
    "trainable": "trainable",
}
"""The columns of torchinfo, and those of the studio that say the same."""
SHOWN = ("depth", "var_names")
"""The settings of rows that the table shows in any case."""


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
    input_size: Any = None,
    input_data: Any = None,
    batch_dim: int | None = None,
    cache_forward_pass: bool | None = None,
    col_names: Iterable[str] | None = None,
    col_width: int | None = None,
    depth: int | None = None,
    device: Any = None,
    dtypes: Any = None,
    mode: str | None = None,
    row_settings: Iterable[str] | None = None,
    verbose: int = 1,
    *,
    columns: str | None = None,
) -> Summary:
    """The summary of a model of PyTorch or Keras, of a `Network`, or of a file or built-in design by its name.

    The arguments are torchinfo's, in its order. `input_size` begins with the batch, (1, 3, 224, 224), unless there is a
    `batch_dim`; `input_data` is an example of that shape; `col_names` are torchinfo's names, `columns` those
    of `Network.summary`; `verbose=0` prints nothing. The multiply-accumulate operations are those of one example.
    Nothing is run, so that of arguments about running, and of those about looks, a warning says that they change
    nothing. Raises what `from_torch`, `from_keras` and `load` raise, and ValueError for a model of PyTorch without a
    size, for a size that the input of a network cannot have, and for a column that there is not.
    """
    given = {"cache_forward_pass": cache_forward_pass, "device": device, "dtypes": dtypes, "mode": mode}
    _warn([name for name, value in given.items() if value is not None], "a network is counted and not run")
    looks = [f"row_settings={name!r}" for name in row_settings or () if name not in SHOWN]
    _warn([*(["col_width"] if col_width is not None else []), *looks], "the table is laid out by its content")
    network = _network(model, _size(input_size, input_data, has_batch=batch_dim is None))
    text = network.summary(_columns(col_names) if col_names is not None else columns, depth=depth)
    if verbose:
        print(text)
    totals = network.analysis.totals
    is_known = network.parameters is not None
    return Summary(network, text, network.parameters, totals.trainable if is_known else None, network.macs)


def _warn(names: list[str], reason: str) -> None:
    if names:
        words = " and ".join(names) if len(names) < 3 else f"{', '.join(names[:-1])} and {names[-1]}"
        warnings.warn(f"summary takes no notice of {words}: {reason}.", stacklevel=3)


def _columns(names: Iterable[str]) -> str:
    """The columns of the studio for those of torchinfo; ValueError for one that there is not."""
    chosen = (names,) if isinstance(names, str) else tuple(names)
    for name in chosen:
        if name not in COLUMNS:
            raise ValueError(f"there is no column '{name}'; col_names are {', '.join(COLUMNS)}.")
    return ",".join(["layer", "type", *(COLUMNS[name] for name in chosen)])


def _size(input_size: Any, input_data: Any, *, has_batch: bool) -> tuple[int, ...] | None:
    """The sizes of one example, without the batch."""
    what = "input_size" if input_data is None else "input_data"
    sizes = input_size if input_data is None else getattr(_only(input_data), "shape", None)
    if input_data is not None and sizes is None:
        raise ValueError(f"input_data is a tensor or an array, and received {type(input_data).__name__}.")
    if sizes is None:
        return None
    sizes = tuple(_only(sizes)) if isinstance(_only(sizes), Sequence) else tuple(sizes)
    if not all(isinstance(size, int) for size in sizes):
        raise ValueError(f"{what} is that of one input, such as (1, 3, 224, 224), and received {sizes!r}.")
    if has_batch and len(sizes) < 2:
        raise ValueError(f"{what} begins with the batch, as in (1, 3, 224, 224), and received {sizes!r}.")
    return tuple(int(size) for size in (sizes[1:] if has_batch else sizes))


def _only(value: Any) -> Any:
    """The one element of a list of one, as torchinfo takes them for networks of several inputs; else the value."""
    return value[0] if isinstance(value, (list, tuple)) and len(value) == 1 else value


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
