"""Random layers and designs that can be counted, from a seed alone: what real designs hide shows here."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import structs

from cnnstudio.core.arithmetic.convention import CONVENTIONS
from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.core.network.design import BLOCK_INPUT, Block, Design, FurtherOutput, Item
from cnnstudio.core.network.distribution import one_step
from cnnstudio.core.network.fields import Field, fields_of
from cnnstudio.core.network.layer import NUMBERS, Counts, Layer
from cnnstudio.core.network.problem import Refusal
from cnnstudio.layers import PALETTE
from cnnstudio.layers.attention.windows import RelativePositionBias
from cnnstudio.layers.patches.pools import MaxUnpool
from cnnstudio.layers.patches.unfolding import Fold
from cnnstudio.layers.pooling import MaxPool1D, MaxPool2D, MaxPool3D
from cnnstudio.layers.sequences.embedding import Embedding
from cnnstudio.layers.structure import Identity, Input, Opaque, Output
from cnnstudio.layers.tensors.functions import Function
from cnnstudio.layers.tensors.partition import WindowMerge

CHANNELS = (1, 2, 3, 4, 6, 8, 12)
SIDES = (1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13)
RANKS = (1, 2, 2, 2, 3, 4)
TYPES = [kind for kind in PALETTE if kind not in (Input, Output, Opaque, Function, FurtherOutput)]
MAX_TRIES = 400
MAX_ELEMENTS = 6_000


def random_shape(source: random.Random, rank: int | None = None) -> Shape:
    """A small map, or a vector for rank 0."""
    count = source.choice(RANKS) if rank is None else rank
    return Shape(source.choice(CHANNELS), tuple(source.choice(SIDES) for _ in range(count)))


def random_value(source: random.Random, field: Field, rank: int) -> Any:
    """A value within the bounds of a field, usual ones more often."""
    if field.optional and source.random() < 0.4:
        return None
    low: float = int(field.minimum or 0)
    match field.kind:
        case "switch":
            return source.random() < 0.5
        case "choice":
            # Few frameworks have other functions inside a recurrent layer than the usual ones.
            is_usual = not field.required and source.random() < 0.6
            return field.default if is_usual else source.choice(field.choices)
        case "number":
            most = 1.0 if field.maximum is None else min(field.maximum, 3.0)
            # Without it, what is constant is divided by 0, and every framework has noise of its own.
            low = 1e-3 if field.name == "epsilon" else low
            return source.choice(
                [number for number in (0.0, 0.001, 0.25, 0.5, 0.9, 1.5, 2.0, 2.5) if low <= number <= most]
            )
        case "integer":
            return source.choice([low, low + 1, low + 2, low + 3, low + 5])
        case "sizes":
            return random_sizes(source, field, rank, int(low))
        case "padding":
            return random_padding(source, field, rank)
        case "table":
            return [[source.randrange(4)] for _ in range(source.randrange(1, 4))]
        case _:
            return field.default


def random_sizes(source: random.Random, field: Field, rank: int, low: int) -> Any:
    """One size, or one for each axis."""
    if field.name == "dims":
        return source.sample(range(rank + 1), rank + 1)
    sizes = [low, low + 1, low + 1, low + 2, low + 3, low + 4]
    if rank and source.random() < 0.35:
        return [source.choice(sizes) for _ in range(rank)]
    return source.choice(sizes)


def random_padding(source: random.Random, field: Field, rank: int) -> Any:
    """Words, one number, or ends for each axis."""
    kind = source.random()
    if field.choices and kind < 0.45:
        return source.choice(field.choices)
    if kind < 0.7 or not rank:
        return source.randrange(4)
    return [[source.randrange(3), source.randrange(3)] for _ in range(rank)]


def random_layer(source: random.Random, kind: type[Layer], rank: int, share: float) -> Layer | None:
    """A layer of a type with a share of its fields set; None if they contradict each other."""
    given: dict[str, Any] = {}
    for field in fields_of(kind):
        if field.name in ("name", "inputs", "note", "trainable", "shares"):
            continue
        if field.required or source.random() < share:
            given[field.name] = random_value(source, field, rank)
    try:
        return msgspec.convert(given, kind)
    except msgspec.ValidationError:
        return None


def counted(layer: Layer, inputs: tuple[Shape, ...]) -> Counts | None:
    """The counts of a layer by every convention's rounding; None where it refuses."""
    try:
        results = [layer.count(inputs, scope) for scope in NUMBERS.values()]
    except Refusal:
        return None
    return results[0] if all(result.output.elements <= MAX_ELEMENTS for result in results) else None


def layer_case(seed: int, kinds: Sequence[type[Layer]] = TYPES) -> Analysis:
    """A design with one random layer after its inputs; each seed is a case of its own."""
    source = random.Random(seed)
    kind = source.choice(kinds)
    convention = source.choice(list(CONVENTIONS.values()))
    rank = getattr(kind, "rank", None)
    for _ in range(MAX_TRIES):
        ranks = (0, 1, 2, 2, 3, 4) if rank is None else (rank,)
        shape = _suited(source, kind, random_shape(source, source.choice(ranks)))
        count = source.randint(kind.min_inputs, kind.max_inputs or max(3, kind.min_inputs))
        layer = random_layer(source, kind, shape.rank, source.choice([0.2, 0.5, 0.9]))
        shapes = tuple(shape if source.random() < 0.7 else _like(source, shape) for _ in range(count))
        if isinstance(layer, MaxUnpool):
            shapes = _pooled(shape, layer)
        if layer is None or counted(layer, shapes) is None:
            continue
        images = [Input(name=f"image{at}", size=item.spatial, channels=item.channels) for at, item in enumerate(shapes)]
        tested = structs.replace(layer, name="tested", inputs=tuple(image.name for image in images))
        return analyze(Design(name=f"case {seed}", convention=convention.key, layers=(*images, tested)))
    return layer_case(seed + 1_000_003, kinds)


def _suited(source: random.Random, kind: type[Layer], shape: Shape) -> Shape:
    """A shape that a type with unusual demands may take."""
    if kind is RelativePositionBias:
        places = source.choice((1, 2, 4, 6, 9))
        return Shape(shape.channels, (*source.choice(((), (3,))), places, places))
    if kind is Fold:
        return Shape(source.choice((1, 2, 3)) * source.choice((1, 2, 4, 6, 9)), (source.choice((1, 2, 3, 4, 6, 9)),))
    if kind is WindowMerge:
        return Shape(shape.channels, (source.choice((1, 2, 4, 6)), source.choice((1, 2, 4))))
    return shape


def _pooled(shape: Shape, layer: MaxUnpool) -> tuple[Shape, Shape]:
    """A map, and before it the output that a maximum pool makes of it."""
    windows = {1: MaxPool1D, 2: MaxPool2D, 3: MaxPool3D}
    try:
        kind = windows[shape.rank]
        small = kind(pool_size=layer.pool_size, stride=layer.stride).count((shape,), NUMBERS["pytorch"]).output
    except (Refusal, ValueError, KeyError):
        small = shape
    return small, shape


def _like(source: random.Random, shape: Shape) -> Shape:
    """A shape that may join the other: an axis of size 1, or other channels, or a vector."""
    sizes = tuple(1 if source.random() < 0.3 else size for size in shape.spatial)
    return Shape(source.choice((shape.channels, 1)), sizes if source.random() < 0.8 else ())


def design_case(seed: int) -> Analysis:
    """A random design: a chain with branches, merges and nested, repeated blocks."""
    source = random.Random(seed)
    while True:
        shape = random_shape(source, source.choice((1, 2, 2, 2, 3, 4)))
        first = Input(name="image", size=shape.spatial, channels=shape.channels)
        items, _ = _items(source, [("image", shape)], depth=0)
        design = Design(
            name=f"case {seed}", convention=source.choice(list(CONVENTIONS.values())).key, layers=(first, *items)
        )
        analysis = analyze(design)
        if not analysis.errors and all(row.output_shape for row in analysis.rows):
            return analysis


def _items(source: random.Random, known: list[tuple[str, Shape]], depth: int) -> tuple[list[Item], Shape]:
    """A list of items after those that are known by name and shape, and what the last gives."""
    items: list[Item] = []
    given: list[tuple[str, str, Shape]] = []
    for at in range(source.randint(2, 7 if depth == 0 else 4)):
        name = f"{source.choice(('conv', 'mix-1', '1×1', 'x', 'forward', 'b/c', 'pool'))}{at}"
        item, shape = _block(source, known, name, depth) if depth < 2 and source.random() < 0.25 else (None, None)
        if item is None and given and source.random() < 0.3:
            giving, output, shape = source.choice(given)
            item = FurtherOutput(name=name, output=output, inputs=(giving,))
        if item is None or shape is None:
            item, shape = _layer(source, known, name)
        given += _further(item, dict(known), known[-1][1], shape)
        items.append(item)
        known.append((name, shape))
    return items, known[-1][1]


def _further(item: Item, known: dict[str, Shape], last: Shape, shape: Shape) -> list[tuple[str, str, Shape]]:
    """The further outputs of a layer: its name, and the name and the shape of each."""
    if isinstance(item, Block):
        return []
    taken = tuple(known[name] for name in item.inputs) or (last,)
    return [(item.name, name, item.further_output(name, taken, shape)) for name in item.further_outputs]


def _block(
    source: random.Random, known: list[tuple[str, Shape]], name: str, depth: int
) -> tuple[Item | None, Shape | None]:
    """A block that may be repeated and take several inputs; none where its passes do not fit each other."""
    taken = [known[-1], *[source.choice(known) for _ in range(source.choice((0, 0, 1, 2)))]]
    names = [BLOCK_INPUT, *[f"other {at}" for at in range(1, len(taken))]]
    # By a source of its own, so that all other designs stay what they were.
    steps = {shape.spatial[:1] for _, shape in taken}
    each_step = len(steps) == 1 and () not in steps and random.Random(repr(taken)).random() < 0.4
    flowing = [one_step(shape, 1) if each_step else shape for _, shape in taken]
    inner, _ = _items(source, list(zip(names, flowing, strict=True))[::-1], depth + 1)
    images = [
        Input(name=f"image{at}", size=shape.spatial, channels=shape.channels) for at, (_, shape) in enumerate(taken)
    ]
    block = Block(
        name=name,
        repeat=source.choice((1, 2, 3)),
        layers=tuple(inner),
        inputs=tuple(image.name for image in images),
        further_inputs=tuple(names[1:]),
        time_distributed=each_step,
    )
    analysis = analyze(Design(layers=(*images, block)))
    fits = not analysis.errors and not any(problem.rule == "unused" for problem in analysis.problems)
    shape = analysis.entries[-1].output_shape
    # A Keras model has only what leads to its outputs, and so must a block.
    used = {feed for item in inner for feed in item.inputs}
    inputs = () if len(taken) == 1 else tuple(key for key, _ in taken)
    whole = structs.replace(block, inputs=inputs)
    return (whole, shape) if fits and shape is not None and used.issuperset(names[1:]) else (None, None)


def _layer(source: random.Random, known: list[tuple[str, Shape]], name: str) -> tuple[Item, Shape]:
    """A layer that takes the item before it, or several earlier ones."""
    for _ in range(60):
        kind = source.choice(TYPES)
        if kind is Embedding:
            continue
        count = source.randint(kind.min_inputs, kind.max_inputs or max(3, kind.min_inputs))
        takes = [known[-1], *[source.choice(known) for _ in range(count - 1)]]
        source.shuffle(takes)
        layer = random_layer(source, kind, takes[0][1].rank, source.choice([0.2, 0.5]))
        if layer is None or (counts := counted(layer, tuple(shape for _, shape in takes))) is None:
            continue
        plain = count == 1 and takes[0] is known[-1]
        return structs.replace(layer, name=name, inputs=() if plain else tuple(key for key, _ in takes)), counts.output
    return Identity(name=name), known[-1][1]
