"""The value of an expression, by a table of the kinds of expression that are followed."""

from __future__ import annotations

import ast
from abc import abstractmethod
from collections.abc import Callable
from typing import Any

from cnnstudio.formats.source.language.core import MISSING, Core
from cnnstudio.formats.source.language.limits import MAX_LENGTH, Exhausted, bounded
from cnnstudio.formats.source.language.operators import binary, compare, formatted, sign_of, unary, unknown_among
from cnnstudio.formats.source.language.values import (
    Class,
    Foreign,
    Function,
    Instance,
    Namespace,
    NotFollowed,
    Raised,
    Range,
    Scope,
    Thing,
    Unknown,
    kind_of,
)

MAX_NAME = 40
"""The longest expression by which the user is asked to state a value."""
_WORDS = {"+": "__add__", "-": "__sub__", "*": "__mul__", "/": "__truediv__", "@": "__matmul__"}


class _NoElements(Exception):
    """A comprehension goes through something that is not known."""

    def __init__(self, source: Unknown) -> None:
        super().__init__()
        self.source = source


class Expressions(Core):
    """The part that follows expressions."""

    builtins: dict[str, Any]

    def value(self, node: ast.expr, scope: Scope) -> Any:
        """The value of an expression; NotFollowed for a kind of expression that is not followed."""
        self.budget.spend()
        rule = _RULES.get(type(node))
        if rule is None:
            raise NotFollowed(f"holds the expression '{type(node).__name__}', which is not followed.", node.lineno)
        self.line = node.lineno
        return rule(self, node, scope)

    def _constant(self, node: ast.Constant, _scope: Scope) -> Any:
        if isinstance(node.value, (bytes, complex)) or node.value is Ellipsis:
            return Ellipsis if node.value is Ellipsis else Unknown("a constant that is no number")
        return bounded(node.value)

    def _name(self, node: ast.Name, scope: Scope) -> Any:
        try:
            return scope.find(node.id)
        except KeyError:
            pass
        if node.id in self.builtins:
            return self.builtins[node.id]
        for module in scope.top.stars:
            if self.frameworks.knows(f"{module}.{node.id}"):
                return self.foreign(f"{module}.{node.id}")
        usual = "" if scope.top.stars else self.frameworks.usual(node.id)
        if usual:
            self.note(f"says {node.id}, which nothing imports, and was taken to mean {usual}.")
            return self.foreign(usual)
        if node.id in self.settings:
            self.used_settings.add(node.id)
            return self.settings[node.id]
        return Unknown(f"'{node.id}', which nothing before it gives; give --set {node.id}=...")

    def foreign(self, name: str) -> Any:
        """Something that is imported, by its full name."""
        name = self.frameworks.canonical(name)
        found = self.frameworks.member(name)
        return Foreign(name) if found is MISSING else found

    def _attribute(self, node: ast.Attribute, scope: Scope) -> Any:
        owner = self.value(node.value, scope)
        self.line = node.end_lineno or node.lineno
        return self.attribute(owner, node.attr)

    def _call(self, node: ast.Call, scope: Scope) -> Any:
        if isinstance(node.func, ast.Name) and node.func.id == "super" and not node.args:
            return self.super_of(scope)
        function = self.value(node.func, scope)
        given: list[Any] = []
        for item in node.args:
            if isinstance(item, ast.Starred):
                starred = self.value(item.value, scope)
                if isinstance(starred, Unknown):
                    return self._with_unknown(function, starred)
                given.extend(self.items(starred))
            else:
                given.append(self._argument(function, item, scope))
        named: dict[str, Any] = {}
        for keyword in node.keywords:
            value = self._argument(function, keyword.value, scope)
            if keyword.arg is not None:
                named[keyword.arg] = value
            elif isinstance(value, dict) or (isinstance(value, Namespace) and value.is_open):
                pairs = value if isinstance(value, dict) else value.attributes
                named.update({str(key): item for key, item in pairs.items()})
            elif isinstance(value, Unknown):
                return self._with_unknown(function, value)
            else:
                raise NotFollowed(f"passes on {kind_of(value)} by '**', which is not read.")
        self.line = node.lineno
        try:
            for name in ("eval", "exec"):
                if function is self.builtins[name]:
                    return self.of_text(name, given, scope)
            for name, place in (("globals", scope.top), ("locals", scope)):
                if function is self.builtins[name] and not given:
                    return {key: value for key, value in place.names.items() if key[:2] != "__"}
            return self.call(function, given, named)
        finally:
            self.line = node.lineno

    def _argument(self, function: Any, node: ast.expr, scope: Scope) -> Any:
        """The value of an argument; the user may state what something imported takes and nobody knows."""
        value = self.value(node, scope)
        if not isinstance(value, Unknown) or not isinstance(function, Foreign) or value.name:
            return value
        name = ast.unparse(node)
        if name in self.settings:
            self.used_settings.add(name)
            return self.settings[name]
        return Unknown(value.why, name) if len(name) <= MAX_NAME and "=" not in name else value

    def _with_unknown(self, function: Any, lost: Unknown) -> Any:
        if isinstance(function, Foreign):
            return lost
        raise NotFollowed(f"passes on arguments that are not known: {lost.why}.")

    @abstractmethod
    def of_text(self, name: str, given: list[Any], scope: Scope) -> Any:
        """`eval` and `exec` of a text of the source: it is followed like the rest, and executed as little."""

    @abstractmethod
    def super_of(self, scope: Scope) -> Any:
        """`super()` in a method."""

    def _binary(self, node: ast.BinOp, scope: Scope) -> Any:
        left, right = self.value(node.left, scope), self.value(node.right, scope)
        self.line = node.lineno
        return self.joined(sign_of(node.op), left, right)

    def joined(self, sign: str, left: Any, right: Any) -> Any:
        """Two values joined by an operator, by a method of their class if it has one."""
        if isinstance(left, Instance):
            try:
                return self.call(left.kind.find(_WORDS.get(sign, "")), [left, right], {})
            except KeyError:
                pass
        return binary(self.budget, sign, left, right)

    def _unary(self, node: ast.UnaryOp, scope: Scope) -> Any:
        value = self.value(node.operand, scope)
        if isinstance(node.op, ast.Not):
            truth = self.is_true(value)
            return truth if isinstance(truth, Unknown) else not truth
        return unary(node.op, value)

    def _either(self, node: ast.BoolOp, scope: Scope) -> Any:
        is_and = isinstance(node.op, ast.And)
        lost: Unknown | None = None
        value: Any = None
        for item in node.values:
            value = self.value(item, scope)
            truth = self.is_true(value)
            if isinstance(truth, Unknown):
                lost = lost or truth
            elif truth is not is_and:
                # What decides by itself decides whatever the unknown ones are.
                return value
        return value if lost is None else lost

    def _compare(self, node: ast.Compare, scope: Scope) -> Any:
        left = self.value(node.left, scope)
        for operator, item in zip(node.ops, node.comparators, strict=True):
            right = self.value(item, scope)
            result = compare(operator, left, right)
            if isinstance(result, (Unknown, Thing)) or not result:
                return result
            left = right
        return True

    def _choice(self, node: ast.IfExp, scope: Scope) -> Any:
        truth = self.is_true(self.value(node.test, scope))
        if isinstance(truth, Unknown):
            return Unknown(f"a choice by something that is not known: {truth.why}")
        return self.value(node.body if truth else node.orelse, scope)

    def _list(self, node: ast.List | ast.Tuple | ast.Set, scope: Scope) -> list[Any]:
        result: list[Any] = []
        for item in node.elts:
            if isinstance(item, ast.Starred):
                result.extend(self.items(self.value(item.value, scope)))
            else:
                result.append(self.value(item, scope))
        return result

    def _tuple(self, node: ast.Tuple, scope: Scope) -> Any:
        return tuple(self._list(node, scope))

    def _set(self, node: ast.Set, scope: Scope) -> Any:
        return set(map(self.key, self._list(node, scope)))

    def _dict(self, node: ast.Dict, scope: Scope) -> Any:
        result: dict[Any, Any] = {}
        for key, item in zip(node.keys, node.values, strict=True):
            value = self.value(item, scope)
            if key is not None:
                result[self.key(self.value(key, scope))] = value
            elif isinstance(value, dict):
                result.update(value)
            else:
                raise NotFollowed(f"takes over {kind_of(value)} by '**', which is not read.")
        return result

    @staticmethod
    def key(value: Any) -> Any:
        """A value that may be the key of a dict; Raised for one that may not."""
        try:
            hash(value)
        except TypeError as error:
            raise Raised("TypeError", str(error)) from None
        return value

    def _comprehension(self, node: Any, scope: Scope) -> Any:
        inner = Scope({}, scope)
        result: list[Any] = []

        def loop(place: int) -> None:
            if place == len(node.generators):
                if isinstance(node, ast.DictComp):
                    result.append((self.key(self.value(node.key, inner)), self.value(node.value, inner)))
                else:
                    result.append(self.value(node.elt, inner))
                if len(result) > MAX_LENGTH:
                    raise Exhausted(f"makes a list of more than {MAX_LENGTH:,} elements.")
                return
            generator = node.generators[place]
            source = self.value(generator.iter, inner if place else scope)
            if isinstance(source, (Unknown, Foreign)):
                raise _NoElements(source if isinstance(source, Unknown) else Unknown(f"what {source.name} holds"))
            for item in self.items(source):
                self.assign(generator.target, item, inner)
                tests = [self.is_true(self.value(test, inner)) for test in generator.ifs]
                if lost := unknown_among(*tests):
                    raise NotFollowed(f"chooses elements by something that is not known: {lost.why}.")
                if all(tests):
                    loop(place + 1)

        try:
            loop(0)
        except _NoElements as lost:
            return lost.source
        if isinstance(node, ast.DictComp):
            return dict(result)
        return set(map(self.key, result)) if isinstance(node, ast.SetComp) else result

    @abstractmethod
    def assign(self, target: ast.expr, value: Any, scope: Scope) -> None:
        """Binds a target to a value."""

    def _lambda(self, node: ast.Lambda, scope: Scope) -> Any:
        return self.function("lambda", node, scope)

    def function(self, name: str, code: ast.FunctionDef | ast.Lambda, scope: Scope) -> Function:
        """A function with the values of its defaults."""
        defaults = [self.value(item, scope) for item in code.args.defaults]
        named = {
            argument.arg: self.value(item, scope)
            for argument, item in zip(code.args.kwonlyargs, code.args.kw_defaults, strict=True)
            if item is not None
        }
        return Function(name, code, scope, defaults, named)

    def _text(self, node: ast.JoinedStr, scope: Scope) -> Any:
        parts: list[str] = []
        for item in node.values:
            if isinstance(item, ast.FormattedValue):
                value = self.value(item.value, scope)
                if isinstance(value, Unknown):
                    return value
                spec = self._text(item.format_spec, scope) if isinstance(item.format_spec, ast.JoinedStr) else ""
                parts.append(formatted(value, str(spec), item.conversion))
            else:
                parts.append(str(self.value(item, scope)))
        return bounded("".join(parts))

    def _walrus(self, node: ast.NamedExpr, scope: Scope) -> Any:
        value = self.value(node.value, scope)
        self.assign(node.target, value, scope)
        return value

    def _yield(self, node: ast.Yield | ast.YieldFrom, scope: Scope) -> None:
        value = None if node.value is None else self.value(node.value, scope)
        found = scope.find("__yielded__")
        found.extend([value] if isinstance(node, ast.Yield) else self.items(value))
        bounded(found)

    # Elements

    def _subscript(self, node: ast.Subscript, scope: Scope) -> Any:
        owner = self.value(node.value, scope)
        key = self.value(node.slice, scope)
        self.line = node.lineno
        return self.item(owner, key)

    def _slice(self, node: ast.Slice, scope: Scope) -> Any:
        parts = [None if part is None else self.value(part, scope) for part in (node.lower, node.upper, node.step)]
        lost = unknown_among(*parts)
        if lost is not None:
            return lost
        if any(part is not None and type(part) is not int for part in parts):
            raise Raised("TypeError", "a slice takes whole numbers")
        return slice(*parts)

    def item(self, owner: Any, key: Any) -> Any:
        """An element of a value; Raised if there is none, NotFollowed if it has no elements."""
        if isinstance(owner, Thing):
            return owner.item(key)
        if isinstance(owner, Class) and isinstance(key, str) and key in owner.members:
            return owner.members[key]
        if isinstance(owner, Instance):
            found = self.frameworks.method(owner, "__getitem__")
            return self.call(found if found is not MISSING else self.attribute(owner, "__getitem__"), [key], {})
        lost = unknown_among(owner, key)
        if lost is not None:
            return lost.part
        if isinstance(owner, Range):
            owner = list(self.items(owner))
        if isinstance(owner, Namespace) and owner.is_open and isinstance(key, str):
            return self.attribute(owner, key)
        if isinstance(owner, Foreign) and owner.name.endswith(".__dict__") and isinstance(key, str):
            return self.foreign(f"{owner.name.removesuffix('__dict__')}{key}")
        if isinstance(owner, Foreign):
            # `Tuple[int, int]` in an annotation, or an element of something that is not known.
            return Unknown(f"an element of {owner.name}")
        if isinstance(owner, (int, float)):
            raise Raised("TypeError", f"{kind_of(owner)} has no elements")
        if not isinstance(owner, (list, tuple, str, dict)):
            raise NotFollowed(f"takes an element of {kind_of(owner)}, which is not read.")
        try:
            return owner[key]
        except (LookupError, TypeError, ValueError) as error:
            raise Raised(type(error).__name__, str(error)) from None


Rule = Callable[[Expressions, Any, Scope], Any]
_RULES: dict[type[ast.expr], Rule] = {
    ast.Constant: Expressions._constant,
    ast.Name: Expressions._name,
    ast.Attribute: Expressions._attribute,
    ast.Call: Expressions._call,
    ast.BinOp: Expressions._binary,
    ast.UnaryOp: Expressions._unary,
    ast.BoolOp: Expressions._either,
    ast.Compare: Expressions._compare,
    ast.IfExp: Expressions._choice,
    ast.List: Expressions._list,
    ast.Tuple: Expressions._tuple,
    ast.Set: Expressions._set,
    ast.Dict: Expressions._dict,
    ast.ListComp: Expressions._comprehension,
    ast.SetComp: Expressions._comprehension,
    ast.DictComp: Expressions._comprehension,
    ast.GeneratorExp: Expressions._comprehension,
    ast.Lambda: Expressions._lambda,
    ast.Yield: Expressions._yield,
    ast.YieldFrom: Expressions._yield,
    ast.JoinedStr: Expressions._text,
    ast.NamedExpr: Expressions._walrus,
    ast.Subscript: Expressions._subscript,
    ast.Slice: Expressions._slice,
}
