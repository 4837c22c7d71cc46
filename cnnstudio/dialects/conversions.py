"""Conversions between a field and an argument: pure functions in pairs, given the number of spatial axes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from cnnstudio.core.arithmetic.shape import explicit_padding, per_axis


class Conversion(Struct, frozen=True):
    """`write` makes an argument of a field's value, `read` a field's value of an argument."""

    write: Callable[[Any, int], Any]
    read: Callable[[Any, int], Any]


def _as_it_is(value: Any, _rank: int) -> Any:
    return value


def brief(value: Any, _rank: int = 0) -> Any:
    """A list as a tuple, and equal values for all axes as one value."""
    if not isinstance(value, (list, tuple)):
        return value
    parts = tuple([tuple(part) if isinstance(part, list) else part for part in value])
    # A pair for each axis stays: one pair alone would be read as a number for each of two axes.
    return parts[0] if len(set(parts)) == 1 and not isinstance(parts[0], tuple) else parts


def _float(value: Any, _rank: int) -> Any:
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _complement(value: float, _rank: int) -> float:
    """1 − value, without the noise of binary fractions: 0.99 for 0.01."""
    return float(f"{1 - value:.12g}")


def _each_axis(value: Any, rank: int) -> tuple[int, ...] | None:
    return None if value is None else per_axis(value, rank)


def _pads(padding: Any, rank: int) -> tuple[int, ...]:
    """[begin of each axis, end of each axis], as ONNX writes it; ValueError for `same`, which the input decides."""
    if padding == "same":
        raise ValueError("`same` depends on the input: write the padding that it comes to")
    ends = explicit_padding(padding, rank)
    return (*(begin for begin, _ in ends), *(end for _, end in ends))


def _from_pads(pads: Any, rank: int) -> Any:
    ends = tuple(zip(pads[:rank], pads[rank:], strict=True))
    if any(begin != end for begin, end in ends):
        return ends
    each = tuple(begin for begin, _ in ends)
    return each[0] if len(set(each)) == 1 else each


def _zero_if_valid(padding: Any, _rank: int) -> Any:
    return 0 if padding == "valid" else brief(padding)


def _last(axis: int, _rank: int) -> int:
    """The axis in a channels-last batch: channels are -1, spatial axes count from 1."""
    # Channels are axis 0 here, where the batch is not counted, and last there.
    return axis or -1


def _from_last(axis: int, rank: int) -> int:
    # Negative axes count from the end of a batch, which has two axes more than the map: the batch and the channels.
    return 0 if axis in (-1, rank + 1) else axis + rank + 2 if axis < 0 else axis


def _batched(axis: int, _rank: int) -> int:
    return axis + 1


def _from_batched(axis: int, rank: int) -> int:
    # ONNX allows negative axes; they count from the end, with the batch and the channels among them.
    return (axis + rank + 2 if axis < 0 else axis) - 1


def _pairs(margin: Any, rank: int) -> Any:
    """One pair for each axis, or what is shorter and means the same."""
    return margin if isinstance(margin, int) else explicit_padding(margin, rank)


def _approximation(value: bool, _rank: int) -> str:
    return "tanh" if value else "none"


def _from_approximation(value: str, _rank: int) -> bool:
    return value == "tanh"


PLAIN = Conversion(brief, brief)
NUMBER = Conversion(_as_it_is, _float)
COMPLEMENT = Conversion(_complement, _complement)
"""1 − value: Keras and ONNX say how much of the old statistics stays, PyTorch how much comes new."""
EACH_AXIS = Conversion(_each_axis, brief)
"""Always a list with one value for each axis."""
ONNX_PADS = Conversion(_pads, _from_pads)
ZERO_FOR_NONE = Conversion(lambda value, _rank: value or 0, lambda value, _rank: value or None)
"""0 where a number is not given."""
TORCH_PADDING = Conversion(_zero_if_valid, brief)
PAIRS = Conversion(_pairs, brief)
LAST_AXIS = Conversion(_last, _from_last)
"""0 for channels becomes the last axis of a channels-last batch."""
BATCHED_AXIS = Conversion(_batched, _from_batched)
"""Axes counted with the batch before them."""
APPROXIMATION = Conversion(_approximation, _from_approximation)


def choices(**pairs: str) -> Conversion:
    """Words that are called otherwise: ours=theirs."""
    back = {theirs: ours for ours, theirs in pairs.items()}
    return Conversion(
        lambda value, _rank: pairs.get(value, value),
        lambda value, _rank: back.get(value, value),
    )
