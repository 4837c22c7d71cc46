"""The backward pass: gradients come and go, what was kept is freed, gradients of parameters stay."""

from __future__ import annotations

from collections import Counter

from cnnstudio.core.memory.recording import Done, Recorder, Tensor, Weights
from cnnstudio.core.memory.workspace import Workspace, weights_workspace, workspace

LOSS_BYTES = 8
"""For each element of an output: the log-probabilities of cross-entropy and their gradient, 4 bytes each."""


class Backward:
    """Runs the steps that were done in reverse, as PyTorch's autograd does."""

    def __init__(self, recorder: Recorder, *, half: bool) -> None:
        self.recorder = recorder
        self.half = half
        self.found: dict[Weights, list[int]] = {}
        self.uses: Counter[Weights] = Counter()

    def run(self, done: list[Done], outputs: list[Tensor]) -> None:
        """From the loss back to the first layer that is trained."""
        recorder = self.recorder
        self.uses.update([step.weights for step in done])
        self._loss([output for output in outputs if output.learns])
        recorder.trace.mark(recorder.node)
        for at in range(len(done) - 1, -1, -1):
            step = done[at]
            recorder.node = step.node
            self._step(step)
            if at == 0 or done[at - 1].node != step.node:
                recorder.trace.mark(step.node)

    def _loss(self, outputs: list[Tensor]) -> None:
        """A gradient for each output; for a moment what cross-entropy needs, which is much only for maps of classes."""
        for output in outputs:
            output.gradient = self.recorder.allocate("gradient", output.elements * output.size)
        each = LOSS_BYTES * sum([output.elements for output in outputs])
        self.recorder.trace.moment(Workspace(each, 0, each))

    def _step(self, done: Done) -> None:
        """Gradients of inputs and parameters; then what was kept and the step's own gradient are given up."""
        recorder = self.recorder
        gradients = [tensor.gradient for tensor in (done.output, *done.beside)]
        gradient = next((given for given in gradients if given is not None), None)
        if gradient is None:
            for storage in done.keeps:
                recorder.drop(storage)
            return
        learning = [tensor for tensor in done.inputs if tensor.learns]
        found = [self._input_gradient(done, tensor, gradient) for tensor in learning]
        step = done.step
        if found:
            recorder.scratch(step.scratch, done.output.size)
            if step.kernel is not None:
                recorder.moment(workspace(step.kernel, step.weights, half=self.half))
        halves = self._parameter_gradients(done) if done.trained and (step.weights or step.biases) else []
        for storage in done.keeps:
            recorder.drop(storage)
        for given in gradients:
            if given is not None:
                recorder.drop(given)
        for tensor, new in zip(learning, found, strict=True):
            self._add(tensor, new)
        for storage, count in halves:
            self._parameter_gradient(4 * count)
            recorder.drop(storage)

    def _input_gradient(self, done: Done, tensor: Tensor, gradient: int) -> int:
        """The gradient of an input: that of the result where it is passed on, or a part of it, else a new tensor."""
        output, way = done.output, done.step.gradient
        same = tensor.elements == output.elements and tensor.size == output.size
        if way == "parts" or (way == "passes" and same):
            self.recorder.hold(gradient)
            return gradient
        return self.recorder.allocate("gradient", tensor.elements * tensor.size)

    def _parameter_gradients(self, done: Done) -> list[tuple[int, int]]:
        """Gradients of weights and biases, which stay; under autocast those of 2 bytes, which become them."""
        recorder, step = self.recorder, done.step
        counts = [count for count in (step.weights, step.biases) if count]
        cast = self.half and step.casts_parameters
        made = self._added(done.weights, [(2 if cast else 4) * count for count in counts])
        if step.kernel is not None:
            recorder.moment(weights_workspace(step.kernel, step.weights, half=self.half))
        # Autograd adds up what all users of the same weights find, before anything becomes of it.
        is_last = not self.uses[done.weights]
        return list(zip(made, counts, strict=True)) if cast and is_last else []

    def _added(self, weights: Weights, sizes: list[int]) -> list[int]:
        """The gradients of parameters: new ones, or those of a later user with these added to them."""
        self.uses[weights] -= 1
        known = self.found.get(weights)
        if known is None:
            known = self.found[weights] = [self._parameter_gradient(size) for size in sizes]
            return known
        for size in sizes:
            self.recorder.drop(self.recorder.allocate("gradient of parameters", 0, size))
        return known

    def _parameter_gradient(self, size: int) -> int:
        storage = self.recorder.allocate("gradient of parameters", 0, size)
        self.recorder.trace.parameter_gradients.append(storage)
        return storage

    def _add(self, tensor: Tensor, new: int) -> None:
        """Adds a gradient to that which a tensor has: in its place, unless others use that too."""
        recorder, old = self.recorder, tensor.gradient
        if old is None:
            tensor.gradient = new
            return
        if recorder.references[old] > 1:
            tensor.gradient = recorder.allocate("gradient", tensor.elements * tensor.size)
            recorder.drop(old)
        recorder.drop(new)
