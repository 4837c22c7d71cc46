"""Follows statements. What fails at the level of a script is noted, and what it would have made is not known."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from cnnstudio.formats.source.language.changes import catches, changes_something, order_of
from cnnstudio.formats.source.language.forgetting import Forgetting
from cnnstudio.formats.source.language.limits import MAX_LOOP, MAX_STATEMENT, Exhausted
from cnnstudio.formats.source.language.operators import sign_of
from cnnstudio.formats.source.language.values import (
    Class,
    Foreign,
    Function,
    Instance,
    Namespace,
    NotFollowed,
    Raised,
    Scope,
    Thing,
    Unknown,
    kind_of,
)

MAX_ROUNDS = 10_000
MAX_LOOK = 20_000
"""Steps of the body of a loop that goes through something that is not known."""


class _Signal(Exception):
    """Leaves a loop or a function."""


class _Break(_Signal):
    pass


class _Continue(_Signal):
    pass


class _Return(_Signal):
    def __init__(self, value: Any) -> None:
        super().__init__()
        self.value = value


class Statements(Forgetting):
    """The part that follows statements."""

    def run_module(self, body: list[ast.stmt], scope: Scope) -> None:
        """Follows a module from its first statement to its last."""
        self._lenient(body, scope)

    def run_body(self, body: list[ast.stmt], scope: Scope) -> Any:
        """The value that the body of a function returns; None if it says nothing of that."""
        try:
            self.body(body, scope)
        except _Return as end:
            return end.value
        return None

    def body(self, body: list[ast.stmt], scope: Scope) -> None:
        """Statements one after the other; those of a script each for itself."""
        if scope.parent is None or scope.is_lenient:
            self._lenient(body, scope)
            return
        for statement in body:
            self._statement(statement, scope)

    def _lenient(self, body: list[ast.stmt], scope: Scope) -> None:
        for statement in body:
            is_loop = isinstance(statement, (ast.For, ast.While))
            # Not all that is left: what stands around, such as `if __name__ == "__main__"`, goes on after a training.
            left = (self.budget.allowed - self.budget.steps) // 2
            before = self.budget.allow(min(MAX_LOOP if is_loop else MAX_STATEMENT, left))
            depth, mark = self.budget.depth, self.frameworks.made()
            try:
                self._statement(statement, scope)
            except Exhausted as error:
                error.line = error.line or self.line
                if self.budget.is_spent or self.budget.steps > before:
                    raise
                self._give_up(statement, scope, error.sentence, mark)
            except NotFollowed as error:
                self.line = error.line or self.line
                self._give_up(statement, scope, error.sentence, mark)
            except Raised as error:
                self.line = error.line or self.line
                self._give_up(statement, scope, error.sentence, mark)
            except RecursionError:
                self.budget.depth = depth
                self._give_up(statement, scope, "calls its functions too deeply, and so deep is not followed.", mark)
            finally:
                self.budget.allowed = before

    def _give_up(self, statement: ast.stmt, scope: Scope, sentence: str, mark: tuple[int, int]) -> None:
        """Notes what failed; what the statement would have changed is not known from here on."""
        self.note(sentence)
        self.frameworks.spoil(mark, self.line, sentence)
        self.forget(statement, scope, self.line, sentence)

    # Statements

    def _statement(self, node: ast.stmt, scope: Scope) -> None:
        self.budget.spend()
        self.line = node.lineno
        rule = _RULES.get(type(node))
        if rule is None:
            raise NotFollowed(f"holds the statement '{type(node).__name__}', which is not followed.", node.lineno)
        rule(self, node, scope)

    def _assignment(self, node: ast.Assign, scope: Scope) -> None:
        value = self.value(node.value, scope)
        for target in node.targets:
            self.line = node.lineno
            self.assign(target, value, scope)

    def _annotated(self, node: ast.AnnAssign, scope: Scope) -> None:
        if node.value is not None:
            self.assign(node.target, self.value(node.value, scope), scope)
        if scope.is_class and isinstance(node.target, ast.Name):
            scope.names.setdefault("__fields__", []).append(node.target.id)

    def _augmented(self, node: ast.AugAssign, scope: Scope) -> None:
        before = self.value(node.target, scope)
        change = self.value(node.value, scope)
        self.line = node.lineno
        if isinstance(before, list) and isinstance(node.op, ast.Add):
            before.extend(list(self.items(change)))
            return
        self.assign(node.target, self.joined(sign_of(node.op), before, change), scope)

    def assign(self, target: ast.expr, value: Any, scope: Scope) -> None:
        """Binds a target; NotFollowed or Raised if the value does not go into it."""
        if isinstance(target, ast.Name):
            scope.set(target.id, self.set_by_user(target.id, value, scope))
        elif isinstance(target, (ast.Tuple, ast.List)):
            self._take_apart(target, value, scope)
        elif isinstance(target, ast.Starred):
            self.assign(target.value, value, scope)
        elif isinstance(target, ast.Attribute):
            self.set_attribute(self.value(target.value, scope), target.attr, value)
        elif isinstance(target, ast.Subscript):
            self._set_item(self.value(target.value, scope), self.value(target.slice, scope), value)

    def _take_apart(self, target: ast.Tuple | ast.List, value: Any, scope: Scope) -> None:
        if isinstance(value, Unknown):
            for part in target.elts:
                self.assign(part, value, scope)
            return
        items = list(self.items(value))
        star = next((place for place, part in enumerate(target.elts) if isinstance(part, ast.Starred)), None)
        if star is not None:
            after = len(target.elts) - star - 1
            items = [*items[:star], items[star : len(items) - after], *items[len(items) - after :]]
        if len(items) != len(target.elts):
            raise Raised("ValueError", f"takes {len(items)} values apart into {len(target.elts)} names")
        for part, item in zip(target.elts, items, strict=True):
            self.assign(part, item, scope)

    def _set_item(self, owner: Any, key: Any, value: Any) -> None:
        if isinstance(owner, Unknown):
            return
        if isinstance(owner, dict):
            self.budget.spend()
            owner[self.key(key)] = value
        elif isinstance(owner, Namespace) and owner.is_open:
            owner.attributes[str(key)] = value
        elif isinstance(owner, Instance):
            self.call(self.attribute(owner, "__setitem__"), [key, value], {})
        elif isinstance(owner, list) and isinstance(key, (int, slice)):
            try:
                owner[key] = list(self.items(value)) if isinstance(key, slice) else value
            except (IndexError, ValueError) as error:
                raise Raised(type(error).__name__, str(error)) from None
        elif isinstance(owner, Thing):
            owner.set_attribute(str(key), value)
        else:
            raise NotFollowed(f"sets an element of {kind_of(owner)}, which is not read.")

    def _expression(self, node: ast.Expr, scope: Scope) -> None:
        if not isinstance(node.value, ast.Constant):
            self.value(node.value, scope)

    def _if(self, node: ast.If, scope: Scope) -> None:
        truth = self.is_true(self.value(node.test, scope))
        if isinstance(truth, Unknown):
            self.line = node.lineno
            if changes_something(node):
                self.note(f"decides by something that is not known, and was taken to be false: {truth.why}.")
            truth = False
        self.body(node.body if truth else node.orelse, scope)

    def _for(self, node: ast.For, scope: Scope) -> None:
        found = self.value(node.iter, scope)
        if isinstance(found, (Unknown, Foreign)):
            self.forget_loop(node, scope, found)
            return
        for item in self.items(found):
            self.assign(node.target, item, scope)
            if not self._round(node.body, scope):
                return
        self.body(node.orelse, scope)

    def forget_loop(self, node: ast.For, scope: Scope, found: Any) -> None:
        """A loop over something that is not known is passed over; what it changes is not known."""
        why = found.why if isinstance(found, Unknown) else f"what {found.name} gives"
        if scope.parent is None or scope.is_lenient:
            self._look_into(node, scope, why)
        self.forget(node, scope, node.lineno, f"repeats something for each of what is not known: {why}")

    def _look_into(self, node: ast.For, scope: Scope, why: str) -> None:
        """Follows the body of a loop of a script once, for the networks that it makes and calls."""
        noted, before = len(self.notes), self.budget.allow(MAX_LOOK)
        try:
            self.assign(node.target, Unknown(why), scope)
            self._lenient(node.body, scope)
        except (_Signal, NotFollowed, Raised) as error:
            if isinstance(error, Exhausted) and self.budget.is_spent:
                raise
        finally:
            self.budget.allowed = before
            del self.notes[noted:]

    def _while(self, node: ast.While, scope: Scope) -> None:
        for _ in range(MAX_ROUNDS):
            truth = self.is_true(self.value(node.test, scope))
            if isinstance(truth, Unknown):
                self.forget(node, scope, node.lineno, f"repeats something as long as {truth.why}")
                return
            if not truth:
                self.body(node.orelse, scope)
                return
            if not self._round(node.body, scope):
                return
        raise Exhausted(f"goes round a loop more than {MAX_ROUNDS:,} times.", node.lineno)

    def _round(self, body: list[ast.stmt], scope: Scope) -> bool:
        try:
            self.body(body, scope)
        except _Break:
            return False
        except _Continue:
            pass
        return True

    def _with(self, node: ast.With, scope: Scope) -> None:
        for item in node.items:
            value = self.value(item.context_expr, scope)
            if item.optional_vars is not None:
                self.assign(item.optional_vars, value, scope)
        try:
            self.body(node.body, scope)
        except Raised as error:
            if not any(_suppresses(item.context_expr, error) for item in node.items):
                raise

    def _try(self, node: ast.Try, scope: Scope) -> None:
        try:
            self.body(node.body, scope)
        except Raised as error:
            for handler in node.handlers:
                if catches(handler, error):
                    if handler.name is not None:
                        scope.set(handler.name, Unknown(f"the error {error.kind}"))
                    self.body(handler.body, scope)
                    break
            else:
                raise
        else:
            self.body(node.orelse, scope)
        self.body(node.finalbody, scope)

    def _raise(self, node: ast.Raise, scope: Scope) -> None:
        name = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        text = ""
        if isinstance(node.exc, ast.Call) and node.exc.args:
            said = self.value(node.exc.args[0], scope)
            text = said if isinstance(said, str) else ""
        self.line = node.lineno
        raise Raised(name.id if isinstance(name, ast.Name) else "an error", text)

    def _assert(self, node: ast.Assert, scope: Scope) -> None:
        truth = self.is_true(self.value(node.test, scope))
        if truth is False:
            self.line = node.lineno
            raise Raised("AssertionError", "the assertion does not hold")

    def _return(self, node: ast.Return, scope: Scope) -> None:
        raise _Return(None if node.value is None else self.value(node.value, scope))

    def _define(self, node: ast.FunctionDef, scope: Scope) -> None:
        function: Any = self.function(node.name, node, scope)
        for decorator in reversed(node.decorator_list):
            word = decorator.attr if isinstance(decorator, ast.Attribute) else getattr(decorator, "id", "")
            if word in ("property", "cached_property", "staticmethod", "classmethod"):
                function.kind = "property" if "property" in word else word
            elif word == "setter":
                function.name = f"{node.name}.setter"
        scope.set(function.name, function)

    def _class(self, node: ast.ClassDef, scope: Scope) -> None:
        bases = tuple(self.value(base, scope) for base in node.bases if not isinstance(base, ast.Starred))
        inner = Scope({}, scope, is_class=True)
        for statement in node.body:
            self._statement(statement, inner)
        made = Class(node.name, bases, inner.names, node.lineno)
        made.order = order_of(made)
        names = [ast.unparse(item) for item in node.decorator_list]
        fields = inner.names.pop("__fields__", [])
        if any("dataclass" in name for name in names):
            made.members["dataclass"] = fields
        if any(name.rpartition(".")[2] in ("Enum", "StrEnum") for name in made.foreign):
            _enumerate(made)
        for member in inner.names.values():
            if isinstance(member, Function) and member.owner is None:
                member.owner = made
        scope.set(node.name, made)

    def _import(self, node: ast.Import | ast.ImportFrom, scope: Scope) -> None:
        self.imported(node, scope)

    def _outer(self, node: ast.Global | ast.Nonlocal, scope: Scope) -> None:
        scope.outer.update(node.names)

    def _delete(self, node: ast.Delete, scope: Scope) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                scope.names.pop(target.id, None)
            elif isinstance(target, ast.Attribute):
                owner = self.value(target.value, scope)
                if isinstance(owner, Instance):
                    owner.attributes.pop(target.attr, None)
                    self.frameworks.set(owner, target.attr, None)
            elif isinstance(target, ast.Subscript):
                owner, key = self.value(target.value, scope), self.value(target.slice, scope)
                if isinstance(owner, Thing):
                    owner.remove(key)
                    continue
                if not isinstance(owner, (list, dict)):
                    raise NotFollowed(f"takes an element out of {kind_of(owner)}, which is not read.")
                try:
                    del owner[key]
                except (LookupError, TypeError) as error:
                    raise Raised(type(error).__name__, str(error)) from None


def _suppresses(node: ast.expr, error: Raised) -> bool:
    """True for `suppress(ValueError)`, which passes over the errors that it names."""
    if not isinstance(node, ast.Call) or ast.unparse(node.func).rpartition(".")[2] != "suppress":
        return False
    return any(catches(ast.ExceptHandler(type=kind, name=None, body=[]), error) for kind in node.args)


def _enumerate(kind: Class) -> None:
    """Gives each value of an Enum its name."""
    for name, value in kind.members.items():
        if isinstance(value, (int, float, str, tuple, list)) and not name.startswith("_"):
            kind.members[name] = Instance(kind, {"name": name, "value": value}, kind.line)


Rule = Callable[[Statements, Any, Scope], None]
_RULES: dict[type[ast.stmt], Rule] = {
    ast.Assign: Statements._assignment,
    ast.AnnAssign: Statements._annotated,
    ast.AugAssign: Statements._augmented,
    ast.Expr: Statements._expression,
    ast.If: Statements._if,
    ast.For: Statements._for,
    ast.While: Statements._while,
    ast.With: Statements._with,
    ast.Try: Statements._try,
    ast.Raise: Statements._raise,
    ast.Assert: Statements._assert,
    ast.Return: Statements._return,
    ast.FunctionDef: Statements._define,
    ast.ClassDef: Statements._class,
    ast.Import: Statements._import,
    ast.ImportFrom: Statements._import,
    ast.Global: Statements._outer,
    ast.Nonlocal: Statements._outer,
    ast.Delete: Statements._delete,
    ast.Pass: lambda _self, _node, _scope: None,
}


def _leave(signal: type[_Signal]) -> Rule:
    def rule(_self: Statements, _node: Any, _scope: Scope) -> None:
        raise signal

    return rule


_RULES[ast.Break] = _leave(_Break)
_RULES[ast.Continue] = _leave(_Continue)
