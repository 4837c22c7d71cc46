"""Recurrent layers of torch.nn: the sequence of outputs is followed, and the last state is its last element."""

from __future__ import annotations

from typing import Any

from cnnstudio.formats.foreign.torch.building import Ref
from cnnstudio.formats.source.language.values import Native, NotFollowed, Thing, Unknown
from cnnstudio.formats.source.torch.layers import Layer
from cnnstudio.formats.source.torch.tensors import Tensor, operate
from cnnstudio.formats.source.torch.trace import Trace

_NAMES = {"LSTM": "lstm", "GRU": "gru", "RNN": "rnn_tanh"}


class State(Thing):
    """The last state of a recurrent layer: one for each layer of the stack and direction, the last of which is read."""

    title = "the last state of a recurrent layer"

    def __init__(self, sequence: Tensor, axis: int, count: int) -> None:
        self.sequence = sequence
        self.axis = axis
        self.count = count

    def item(self, key: Any) -> Any:
        """The state of the last layer, `h[-1]`."""
        if type(key) is int and key in (-1, self.count - 1):
            return operate(self.sequence.trace, "select", [self.sequence, self.axis, -1], {})
        if isinstance(key, tuple) and key and all(part == slice(None) for part in key[1:]):
            return self.item(key[0])
        return Unknown("the state of another layer than the last")

    def attribute(self, name: str) -> Any:
        """Without its first axis, if it is of one layer."""
        if name in ("squeeze", "view", "reshape", "contiguous") and self.count == 1:
            return Native(name, lambda _given, _named: self if name == "contiguous" else self.item(-1))
        return Unknown(f"'{name}' of {self.title}")


def recurrent(trace: Trace, layer: Layer, source: Tensor, more: list[Any]) -> Any:
    """An LSTM, GRU or RNN: what it gives at each step, and its last state. Raises NotFollowed if it does not fit."""
    given, sizes = layer.given, source.sizes
    if len(sizes) != 3:
        raise NotFollowed(f"{layer.title} takes a sequence of vectors, and receives {trace.shown(source.name)}.")
    if sizes[-1] != given["input_size"]:
        raise NotFollowed(f"{layer.title} says input_size={given['input_size']} and receives {sizes[-1]}; write that.")
    if more and isinstance(more[0], (Tensor, State)):
        raise NotFollowed(f"{layer.title} begins with a state that other layers give, which is not read.")
    is_first = bool(given["batch_first"])
    if not is_first and sizes[0] == trace.tracer.batch:
        raise NotFollowed(f"{layer.title} without batch_first takes the batch for its steps; write batch_first=True.")
    arguments = {
        "input": Ref(source.name),
        "hx": (),
        "params": [Ref(trace.constant(array)) for array in layer.own.values()],
        "has_biases": given["bias"],
        "num_layers": given["num_layers"],
        "bidirectional": bool(given["bidirectional"]),
        "batch_first": is_first,
    }
    outputs = 3 if layer.title == "LSTM" else 2
    # Asked for before it is followed: a layer of a design gives its sequence, or its last state.
    before = len(trace.graph.outputs)
    trace.graph.outputs.append(trace.next_name())
    names = trace.operator(_NAMES[layer.title], arguments, outputs)
    del trace.graph.outputs[before:]
    sequence = Tensor(trace, names[0])
    if given["bidirectional"]:
        state: Any = Unknown("the last state of both directions")
    else:
        state = State(sequence, 1 if is_first else 0, int(given["num_layers"]))
    return sequence, ((state, Unknown("the cell of an LSTM")) if outputs == 3 else state)
