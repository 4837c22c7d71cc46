"""Facts about functions and classes of a program: which seem to give a network, and which arguments they need."""

from __future__ import annotations

import ast
import re
from typing import Any

from cnnstudio.formats.source.keras.names import MODEL
from cnnstudio.formats.source.language.parsing import walked
from cnnstudio.formats.source.language.program import Program
from cnnstudio.formats.source.language.values import Class, Function, Instance, Namespace, NotFollowed, Raised
from cnnstudio.formats.source.torch.tree import MODULE
from cnnstudio.formats.source.torch.tree import is_network as is_module_class

MAKERS = {"Sequential", "Model", "Input"}
"""Classes and functions of Keras of which a network is made."""


_SETTINGS = re.compile(
    r"^(?:\w*_)?(?:config(?:uration)?|cfg|conf|args?|opts?|options|hparams|hps|hyperparams|params)$", re.IGNORECASE
)
_OF_SETTINGS = re.compile(r"config|cfg|args|hparams|options|settings", re.IGNORECASE)


def is_settings(name: str) -> bool:
    """True for the name of an argument that holds many settings."""
    return _SETTINGS.match(name) is not None


def is_network(value: Class) -> bool:
    """True for a class of modules or models."""
    return is_module_class(value) or any(base in (MODEL, "keras.Sequential") for base in value.foreign)


_GIVING = ("forward", "__call__", "call")


def gives_something(kind: Class) -> bool:
    """False for a class of modules that leaves what it gives to those that are derived from it."""
    if not is_module_class(kind) or any(base.startswith("torch.nn.") and base != MODULE for base in kind.foreign):
        return True
    for name in _GIVING:
        try:
            found = kind.find(name)
        except KeyError:
            continue
        return not isinstance(found, Function) or not _only_raises(found.code)
    return False


def makes_nothing(kind: Class) -> bool:
    """True for a class of modules that begins without making anything, such as a function that is written as one."""
    start = start_of(kind)
    if any(base.startswith("torch.nn.") and base != MODULE for base in kind.foreign) or not is_module_class(kind):
        return False
    if any(isinstance(base, Class) for base in kind.bases):
        # What it is derived from makes what it is made of.
        return False
    if start is None or not isinstance(start.code, ast.FunctionDef):
        return start is None
    return not calls_in(start.code) - {"super", "__init__"}


def _only_raises(code: ast.FunctionDef | ast.Lambda) -> bool:
    body = code.body if isinstance(code, ast.FunctionDef) else []
    said = [item for item in body if not (isinstance(item, ast.Expr) and isinstance(item.value, ast.Constant))]
    return bool(body) and all(isinstance(item, (ast.Raise, ast.Pass)) for item in said)


def start_of(kind: Class) -> Function | None:
    """The function that begins an object of a class; None if it has none of its own."""
    try:
        found = kind.find("__init__")
    except KeyError:
        return None
    return found if isinstance(found, Function) else None


def missing_of(function: Function | None) -> tuple[str, ...]:
    """The arguments without a default."""
    if function is None:
        return ()
    code = function.code.args
    is_bound = function.owner is not None and function.kind != "staticmethod"
    names = [item.arg for item in (*code.posonlyargs, *code.args)][is_bound:]
    required = names[: len(names) - len(function.defaults)]
    more = [item.arg for item in code.kwonlyargs if item.arg not in function.named_defaults]
    return (*required, *_empty_settings(function, names), *more, *named_in(function))


def _empty_settings(function: Function, names: list[str]) -> list[str]:
    """Settings that are None by default, of which the function takes elements all the same."""
    empty = {
        name
        for name, value in zip(names[len(names) - len(function.defaults) :], function.defaults, strict=True)
        if value is None and is_settings(name)
    }
    asked: set[str] = set()
    taken: set[str] = set()
    for node in ast.walk(function.code):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            asked.add(node.id)
        elif isinstance(node, (ast.Compare, ast.BoolOp, ast.UnaryOp, ast.If, ast.IfExp)):
            tests = [getattr(node, field, None) for field in ("left", "operand", "test")]
            asked |= {item.id for item in (*tests, *getattr(node, "values", [])) if isinstance(item, ast.Name)}
        elif isinstance(node, (ast.Subscript, ast.Attribute)) and isinstance(node.value, ast.Name):
            taken.add(node.value.id)
    return [name for name in names if name in empty & taken - asked]


def named_in(function: Function) -> list[str]:
    """The arguments that a function takes out of its `**` dict without asking whether they are there."""
    rest = function.code.args.kwarg
    if rest is None or not isinstance(function.code, ast.FunctionDef):
        return []
    taken: dict[str, None] = {}
    asked: set[str] = set()
    for node in walked(function.code):
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id == rest.arg:
            key = node.slice.value if isinstance(node.slice, ast.Constant) else None
            if isinstance(key, str) and isinstance(node.ctx, ast.Load):
                taken[key] = None
            elif isinstance(key, str):
                asked.add(key)
        elif isinstance(node, ast.Compare) and isinstance(node.left, ast.Constant):
            asked.add(str(node.left.value))
    return [name for name in taken if name not in asked]


def referred(tree: ast.Module) -> set[str]:
    """The names of classes that other classes and functions of the file use."""
    used: set[str] = set()
    for outer in tree.body:
        if isinstance(outer, ast.ClassDef) or (isinstance(outer, ast.FunctionDef) and returns(outer)):
            bases = list(getattr(outer, "bases", []))
            nodes = [node for node in walked(outer) if isinstance(node, ast.Name) and node not in bases]
            own = {node.id for node in nodes if isinstance(node.ctx, ast.Store)}
            used |= {node.id for node in nodes} - own - {outer.name}
    return used


def returns(code: ast.FunctionDef) -> bool:
    """True for a function that gives something."""
    return any(isinstance(node, ast.Return) and node.value is not None for node in walked(code))


def givers_in(program: Program) -> set[str]:
    """The functions that seem to give a network: they return something and make one, or return what such one gives."""
    names = program.scope.names
    makers = {name for name, value in names.items() if isinstance(value, Class) and is_network(value)}
    functions = {
        name: value.code
        for name, value in names.items()
        if isinstance(value, Function) and isinstance(value.code, ast.FunctionDef) and returns(value.code)
    }
    givers = {name for name, code in functions.items() if calls_in(code) & (makers | MAKERS)}
    returned = {name: returned_by(code) for name, code in functions.items()}
    for _ in range(3):
        givers |= {name for name, found in returned.items() if found & givers}
    return givers


def calls_in(code: ast.AST) -> set[str]:
    """The names that a function calls."""
    nodes = [node.func for node in walked(code) if isinstance(node, ast.Call)]
    return {node.id if isinstance(node, ast.Name) else getattr(node, "attr", "") for node in nodes}


def returned_by(code: ast.FunctionDef) -> set[str]:
    """The names whose calls a function returns, at once or by a variable."""
    variables = {
        target.id: node.value
        for node in walked(code)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    found = set()
    for node in walked(code):
        value = node.value if isinstance(node, ast.Return) else None
        value = variables.get(value.id) if isinstance(value, ast.Name) else value
        if isinstance(value, ast.Call):
            found.add(called_by(value))
    return found


def called_by(node: ast.Call) -> str:
    """The bare name of what is called; "" if it has none."""
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def settable(maker: Any) -> list[str]:
    """The arguments of a function or a class that the user can give."""
    function = start_of(maker) if isinstance(maker, Class) else maker
    if not isinstance(function, Function):
        return []
    code = function.code.args
    return [*(item.arg for item in (*code.posonlyargs, *code.args, *code.kwonlyargs)), *named_in(function)]


def stated(program: Program, name: str) -> tuple[Any, str] | None:
    """The value that a file has for an argument elsewhere, with a sentence about it: a variable of the same name, the
    default of the script's argument of that name, or, for the settings of a network, an object of their class.
    """
    names = program.scope.names
    holders = [value.attributes for value in names.values() if isinstance(value, Namespace) and value.is_open]
    for place in (names, *holders):
        value = place.get(name)
        if isinstance(value, (int, float, str, list, tuple)) and value not in ([], ()):
            return value, f"{name} is {value}, as the file says elsewhere."
    if _SETTINGS.match(name):
        return _settings_in(program, name)
    return None


def _settings_in(program: Program, name: str) -> tuple[Any, str] | None:
    for key, value in program.scope.names.items():
        is_object = isinstance(value, Instance) and not is_network(value.kind)
        if _SETTINGS.match(key) and (is_object or isinstance(value, (Namespace, dict))):
            return value, f"{name} is {key}, as the file says elsewhere."
    for key, value in program.scope.names.items():
        if not isinstance(value, Class) or is_network(value) or not _OF_SETTINGS.search(key):
            continue
        if any(name.rpartition(".")[2].endswith("Enum") for name in value.foreign):
            continue
        if missing_of(start_of(value)):
            continue
        try:
            return program.create(value, [], {}), f"{name} is taken to be {key}(), a class of the file."
        except (NotFollowed, Raised):
            continue
    return None
