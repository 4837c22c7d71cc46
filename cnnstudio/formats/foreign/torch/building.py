"""A graph built from calls of PyTorch's operators, which are written as operations under the names of ONNX."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from cnnstudio.formats.foreign.refusals import NotUnderstood
from cnnstudio.formats.foreign.tracing.graph import Graph, Operation
from cnnstudio.formats.foreign.tracing.values import MAX_VALUES, Constant

MAX_OPERATIONS = 200_000


class Ref(Struct, frozen=True):
    """A tensor by its name."""

    name: str


class Call(Struct):
    """One call of an operator: its name without namespace and overload, its arguments, what it gives, and where."""

    name: str
    arguments: dict[str, Any]
    outputs: tuple[str, ...]
    path: tuple[str, ...]

    def get(self, *names: str, default: Any = None) -> Any:
        """The first argument of these that is given."""
        for name in names:
            if self.arguments.get(name) is not None:
                return self.arguments[name]
        return default

    def tensor(self, *names: str) -> str:
        """The name of a tensor, "" if it is left out; NotUnderstood if something else is given."""
        value = self.get(*names)
        if value is None:
            return ""
        if isinstance(value, Ref):
            return value.name
        raise self.refusal(f"takes a number for {names[0]}")

    def integers(self, *names: str) -> list[int]:
        """Whole numbers; [] if they are left out."""
        value = self.get(*names, default=[])
        values = value if isinstance(value, (list, tuple)) else [value]
        if not all(type(item) is int for item in values):
            raise self.refusal(f"takes sizes for {names[0]} that are computed")
        return list(values)

    def refusal(self, what: str) -> NotUnderstood:
        """The refusal of this call."""
        return NotUnderstood(f"'{'/'.join(self.path)}' ({self.name}) {what}, which is not read.")


class Builder:
    """Adds operations to a graph."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.made = 0

    def add(self, call: Call, kind: str, *inputs: str, outputs: tuple[str, ...] = (), **attributes: Any) -> str:
        """Adds an operation; the name of its first output, which is the call's if nothing else is said."""
        if len(self.graph.operations) >= MAX_OPERATIONS:
            raise NotUnderstood(f"holds more than {MAX_OPERATIONS:,} operations, and so many are not read.")
        names = outputs or call.outputs[:1]
        given = list(inputs)
        # Optional inputs at the end are left out, as rules tell by their number what was given.
        while given and not given[-1]:
            given.pop()
        self.graph.operations.append(Operation(kind, tuple(given), names, attributes, call.path))
        return names[0]

    def inner(self, call: Call, kind: str, *inputs: str, **attributes: Any) -> str:
        """Adds an operation whose output is an intermediate result."""
        self.made += 1
        return self.add(call, kind, *inputs, outputs=(f"{call.outputs[0]}${self.made}",), **attributes)

    def constant(self, value: Any) -> str:
        """The name of a new constant: a number, or a list of whole numbers."""
        self.made += 1
        name = f"constant${self.made}"
        if isinstance(value, (list, tuple)):
            self.graph.constants[name] = Constant((len(value),), tuple(value[:MAX_VALUES]), is_float=False)
        else:
            self.graph.constants[name] = Constant((), (value,), is_float=isinstance(value, float))
        return name

    def operand(self, call: Call, value: Any) -> str:
        """A tensor or a number as an operand."""
        if isinstance(value, Ref):
            return value.name
        if isinstance(value, (int, float)):
            return self.constant(value)
        raise call.refusal("takes an operand that is no tensor and no number")
