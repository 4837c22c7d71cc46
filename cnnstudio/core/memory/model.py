"""A network's use of memory under PyTorch, found once for a precision and a mode, and then for any batch.

The rule, the 392 measurements on a GPU that it comes from, and what it does not cover stand in `docs/memory.md`.
"""

from __future__ import annotations

from functools import cached_property

from msgspec import Struct

from cnnstudio.core.arithmetic.measure import Measure
from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.counting.expansion import expanded
from cnnstudio.core.counting.rows import Row
from cnnstudio.core.memory.backward import Backward
from cnnstudio.core.memory.forward import Forward
from cnnstudio.core.memory.nodes import rows_of, run_of
from cnnstudio.core.memory.recording import Recorder
from cnnstudio.core.memory.trace import Peak, alive_at, allocated, kept_bytes, peak_of, sizes_of
from cnnstudio.core.network.memory_setting import HOPPER_WORKSPACE, MIB, STATES, Optimizer, Setting, workspace_of

HANDLES = 2
"""The handles of cuBLAS in a process that has trained: one for each of the two threads."""


class Parts(Struct, frozen=True):
    """The contents of the peak by the low estimate, in bytes; together they are the peak.

    `weights` with the moving statistics; `optimizer`: its states, and what its step takes for a moment; `kept` for
    backward; `in_flight`: other tensors between layers, gradients of activations, workspaces; `fixed`: the batch of
    inputs and the workspaces of cuBLAS.
    """

    weights: int
    gradients: int
    optimizer: int
    kept: int
    in_flight: int
    fixed: int

    @property
    def total(self) -> int:
        """Their sum."""
        return self.weights + self.gradients + self.optimizer + self.kept + self.in_flight + self.fixed


class Fixed(Struct, frozen=True):
    """Bytes that a batch does not change, as the allocator rounds them; `inputs` are elements for one example."""

    parameters: int
    trained: int
    state: int
    inputs: tuple[int, ...]


class Estimate(Struct, frozen=True):
    """The memory of one training step or of one inference, in bytes.

    `kept` is exact. The peak lies between `low`, with the workspaces that are sure, and `high`. `at` is the layer by
    whose step the low one is reached, None for the step of the optimizer; `is_backward` says in which pass.
    `levels` are the most bytes alive in each step of a layer, in the order of `layers`, forward and from `turn` on
    backward; `optimizer_step` are those alive in the step of the optimizer, 0 in inference.
    """

    setting: Setting
    kept: Measure
    static: int
    low: int
    high: int
    parts: Parts
    at: int | None
    is_backward: bool
    levels: tuple[int, ...]
    layers: tuple[int, ...]
    turn: int
    optimizer_step: int


class MemoryModel:
    """The memory of a design; ValueError if it has too many layers.

    `casts`: autocast to 16 bits. `unknown` is the number of layers that cannot be counted, or of which nobody can say
    what they keep: then all figures are lower bounds.
    """

    def __init__(self, analysis: Analysis, *, casts: bool, trains: bool) -> None:
        self.title = analysis.design.name
        self.casts = casts
        self.trains = trains
        run = run_of(analysis, half=casts)
        self._entries = analysis.entries
        self.nodes = run.nodes
        self.told_with = run.told_with
        unsure = [node for node in run.nodes if any(step.unknown for step in node.steps)]
        self.unknown = run.uncounted + (len(unsure) if trains else 0)
        self.unsure = {id(node) for node in unsure}
        recorder = Recorder()
        forward = Forward(run, recorder, half=casts, trains=trains)
        forward.run()
        if trains and run.nodes:
            Backward(recorder, half=casts).run(forward.done, forward.outputs)
        self.trace = recorder.trace

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """The row of each node, under the path of its own repeat."""
        return rows_of(self.told_with, expanded(self._entries))

    @cached_property
    def places(self) -> dict[str, int]:
        """The node of each layer, by its path."""
        return {self.rows[at].path: at for at, told in enumerate(self.told_with) if told == at}

    @cached_property
    def fixed(self) -> Fixed:
        """Parameters and moving statistics."""
        parameters = trained = state = 0
        inputs: list[int] = []
        for node in self.nodes:
            counts = node.row.counts
            if not node.steps:
                inputs.append(node.row.activations or 0)
            if node.edge or counts is None or not (counts.parameters or counts.state):
                continue
            steps = [count for step in node.steps for count in (step.weights, step.biases)]
            size = sum([allocated(4 * count) for count in steps])
            parameters += size
            trained += size if node.row.layer.trainable else 0
            # Mean and variance, and PyTorch's counter of batches.
            state += 2 * allocated(2 * counts.state) + allocated(8) if counts.state else 0
        return Fixed(parameters, trained, state, tuple(inputs))

    def kept(self, batch: int) -> Measure:
        """The bytes kept for backward: a lower bound where something is unknown."""
        return Measure(kept_bytes(self.trace, batch), "at least" if self.unknown else "exact")

    def static(self, setting: Setting, workspace: int = HOPPER_WORKSPACE) -> int:
        """Bytes that are there before the step: weights, states, inputs, and the workspaces of cuBLAS."""
        return self.fixed.parameters + self.fixed.state + self._states(setting) + self._given(setting, workspace)

    def bounds(self, setting: Setting, workspace: int = HOPPER_WORKSPACE) -> tuple[int, int]:
        """The peak by the low and by the high estimate."""
        peak = peak_of(self.trace, setting.batch)
        static, step = self.static(setting, workspace), self._optimizer_step(setting)
        return static + max(peak.low, step), static + max(peak.high, step)

    def estimate(self, setting: Setting, workspace: int = HOPPER_WORKSPACE) -> Estimate:
        """Everything for a batch and an optimizer; precision and mode are those of the model."""
        trace, static = self.trace, self.static(setting, workspace)
        peak, step = peak_of(trace, setting.batch), self._optimizer_step(setting)
        in_step = step > peak.low
        return Estimate(
            setting,
            self.kept(setting.batch),
            static,
            static + max(peak.low, step),
            static + max(peak.high, step),
            self._parts(setting, workspace, None if in_step else peak),
            None if in_step or not trace.marks else trace.marks[peak.mark],
            not in_step and peak.mark >= trace.turn,
            tuple([static + level for level in peak.levels]),
            tuple(trace.marks),
            trace.turn,
            static + step if self.trains else 0,
        )

    def _states(self, setting: Setting) -> int:
        """The optimizer's numbers for what is trained."""
        return STATES[setting.optimizer] * self.fixed.trained if self.trains else 0

    def _given(self, setting: Setting, workspace: int) -> int:
        """The batch of inputs, and cuBLAS: a handle forward, another for the thread of backward, and 1 MiB.

        Inference is meant in a process that has trained, as for validation; without, it has one handle.
        """
        inputs = sum([allocated(4 * setting.batch * elements) for elements in self.fixed.inputs])
        return inputs + HANDLES * workspace + MIB

    def _optimizer_step(self, setting: Setting) -> int:
        """Gradients, and the temporary root that Adam takes of all its second moments, unless it is fused."""
        if not self.trains:
            return 0
        return self.fixed.trained * (2 if _takes_roots(setting.optimizer) and not setting.fused else 1)

    def _parts(self, setting: Setting, workspace: int, peak: Peak | None) -> Parts:
        """The peak taken apart, in a step of a layer or, without one, in that of the optimizer."""
        weights, given = self.fixed.parameters + self.fixed.state, self._given(setting, workspace)
        states, trained = self._states(setting), self.fixed.trained
        if peak is None:
            return Parts(weights, trained, states + self._optimizer_step(setting) - trained, 0, 0, given)
        sizes, alive = sizes_of(self.trace, setting.batch), alive_at(self.trace, peak.event)
        kept, gradients = {kept.storage for kept in self.trace.kept}, set(self.trace.parameter_gradients)
        for_backward = sum([sizes[storage] for storage in alive if storage in kept])
        of_parameters = sum([sizes[storage] for storage in alive if storage in gradients])
        return Parts(weights, of_parameters, states, for_backward, peak.low - for_backward - of_parameters, given)


def _takes_roots(optimizer: Optimizer) -> bool:
    return optimizer in ("adam", "adamw")


def model_of(analysis: Analysis, setting: Setting) -> MemoryModel:
    """The memory of a design by a precision and a mode, found once; ValueError if it has too many layers."""
    # Kept by the analysis, as its cached properties are: table, chart, budgets and the view of memory ask for the same.
    key = f"memory {setting.casts} {setting.trains}"
    if key not in analysis.__dict__:
        analysis.__dict__[key] = MemoryModel(analysis, casts=setting.casts, trains=setting.trains)
    found: MemoryModel = analysis.__dict__[key]
    return found


def estimate(analysis: Analysis, setting: Setting) -> Estimate:
    """The memory of a design in a setting; ValueError if it has too many layers."""
    return model_of(analysis, setting).estimate(setting, workspace_of(setting.card))
