"""Recurrent layers of torch.nn: the sequence of outputs is followed, and the last state is its last element."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cnnstudio.formats.foreign.torch.building import Ref
from cnnstudio.formats.source.language.values import Native, NotFollowed, Thing, Unknown
from cnnstudio.formats.source.torch.layers import Layer
from cnnstudio.formats.source.torch.tensors import Tensor, operate
from cnnstudio.formats.source.torch.trace import Fault, Trace
from cnnstudio.formats.source.torch.weights import weights_of

_NAMES = {"LSTM": "lstm", "GRU": "gru", "RNN": "rnn_tanh"}


class State(Thing):
    """The last state of a recurrent layer: of each layer of the stack and each direction, the last layer of which is
    read from its outputs: their last step, and of the direction that runs backwards their first.
    """

    title = "the last state of a recurrent layer"

    def __init__(self, sequence: Tensor, axis: int, given: dict[str, Any]) -> None:
        self.sequence = sequence
        self.axis = axis
        self.directions = 2 if given["bidirectional"] else 1
        self.stacked = int(given["num_layers"])

    def _end(self, direction: int) -> Any:
        """The state of the last layer in one direction."""
        trace, sequence = self.sequence.trace, self.sequence
        made = operate(trace, "select", [sequence, self.axis, 0 if direction else -1], {})
        if self.directions == 1 or not isinstance(made, Tensor):
            return made
        half = made.sizes[-1] // 2
        return operate(trace, "slice", [made, -1, direction * half, (direction + 1) * half, 1], {})

    def whole(self) -> Any:
        """All of it as one tensor, whose first axis are the directions; unknown for a stack."""
        if self.stacked > 1:
            return Unknown("the states of all layers of a stack")
        parts = [self._end(direction) for direction in range(self.directions)]
        if self.directions == 1:
            return operate(self.sequence.trace, "unsqueeze", [parts[0], 0], {})
        return operate(self.sequence.trace, "stack", [parts, 0], {})

    def item(self, key: Any) -> Any:
        """The state of the last layer, `h[-1]`."""
        count = self.stacked * self.directions
        if type(key) is int and -count <= key < count and key % count >= count - self.directions:
            return self._end(key % count - (count - self.directions))
        if isinstance(key, tuple) and key and type(key[0]) is int:
            state = self.item(key[0])
            return state.item((slice(None), *key[2:])) if isinstance(state, Tensor) else state
        if isinstance(key, slice) and key.stop is None and key.start == -self.directions:
            return State(self.sequence, self.axis, {"bidirectional": self.directions == 2, "num_layers": 1})
        whole = self.whole()
        return whole.item(key) if isinstance(whole, Tensor) else whole

    def attribute(self, name: str) -> Any:
        """The attribute that the whole of it has."""
        if name in ("contiguous", "clone", "detach"):
            return Native(name, lambda _given, _named: self)
        if name in ("size", "shape"):
            return self._sizes(name)
        whole = self.whole()
        return whole.attribute(name) if isinstance(whole, Tensor) else Unknown(f"'{name}' of {self.title}")

    def _sizes(self, name: str) -> Any:
        batch, *_, width = self.sequence.sizes if self.axis else self.sequence.sizes[1:]
        sizes = (self.stacked * self.directions, batch, width // self.directions)
        if name == "shape":
            return sizes
        return Native(name, lambda given, _named: sizes[given[0]] if given else sizes)

    def items(self) -> Iterator[Any]:
        """The state of each direction."""
        yield from (self.item(place) for place in range(self.stacked * self.directions))

    def arithmetic(self, operator: str, other: Any, *, is_left: bool) -> Any:
        """The whole of it joined with another tensor."""
        whole = self.whole()
        return whole.arithmetic(operator, other, is_left=is_left) if isinstance(whole, Tensor) else whole


def recurrent(trace: Trace, layer: Layer, source: Tensor, more: list[Any]) -> Any:
    """An LSTM, GRU or RNN: what it gives at each step, and its last state. Raises NotFollowed if it does not fit."""
    given, sizes = layer.given, source.sizes
    if len(sizes) != 3:
        raise NotFollowed(f"{layer.title} takes a sequence of vectors, and receives {trace.shown(source.name)}.")
    if given["input_size"] not in (None, sizes[-1]):
        raise NotFollowed(f"{layer.title} says input_size={given['input_size']} and receives {sizes[-1]}; write that.")
    own = weights_of(layer.title, {**given, "input_size": sizes[-1]}, 0) if given["input_size"] is None else layer.own
    is_first = bool(given["batch_first"])
    if not is_first and sizes[0] == trace.tracer.batch:
        sentence = f"{layer.title} without batch_first takes the batch for its steps; write batch_first=True"
        trace.mistakes.append(Fault(layer.line, sentence))
        is_first = True
    arguments = {
        "input": Ref(source.name),
        "hx": tuple(Ref(item.name) for item in _states(more)),
        "params": [Ref(trace.constant(array)) for array in own.values()],
        "has_biases": given["bias"],
        "num_layers": given["num_layers"],
        "bidirectional": bool(given["bidirectional"]),
        "batch_first": is_first,
    }
    outputs = 3 if layer.title == "LSTM" else 2
    # Asked for before it is followed: a layer of a design gives its sequence, or its last state alone.
    before, is_one = len(trace.graph.outputs), given["num_layers"] == 1
    first = trace.next_name()
    trace.graph.outputs += [first, *([first[:-1] + "2"] if is_one and outputs == 3 else [])]
    names = trace.operator(_NAMES[layer.title], arguments, outputs)
    del trace.graph.outputs[before:]
    sequence = Tensor(trace, names[0])
    state = State(sequence, 1 if is_first else 0, given)
    if outputs == 2:
        return sequence, state
    return sequence, (state, Tensor(trace, names[2]) if is_one else Unknown("the cells of a stack of LSTMs"))


def _states(more: list[Any]) -> list[Tensor]:
    """The states that other layers give, with which it begins."""
    parts = [item for value in more for item in (value if isinstance(value, (list, tuple)) else (value,))]
    wholes = [item.whole() if isinstance(item, State) else item for item in parts]
    return [item for item in wholes if isinstance(item, Tensor)]
