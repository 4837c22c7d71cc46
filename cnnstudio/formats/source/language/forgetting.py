"""Makes unknown what a statement may have changed that could not be followed."""

from __future__ import annotations

import ast
from typing import Any

from msgspec import structs

from cnnstudio.formats.source.language.changes import changed
from cnnstudio.formats.source.language.objects import Objects
from cnnstudio.formats.source.language.parsing import walked
from cnnstudio.formats.source.language.values import (
    Instance,
    NotFollowed,
    Raised,
    Scope,
    Unknown,
    clause,
)

MAX_HELD = 3


class Forgetting(Objects):
    """The part that forgets."""

    def set_by_user(self, name: str, value: Any, scope: Scope) -> Any:
        """The value that the user gives for a name of the script, or for one whose value is not known."""
        is_plain = scope.parent is None and isinstance(value, (int, float, str, bool, type(None)))
        if name in self.settings and (is_plain or isinstance(value, Unknown)):
            self.used_settings.add(name)
            return self.settings[name]
        return structs.replace(value, name=name) if isinstance(value, Unknown) else value

    def forget(self, statement: ast.stmt, scope: Scope, line: int, sentence: str) -> None:
        """Makes all that a statement may change unknown."""
        why = f"line {line} {clause(sentence)}"
        for node in walked(statement):
            for target in changed(node):
                if isinstance(target, str):
                    scope.set(target, self.set_by_user(target, Unknown(why), scope))
                else:
                    self._forget_in(target, scope, line, sentence)

    def _forget_in(self, target: ast.expr, scope: Scope, line: int, sentence: str) -> None:
        """Remembers that an object is not what the source makes of it; a list is not known any more."""
        try:
            value = self.value(target, scope)
        except (NotFollowed, Raised):
            return
        if isinstance(value, Instance):
            value.attributes["__spoiled__"] = (line, sentence)
            self._forget_held(value, Unknown(f"line {line} {clause(sentence)}"), 0)
        elif hasattr(value, "spoiled"):
            value.spoiled = (line, sentence)
        elif isinstance(value, (list, dict, set)):
            if isinstance(target, ast.Name):
                scope.set(target.id, Unknown(f"line {line} {clause(sentence)}"))
            elif isinstance(target, ast.Attribute):
                self.set_attribute(
                    self.value(target.value, scope), target.attr, Unknown(f"line {line} {clause(sentence)}")
                )

    def _forget_held(self, owner: Instance, lost: Unknown, depth: int) -> None:
        """Makes unknown what an object holds that is no network, as its methods may have changed it."""
        if owner.kind.foreign or depth > MAX_HELD:
            return
        for name, value in owner.attributes.items():
            if isinstance(value, Instance):
                self._forget_held(value, lost, depth + 1)
            elif isinstance(value, (int, float, str, list, dict, set, type(None))):
                owner.attributes[name] = lost
