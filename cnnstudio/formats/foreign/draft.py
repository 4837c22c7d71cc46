"""A network as a reader understood it: its layers in the order of execution, before they get names and blocks."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from cnnstudio.core.arithmetic.convention import CONVENTIONS, ConventionKey
from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.counting.analysis import count_layer
from cnnstudio.core.network.distribution import one_step, with_steps
from cnnstudio.core.network.layer import MAX_COUNT, Counts, Layer
from cnnstudio.formats.foreign.refusals import NotUnderstood
from cnnstudio.layers.structure import Opaque

MAX_STEPS = 100_000
"""Layers of a foreign network; a file with more is refused."""


class Numbers(Struct, frozen=True):
    """Numbers that the file holds for a step: learned ones, and stored ones that are not learned."""

    learned: int = 0
    stored: int = 0


NO_NUMBERS = Numbers()


class Step(Struct):
    """One layer, without name and inputs, and the steps that it takes.

    `path` leads to it through the modules or name parts of the file and ends in its own name. `layer` is None for an
    operation that is no layer by itself, such as a square root: `kind` and `constants` say which; a pass finds what it
    is a part of, or it becomes an `Opaque`. `numbers` are those of the file, None if the file has none to compare.
    `shares` is the step whose weights it uses, None if it has its own. `step_axes`: it is applied at each step along so
    many of the first axes, as by Keras' TimeDistributed. `steps`: until the end of reading its shape is that of one
    of so many steps, which its file takes for examples.
    """

    layer: Layer | None
    path: tuple[str, ...]
    inputs: tuple[int, ...]
    shape: Shape
    kind: str = ""
    numbers: Numbers | None = None
    constants: dict[str, Any] = {}
    is_dropped: bool = False
    macs: int | None = 0
    shares: int | None = None
    step_axes: int = 0
    steps: tuple[int, ...] = ()


class Draft:
    """The steps so far, and what the report will say of them.

    `discounted` are numbers of the file that turned out to be no learned ones. `joint` stands between the parts of a
    path where they make one name. `faults` are mistakes of the source, with what is right in the design. `step_axes`
    are those of the steps that are added.
    """

    def __init__(self, convention: ConventionKey = "pytorch") -> None:
        self.convention = CONVENTIONS[convention]
        self.joint = "_" if convention == "keras" else "."
        self.steps: list[Step] = []
        self.outputs: list[int] = []
        self.assumed: list[str] = []
        self.replaced: dict[str, int] = {}
        self.notes: list[str] = []
        self.faults: list[str] = []
        self.shapes_checked = 0
        self.different: list[str] = []
        self.discounted = 0
        self.step_axes = 0

    def add(self, layer: Layer, path: tuple[str, ...], inputs: tuple[int, ...], numbers: Numbers | None = None) -> int:
        """Adds a layer; its index. NotUnderstood if its rule refuses these inputs."""
        shapes = self.taken_shapes(layer, inputs)
        output = self.counted(layer, shapes, path, self.step_axes).output
        return self.append(Step(layer, path, inputs, output, "", numbers))

    def taken_shapes(self, layer: Layer, inputs: tuple[int, ...]) -> tuple[Shape, ...]:
        """The shapes that flow into a layer from these steps: of their outputs, or of the further one that it takes."""
        steps = [self.steps[source] for source in inputs]
        if not layer.picks or steps[0].layer is None:
            return tuple([step.shape for step in steps])
        axes = steps[0].step_axes
        given = [one_step(shape, axes) for shape in self.taken_shapes(steps[0].layer, steps[0].inputs)]
        further = steps[0].layer.further_output(layer.picks, tuple(given), one_step(steps[0].shape, axes))
        return (with_steps(further, steps[0].shape.spatial[:axes]),)

    def counts_of(self, step: Step) -> Counts:
        """The result of a step that is a layer. Raises NotUnderstood with the sentence of its refusal."""
        assert step.layer is not None
        return self.counted(step.layer, self.taken_shapes(step.layer, step.inputs), step.path, step.step_axes)

    def counted(self, layer: Layer, shapes: tuple[Shape, ...], path: tuple[str, ...], step_axes: int = 0) -> Counts:
        """The result of a layer for these shapes. Raises NotUnderstood with the sentence of its refusal."""
        counts = count_layer(layer, shapes, self.convention.rules, step_axes)
        if isinstance(counts, Counts):
            return counts
        raise NotUnderstood(f"'{'/'.join(path)}': {counts.sentence}")

    def append(self, step: Step) -> int:
        """Adds a step; its index. NotUnderstood beyond the bound."""
        if len(self.steps) >= MAX_STEPS:
            raise NotUnderstood(f"holds more than {MAX_STEPS:,} operations, and so many are not read.")
        if max(step.shape.to_list()) > MAX_COUNT or min(step.shape.to_list()) < 1:
            raise NotUnderstood(f"'{'/'.join(step.path)}' has the impossible output shape {step.shape}.")
        step.step_axes = self.step_axes
        step.steps = self._steps_of(step)
        self.steps.append(step)
        return len(self.steps) - 1

    def _steps_of(self, step: Step) -> tuple[int, ...]:
        """The steps of which all inputs of a new step are one. NotUnderstood where they differ."""
        found = {self.steps[source].steps for source in step.inputs}
        if len(found) > 1:
            raise NotUnderstood(f"'{'/'.join(step.path)}' joins what is done at each step with what is not.")
        return next(iter(found), ())

    def primitive(
        self, kind: str, path: tuple[str, ...], inputs: tuple[int, ...], shape: Shape, **constants: Any
    ) -> int:
        """Adds an operation that is no layer by itself."""
        return self.append(Step(None, path, inputs, shape, kind, None, constants))

    def opaque(
        self,
        kind: str,
        path: tuple[str, ...],
        inputs: tuple[int, ...],
        shape: Shape,
        numbers: Numbers = NO_NUMBERS,
        macs: int | None = None,
        biases: int = 0,
    ) -> int:
        """Adds a placeholder with its shape and numbers from the file."""
        return self.append(
            Step(placeholder(shape, numbers, macs, biases), path, inputs, shape, kind, numbers, macs=macs)
        )

    def check(self, index: int, stated: tuple[int, ...], what: str) -> None:
        """Compares the shape that the file states with the one that the step has."""
        self.shapes_checked += 1
        if tuple(self.steps[index].shape.to_list()) != stated:
            self.different.append(f"{what}: the file says {stated}, counted {tuple(self.steps[index].shape.to_list())}")

    def note_replaced(self, name: str, times: int = 1) -> None:
        """Counts what a pass of this name replaced."""
        self.replaced[name] = self.replaced.get(name, 0) + times

    def users(self) -> list[list[int]]:
        """For each step the steps that take it, outputs of the network apart."""
        result: list[list[int]] = [[] for _ in self.steps]
        for index, step in enumerate(self.steps):
            if not step.is_dropped:
                for source in step.inputs:
                    result[source].append(index)
        return result


def placeholder(shape: Shape, numbers: Numbers, macs: int | None, biases: int = 0) -> Opaque:
    """An Opaque with this output and these numbers."""
    size = shape.spatial
    return Opaque(
        channels=shape.channels,
        size=size,
        parameters=numbers.learned,
        biases=min(biases, numbers.learned),
        state=numbers.stored,
        macs=macs,
    )
