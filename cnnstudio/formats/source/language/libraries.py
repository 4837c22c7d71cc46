"""The parts of the standard library and of numpy that networks are written with, each written out."""

from __future__ import annotations

import math
import string
from collections.abc import Callable
from itertools import islice
from itertools import product as products
from typing import Any

from cnnstudio.formats.source.language.builtins import plain
from cnnstudio.formats.source.language.core import Core
from cnnstudio.formats.source.language.limits import MAX_LENGTH, Exhausted
from cnnstudio.formats.source.language.objects import Objects
from cnnstudio.formats.source.language.operators import binary, unknown_among
from cnnstudio.formats.source.language.values import (
    Instance,
    Namespace,
    Native,
    NotFollowed,
    Thing,
)

Library = Callable[[Objects, list[Any], dict[str, Any]], Any]
_MATH = ("floor", "ceil", "sqrt", "log", "log2", "log10", "exp", "pow", "gcd", "prod", "sin", "cos", "trunc", "fabs")
MAX_COPIED = 20_000


def _of_math(name: str) -> Library:
    function = getattr(math, name)

    def made(core: Objects, given: list[Any], named: dict[str, Any]) -> Any:
        values = [list(core.items(item)) if name == "prod" else item for item in given]
        lost = unknown_among(*(values[0] if name == "prod" else values))
        return lost or plain(f"math.{name}", function, values, named)

    return made


def _deep_copy(core: Objects, given: list[Any], _named: dict[str, Any]) -> Any:
    return copied(core, given[0], {}, 0)


def copied(core: Core, value: Any, known: dict[int, Any], depth: int) -> Any:
    """A copy of a value and of all in it; a framework's things copy themselves."""
    core.budget.spend()
    if depth > 40 or len(known) > MAX_COPIED:
        raise Exhausted("copies too much.")
    if id(value) in known:
        return known[id(value)]
    if isinstance(value, list):
        result: Any = []
        known[id(value)] = result
        result.extend(copied(core, item, known, depth + 1) for item in value)
        return result
    if isinstance(value, tuple):
        return tuple(copied(core, item, known, depth + 1) for item in value)
    if isinstance(value, dict):
        return {key: copied(core, item, known, depth + 1) for key, item in value.items()}
    if isinstance(value, Instance):
        made = known[id(value)] = Instance(value.kind, {}, value.line)
        started = core.frameworks.method(made, "__new__")
        if isinstance(started, Native):
            core.call(started, [], {})
        for name, item in value.attributes.items():
            core.set_attribute(made, name, copied(core, item, known, depth + 1))
        return made
    if isinstance(value, Thing):
        known[id(value)] = copy = value.attribute("__deepcopy__")
        return copy
    return value


def _partial(core: Objects, given: list[Any], named: dict[str, Any]) -> Any:
    function, first, fixed = given[0], given[1:], dict(named)

    def called(later: list[Any], more: dict[str, Any]) -> Any:
        return core.call(function, [*first, *later], {**fixed, **more})

    return Native("partial", called)


def _reduce(core: Objects, given: list[Any], _named: dict[str, Any]) -> Any:
    items = list(core.items(given[1]))
    total = given[2] if len(given) > 2 else items.pop(0)
    for item in items:
        total = core.call(given[0], [total, item], {})
    return total


def _operator(sign: str) -> Library:
    return lambda core, given, _named: binary(core.budget, sign, given[0], given[1])


def _ordered_dict(core: Objects, given: list[Any], named: dict[str, Any]) -> Any:
    return core.call(core.builtins["dict"], given, named)


def _named_tuple(core: Objects, given: list[Any], named: dict[str, Any]) -> Any:
    fields = given[1].replace(",", " ").split() if isinstance(given[1], str) else list(core.items(given[1]))
    defaults = list(core.items(named["defaults"])) if "defaults" in named else []

    def called(values: list[Any], more: dict[str, Any]) -> Any:
        start = dict(zip(fields[len(fields) - len(defaults) :], defaults, strict=True))
        return Namespace(str(given[0]), {**start, **dict(zip(fields, values, strict=False)), **more})

    return Native(str(given[0]), called)


def _chain(core: Objects, given: list[Any], _named: dict[str, Any]) -> Any:
    return [item for part in given for item in core.items(part)]


def _product(core: Objects, given: list[Any], named: dict[str, Any]) -> Any:
    rows = [list(core.items(part)) for part in given] * int(named.get("repeat", 1))
    if math.prod(len(row) for row in rows) > MAX_LENGTH:
        raise Exhausted("makes a list of too many elements.")
    return [tuple(row) for row in products(*rows)]


def _repeat(core: Objects, given: list[Any], _named: dict[str, Any]) -> Any:
    if len(given) < 2:
        raise NotFollowed("repeats something for ever.")
    return binary(core.budget, "*", [given[0]], given[1])


def _cumulated(core: Objects, given: list[Any], _named: dict[str, Any]) -> Any:
    total: Any = 0
    rows = []
    for item in core.items(given[0]):
        total = binary(core.budget, "+", total, item)
        rows.append(total)
    return rows


def _islice(core: Objects, given: list[Any], _named: dict[str, Any]) -> Any:
    return list(islice(core.items(given[0]), *given[1:]))


LIBRARIES: dict[str, Library] = {
    **{f"math.{name}": _of_math(name) for name in _MATH},
    **{f"numpy.{name}": _of_math(name) for name in ("floor", "ceil", "sqrt", "log2", "log", "prod")},
    "copy.deepcopy": _deep_copy,
    "copy.copy": _deep_copy,
    "functools.partial": _partial,
    "functools.reduce": _reduce,
    **{f"operator.{name}": _operator(sign) for name, sign in (("mul", "*"), ("add", "+"), ("sub", "-"))},
    "collections.OrderedDict": _ordered_dict,
    "collections.defaultdict": lambda _core, _given, _named: {},
    "collections.deque": lambda core, given, _named: list(core.items(given[0])) if given else [],
    "collections.namedtuple": _named_tuple,
    "typing.NamedTuple": _named_tuple,
    "typing.cast": lambda _core, given, _named: given[1],
    "itertools.chain": _chain,
    "itertools.chain.from_iterable": lambda core, given, _named: _chain(core, list(core.items(given[0])), {}),
    "itertools.product": _product,
    "itertools.repeat": _repeat,
    "itertools.islice": _islice,
    "itertools.accumulate": _cumulated,
    **dict.fromkeys(
        ("numpy.int32", "numpy.int64", "numpy.int8"), lambda _core, given, named: plain("int", int, given, named)
    ),
}
"""For each full name the function that stands for it."""
CONSTANTS: dict[str, Any] = {
    **{f"math.{name}": getattr(math, name) for name in ("pi", "e", "inf", "tau")},
    **{f"numpy.{name}": getattr(math, name) for name in ("pi", "e", "inf")},
    **{f"{name}.__version__": version for name, version in (("tensorflow", "2.9.0"), ("keras", "2.9.0"))},
    **{
        f"string.{name}": getattr(string, name)
        for name in ("digits", "ascii_letters", "ascii_lowercase", "ascii_uppercase", "punctuation", "printable")
    },
}
NOTHING = ("warnings.", "logging.", "random.seed", "numpy.random.seed", "time.sleep", "os.environ", "gc.", "sys.path")
"""The beginnings of names whose calls change nothing that is read."""
