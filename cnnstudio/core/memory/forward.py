"""The forward pass: layer by layer, what is allocated, kept and freed."""

from __future__ import annotations

from collections import Counter
from typing import Final

from cnnstudio.core.memory.nodes import Node, Run
from cnnstudio.core.memory.recording import GIVEN, Done, Recorder, Tensor, Weights, made_bytes
from cnnstudio.core.memory.workspace import workspace
from cnnstudio.core.network.step import PLACE_BYTES, Step

Given = tuple[int, str]
"""A further output, by the node of its layer and its name."""
PARAMETER_COPY: Final = "weights at 2 bytes"
_CAST: Final = Step(output=0)
"""The copy of a tensor with elements of another size; its gradient is a new tensor of the first size."""


class Forward:
    """Runs the nodes forward. `half`: by autocast to 16 bits; `trains`: with what backward needs."""

    def __init__(self, run: Run, recorder: Recorder, *, half: bool, trains: bool) -> None:
        self.nodes = run.nodes
        self.told_with = run.told_with
        self.recorder = recorder
        self.half = half
        self.trains = trains
        self.done: list[Done] = []
        self.results: list[Tensor] = []
        self.cached: list[int] = []
        self.copied: dict[Weights, list[int]] = {}
        self.weights: Weights = (-1, -1)
        self.held: list[int] = []
        self.given: dict[Given, Tensor] = {}
        self.uses, self.is_final, self.taken = _uses(run.nodes)
        self.leads_out = _leads_out(run.nodes, self.uses, self.taken)
        self.at = 0

    def run(self) -> None:
        """All nodes in order; then autocast's copies of parameters are given up."""
        recorder = self.recorder
        for at, node in enumerate(self.nodes):
            recorder.node = self.told_with[at]
            self._hold(node)
            self.results.append(self._node(at, node))
            self._give_up(node)
            if node.edge != "enters":
                recorder.trace.mark(recorder.node)
        for storage in self.cached:
            recorder.drop(storage)
        recorder.trace.turn = len(recorder.trace.marks)

    @property
    def outputs(self) -> list[Tensor]:
        """The results that no layer takes: they flow out of the network."""
        beside = {at for at, _ in self.taken}
        pairs = enumerate(zip(self.results, self.uses, strict=True))
        return [result for at, (result, uses) in pairs if not (uses or at in beside)]

    def _hold(self, node: Node) -> None:
        """The variable of a caller, for as long as a block runs on what is in it."""
        for source in node.holds:
            storage = self.results[source].storage
            if storage == GIVEN or self.recorder.references[storage]:
                self.recorder.hold(storage)
                self.held.append(source)

    def _give_up(self, node: Node) -> None:
        for source in node.drops:
            if source in self.held:
                self.held.remove(source)
                self.recorder.drop(self.results[source].storage)

    def _node(self, at: int, node: Node) -> Tensor:
        """The result of a layer, which is that of its last step."""
        self.at = at
        beside = _taken_beside(self.nodes, node)
        inputs = [self.results[source] for source in node.inputs] if beside is None else [self.given[beside]]
        steps, uses = node.steps, self.uses[at]
        if not steps:
            # An input of the network: numbers of 4 bytes whatever the precision.
            return Tensor(GIVEN, node.row.activations or 0, 4, False, uses)
        last = len(steps) - 1
        inner = [*_inner_uses(steps), uses]
        for number, step in enumerate(steps):
            inner[number] += self.taken[at, step.further] if step.further else 0
        results: list[Tensor] = []
        for number, step in enumerate(steps):
            self.weights = node.weights, number
            taken = _taken(step, inputs, results)
            is_last = number == last
            skips = self.is_final[at] and is_last and step.ends_in_loss if self.trains else step.only_in_training
            results.append(self._step(node, step, taken, inner[number], skips or step.result == "input"))
            if step.further:
                self.given[at, step.further] = results[-1]
        return results[-1]

    def _step(self, node: Node, step: Step, given: list[Tensor], uses: int, skips: bool) -> Tensor:
        """One operation: copies, output, what is there for a moment, what is kept, and what is freed."""
        if skips and given:
            return self._pass_on(step, given, uses)
        recorder, trained = self.recorder, node.row.layer.trainable
        copies = self._parameter_copies(step, trained)
        inputs = self._cast(step, given) if step.casts else given
        sources = _with_gradients(step, inputs)
        # Places are no numbers that flow on.
        flowing = max([tensor.size for tensor in inputs if tensor.size < PLACE_BYTES], default=4)
        size = self._size(step, flowing)
        learns = (self.trains and self.leads_out[self.at]) and (
            any(tensor.learns for tensor in sources) or (trained and bool(step.weights or step.biases))
        )
        output = self._output(step, inputs, size, learns, uses)
        if step.kernel is not None:
            recorder.moment(workspace(step.kernel, step.weights, half=self.half))
        keeps: list[int] = []
        if learns:
            self._keep(step, inputs, output, trained, keeps, copies)
        given = self._make(step, size, flowing, keeps, learns=learns)
        if learns:
            self.done.append(Done(recorder.node, step, sources, output, trained, keeps, self.weights, given))
        elif not (self.trains or given):
            recorder.scratch(step.inference_scratch, size)
        for tensor in inputs:
            self._taken_once(tensor)
        if not trained:
            for storage in copies:
                recorder.drop(storage)
        return output

    def _taken_once(self, tensor: Tensor) -> None:
        tensor.uses -= 1
        if not tensor.uses:
            self.recorder.drop(tensor.storage)

    def _pass_on(self, step: Step, given: list[Tensor], uses: int) -> Tensor:
        """A step that does nothing: its result is its input."""
        source = given[0]
        self.recorder.hold(source.storage)
        last = source.channels_last
        output = Tensor(source.storage, source.elements, source.size, source.learns, uses, last)
        if source.learns:
            self.done.append(Done(self.recorder.node, _PASSED, given, output, False, []))
        self._taken_once(source)
        return output

    def _parameter_copies(self, step: Step, trained: bool) -> list[int]:
        """Copies of 2 bytes of weights and biases; autocast caches those of trained ones for the forward pass."""
        if not (self.half and step.casts_parameters):
            return []
        # Of weights that several layers use there is one copy.
        if trained and self.weights in self.copied:
            return self.copied[self.weights]
        sizes = [2 * count for count in (step.weights, step.biases) if count]
        copies = [self.recorder.allocate(PARAMETER_COPY, 0, size) for size in sizes]
        if trained:
            self.cached += copies
            self.copied[self.weights] = copies
        return copies

    def _cast(self, step: Step, given: list[Tensor]) -> list[Tensor]:
        """The inputs, those of another element size copied."""
        wanted = self._size(step, max([tensor.size for tensor in given], default=4))
        return [tensor if tensor.size == wanted else self._copy(tensor, wanted) for tensor in given]

    def _copy(self, tensor: Tensor, size: int) -> Tensor:
        storage = self.recorder.allocate(f"input at {size} bytes", tensor.elements * size)
        copy = Tensor(storage, tensor.elements, size, tensor.learns, 1, tensor.channels_last)
        if tensor.learns:
            self.done.append(Done(self.recorder.node, _CAST, [tensor], copy, False, []))
        self._taken_once(tensor)
        return copy

    def _size(self, step: Step, flowing: int) -> int:
        """The bytes of an element of the result."""
        if not self.half:
            return 4
        return {"input": flowing, "half": 2, "single": 4, "promoted": max(flowing, 4)}[step.flow]

    def _output(self, step: Step, inputs: list[Tensor], size: int, learns: bool, uses: int) -> Tensor:
        if step.result == "parameter":
            storage = GIVEN
        elif _shares(step, inputs, self.recorder):
            storage = inputs[0].storage
            self.recorder.hold(storage)
        else:
            storage = self.recorder.allocate(step.what, step.output * size)
            if step.result == "of several":
                self.recorder.trace.of_several.add(storage)
        last = _leads_last(step, inputs) if step.order == "kept" else step.order == "last"
        return Tensor(storage, step.output, size, learns, uses, last)

    def _keep(
        self, step: Step, inputs: list[Tensor], output: Tensor, trained: bool, keeps: list[int], copies: list[int]
    ) -> None:
        """Keeps of inputs, output and copied weights what the step's backward needs."""
        keep, what = self.recorder.keep, step.keeps
        if what == "input" or (what == "input if trained" and trained and step.weights):
            keep(inputs[0].storage, keeps)
        elif what in ("inputs", "inputs and output"):
            for tensor in inputs:
                keep(tensor.storage, keeps)
        elif what == "partners":
            for at, tensor in enumerate(inputs):
                if any(other.learns for place, other in enumerate(inputs) if place != at):
                    keep(tensor.storage, keeps)
        if what in ("output", "inputs and output"):
            keep(output.storage, keeps)
        needed = step.keeps_weights == "always" or (step.keeps_weights and inputs[0].learns)
        if copies and step.weights and needed:
            keep(copies[0], keeps)

    def _make(self, step: Step, size: int, flowing: int, keeps: list[int], *, learns: bool) -> list[Tensor]:
        """Makes what the step keeps for backward beside its output; the only reference is that of backward.

        What another layer takes is made in any case, and has a reference until it is taken for the last time.
        """
        recorder, kept = self.recorder, step.makes if learns else ()
        uses = {made: self.taken[self.at, made.what] for made in step.gives}
        found: list[Tensor] = []
        for made in dict.fromkeys((*kept, *[made for made, count in uses.items() if count])):
            storage = recorder.allocate(made.what, *made_bytes(made, size, flowing))
            if made in kept:
                recorder.keep(storage, keeps)
            if not uses.get(made):
                recorder.drop(storage)
                continue
            # Places are no numbers that have a gradient.
            has_gradient = learns and made.size != PLACE_BYTES
            tensor = Tensor(storage, made.each, made.size or size, has_gradient, uses[made])
            self.given[self.at, made.what] = tensor
            found.append(tensor)
        return found


_PASSED: Final = Step(output=0, gradient="passes")


def _shares(step: Step, inputs: list[Tensor], recorder: Recorder) -> bool:
    """True if the result lies in the storage of the input."""
    if step.result == "in_place":
        return recorder.is_alone(inputs[0])
    if not inputs:
        return False
    has_order = inputs[0].channels_last == (step.order == "last")
    return step.result == "view" or (step.result == "ordered" and has_order)


def _with_gradients(step: Step, inputs: list[Tensor]) -> list[Tensor]:
    """The inputs that may have a gradient."""
    return inputs[:1] if step.gradient == "first" else [] if step.gradient == "none" else inputs


def _leads_last(step: Step, inputs: list[Tensor]) -> bool:
    """True if the channels of the result are last: of several inputs the first that is as large decides."""
    for tensor in inputs:
        if tensor.elements == step.output:
            return tensor.channels_last
    return bool(inputs) and all(tensor.channels_last for tensor in inputs)


def _taken(step: Step, inputs: list[Tensor], results: list[Tensor]) -> list[Tensor]:
    """The tensors that a step of a layer takes, out of the layer's inputs and the results of the steps before."""
    if not results:
        return [inputs[max(at, 0)] for at in step.inputs] if inputs else []
    return [results[at] if at < 0 else inputs[at] for at in step.inputs]


def _inner_uses(steps: tuple[Step, ...]) -> list[int]:
    """For each step but the last how many later ones take its result."""
    uses = [0] * (len(steps) - 1)
    for number, step in enumerate(steps):
        for index in step.inputs:
            if index < 0 <= number + index:
                uses[number + index] += 1
    return uses


def _taken_beside(nodes: list[Node], node: Node) -> Given | None:
    """The tensor that a layer gives beside its output and a node takes; None for a node that takes outputs alone."""
    pick = node.row.picks
    if not pick:
        return None
    steps = nodes[node.inputs[0]].steps
    given = {name for step in steps for name in (step.further, *[made.what for made in step.gives])}
    return (node.inputs[0], pick) if pick in given else None


def _leads_out(nodes: list[Node], uses: list[int], taken: Counter[Given]) -> list[bool]:
    """True for each node that an output of the network has a gradient for: places, which are no numbers, have none."""
    found = [False] * len(nodes)
    beside = {at for at, _ in taken}
    for at in range(len(nodes) - 1, -1, -1):
        shape = nodes[at].row.output_shape
        if shape is not None and shape.within:
            continue
        found[at] = found[at] or not (uses[at] or at in beside)
        for source in nodes[at].inputs if found[at] else ():
            found[source] = True
    return found


def _uses(nodes: list[Node]) -> tuple[list[int], list[bool], Counter[Given]]:
    """For each node how many steps take its result, and whether only what changes nothing comes after it.

    Last how many take what is given beside results.
    """
    uses, is_final, taken = [0] * len(nodes), [True] * len(nodes), Counter[Given]()
    for at in range(len(nodes) - 1, -1, -1):
        node = nodes[at]
        if (beside := _taken_beside(nodes, node)) is not None:
            taken[beside] += 1
            continue
        ends = is_final[at] and all(step.result in ("input", "view") for step in node.steps)
        for number, step in enumerate(node.steps):
            for index in step.inputs:
                if index < 0 and (number or not node.inputs):
                    continue
                source = node.inputs[max(index, 0)]
                uses[source] += 1
                is_final[source] = is_final[source] and ends
    return uses, is_final, taken
