"""Keras' way to say layers over sequences; recurrent ones by themselves, or inside a Bidirectional."""

from __future__ import annotations

from typing import Any

from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.dialects.dialect import REQUIRED
from cnnstudio.dialects.keras import KERAS
from cnnstudio.exports.keras.naming import Parts, layer
from cnnstudio.exports.keras.sliding import OPERATIONS, X, refuse_stride_beside_dilation
from cnnstudio.exports.source.saying import CannotSay, Part, Results, spelled
from cnnstudio.exports.source.statements import Pieces, Slot, call
from cnnstudio.layers.sequences.convolutional import ConvLSTM
from cnnstudio.layers.sequences.embedding import Embedding
from cnnstudio.layers.sequences.recurrent import RecurrentLayer


def conv_lstm(item: ConvLSTM, inputs: tuple[Shape, ...]) -> tuple[Parts, tuple[str, ...]]:
    """An LSTM of convolutions, without helpers.

    Raises CannotSay for a function with another constant, and for a stride beside a dilation.
    """
    refuse_stride_beside_dilation(item, "Use one of them.")
    if "leaky_relu" in (item.function, item.gate_function):
        raise CannotSay("Keras' leaky_relu has another slope", "Use relu.")
    return _convolved(item, inputs), ()


def conv_lstm_results(item: ConvLSTM, inputs: tuple[Shape, ...]) -> Results[Parts]:
    """All that an LSTM of convolutions gives: its output and its last states; raises CannotSay as `conv_lstm` does."""
    conv_lstm(item, inputs)
    parts = {name: f"{{0}}[{at}]" for at, name in enumerate(("", *item.further_outputs))}
    return Results(_convolved(item, inputs, return_state=True), parts)


def _convolved(item: ConvLSTM, inputs: tuple[Shape, ...], **other: Any) -> Parts:
    """The layer made and called, with its initial states if it is given any."""
    states = [part for at in range(1, len(inputs)) for part in (", ", at)][1:]
    begun = (", initial_state=[", *states, "]") if states else ()
    return (*layer(_made(item, inputs[0], **other))[:-1], *begun, ")")


def _made(item: ConvLSTM | RecurrentLayer, shape: Shape, **other: Any) -> Pieces:
    """The call that makes a layer; functions that Keras knows as operations alone are given as such."""
    functions = {"activation": item.function, "recurrent_activation": getattr(item, "gate_function", "")}
    operations = {key: f"ops.{function}" for key, function in functions.items() if function in OPERATIONS}
    made = spelled(KERAS, item, shape.rank, {}, "layers.", **dict.fromkeys(operations, REQUIRED), **other)
    more = [piece for key, text in operations.items() for piece in (f", {key}=", Slot(key, text))]
    return (*made[:-1], *more, made[-1])


STATES_JOINED = {
    "concat": "ops.concatenate([{}, {}], axis=-1)",
    "sum": "{} + {}",
    "multiply": "{} * {}",
    "average": "({} + {}) / 2",
}
"""The way to join the states of two directions."""
MERGES = {"sum": "sum", "multiply": "mul", "average": "ave"}


def embedding(item: Embedding, shape: Shape) -> tuple[Parts, tuple[str, ...]]:
    """A table lookup, without helpers; of a map after its one channel has gone."""
    words = layer(call("layers.Reshape", ("target_shape", shape.spatial)), suffix="_words") if shape.rank else X
    return layer(spelled(KERAS, item, shape.rank, {}, "layers."), words), ()


def recurrent(item: RecurrentLayer, inputs: tuple[Shape, ...]) -> tuple[Parts, tuple[str, ...]]:
    """A recurrent layer, without helpers; raises CannotSay for a projection and for functions with other constants."""
    called = _called(item, inputs)
    return ("ops.flip(", *called, ", axis=1)") if _is_turned(item) else called, ()


def recurrent_results(item: RecurrentLayer, inputs: tuple[Shape, ...]) -> Results[Parts]:
    """All that a recurrent layer gives: its output and its last states; raises CannotSay as `recurrent` does."""
    output = "ops.flip({0}[0], axis=1)" if _is_turned(item) else "{0}[0]"
    names, parts = list(item.states), {"": output}
    for at, name in enumerate(names, 1):
        parts[name] = f"{{0}}[{at}]"
        if item.direction == "both":
            # The states of the one direction, then those of the other.
            parts[name] = STATES_JOINED[item.merge].format(f"{{0}}[{at}]", f"{{0}}[{at + len(names)}]")
    return Results(_called(item, inputs, return_state=True), parts)


def _is_turned(item: RecurrentLayer) -> bool:
    """True where Keras gives what it read backwards in the order of reading."""
    return item.return_sequences and item.direction == "backward"


def _called(item: RecurrentLayer, inputs: tuple[Shape, ...], **other: Any) -> Parts:
    """The layer made and called, with its initial states if it is given any."""
    if getattr(item, "projection", None) is not None:
        raise CannotSay("Keras' LSTM has no projection", "Set projection: none, or put a Dense after it.")
    functions = {item.function, getattr(item, "gate_function", "")}
    if item.direction == "both" and (unnamed := functions.intersection(OPERATIONS)):
        # It makes both from the settings of one, which hold names alone.
        raise CannotSay(f"Keras' Bidirectional takes no function without a name: {min(unnamed)}", "Use tanh or relu.")
    if "leaky_relu" in functions:
        raise CannotSay("Keras' leaky_relu has another slope", "Use relu.")
    made = _made(item, inputs[0], **({"go_backwards": True} if item.direction == "backward" else {}), **other)
    if item.direction == "both":
        merge = MERGES.get(item.merge)
        more = () if merge is None else (", merge_mode=", Slot("merge_mode", f'"{merge}"'))
        made = ("layers.Bidirectional(", *made, *more, ")")
    return (*layer(made)[:-1], *_initial(item, len(inputs)), ")")


def _initial(item: RecurrentLayer, given: int) -> Parts:
    """The initial states as a further argument: those of the one direction, then those of the other."""
    if given == 1:
        return ()
    sizes = list(enumerate(item.states.values(), 1))
    ends = [""] if item.direction != "both" else ["[:, :{half}]", "[:, {half}:]"]
    states: list[Part] = []
    for end in ends:
        for at, size in sizes:
            states += [", " if states else "", at, end.format(half=size // 2)]
    return (", initial_state=[", *states, "]")
