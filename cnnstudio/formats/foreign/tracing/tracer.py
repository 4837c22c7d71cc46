"""Follows a graph operation by operation, and adds to the draft what each of them is."""

from __future__ import annotations

from collections.abc import Callable
from math import prod

from msgspec import structs

from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.network.design import FurtherOutput
from cnnstudio.core.network.layer import Layer
from cnnstudio.formats.foreign.draft import Draft, Numbers
from cnnstudio.formats.foreign.refusals import NotUnderstood, require_axes
from cnnstudio.formats.foreign.tracing.attention.arrangement import Arranged, as_view
from cnnstudio.formats.foreign.tracing.attention.realizing import MAX_AXES, realize
from cnnstudio.formats.foreign.tracing.ends import channels_of, has_channels_last, learned_output
from cnnstudio.formats.foreign.tracing.graph import Graph, GraphInput, Operation
from cnnstudio.formats.foreign.tracing.steps import entered, gathered
from cnnstudio.formats.foreign.tracing.values import (
    BATCH,
    ONE,
    Constant,
    Pending,
    Unknown,
    Value,
    View,
    normal_axes,
)
from cnnstudio.layers.reshaping import Flatten, Permute, Reshape
from cnnstudio.layers.structure import Input

OPEN_BATCH = 1009
"""The number that stands for a batch of any size: a prime, so that it is found again in products."""
USUAL_SIZE = 224


class CannotSay(Exception):
    """An operation that is no layer of a design on these inputs; it becomes a placeholder."""


Rule = Callable[["Tracer", Operation], None]


class Tracer:
    """Follows one graph."""

    def __init__(self, graph: Graph, draft: Draft, rules: dict[str, Rule], fallback: Rule) -> None:
        self.graph = graph
        self.draft = draft
        self.rules = rules
        self.fallback = fallback
        self.values: dict[str, Value] = dict(graph.constants)
        self.batch = OPEN_BATCH
        self.unknown: list[str] = []
        self.is_resized = False
        self.materialized: dict[View, int] = {}
        self.realized: dict[str, View] = {}
        self.owners: dict[str, tuple[int, Operation]] = {}
        self.beside: list[int] = []
        self.merged = 0

    # The whole graph

    def run(self, input_size: tuple[int, ...] | None) -> None:
        """Follows all of it; NotUnderstood, naming every operation, where shapes cannot be told."""
        self.begin(input_size)
        for operation in self.graph.operations:
            self.follow(operation)
        self.end()

    def end(self) -> None:
        """Finds the outputs; NotUnderstood, naming every operation, where shapes cannot be told."""
        if self.unknown:
            shown = "; ".join(self.unknown[:8]) + ("; …" if len(self.unknown) > 8 else "")
            raise NotUnderstood(
                f"{len(self.unknown)} of its operations cannot be read, and the file does not state their output "
                f"shapes: {shown}. Run onnx.shape_inference.infer_shapes on the model, or export it to .pt2."
            )
        if self.merged:
            self.draft.notes.append(
                f"{self.merged} operations take weights that another one has too: the exporter may have stored equal "
                "ones once, or the network shares them; they are counted at each."
            )
        found = [self._output(name) for name in self.graph.outputs]
        self.draft.outputs = [step for step in found if step is not None]
        if not self.draft.outputs:
            raise NotUnderstood("has no output that depends on its input.")
        steps, users = self.draft.steps, self.draft.users()
        for step in reversed(self.beside):
            is_taken = any(not steps[user].is_dropped for user in users[step])
            steps[step].is_dropped = not is_taken and step not in self.draft.outputs

    def _output(self, name: str) -> int | None:
        value = self.values.get(name)
        if isinstance(value, Constant):
            return learned_output(self.draft, name, value)
        if isinstance(value, Arranged):
            value = self._realized(name, value)
        if isinstance(value, View):
            # A map whose axes are only moved for whoever takes the output is the network's map; one with fewer is not.
            step = self.draft.steps[value.step]
            has_less = len(value.axes) < step.shape.rank + 2 and value.axes[0] == BATCH
            return self.normal(value, step.path) if has_less else value.step
        if isinstance(value, Pending):
            raise NotUnderstood(f"its output '{name}' has the shape {value.shape}, which a design cannot say.")
        because = f": {value.because} is not known" if isinstance(value, Unknown) else ""
        raise NotUnderstood(f"its output '{name}' cannot be read{because}.")

    def follow(self, operation: Operation) -> None:
        """Adds what one operation is."""
        lost = next((v for n in operation.inputs if isinstance(v := self.values.get(n), Unknown)), None)
        if lost is not None:
            self._set_all(operation, lost)
            return
        before = len(self.draft.steps)
        try:
            self.rules.get(operation.kind, self.fallback)(self, operation)
        except CannotSay:
            self.undo(before)
            self.fallback(self, operation)
        except NotUnderstood:
            # A layer's rule refuses what the framework took: its shape may still be stated.
            self.undo(before)
            self.fallback(self, operation)
        if any(self._differs(name) for name in operation.outputs):
            # The file knows what it was: a placeholder with its shape takes the place of what was made.
            self.draft.notes.append(
                f"'{operation.place}' ({operation.kind}) did not have the shape that the file states."
            )
            self.undo(before)
            self.fallback(self, operation)
        for name in operation.outputs:
            self._check(name, operation)

    def undo(self, length: int) -> None:
        """Takes back the steps from a length on."""
        del self.draft.steps[length:]
        # These name steps by number, and the numbers that were undone will be given out again.
        self.materialized = {view: step for view, step in self.materialized.items() if step < length}
        self.realized = {name: view for name, view in self.realized.items() if view.step < length}
        self.owners = {origin: owner for origin, owner in self.owners.items() if owner[0] < length}
        self.beside = [step for step in self.beside if step < length]

    def _set_all(self, operation: Operation, value: Value) -> None:
        for name in operation.outputs:
            if name:
                self.values[name] = value

    def _differs(self, name: str) -> bool:
        """True if a tensor has another shape than the file states."""
        stated, value = self.graph.stated.get(name), self.values.get(name)
        if not stated or self.is_resized or not isinstance(value, View):
            return False
        counted = self.shape_of(value)
        # Without the batch, which a file may state, leave open, or have fixed at the example's.
        pairs = list(zip(stated, counted, strict=False))[1:]
        return len(stated) != len(counted) or any(a is not None and a != b for a, b in pairs)

    def _check(self, name: str, operation: Operation) -> None:
        """Compares a shape that the file states."""
        value = self.values.get(name)
        if not self.graph.stated.get(name) or self.is_resized or not isinstance(value, View):
            return
        self.draft.shapes_checked += 1
        if self._differs(name):
            stated, counted = list(self.graph.stated[name]), self.shape_of(value)
            self.draft.different.append(f"'{operation.place}': the file states {stated}, counted are {counted}")

    # Inputs

    def begin(self, input_size: tuple[int, ...] | None) -> None:
        """Adds the inputs of the graph."""
        first = True
        for given in self.graph.inputs:
            # Sizes for a resize, or a flag, and no image; what depends on them is not known.
            if len(given.dims) < 2 and not given.is_float:
                self.values[given.name] = Unknown(f"the input '{given.name}' is no tensor with a batch")
                continue
            self._input(given, input_size if first else None)
            first = False
        if first:
            raise NotUnderstood("has no input.")

    def _input(self, given: GraphInput, wanted: tuple[int, ...] | None) -> None:
        dims = given.dims
        if not 2 <= len(dims) <= MAX_AXES + 1:
            raise NotUnderstood(f"its input '{given.name}' has {len(dims)} axes; a design holds 2 to 6 with the batch.")
        # A batch that the file fixes occurs in its reshapes, and must be found again there.
        if dims[0]:
            self.batch = dims[0]
        is_last = has_channels_last(self.graph, given)
        sizes = [dims[-1], *dims[1:-1]] if is_last else list(dims[1:])
        if wanted is not None:
            require_axes(wanted, len(sizes), given.name)
            if list(wanted) != sizes:
                self.is_resized = True
                text = " × ".join(map(str, wanted))
                self.draft.assumed.append(f"The input '{given.name}' is {text}, as asked for.")
            filled = list(wanted)
        else:
            filled = [channels_of(self.graph, given.name) if sizes[0] is None else sizes[0]]
            filled += [USUAL_SIZE if size is None else size for size in sizes[1:]]
            if None in sizes:
                text = " × ".join(map(str, filled))
                sentence = f"The file leaves the size of the input '{given.name}' open; {text} was assumed."
                self.draft.assumed.append(sentence)
        layer = Input(channels=filled[0], size=tuple(filled[1:]))
        step = self.draft.add(layer, (given.name,), ())
        axes = normal_axes(self.draft.steps[step].shape)
        self.values[given.name] = View(step, (BATCH, *axes[2:], 0) if is_last else axes)

    # What rules use

    def given(self, operation: Operation, index: int) -> Value | None:
        """An input of an operation, None if it is left out; NotUnderstood if nothing made it.

        A tensor in pieces gets the layers that make a view of it, if there are such.
        """
        value = self.raw(operation, index)
        return self._realized(operation.inputs[index], value) if isinstance(value, Arranged) else value

    def _realized(self, name: str, tensor: Arranged) -> Value:
        if name not in self.realized:
            given = (self.draft, tensor, self.examples(tensor.step))
            view = realize(*given) or self._stand_in(tensor) or entered(*given)
            if view is None:
                return tensor
            self.realized[name] = view
        return self.realized[name]

    def _stand_in(self, tensor: Arranged) -> View | None:
        """A placeholder for a tensor in pieces that no layers make, but whose shape a design can say."""
        first, *sizes = tensor.shape
        is_whole = first == self.examples(tensor.step) and tensor.factor is not None
        if not is_whole or not 1 <= len(sizes) <= MAX_AXES or prod(sizes) <= 0:
            return None
        shape = Shape(sizes[0], tuple(sizes[1:]))
        step = self.draft.opaque("Reshape", tensor.path, (tensor.step,), shape, macs=0)
        return View(step, normal_axes(shape))

    def raw(self, operation: Operation, index: int) -> Value | None:
        """An input as it is, without layers for a tensor in pieces."""
        if index >= len(operation.inputs) or not operation.inputs[index]:
            return None
        name = operation.inputs[index]
        value = self.values.get(name)
        if value is None:
            raise NotUnderstood(f"'{operation.place}' takes '{name}', which nothing before it gives.")
        return value

    def view(self, operation: Operation, index: int = 0) -> View:
        """An input that is a view of a step; CannotSay if it is something else."""
        value = self.given(operation, index)
        if isinstance(value, View):
            return value
        raise CannotSay

    def constant(self, operation: Operation, index: int) -> Constant | None:
        """An input that is a constant, None if it is left out; CannotSay if it is computed from the input."""
        value = self.given(operation, index)
        if value is None or isinstance(value, Constant):
            return value
        raise CannotSay

    def integers(self, operation: Operation, index: int, attribute: str = "") -> list[int] | None:
        """Whole numbers that are an attribute or an input, whichever the file has; None if neither."""
        # By presence and not by opset: axes, pads and sizes became inputs at different opsets for each operator.
        stated = operation.attributes.get(attribute) if attribute else None
        if stated is not None:
            return [int(number) for number in stated] if isinstance(stated, (list, tuple)) else [int(stated)]
        constant = self.constant(operation, index)
        if constant is None:
            return None
        values = constant.integers()
        if values is None:
            raise CannotSay
        return values

    def shape_of(self, value: View | Pending | Constant) -> list[int]:
        """The sizes of a tensor, its batch included."""
        if not isinstance(value, View):
            return list(value.shape)
        sizes, batch = self.draft.steps[value.step].shape.to_list(), self.examples(value.step)
        return [batch if axis == BATCH else 1 if axis == ONE else sizes[axis] for axis in value.axes]

    def examples(self, step: int) -> int:
        """The size of the batch of a step: of all its steps of time, where the file takes them for examples."""
        return self.batch * prod(self.draft.steps[step].steps)

    def emit(self, operation: Operation, layer: Layer, *sources: int, numbers: Numbers | None = None) -> int:
        """Adds the layer that an operation is, and lets its first output stand for it."""
        step = self.draft.add(layer, operation.path, sources, numbers)
        self.draft.steps[step].kind = operation.kind
        if numbers is not None and numbers.learned + numbers.stored:
            self.own(operation, step)
        self.set(operation, View(step, normal_axes(self.draft.steps[step].shape)))
        return step

    def give_beside(self, operation: Operation, step: int, *outputs: str) -> None:
        """Lets the outputs of an operation after its first be these further outputs of a layer."""
        for name, output in zip(operation.outputs[1:], outputs, strict=False):
            if name:
                self.take_beside(name, step, output, operation.path)

    def take_beside(self, name: str, step: int, output: str, path: tuple[str, ...]) -> None:
        """Lets a name stand for a further output of a layer; it is dropped at the end if nobody takes it."""
        taken = self.draft.add(FurtherOutput(output=output), (*path[:-1], f"{path[-1]}_{output}"), (step,))
        self.values[name] = View(taken, normal_axes(self.draft.steps[taken].shape))
        self.beside.append(taken)

    def own(self, operation: Operation, step: int) -> None:
        """Notes whose weights a step takes; those that another one has counted are not counted again."""
        given = [self.values.get(name) for name in operation.inputs]
        origins = [value.origin for value in given if isinstance(value, Constant) and value.numbers and value.origin]
        if not origins or not all(origin in self.owners for origin in origins):
            self.owners.update(dict.fromkeys(origins, (step, operation)))
            return
        made = self.draft.steps[step]
        owner, first = self.owners[origins[0]]
        if not self.graph.is_shared(operation, first, origins[0]):
            self.merged += 1
            return
        # Its numbers are those of the owner, which are compared there.
        made.shares, made.numbers = owner, None

    def set(self, operation: Operation, value: Value) -> None:
        """The value of an operation's first output."""
        self.values[operation.outputs[0]] = value

    def set_arranged(self, operation: Operation, tensor: Arranged) -> None:
        """Lets the first output be a tensor in pieces, or the view that it is."""
        view = as_view(tensor, self.draft.steps[tensor.step].shape.to_list(), self.examples(tensor.step))
        self.set(operation, view or tensor)

    def pass_on(self, operation: Operation) -> None:
        """Lets the output of an operation be its input."""
        value = self.raw(operation, 0)
        if value is None:
            raise CannotSay
        self.set(operation, value)

    def same_axes(self, operation: Operation, view: View, layer: Layer, numbers: Numbers | None = None) -> int:
        """Adds a layer that works on the step as it is, whatever the order of the axes."""
        step = self.emit(operation, layer, view.step, numbers=numbers)
        self.set(operation, View(step, view.axes))
        return step

    def normal(self, view: View, path: tuple[str, ...]) -> int:
        """A step whose shape has the axes in the order of the tensor, moved there if need be."""
        shape = self.draft.steps[view.step].shape
        if view.axes == normal_axes(shape):
            return view.step
        if not view.axes or view.axes[0] != BATCH or len(view.axes) > MAX_AXES + 1 or len(view.axes) < 2:
            raise CannotSay
        # Once for each view, or every taker of a transposed tensor would bring a Permute of its own.
        if view not in self.materialized:
            self.materialized[view] = self._moved(view, shape, path)
        return self.materialized[view]

    def _moved(self, view: View, shape: Shape, path: tuple[str, ...]) -> int:
        step = view.step
        kept = [axis for axis in view.axes[1:] if axis != ONE]
        order = [*kept, *(axis for axis in range(shape.rank + 1) if axis not in kept)]
        if order != list(range(shape.rank + 1)):
            step = self.draft.add(Permute(dims=tuple(order)), (*path[:-1], "permute"), (step,))
        sizes = self.shape_of(view)[1:]
        if sizes != self.draft.steps[step].shape.to_list():
            layer: Layer = Reshape(channels=sizes[0], size=tuple(sizes[1:])) if len(sizes) > 1 else Flatten()
            step = self.draft.add(layer, (*path[:-1], "reshape" if len(sizes) > 1 else "flatten"), (step,))
        return step

    def placeholder(
        self, operation: Operation, sizes: list[int], *, learned: int = 0, macs: int | None = 0, biases: int = 0
    ) -> None:
        """Lets an output of these sizes be a placeholder, or wait for a shape that a design can say."""
        sources: list[int] = []
        kinds: list[str] = []
        for name in operation.inputs:
            value = self.values.get(name)
            if isinstance(value, View):
                sources.append(value.step)
            elif isinstance(value, Pending):
                sources.extend(value.sources)
                kinds.extend(value.kinds)
                learned += value.learned
                macs = None if macs is None or value.macs is None else macs + value.macs
                # What it has brought is counted now, and not with its next use.
                self.values[name] = structs.replace(value, learned=0, macs=0)
        kinds = list(dict.fromkeys([*kinds, operation.kind]))
        if not sources:
            raise NotUnderstood(f"'{operation.place}' ({operation.kind}) makes something of nothing.")
        steps, times = gathered(self.draft, sources, operation.path, sizes[0], self.batch)
        if 2 <= len(sizes) <= MAX_AXES + 1 and sizes[0] == self.batch * times and prod(sizes) > 0:
            shape, numbers = Shape(sizes[1], tuple(sizes[2:])), Numbers(learned)
            macs = None if macs is None or macs % times else macs // times
            step = self.draft.opaque(" + ".join(kinds[:6]), operation.path, steps, shape, numbers, macs, biases)
            self.set(operation, View(step, normal_axes(shape)))
        else:
            self.set(operation, Pending(tuple(sizes), steps, tuple(kinds), operation.path, learned, macs))
