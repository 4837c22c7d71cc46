"""Names of layers in generated Keras code: such that Keras takes, unique in a model, made from paths."""

from __future__ import annotations

import re
from typing import Any, Final

from msgspec import Struct

from cnnstudio.core.network.design import path_from
from cnnstudio.exports.source.saying import Expression, Part
from cnnstudio.exports.source.statements import Piece, Pieces, Slot


class Name(Struct, frozen=True):
    """The place for the name of a layer in an expression; `suffix` tells the layers of one item apart."""

    suffix: str = ""


OWN: Final = Name()


def word(name: str) -> str:
    """A name of the design as Keras takes it: without a slash or a point."""
    return re.sub(r"[^\w\-]+", "_", name) or "_"


def full_name(path: str) -> str:
    """The name of a layer by its path: `stage2[1]/conv3` is `stage2_1_conv3`."""
    words = []
    for part in path_from_numbered(path):
        name, number = part
        words.append(word(name) + (f"_{number}" if number else ""))
    return "_".join(words)


def path_from_numbered(path: str) -> list[tuple[str, str]]:
    """The names in a path, each with the number of its repeat or nothing."""
    marked = re.sub(r"(?<!\\)\[(\d+)\]", "\0\\1", path)
    parts = []
    for name in path_from(marked):
        plain, _, number = name.partition("\0")
        parts.append((plain, number))
    return parts


class Then(Struct, frozen=True):
    """The place in an expression for what a statement before it computes."""

    expression: tuple[Any, ...]


Parts = tuple[Part | Name | Then, ...]


def steps(expression: Parts, variable: str) -> list[tuple[Part | Name, ...]]:
    """The expression as a list of expressions, one a statement, each taking what `variable` holds after the last."""
    before: list[tuple[Part | Name, ...]] = []
    parts: list[Part | Name] = []
    for part in expression:
        if isinstance(part, Then):
            before += steps(part.expression, variable)
            parts.append(variable)
        else:
            parts.append(part)
    return [*before, tuple(parts)]


def names_in(expression: Parts) -> list[str]:
    """The suffixes of all names in an expression."""
    found = []
    for part in expression:
        if isinstance(part, Then):
            found += names_in(part.expression)
        elif isinstance(part, Name):
            found.append(part.suffix)
    return found


def named(expression: tuple[Part | Name, ...], name: str, *, inside: bool) -> Expression:
    """The expression with the names of its layers written: as text, or made of the name of the block around it."""
    parts: list[Part] = []
    for part in expression:
        if isinstance(part, Name):
            text = word(name) + part.suffix
            parts.append(f'f"{{name}}_{text}"' if inside else f'"{text}"')
        else:
            parts.append(part)
    return tuple(parts)


NOT_SHARED: Final = "more than one layer of Keras says it, so that there is none to call again with the same weights"


def made_apart(expression: Parts, maker: str) -> tuple[tuple[Part | Name, ...], Parts]:
    """A layer that is made and applied as two expressions: what makes it, and what applies the one in `maker`.

    Empty ones where it is more than one layer.
    """
    applied = [at for at, part in enumerate(expression) if part == ")("]
    made = expression[: applied[0]] if applied else ()
    plain = [part for part in made if not isinstance(part, Then)]
    is_one = len(applied) == 1 and len(names_in(expression)) == 1 and len(plain) == len(made)
    if not is_one or not str(expression[0]).startswith("layers."):
        return (), ()
    return (*plain, ")"), (f"{maker}(", *expression[applied[0] + 1 :])


def after(taken: Parts) -> Parts:
    """An expression computed before, as another takes it; an input, or a list of them, as it is."""
    return taken if taken == (0,) or taken[0] == "[" else (Then(taken),)


def layer(made: Pieces, taken: Parts = (0,), suffix: str = "", **more: str) -> Parts:
    """A layer made and applied: `layers.Conv2D(64, 3, name="conv1")(x)`."""
    pieces: list[Piece | Name] = list(made[:-1])
    lead = "" if pieces[-1] == "(" or (isinstance(pieces[-1], str) and pieces[-1].endswith("(")) else ", "
    for key, text in more.items():
        pieces += [f"{lead}{key}=", Slot(key, text)]
        lead = ", "
    return (*pieces, f"{lead}name=", Name(suffix), ")(", *after(taken), ")")
