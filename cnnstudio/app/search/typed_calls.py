"""Layers that are typed, or pasted, as the calls of a framework: `Conv2D(64, (3, 3))`, `nn.Linear(512, 10)`."""

from __future__ import annotations

import ast
import re
from typing import Any, Final

from cnnstudio.dialects import DIALECTS
from cnnstudio.dialects.dialect import Reading, Spelling
from cnnstudio.dialects.naming import changes_nothing, follows_from_input
from cnnstudio.layers import LAYER_TYPES

_CALL: Final = re.compile(r"\s*[A-Za-z_][\w.]*\s*\(.*\)\s*", re.DOTALL)
_SOURCES: Final = ("pytorch", "keras")
"""The frameworks whose calls are read."""


def is_call(text: str) -> bool:
    """True if a text looks like the call of a layer."""
    return bool(_CALL.fullmatch(text))


def is_known(text: str) -> bool:
    """True if a call names a layer of a framework."""
    return bool(_spellings(text.partition("(")[0].strip()))


def read_call(text: str, rank: int) -> tuple[str, dict[str, Any]]:
    """The layer type that a call makes, and its fields; ValueError with one sentence where it cannot be read."""
    name, positional, named = _parsed(text.strip())
    spellings = _spellings(name)
    if not spellings:
        raise ValueError(f"There is no layer '{name}' in PyTorch or Keras that has a type here.")
    readings = [_reading(spelling, positional, named, rank) for spelling in spellings]
    reading = min(readings, key=lambda found: (bool(found.missing), len(_not_understood(found))))
    if reading.missing:
        raise ValueError(f"{name} needs {reading.missing[0]}.")
    unknown = _not_understood(reading)
    if unknown:
        raise ValueError(f"{name} has no argument '{unknown[0]}' that is known here.")
    return reading.spelling.layer, {field: value for field, value in reading.fields.items() if value is not None}


def _parsed(text: str) -> tuple[str, list[Any], dict[str, Any]]:
    """The name that is called, and what it is given."""
    try:
        call = ast.parse(text, mode="eval").body
        if not isinstance(call, ast.Call):
            raise ValueError
        positional = [ast.literal_eval(argument) for argument in call.args]
        named = {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords if keyword.arg}
        if len(named) < len(call.keywords):
            raise ValueError
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
        raise ValueError(
            f"'{text[:60]}' cannot be read: give numbers, such as Conv2D(64, 3, padding='same')."
        ) from None
    return ast.unparse(call.func), positional, named


def _spellings(name: str) -> list[Spelling]:
    """The spellings of a name; of one framework only, where what stands before the name says which."""
    before, _, bare = name.rpartition(".")
    if "keras" in before or before in ("layers", "tf"):
        keys: tuple[str, ...] = ("keras",)
    else:
        keys = ("pytorch",) if before else _SOURCES
    return [
        spelling for key in keys for spelling in DIALECTS[key].by_name.get(bare, ()) if spelling.layer in LAYER_TYPES
    ]


def _reading(spelling: Spelling, positional: list[Any], named: dict[str, Any], rank: int) -> Reading:
    return spelling.read(positional, named, spelling.rank or rank)


def _not_understood(reading: Reading) -> list[str]:
    layer = reading.spelling.layer
    return [name for name in reading.unknown if not changes_nothing(name) and not follows_from_input(layer, name)]
