"""The tensors of a checkpoint, in whichever file they lie."""

from __future__ import annotations

import json
from collections.abc import Iterator
from math import prod
from pathlib import Path
from typing import Any

from msgspec import Struct

from cnnstudio.formats.foreign.refusals import NotUnderstood
from cnnstudio.formats.foreign.wire.archive import Archive
from cnnstudio.formats.foreign.wire.buffers import mapped
from cnnstudio.formats.foreign.wire.hdf5 import Hdf5File
from cnnstudio.formats.foreign.wire.pickle_records import Record, read_pickle

MAX_TENSORS = 200_000
MAX_DEPTH = 60
MAX_HEADER_BYTES = 100_000_000
_WEIGHTS = ("state_dict", "model_state_dict", "model", "net", "module", "weights", "params", "ema", "generator")
_NO_WEIGHTS = ("optimizer", "optimizer_state_dict", "scheduler", "lr_scheduler", "optimizer_states", "epoch")
_WHOLE_NUMBERS = ("LongStorage", "IntStorage", "ByteStorage", "BoolStorage", "CharStorage", "ShortStorage")


class TensorInfo(Struct, frozen=True):
    """A tensor by its name, its shape, and whether it holds numbers with a point."""

    name: str
    shape: tuple[int, ...]
    is_float: bool = True

    @property
    def size(self) -> int:
        """The number of elements."""
        return prod(self.shape)


def tensors_of_archive(path: Path) -> list[TensorInfo]:
    """The tensors of a `.pt` or `.pth` file, nested as it likes; the optimizer's are left out."""
    with mapped(path) as content:
        archive = Archive(path, content)
        name = next((name for name in archive.members if name.rpartition("/")[2] == "data.pkl"), None)
        if name is None:
            raise NotUnderstood("is an archive without the data.pkl of PyTorch.")
        value = read_pickle(archive.read(name))
    found: list[TensorInfo] = []
    for tensor in _found(_weights(value, 0), "", 0):
        found.append(tensor)
        if len(found) > MAX_TENSORS:
            raise NotUnderstood(f"holds more than {MAX_TENSORS:,} tensors, and so many are not read.")
    return found


def _weights(value: Any, depth: int) -> Any:
    """The part of a training checkpoint that holds the weights of the network."""
    content = _mapping(value)
    if content is None or depth > MAX_DEPTH:
        return value
    # Trainers keep the weights under one of these names beside the optimizer's moments, which are not the network's.
    for key in _WEIGHTS:
        part = content.get(key)
        if part is not None and next(_found(part, "", 0), None) is not None:
            return _weights(part, depth + 1)
    return {key: part for key, part in content.items() if key not in _NO_WEIGHTS}


def _mapping(value: Any) -> dict[Any, Any] | None:
    if isinstance(value, dict):
        return value
    if isinstance(value, Record) and value.items:
        return value.items
    return None


def _found(value: Any, name: str, depth: int) -> Iterator[TensorInfo]:
    """Every tensor in a value, named by the keys that lead to it."""
    if depth > MAX_DEPTH:
        raise NotUnderstood("nests its tensors too deeply.")
    tensor = _tensor(value, name, 0)
    if tensor is not None:
        yield tensor
        return
    content = _mapping(value)
    # A whole module was pickled: its tensors lie in these three, and its forward nowhere.
    if isinstance(value, Record) and isinstance(value.state, dict) and "_modules" in value.state:
        for part in ("_parameters", "_buffers", "_modules"):
            yield from _found(value.state.get(part), name, depth + 1)
    elif content is not None:
        for key, item in content.items():
            yield from _found(item, f"{name}.{key}" if name else str(key), depth + 1)
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from _found(item, f"{name}.{index}" if name else str(index), depth + 1)


def _tensor(value: Any, name: str, depth: int) -> TensorInfo | None:
    if not isinstance(value, Record) or depth > MAX_DEPTH:
        return None
    arguments = value.arguments if isinstance(value.arguments, tuple) else ()
    if value.name.startswith("torch._utils._rebuild_parameter") and arguments:
        return _tensor(arguments[0], name, depth + 1)
    if not value.name.startswith("torch._utils._rebuild_tensor") or len(arguments) < 3:
        return None
    shape = arguments[2]
    if not isinstance(shape, tuple) or not all(type(size) is int and size >= 0 for size in shape):
        return None
    kind = str(getattr(arguments[0], "key", ""))[:200]
    return TensorInfo(name, shape, not any(word in kind for word in _WHOLE_NUMBERS))


def tensors_of_safetensors(path: Path) -> list[TensorInfo]:
    """The tensors of a `.safetensors` file: its header is JSON."""
    with mapped(path) as content:
        length = int.from_bytes(content[:8], "little")
        # A length beyond the file is a broken or another file, and would read nothing but the rest of it.
        if length > min(MAX_HEADER_BYTES, len(content) - 8):
            raise NotUnderstood("is a .safetensors file whose header does not fit into it.")
        header = json.loads(bytes(content[8 : 8 + length]))
    found = []
    for name, entry in header.items():
        # The one key that is no tensor.
        if name == "__metadata__":
            continue
        shape = tuple(entry["shape"])
        if not all(type(size) is int and size >= 0 for size in shape):
            raise NotUnderstood(f"states no shape for its tensor '{name}'.")
        found.append(TensorInfo(str(name), shape, str(entry["dtype"]).startswith(("F", "BF"))))
    return found


def tensors_of_hdf5(path: Path) -> list[TensorInfo]:
    """The tensors of an `.h5` file that holds weights alone."""
    with mapped(path) as content:
        sets = list(Hdf5File(content).data_sets())
    return [TensorInfo("/".join(item.path), item.shape, item.is_float) for item in sets]
