"""Sentences that lead from an unknown name in a file to the right one: by the frameworks' tables, then by nearness."""

from __future__ import annotations

from collections.abc import Sequence

from cnnstudio.core.network.problem import listed
from cnnstudio.dialects import everyday
from cnnstudio.dialects.dialect import letters
from cnnstudio.dialects.naming import (
    changes_nothing,
    field_meant,
    follows_from_input,
    function_meant,
    is_without_type,
    layers_meant,
    nearest,
    nearest_function,
    nearest_layers,
)
from cnnstudio.layers import LAYER_TYPES

OPAQUE = "{type: Opaque, channels: 64, parameters: 0}"


def type_hint(name: str) -> str:
    """The sentence after an unknown layer type: its type here, or how to do without one."""
    meant = layers_meant(name)
    function = next((found.function for found in meant if found.function), "") or (not meant and function_meant(name))
    if function:
        return f" Write {{type: Activation, function: {function}}}."
    if meant:
        return _did_you_mean([found.layer for found in meant])
    owners = is_without_type(name)
    # Before the near misses: `LSTM` has no type here, and the nearest name would be a wrong answer.
    if owners:
        return f" {_owners(owners)} and there is no type for it here: state what it gives and holds, as in {OPAQUE}."
    if letters(name).endswith("loss"):
        return " A loss is no layer of the network, and counts nothing: leave it out."
    near, near_function = nearest_layers(name), nearest_function(name)
    if near_function and near in ([], ["Activation"]):
        return f" Write {{type: Activation, function: {near_function}}}."
    if near:
        return _did_you_mean(near)
    return f" A layer that has no type here can be stated as Opaque: {OPAQUE}."


def field_hint(layer: str, name: str, known: Sequence[str]) -> str:
    """The sentence after an unknown field of a layer type, or of a block or a design, which have no table."""
    instead = {letters(word): text for word, text in everyday.INSTEAD.items()}.get(letters(name))
    if layer in LAYER_TYPES:
        field = field_meant(layer, name)
        if field:
            return _did_you_mean([field])
        if follows_from_input(layer, name):
            return " It follows from the input: leave it out."
        if instead is not None:
            return f" {instead}"
        if changes_nothing(name):
            return " It changes no size and no count: leave it out."
    near = nearest(name, known)
    return _did_you_mean([near]) if near else ""


def function_hint(name: str) -> str:
    """The sentence after an unknown activation function."""
    own = next((kind for kind in LAYER_TYPES if letters(kind) == letters(name)), "")
    if own and not function_meant(name):
        return f" {own} is a layer of its own: {{type: {own}}}."
    near = function_meant(name) or ("" if is_without_type(name) else nearest_function(name))
    return _did_you_mean([near]) if near else ""


def _did_you_mean(names: Sequence[str]) -> str:
    quoted = [f"'{name}'" for name in names]
    return f" Did you mean {' or '.join([', '.join(quoted[:-1]), quoted[-1]] if len(quoted) > 1 else quoted)}?"


def _owners(titles: Sequence[str]) -> str:
    return f"{listed(list(titles))} {'has' if len(titles) == 1 else 'have'} it,"
