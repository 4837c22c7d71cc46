"""An axis of a sweep: one field of one or several items, and the values that it takes in turn.

A value is what one could type into a cell of the table: `64`, `same`, or `*0.5`, which changes what is there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatchcase
from fractions import Fraction
from typing import Final

from msgspec import Struct

from cnnstudio.core.edits.edit import Edit, EditError
from cnnstudio.core.edits.fields import set_field, work_out
from cnnstudio.core.network.design import Block, Design, Item, ItemPath, find, path_text, walk
from cnnstudio.core.network.field_arithmetic import is_arithmetic
from cnnstudio.core.network.field_text import parse_field
from cnnstudio.core.network.fields import Field, fields_of
from cnnstudio.core.network.problem import did_you_mean
from cnnstudio.core.sweeps.scaled import SCALED, factor_of, scaled

TYPE: Final = "type"
"""The word that stands in place of a field for the type of a layer."""
MAX_VALUES = 100_000
"""Values of one axis."""

_COUNTED: Final = ("integer", "number", "sizes", "padding")
"""Kinds of fields that change numbers alone, and never what is connected to what."""
_VARIED: Final = (*_COUNTED, "switch", "choice")
_TEXT: Final = re.compile(r"\s*(?P<pattern>.+?)\.(?P<field>[A-Za-z_]\w*)\s*=(?P<values>.*)", re.DOTALL)
_NUMBER: Final = r"(?:[0-9]+(?:\.[0-9]+)?)"
_RANGE: Final = re.compile(rf"\s*({_NUMBER})\s*:\s*({_NUMBER})\s*(?::\s*({_NUMBER})\s*)?")
_VALUE: Final = re.compile(r"(?:\[[^\]]*\]|[^,\[\]])+")

Retype = Callable[[Design, Iterable[ItemPath], str], Edit]
"""Makes layers of the named type; what knows the types lies above."""


class Variation(Struct, frozen=True):
    """A design with a value, and the items that refused it, with their reasons."""

    design: Design
    refusals: dict[ItemPath, str]


class Axis(Struct, frozen=True):
    """A field, the items in which it is varied together, and its values; `title` is how it was written.

    `scales`: the field is a word of `SCALED`, and all widths or depths in the items are taken times each value.
    """

    title: str
    field: str
    paths: tuple[ItemPath, ...]
    values: tuple[str, ...]
    scales: bool = False

    def holds(self, path: ItemPath) -> bool:
        """True if an item is one of those that are named, or lies inside one."""
        return any(path[: len(outer)] == outer for outer in self.paths)


def parse_axis(design: Design, text: str, retype: Retype) -> Axis:
    """The axis that a text such as `stage*.filters=*0.5,*1,*2` means for a design.

    ValueError with one sentence if nothing of it can be varied so.
    """
    match = _TEXT.fullmatch(text)
    if match is None:
        raise ValueError(f"a variation is written as LAYER.FIELD=VALUES, such as conv1.filters=32,64, not '{text}'.")
    pattern, field = match["pattern"], match["field"]
    scales = field in SCALED and not any(_can_vary(item, field) for _, item in _matched(design, pattern))
    paths = _named(design, pattern) if scales else _targets(design, pattern, field)
    declared = None if scales or field == TYPE else _declared(find(design, paths[0]), field)
    values = tuple(_values(match["values"], declared, f"{pattern}.{field}"))
    axis = Axis(f"{pattern}.{field}", field, paths, values, scales)
    if scales:
        _require_factors(axis)
    refusals = [_refusal(design, axis, value, retype) for value in values]
    for value, refusal in zip(values, refusals, strict=True):
        # A word that is none of the field's is a slip of the pen; a number that does not go may be one of many, and
        # the row of its variant says so.
        if refusal and (all(refusals) or any(letter.isalpha() for letter in value)):
            raise ValueError(f"{axis.title}: {refusal}")
    return axis


def varied_fields(item: Item) -> tuple[Field, ...]:
    """The fields of an item that a sweep can vary: all but texts, names and tables."""
    return tuple(field for field in fields_of(type(item)) if field.kind in _VARIED and field.name != "layers")


def is_counted(design: Design, axis: Axis) -> bool:
    """True if the axis changes numbers alone: any other may change what is warned of in the list around it."""
    fields = [] if axis.scales else [_declared(find(design, path), axis.field) for path in axis.paths]
    return not axis.scales and all(field is not None and field.kind in _COUNTED for field in fields)


def varied(design: Design, axis: Axis, paths: Iterable[ItemPath], value: str, retype: Retype) -> Variation:
    """The design with a value of an axis in some of its items, and for each that refuses it the reason.

    What scales does so in all of its items at once, as their widths may have to agree.
    """
    refusals: dict[ItemPath, str] = {}
    if axis.scales:
        try:
            design = scaled(design, axis.field, axis.paths, value)
        except EditError as error:
            refusals[axis.paths[0]] = str(error)
        return Variation(design, refusals)
    for path in paths:
        try:
            design = with_value(design, path, axis.field, value, retype)
        except EditError as error:
            refusals[path] = str(error)
    return Variation(design, refusals)


def with_value(design: Design, path: ItemPath, field: str, value: str, retype: Retype) -> Design:
    """The design with one field set, as by hand; EditError with the reason where that is refused."""
    if field == TYPE:
        return retype(design, (path,), value).design
    declared = _declared(find(design, path), field)
    if declared is not None and is_arithmetic(declared, value):
        return work_out(design, (path,), field, value).design
    try:
        # A layer of another type may have no such field, which the edit says.
        parsed = value if declared is None else parse_field(declared, value)
    except ValueError as error:
        raise EditError(str(error)) from None
    return set_field(design, (path,), field, parsed).design


def _refusal(design: Design, axis: Axis, value: str, retype: Retype) -> str:
    """The reason why none of the items takes a value; nothing if one does."""
    refusal = ""
    for path in axis.paths[:1] if axis.scales else axis.paths:
        refusals = varied(design, axis, (path,), value, retype).refusals
        if not refusals:
            return ""
        refusal = refusal or next(iter(refusals.values()))
    return refusal


def _require_factors(axis: Axis) -> None:
    """Raises ValueError for a value that is no factor."""
    for value in axis.values:
        try:
            factor_of(value)
        except ValueError as error:
            raise ValueError(f"{axis.title}: {error}.") from None


def _declared(item: Item, field: str) -> Field | None:
    return next((declared for declared in fields_of(type(item)) if declared.name == field), None)


def _targets(design: Design, pattern: str, field: str) -> tuple[ItemPath, ...]:
    """The items that a pattern names and that have the field; all in a block that has no such field itself."""
    found: dict[ItemPath, None] = {}
    for path in _named(design, pattern):
        item = find(design, path)
        around = [(path, item)]
        if isinstance(item, Block) and not _can_vary(item, field):
            around = list(walk(item.layers, path))
        found.update(dict.fromkeys(place for place, inside in around if _can_vary(inside, field)))
    if found:
        return tuple(found)
    hint = did_you_mean(field, fields_named(design, pattern))
    raise ValueError(f"'{pattern}' has no {field} that could be varied.{hint}")


def _named(design: Design, pattern: str) -> tuple[ItemPath, ...]:
    """The paths of the items that a pattern names; ValueError if there are none."""
    matched = _matched(design, pattern)
    if not matched:
        names = [path_text(path) for path, _ in walk(design.layers)]
        raise ValueError(f"there is no layer '{pattern}'.{did_you_mean(pattern, names)}")
    return tuple(path for path, _ in matched)


def _matched(design: Design, pattern: str) -> list[tuple[ItemPath, Item]]:
    """The items whose paths a pattern matches name by name; else all of that name, wherever they are."""
    every = list(walk(design.layers))
    names = re.split(r"(?<!\\)/", pattern)
    found = [(path, item) for path, item in every if len(path) == len(names) and _fits(path, names)]
    return found or [(path, item) for path, item in every if len(names) == 1 and _fits(path[-1:], names)]


def _fits(path: ItemPath, names: list[str]) -> bool:
    # By its own name first: `x[2]` is a name, and as a pattern would mean `x2`.
    pairs = zip(path, names, strict=True)
    return all(name == written or fnmatchcase(path_text((name,)), written) for name, written in pairs)


def _can_vary(item: Item, field: str) -> bool:
    if field == TYPE:
        return not isinstance(item, Block)
    return field in [declared.name for declared in varied_fields(item)]


def fields_named(design: Design, pattern: str) -> list[str]:
    """The fields that can be varied of what a pattern names: those of items of their own, then of those inside.

    After them come the words that scale, where blocks are named.
    """
    matched = _matched(design, pattern)
    inside = [item for path, block in matched if isinstance(block, Block) for _, item in walk(block.layers, path)]
    items = [*(item for _, item in matched), *inside]
    words = SCALED if inside else ()
    return list(dict.fromkeys([*(field.name for item in items for field in varied_fields(item)), *words]))


def _values(text: str, field: Field | None, title: str) -> Iterator[str]:
    """The values of a list, ranges written out, none of them twice."""
    seen: dict[str, None] = {}
    for part in _VALUE.findall(text):
        for value in _range(part, title) if _has_ranges(field) and _RANGE.fullmatch(part) else [part.strip()]:
            seen[value] = None
        if len(seen) > MAX_VALUES:
            raise ValueError(f"{title} has more than {MAX_VALUES:,} values; use a larger step.")
    seen.pop("", None)
    if not seen:
        raise ValueError(f"{title} needs at least one value, such as {title}=32,64.")
    yield from seen


def _has_ranges(field: Field | None) -> bool:
    # In a padding `0:1` means its two ends.
    return field is not None and field.kind in ("integer", "number", "sizes")


def _range(text: str, title: str) -> list[str]:
    """`64:512:32` as values, the last one included where a step reaches it."""
    match = _RANGE.fullmatch(text)
    first, last, step = (Fraction(part) if part else Fraction(1) for part in match.groups()) if match else (0, 0, 0)
    if not step or last < first:
        raise ValueError(f"{title}: a range is FIRST:LAST:STEP and goes up, such as 64:512:32, not '{text.strip()}'.")
    count = (last - first) // step + 1
    if count > MAX_VALUES:
        raise ValueError(f"{title} has more than {MAX_VALUES:,} values; use a larger step.")
    return [_digits(first + number * step) for number in range(count)]


def _digits(number: Fraction | int) -> str:
    return str(int(number)) if number == int(number) else repr(float(number))
