"""One pass of an input through a network: each operation is followed at once, so that sizes can be asked for."""

from __future__ import annotations

from math import prod
from typing import Any

from cnnstudio.formats.foreign.draft import Draft
from cnnstudio.formats.foreign.refusals import NotUnderstood
from cnnstudio.formats.foreign.torch.building import Builder, Call, Ref
from cnnstudio.formats.foreign.torch.operators import OPERATORS, write
from cnnstudio.formats.foreign.tracing.graph import Graph, GraphInput, Operation
from cnnstudio.formats.foreign.tracing.rules import tracer_of
from cnnstudio.formats.foreign.tracing.tracer import CannotSay
from cnnstudio.formats.foreign.tracing.values import BATCH, MAX_VALUES, Constant, Pending, Unknown, Value, View
from cnnstudio.formats.source.language.values import NotFollowed
from cnnstudio.formats.source.sizes import LABEL, SEQUENCE, Size
from cnnstudio.formats.source.torch.arrays import Array

MAX_OPERATIONS = 50_000


class Fault:
    """A number in the source that does not fit: PyTorch would refuse it, and the design has what fits."""

    def __init__(self, line: int, sentence: str, said: int = 0, received: int = 0) -> None:
        self.line = line
        self.sentence = sentence
        self.said = said
        self.received = received


def _input(name: str, size: Size) -> GraphInput:
    is_sequence = size.order == SEQUENCE
    sizes = (*size.sizes[1:], size.sizes[0]) if is_sequence else size.sizes
    return GraphInput(name, (None, *sizes), channels_last=is_sequence)


class Trace:
    """Follows tensors from the inputs of a network; `paths` has the way to each module.

    `faults` are numbers that may fit for an input of another size, `mistakes` have nothing to do with the size.
    """

    def __init__(self, sizes: list[Size], paths: dict[int, tuple[str, ...]]) -> None:
        names = [f"input{place or ''}" for place in range(len(sizes))]
        self.graph = Graph(
            inputs=[_input(name, size) for name, size in zip(names, sizes, strict=True)], holds_weights_apart=True
        )
        self.draft = Draft("pytorch")
        self.tracer = tracer_of(self.graph, self.draft)
        self.tracer.begin(None)
        for name, size in zip(names, sizes, strict=True):
            value = self.tracer.values[name]
            if size.order == LABEL and isinstance(value, View):
                self.tracer.values[name] = View(value.step, (BATCH,))
        self.builder = Builder(self.graph)
        self.inputs = names
        self.paths = paths
        self.path: tuple[str, ...] = ()
        self.faults: list[Fault] = []
        self.mistakes: list[Fault] = []
        self.lines: dict[int, int] = {}
        self.used: set[int] = set()
        self.corrected: dict[tuple[int, int], dict[str, Array]] = {}
        self.held: dict[int, tuple[Array, str]] = {}
        self.batches: frozenset[int] = frozenset()
        """Sizes that the source gives its batches, by which it writes shapes."""
        self.made = 0
        self.line = 0

    # Tensors

    def value(self, name: str) -> Value:
        """The value of a tensor."""
        return self.tracer.values[name]

    def sizes(self, name: str) -> list[int]:
        """The sizes of a tensor with its batch. Raises NotFollowed if they are not known."""
        value = self.tracer.values.get(name)
        if isinstance(value, (View, Pending, Constant)):
            return self.tracer.shape_of(value)
        why = f": {value.because}" if isinstance(value, Unknown) else ""
        raise NotFollowed(f"asks for the size of a tensor that nobody can tell{why}.")

    def constant(self, array: Array) -> str:
        """A weight, or another tensor that does not depend on the input, as a constant of the graph."""
        if id(array) in self.held:
            return self.held[id(array)][1]
        self.made += 1
        name = f"weight${self.made}"
        self.held[id(array)] = (array, name)
        numbers = array.numbers if array.is_learned is not None and array.is_float else 0
        values = array.values if array.values is not None and len(array.values) <= MAX_VALUES else None
        made = Constant(array.shape, values, array.is_float, numbers, array.origin, bool(array.is_learned))
        self.graph.constants[name] = self.tracer.values[name] = made
        return name

    def is_vector(self, name: str) -> bool:
        """True for a tensor of a number of features for each image."""
        return len(self.sizes(name)) == 2

    # Operations

    def operator(
        self, name: str, given: dict[str, Any], outputs: int = 1, attributes: dict[str, Any] | None = None
    ) -> list[str]:
        """Follows one of PyTorch's operators by its arguments' names; the names of what it gives.

        Raises NotFollowed if it is not known, or does not fit.
        """
        if name not in OPERATORS:
            raise NotFollowed(f"calls '{name}', which is not read.")
        before = len(self.graph.operations)
        names = self._names(outputs)
        call = Call(name, given, names, (*self.path, name))
        try:
            write(self.builder, call)
        except (TypeError, ValueError) as error:
            raise NotFollowed(f"calls '{name}' with arguments that are not read ({error}).") from None
        if attributes:
            self.graph.operations[-1].attributes.update(attributes)
        for operation in self.graph.operations[before:]:
            self.follow(operation)
        return list(names)

    def operation(self, kind: str, inputs: list[str], outputs: int = 1, **attributes: Any) -> list[str]:
        """Follows an operation under its name in ONNX."""
        names = self._names(outputs)
        operation = Operation(kind, tuple(inputs), names, attributes, (*self.path, kind.lower()))
        self.graph.operations.append(operation)
        self.follow(operation)
        return list(names)

    def _names(self, outputs: int) -> tuple[str, ...]:
        self.made += 1
        return tuple(f"%{self.made}.{place}" for place in range(outputs))

    def next_name(self) -> str:
        """The name of the first output of the next operation."""
        return f"%{self.made + 1}.0"

    def number(self, value: Any) -> str:
        """A number as a constant."""
        return self.builder.constant(value)

    def follow(self, operation: Operation) -> None:
        """Adds what an operation is, with the sentence of its layer if that refuses."""
        if len(self.graph.operations) > MAX_OPERATIONS:
            raise NotFollowed(f"takes more than {MAX_OPERATIONS:,} operations, and so many are not followed.")
        tracer = self.tracer
        for name in operation.inputs:
            if name in self.graph.constants:
                tracer.values.setdefault(name, self.graph.constants[name])
            lost = tracer.values.get(name)
            if isinstance(lost, Unknown):
                tracer.values.update(dict.fromkeys(operation.outputs, lost))
                return
        before = len(self.draft.steps)
        try:
            tracer.rules.get(operation.kind, tracer.fallback)(tracer, operation)
        except CannotSay:
            tracer.undo(before)
            self._fall_back(operation)
        except NotUnderstood as refusal:
            text = str(refusal)
            raise NotFollowed(text.partition(": ")[2] or text) from None
        for step in range(before, len(self.draft.steps)):
            self.lines[step] = self.line

    def _fall_back(self, operation: Operation) -> None:
        tracer = self.tracer
        try:
            tracer.fallback(tracer, operation)
        except (CannotSay, NotUnderstood) as refusal:
            sentence = str(refusal) or f"applies {operation.kind} to tensors that do not go together"
            raise NotFollowed(sentence) from None
        if tracer.unknown:
            tracer.unknown.clear()
            shapes = [self._shown(name) for name in operation.inputs if name in tracer.values]
            why = f"{operation.kind} of {' and '.join(shapes)} in line {self.line} is not read"
            tracer.values.update(dict.fromkeys(operation.outputs, Unknown(why)))

    def _shown(self, name: str) -> str:
        value = self.tracer.values[name]
        if not isinstance(value, (View, Pending, Constant)):
            return "something unknown"
        sizes = self.tracer.shape_of(value)
        return " × ".join("B" if size == self.tracer.batch else str(size) for size in sizes) or "a number"

    def parameters(self) -> int:
        """The learned numbers that were used, each weight once however many modules hold it."""
        sizes = {array.origin or name: array.numbers for array, name in self.held.values() if array.is_learned}
        return sum(sizes.values())

    def shown(self, name: str) -> str:
        """The sizes of a tensor for an image, for sentences."""
        return " × ".join(f"{size:,}" for size in self.sizes(name)[1:])

    def elements(self, name: str) -> int:
        """The number of elements for each image."""
        return prod(self.sizes(name)[1:])

    def refs(self, names: list[str]) -> list[Ref]:
        """Tensors as arguments of a call."""
        return [Ref(name) for name in names]
