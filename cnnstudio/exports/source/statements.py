"""Statements of generated code, with the values in them that may differ between the passes through a block.

A block is one text for all its passes. Where a value differs from pass to pass, it becomes a parameter of the text;
where more than values differs, there are several texts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from msgspec import Struct, structs


class Slot(Struct, frozen=True):
    """A value in a statement, as text, and what a parameter for it would be called."""

    name: str
    text: str


Piece = str | Slot
Pieces = tuple[Piece, ...]


class Statement(Struct, frozen=True):
    """One statement for an item of the design, in one of the sections of its text; `comment` is the shape.

    `variable` is what holds the item's output after it, `names` what the framework knows the item by, and `label` what
    a parameter is told apart by.
    """

    section: str
    pieces: Pieces
    places: tuple[str, ...] = ()
    comment: str = ""
    variable: str = ""
    names: tuple[str, ...] = ()
    label: str = ""


class Parameter(Struct, frozen=True):
    """A parameter of a text, the values it has, and the sections whose statements use it."""

    name: str
    values: tuple[str, ...]
    sections: frozenset[str] = frozenset()

    @property
    def annotation(self) -> str:
        """The type of the values."""
        if all(re.fullmatch(r"-?\d+", value) for value in self.values):
            return "int"
        return "tuple[int, ...]" if all(value.startswith("(") for value in self.values) else "object"


class Definition(Struct, frozen=True):
    """One text for several passes: statements of plain text, and the parameters they use."""

    statements: tuple[Statement, ...]
    parameters: tuple[Parameter, ...]


Passage = tuple[Statement, ...]
"""The statements of one pass through a list of items."""


def unify(
    passages: Sequence[Passage], reserved: Iterable[str] = (), owners: Mapping[str, str] = MappingProxyType({})
) -> list[tuple[Definition, list[int]]]:
    """As few definitions as will do for these passages, each with the indices of the passages it is for.

    `owners` are what stands before a parameter in the statements of a section, such as `self.`.
    """
    alike: dict[Any, list[int]] = {}
    for at, passage in enumerate(passages):
        # By everything but the values: passes that differ in a stride alone share one class with a parameter.
        alike.setdefault(_structure(passage), []).append(at)
    definitions = []
    for places in alike.values():
        members = [passages[at] for at in places]
        taken = {*reserved, *[statement.label for statement in members[0]]}
        definitions.append((_definition(members, taken, owners), places))
    return definitions


def _structure(passage: Passage) -> Any:
    return tuple(
        [
            (statement.section, tuple([piece if isinstance(piece, str) else None for piece in statement.pieces]))
            for statement in passage
        ]
    )


def _definition(passages: list[Passage], taken: set[str], owners: Mapping[str, str]) -> Definition:
    """The text of passages that differ in nothing but values."""
    first = passages[0]
    if len(passages) == 1:
        return Definition(tuple([_plain(statement) for statement in first]), ())
    names: dict[tuple[str, ...], str] = {}
    used: dict[str, set[str]] = {}
    statements = []
    for at, statement in enumerate(first):
        pieces: list[str] = []
        for place, piece in enumerate(statement.pieces):
            if isinstance(piece, str):
                pieces.append(piece)
                continue
            values = tuple([_text(passage[at].pieces[place]) for passage in passages])
            if len(set(values)) == 1:
                pieces.append(values[0])
                continue
            name = _parameter(values, piece, statement, names, taken)
            used.setdefault(name, set()).add(statement.section)
            pieces.append(owners.get(statement.section, "") + name)
        comments = {passage[at].comment for passage in passages}
        comment = statement.comment if len(comments) == 1 else f"{statement.comment} at first"
        places = tuple(dict.fromkeys([place for passage in passages for place in passage[at].places]))
        statements.append(_with(statement, ("".join(pieces),), comment, places))
    parameters = [Parameter(name, values, frozenset(used[name])) for values, name in names.items()]
    return Definition(tuple(statements), tuple(parameters))


def _parameter(
    values: tuple[str, ...], slot: Slot, statement: Statement, names: dict[tuple[str, ...], str], taken: set[str]
) -> str:
    """The name of the parameter that has these values in turn: one for all places where it is so."""
    # Values that change in the same way are one parameter: channels in and filters out before them.
    if values not in names:
        stems = (slot.name, f"{statement.label}_{slot.name}")
        name = next((stem for stem in stems if stem not in taken), "")
        number = 2
        while not name:
            candidate = f"{stems[-1]}_{number}"
            name, number = ("" if candidate in taken else candidate), number + 1
        taken.add(name)
        names[values] = name
    return names[values]


def _text(piece: Piece) -> str:
    return piece if isinstance(piece, str) else piece.text


def _plain(statement: Statement) -> Statement:
    text = "".join([_text(piece) for piece in statement.pieces])
    return _with(statement, (text,), statement.comment, statement.places)


def _with(statement: Statement, pieces: Pieces, comment: str, places: tuple[str, ...]) -> Statement:
    return structs.replace(statement, pieces=pieces, comment=comment, places=places)


def literal(value: Any) -> str:
    """A value as Python source: strings in double quotes, lists as tuples, infinite numbers by name."""
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    if isinstance(value, (tuple, list)):
        inner = ", ".join(map(literal, value))
        # Without the comma, parentheses around one value are no tuple.
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    # NaN alone differs from itself. Python writes these as `nan` and `inf`, which are no names in its source.
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return f'float("{value}")'
    return repr(value)


def call(callee: str, *positional: tuple[str, Any], **named: Any) -> Pieces:
    """`callee(1, 2, stride=3)` with every value in a slot; positional values are pairs of name and value."""
    pieces: list[Piece] = [callee, "("]
    for name, value in positional:
        pieces += [Slot(name, literal(value)), ", "]
    for name, value in named.items():
        pieces += [f"{name}=", Slot(name, literal(value)), ", "]
    if pieces[-1] == ", ":
        pieces.pop()
    return (*pieces, ")")
