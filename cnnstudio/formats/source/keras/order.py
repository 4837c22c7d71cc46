"""The order in which a model of Keras holds its layers: by their distance from its outputs."""

from __future__ import annotations

from typing import Any

from cnnstudio.formats.source.keras.graph import Steps


def ordered(steps: Steps, outputs: list[int]) -> list[Any]:
    """The layers, models and inputs that lead to the outputs, each once, the farthest first.

    Those at one distance stand in the order in which they are met on the way back from the outputs.
    """
    met, done = _walked(steps, outputs)
    depths: dict[int, int] = {}
    deepest: dict[int, int] = {}
    for step in reversed(done):
        key = id(steps.maker(step))
        depth = max(depths.get(step, 0), deepest.get(key, 0))
        depths[step] = deepest[key] = depth
        for source in steps.draft.steps[step].inputs:
            is_inside = steps.maker(source) is steps.maker(step)
            depths[source] = max(depths.get(source, 0), depth if is_inside else depth + 1)
    return sorted(met, key=lambda maker: -deepest[id(maker)])


def _walked(steps: Steps, outputs: list[int]) -> tuple[list[Any], list[int]]:
    """The parts that are met on the way back, and the steps, each after those that it takes."""
    met: dict[int, Any] = {}
    done: dict[int, None] = {}
    waiting = [(step, False) for step in reversed(outputs)]
    while waiting:
        step, is_left = waiting.pop()
        if is_left:
            done[step] = None
        elif step not in done:
            maker = steps.maker(step)
            met.setdefault(id(maker), maker)
            waiting.append((step, True))
            waiting.extend((source, False) for source in reversed(steps.draft.steps[step].inputs))
    return list(met.values()), list(done)
