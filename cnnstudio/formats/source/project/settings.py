"""An argument that is an object of settings: which of them a network takes, and what the user says of each."""

from __future__ import annotations

import ast
from typing import Any

from msgspec import Struct

from cnnstudio.formats.source.facts import is_network, is_settings
from cnnstudio.formats.source.language.parsing import walked
from cnnstudio.formats.source.language.program import Program
from cnnstudio.formats.source.language.values import Class, Function, Namespace
from cnnstudio.formats.source.project.calls import Calls
from cnnstudio.formats.source.project.data import as_settings

MAX_FIELDS = 60
_METHODS = ("get", "items", "keys", "values", "update", "pop", "copy", "setdefault")


class Settled(Struct):
    """The value of an argument, the names of what is still open, and a sentence about where it comes from."""

    value: Any
    open: list[str] = []
    sentence: str = ""


def taken(program: Program, maker: Any, name: str) -> list[str]:
    """The settings that a maker takes of an argument, as `config.depth`, in their order: in its own code, and in the
    classes and functions that it passes the whole of them to.
    """
    found: dict[str, None] = {}
    waiting: list[tuple[Any, str]] = [(maker, name)]
    seen: set[tuple[int, str]] = set()
    while waiting:
        value, inner = waiting.pop(0)
        if (id(value), inner) in seen or len(found) > MAX_FIELDS:
            continue
        seen.add((id(value), inner))
        for code in _codes(value):
            optional = _optional(code)
            for path, is_optional in _fields(code, inner, optional):
                if not is_optional:
                    found.setdefault(".".join((name, *path)))
            waiting += [(program.scope.names.get(callee), argument) for callee, argument in _passed(code, inner)]
    # Of `config.model` and `config.model.depth` only the latter is a number.
    return [field for field in found if not any(other.startswith(f"{field}.") for other in found)]


def _codes(value: Any) -> list[ast.AST]:
    if isinstance(value, Function):
        return [value.code]
    if isinstance(value, Class) and is_network(value):
        kinds = [kind for kind in value.order if isinstance(kind, Class)]
        return [item.code for kind in kinds for item in kind.members.values() if isinstance(item, Function)]
    return []


def _optional(code: ast.AST) -> set[str]:
    """Names of which a code asks first whether they are there."""
    found = set()
    for node in walked(code):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("hasattr", "getattr"):
            found |= {str(item.value) for item in node.args[1:2] if isinstance(item, ast.Constant)}
        elif isinstance(node, ast.Compare) and isinstance(node.left, ast.Constant):
            found.add(str(node.left.value))
    return found


def _fields(code: ast.AST, name: str, optional: set[str]) -> list[tuple[tuple[str, ...], bool]]:
    rows = []
    aliases = _aliases(code, name)
    for node in walked(code):
        path = _path(node, name, aliases)
        if path and path[-1] in _METHODS:
            continue
        if path and isinstance(getattr(node, "ctx", None), ast.Load):
            rows.append((path, bool(optional & set(path))))
    return rows


def _path(node: ast.AST, name: str, aliases: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """`("model", "depth")` for `config.model.depth`, `self.config["model"].depth` and such; empty for all else."""
    parts: list[str] = []
    while True:
        if isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        elif isinstance(node, ast.Subscript):
            # What stands at a number is an element of a list, which is asked for as a whole.
            key = node.slice.value if isinstance(node.slice, ast.Constant) else None
            parts = [*parts, key] if isinstance(key, str) else []
            node = node.value
        else:
            break
    if not isinstance(node, ast.Name):
        return ()
    parts.reverse()
    if node.id == "self" and parts[:1] == [name]:
        return tuple(parts[1:])
    if node.id in aliases and parts:
        return (*aliases[node.id], *parts)
    return tuple(parts) if node.id == name else ()


def _aliases(code: ast.AST, name: str) -> dict[str, tuple[str, ...]]:
    """Variables that stand for a part of the settings, as in `model_config = config.model`."""
    found: dict[str, tuple[str, ...]] = {}
    for node in walked(code):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            path = _path(node.value, name, found)
            if path and node.targets[0].id != name:
                found[node.targets[0].id] = path
    return found


def _passed(code: ast.AST, name: str) -> list[tuple[str, str]]:
    """The classes and functions that are given the whole of the settings, and the name that they have for them."""
    rows = []
    for node in walked(code):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        for item in [*node.args, *(keyword.value for keyword in node.keywords)]:
            is_own = isinstance(item, ast.Attribute) and ast.unparse(item) == f"self.{name}"
            if (isinstance(item, ast.Name) and item.id == name) or is_own:
                rows.append((node.func.id, name))
    return rows


def given_by_user(program: Program, maker: Any, name: str, elsewhere: Calls | None) -> Settled:
    """The settings for an argument: the user's, whole or each by its name, or those of a file of the project."""
    whole = program.settings.get(name)
    text = program.data(whole) if isinstance(whole, str) else None
    if text is not None:
        whole = program.frameworks.call("yaml.safe_load", [text], {})
    if name in program.settings:
        program.used_settings.add(name)
        return Settled(as_settings(whole, name) if isinstance(whole, dict) else whole)
    if not is_settings(name):
        return Settled(None, [name])
    fields = taken(program, maker, name)
    if elsewhere is not None and fields and not any(field in program.settings for field in fields):
        found = elsewhere.settings([field.split(".")[1:] for field in fields])
        if found is not None:
            return Settled(found[0], [], f"{name} is that of {found[1]}, as a file of the project says.")
    open_ = [field for field in fields if field not in program.settings]
    program.used_settings |= set(fields) - set(open_)
    made = Namespace(name, {}, is_open=True)
    for field in fields:
        if field in program.settings:
            _put(made, field.split(".")[1:], program.settings[field])
    return Settled(made, open_ or ([] if fields else [name]))


def _put(owner: Namespace, path: list[str], value: Any) -> None:
    for part in path[:-1]:
        owner = owner.attributes.setdefault(part, Namespace(part, {}, is_open=True))
    owner.attributes[path[-1]] = value
