"""Attributes and calls: of functions, classes and objects of the source, and of what was imported."""

from __future__ import annotations

import ast
import re
from abc import abstractmethod
from typing import Any

from cnnstudio.formats.source.language.core import MISSING
from cnnstudio.formats.source.language.expressions import Expressions
from cnnstudio.formats.source.language.methods import METHODS, data_of, method_of
from cnnstudio.formats.source.language.values import (
    Bound,
    Class,
    Foreign,
    Function,
    Instance,
    Namespace,
    Native,
    NotFollowed,
    Raised,
    Scope,
    Super,
    Thing,
    Unknown,
    kind_of,
)

MAX_GENERATED = 20_000
"""Steps that a generator is followed for; one that feeds a training never ends."""
_NAMES = ("__name__", "__qualname__")
_TABLES = re.compile(r"weight|embeddings?$|matrix|vectors?$|pretrained|device|model", re.IGNORECASE)
"""Names of what is no number that a user could give."""


class Objects(Expressions):
    """The part that follows attributes and calls."""

    # Attributes

    def attribute(self, owner: Any, name: str) -> Any:
        """The value of an attribute; NotFollowed or Raised if there is none."""
        if isinstance(owner, Thing):
            return owner.attribute(name)
        if isinstance(owner, Unknown):
            return owner.part
        if isinstance(owner, Instance):
            return self._of_instance(owner, name)
        if isinstance(owner, Foreign):
            return owner.name.rpartition(".")[2] if name in _NAMES else self.foreign(f"{owner.name}.{name}")
        if isinstance(owner, Namespace):
            return self._of_namespace(owner, name)
        if isinstance(owner, Class):
            return self._of_class(owner, name)
        if isinstance(owner, Super):
            return self._of_super(owner, name)
        if isinstance(owner, (Function, Native)):
            return owner.name if name in _NAMES else Unknown(f"'{name}' of a function")
        found = method_of(self, owner, name)
        if found is None:
            raise Raised("AttributeError", f"{kind_of(owner)} has no attribute '{name}'")
        return found

    def _of_namespace(self, owner: Namespace, name: str) -> Any:
        if name in owner.attributes:
            return owner.attributes[name]
        if name == "__dict__":
            return owner.attributes
        if owner.is_open:
            method = self._of_settings(owner, name)
            return method if method is not None else Unknown(f"'{owner.name}.{name}', which nothing states")
        raise Raised("AttributeError", f"{owner.name} has no attribute '{name}'")

    def _of_settings(self, owner: Namespace, name: str) -> Any:
        """A method of an object that holds settings: those of a dict, and of the libraries of settings."""
        if name in ("clone", "copy", "freeze", "defrost", "merge_from_list"):
            return Native(name, lambda _given, _named: owner)
        if name == "merge_from_file":
            return Native(name, lambda given, _named: self.merge(owner, given[0] if given else None))
        return method_of(self, owner.attributes, name)

    def merge(self, owner: Namespace, source: Any) -> None:
        """Takes over the settings of a file."""
        raise NotFollowed(f"merges settings of {kind_of(source)}, which is not read.")

    def _of_class(self, owner: Class, name: str) -> Any:
        if name in _NAMES:
            return owner.name
        try:
            found = owner.find(name)
        except KeyError:
            base = next((kind for kind in owner.order if isinstance(kind, Foreign)), None)
            made = self.frameworks.of_class(owner, name)
            if made is not MISSING:
                return made
            if base is None:
                raise Raised("AttributeError", f"the class {owner.name} has no attribute '{name}'") from None
            return self.foreign(f"{base.name}.{name}")
        if isinstance(found, Function) and found.kind == "classmethod":
            return Bound(owner, found)
        return found

    def _of_instance(self, owner: Instance, name: str) -> Any:
        if name in owner.attributes:
            return owner.attributes[name]
        found: Any = MISSING
        try:
            found = owner.kind.find(name)
        except KeyError:
            found = self.frameworks.method(owner, name)
            if found is not MISSING:
                return found
        if found is not MISSING:
            return self._bound(owner, found)
        if name in ("__class__", "__dict__"):
            return owner.kind if name == "__class__" else owner.attributes
        if name == "__setattr__":
            return Native(name, lambda given, _named: self.set_attribute(owner, str(given[0]), given[1]))
        if self._has(owner, "__getattr__"):
            return self.call(owner.kind.find("__getattr__"), [owner, name], {})
        if name in ("__getattr__", "__getattribute__"):
            return Native(name, lambda given, _named: self.attribute(owner, given[0]))
        if owner.kind.foreign and any(base != "object" for base in owner.kind.foreign):
            raise NotFollowed(f"asks {kind_of(owner)} for '{name}', which it does not have.")
        raise Raised("AttributeError", f"{kind_of(owner)} has no attribute '{name}'")

    @staticmethod
    def _has(owner: Instance, name: str) -> bool:
        try:
            owner.kind.find(name)
        except KeyError:
            return False
        return True

    def _bound(self, owner: Instance, found: Any) -> Any:
        if not isinstance(found, Function):
            return found
        if found.kind == "property":
            return self.call(found, [owner], {})
        if found.kind == "staticmethod":
            return found
        return Bound(owner.kind if found.kind == "classmethod" else owner, found)

    def _of_super(self, owner: Super, name: str) -> Any:
        receiver = owner.receiver
        kind = receiver.kind if isinstance(receiver, Instance) else receiver
        order = kind.order[kind.order.index(owner.after) + 1 :] if owner.after in kind.order else ()
        for base in order:
            if isinstance(base, Class) and name in base.members:
                found = base.members[name]
                return self._bound(receiver, found) if isinstance(receiver, Instance) else found
        if isinstance(receiver, Instance):
            found = self.frameworks.method(receiver, name)
            if found is not MISSING:
                return found
        if name in ("__init__", "__init_subclass__", "__setattr__", "build"):
            return Native(name, lambda _given, _named: None)
        raise NotFollowed(f"asks the class above {kind.name} for '{name}', which is not read.")

    def super_of(self, scope: Scope) -> Any:
        """`super()` in a method: by the class in which the method stands, and its first argument."""
        inner: Scope | None = scope
        while inner is not None:
            owner = inner.names.get("__class__")
            if isinstance(owner, Class):
                return Super(inner.names["__self__"], owner)
            inner = inner.parent
        raise NotFollowed("calls super() outside a method.")

    def set_attribute(self, owner: Any, name: str, value: Any) -> None:
        """Sets an attribute; NotFollowed where that is not read."""
        if isinstance(owner, Instance):
            setter = owner.kind.members.get(f"{name}.setter")
            if isinstance(setter, Function):
                self.call(setter, [owner, value], {})
                return
            owner.attributes[name] = value
            self.frameworks.set(owner, name, value)
        elif isinstance(owner, Thing):
            owner.set_attribute(name, value)
        elif isinstance(owner, Namespace):
            owner.attributes[name] = value
        elif isinstance(owner, Class):
            owner.members[name] = value
        elif not isinstance(owner, (Unknown, Foreign, Function, Native)):
            raise Raised("AttributeError", f"{kind_of(owner)} has no attribute '{name}'")

    # Calls

    def call(self, function: Any, given: list[Any], named: dict[str, Any]) -> Any:
        """The result of calling something; NotFollowed if it cannot be called."""
        if isinstance(function, Bound):
            if isinstance(function.function, Function):
                return self.call_function(function.function, [function.receiver, *given], named)
            return self.call(function.function, [function.receiver, *given], named)
        if isinstance(function, Function):
            return self.call_function(function, given, named)
        if isinstance(function, Native):
            return function.function(given, named)
        if isinstance(function, Foreign):
            return self.frameworks.call(function.name, given, named)
        if isinstance(function, Class):
            return self.create(function, given, named)
        if isinstance(function, Thing):
            return function.call(given, named)
        if isinstance(function, Instance):
            return self._call_instance(function, given, named)
        if isinstance(function, Unknown):
            return function.part
        raise Raised("TypeError", f"{kind_of(function)} cannot be called")

    def _call_instance(self, function: Instance, given: list[Any], named: dict[str, Any]) -> Any:
        try:
            method = function.kind.find("__call__")
        except KeyError:
            result = self.frameworks.called(function, given, named)
            if result is MISSING:
                raise Raised("TypeError", f"{kind_of(function)} cannot be called") from None
            return result
        return self.call(method, [function, *given], named)

    def watch(self, name: str, given: list[Any], named: dict[str, Any]) -> None:
        """Keeps a call that somebody asked for."""
        if self.watched is not None and name in self.watched:
            self.watched[name].append((self.line, given, named))

    def create(self, kind: Class, given: list[Any], named: dict[str, Any]) -> Any:
        """An object of a class of the source."""
        self.watch(kind.name, given, named)
        made = Instance(kind, {}, self.line)
        started = self.frameworks.method(made, "__new__")
        if started is not MISSING:
            self.call(started, given, named)
        try:
            self._start(made, given, named)
        except (NotFollowed, Raised) as error:
            line = error.line or self.line
            made.attributes.setdefault("__spoiled__", (line, error.sentence))
            if isinstance(error, NotFollowed):
                error.sentence = _asking_all(error.sentence, [*given, *named.values()])
            raise
        return made

    def _start(self, made: Instance, given: list[Any], named: dict[str, Any]) -> None:
        try:
            start = made.kind.find("__init__")
        except KeyError:
            found = self.frameworks.method(made, "__init__")
            if found is not MISSING:
                self.call(found, given, named)
            elif "dataclass" in made.kind.members:
                self._fields(made, given, named)
            return
        self.call(start, [made, *given], named)

    def _fields(self, made: Instance, given: list[Any], named: dict[str, Any]) -> None:
        names: list[str] = made.kind.members["dataclass"]
        values = dict(zip(names, given, strict=False)) | named
        for name in names:
            if name in values:
                made.attributes[name] = values[name]
            elif name not in made.kind.members:
                raise NotFollowed(f"makes {kind_of(made)} without '{name}'.")

    def call_function(self, function: Function, given: list[Any], named: dict[str, Any]) -> Any:
        """The result of a function of the source."""
        self.budget.enter()
        line = self.line
        self.watch(function.name, given, named)
        try:
            scope = Scope(self.arguments(function, given, named), function.scope)
            if isinstance(function.owner, Class) and given:
                scope.names["__class__"], scope.names["__self__"] = function.owner, given[0]
            if isinstance(function.code, ast.Lambda):
                return self.value(function.code.body, scope)
            ends = _ends(function.code)
            if "yields" in ends:
                return self._generated(function, scope)
            # What fails in a function that gives nothing, such as `main`, spoils nothing else.
            scope.is_lenient = function.owner is None and "returns" not in ends
            return self.run_body(function.code.body, scope)
        except (NotFollowed, Raised) as error:
            error.line = error.line or self.line
            raise
        finally:
            self.budget.leave()
            self.line = line

    def _generated(self, function: Function, scope: Scope) -> Any:
        """All that a generator gives, as a list; unknown for one that gives very much, or cannot be followed."""
        found: list[Any] = []
        scope.names["__yielded__"] = found
        depth, before = self.budget.depth, self.budget.allow(MAX_GENERATED)
        assert isinstance(function.code, ast.FunctionDef)
        try:
            self.run_body(function.code.body, scope)
        except (NotFollowed, Raised):
            if self.budget.is_spent:
                raise
            self.budget.depth = depth
            return Unknown(f"what the generator {function.name} gives")
        finally:
            self.budget.allowed = before
        return found

    @abstractmethod
    def run_body(self, body: list[ast.stmt], scope: Scope) -> Any:
        """The value that the body of a function returns."""

    def arguments(self, function: Function, given: list[Any], named: dict[str, Any]) -> dict[str, Any]:
        """The parameters of a function with their values; NotFollowed if they do not fit."""
        code = function.code.args
        names = [item.arg for item in (*code.posonlyargs, *code.args)]
        values: dict[str, Any] = dict(zip(names, given, strict=False))
        if code.vararg is not None:
            values[code.vararg.arg] = tuple(given[len(names) :])
        elif len(given) > len(names):
            raise NotFollowed(f"calls '{function.name}' with {len(given)} arguments, and it takes {len(names)}.")
        others: dict[str, Any] = {}
        known = {*names, *(item.arg for item in code.kwonlyargs)}
        for name, value in named.items():
            (values if name in known else others)[name] = value
        if code.kwarg is not None:
            values[code.kwarg.arg] = others
        elif others:
            raise NotFollowed(f"calls '{function.name}' with '{next(iter(others))}', which it does not take.")
        first = len(names) - len(function.defaults)
        defaults = {**dict(zip(names[first:], function.defaults, strict=True)), **function.named_defaults}
        missing = [name for name in (*names, *(item.arg for item in code.kwonlyargs)) if name not in values]
        self._require_said(function, [name for name in missing if name not in defaults])
        return {**values, **{name: defaults[name] if name in defaults else self.settings[name] for name in missing}}

    def _require_said(self, function: Function, names: list[str]) -> None:
        """Takes the user's values for arguments that a call leaves out. Raises NotFollowed where there are none."""
        self.used_settings |= {name for name in names if name in self.settings}
        missing = [name for name in names if name not in self.settings]
        if missing:
            words = f"its argument '{missing[0]}'" if len(missing) == 1 else f"its arguments {', '.join(missing)}"
            settings = " ".join(f"--set {name}=..." for name in missing)
            raise NotFollowed(f"calls '{function.name}' without {words}; give {settings}")


def _ends(code: ast.FunctionDef) -> set[str]:
    """The ways in which a function gives something; functions inside it are its own affair."""
    kept = vars(code)
    if "_ends" not in kept:
        kept["_ends"] = _found_ends(code)
    known: set[str] = kept["_ends"]
    return known


def _found_ends(code: ast.FunctionDef) -> set[str]:
    found: set[str] = set()
    waiting: list[ast.AST] = list(code.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.FunctionDef, ast.Lambda, ast.ClassDef)):
            continue
        if isinstance(node, (ast.Yield, ast.YieldFrom)):
            found.add("yields")
        elif isinstance(node, ast.Return) and node.value is not None:
            found.add("returns")
        waiting.extend(ast.iter_child_nodes(node))
    return found


def _asking_all(sentence: str, values: list[Any]) -> str:
    """A sentence that asks for one of several values that are not known, so that it asks for all of them at once."""
    if "give --set " not in sentence:
        return sentence
    lost = [value.name for value in values if isinstance(value, Unknown) and value.name]
    more = [name for name in dict.fromkeys(lost) if f"--set {name}=" not in sentence and not _TABLES.search(name)]
    start, _, end = sentence.partition("give --set ")
    first, dots, rest = end.partition("...")
    return f"{start}give --set {first}{dots}{''.join(f' --set {name}=...' for name in more)}{rest}"


def has_method(value: Any, name: str) -> bool:
    """True if a plain value has a method or an attribute of this name."""
    return name in METHODS.get(type(value), {}) or data_of(value, name) is not None
