"""The values of quantities: read off a row, written for people, described to machines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Literal

from msgspec import Struct

from cnnstudio.core.arithmetic.numerals import UNKNOWN, exact, share, short, size_bytes
from cnnstudio.core.arithmetic.receptive_field import ReceptiveField
from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.counting.rows import Entry


class Unit(Struct, frozen=True):
    """The form of a quantity's values: their kind, how they are written in full and in short, their type in JSON."""

    kind: Literal["text", "count", "bytes", "share"]
    full: Callable[[Any], str]
    short: Callable[[Any], str]
    json_type: Literal["integer", "number", "array"] = "integer"


def shape_list(shape: Shape | None) -> list[int] | None:
    """[channels, *spatial], None for an unknown shape."""
    return None if shape is None else shape.to_list()


def shape_text(sizes: list[int] | None, analysis: Analysis) -> str:
    """A shape of [channels, *spatial] in the order of the convention."""
    return UNKNOWN if sizes is None else analysis.convention.shape_text(Shape(sizes[0], tuple(sizes[1:])))


def receptive_field_dict(entry: Entry) -> dict[str, Any] | None:
    """Size, stride and offset along each axis, None if unknown.

    `size` is the most that an output sees; where some see less, `smallest` is the least. With several inputs `inputs`
    has the field in each, by its path; the first of them stands above.
    """
    field = entry.receptive_field
    if field is None:
        return None
    record = _field_record(field)
    if field.others:
        record["inputs"] = {each.origin: _field_record(each) for each in field.each}
    return record


def _field_record(field: ReceptiveField) -> dict[str, Any]:
    record = {"size": list(field.size), "stride": list(field.stride), "offset": list(field.offset)}
    return record if field.smallest == field.size else {**record, "smallest": list(field.smallest)}


def along_axes(part: str) -> Callable[[Entry, Analysis], list[Any] | None]:
    """A function that reads size, smallest, stride or offset; it takes the network too, as whatever does not add up."""

    def value(entry: Entry, _analysis: Analysis) -> list[Any] | None:
        field = entry.receptive_field
        return None if field is None else list(getattr(field, part))

    return value


def _share_text(value: float | None) -> str:
    # By the one function that writes shares, so that no two tables round otherwise; it takes whole numbers.
    return UNKNOWN if value is None else share(round(value * 10**9), 10**9)


def _axes_text(value: list[Any] | None) -> str:
    if value is None:
        return UNKNOWN
    return " × ".join("–" if size is None else f"{size:,}" if isinstance(size, int) else f"{size:g}" for size in value)


COUNT: Final = Unit("count", exact, short)
BYTES: Final = Unit("bytes", size_bytes, size_bytes)
SHARE: Final = Unit("share", _share_text, _share_text, "number")
AXES: Final = Unit("text", _axes_text, _axes_text, "array")
SHAPE: Final = Unit("text", str, str, "array")
SHAPE_SCHEMA: Final[dict[str, Any]] = {
    "description": "channels, then the size along each axis; null if unknown",
    "type": ["array", "null"],
    "items": {"type": "integer", "minimum": 0},
}
_EACH_AXIS: Final = {"type": "array", "items": {"type": ["number", "null"]}}
_FIELD: Final[dict[str, Any]] = {
    "properties": {"size": _EACH_AXIS, "stride": _EACH_AXIS, "offset": _EACH_AXIS, "smallest": _EACH_AXIS},
    "required": ["size", "stride", "offset"],
    "additionalProperties": False,
}
FIELD_SCHEMA: Final[dict[str, Any]] = {
    "description": "what an output element sees of the input, along each axis; null if unknown. size: at most; "
    "smallest: at least, where outputs see unlike spans; inputs: the field in each of several inputs, the first above",
    "type": ["object", "null"],
    **_FIELD,
    "properties": {
        **_FIELD["properties"],
        "inputs": {"type": "object", "additionalProperties": {"type": "object", **_FIELD}},
    },
}
