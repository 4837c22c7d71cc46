"""A pickle as inert records: what it would call and build is written down, and nothing is imported, called or built.

The opcodes are told apart by `pickletools.genops`, which executes none of them.
"""

from __future__ import annotations

import pickletools
from collections.abc import Callable
from typing import Any

from msgspec import Struct, field

from cnnstudio.formats.foreign.refusals import NotUnderstood

MAX_OPCODES = 2_000_000
_MARK = object()


class Name(Struct, frozen=True):
    """A class or function by its module and name."""

    text: str


class Stored(Struct, frozen=True):
    """The value of a persistent identifier, such as the storage of a tensor."""

    key: Any


class Record(Struct):
    """A call that would have been made, and the state that would have been set."""

    of: Any
    arguments: Any = ()
    state: Any = None
    items: dict[Any, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name of what would have been called."""
        return self.of.text if isinstance(self.of, Name) else ""


class _Machine:
    """The stack machine of pickle, on records."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}

    def pop(self) -> Any:
        return self.stack.pop()

    def marked(self) -> list[Any]:
        """The values above the last mark, which is taken away with them."""
        at = len(self.stack) - 1
        while self.stack[at] is not _MARK:
            at -= 1
            if at < 0:
                raise ValueError("a pickle without the mark that it needs")
        items = self.stack[at + 1 :]
        del self.stack[at:]
        return items

    def add_items(self, target: Any, items: list[Any]) -> None:
        """Pairs of keys and values into a mapping."""
        place = target.items if isinstance(target, Record) else target
        if not isinstance(place, dict):
            raise ValueError("a pickle that sets items of something without any")
        for key, value in zip(items[::2], items[1::2], strict=True):
            # A record cannot be hashed as what it stands for, so that what it names is left out.
            if isinstance(key, (str, int, float, bytes, type(None))):
                place[key] = value

    def extend(self, items: list[Any]) -> None:
        target = self.stack[-1]
        if isinstance(target, list):
            target.extend(items)
        elif not isinstance(target, Record):
            raise ValueError("a pickle that appends to something that is no list")


def read_pickle(content: bytes) -> Any:
    """The value of a pickle, objects as records; NotUnderstood if it is too long, ValueError if it is none."""
    machine = _Machine()
    for count, (opcode, argument, _) in enumerate(pickletools.genops(content)):
        if count > MAX_OPCODES:
            raise NotUnderstood(f"holds a pickle of more than {MAX_OPCODES:,} steps, and so many are not read.")
        name = opcode.name
        if name == "STOP":
            return machine.pop()
        if name in _VALUES:
            machine.stack.append(argument)
            continue
        step = _STEPS.get(name)
        if step is None:
            raise NotUnderstood(f"holds a pickle with the unknown step {name}.")
        step(machine, argument)
    raise EOFError("a pickle that does not end")


_VALUES = frozenset(
    (
        *("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT", "STRING", "BINSTRING"),
        *("SHORT_BINSTRING", "UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8", "BINBYTES"),
        *("SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8"),
    )
)


def _push(value: Callable[[], Any]) -> Callable[[_Machine, Any], None]:
    return lambda machine, _argument: machine.stack.append(value())


def _tuple(count: int) -> Callable[[_Machine, Any], None]:
    def step(machine: _Machine, _argument: Any) -> None:
        items = tuple(machine.stack[len(machine.stack) - count :])
        if len(items) != count:
            raise ValueError("a pickle that takes more than there is")
        del machine.stack[len(machine.stack) - count :]
        machine.stack.append(items)

    return step


def _reduce(machine: _Machine, _argument: Any) -> None:
    arguments = machine.pop()
    machine.stack.append(Record(machine.pop(), arguments))


def _new_with_names(machine: _Machine, _argument: Any) -> None:
    machine.pop()
    _reduce(machine, None)


def _build(machine: _Machine, _argument: Any) -> None:
    state = machine.pop()
    target = machine.stack[-1]
    if isinstance(target, Record):
        target.state = state


def _instance(machine: _Machine, argument: Any) -> None:
    arguments = tuple(machine.marked())
    machine.stack.append(Record(Name(str(argument).replace(" ", ".")), arguments))


def _object(machine: _Machine, _argument: Any) -> None:
    of, *arguments = machine.marked()
    machine.stack.append(Record(of, tuple(arguments)))


def _global(machine: _Machine, argument: Any) -> None:
    machine.stack.append(Name(str(argument).replace(" ", ".")))


def _stack_global(machine: _Machine, _argument: Any) -> None:
    name, module = machine.pop(), machine.pop()
    machine.stack.append(Name(f"{module}.{name}"))


def _remember(machine: _Machine, argument: Any) -> None:
    # MEMOIZE of protocol 4 has no argument and counts by itself; the older opcodes name the place.
    machine.memo[len(machine.memo) if argument is None else int(argument)] = machine.stack[-1]


def _recall(machine: _Machine, argument: Any) -> None:
    machine.stack.append(machine.memo[int(argument)])


def _set_item(machine: _Machine, _argument: Any) -> None:
    value, key = machine.pop(), machine.pop()
    machine.add_items(machine.stack[-1], [key, value])


def _set_items(machine: _Machine, _argument: Any) -> None:
    items = machine.marked()
    machine.add_items(machine.stack[-1], items)


def _dict(machine: _Machine, _argument: Any) -> None:
    items = machine.marked()
    machine.stack.append({})
    machine.add_items(machine.stack[-1], items)


def _pop(machine: _Machine, _argument: Any) -> None:
    machine.pop()


def _pop_mark(machine: _Machine, _argument: Any) -> None:
    machine.marked()


def _append(machine: _Machine, _argument: Any) -> None:
    item = machine.pop()
    machine.extend([item])


_STEPS: dict[str, Callable[[_Machine, Any], None]] = {
    **{name: lambda _machine, _argument: None for name in ("PROTO", "FRAME")},
    "MARK": _push(lambda: _MARK),
    "POP": _pop,
    "POP_MARK": _pop_mark,
    "DUP": lambda machine, _argument: machine.stack.append(machine.stack[-1]),
    "NONE": _push(lambda: None),
    "NEWTRUE": _push(lambda: True),
    "NEWFALSE": _push(lambda: False),
    "EMPTY_LIST": _push(list),
    "EMPTY_TUPLE": _push(tuple),
    "EMPTY_DICT": _push(dict),
    # Records are not hashable, and nobody asks whether a set holds something twice.
    "EMPTY_SET": _push(list),
    "LIST": lambda machine, _argument: machine.stack.append(machine.marked()),
    "TUPLE": lambda machine, _argument: machine.stack.append(tuple(machine.marked())),
    "FROZENSET": lambda machine, _argument: machine.stack.append(machine.marked()),
    "TUPLE1": _tuple(1),
    "TUPLE2": _tuple(2),
    "TUPLE3": _tuple(3),
    "APPEND": _append,
    "APPENDS": lambda machine, _argument: machine.extend(machine.marked()),
    "ADDITEMS": lambda machine, _argument: machine.extend(machine.marked()),
    "DICT": _dict,
    "SETITEM": _set_item,
    "SETITEMS": _set_items,
    **dict.fromkeys(("PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"), _remember),
    **dict.fromkeys(("GET", "BINGET", "LONG_BINGET"), _recall),
    "GLOBAL": _global,
    "STACK_GLOBAL": _stack_global,
    "REDUCE": _reduce,
    "NEWOBJ": _reduce,
    "NEWOBJ_EX": _new_with_names,
    "BUILD": _build,
    "INST": _instance,
    "OBJ": _object,
    "PERSID": lambda machine, argument: machine.stack.append(Stored(argument)),
    "BINPERSID": lambda machine, _argument: machine.stack.append(Stored(machine.pop())),
}
