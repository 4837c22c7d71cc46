"""Dialects: a table of layer types and how a framework spells them, read in both directions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from msgspec import Struct, structs

from cnnstudio.core.network.layer import Layer
from cnnstudio.dialects.conversions import PLAIN, Conversion

TOLD_APART = ("stride", "return_sequences", "scale", "groups", "reset_after")
"""Fields that decide on sizes and counts, and that frameworks fill each in its own way where they are left out."""


class _Required:
    """The default of an argument that must be stated."""

    def __repr__(self) -> str:
        return "required"


REQUIRED = _Required()


class Argument(Struct, frozen=True):
    """One argument of a foreign layer, and the field that it states.

    `default` is what the framework takes where the argument is left out. An argument without a field states a `fact`
    about the input or the weights, such as its channels: it is written from shapes, and checked when it is read.
    `aliases` are what older versions call it.
    """

    name: str
    field: str = ""
    default: Any = REQUIRED
    conversion: Conversion = PLAIN
    fact: str = ""
    aliases: tuple[str, ...] = ()


class Spelling(Struct, frozen=True, dict=True):
    """A layer type and what a framework calls it: `Conv2D` is `Conv2d(in_channels, out_channels, ...)`.

    `{n}` in either name stands for each of `ranks`, the numbers of spatial axes. `arguments` are in the framework's
    order. `implied` are field values that the name alone says: `ReLU` is an Activation whose function is relu.
    `exact_if` says, for the manual, what the spelling cannot say by itself. `is_function`: called with the tensors.
    """

    layer: str
    name: str
    arguments: tuple[Argument, ...] = ()
    ranks: tuple[int, ...] = ()
    implied: tuple[tuple[str, Any], ...] = ()
    aliases: tuple[str, ...] = ()
    exact_if: str = ""
    is_function: bool = False
    rank: int | None = None

    def each_rank(self) -> Iterator[Spelling]:
        """This spelling for each of its ranks, `{n}` replaced; itself if it has none."""
        if not self.ranks:
            yield self
        for rank in self.ranks:
            names = [text.replace("{n}", str(rank)) for text in (self.layer, self.name, *self.aliases)]
            yield structs.replace(
                self, layer=names[0], name=names[1], aliases=tuple(names[2:]), rank=rank if self.ranks else None
            )

    @cached_property
    def unstated(self) -> tuple[tuple[str, Any], ...]:
        """The numbers and switches that the framework takes where they are left out, by field."""
        given = {item.field: item.conversion.read(item.default, self.rank or 2) for item in self._with_default}
        return tuple((field, value) for field, value in given.items() if isinstance(value, int))

    @property
    def _with_default(self) -> list[Argument]:
        return [item for item in self.arguments if item.field in TOLD_APART and isinstance(item.default, (int, str))]

    def states(self, layer: Layer) -> bool:
        """True if the name alone says nothing of the layer that is not so."""
        return all(getattr(layer, field) == value for field, value in self.implied)

    def argument(self, name: str) -> Argument | None:
        """The argument of this name, or with this name in an older version."""
        return self._by_name.get(name)

    @cached_property
    def _by_name(self) -> dict[str, Argument]:
        return {name: item for item in self.arguments for name in (item.name, *item.aliases)}

    def written(self, layer: Layer, rank: int) -> dict[str, Any]:
        """The arguments that say the layer's fields, those at the framework's default left out."""
        values: dict[str, Any] = {}
        for item in self.arguments:
            if item.field:
                value = item.conversion.write(getattr(layer, item.field), rank)
                if not _same(value, item.default):
                    values[item.name] = value
        return values

    def read(self, positional: Sequence[Any], named: Mapping[str, Any], rank: int) -> Reading:
        """The fields that a call states, defaults included; ValueError where there are too many arguments."""
        if len(positional) > len(self.arguments):
            most, given = len(self.arguments), len(positional)
            raise ValueError(f"{self.name} takes at most {most} arguments, and {given} are given")
        stated: dict[str, Any] = dict(zip([item.name for item in self.arguments], positional, strict=False))
        unknown: dict[str, Any] = {}
        for name, value in named.items():
            found = self.argument(name)
            (unknown if found is None else stated)[name if found is None else found.name] = value
        reading = Reading(self, dict(self.implied), {}, unknown, [])
        for item in self.arguments:
            value = stated.get(item.name, item.default)
            if value is REQUIRED:
                reading.missing.append(item.name)
            elif item.field:
                reading.fields[item.field] = item.conversion.read(value, rank)
            elif item.fact:
                reading.facts[item.fact] = value
        return reading


class Reading(Struct):
    """The content of a foreign call: the fields of a layer, facts about its input, and what nobody knows or gave."""

    spelling: Spelling
    fields: dict[str, Any]
    facts: dict[str, Any]
    unknown: dict[str, Any]
    missing: list[str]


class Composed(Struct, frozen=True):
    """A layer type for which a framework has no layer, but which a few of its operations say exactly."""

    layer: str
    said_by: str


class Unsaid(Struct, frozen=True):
    """A layer type that a framework cannot say: the reason, and what would make it possible."""

    layer: str
    reason: str
    remedy: str


class Dialect(Struct, frozen=True, dict=True):
    """A framework's language: its spellings, what it composes, what it cannot say.

    `prefixes` are what may stand before a name, the longest first; `harmless` are arguments that change neither the
    shapes nor the function, such as initializers. `functions` are the activation functions by our names, where one
    name is enough. The rest is for people who type such names and is neither written nor read: `other_functions` are
    further names of functions, by ours; `other_layers` names that come to other types here, as Caffe's `Eltwise` does,
    the usual one first; `other_arguments` fields by arguments that no row has; `absent` names of layers, in words,
    for which there is no type; `other_implied` values of fields that a name says besides its type.
    """

    key: str
    title: str
    version: str
    prefixes: tuple[str, ...]
    rows: tuple[Spelling, ...]
    composed: tuple[Composed, ...] = ()
    unsaid: tuple[Unsaid, ...] = ()
    harmless: frozenset[str] = frozenset()
    functions: dict[str, str] = {}
    other_functions: dict[str, str] = {}
    other_layers: dict[str, tuple[str, ...]] = {}
    other_arguments: dict[str, str] = {}
    absent: frozenset[str] = frozenset()
    other_implied: dict[str, tuple[tuple[str, Any], ...]] = {}

    @cached_property
    def spellings(self) -> tuple[Spelling, ...]:
        """Every row for each of its ranks."""
        return tuple([spelling for row in self.rows for spelling in row.each_rank()])

    @cached_property
    def by_name(self) -> dict[str, list[Spelling]]:
        """The spellings by foreign name, those that are called so now before those that once were."""
        known: dict[str, list[Spelling]] = {}
        for spelling in self.spellings:
            known.setdefault(spelling.name, []).append(spelling)
        for spelling in self.spellings:
            # In a second round: today's name of one layer may be another layer's name of years ago, and must win.
            for alias in spelling.aliases:
                known.setdefault(alias, []).append(spelling)
        return known

    @cached_property
    def types(self) -> frozenset[str]:
        """The layer types about which the dialect says anything."""
        said = [row.layer for row in self.spellings]
        return frozenset([*said, *[row.layer for row in self.composed], *[row.layer for row in self.unsaid]])

    @cached_property
    def function_names(self) -> dict[str, str]:
        """Our names of activation functions by those of the framework."""
        # Reversed, so that of two of our names for one of theirs the first stays.
        return {foreign: ours for ours, foreign in reversed(self.functions.items())}

    def find(self, name: str, rank: int | None = None) -> Spelling | None:
        """The spelling of a foreign name, with or without a prefix: `torch.nn.Conv2d`, `Conv2d`.

        Where one name serves maps of several ranks, as ONNX's `Conv` does, `rank` chooses.
        """
        bare = next((name.removeprefix(prefix) for prefix in self.prefixes if name.startswith(prefix)), name)
        return _of_rank(self.by_name.get(bare, []), rank)

    def find_anyhow(self, name: str) -> Spelling | None:
        """The spelling of a foreign name without regard to case, underscores and dashes."""
        return _of_rank(self._by_letters.get(letters(name.rpartition(".")[2]), []), None)

    @cached_property
    def _by_letters(self) -> dict[str, list[Spelling]]:
        known: dict[str, list[Spelling]] = {}
        for name, spellings in self.by_name.items():
            known.setdefault(letters(name), spellings)
        return known

    def spelling_of(self, layer: Layer, rank: int) -> Spelling | None:
        """The framework's spelling of this layer on a map with `rank` spatial axes; None if it has no layer for it."""
        return next((found for found in self._by_type.get(layer.type_name, ()) if _fits(found, layer, rank)), None)

    @cached_property
    def _by_type(self) -> dict[str, list[Spelling]]:
        known: dict[str, list[Spelling]] = {}
        for spelling in self.spellings:
            known.setdefault(spelling.layer, []).append(spelling)
        return known

    def unsaid_of(self, type_name: str) -> Unsaid | None:
        """The reason why a layer type cannot be expressed at all; None if it can."""
        return next((row for row in self.unsaid if row.layer == type_name), None)


def _fits(spelling: Spelling, layer: Layer, rank: int) -> bool:
    return spelling.rank in (None, rank) and spelling.states(layer)


def _of_rank(spellings: list[Spelling], rank: int | None) -> Spelling | None:
    """The first that is for this rank; the first of all if none is, or if it does not matter."""
    fitting = [found for found in spellings if found.rank in (None, rank)]
    return next(iter(fitting or spellings), None)


def letters(name: str) -> str:
    """A name without regard to case, underscores, dashes and spaces: `conv2d` for Conv2D and conv_2d."""
    return name.replace("_", "").replace("-", "").replace(" ", "").lower()


def _same(value: Any, default: Any) -> bool:
    # By type as well, as 0 equals False in Python and 1 equals 1.0.
    return type(value) is type(default) and bool(value == default)


def argument(
    name: str,
    field: str = "",
    default: Any = REQUIRED,
    conversion: Conversion = PLAIN,
    *aliases: str,
) -> Argument:
    """An argument that states a field, in one line of a table; without a field it is only known."""
    return Argument(name, field, default, conversion, "", aliases)


def fact(name: str, of: str, default: Any = REQUIRED, *aliases: str) -> Argument:
    """An argument that states a fact about the input or the weights, in one line of a table."""
    return Argument(name, "", default, PLAIN, of, aliases)
