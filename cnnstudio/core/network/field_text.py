"""A field's value as people read and type it: `3 × 5`, `0:1, 1:0`, `same`, `conv1, input`; and back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from cnnstudio.core.network.field_check import Hint, convert_value, expected
from cnnstudio.core.network.fields import Field
from cnnstudio.core.network.problem import did_you_mean
from cnnstudio.core.network.value_text import UNKNOWN_AXIS

NOTHING = ("", "none")
"""Texts for no value in an optional field."""
WHOLE_AXIS = "all"
"""The text for a size that an axis keeps."""

_MAX_QUOTE_LENGTH = 40
_SWITCHES = {
    "yes": True,
    "true": True,
    "on": True,
    "1": True,
    "no": False,
    "false": False,
    "off": False,
    "0": False,
}
_BETWEEN_SIZES = re.compile(r"[\s×xX*,;]+")
_WHOLE = re.compile(r"[+-]?[0-9]+")
# One separator throughout: `1,000 000` is a slip of the finger. Spreadsheets and locales paste thin and no-break
# spaces.
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}([,_' \u00a0\u2009\u202f])[0-9]{3}(\1[0-9]{3})*")
_FRACTION = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_NAME = re.compile(r'\s*("(?:[^"\\]|\\.)*"|[^,"]*)\s*(,|$)')
_NEEDS_QUOTES = re.compile(r'[,"\\\[\]]|^\s|\s$|[\x00-\x1f]|^$')


class _UnreadableError(Exception):
    """The text has not the form that the field takes."""


def field_text(field: Field, value: Any) -> str:
    """A value of the field as text that `parse_field` reads again."""
    if value is None:
        return "none" if field.kind == "choice" else ""
    if field.kind == "switch":
        return "yes" if value else "no"
    if field.kind in ("sizes", "padding"):
        return _axes_text(field, value)
    if field.kind == "names":
        return ", ".join(map(_name_text, value))
    if field.kind == "words":
        return ", ".join(value)
    if field.kind == "table":
        return "\n".join(", ".join(map(str, row)) for row in value) or "[]"
    return _number_text(value) if isinstance(value, float) else str(value)


def _number_text(value: float | str) -> str:
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)


def _axes_text(field: Field, value: Any) -> str:
    if not isinstance(value, tuple):
        return _number_text(value)
    empty = UNKNOWN_AXIS if field.name == "size" else WHOLE_AXIS
    parts = [_axis_text(part, empty) for part in value]
    has_pairs = any(isinstance(part, tuple) for part in value)
    is_one_for_all = _accepts(field, 1)
    if len(parts) == 1 and not has_pairs and is_one_for_all:
        # A list of one would read back as the bare number for all axes, which is another value in the file.
        return f"[{parts[0]}]"
    return (" × " if is_one_for_all and not has_pairs else ", ").join(parts)


def _axis_text(part: Any, empty: str) -> str:
    if isinstance(part, tuple):
        return ":".join(map(str, part))
    return empty if part is None else _number_text(part)


def _name_text(name: str) -> str:
    return msgspec.json.encode(name).decode() if _NEEDS_QUOTES.search(name) else name


def parse_field(field: Field, text: str, hint: Hint = did_you_mean) -> Any:
    """The value that a text means for the field; ValueError with one sentence if it means none.

    `hint` is what the sentence ends with: a near miss among the choices.
    """
    stripped = text.strip()
    if field.kind == "text":
        forms: Iterator[Any] = iter((text,))
    elif field.optional and stripped.lower() in NOTHING:
        return None
    else:
        forms = _READERS[field.kind](field, stripped)
    try:
        seen: list[Any] = []
        for form in forms:
            seen.append(form)
            if _accepts(field, form):
                return convert_value(field, form)
    except (_UnreadableError, ValueError, RecursionError):
        raise ValueError(_refusal(field, stripped, [], hint)) from None
    raise ValueError(_refusal(field, stripped, seen, hint))


def _accepts(field: Field, value: Any) -> bool:
    try:
        convert_value(field, value)
    except ValueError:
        return False
    return True


def _read_switch(_field: Field, text: str) -> Iterator[Any]:
    if text.lower() not in _SWITCHES:
        raise _UnreadableError
    yield _SWITCHES[text.lower()]


def _read_choice(_field: Field, text: str) -> Iterator[Any]:
    yield text
    # `Leaky ReLU` and `hard-swish`, as papers write them, mean the words of the file.
    yield re.sub(r"[\s-]+", "_", text.lower())


def _read_integer(_field: Field, text: str) -> Iterator[Any]:
    grouped = _GROUPED.fullmatch(text)
    plain = text.replace(grouped[1], "") if grouped else text
    if not _WHOLE.fullmatch(plain):
        raise _UnreadableError
    yield int(plain)


def _read_number(_field: Field, text: str) -> Iterator[Any]:
    if not _FRACTION.fullmatch(text):
        raise _UnreadableError
    # Python reads `1e999` as infinity, which neither JSON nor a layer can hold.
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise _UnreadableError
    yield number


def _read_axes(_field: Field, text: str) -> Iterator[Any]:
    """An integer for all axes, or a list; one number alone is the one or the other."""
    listed = _read_brackets(text)
    if listed is not None:
        yield listed
        return
    inner = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    words = re.sub(r"\s*:\s*", ":", inner.strip())
    parts = [_axis(word) for word in _BETWEEN_SIZES.split(words)] if words else []
    if len(parts) == 1 and inner is text and not isinstance(parts[0], list):
        yield parts[0]
    yield parts


def _read_padding(field: Field, text: str) -> Iterator[Any]:
    if text.lower() in field.choices:
        yield text.lower()
    yield from _read_axes(field, text)


def _axis(word: str) -> Any:
    if word.lower() in (WHOLE_AXIS, UNKNOWN_AXIS, *NOTHING[1:]):
        return None
    begin, colon, end = word.partition(":")
    if colon:
        return [_size(begin), _size(end)]
    return _size(word)


def _size(word: str) -> int | float:
    if _WHOLE.fullmatch(word):
        return int(word)
    if _FRACTION.fullmatch(word):
        return float(word)
    raise _UnreadableError


def _read_brackets(text: str) -> Any:
    """The value of a text in the brackets of a design file; None if it is not written that way."""
    if not text.startswith("["):
        return None
    # The second way is for `[0, 1], [1, 0]`, pairs for the axes without the brackets around all of them.
    for form in (text, f"[{text}]"):
        try:
            return msgspec.json.decode(form)
        except msgspec.DecodeError:
            continue
    return None


def _read_names(_field: Field, text: str) -> Iterator[Any]:
    rest = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    names: list[str] = []
    place = 0
    while place < len(rest):
        found = _NAME.match(rest, place)
        if found is None:
            raise _UnreadableError
        word = found[1]
        if word.startswith('"'):
            names.append(msgspec.json.decode(word))
        elif word.strip():
            names.append(word.strip())
        place = max(found.end(), place + 1)
    yield names


def _read_words(_field: Field, text: str) -> Iterator[Any]:
    inner = text.removeprefix("[").removesuffix("]")
    yield [word for word in re.split(r"[\s,;]+", inner) if word]


def _read_table(_field: Field, text: str) -> Iterator[Any]:
    listed = _read_brackets(text)
    if listed is not None:
        yield listed
        return
    rows = [row.strip().strip("[],") for row in re.split(r"[\n;]", text)]
    yield [[_size(word) for word in re.split(r"[\s,]+", row.strip())] for row in rows if row]


_READERS: dict[str, Callable[[Field, str], Iterator[Any]]] = {
    "switch": _read_switch,
    "choice": _read_choice,
    "integer": _read_integer,
    "number": _read_number,
    "sizes": _read_axes,
    "padding": _read_padding,
    "names": _read_names,
    "words": _read_words,
    "table": _read_table,
}


def _refusal(field: Field, text: str, seen: list[Any], hint: Hint) -> str:
    """`Filters must be 1 or more, not 0.`: one sentence, short enough to stand below its field."""
    quote = text if len(text) <= _MAX_QUOTE_LENGTH else text[:_MAX_QUOTE_LENGTH] + "…"
    given = "empty" if not text else quote if _is_number(quote) else f"'{quote}'"
    wanted = _broken_bound(field, seen) or _wanted(field)
    return f"{field.title} must be {wanted}, not {given}.{hint(text, list(field.choices))}"


def _is_number(text: str) -> bool:
    return bool(_WHOLE.fullmatch(text) or _FRACTION.fullmatch(text))


def _broken_bound(field: Field, seen: list[Any]) -> str:
    """The bound that a number breaks in a field of whole numbers."""
    numbers = list(_numbers(seen))
    if _accepts(field, 0.5) or _accepts(field, [0.5]) or any(isinstance(number, float) for number in numbers):
        return ""
    if field.minimum is not None and any(number < field.minimum for number in numbers):
        return f"{field.minimum:,} or more"
    if field.maximum is not None and any(number > field.maximum for number in numbers):
        return f"{field.maximum:,} or less"
    return ""


def _numbers(value: Any) -> Iterator[int | float]:
    if isinstance(value, list):
        for part in value:
            yield from _numbers(part)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield value


def _wanted(field: Field) -> str:
    none = ", or none" if field.optional else ""
    if field.kind == "integer":
        return "a whole number" + none
    if field.kind == "switch":
        return "yes or no" + none
    if field.kind == "names":
        return "names of earlier layers with commas between them"
    if field.kind == "words":
        return f"any of {', '.join(field.choices)}, with commas between them"
    if field.kind == "table":
        return "the numbers of input channels, one row for each filter such as 0, 1, 2" + none
    if field.kind == "padding":
        words = ", ".join((*field.choices, "a whole number"))
        return f"{words}, one for each axis such as 1 × 2, or begin:end for each axis such as 0:1, 1:0"
    if field.kind == "sizes":
        return _wanted_sizes(field) + none
    return expected(field).replace(", or null", none)


def _wanted_sizes(field: Field) -> str:
    if not _accepts(field, 1):
        return "whole numbers, one for each axis such as 1, 2, 0"
    if _accepts(field, 0.5):
        return "a number above 0, or one for each axis such as 1.5 × 2"
    return "a whole number, or one for each axis such as 3 × 5"
