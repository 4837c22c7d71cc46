"""The methods of texts, lists, dicts and sets that are known, each written out: no other can be reached."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cnnstudio.formats.source.language.core import Core
from cnnstudio.formats.source.language.limits import MAX_LENGTH, Exhausted, bounded
from cnnstudio.formats.source.language.operators import formatted, unknown_among
from cnnstudio.formats.source.language.values import Native, NotFollowed, Raised, Unknown

Method = Callable[[Core, Any, list[Any], dict[str, Any]], Any]
_TEXT_METHODS = (
    *("lower", "upper", "strip", "lstrip", "rstrip", "startswith", "endswith", "replace", "split", "rsplit"),
    *("find", "rfind", "count", "index", "isdigit", "isalpha", "capitalize", "title", "partition", "rpartition"),
    *("splitlines", "isupper", "islower", "removeprefix", "removesuffix", "isnumeric", "isdecimal", "swapcase"),
)


def _plain_text(name: str) -> Method:
    def method(_core: Core, text: str, given: list[Any], named: dict[str, Any]) -> Any:
        lost = unknown_among(*given, *named.values())
        if lost is not None:
            return lost
        if name == "replace" and len(given) > 1 and all(isinstance(item, str) for item in given[:2]):
            longest = (len(text) + 1) * (len(given[1]) + 1)
            if longest > 10_000_000:
                raise Exhausted("makes a text that is too long.")
        result = getattr(text, name)(*given, **named)
        return bounded(list(result)) if isinstance(result, list) else bounded(result)

    return method


def _join(core: Core, text: str, given: list[Any], _named: dict[str, Any]) -> Any:
    parts = list(core.items(given[0]))
    lost = unknown_among(*parts)
    if lost is not None:
        return lost
    if sum(len(part) + len(text) for part in parts) > 1_000_000:
        raise Exhausted("makes a text that is too long.")
    return text.join(parts)


def _format(_core: Core, text: str, given: list[Any], named: dict[str, Any]) -> Any:
    lost = unknown_among(*given, *named.values())
    if lost is not None:
        return lost
    return format_text(text, given, named)


def format_text(text: str, given: list[Any], named: dict[str, Any]) -> Any:
    """`text.format(...)` without attributes and elements: a field is a name or a number, and a short spec."""
    from string import Formatter

    parts: list[str] = []
    automatic = 0
    for literal, name, spec, conversion in Formatter().parse(text):
        parts.append(literal)
        if name is None:
            continue
        if spec and "{" in spec:
            raise NotFollowed("formats a number with a width that is computed.")
        if name == "":
            name, automatic = str(automatic), automatic + 1
        if not name.isidentifier() and not name.isdigit():
            return Unknown("a text with an attribute or an element of something")
        value = given[int(name)] if name.isdigit() else named[name]
        parts.append(formatted(value, spec or "", ord(conversion) if conversion else -1))
    return str(bounded("".join(parts)))


# Lists


def _append(core: Core, items: list[Any], given: list[Any], _named: dict[str, Any]) -> None:
    core.budget.spend()
    if len(items) >= MAX_LENGTH:
        raise Exhausted(f"makes a list of more than {MAX_LENGTH:,} elements.")
    items.append(given[0])


def _extend(core: Core, items: list[Any], given: list[Any], _named: dict[str, Any]) -> None:
    items.extend(list(core.items(given[0])))
    bounded(items)


def _sort(core: Core, items: list[Any], _given: list[Any], named: dict[str, Any]) -> None:
    items[:] = sorted_items(core, items, named)


def sorted_items(core: Core, items: list[Any], named: dict[str, Any]) -> list[Any]:
    """The elements in order, by a function of the source if one is given."""
    core.budget.spend(len(items))
    by = named.get("key")
    keys = [core.call(by, [item], {}) for item in items] if by is not None else items
    lost = unknown_among(*keys)
    if lost is not None:
        raise NotFollowed(f"sorts by something that is not known: {lost.why}.")
    order = sorted(range(len(items)), key=lambda place: keys[place], reverse=bool(named.get("reverse", False)))
    return [items[place] for place in order]


def _of_list(name: str) -> Method:
    def method(core: Core, items: list[Any], given: list[Any], named: dict[str, Any]) -> Any:
        core.budget.spend(len(items))
        return getattr(items, name)(*given, **named)

    return method


# Dicts


def _update(core: Core, items: dict[Any, Any], given: list[Any], named: dict[str, Any]) -> None:
    for other in given:
        pairs = other.items() if isinstance(other, dict) else [tuple(pair) for pair in core.items(other)]
        items.update(dict(pairs))
    items.update(named)
    bounded(items)


def _of_dict(name: str) -> Method:
    def method(core: Core, items: dict[Any, Any], given: list[Any], named: dict[str, Any]) -> Any:
        core.budget.spend(len(items))
        result = getattr(items, name)(*given, **named)
        return list(result) if name in ("keys", "values", "items") else result

    return method


def _of_set(name: str) -> Method:
    def method(core: Core, items: set[Any], given: list[Any], named: dict[str, Any]) -> Any:
        core.budget.spend(len(items))
        return bounded(getattr(items, name)(*given, **named))

    return method


_LIST: dict[str, Method] = {
    "append": _append,
    "extend": _extend,
    "sort": _sort,
    **{name: _of_list(name) for name in ("insert", "pop", "remove", "index", "count", "reverse", "copy", "clear")},
}
_SET_METHODS = (
    *("add", "union", "update", "difference", "intersection", "discard", "issubset", "issuperset", "copy", "pop"),
    *("remove", "isdisjoint", "symmetric_difference"),
)
METHODS: dict[type, dict[str, Method]] = {
    str: {"join": _join, "format": _format, **{name: _plain_text(name) for name in _TEXT_METHODS}},
    list: _LIST,
    # A shape is a tuple here, and TensorFlow's has this method.
    tuple: {
        "as_list": lambda core, value, _given, _named: list(core.items(value)),
        "index": _of_list("index"),
        "count": _of_list("count"),
    },
    dict: {
        "update": _update,
        **{
            name: _of_dict(name)
            for name in ("get", "keys", "values", "items", "pop", "setdefault", "copy", "clear", "popitem")
        },
    },
    set: {name: _of_set(name) for name in _SET_METHODS},
    int: {
        "bit_length": lambda _core, value, _given, _named: value.bit_length(),
        "item": lambda _core, value, _given, _named: value,
    },
    float: {
        "is_integer": lambda _core, value, _given, _named: value.is_integer(),
        "item": lambda _core, value, _given, _named: value,
    },
}
"""For each kind of plain value its methods."""


def data_of(value: Any, name: str) -> Any:
    """An attribute of a number or of a slice, None if it has none of this name."""
    # A size of TensorFlow 1 has its number as its value.
    if isinstance(value, (int, float)) and name in ("real", "imag", "value"):
        return 0 if name == "imag" else value
    return None


def method_of(core: Core, value: Any, name: str) -> Any:
    """A method of a plain value, bound to it; None if there is none of this name."""
    method = METHODS.get(type(value), {}).get(name)
    if method is None:
        return data_of(value, name)

    def called(given: list[Any], named: dict[str, Any]) -> Any:
        try:
            return method(core, value, given, named)
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise Raised(type(error).__name__, str(error)) from None

    return Native(name, called)
