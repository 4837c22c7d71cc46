"""One layer as a framework says it: what is made once, and what is computed with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Generic, TypeVar

from msgspec import Struct

from cnnstudio.core.network.layer import Layer
from cnnstudio.dialects.dialect import REQUIRED, Dialect, Spelling
from cnnstudio.exports.source.statements import Piece, Pieces, Slot, call
from cnnstudio.layers.activation import Activation

Sayer = TypeVar("Sayer")
Call = TypeVar("Call")


class _Made:
    """The place in a layer's expression for what was made for it."""


MADE: Final = _Made()

Part = Piece | int | _Made
Expression = tuple[Part, ...]
"""Text and slots; an integer is the input of that number, from 0, and MADE what was made."""


class Said(Struct, frozen=True):
    """`made` is what is made once, if anything; `expression` what is computed; `helpers` the keys of helpers used."""

    expression: Expression
    made: Pieces | None = None
    helpers: tuple[str, ...] = ()


class Results(Struct, Generic[Call], frozen=True):
    """All that a layer with further outputs gives: `call` computes it.

    `parts` take each output out of the variable `{0}` that holds it, by the name of the output; that of the first is
    empty.
    """

    call: Call
    parts: dict[str, str]


AT_EACH_STEP: Final = "at_each_step"
"""The helper of a target that applies a function at each step of a sequence."""
SEVERAL_AT_EACH_STEP: Final = "it gives several outputs at each step, which are taken apart inside a block alone"


def step_names(inputs: int) -> list[str]:
    """The variables of one step, for so many inputs."""
    return [f"step_{at}" for at in range(1, inputs + 1)] if inputs > 1 else ["step"]


class CannotSay(Exception):
    """A layer that cannot be said exactly as it is: why, and what would make it possible."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.remedy = remedy


def sayer_of(sayers: Mapping[type[Layer], Sayer], layer: Layer, title: str) -> Sayer:
    """The function for a layer's type, or for one that it extends; raises CannotSay if there is none."""
    found = next((sayers[kind] for kind in type(layer).__mro__ if kind in sayers), None)
    if found is None:
        raise CannotSay(f"it is not written as {title}", "Replace it by layers that are, or choose another target.")
    return found


def require_constants(activation: Activation) -> None:
    """Raises CannotSay for a constant with which a function is not defined."""
    if activation.function == "celu" and activation.alpha == 0:
        raise CannotSay("celu divides by its alpha, which is 0", "Use another alpha, or relu.")


APPLIED: Final[Expression] = (MADE, "(", 0, ")")
"""The plain use of what was made."""


def wrapped(before: str, expression: Expression, *after: Part) -> Expression:
    """An expression with text before and after it; without text, itself."""
    return (*((before,) if before else ()), *expression, *after)


def with_inputs(expression: Expression, inputs: Mapping[int, str], made: str) -> Pieces:
    """The expression with the variables of its inputs and of what was made put in."""
    pieces: list[Piece] = []
    for part in expression:
        if isinstance(part, int):
            pieces.append(inputs[part])
        elif isinstance(part, (str, Slot)):
            pieces.append(part)
        else:
            pieces.append(made)
    return tuple(pieces)


def replaced(expression: Expression, number: int, by: Expression) -> Expression:
    """The expression with another in place of one of its inputs."""
    parts: list[Part] = []
    for part in expression:
        parts += by if type(part) is int and part == number else (part,)
    return tuple(parts)


def spelled(
    dialect: Dialect, layer: Layer, rank: int, facts: Mapping[str, Any], stem: str = "", **other: Any
) -> Pieces:
    """The call that makes a layer, by its row in the dialect's table: what must be stated comes first, by place.

    `facts` are values that the shapes give, by the name of the fact. `other` are arguments that are to have another
    value than the layer's field says, or none: `REQUIRED` leaves one out. `stem` is what stands before the name.
    Raises LookupError if the table has no row.
    """
    spelling = dialect.spelling_of(layer, rank)
    if spelling is None:
        raise LookupError(f"{dialect.title} has no spelling for {layer.type_name} of {rank} axes")
    return spelled_as(spelling, layer, rank, facts, stem, **other)


def spelled_as(
    spelling: Spelling, layer: Layer, rank: int, facts: Mapping[str, Any], stem: str = "", **other: Any
) -> Pieces:
    """As `spelled`, for a spelling that was chosen."""
    values: dict[str, Any] = spelling.written(layer, rank)
    values |= {item.name: facts[item.fact] for item in spelling.arguments if item.fact in facts}
    values = {name: value for name, value in (values | other).items() if value is not REQUIRED}
    placed: list[tuple[str, Any]] = []
    for item in spelling.arguments:
        if item.default is not REQUIRED or item.name not in values:
            break
        placed.append((item.name, values.pop(item.name)))
    order = {item.name: at for at, item in enumerate(spelling.arguments)}
    named = {name: values[name] for name in sorted(values, key=lambda name: order.get(name, len(order)))}
    return call(stem + spelling.name, *placed, **named)
