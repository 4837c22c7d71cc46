"""Below an error, or an input without a size: the parameters that do not depend on the sizes which are unknown there.

The rule of a layer is run for two sizes instead of the unknown one. What comes out alike does not depend on it, and is
known: the parameters of a convolution, the vector after global pooling, the outputs of a dense layer.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from msgspec import Struct, structs

from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.network.distribution import further_at_each_step
from cnnstudio.core.network.layer import Counts, Layer, Scope
from cnnstudio.core.network.problem import Remark
from cnnstudio.core.network.value_text import UNKNOWN_AXIS

SIDES = (1_920, 5_760)
"""The sizes that stand for an unknown one: large enough for any window, and evenly divided by what is usual."""


class Guesses(Struct, frozen=True, gc=False):
    """A shape of which sizes are unknown, with each of the two; `is_unsized`: because no size of the input is given."""

    small: Shape
    large: Shape
    is_unsized: bool = False

    def __getitem__(self, which: int) -> Shape:
        """The shape with the first or with the second of the sizes."""
        return self.large if which else self.small


class Partial(Struct, frozen=True, gc=False):
    """The part of a layer's counts that is known where the sizes that flow in are not.

    `inputs` and `outputs` are shapes with either size; `output` is the shape of the output if it is known. `given` are
    its further outputs, by their names, of none that is at fault itself. `stored` are counts in which only what is
    learned and stored means something; None if that depends on the sizes, and for a layer that is at fault itself.
    """

    inputs: tuple[Shape, ...]
    outputs: Guesses
    output: Shape | None = None
    stored: Counts | None = None
    given: dict[str, Guesses] = {}


def guessed_inputs(layer: Layer, given: list[Shape | Guesses]) -> tuple[tuple[Shape, ...], tuple[Shape, ...]]:
    """The shapes that flow into a layer for each of the two sizes.

    Where nothing but the layer itself is at fault, its inputs get these sizes. Branches that join have equal sizes, or
    will have them once the error is mended.
    """
    unknown = next((shapes for shapes in given if not isinstance(shapes, Shape)), None)
    return _inputs(layer, given, unknown, 0), _inputs(layer, given, unknown, 1)


def _inputs(layer: Layer, given: list[Shape | Guesses], unknown: Guesses | None, which: int) -> tuple[Shape, ...]:
    found: list[Shape] = []
    for shapes in given:
        shape = shapes if isinstance(shapes, Shape) else shapes[which]
        if unknown is None:
            shape = structs.replace(shape, spatial=(SIDES[which],) * shape.rank)
        elif layer.merges and shape.rank == unknown[which].rank:
            shape = structs.replace(shape, spatial=unknown[which].spatial)
        found.append(shape)
    return tuple(found)


def unsized_part(layer: Layer, scope: Scope) -> Partial:
    """The part that is known of an input of which a size is not given."""
    small, large = (layer.sized(side).count((), scope) for side in SIDES)
    return _partial_of(layer, ((), ()), small, large, is_unsized=True)


def part_of(
    layer: Layer,
    given: list[Shape | Guesses],
    count: Callable[[Layer, tuple[Shape, ...]], Counts | Remark],
    step_axes: int,
    *,
    is_unsized: bool,
) -> Partial | Remark | None:
    """The part that is known of a layer which takes this; None if nothing is.

    The remark that it has with either size, if no size of the input is given: no size would suit it.
    """
    inputs = guessed_inputs(layer, given)
    first = count(layer, inputs[0])
    is_over = isinstance(first, Remark) and not is_unsized  # only without a size the other one matters too
    second = first if is_over else count(layer, inputs[1])
    if isinstance(first, Counts) and isinstance(second, Counts):
        is_error = all(isinstance(shapes, Shape) for shapes in given)
        return _partial_of(layer, inputs, first, second, step_axes, is_error=is_error, is_unsized=is_unsized)
    if is_unsized and isinstance(first, Remark) and isinstance(second, Remark) and first.rule == second.rule:
        return whatever_the_size(first, second)
    return None


def whatever_the_size(first: Remark, second: Remark) -> Remark:
    """The remark on a layer that refuses either of two sizes, neither of which is given: `?` where they differ."""
    return Remark(first.rule, _in_common(first.sentence, second.sentence), _in_common(first.remedy, second.remedy))


def _in_common(first: str, second: str) -> str:
    words, others = (re.split(r"(\d+)", text) for text in (first, second))
    if len(words) != len(others):
        return first
    return "".join([word if word == other else UNKNOWN_AXIS for word, other in zip(words, others, strict=True)])


def _partial_of(
    layer: Layer,
    inputs: tuple[tuple[Shape, ...], tuple[Shape, ...]],
    small: Counts,
    large: Counts,
    step_axes: int = 0,
    *,
    is_error: bool = False,
    is_unsized: bool = False,
) -> Partial:
    """The part that two counts have in common; of a layer at fault only what flows out.

    `is_unsized`: what is unknown is so because no size of the input is given.
    """
    outputs = Guesses(small.output, large.output, is_unsized)
    if is_error:
        return Partial(inputs[0], outputs)
    output = small.output if small.output == large.output else None
    stored = structs.replace(small, macs=None) if _stored(small) == _stored(large) else None
    given = {
        name: Guesses(
            further_at_each_step(layer, name, inputs[0], small.output, step_axes),
            further_at_each_step(layer, name, inputs[1], large.output, step_axes),
            is_unsized,
        )
        for name in layer.further_outputs
    }
    return Partial(inputs[0], outputs, output, stored, given)


def _stored(counts: Counts) -> tuple[int, ...]:
    return counts.weights, counts.biases, counts.parameters, counts.state
