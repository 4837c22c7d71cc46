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
from cnnstudio.formats.source.language.values import Class, Function, NotFollowed, Raised, Unknown


def build(program: Program, candidate: Candidate, libraries: Libraries) -> Any:
    """The network itself, made if the program did not. Raises NotFollowed if that takes arguments, or fails."""
    if candidate.value is not None:
        return candidate.value
    names = settable(candidate.maker) + (settable(candidate.owner) if candidate.owner is not None else [])
    given = {name: program.settings[name] for name in names if name in program.settings}
    program.used_settings |= set(given)
    missing = [name for name in candidate.missing if name not in given]
    assumed = libraries.keras.arguments(missing)
    given |= assumed
    candidate.assumed = [f"{name} is {_said(value)}, which the file does not state." for name, value in assumed.items()]
    missing = [name for name in missing if name not in assumed]
    for name in list(missing):
        found = stated(program, name)
        if found is not None:
            given[name], sentence = found
            candidate.assumed.append(sentence)
            missing.remove(name)
    if missing:
        words = " and ".join(f"'{name}'" for name in missing)
        settings = " ".join(f"--set {name}=..." for name in missing)
        usual = ",".join(map(str, libraries.keras.usual))
        settings += f"; {' and '.join(assumed)} by --input-size, else {usual}" if assumed else ""
        raise NotFollowed(
            f"{candidate.name} takes {words}, which the file does not state; give {settings}.", candidate.line
        )
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
