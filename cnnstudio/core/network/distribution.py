"""Layers that are applied at each step of a sequence, as all in a block with `time_distributed` are.

The steps lie along the first spatial axis. Each of them is an input of its own to the layer, with the same weights: the
parameters are those for one step, and the MACs those of one step times the number of steps. Source:
keras.layers.TimeDistributed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import structs

from cnnstudio.core.arithmetic.derivation import product
from cnnstudio.core.arithmetic.receptive_field import Reach, WholeStep
from cnnstudio.core.arithmetic.shape import MAX_RANK, ONE_ELEMENT, Shape
from cnnstudio.core.network.design import Block, Design, ItemPath, find
from cnnstudio.core.network.layer import Counts, Layer, Scope
from cnnstudio.core.network.problem import Refusal, Remark

AT_EACH_STEP: Final = "at each step"


def step_axes_in(design: Design, parent: ItemPath) -> int:
    """The axes along which the items of a list are applied at each step, by the blocks around it."""
    blocks = [find(design, parent[:depth]) for depth in range(1, len(parent) + 1)]
    return sum([isinstance(block, Block) and block.time_distributed for block in blocks])


def one_step(shape: Shape, step_axes: int) -> Shape:
    """The shape of one step, without the axes along which the steps lie."""
    return structs.replace(shape, spatial=shape.spatial[step_axes:]) if step_axes else shape


def with_steps(shape: Shape, steps: tuple[int, ...]) -> Shape:
    """The shape of so many steps, given that of one; they lie along the first axes."""
    return structs.replace(shape, spatial=(*steps, *shape.spatial)) if steps else shape


def further_at_each_step(layer: Layer, name: str, inputs: tuple[Shape, ...], output: Shape, step_axes: int) -> Shape:
    """The shape of a further output of a layer that is applied at each step."""
    taken = tuple([one_step(shape, step_axes) for shape in inputs])
    shape = layer.further_output(name, taken, one_step(output, step_axes))
    return with_steps(shape, output.spatial[:step_axes])


def counts_at_each_step(layer: Layer, inputs: tuple[Shape, ...], scope: Scope, step_axes: int) -> Counts:
    """The counts of a layer that is applied at each step along the first `step_axes` axes of its inputs.

    An Input takes nothing, and is what it says. Raises `Refusal` as the layer does for one step, and for inputs of
    unlike steps.
    """
    if not (step_axes and inputs):
        return layer.count(inputs, scope)
    steps = _steps_of(inputs, step_axes)
    counts = layer.count(tuple([one_step(shape, step_axes) for shape in inputs]), scope)
    output = with_steps(counts.output, steps)
    if output.rank > MAX_RANK:
        raise Refusal(
            "too-many-axes",
            f"with its steps the output has {output.rank} axes, and at most {MAX_RANK} are counted.",
            "Flatten what each step gives, or let fewer blocks be applied at each step.",
        )
    macs = scope.symbol("steps", product(steps)) * counts.macs if counts.macs else counts.macs
    return structs.replace(counts, output=output, macs=macs, reach=_reach(counts.reach, step_axes))


def _steps_of(inputs: tuple[Shape, ...], step_axes: int) -> tuple[int, ...]:
    """The steps that all inputs have."""
    steps = inputs[0].spatial[:step_axes]
    for shape in inputs:
        if len(shape.spatial) < step_axes or shape.spatial[:step_axes] != steps:
            raise Refusal(
                "unlike-steps",
                f"it is applied at each step, and receives {_listed(inputs)}, whose steps are not alike.",
                "Let all its inputs come from inside the block, or from the same steps.",
            )
    return steps


def _reach(reach: Reach, step_axes: int) -> Reach:
    """The reach of a layer at each step: along the steps it sees its own."""
    if reach == "whole":
        return WholeStep(step_axes)
    return (ONE_ELEMENT,) * step_axes + reach if isinstance(reach, tuple) else reach


def steps_fault(block: Block, inputs: tuple[Shape | None, ...], step_axes: int) -> Remark | None:
    """The remark on a block that is applied at each step, if not all that flows in has the same steps."""
    known = [shape for shape in inputs if shape is not None] if block.time_distributed else []
    for shape in known:
        if shape.rank < step_axes:
            return Remark(
                "no-steps",
                f"it is applied at each step along the first axis, and receives {shape}, which has none for them.",
                "Give it a sequence or a map, or turn time_distributed off.",
            )
    if len({shape.spatial[:step_axes] for shape in known}) < 2:
        return None
    return Remark(
        "unlike-steps",
        f"it is applied at each step along the first axis, and receives {_listed(known)}, whose steps are not alike.",
        "Give it inputs with as many steps as each other; RepeatVector gives a vector steps.",
    )


def _listed(shapes: Sequence[Shape]) -> str:
    return " and ".join(map(str, shapes))
