"""The values of a program that is followed: plain numbers, texts and lists, and what stands for everything else.

No object of this program is among them, so that no attribute of one can be asked for.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Any

from msgspec import Struct, field

from cnnstudio.formats.foreign.refusals import NotUnderstood


class NotFollowed(NotUnderstood):
    """A place in the source that cannot be followed: the sentence, and its line, 0 until it is known.

    `reached` are the operations of a network that were followed before.
    """

    def __init__(self, sentence: str, line: int = 0) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.line = line
        self.reached = 0


class Raised(Exception):
    """An error that the source itself raises, which its own `except` may catch; `kind` is its class."""

    def __init__(self, kind: str, text: str = "") -> None:
        super().__init__(text)
        self.kind = kind
        self.text = text
        self.line = 0

    @property
    def sentence(self) -> str:
        """The sentence for the user."""
        return f"raises {self.kind}: {self.text}." if self.text else f"raises {self.kind}."


class Unknown(Struct, frozen=True):
    """A value that nobody can tell, and the reason; what is made of it is unknown too.

    `name` is the variable that holds it, or the expression from which a call takes it; "" for a part of one.
    """

    why: str
    name: str = ""

    @property
    def asking(self) -> str:
        """The reason, and how the user can say the value, if it has a name."""
        name = self.name if self.name.isidentifier() else f'"{self.name}"'
        return f"{self.why}; give --set {name}=..." if self.name and "--set " not in self.why else self.why

    @property
    def part(self) -> Unknown:
        """The value of a part of it, or of a call: unknown as well, and held by no variable."""
        return Unknown(self.why) if self.name else self


class Foreign(Struct, frozen=True):
    """Something that was imported, by its full name."""

    name: str


class Scope(Struct, eq=False):
    """Names and their values. `stars` are modules of which everything was imported; `is_class` is that of a class,
    whose names its methods do not see; in a lenient one each statement stands for itself.
    """

    names: dict[str, Any]
    parent: Scope | None = None
    stars: list[str] = field(default_factory=list)
    outer: set[str] = field(default_factory=set)
    is_class: bool = False
    is_lenient: bool = False

    def find(self, name: str) -> Any:
        """The value of a name; KeyError if it has none."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names and (scope is self or not scope.is_class):
                return scope.names[name]
            scope = scope.parent
        raise KeyError(name)

    def set(self, name: str, value: Any) -> None:
        """Binds a name, in an outer scope if it was declared to be of one."""
        if name in self.outer:
            scope = self.parent
            while scope is not None:
                if name in scope.names or scope.parent is None:
                    scope.names[name] = value
                    return
                scope = scope.parent
        self.names[name] = value

    @property
    def top(self) -> Scope:
        """The scope of the module."""
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope


class Function(Struct, eq=False):
    """A function of the source: its code, the names that it sees, and the values of its defaults."""

    name: str
    code: ast.FunctionDef | ast.Lambda
    scope: Scope
    defaults: list[Any]
    named_defaults: dict[str, Any]
    owner: Any = None
    kind: str = ""


class Class(Struct, eq=False):
    """A class of the source. `order` are the classes in which a name is looked for, foreign ones among them."""

    name: str
    bases: tuple[Any, ...]
    members: dict[str, Any]
    line: int
    order: tuple[Any, ...] = ()

    def find(self, name: str) -> Any:
        """A member of it or of the classes that it is derived from; KeyError if there is none."""
        for kind in self.order:
            if isinstance(kind, Class) and name in kind.members:
                return kind.members[name]
        raise KeyError(name)

    @property
    def foreign(self) -> tuple[str, ...]:
        """The names of the foreign classes that it is derived from."""
        return tuple(kind.name for kind in self.order if isinstance(kind, Foreign))


class Instance(Struct, eq=False):
    """An object of a class of the source. `state` is what a framework keeps of it."""

    kind: Class
    attributes: dict[str, Any]
    line: int = 0
    state: Any = None


class Bound(Struct, eq=False):
    """A method with its object."""

    receiver: Any
    function: Any


class Super(Struct, eq=False):
    """`super()`: the classes after one in the order of an object's class."""

    receiver: Any
    after: Class


class Native(Struct, eq=False):
    """A function of the interpreter's own: given the positional and the named arguments."""

    name: str
    function: Callable[[list[Any], dict[str, Any]], Any]


class Namespace(Struct, eq=False):
    """An object that holds attributes and does nothing: a module of the source, or the arguments of a command."""

    name: str
    attributes: dict[str, Any]
    is_open: bool = False


class Range(Struct, frozen=True):
    """`range`, whose numbers are not made before they are wanted."""

    numbers: range


class Thing:
    """A value of a framework. What it does not know, it refuses by name."""

    title = "this"
    is_compared = False
    """True for what Python compares element by element."""

    def attribute(self, name: str) -> Any:
        """The value of an attribute."""
        raise NotFollowed(f"asks {self.title} for '{name}', which is not read.")

    def set_attribute(self, name: str, value: Any) -> None:
        """Sets an attribute."""
        raise NotFollowed(f"sets '{name}' of {self.title}, which is not read.")

    def call(self, given: list[Any], named: dict[str, Any]) -> Any:
        """Calls it."""
        raise NotFollowed(f"calls {self.title}, which is not read.")

    def item(self, key: Any) -> Any:
        """An element of it."""
        raise NotFollowed(f"takes an element of {self.title}, which is not read.")

    def items(self) -> Iterator[Any]:
        """Its elements."""
        raise NotFollowed(f"goes through {self.title}, which is not read.")

    def arithmetic(self, operator: str, other: Any, *, is_left: bool) -> Any:
        """It and another value joined by an operator, such as `+`."""
        raise NotFollowed(f"applies '{operator}' to {self.title}, which is not read.")

    def remove(self, key: Any) -> None:
        """Takes an element out."""
        raise NotFollowed(f"takes an element out of {self.title}, which is not read.")

    def plain(self) -> Any:
        """The value with which it is compared: itself, if it is like no plain one."""
        return self

    def length(self) -> int:
        """The number of its elements."""
        raise NotFollowed(f"asks for the length of {self.title}, which is not read.")

    def truth(self) -> bool:
        """True, as for most objects."""
        return True


def clause(sentence: str) -> str:
    """A sentence as a part of another one: without its full stop."""
    return sentence if sentence.endswith("...") else sentence.removesuffix(".")


def kind_of(value: Any) -> str:
    """A word for a value, for sentences."""
    if isinstance(value, Thing):
        return value.title
    if isinstance(value, Instance):
        return f"an object of {value.kind.name}"
    if isinstance(value, Class):
        return f"the class {value.name}"
    if isinstance(value, (Function, Native)):
        return f"the function {value.name}"
    if isinstance(value, Foreign):
        return value.name
    return {"NoneType": "None", "str": "a text", "int": "a number", "float": "a number"}.get(
        type(value).__name__, f"a {type(value).__name__.lower()}"
    )
