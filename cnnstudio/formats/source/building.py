"""A network of a program, made by the function, the class or the method that makes it."""

from __future__ import annotations

import ast
from typing import Any

from cnnstudio.formats.source.candidates import Candidate
from cnnstudio.formats.source.facts import (
    MAKERS,
    calls_in,
    is_network,
    is_settings,
    missing_of,
    named_in,
    settable,
    start_of,
    stated,
)
from cnnstudio.formats.source.frameworks import Libraries
from cnnstudio.formats.source.keras.models import Model
from cnnstudio.formats.source.keras.tensors import KerasTensor
from cnnstudio.formats.source.keras.tuning import HyperParameters
from cnnstudio.formats.source.language.program import Program
from cnnstudio.formats.source.language.values import (
    Class,
    Foreign,
    Function,
    Namespace,
    NotFollowed,
    Raised,
    Thing,
    Unknown,
    kind_of,
)
from cnnstudio.formats.source.project.calls import Calls
from cnnstudio.formats.source.project.settings import given_by_user

MAX_SHOWN = 60


def build(program: Program, candidate: Candidate, libraries: Libraries, elsewhere: Calls | None = None) -> Any:
    """The network itself, made if the program did not. Raises NotFollowed if that takes arguments, or fails."""
    if candidate.value is not None:
        return candidate.value
    given = _given(program, candidate)
    missing, size = _without_inputs(program, candidate, libraries, given)
    missing = _found_missing(program, candidate, given, missing, elsewhere)
    if missing:
        raise _asking(candidate, missing, size)
    try:
        made = _made_by(program, candidate, given, libraries)
    except Raised as error:
        if error.kind == "KeyError" and error.text.strip("'").isidentifier() and _takes_more(candidate.maker):
            names = [error.text.strip("'"), *_taken_anywhere(program)]
            raise _asking(candidate, [name for name in dict.fromkeys(names) if name not in given]) from None
        raise NotFollowed(error.sentence, error.line or candidate.line) from None
    if isinstance(made, KerasTensor):
        made = [made]
    if isinstance(made, (tuple, list)) and made:
        made = libraries.keras.leading_to(made) or made[0]
    if isinstance(made, Unknown):
        raise NotFollowed(f"{candidate.name} cannot be made: {made.why}.", candidate.line)
    return made


def _asking(candidate: Candidate, missing: list[str], more: str = "") -> NotFollowed:
    """The refusal that asks for arguments, for all at once."""
    words = " and ".join(f"'{name}'" for name in missing)
    settings = " ".join(f"--set {_quoted(name)}=..." for name in missing) + more
    sentence = f"{candidate.name} takes {words}, which the file does not state; give {settings}."
    return NotFollowed(sentence, candidate.line)


def _given(program: Program, candidate: Candidate) -> dict[str, Any]:
    """The arguments that the user gives, those among them that a `**` takes."""
    names = settable(candidate.maker) + (settable(candidate.owner) if candidate.owner is not None else [])
    if _takes_more(candidate.maker):
        names += [name for value in program.scope.names.values() for name in settable(value)]
    given = {name: program.settings[name] for name in names if name in program.settings and not is_settings(name)}
    program.used_settings |= set(given)
    return given


def _without_inputs(
    program: Program, candidate: Candidate, libraries: Libraries, given: dict[str, Any]
) -> tuple[list[str], str]:
    """Takes what the file says of arguments, and the size of an input; what is still missing, and how to give that."""
    missing = [name for name in candidate.missing if name not in given]
    assumed = libraries.keras.arguments(missing, _codes(candidate))
    candidate.assumed = []
    for name in list(missing):
        is_sized = isinstance(assumed.get(name), Thing) or (name in assumed and libraries.keras.input_size is not None)
        found = None if is_sized else stated(program, name)
        if found is not None:
            given[name], sentence = found
            candidate.assumed.append(sentence)
            assumed.pop(name, None)
            missing.remove(name)
    given |= assumed
    for name, value in assumed.items():
        candidate.assumed.append(f"{name} is {_said(value)}, which the file does not state.")
    usual = ",".join(map(str, libraries.keras.usual))
    size = f"; {' and '.join(assumed)} by --input-size, else {usual}" if assumed else ""
    return [name for name in missing if name not in assumed], size


def _codes(candidate: Candidate) -> list[ast.AST]:
    """The functions that make a network: the maker, or all of its class."""
    maker, owner = candidate.maker, candidate.owner
    kind = owner or (maker if isinstance(maker, Class) else None)
    functions = [maker] if kind is None else [item for item in kind.members.values() if isinstance(item, Function)]
    return [item.code for item in functions if isinstance(item, Function)]


def _found_missing(
    program: Program, candidate: Candidate, given: dict[str, Any], missing: list[str], elsewhere: Calls | None
) -> list[str]:
    """Takes what the file, its project and the user say of arguments; the names of what is still open."""
    if missing:
        missing = _said_elsewhere(program, candidate, given, missing, elsewhere)
    still: list[str] = []
    for name in missing:
        settled = given_by_user(program, candidate.maker, name, elsewhere)
        still += settled.open
        if not settled.open:
            given[name] = settled.value
        if settled.sentence:
            candidate.assumed.append(settled.sentence)
    return still


def _said_elsewhere(
    program: Program, candidate: Candidate, given: dict[str, Any], missing: list[str], elsewhere: Calls | None
) -> list[str]:
    """Takes the arguments with which another file of the project makes the network; those that are still missing."""
    maker = start_of(candidate.maker) if isinstance(candidate.maker, Class) else candidate.maker
    if elsewhere is None or not isinstance(maker, Function) or candidate.owner is not None:
        return missing
    said = elsewhere.of(candidate.name, maker, missing, program.scope.names)
    if said is None:
        return missing
    for name, value in said.values.items():
        if name not in given:
            given[name] = value
            shown = _shown(value)
            candidate.assumed.append(f"{name} is {shown}, as line {said.line} of {said.file} calls it.")
    return []


def _shown(value: Any) -> str:
    """A value in a few words."""
    if isinstance(value, (Class, Function, Foreign)):
        return value.name
    text = kind_of(value) if isinstance(value, Namespace) else repr(value)
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}..."


def _taken_anywhere(program: Program) -> list[str]:
    """The arguments that the classes and functions of a file take out of their `**` dicts."""
    makers = [start_of(item) if isinstance(item, Class) else item for item in program.scope.names.values()]
    return [name for item in makers if isinstance(item, Function) for name in named_in(item)]


def _takes_more(maker: Any) -> bool:
    """True for what takes arguments of any name."""
    function = start_of(maker) if isinstance(maker, Class) else maker
    return isinstance(function, Function) and function.code.args.kwarg is not None


def _quoted(name: str) -> str:
    return name if name.isidentifier() else f'"{name}"'


def _said(value: Any) -> str:
    if isinstance(value, HyperParameters):
        return "the first of each search"
    if isinstance(value, KerasTensor):
        return f"an input of {' × '.join(map(str, value.sizes))}"
    return str(value)


def _made_by(program: Program, candidate: Candidate, given: dict[str, Any], libraries: Libraries) -> Any:
    maker, owner = candidate.maker, candidate.owner
    if isinstance(maker, Class) and not is_network(maker):
        return _made_inside(program, maker, given, libraries)
    if owner is None or maker.kind == "staticmethod":
        return program.call(maker, [], given)
    start, own = settable(owner), settable(maker)
    if maker.kind == "classmethod":
        return program.call(maker, [owner], given)
    made = program.create(owner, [], {name: value for name, value in given.items() if name in start})
    return program.call(maker, [made], {name: value for name, value in given.items() if name in own})


def _made_inside(program: Program, kind: Class, given: dict[str, Any], libraries: Libraries) -> Any:
    """The largest model that an object of a class makes for itself, when it begins or by a method that makes one."""
    before = len(libraries.keras.made)
    made = program.create(kind, [], given)
    for method in kind.members.values():
        if len(libraries.keras.made) > before:
            break
        is_maker = isinstance(method, Function) and isinstance(method.code, ast.FunctionDef) and not missing_of(method)
        if is_maker and method.name != "__init__" and calls_in(method.code) & MAKERS:
            program.call(method, [made], {})
    models = [item for item in libraries.keras.made[before:] if isinstance(item, Model)]
    if not models:
        raise NotFollowed(f"{kind.name} makes no model that is followed.", kind.line)
    return max(models, key=lambda model: len(model.parts()))
