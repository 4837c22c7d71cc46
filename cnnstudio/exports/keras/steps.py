"""Layers that are applied at each step of a sequence, as Keras says them: TimeDistributed, or a helper around more."""

from __future__ import annotations

from typing import Final

from cnnstudio.exports.keras.naming import Name, Parts, Then, made_apart
from cnnstudio.exports.source.saying import AT_EACH_STEP, Part, step_names

HELPER: Final = '''
def at_each_step(function, *inputs, axes=1):
    """Applies a function at each step along the first axes, as if the steps were examples."""
    steps = inputs[0].shape[1 : 1 + axes]
    given = function(*[ops.reshape(x, (-1, *x.shape[1 + axes :])) for x in inputs])
    results = [ops.reshape(x, (-1, *steps, *x.shape[1:])) for x in (given if type(given) is tuple else [given])]
    return tuple(results) if type(given) is tuple else results[0]
'''


def at_each_step(expression: Parts, inputs: int, step_axes: int) -> Parts:
    """An expression for one step, applied at each step along some axes of its inputs."""
    made, applied = made_apart(expression, "")
    if made and step_axes == 1 and applied[1:] == (0, ")"):
        at = next(place for place, part in enumerate(made) if isinstance(part, Name))
        lead = str(made[at - 1]).removesuffix("name=").removesuffix(", ")
        return ("layers.TimeDistributed(", *made[: at - 1], f"{lead})", ", name=", made[at], ")(", 0, ")")
    steps = step_names(inputs)
    given = [part for at in range(inputs) for part in (", ", at)]
    axes = f", axes={step_axes}" if step_axes > 1 else ""
    return (f"{AT_EACH_STEP}(lambda {', '.join(steps)}: ", *_of_steps(expression, steps), *given, f"{axes})")


def _of_steps(expression: Parts, steps: list[str]) -> tuple[Part | Name, ...]:
    """The expression in one, with the variables of one step for its inputs."""
    found: list[Part | Name] = []
    for part in expression:
        if isinstance(part, Then):
            found += ["(", *_of_steps(part.expression, steps), ")"]
        else:
            found.append(steps[part] if type(part) is int else part)
    return tuple(found)
