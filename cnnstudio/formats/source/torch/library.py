"""Classes and functions of libraries that are followed in a source of the studio's own, which equals theirs."""

from __future__ import annotations

import ast
from functools import cache
from typing import Any

from cnnstudio import resources
from cnnstudio.formats.source.language.core import MISSING, Core
from cnnstudio.formats.source.language.parsing import walked
from cnnstudio.formats.source.language.statements import Statements
from cnnstudio.formats.source.language.values import Function, Instance, Native, Scope
from cnnstudio.formats.source.torch.tree import Module, walk

_FILES = (
    ("torchvision.models.", "torchvision_networks.txt"),
    ("torchvision.ops.", "torchvision_networks.txt"),
    ("torch.nn.", "torch_modules.txt"),
    ("timm.", "timm_networks.txt"),
    ("efficientnet_pytorch.", "timm_networks.txt"),
)
"""The files by the beginnings of the names that they give."""


@cache
def _body(file: str) -> tuple[ast.stmt, ...]:
    """The statements of a file. Their line is 0, so that a refusal names the line of the source that calls them."""
    tree = ast.parse(resources.path("applications", file).read_text(encoding="utf-8"))
    for node in walked(tree):
        if isinstance(node, (ast.stmt, ast.expr)):
            node.lineno = node.end_lineno = 0
    return tuple(tree.body)


@cache
def _names(file: str) -> frozenset[str]:
    kinds = (ast.ClassDef, ast.FunctionDef)
    return frozenset(item.name for item in _body(file) if isinstance(item, kinds) and item.name[:1] != "_")


def names(file: str) -> list[str]:
    """The functions of a file, which give a network."""
    return [item.name for item in _body(file) if isinstance(item, ast.FunctionDef) and item.name[:1] != "_"]


class Library:
    """The library of one program: each file is followed when something of it is first asked for."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self.scopes: dict[str, Scope] = {}

    def member(self, name: str) -> Any:
        """A class or function by its full name; MISSING for one that is not there."""
        bare = name.rpartition(".")[2]
        file = next((file for start, file in _FILES if name.startswith(start)), "")
        if not file or bare not in _names(file):
            return MISSING
        if file not in self.scopes:
            self._follow(file)
        found = self.scopes[file].names[bare]
        return Native(bare, lambda given, named: self._made(found, given, named)) if _is_function(found) else found

    def _follow(self, file: str) -> None:
        assert isinstance(self.core, Statements)
        scope = self.scopes[file] = Scope({"__name__": file})
        line = self.core.line
        self.core.run_module(list(_body(file)), scope)
        self.core.line = line

    def _made(self, function: Function, given: list[Any], named: dict[str, Any]) -> Any:
        """The network of a function, whose line is that of the call."""
        made = self.core.call(function, given, named)
        if isinstance(made, (Instance, Module)):
            for _, item in walk(made):
                if not item.line:
                    item.line = self.core.line
        return made


def _is_function(value: Any) -> bool:
    return isinstance(value, Function)
