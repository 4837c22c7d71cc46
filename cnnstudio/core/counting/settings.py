"""The settings of a layer on one line: in short as papers write it, or field by field; and what flows into it."""

from __future__ import annotations

import re
from typing import Any, Final

from cnnstudio.core.counting.rows import BlockRow, Entry
from cnnstudio.core.network.design import Item
from cnnstudio.core.network.fields import FUNCTION_CONSTANTS, Field, fields_of
from cnnstudio.core.network.value_text import value_text

_LEADS: Final = ("filters", "units")
_WINDOWS: Final = ("kernel_size", "pool_size")
_IN_SHORT: Final = (*_LEADS, *_WINDOWS, "stride", "padding")
_PLAIN: Final = ("function", "activation", "scale", "output_size")
"""Fields whose value says by itself what it is."""
_OF_NO_COUNT: Final = (*FUNCTION_CONSTANTS, "activation", "function", "rate", "padding_mode")
"""Fields on which neither a shape nor a count depends."""
_EVERYBODY_S: Final = ("name", "inputs", "note", "layers")
GIVEN_APART: Final = ("filters", "units", "kernel_size", "pool_size", "stride", "padding", "repeat")
"""Fields that have columns of their own in a worksheet."""


def settings_text(item: Item) -> str:
    """`96 · 11 × 11 / 4 · pad 2 · groups 2 · no bias`: all that is not by default."""
    fields = {field.name: field for field in fields_of(type(item))}
    window = next((_window(item, name) for name in _WINDOWS if name in fields), "")
    lead = [value_text(getattr(item, name)) for name in _LEADS if name in fields]
    padding = _padding(item) if "padding" in fields and window else ""
    first = [*lead, window, padding]
    done = _IN_SHORT if window else _LEADS
    shown = [field for field in fields.values() if field.name not in done]
    return " · ".join(filter(None, (*first, *(_said(item, field) for field in shown if _is_set(item, field)))))


def other_settings(item: Item) -> str:
    """`no bias, groups 2`: what a worksheet has to say besides the columns that it always gives."""
    if not hasattr(item, "family") or item.type_name == "Block":
        return ""
    shown = [field for field in fields_of(type(item)) if field.name not in (*GIVEN_APART, *_OF_NO_COUNT)]
    return ", ".join(_said(item, field, in_short=False) for field in shown if _is_set(item, field))


def fields_set(item: Item) -> dict[str, Any]:
    """The fields that a design file would state: those without a default, and those that differ from it."""
    shown = [field for field in fields_of(type(item)) if _is_set(item, field)]
    return {field.name: getattr(item, field.name) for field in shown}


def input_names(entry: Entry) -> list[str]:
    """The names of what flows in: of neighbours by their names, from outside a block as `input (maxpool)`."""
    within = entry.path.rpartition("/")[0]
    return [_near(path, within) for path in entry.inputs]


def _near(path: str, within: str) -> str:
    if not within:
        return _head(path)
    inside = path.removeprefix(f"{within}/")
    return _head(inside) if inside != path else f"input ({_outside(path, within)})"


def _outside(path: str, within: str) -> str:
    """The part of a path that can be seen from inside a block: below what both have in common."""
    parts, own = _parts(path), _parts(within)
    common = next((at for at, pair in enumerate(zip(parts, own, strict=False)) if pair[0] != pair[1]), 0)
    return parts[min(common, len(parts) - 1)]


def _parts(path: str) -> list[str]:
    return re.split(r"(?<!\\)/", path)


def _head(path: str) -> str:
    """The item of its list that a path leads to or into: `layer1` for layer1[2]/relu2."""
    head, *below = _parts(path)
    return re.sub(r"(?<!\\)\[\d+\]$", "", head) if below else head


def is_chain(entries: tuple[Entry, ...], source: str = "") -> bool:
    """True if everything takes what stands directly above it: then nobody has to be told the inputs."""
    before = source
    for entry in entries:
        if entry.inputs != ((before,) if before else ()):
            return False
        if isinstance(entry, BlockRow) and not all(is_chain(first.entries, first.source) for first in entry.passes[:1]):
            return False
        before = entry.result if isinstance(entry, BlockRow) else entry.path
    return True


def _is_set(item: Item, field: Field) -> bool:
    if field.name in _EVERYBODY_S:
        return False
    return field.required or getattr(item, field.name) != field.default


def _window(item: Item, name: str) -> str:
    size = getattr(item, name)
    rank = getattr(item, "rank", 2)
    sizes = " × ".join(map(str, size if isinstance(size, tuple) else (size,) * rank))
    stride = getattr(item, "stride", None)
    plain = 1 if name == "kernel_size" else None
    return sizes if stride in (plain, None) else f"{sizes} / {value_text(stride)}"


def _padding(item: Item) -> str:
    padding = getattr(item, "padding", "valid")
    if padding in ("valid", 0):
        return ""
    return padding if isinstance(padding, str) else f"pad {value_text(padding)}"


def _said(item: Item, field: Field, *, in_short: bool = True) -> str:
    """`groups 2`, `no bias`, `ceil mode`, `relu`."""
    value = getattr(item, field.name)
    if field.name == "trainable":
        return "frozen"
    if isinstance(value, bool):
        return field.words if value else f"no {field.words}"
    text = value_text(value) or "none"
    return text if in_short and field.name in _PLAIN else f"{field.words} {text}"
