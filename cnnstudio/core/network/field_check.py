"""Checks a value against the declaration of its field, and says in one sentence why it is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from msgspec import structs

from cnnstudio.core.network.fields import Field, fields_of, struct_in
from cnnstudio.core.network.problem import did_you_mean

_MAX_QUOTE_LENGTH = 60


Hint = Callable[[str, list[str]], str]
"""Makes ` Did you mean 'relu'?` of a word that is none of the choices, or nothing."""


def convert_value(field: Field, value: Any, hint: Hint = did_you_mean) -> Any:
    """`value` as the field stores it (lists become tuples); ValueError with one sentence if the field refuses it."""
    try:
        return msgspec.convert(value, field.hint)
    except (msgspec.ValidationError, OverflowError):
        got = received(field, value, hint)
        raise ValueError(f"{field.name} must be {expected(field)}, and received {got}") from None


def expected(field: Field) -> str:
    """The allowed values of a field, in words: `a whole number from 1 to 1,000,000,000`."""
    none = ", or null" if field.optional else ""
    if field.kind == "switch":
        return "true or false" + none
    if field.kind == "choice":
        return f"one of {', '.join(field.choices)}{none}"
    if field.kind == "text":
        return "text" + (f" of at most {_text_bound(field):,} characters" if _text_bound(field) else "")
    if field.kind == "names":
        return "a list of layer names, such as [conv1, input]"
    if field.kind == "words":
        return f"a list of any of {', '.join(field.choices)}"
    if field.kind == "texts":
        return "a list of texts"
    if field.kind == "mapping":
        return f"a mapping of {', '.join(declared.name for declared in fields_of(struct_in(field)))}{none}"
    if field.kind == "table":
        return "a list of lists of channel numbers, one list for each filter" + none
    if field.kind == "number":
        return f"a number{_bounds(field)}{none}"
    if field.kind == "integer":
        return f"a whole number{_bounds(field)}{none}"
    return _expected_sizes(field) + none


def _expected_sizes(field: Field) -> str:
    each = "a number above 0" if _takes(field, 0.5) else f"a whole number{_bounds(field)}"
    if field.kind == "padding":
        words = "valid, same, " if field.choices else ""
        return f"{words}{each}, one for each axis, or a [begin, end] pair for each axis"
    if not _takes(field, 1):
        return "a list of whole numbers, one for each axis"
    return f"{each}, or a list with one for each axis"


def _takes(field: Field, value: Any) -> bool:
    try:
        msgspec.convert(value, field.hint)
    except msgspec.ValidationError:
        return False
    return True


def _bounds(field: Field) -> str:
    if field.minimum is None:
        return ""
    if field.maximum is None:
        return f" of {field.minimum:g} or more" if field.name != "rate" else " from 0 up to but not including 1"
    return f" from {field.minimum:,} to {field.maximum:,}"


def _text_bound(field: Field) -> int | None:
    metas = getattr(field.hint, "__metadata__", ())
    return next((meta.max_length for meta in metas if meta.max_length), None)


def _wrong_word(field: Field, words: list[Any] | tuple[Any, ...]) -> str:
    """The first of the words that is none of the field's."""
    wrong = next((word for word in words if word not in field.choices), None)
    return received(structs.replace(field, kind="choice"), wrong)


def _listed(value: Any) -> str:
    """A list, or any other value, as a design file has it."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_listed, value))}]"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return f"'{value}'" if isinstance(value, str) else str(value)


def received(field: Field, value: Any, hint: Hint = did_you_mean) -> str:
    """The value as the sentence quotes it, with a near miss named."""
    if isinstance(value, str):
        quote = value if len(value) <= _MAX_QUOTE_LENGTH else value[:_MAX_QUOTE_LENGTH] + "…"
        return f"'{quote}'" + (f".{hint(value, list(field.choices))}".rstrip(".") if field.choices else "")
    if value is None:
        return "nothing"
    # Before the numbers, as True is an int in Python and would be quoted as 1.
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a mapping"
    if field.kind == "words" and isinstance(value, list | tuple):
        return _wrong_word(field, value)
    text = f"{value:,}" if isinstance(value, int) else _listed(value)
    return text if len(text) <= _MAX_QUOTE_LENGTH else text[:_MAX_QUOTE_LENGTH] + "…"
