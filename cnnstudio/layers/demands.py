"""Demands of layers on their input and fields, each refused with the same sentence everywhere."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cnnstudio.core.arithmetic.shape import Shape, sizes_text
from cnnstudio.core.network.layer import WINDOW_RANK, Layer
from cnnstudio.core.network.problem import Refusal, with_article


def at_most(size: int) -> str:
    """`5 or less`, for sentences; of 1 and 0 there is nothing less to be chosen."""
    return f"{size} or less" if size > 1 else str(max(size, 0))


def describe(shape: Shape) -> str:
    """`a map of 96 channels, 55 × 55` or `a vector of 4096`, for sentences."""
    if not shape.spatial:
        return f"a vector of {shape.channels}"
    channels = "1 channel" if shape.channels == 1 else f"{shape.channels} channels"
    return f"a map of {channels}, {'length ' if shape.rank == 1 else ''}{sizes_text(shape.spatial)}"


def require_rank(layer: Layer, shape: Shape, rank: int) -> None:
    """Raises Refusal for a map with another number of spatial axes than `rank`."""
    if shape.rank == rank:
        return
    needed = f"a map with {_axes(rank)}" if rank else "a vector"
    sentence = f"{layer.type_name} needs {needed} and receives {describe(shape)}."
    raise Refusal("rank", sentence, _remedy_for_rank(type(layer), shape.rank, rank))


def _axes(rank: int) -> str:
    """`1 spatial axis`, `2 spatial axes`."""
    return f"{rank} spatial {'axis' if rank == 1 else 'axes'}"


def _remedy_for_rank(layer_type: type[Layer], rank: int, needed: int) -> str:
    if not needed:
        return "Put a global pool or a Flatten before it."
    if not rank:
        return "Put it before the layer that makes a vector, or put a Reshape before it."
    # Only a form that exists is advised: there is no DepthwiseConv3D.
    other_form = f"{layer_type.__name__[:-2]}{rank}D"
    if other_form in _siblings(layer_type):
        return f"Use the {other_form} form, or a Reshape before it."
    return "Put a Reshape before it."


def _siblings(layer_type: type[Layer]) -> set[str]:
    """The names of the types that extend what this type extends."""
    names: set[str] = set()
    for base in layer_type.__bases__:
        below: list[type] = type.__subclasses__(base)
        names.update(subclass.__name__ for subclass in below)
    return names


def require_map(layer: Layer, shape: Shape, remedy: str) -> None:
    """Raises Refusal for a vector."""
    if not shape.rank:
        raise Refusal("rank", f"{layer.type_name} needs a map and receives {describe(shape)}.", remedy)


def require_window_axes(layer: Layer, shape: Shape, remedy: str = "Put a Reshape before it.") -> None:
    """Raises Refusal for a map with more axes than windows slide along, in any framework."""
    if shape.rank > WINDOW_RANK:
        sentence = f"{layer.type_name} works along at most {_axes(WINDOW_RANK)} and receives {describe(shape)}."
        raise Refusal("rank", sentence, remedy)


def require_axis(axis: int, shape: Shape) -> None:
    """Raises Refusal for an axis that the input does not have; 0 are the channels."""
    if not 0 <= axis <= shape.rank:
        remedy = f"Use an axis from 0 to {shape.rank}." if shape.rank else "Use axis 0."
        raise Refusal("axis", f"axis {axis} does not exist in {describe(shape)}.", remedy)


def require_room(sizes: Iterable[int], pads: Iterable[tuple[int, int]], mode: str) -> None:
    """Raises Refusal for padding that mirrors or wraps more elements than the input has; others need none."""
    # A reflection does not repeat the element at the edge, so it has one fewer to give; a copy of the edge never ends.
    short = {"reflect": 1, "circular": 0}.get(mode)
    if short is None:
        return
    for size, ends in zip(sizes, pads, strict=True):
        if max(ends) > size - short:
            raise Refusal(
                "padding-mode",
                f"{mode} padding of {max(ends)} needs more elements than the input of {size} has.",
                f"Use a padding of {at_most(size - short)}, or padding_mode: zeros.",
            )


def require_one_an_axis(layer: Layer, value: Any, shape: Shape, field: str) -> None:
    """Raises Refusal for a list without one value for each spatial axis of the input."""
    if isinstance(value, tuple) and len(value) != shape.rank:
        raise Refusal(
            "rank",
            f"{field} of {layer.type_name} is given for {_axes(len(value))}, and it receives {describe(shape)}.",
            "Give one integer, or one for each spatial axis of the input.",
        )


_OTHERS = {
    "groups": "other groups",
    "heads": "another number of heads",
    "window": "another window",
    "the elements of a window": "another kernel",
}
"""The other field that may be changed, in words, where one number must be a multiple of another."""


def require_multiple(value: int, of: int, what: str, field: str) -> None:
    """Raises Refusal for a channel count that `field` does not divide."""
    if value % of:
        below, above = value // of * of, (value // of + 1) * of
        other = _OTHERS.get(field, "another scale")
        raise Refusal(
            "multiple",
            f"{what} must be a multiple of {field}, and {value} is not a multiple of {of}.",
            f"Use {f'{below} or {above}' if below else above}, or {other}.",
        )


def sizes_for(field: str, value: int | tuple[Any, ...], rank: int, type_name: str) -> None:
    """Checks that a list of sizes has one for each axis; ValueError with the sentence if not."""
    if isinstance(value, tuple) and len(value) != rank:
        raise ValueError(
            f"{field} of {with_article(type_name)} needs one integer, or {rank} for its {_axes(rank)}, "
            f"and received {len(value)}"
        )
