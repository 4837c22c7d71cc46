"""Arguments that say the size of the input by what a source does with them: `Input((height, width, 3))`."""

from __future__ import annotations

import ast
from typing import Any

from cnnstudio.formats.source.facts import called_by
from cnnstudio.formats.source.language.parsing import walked

_SHAPED = ("shape", "input_shape")
MAX_STEPS_BACK = 4


def roles(codes: list[ast.AST], names: list[str]) -> dict[str, str]:
    """For each argument that an input's shape is made of what it says: "shape", "sides", or the place of a size."""
    values = {
        ast.unparse(target): node.value
        for code in codes
        for node in walked(code)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, (ast.Name, ast.Attribute))
    }
    found: dict[str, str] = {}
    for code in codes:
        for node in walked(code):
            if isinstance(node, ast.Call):
                for shape in _shapes(node):
                    _look(shape, values, found)
    return {name: role for name, role in found.items() if name in names}


def _shapes(node: ast.Call) -> list[ast.expr]:
    """The arguments of a call that state the shape of an input."""
    given = [item.value for item in node.keywords if item.arg in _SHAPED]
    if called_by(node) in ("Input", "InputLayer"):
        given += node.args[:1]
    elif not any(item.arg == "input_shape" for item in node.keywords):
        return []
    return given


def _look(node: ast.expr, values: dict[str, ast.expr], found: dict[str, str]) -> None:
    node = _resolved(node, values)
    if isinstance(node, (ast.Tuple, ast.List)):
        size = len(node.elts)
        for place, item in enumerate(node.elts):
            item = _resolved(item, values)
            if isinstance(item, ast.Starred):
                _note(item.value, "sides", found)
            elif size in (3, 4):
                _note(item, "channels" if place == size - 1 else f"side {place}", found)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        _note(_resolved(node.left, values), "sides", found)
    else:
        _note(node, "shape", found)


def _resolved(node: ast.expr, values: dict[str, ast.expr]) -> ast.expr:
    """The value of a variable or an attribute, as far as the source assigns it."""
    for _ in range(MAX_STEPS_BACK):
        key = ast.unparse(node) if isinstance(node, (ast.Name, ast.Attribute)) else ""
        after = values.get(key)
        if after is None or not isinstance(after, (ast.Name, ast.Attribute, ast.Tuple, ast.List)):
            return node
        node = after
    return node


def _note(node: ast.expr, role: str, found: dict[str, str]) -> None:
    """An argument, or one of which an element is taken, which then is the whole shape."""
    if isinstance(node, ast.Subscript):
        is_place = isinstance(node.slice, (ast.Slice, ast.UnaryOp)) or type(getattr(node.slice, "value", "")) is int
        node, role = (node.value, "shape") if is_place else (node, role)
    if isinstance(node, ast.Name):
        found.setdefault(node.id, role)


def sizes(found: dict[str, str], shape: tuple[Any, ...]) -> dict[str, Any]:
    """The values of such arguments for an input of this shape, its channels last."""
    given: dict[str, Any] = {}
    for name, role in found.items():
        if role == "shape":
            given[name] = shape
        elif role == "sides":
            given[name] = shape[:-1]
        elif role == "channels":
            given[name] = shape[-1]
        elif int(role.partition(" ")[2]) < len(shape) - 1:
            given[name] = shape[int(role.partition(" ")[2])]
    return given
