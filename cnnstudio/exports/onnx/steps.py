"""Layers that are applied at each step of a sequence, as ONNX says them: made examples, and steps again."""

from __future__ import annotations

from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.network.distribution import one_step
from cnnstudio.exports.onnx.building import GraphBuilder


def steps_as_examples(graph: GraphBuilder, value: str, shape: Shape, step_axes: int) -> str:
    """A value whose steps lie along the first axes behind its channels, as one that has them along the batch."""
    if not step_axes:
        return value
    inner = one_step(shape, step_axes)
    behind = 2 + step_axes
    first = graph.add("Transpose", value, perm=(0, *range(2, behind), 1, *range(behind, 2 + shape.rank)))
    return graph.add("Reshape", first, graph.whole((-1, *inner.to_list())))


def examples_as_steps(graph: GraphBuilder, value: str, inner: Shape, steps: tuple[int, ...]) -> str:
    """A value of which each example is a step of shape `inner`, as one with `steps` along the axes behind channels."""
    if not steps:
        return value
    apart = graph.add("Reshape", value, graph.whole((-1, *steps, *inner.to_list())))
    channels = 1 + len(steps)
    end = channels + 1 + inner.rank
    return graph.add("Transpose", apart, perm=(0, channels, *range(1, channels), *range(channels + 1, end)))
