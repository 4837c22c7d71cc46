"""Sentences that lead from an unknown name in a file to the right one: by the frameworks' tables, then by nearness."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cnnstudio.core.network.problem import listed
from cnnstudio.core.network.value_text import value_text
from cnnstudio.dialects import everyday
from cnnstudio.dialects.dialect import letters
from cnnstudio.dialects.naming import (
    Meaning,
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
        return _meant(meant)
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
        return _did_you_mean(_quoted(near))
    return f" A layer that has no type here can be stated as Opaque: {OPAQUE}."


def _meant(meant: Sequence[Meaning]) -> str:
    """The sentence for a name that is known: its type with what else the name says, and what that leaves unsaid."""
    written = [_written(found) for found in meant]
    sentence = f" Write {written[0]}." if written[0][0] == "{" and len(meant) == 1 else _did_you_mean(written)
    unsaid = dict.fromkeys((found.dialect, field, value) for found in meant for field, value in found.unstated)
    for dialect, field, value in unsaid:
        sentence += f" Where {field} is left out, {dialect} takes {_in_file(value)}: state it."
    return sentence


def _written(meant: Meaning) -> str:
    """A type as it stands in a file, with the fields that the name says; or its name alone."""
    told = [f"{field}: {_in_file(value)}" for field, value in meant.told]
    return f"{{type: {meant.layer}, {', '.join(told)}}}" if told else f"'{meant.layer}'"


def _in_file(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else value_text(value)


def field_hint(layer: str, name: str, known: Sequence[str]) -> str:
    """The sentence after an unknown field of a layer type, or of a block or a design, which have no table."""
    instead = {letters(word): text for word, text in everyday.INSTEAD.items()}.get(letters(name))
    if layer in LAYER_TYPES:
        field = field_meant(layer, name)
        if field:
            return _did_you_mean(_quoted([field]))
        if follows_from_input(layer, name):
            return " It follows from the input: leave it out."
        if instead is not None:
            return f" {instead}"
        if changes_nothing(name):
            return " It changes no size and no count: leave it out."
    near = nearest(name, known)
    return _did_you_mean(_quoted([near])) if near else ""


def function_hint(name: str) -> str:
    """The sentence after an unknown activation function."""
    own = next((kind for kind in LAYER_TYPES if letters(kind) == letters(name)), "")
    if own and not function_meant(name):
        return f" {own} is a layer of its own: {{type: {own}}}."
    near = function_meant(name) or ("" if is_without_type(name) else nearest_function(name))
    return _did_you_mean(_quoted([near])) if near else ""


def _did_you_mean(quoted: Sequence[str]) -> str:
    return f" Did you mean {' or '.join([', '.join(quoted[:-1]), quoted[-1]] if len(quoted) > 1 else quoted)}?"


def _quoted(names: Sequence[str]) -> list[str]:
    return [f"'{name}'" for name in names]


def _owners(titles: Sequence[str]) -> str:
    return f"{listed(list(titles))} {'has' if len(titles) == 1 else 'have'} it,"
