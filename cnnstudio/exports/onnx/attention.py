"""ONNX's way to say attention, learned tensors, and windows of a map: by products, and by moving axes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod, sqrt
from typing import Any

from msgspec import Struct

from cnnstudio.core.arithmetic.shape import Shape, per_axis
from cnnstudio.core.network.layer import Layer
from cnnstudio.exports.onnx.building import GraphBuilder
from cnnstudio.layers.attention.heads import DotProductAttention, MultiHeadAttention
from cnnstudio.layers.attention.products import MatMul
from cnnstudio.layers.attention.running import SCORES
from cnnstudio.layers.attention.windows import RelativePositionBias, WindowAttention
from cnnstudio.layers.tensors.learned import Parameter
from cnnstudio.layers.tensors.partition import WindowMerge, WindowPartition

Shapes = tuple[Shape, ...]
Window = tuple[int, ...]
MASKED = -100.0
"""Added to the scores of positions that may not attend to each other, as in torchvision."""


class _Rows(Struct, frozen=True):
    """A tensor of channels × positions that attend to each other; with rows before the positions, each by itself."""

    tensor: str
    channels: int
    spatial: tuple[int, ...]

    def sizes(self, heads: int) -> tuple[int, ...]:
        """Heads and the channels of each in place of the channels."""
        return (heads, self.channels // heads, *self.spatial)


def multi_head(graph: GraphBuilder, item: MultiHeadAttention, inputs: list[str], shapes: Shapes, output: Shape) -> str:
    """Projections by convolutions with a kernel of 1, and the products between them."""
    return multi_head_results(graph, item, inputs, shapes, output)[""]


def multi_head_results(
    graph: GraphBuilder, item: MultiHeadAttention, inputs: list[str], shapes: Shapes, output: Shape
) -> dict[str, str]:
    """The output of an attention under no name, and its scores, with rows that attend apart after the heads."""
    key_size, value_size, units = item.sizes(shapes)
    places = (0, min(1, len(inputs) - 1), len(inputs) - 1)
    widths = (item.heads * key_size, item.heads * key_size, item.heads * value_size)
    query, key, value = [
        _projected(graph, _rows(graph, inputs[place], shapes[place], item.attends_to), name, width, bias=item.bias)
        for place, name, width in zip(places, ("query", "key", "value"), widths, strict=True)
    ]
    mixed, scores = _attended(graph, query, key, value, item.heads)
    has_rows = len(query.spatial) > 1
    given = {SCORES: graph.add("Transpose", scores, perm=(0, 2, 1, 3, 4)) if has_rows else scores}
    return {**given, "": _shaped(graph, _projected(graph, mixed, "output", units, bias=item.bias), output)}


def dot_product(
    graph: GraphBuilder, item: DotProductAttention, inputs: list[str], shapes: Shapes, output: Shape
) -> str:
    """The two products."""
    query, key, value = [_rows(graph, x, shape, item.attends_to) for x, shape in zip(inputs, shapes, strict=True)]
    return _shaped(graph, _attended(graph, query, key, value, item.heads)[0], output)


def window_attention(
    graph: GraphBuilder, item: WindowAttention, inputs: list[str], shapes: Shapes, output: Shape
) -> str:
    """Padded, rolled and cut into windows; attended; put together, rolled back and cut."""
    shape, window = shapes[0], per_axis(item.window, 2)
    sizes = tuple(size + -size % side for size, side in zip(shape.spatial, window, strict=True))
    padded = Shape(shape.channels, sizes)
    shifts = tuple(item.shift if side < size else 0 for side, size in zip(window, sizes, strict=True))
    ends = tuple(whole - size for whole, size in zip(sizes, shape.spatial, strict=True))
    x = graph.add("Pad", inputs[0], graph.whole((0, 0, 0, 0, 0, 0, *ends)), mode="constant") if any(ends) else inputs[0]
    x = _to_windows(graph, _rolled(graph, x, sizes, shifts), padded, window)
    cut = _Rows(x, shape.channels, (prod(sizes) // prod(window), prod(window)))
    packed = _projected(graph, cut, "qkv", 3 * shape.channels, bias=item.bias)
    query, key, value = [_part(graph, packed, at, shape.channels) for at in range(3)]
    added = [_looked_up(graph, "positions.weight", window, item.heads)] if item.relative_positions else []
    if any(shifts):
        added.append(_mask(graph, sizes, window, shifts))
    mixed = _projected(
        graph, _attended(graph, query, key, value, item.heads, added)[0], "output", shape.channels, bias=item.bias
    )
    whole = _from_windows(graph, mixed.tensor, padded, window)
    whole = _rolled(graph, whole, sizes, tuple(-shift for shift in shifts))
    if not any(ends):
        return whole
    return graph.add("Slice", whole, *[graph.whole(numbers) for numbers in ((0, 0), output.spatial, (2, 3))])


def relative_bias(
    graph: GraphBuilder, item: RelativePositionBias, inputs: list[str], shapes: Shapes, _output: Shape
) -> str:
    """A learned table, looked up by the distance of two positions."""
    bias = _looked_up(graph, "weight", per_axis(item.window, 2), shapes[0].channels)
    if shapes[0].rank == 3:
        bias = graph.add("Unsqueeze", bias, graph.whole((1,)))
    return graph.add("Add", inputs[0], bias)


def matmul(graph: GraphBuilder, item: MatMul, inputs: list[str], shapes: Shapes, _output: Shape) -> str:
    """A product of the last two axes."""
    taken = [
        _exchanged(graph, x, shape.rank) if transposed else x
        for x, shape, transposed in zip(inputs, shapes, (item.transpose_first, item.transpose_second), strict=True)
    ]
    return graph.add("MatMul", *taken)


def _exchanged(graph: GraphBuilder, x: str, rank: int) -> str:
    """The last two axes exchanged."""
    return graph.add("Transpose", x, perm=(*range(rank), rank + 1, rank))


def parameter(graph: GraphBuilder, item: Parameter, inputs: list[str], shapes: Shapes, _output: Shape) -> str:
    """A weight that is added, multiplied, or repeated for every example and joined."""
    tensor = item.tensor(shapes[0])
    weight = graph.weight("weight", tensor.to_list(), "weight")
    if item.use in ("add", "multiply"):
        return graph.add("Add" if item.use == "add" else "Mul", inputs[0], weight)
    batch = graph.add("Shape", inputs[0], start=0, end=1)
    sizes = graph.add("Concat", batch, graph.whole(tensor.to_list()), axis=0)
    each = graph.add("Expand", weight, sizes)
    if item.use == "alone":
        return each
    return graph.add("Concat", *((each, inputs[0]) if item.use == "first" else (inputs[0], each)), axis=item.axis + 1)


def partition(graph: GraphBuilder, item: WindowPartition, inputs: list[str], shapes: Shapes, _output: Shape) -> str:
    """Windows beside each other."""
    return _to_windows(graph, inputs[0], shapes[0], per_axis(item.window, 2))


def merge(graph: GraphBuilder, item: WindowMerge, inputs: list[str], _shapes: Shapes, output: Shape) -> str:
    """Windows put together."""
    return _from_windows(graph, inputs[0], output, per_axis(item.window, 2))


def _rows(graph: GraphBuilder, x: str, shape: Shape, attends_to: str) -> _Rows:
    """A map as one row of all positions, or as a row for each place on the other axes."""
    is_one = attends_to == "map" or shape.rank == 1
    spatial = (shape.positions,) if is_one else (prod(shape.spatial[:-1]), shape.spatial[-1])
    if spatial != shape.spatial:
        x = graph.add("Reshape", x, graph.whole((0, shape.channels, *spatial)))
    return _Rows(x, shape.channels, spatial)


def _shaped(graph: GraphBuilder, rows: _Rows, output: Shape) -> str:
    """Rows as the map that they were made of."""
    if rows.spatial == output.spatial:
        return rows.tensor
    return graph.add("Reshape", rows.tensor, graph.whole((0, *output.to_list())))


def _projected(graph: GraphBuilder, x: _Rows, name: str, units: int, *, bias: bool) -> _Rows:
    """A linear layer at each position."""
    kernel = [1] * len(x.spatial)
    weight = graph.weight(f"{name}.weight", (units, x.channels, *kernel), "weight", x.channels)
    biases = [graph.weight(f"{name}.bias", (units,), "bias")] if bias else []
    return _Rows(graph.add("Conv", x.tensor, weight, *biases, kernel_shape=kernel), units, x.spatial)


def _attended(
    graph: GraphBuilder, query: _Rows, key: _Rows, value: _Rows, heads: int, added: Sequence[str] = ()
) -> tuple[_Rows, str]:
    """softmax(Q · K / √d + what is added) · V for each row and head, and the softmax."""

    def split(part: _Rows, order: tuple[int, ...]) -> str:
        shaped = graph.add("Reshape", part.tensor, graph.whole((0, *part.sizes(heads))))
        return graph.add("Transpose", shaped, perm=order) if list(order) != sorted(order) else shaped

    # Rows, where there are some, come before the heads.
    has_rows = len(query.spatial) > 1
    across, down = ((0, 3, 1, 4, 2), (0, 3, 1, 2, 4)) if has_rows else ((0, 1, 3, 2), (0, 1, 2, 3))
    scores = graph.add("MatMul", split(query, across), split(key, down))
    scores = graph.add("Mul", scores, graph.number(1 / sqrt(query.channels // heads)))
    for term in added:
        scores = graph.add("Add", scores, term)
    weights = graph.add("Softmax", scores, axis=-1)
    mixed = graph.add("MatMul", weights, split(value, across))
    moved = graph.add("Transpose", mixed, perm=(0, 2, 4, 1, 3) if has_rows else (0, 1, 3, 2))
    sizes = (value.channels, *query.spatial)
    return _Rows(graph.add("Reshape", moved, graph.whole((0, *sizes))), value.channels, query.spatial), weights


def _part(graph: GraphBuilder, packed: _Rows, at: int, channels: int) -> _Rows:
    """Some of the channels."""
    bounds = (at * channels, (at + 1) * channels, 1)
    part = graph.add("Slice", packed.tensor, *[graph.whole((number,)) for number in bounds])
    return _Rows(part, channels, packed.spatial)


def _to_windows(graph: GraphBuilder, x: str, shape: Shape, window: Window) -> str:
    counts = [size // side for size, side in zip(shape.spatial, window, strict=True)]
    first = (0, shape.channels, counts[0], window[0], counts[1], window[1])
    moved = graph.add("Transpose", graph.add("Reshape", x, graph.whole(first)), perm=(0, 1, 2, 4, 3, 5))
    return graph.add("Reshape", moved, graph.whole((0, shape.channels, prod(counts), prod(window))))


def _from_windows(graph: GraphBuilder, x: str, shape: Shape, window: Window) -> str:
    counts = [size // side for size, side in zip(shape.spatial, window, strict=True)]
    first = (0, shape.channels, *counts, *window)
    moved = graph.add("Transpose", graph.add("Reshape", x, graph.whole(first)), perm=(0, 1, 2, 4, 3, 5))
    return graph.add("Reshape", moved, graph.whole((0, *shape.to_list())))


def _rolled(graph: GraphBuilder, x: str, sizes: Window, shifts: Window) -> str:
    """A map whose element at `shift` comes first."""
    for axis, (size, shift) in enumerate(zip(sizes, shifts, strict=True), 2):
        if shift:
            x = graph.add("Gather", x, graph.whole([(place + shift) % size for place in range(size)]), axis=axis)
    return x


def _looked_up(graph: GraphBuilder, name: str, window: Window, heads: int) -> str:
    """The learned bias of heads × positions × positions."""
    height, width = window
    table = graph.weight(name, ((2 * height - 1) * (2 * width - 1), heads), "weight")
    places = [divmod(place, width) for place in range(height * width)]
    index = [(a[0] - b[0] + height - 1) * (2 * width - 1) + a[1] - b[1] + width - 1 for a in places for b in places]
    found = graph.add("Gather", table, graph.indices("distances", index), axis=0)
    shaped = graph.add("Reshape", found, graph.whole((len(places), len(places), heads)))
    return graph.add("Transpose", shaped, perm=(2, 0, 1))


def _mask(graph: GraphBuilder, sizes: Window, window: Window, shifts: Window) -> str:
    """For each window and pair of places what is added: nothing, or much where they lay apart before the shift."""
    rows, columns = [
        [(place >= size - side) + (place >= size - shift) for place in range(size)]
        for size, side, shift in zip(sizes, window, shifts, strict=True)
    ]
    parts = [
        3 * row + column
        for top in range(0, sizes[0], window[0])
        for left in range(0, sizes[1], window[1])
        for row in rows[top : top + window[0]]
        for column in columns[left : left + window[1]]
    ]
    places, count = prod(window), prod(sizes) // prod(window)
    held = graph.indices("regions", parts)
    down = graph.add("Reshape", held, graph.whole((count, 1, places, 1)))
    across = graph.add("Reshape", held, graph.whole((count, 1, 1, places)))
    # By whole numbers: readers take a table of floats for learned ones.
    return graph.add("Where", graph.add("Equal", down, across), graph.number(0.0), graph.number(MASKED))


SAYERS: dict[type[Layer], Callable[[GraphBuilder, Any, list[str], Shapes, Shape], str]] = {
    MultiHeadAttention: multi_head,
    DotProductAttention: dot_product,
    WindowAttention: window_attention,
    RelativePositionBias: relative_bias,
    MatMul: matmul,
    Parameter: parameter,
    WindowPartition: partition,
    WindowMerge: merge,
}
"""The function for each of these types."""
