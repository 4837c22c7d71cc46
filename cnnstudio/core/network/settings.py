"""The settings of a layer on one line: in short as papers write it, or field by field."""

from __future__ import annotations

from typing import Any, Final

from cnnstudio.core.network.design import Item
from cnnstudio.core.network.fields import FUNCTION_CONSTANTS, Field, fields_of
from cnnstudio.core.network.value_text import value_text

_LEADS: Final = ("filters", "units")
_WINDOWS: Final = ("kernel_size", "pool_size")
_IN_SHORT: Final = (*_LEADS, *_WINDOWS, "stride", "padding")
_PLAIN: Final = ("function", "activation", "scale", "output_size")
"""Fields whose value says by itself what it is."""
_OF_NO_COUNT: Final = (*FUNCTION_CONSTANTS, "activation", "function", "gate_function", "rate", "padding_mode")
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
