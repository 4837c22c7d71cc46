"""A program of one file, and of the files beside it that it imports."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from cnnstudio.formats.source.language.builtins import builtins_of
from cnnstudio.formats.source.language.core import Frameworks
from cnnstudio.formats.source.language.parsing import parse, walked
from cnnstudio.formats.source.language.statements import Statements
from cnnstudio.formats.source.language.values import Foreign, Namespace, NotFollowed, Raised, Scope, Unknown, kind_of

FindModule = Callable[[str, int, int], tuple[str, ast.Module] | None]
"""Gives the path and the parsed source of a module beside a file; or None.

It is asked by the module's name, the number of dots before it, and the line that imports it.
"""
MAX_FILES = 40
MAX_FOLLOWED_TEXT = 10_000
"""Signs of a text that `eval` or `exec` is called with."""


class Program(Statements):
    """Follows a file; `find` gives the files that it imports."""

    def __init__(self, frameworks: Frameworks, find: FindModule, settings: dict[str, Any]) -> None:
        super().__init__(frameworks)
        self.builtins = builtins_of(self)
        self.find = find
        self.settings = settings
        self.scope = Scope({})
        self.modules: dict[str, Namespace] = {}

    def merge(self, owner: Namespace, source: Any) -> None:
        """Takes over the settings of a file of data."""
        text = self.data(source) if isinstance(source, str) else None
        if text is None:
            return
        found = self.frameworks.call("yaml.safe_load", [text], {})
        if isinstance(found, dict):
            _merge(owner, found)

    def run(self, tree: ast.Module) -> None:
        """Follows the file itself."""
        self.run_module(tree.body, self.scope)

    def of_text(self, name: str, given: list[Any], scope: Scope) -> Any:
        """`eval` and `exec` of a text of the source. Raises NotFollowed for what is no text, or no Python."""
        text = given[0] if given else None
        if isinstance(text, Unknown):
            return text.part
        if not isinstance(text, str) or len(text) > MAX_FOLLOWED_TEXT or len(given) > 1:
            raise NotFollowed(f"calls {name} of {kind_of(text)}, which is not read.")
        line = self.line
        try:
            tree = parse(text.strip())
        except NotFollowed:
            raise NotFollowed(f"calls {name} of a text that is no Python.") from None
        for node in walked(tree):
            if isinstance(node, (ast.stmt, ast.expr)):
                node.lineno = node.end_lineno = line
        self.budget.enter()
        try:
            if name == "eval":
                return self._evaluated(tree, scope)
            for statement in tree.body:
                self._statement(statement, scope)
        finally:
            self.budget.leave()
        return None

    def _evaluated(self, tree: ast.Module, scope: Scope) -> Any:
        first = tree.body[0] if len(tree.body) == 1 else None
        if not isinstance(first, ast.Expr):
            raise NotFollowed("calls eval of a text that is no expression.")
        if isinstance(first.value, ast.Name) and not self._is_bound(first.value.id, scope):
            raise Raised("NameError", f"name '{first.value.id}' is not defined")
        return self.value(first.value, scope)

    def _is_bound(self, name: str, scope: Scope) -> bool:
        try:
            scope.find(name)
        except KeyError:
            return name in self.builtins or bool(scope.top.stars) or bool(self.frameworks.usual(name))
        return True

    def imported(self, node: ast.Import | ast.ImportFrom, scope: Scope) -> None:
        """Binds what an import gives: a file beside this one, or the name of something foreign."""
        if isinstance(node, ast.Import):
            for alias in node.names:
                self._module(alias, scope)
            return
        name = node.module or ""
        for alias in node.names:
            own = self._own(name, node.level)
            if own is not None:
                self._from_own(own, alias, scope)
            elif alias.name == "*":
                scope.top.stars.append(name)
            else:
                inner = self._own(f"{name}.{alias.name}" if name else alias.name, node.level)
                found = inner if inner is not None else self._from_foreign(name, alias.name, node.level)
                scope.set(alias.asname or alias.name, found)

    def _from_foreign(self, name: str, member: str, level: int) -> Any:
        if level:
            return Unknown(f"'{member}' of the file '{name or member}.py', which is not beside this one")
        return self.foreign(f"{name}.{member}")

    def _module(self, alias: ast.alias, scope: Scope) -> None:
        own = self._own(alias.name, 0)
        if alias.asname is not None:
            scope.set(alias.asname, own if own is not None else self.foreign(alias.name))
            return
        first = alias.name.partition(".")[0]
        if own is None or first == alias.name:
            scope.set(first, own if own is not None else Foreign(first))
        else:
            scope.set(first, self._packed(alias.name.split(".")[1:], first, own))

    def _packed(self, path: list[str], name: str, inner: Namespace) -> Namespace:
        """Packages around a module: `import models.vgg` binds `models`."""
        value: Any = inner
        for part in reversed(path):
            value = Namespace(name, {part: value}, is_open=True)
        return value if isinstance(value, Namespace) else inner

    def _from_own(self, own: Namespace, alias: ast.alias, scope: Scope) -> None:
        if alias.name == "*":
            shown = own.attributes.get("__all__")
            names = shown if isinstance(shown, list) else [name for name in own.attributes if name[:1] != "_"]
            scope.names.update({name: own.attributes[name] for name in names if name in own.attributes})
        elif alias.name in own.attributes:
            scope.set(alias.asname or alias.name, own.attributes[alias.name])
        else:
            inner = self._own(f"{own.name}.{alias.name}", 0) if own.name else None
            found = inner if inner is not None else Unknown(f"'{alias.name}', which {own.name} does not give")
            scope.set(alias.asname or alias.name, found)

    def _own(self, name: str, level: int) -> Namespace | None:
        """A module beside the file, followed when it is first imported; None if there is none."""
        found = self.find(name, level, self.line)
        if found is None:
            return None
        path, tree = found
        if path in self.modules:
            return self.modules[path]
        if len(self.modules) >= MAX_FILES:
            return None
        line = self.line
        scope = Scope({"__name__": name})
        made = self.modules[path] = Namespace(name, scope.names, is_open=False)
        self.run_module(tree.body, scope)
        self.line = line
        return made


def _merge(owner: Namespace, found: dict[Any, Any]) -> None:
    for key, value in found.items():
        inner = owner.attributes.get(str(key))
        if isinstance(inner, Namespace) and isinstance(value, dict):
            _merge(inner, value)
        else:
            owner.attributes[str(key)] = value
