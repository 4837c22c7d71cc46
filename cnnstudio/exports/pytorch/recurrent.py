"""PyTorch's way to say layers over sequences: modules that take and give the steps before the channels."""

from __future__ import annotations

from typing import Any

from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.dialects.pytorch import PYTORCH
from cnnstudio.exports.source.saying import MADE, CannotSay, Expression, Part, Results, Said, spelled
from cnnstudio.exports.source.statements import call
from cnnstudio.layers.sequences.convolutional import ConvLSTM
from cnnstudio.layers.sequences.embedding import Embedding
from cnnstudio.layers.sequences.recurrent import GRU, LSTM, RecurrentLayer, SimpleRNN

JOINED = {"concat": ".flatten({0})", "sum": ".sum({0})", "multiply": ".prod({0})", "average": ".mean({0})"}
"""The way to join the outputs of two directions that lie along an axis."""


def recurrent(layer: RecurrentLayer, inputs: tuple[Shape, ...]) -> Said:
    """A recurrent layer; raises CannotSay for functions and an order of resetting that PyTorch has not."""
    results = recurrent_results(layer, inputs)
    said, part = results.call, results.parts[""]
    return Said((*said.expression, part.removeprefix("{0}")), said.made)


def recurrent_results(layer: RecurrentLayer, inputs: tuple[Shape, ...]) -> Results[Said]:
    """All that a recurrent layer gives: its output and its last states; raises CannotSay as `recurrent` does."""
    require_usual_functions(layer)
    shape, is_both = inputs[0], layer.direction == "both"
    other: dict[str, Any] = {"batch_first": True} | ({"bidirectional": True} if is_both else {})
    made = spelled(PYTORCH, layer, shape.rank, {"channels": shape.channels}, "nn.", **other)
    turned = ".flip(1)" if layer.direction == "backward" else ""
    reads: Expression = (MADE, "(", 0, f".transpose(1, 2){turned}", *_initial(layer, len(inputs)), ")")
    last = ".transpose(0, 1)" + JOINED[layer.merge].format(1) if is_both else "[0]"
    states = {
        name: f"{{0}}[1]{f'[{at}]' if isinstance(layer, LSTM) else ''}{last}" for at, name in enumerate(layer.states)
    }
    return Results(Said(reads, made), {"": _sequence(layer) if layer.return_sequences else _last(layer), **states})


def _initial(layer: RecurrentLayer, given: int) -> Expression:
    """The initial states as the second argument, each with the directions first."""
    if given == 1:
        return ()
    states: list[Part] = []
    for at, size in enumerate(layer.states.values(), 1):
        directions = f".unflatten(1, (2, {size // 2})).transpose(0, 1).contiguous()"
        states += [", " if states else "", at, directions if layer.direction == "both" else "[None]"]
    return (", (", *states, ")") if isinstance(layer, LSTM) else (", ", *states)


def _sequence(layer: RecurrentLayer) -> str:
    """The outputs of all steps, each at its own place."""
    back = ".flip(1)" if layer.direction == "backward" else ""
    if layer.direction == "both" and layer.merge != "concat":
        # PyTorch lays the outputs of the two directions one after the other.
        joined = JOINED[layer.merge].format(-2)
        return f"{{0}}[0].unflatten(-1, (2, {layer.state_size})){joined}.transpose(1, 2)"
    return f"{{0}}[0]{back}.transpose(1, 2)"


def _last(layer: RecurrentLayer) -> str:
    """The output of the last step that was read: in both directions, of either end."""
    if layer.direction != "both":
        return "{0}[0][:, -1]"
    state = "[1][0]" if isinstance(layer, LSTM) else "[1]"
    return f"{{0}}{state}.transpose(0, 1){JOINED[layer.merge].format(1)}"


def conv_lstm(layer: ConvLSTM, inputs: tuple[Shape, ...]) -> Said:
    """An LSTM of convolutions by a helper; raises CannotSay for functions that it does not call."""
    said = conv_lstm_results(layer, inputs).call
    return Said((*said.expression, "[0]"), said.made, said.helpers)


def conv_lstm_results(layer: ConvLSTM, inputs: tuple[Shape, ...]) -> Results[Said]:
    """All that an LSTM of convolutions gives: its output and its last states; raises CannotSay as `conv_lstm` does."""
    shape = inputs[0]
    unknown = [name for name in (layer.function, layer.gate_function) if name not in ("tanh", "sigmoid", "relu")]
    if unknown:
        raise CannotSay(f"the helper for it has no {unknown[0]}", "Use tanh, sigmoid or relu.")
    axes = layer.axes(shape)
    # PyTorch names the last axis first.
    pads = tuple([end for axis in reversed(axes) for end in axis.pads])
    named: dict[str, Any] = {
        "stride": tuple(axis.stride for axis in axes),
        "dilation": tuple(axis.dilation for axis in axes),
        "pads": pads,
    }
    usual = {"stride": (1,) * len(axes), "dilation": (1,) * len(axes), "pads": (0,) * len(pads)}
    given = {name: value for name, value in named.items() if value != usual[name]}
    given |= {} if layer.bias else {"bias": False}
    given |= {"functions": (layer.gate_function, layer.function)}
    given |= {"sequences": True} if layer.return_sequences else {}
    sizes = tuple(axis.kernel for axis in axes)
    made = call("ConvLSTM", ("channels", shape.channels), ("filters", layer.filters), ("kernel", sizes), **given)
    begun = [part for at in range(1, len(inputs)) for part in (", ", at)]
    parts = {name: f"{{0}}[{at}]" for at, name in enumerate(("", *layer.further_outputs))}
    return Results(Said((MADE, "(", 0, *begun, ")"), made, ("ConvLSTM",)), parts)


def embedding(layer: Embedding, shape: Shape) -> Said:
    """A table lookup, of numbers that arrive as those of a tensor of any kind."""
    words, back = ("[:, 0]", ".movedim(-1, 1)") if shape.rank else ("", ".transpose(1, 2)")
    return Said((MADE, "(", 0, f"{words}.long()){back}"), spelled(PYTORCH, layer, shape.rank, {}, "nn."))


def require_usual_functions(layer: RecurrentLayer) -> None:
    """Raises CannotSay for what PyTorch's modules compute otherwise."""
    allowed = ("tanh", "relu") if isinstance(layer, SimpleRNN) else ("tanh",)
    if layer.function not in allowed or getattr(layer, "gate_function", "sigmoid") != "sigmoid":
        known = "tanh or relu" if isinstance(layer, SimpleRNN) else "tanh, and sigmoid in its gates"
        raise CannotSay(f"PyTorch's module has {known}, and no other function", "Use the usual functions.")
    if isinstance(layer, GRU) and not layer.reset_after:
        raise CannotSay("PyTorch resets the state after its product, not before", "Set reset_after: true.")
