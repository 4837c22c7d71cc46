"""The functions that Python has without an import, each written out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cnnstudio.formats.source.language.limits import bounded
from cnnstudio.formats.source.language.methods import sorted_items
from cnnstudio.formats.source.language.objects import Objects, has_method
from cnnstudio.formats.source.language.operators import binary, text_of, unknown_among
from cnnstudio.formats.source.language.texts import TextFile
from cnnstudio.formats.source.language.values import (
    Class,
    Foreign,
    Function,
    Instance,
    Namespace,
    Native,
    NotFollowed,
    Raised,
    Range,
    Super,
    Thing,
    Unknown,
    kind_of,
)

Builtin = Callable[[Objects, list[Any], dict[str, Any]], Any]
_TYPES: dict[str, tuple[type, ...]] = {
    "int": (int,),
    "float": (float,),
    "str": (str,),
    "bool": (bool,),
    "list": (list,),
    "tuple": (tuple,),
    "dict": (dict,),
    "set": (set,),
    "slice": (slice,),
}
_ABSTRACT: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("List", "MutableSequence"), (list,)),
    **dict.fromkeys(("Sequence", "Iterable", "Collection"), (list, tuple)),
    **dict.fromkeys(("Dict", "Mapping", "OrderedDict"), (dict,)),
    "Tuple": (tuple,),
    "Number": (int, float),
    "Integral": (int,),
}
"""Kinds of values by the names under which they are imported."""
ERRORS = (
    *("Exception", "ValueError", "TypeError", "NotImplementedError", "RuntimeError", "KeyError", "IndexError"),
    *("AttributeError", "AssertionError", "ImportError", "ModuleNotFoundError", "OSError", "FileNotFoundError"),
    *("StopIteration", "ZeroDivisionError", "KeyboardInterrupt", "NameError", "Warning", "UserWarning"),
)


def plain(name: str, function: Callable[..., Any], given: list[Any], named: dict[str, Any]) -> Any:
    """The result of a function of plain values; what is not known stays unknown, and errors are the source's."""
    lost = unknown_among(*given, *named.values())
    if lost is not None:
        return lost
    if any(isinstance(item, (Thing, Instance, Class, Function, Foreign)) for item in given):
        raise NotFollowed(f"calls {name} of {kind_of(given[0])}, which is not read.")
    try:
        return bounded(function(*given, **named))
    except (TypeError, ValueError, ArithmeticError, LookupError) as error:
        raise Raised(type(error).__name__, str(error)) from None


def _simple(name: str, function: Callable[..., Any]) -> Builtin:
    return lambda _core, given, named: plain(name, function, given, named)


def _listed(make: Callable[[list[Any]], Any]) -> Builtin:
    def made(core: Objects, given: list[Any], _named: dict[str, Any]) -> Any:
        if given and isinstance(given[0], Unknown):
            return given[0]
        return make(list(core.items(given[0])) if given else [])

    return made


def _number(convert: Callable[[Any], Any], name: str) -> Builtin:
    def made(_core: Objects, given: list[Any], named: dict[str, Any]) -> Any:
        if given and isinstance(given[0], Thing):
            return given[0].attribute(f"__{name}__")
        return plain(name, convert, given, named)

    return made


def _dict(core: Objects, given: list[Any], named: dict[str, Any]) -> Any:
    result: dict[Any, Any] = {}
    for source in given:
        if isinstance(source, Unknown):
            return source
        if isinstance(source, dict):
            result.update(source)
        else:
            for pair in core.items(source):
                key, value = list(core.items(pair))
                result[core.key(key)] = value
    return {**result, **named}


def _range(_core: Objects, given: list[Any], _named: dict[str, Any]) -> Any:
    lost = unknown_among(*given)
    if lost is not None:
        return lost
    if not all(type(item) is int for item in given):
        raise Raised("TypeError", "range takes whole numbers")
    return Range(plain("range", range, given, {}))


def _zip(core: Objects, given: list[Any], _named: dict[str, Any]) -> Any:
    lost = unknown_among(*given)
    return lost or [tuple(row) for row in zip(*[list(core.items(item)) for item in given], strict=False)]


def _enumerate(core: Objects, given: list[Any], named: dict[str, Any]) -> Any:
    if isinstance(given[0], Unknown):
        return given[0]
    start = given[1] if len(given) > 1 else named.get("start", 0)
    return [(start + place, item) for place, item in enumerate(core.items(given[0]))]


def _map(core: Objects, given: list[Any], _named: dict[str, Any]) -> Any:
    lost = unknown_among(*given[1:])
    if lost is not None:
        return lost
    rows = zip(*[list(core.items(item)) for item in given[1:]], strict=False)
    return [core.call(given[0], list(row), {}) for row in rows]


def _filter(core: Objects, given: list[Any], _named: dict[str, Any]) -> Any:
    kept = []
    for item in core.items(given[1]):
        truth = core.is_true(item if given[0] is None else core.call(given[0], [item], {}))
        if isinstance(truth, Unknown):
            return truth
        if truth:
            kept.append(item)
    return kept


def _sum(core: Objects, given: list[Any], named: dict[str, Any]) -> Any:
    if isinstance(given[0], Unknown):
        return given[0]
    total = given[1] if len(given) > 1 else named.get("start", 0)
    for item in core.items(given[0]):
        total = item if total == 0 and isinstance(item, Thing) else binary(core.budget, "+", total, item)
    return total


def _extreme(function: Callable[..., Any]) -> Builtin:
    def made(core: Objects, given: list[Any], named: dict[str, Any]) -> Any:
        if len(given) == 1 and isinstance(given[0], Unknown):
            return given[0].part
        items = list(core.items(given[0])) if len(given) == 1 else given
        lost = unknown_among(*items)
        if lost is not None:
            return lost
        if not items:
            return named["default"] if "default" in named else Unknown("the largest of nothing")
        by = named.get("key")
        keys = [core.call(by, [item], {}) for item in items] if by is not None else items
        if any(not isinstance(key, (int, float, str, tuple)) for key in keys):
            raise NotFollowed(f"compares {kind_of(keys[0])}, which is not read.")
        best = plain("max", lambda values: function(range(len(values)), key=lambda at: values[at]), [keys], {})
        return items[best]

    return made


def _quantified(function: Callable[..., bool]) -> Builtin:
    def made(core: Objects, given: list[Any], _named: dict[str, Any]) -> Any:
        if isinstance(given[0], Unknown):
            return given[0]
        truths = [core.is_true(item) for item in core.items(given[0])]
        return unknown_among(*truths) or function(truths)

    return made


def _reversed(core: Objects, given: list[Any], _named: dict[str, Any]) -> Any:
    return given[0] if isinstance(given[0], Unknown) else list(core.items(given[0]))[::-1]


def _sorted(core: Objects, given: list[Any], named: dict[str, Any]) -> Any:
    return given[0] if isinstance(given[0], Unknown) else sorted_items(core, list(core.items(given[0])), named)


def _len(core: Objects, given: list[Any], _named: dict[str, Any]) -> Any:
    return core.length(given[0])


def _is_instance(_core: Objects, given: list[Any], _named: dict[str, Any]) -> Any:
    value, kinds = given
    if isinstance(value, Unknown):
        return value
    return any(_is_of(value, kind) for kind in (kinds if isinstance(kinds, tuple) else (kinds,)))


def _is_of(value: Any, kind: Any) -> bool:
    if isinstance(kind, Native):
        types = _TYPES.get(kind.name, ())
        return isinstance(value, types) and not (kind.name == "float" and isinstance(value, bool))
    if isinstance(kind, Foreign) and kind.name.rpartition(".")[2] in _ABSTRACT:
        return isinstance(value, _ABSTRACT[kind.name.rpartition(".")[2]])
    if isinstance(value, Instance):
        return kind in value.kind.order or (isinstance(kind, Foreign) and kind.name in value.kind.foreign)
    return isinstance(value, Thing) and isinstance(kind, Foreign) and kind.name in _kinds(value)


def _kinds(value: Thing) -> tuple[str, ...]:
    found = value.attribute("__isinstance__")
    return found if isinstance(found, tuple) else (str(found),)


def _is_subclass(_core: Objects, given: list[Any], _named: dict[str, Any]) -> Any:
    kind, kinds = given
    wanted = kinds if isinstance(kinds, tuple) else (kinds,)
    return any(kind is base or (isinstance(kind, Class) and base in kind.order) or kind == base for base in wanted)


def _has_attribute(core: Objects, given: list[Any], _named: dict[str, Any]) -> Any:
    owner, name = given
    if isinstance(owner, Unknown):
        return owner
    try:
        found = core.attribute(owner, name)
    except (NotFollowed, Raised):
        return False
    if isinstance(owner, Namespace) and owner.is_open:
        return name in owner.attributes
    return not isinstance(found, Unknown) or isinstance(owner, (Instance, Namespace)) or has_method(owner, name)


def _get_attribute(core: Objects, given: list[Any], _named: dict[str, Any]) -> Any:
    if isinstance(given[1], Unknown):
        return given[1]
    if len(given) > 2 and isinstance(given[0], Namespace) and given[0].is_open:
        return given[0].attributes.get(given[1], given[2])
    try:
        return core.attribute(given[0], given[1])
    except (Raised, NotFollowed):
        if len(given) > 2:
            return given[2]
        raise


def _set_attribute(core: Objects, given: list[Any], _named: dict[str, Any]) -> None:
    if isinstance(given[1], Unknown):
        raise NotFollowed(f"sets an attribute whose name is not known: {given[1].why}.")
    core.set_attribute(given[0], str(given[1]), given[2])


def _delete_attribute(core: Objects, given: list[Any], _named: dict[str, Any]) -> None:
    owner, name = given
    if isinstance(owner, Instance) and isinstance(name, str):
        owner.attributes.pop(name, None)
        core.frameworks.set(owner, name, None)
        return
    raise NotFollowed(f"takes an attribute from {kind_of(owner)}, which is not read.")


def _type(core: Objects, given: list[Any], _named: dict[str, Any]) -> Any:
    value = given[0]
    if len(given) > 1:
        raise NotFollowed("makes a class by calling type, which is not followed.")
    if isinstance(value, Instance):
        return value.kind
    if isinstance(value, Thing):
        return Foreign(_kinds(value)[0])
    name = next((name for name, kinds in _TYPES.items() if type(value) in kinds), "")
    return core.builtins.get(name, Unknown("the class of something"))


def _super(_core: Objects, given: list[Any], _named: dict[str, Any]) -> Any:
    if len(given) < 2 or not isinstance(given[0], Class):
        raise NotFollowed("calls super with arguments that are not followed.")
    return Super(given[1], given[0])


def _next(core: Objects, given: list[Any], _named: dict[str, Any]) -> Any:
    if isinstance(given[0], (Unknown, Foreign)):
        return Unknown("the next of something")
    items = list(core.items(given[0]))
    if not items and len(given) < 2:
        raise Raised("StopIteration")
    return items[0] if items else given[1]


def _round(_core: Objects, given: list[Any], named: dict[str, Any]) -> Any:
    return plain("round", round, given, named)


def _text(_core: Objects, given: list[Any], _named: dict[str, Any]) -> Any:
    return text_of(given[0]) if given else ""


def _refused(name: str) -> Builtin:
    def made(_core: Objects, _given: list[Any], _named: dict[str, Any]) -> Any:
        raise NotFollowed(f"calls {name}, which runs code and is never done.")

    return made


def _open(core: Objects, given: list[Any], named: dict[str, Any]) -> Any:
    """A file of data of the project; what is in another one is not known."""
    name = given[0] if given else named.get("file")
    text = core.data(name) if isinstance(name, str) else None
    return Unknown("the content of a file") if text is None else TextFile(text)


def _nothing(_core: Objects, _given: list[Any], _named: dict[str, Any]) -> None:
    return None


FUNCTIONS: dict[str, Builtin] = {
    "abs": _simple("abs", abs),
    "divmod": _simple("divmod", divmod),
    "round": _round,
    "pow": lambda core, given, _named: binary(core.budget, "**", given[0], given[1]),
    "int": _number(int, "int"),
    "float": _number(float, "float"),
    "str": _text,
    "repr": _text,
    "bool": lambda core, given, _named: core.is_true(given[0]) if given else False,
    "list": _listed(list),
    "tuple": _listed(tuple),
    "iter": _listed(list),
    "set": _listed(set),
    "dict": _dict,
    "frozenset": _listed(set),
    "range": _range,
    "xrange": _range,
    "unicode": _text,
    "zip": _zip,
    "enumerate": _enumerate,
    "map": _map,
    "filter": _filter,
    "sum": _sum,
    "max": _extreme(max),
    "min": _extreme(min),
    "len": _len,
    "all": _quantified(all),
    "any": _quantified(any),
    "reversed": _reversed,
    "sorted": _sorted,
    "isinstance": _is_instance,
    "issubclass": _is_subclass,
    "hasattr": _has_attribute,
    "getattr": _get_attribute,
    "setattr": _set_attribute,
    "delattr": _delete_attribute,
    "type": _type,
    "super": _super,
    "next": _next,
    "slice": _simple("slice", slice),
    "callable": lambda _core, given, _named: not isinstance(given[0], (int, float, str, list, tuple, dict, type(None))),
    "id": lambda _core, _given, _named: Unknown("the id of an object"),
    "chr": _simple("chr", chr),
    "ord": _simple("ord", ord),
    "print": _nothing,
    "input": lambda _core, _given, _named: Unknown("what somebody types"),
    "open": _open,
    "vars": lambda core, given, _named: core.attribute(given[0], "__dict__") if given else Unknown("all variables"),
    "globals": lambda _core, _given, _named: Unknown("all variables"),
    "locals": lambda _core, _given, _named: Unknown("all variables"),
    **{name: _refused(name) for name in ("eval", "exec", "compile", "__import__")},
}
"""For each name the function that stands for it."""


def builtins_of(core: Objects) -> dict[str, Any]:
    """The names of Python itself, bound to one program."""

    def bound(name: str, function: Builtin) -> Native:
        def called(given: list[Any], named: dict[str, Any]) -> Any:
            try:
                return function(core, given, named)
            except (IndexError, KeyError) as error:
                raise Raised("TypeError", f"{name} is called with other arguments than it takes ({error})") from None

        return Native(name, called)

    names: dict[str, Any] = {name: bound(name, function) for name, function in FUNCTIONS.items()}
    names |= {name: Class(name, (), {}, 0) for name in ERRORS}
    for name in ERRORS:
        names[name].order = (names[name],)
    names |= {"object": Foreign("object"), "NotImplemented": None, "Ellipsis": Ellipsis, "__name__": "__main__"}
    names |= {"__file__": Unknown("the place of the file"), "property": Foreign("property")}
    return names
