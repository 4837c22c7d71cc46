"""Facts about statements: what they may change, what an `except` catches, in which order a class looks for names."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from cnnstudio.formats.source.language.parsing import walked
from cnnstudio.formats.source.language.values import Class, Raised

_CHANGING = ("add", "append", "extend", "insert", "add_module", "register_module", "update", "setattr", "pop")


def changed(node: ast.AST) -> Iterator[str | ast.expr]:
    """The names that a statement binds, and what it may change without binding it, such as a list."""
    targets: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        targets = list(node.targets)
    elif isinstance(node, (ast.AugAssign, ast.AnnAssign, ast.For)):
        targets = [node.target]
    elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        yield node.name
    elif isinstance(node, ast.Call):
        if isinstance(node.func, ast.Attribute) and (node.func.attr in _CHANGING or node.func.attr.startswith("add_")):
            yield from _reached(node.func.value)
        elif isinstance(node.func, ast.Name) and node.func.id == "setattr" and node.args:
            yield from _reached(node.args[0])
    while targets:
        target = targets.pop()
        if isinstance(target, (ast.Tuple, ast.List)):
            targets.extend(target.elts)
        elif isinstance(target, ast.Name):
            yield target.id
        elif isinstance(target, (ast.Attribute, ast.Subscript, ast.Starred)):
            yield from _reached(target.value)


def _reached(node: ast.expr) -> Iterator[ast.expr]:
    """An expression of names and attributes alone, which can be followed without doing anything."""
    inner = node
    while isinstance(inner, ast.Attribute):
        inner = inner.value
    if isinstance(inner, ast.Name):
        yield node
    elif isinstance(inner, (ast.Subscript, ast.Call)):
        yield from _reached(inner.func if isinstance(inner, ast.Call) else inner.value)


def changes_something(node: ast.AST) -> bool:
    """True if a statement binds a name, or changes what one holds."""
    return any(True for inner in walked(node) for _ in changed(inner))


def catches(handler: ast.ExceptHandler, error: Raised) -> bool:
    """True if an `except` is for an error of the source."""
    if handler.type is None:
        return True
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    names = [ast.unparse(kind).rpartition(".")[2] for kind in kinds]
    broad = ("Exception", "BaseException")
    family = {"KeyError": "LookupError", "IndexError": "LookupError", "ZeroDivisionError": "ArithmeticError"}
    family["ModuleNotFoundError"] = "ImportError"
    return any(name in (error.kind, family.get(error.kind), *broad) for name in names)


def order_of(made: Class) -> tuple[Any, ...]:
    """The class, then those that it is derived from: each after all that are derived from it."""
    order: list[Any] = [made]
    for base in made.bases:
        for kind in base.order if isinstance(base, Class) else (base,):
            if kind in order:
                order.remove(kind)
            order.append(kind)
    return tuple(order)
