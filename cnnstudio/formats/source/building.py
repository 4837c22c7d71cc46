"""A network of a program, made by the function, the class or the method that makes it."""

from __future__ import annotations

import ast
from typing import Any

from cnnstudio.formats.source.candidates import Candidate
from cnnstudio.formats.source.facts import MAKERS, calls_in, is_network, missing_of, settable, stated
from cnnstudio.formats.source.frameworks import Libraries
from cnnstudio.formats.source.keras.models import Model
from cnnstudio.formats.source.keras.tensors import KerasTensor
from cnnstudio.formats.source.keras.tuning import HyperParameters
from cnnstudio.formats.source.language.program import Program
from cnnstudio.formats.source.language.values import Class, Function, NotFollowed, Raised, Thing, Unknown


def build(program: Program, candidate: Candidate, libraries: Libraries) -> Any:
    """The network itself, made if the program did not. Raises NotFollowed if that takes arguments, or fails."""
    if candidate.value is not None:
        return candidate.value
    given = _arguments(program, candidate, libraries)
    try:
        made = _made_by(program, candidate, given, libraries)
    except Raised as error:
        raise NotFollowed(error.sentence, error.line or candidate.line) from None
    if isinstance(made, KerasTensor):
        made = [made]
    if isinstance(made, (tuple, list)) and made:
        made = libraries.keras.leading_to(made) or made[0]
    if isinstance(made, Unknown):
        raise NotFollowed(f"{candidate.name} cannot be made: {made.why}.", candidate.line)
    return made


def _arguments(program: Program, candidate: Candidate, libraries: Libraries) -> dict[str, Any]:
    """The arguments of a network's maker: those of the user, of the file, and the size of an input.

    Raises NotFollowed if there are others.
    """
    names = settable(candidate.maker) + (settable(candidate.owner) if candidate.owner is not None else [])
    given = {name: program.settings[name] for name in names if name in program.settings}
    program.used_settings |= set(given)
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
    missing = [name for name in missing if name not in assumed]
    if missing:
        words = " and ".join(f"'{name}'" for name in missing)
        settings = " ".join(f"--set {name}=..." for name in missing)
        usual = ",".join(map(str, libraries.keras.usual))
        settings += f"; {' and '.join(assumed)} by --input-size, else {usual}" if assumed else ""
        raise NotFollowed(
            f"{candidate.name} takes {words}, which the file does not state; give {settings}.", candidate.line
        )
    return given


def _codes(candidate: Candidate) -> list[ast.AST]:
    """The functions that make a network: the maker, or all of its class."""
    maker, owner = candidate.maker, candidate.owner
    kind = owner or (maker if isinstance(maker, Class) else None)
    functions = [maker] if kind is None else [item for item in kind.members.values() if isinstance(item, Function)]
    return [item.code for item in functions if isinstance(item, Function)]


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
