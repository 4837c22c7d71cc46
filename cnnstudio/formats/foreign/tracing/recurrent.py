"""Recurrent layers: of PyTorch all weights of a stack in one list, of ONNX one tensor for both directions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import structs

from cnnstudio.core.network.design import FurtherOutput
from cnnstudio.dialects.onnx import RECURRENT_FUNCTIONS
from cnnstudio.formats.foreign.draft import Numbers
from cnnstudio.formats.foreign.tracing.graph import Operation
from cnnstudio.formats.foreign.tracing.tracer import CannotSay, Rule, Tracer
from cnnstudio.formats.foreign.tracing.values import BATCH, ONE, Constant, Pending, View
from cnnstudio.layers.reshaping import Flatten, Reshape
from cnnstudio.layers.sequences.recurrent import GRU, LSTM, RecurrentLayer, SimpleRNN

_TYPES: dict[str, type[RecurrentLayer]] = {"LSTM": LSTM, "GRU": GRU, "RNN": SimpleRNN}
_FUNCTIONS = {theirs: ours for ours, theirs in RECURRENT_FUNCTIONS.items()}


def _sequence(tracer: Tracer, operation: Operation) -> tuple[int, View]:
    """The step that gives the sequence, and what the operation takes, which says where its batch is."""
    view = tracer.view(operation)
    places = [axis for axis in view.axes if axis != BATCH]
    if len(view.axes) != 3 or len(places) != 2:
        raise CannotSay
    steps, features = places
    return tracer.normal(View(view.step, (BATCH, features, steps)), operation.path), view


def _is_taken(tracer: Tracer, name: str) -> bool:
    graph = tracer.graph
    return bool(name) and (name in graph.outputs or any(name in operation.inputs for operation in graph.operations))


def _initial(tracer: Tracer, operation: Operation, names: Sequence[str], directions: int) -> tuple[int, ...] | None:
    """The steps that give the states with which it begins: none, or all of them; None where they are not followed."""
    values = [tracer.values.get(name) for name in names]
    # Zeros, which are what it begins with anyway, are constants.
    if not any(isinstance(value, (View, Pending)) for value in values):
        return ()
    if len(values) != (2 if operation.attributes.get("cell", operation.kind) == "LSTM" else 1):
        return None
    found: list[int] = []
    for value in values:
        if isinstance(value, View) and directions == 1 and value.axes[:2] == (ONE, BATCH) and len(value.axes) == 3:
            found.append(tracer.normal(View(value.step, (BATCH, value.axes[2])), operation.path))
        elif isinstance(value, View) and directions == 2 and value.axes == (0, BATCH, 1):
            found.append(tracer.draft.add(Flatten(), (*operation.path[:-1], "joined"), (value.step,)))
        else:
            return None
    return tuple(found)


def _give_states(tracer: Tracer, operation: Operation, layer: RecurrentLayer, step: int, names: Sequence[str]) -> None:
    """Lets the states that somebody takes stand for what a layer gives beside its output, or for its output itself."""
    for state, name in zip(layer.states, names, strict=False):
        if not _is_taken(tracer, name):
            continue
        own = step
        if layer.return_sequences or state != "state":
            path = (*operation.path[:-1], f"{operation.path[-1]}_{state}")
            own = tracer.draft.add(FurtherOutput(output=state), path, (step,))
        axes: tuple[int, ...] = (ONE, BATCH, 0)
        if layer.direction == "both":
            own, axes = _apart(tracer, operation, own), (0, BATCH, 1)
        tracer.values[name] = View(own, axes)


# PyTorch


def of_pytorch(tracer: Tracer, operation: Operation) -> None:
    """A stack of recurrent layers: its sequence of outputs, and of a single layer its last states and its first."""
    attributes = operation.attributes
    taken = [_is_taken(tracer, name) for name in operation.outputs]
    groups = _groups(tracer, operation)
    initial = _initial(tracer, operation, attributes["states"], attributes["directions"])
    if initial is None or (len(groups) > 1 and (any(taken[1:]) or initial)):
        _stand_in(tracer, operation)
        return
    step, view = _sequence(tracer, operation)
    sequences = taken[0] or not any(taken)
    for place, names in enumerate(groups):
        weights = [weight for name in names if isinstance(weight := tracer.values[name], Constant)]
        path = operation.path if len(groups) == 1 else (*operation.path[:-1], f"{operation.path[-1]}_{place + 1}")
        part = structs.replace(operation, inputs=(operation.inputs[0], *names), path=path)
        numbers = Numbers(sum(weight.numbers for weight in weights))
        layer = _of_weights(attributes, weights, return_sequences=sequences)
        step = tracer.emit(part, layer, step, *initial, numbers=numbers)
    if sequences:
        tracer.set(operation, View(step, (BATCH, 1, 0) if view.axes[0] == BATCH else (1, BATCH, 0)))
    else:
        # It stands for the state, and not for the sequence, which nobody takes.
        tracer.values.pop(operation.outputs[0])
    if len(groups) == 1:
        _give_states(tracer, operation, layer, step, operation.outputs[1:])


def _groups(tracer: Tracer, operation: Operation) -> list[tuple[str, ...]]:
    """The names of the weights of each layer of the stack."""
    names = operation.inputs[1:]
    weights = [tracer.values.get(name) for name in names]
    if not weights or not all(isinstance(weight, Constant) for weight in weights):
        raise CannotSay
    layers = int(operation.attributes["layers"])
    size, rest = divmod(len(names), layers)
    if rest:
        raise CannotSay
    return [tuple(names[at : at + size]) for at in range(0, len(names), size)]


def _of_weights(attributes: dict[str, Any], weights: list[Constant], *, return_sequences: bool) -> RecurrentLayer:
    kind = _TYPES[attributes["cell"]]
    directions = attributes["directions"]
    own = weights[: len(weights) // directions]
    matrices = [weight for weight in own if len(weight.shape) == 2]
    if len(matrices) not in (2, 3):
        raise CannotSay
    given: dict[str, Any] = {
        "units": matrices[0].shape[0] // kind.gates,
        "bias": len(own) > len(matrices),
        "direction": "both" if directions == 2 else "forward",
        "return_sequences": return_sequences,
    }
    if len(matrices) == 3:
        given["projection"] = matrices[2].shape[0]
    if kind is SimpleRNN:
        given["function"] = attributes["function"]
    return kind(**given)


def _stand_in(tracer: Tracer, operation: Operation) -> None:
    """A placeholder: every matrix is applied at each step of time; only the sequence of outputs is followed."""
    value = tracer.given(operation, 0)
    if not isinstance(value, (View, Pending)):
        raise CannotSay
    first, second, _ = tracer.shape_of(value)
    weights = [tracer.constant(operation, index) for index in range(1, len(operation.inputs))]
    matrices = [constant for constant in weights if constant is not None and len(constant.shape) == 2]
    if len(matrices) < 2:
        raise CannotSay
    steps = second if operation.attributes["batch_first"] else first
    # The last matrix is applied to the hidden state. Its height is not the size wanted: an LSTM has four gates in it.
    hidden = matrices[-1].shape[1]
    macs = steps * sum(constant.size for constant in matrices)
    learned = sum(constant.numbers for constant in weights if constant is not None)
    sizes = [first, second, hidden * operation.attributes["directions"]]
    taken = (operation.inputs[0], *operation.attributes["states"])
    tracer.placeholder(structs.replace(operation, inputs=taken), sizes, learned=learned, macs=macs)


# ONNX


def of_onnx(tracer: Tracer, operation: Operation) -> None:
    """LSTM, GRU and RNN: the sequence of outputs, and the last states; with the first ones."""
    layer, numbers = _layer(tracer, operation)
    wants = [_is_taken(tracer, name) for name in operation.outputs]
    directions = 2 if layer is not None and layer.direction == "both" else 1
    initial = _initial(tracer, operation, [name for name in operation.inputs[5:7] if name], directions)
    if layer is None or initial is None or not any(wants) or any(operation.inputs[4:5]) or any(operation.inputs[7:]):
        _stand_in_of_onnx(tracer, operation)
        return
    step, view = _sequence(tracer, operation)
    if view.axes[1] != BATCH:
        raise CannotSay
    layer = structs.replace(layer, return_sequences=wants[0])
    step = tracer.emit(operation, layer, step, *initial, numbers=numbers)
    tracer.values.pop(operation.outputs[0])
    if wants[0]:
        own, axes = step, (1, ONE, BATCH, 0)
        if layer.direction == "both":
            own, axes = _apart(tracer, operation, step), (2, 0, BATCH, 1)
        tracer.values[operation.outputs[0]] = View(own, axes)
    _give_states(tracer, operation, layer, step, operation.outputs[1:])


def _apart(tracer: Tracer, operation: Operation, step: int) -> int:
    """The two directions, which a layer joins in its channels, along an axis of their own."""
    shape = tracer.draft.steps[step].shape
    layer = Reshape(channels=2, size=(shape.channels // 2, *shape.spatial))
    return tracer.draft.add(layer, (*operation.path[:-1], "directions"), (step,))


def _layer(tracer: Tracer, operation: Operation) -> tuple[RecurrentLayer | None, Numbers]:
    """The layer, None for what a design has no words for, with the numbers of the file."""
    attributes, kind = operation.attributes, _TYPES[operation.kind]
    inputs, states, bias = (tracer.constant(operation, index) for index in (1, 2, 3))
    if inputs is None or states is None or len(inputs.shape) != 3:
        raise CannotSay
    numbers = Numbers(sum(weight.numbers for weight in (inputs, states, bias) if weight is not None))
    functions = _functions(operation, inputs.shape[0])
    unusual = ("layout", "clip", "input_forget", "activation_alpha", "activation_beta")
    if functions is None or any(attributes.get(name) for name in unusual):
        return None, numbers
    directions = {"forward": "forward", "reverse": "backward", "bidirectional": "both"}
    given: dict[str, Any] = {
        "units": int(attributes["hidden_size"]),
        "bias": bias is not None,
        "direction": directions[str(attributes.get("direction", "forward"))],
        **functions,
    }
    if kind is GRU:
        given["reset_after"] = bool(attributes.get("linear_before_reset", 0))
    if bias is None or given.get("reset_after", True):
        return kind(**given), numbers
    # Two biases that are added before anything else happens to them are one, which ONNX stores in two parts.
    return kind(**given), Numbers(numbers.learned - bias.size // 2)


def _functions(operation: Operation, directions: int) -> dict[str, str] | None:
    """The functions of the state and of the gates; None where they are unlike or have no word."""
    stated = operation.attributes.get("activations")
    if not stated:
        return {}
    own = [_FUNCTIONS.get(str(name)) for name in stated]
    each = own[: len(own) // directions]
    gates = [] if operation.kind == "RNN" else each[:1]
    states = each[len(gates) :]
    if None in own or own != each * directions or len(set(states)) != 1:
        return None
    return {"function": str(states[0])} | ({"gate_function": str(gates[0])} if gates else {})


def _stand_in_of_onnx(tracer: Tracer, operation: Operation) -> None:
    """A placeholder for each output that is taken; the matrices are applied at each step of time."""
    value = tracer.given(operation, 0)
    if not isinstance(value, (View, Pending)):
        raise CannotSay
    steps, batch, _ = tracer.shape_of(value)
    matrices = [tracer.constant(operation, index) for index in (1, 2)]
    biases = [tracer.constant(operation, index) for index in (3, 7)]
    hidden = int(operation.attributes["hidden_size"])
    directions = 2 if operation.attributes.get("direction") == "bidirectional" else 1
    learned = sum(constant.numbers for constant in (*matrices, *biases) if constant is not None)
    macs = sum(constant.size for constant in matrices if constant is not None) * steps
    if operation.attributes.get("layout", 0):
        raise CannotSay
    shapes = ([steps, directions, batch, hidden], [directions, batch, hidden], [directions, batch, hidden])
    for index, name in enumerate(operation.outputs[:3]):
        if name:
            part = Operation(operation.kind, operation.inputs[:1], (name,), {}, operation.path)
            # Up to three outputs of one operation: its numbers belong to the first that somebody takes, and to no
            # other.
            first = not any(operation.outputs[:index])
            tracer.placeholder(part, shapes[index], learned=learned if first else 0, macs=macs if first else 0)


RULES: dict[str, Rule] = {"Recurrent": of_pytorch, **dict.fromkeys(_TYPES, of_onnx)}
