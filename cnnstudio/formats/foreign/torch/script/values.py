"""The values of names while TorchScript is followed."""

from __future__ import annotations

import ast
from typing import Any

from msgspec import Struct

from cnnstudio.formats.foreign.wire.pickle_records import Name, Record, Stored


class Module(Struct):
    """An object of the file: its class, its attributes, and the modules that lead to it."""

    kind: str
    attributes: dict[str, Any]
    path: tuple[str, ...]


class Weights(Struct, frozen=True):
    """A tensor of the file: its name, shape, and the value if it is a single number."""

    name: str
    shape: tuple[int, ...]
    is_float: bool
    is_learned: bool


class Function(Struct, frozen=True):
    """A function or method of the file's code."""

    code: ast.FunctionDef


def tensor_shape(record: Any) -> tuple[int, ...] | None:
    """The shape of a tensor of a pickle, None if it is something else."""
    if not isinstance(record, Record):
        return None
    arguments = record.arguments if isinstance(record.arguments, tuple) else ()
    if record.name.startswith("torch._utils._rebuild_parameter") and arguments:
        return tensor_shape(arguments[0])
    if not record.name.startswith("torch._utils._rebuild_tensor") or len(arguments) < 3:
        return None
    shape = arguments[2]
    is_shape = isinstance(shape, tuple) and all(type(size) is int and size >= 0 for size in shape)
    return shape if is_shape else None


def storage_of(record: Record) -> tuple[str, str] | None:
    """The type and the key of the storage of a tensor."""
    stored = record.arguments[0] if isinstance(record.arguments, tuple) and record.arguments else None
    key = stored.key if isinstance(stored, Stored) else None
    if not isinstance(key, tuple) or len(key) < 3:
        return None
    kind = key[1].text if isinstance(key[1], Name) else str(key[1])
    return kind, str(key[2])
