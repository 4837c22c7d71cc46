"""Files of designs that ask for much: faulty ones, huge ones that are allowed, and random ones in between."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from typing import Final

from cnnstudio.core.network.bounds import MAX_CONNECTIONS, MAX_LAYERS
from cnnstudio.core.network.layer import MAX_NAME_LENGTH

HEAD: Final = "cnnstudio: 1\nname: Much\nlayers:\n- {type: Input, name: i, size: [32, 32], channels: 4}\n"
CONV: Final = "filters: 4, kernel_size: 3, padding: 1"
LONG: Final = "n" * (MAX_NAME_LENGTH - 4)


def design(layers: Iterable[str]) -> str:
    """A design with these layers below an input of 32 × 32."""
    return HEAD + "".join(f"- {layer}\n" for layer in layers)


def chain(layers: int) -> str:
    """Convolutions, one after the other."""
    return design(f"{{type: Conv2D, name: c{k}, {CONV}}}" for k in range(layers))


def unlike(layers: int) -> str:
    """Convolutions of which no two are alike."""
    return design(f"{{type: Conv2D, name: c{k}, filters: {k + 1}, kernel_size: 3, padding: 1}}" for k in range(layers))


def warned(layers: int) -> str:
    """Convolutions and normalizations, with a warning for every other layer."""
    return design(
        layer
        for k in range(layers // 2)
        for layer in (f"{{type: Conv2D, name: c{k}, {CONV}}}", f"{{type: BatchNorm, name: n{k}}}")
    )


def at_fault(layers: int) -> str:
    """Layers that cannot be counted, each for itself."""
    return design(
        f"{{type: Conv2D, name: c{k}, inputs: [i], filters: 4, kernel_size: {33 + k}}}" for k in range(layers)
    )


def dense_adds(connections: int) -> str:
    """Additions that each take all before."""
    layers, named = ["{type: Dropout, name: a0}", "{type: Dropout, name: a1}"], 0
    while named + len(layers) <= connections:
        named += len(layers)
        inputs = ", ".join(f"a{k}" for k in range(len(layers)))
        layers.append(f"{{type: Add, name: a{len(layers)}, inputs: [{inputs}]}}")
    return design(layers)


def fan(branches: int) -> str:
    """One concatenation of so many branches."""
    layers = [f"{{type: Dropout, name: a{k}, inputs: [i]}}" for k in range(branches)]
    return design([*layers, f"{{type: Concat, name: all, inputs: [{', '.join(f'a{k}' for k in range(branches))}]}}"])


def nested(repeats: Iterable[int], name: str, layers: Iterable[str]) -> str:
    """Blocks in blocks."""
    text, indent = HEAD, ""
    for depth, repeat in enumerate(repeats):
        text += f"{indent}- type: Block\n{indent}  name: {name}{depth}\n{indent}  repeat: {repeat}\n{indent}  layers:\n"
        indent += "  "
    return text + "".join(f"{indent}- {layer}\n" for layer in layers)


def repeated(rows: int) -> str:
    """Ten layers, repeated to so many rows."""
    layers = (f"{{type: Conv2D, name: c{k}, {CONV}}}" for k in range(10))
    return nested([rows // 100, 10], "b", layers)


def shrinking() -> str:
    """A block of which each pass has another shape, so that each is counted."""
    size = HEAD.replace("[32, 32]", "[1000000, 32]")
    text = nested([10_000], "b", (f"{{type: Conv2D, name: c{k}, filters: 4, kernel_size: [2, 1]}}" for k in range(50)))
    return text.replace(HEAD, size)


def giving(items: int) -> str:
    """A block that gives each of its items, and what takes these."""
    names = [f"c{k}" for k in range(items)]
    block = f"{{type: Block, name: b, repeat: 2, further_outputs: [{', '.join(names)}], layers: ["
    inner = ", ".join(f"{{type: Identity, name: {name}}}" for name in names)
    return design([f"{block}{inner}]}}", *(f"{{type: FurtherOutput, output: {name}, inputs: [b]}}" for name in names)])


def taking(inputs: int) -> str:
    """A block into which as many things flow, all of them added in each repeat."""
    names = [f"c{k}" for k in range(inputs)]
    head = f"{{type: Block, name: b, repeat: 3, inputs: [i, {', '.join(names)}], further_inputs: [{', '.join(names)}], "
    inner = f"layers: [{{type: Add, name: a, inputs: [input, {', '.join(names)}]}}]}}"
    return design([*(f"{{type: Identity, name: {name}, inputs: [i]}}" for name in names), head + inner])


HOSTILE: Final[dict[str, Callable[[], str]]] = {
    "numbers for layers": lambda: HEAD + "- 1\n" * 3_900_000,
    "empty layers": lambda: HEAD + "- {}\n" * 3_000_000,
    "fields twice": lambda: HEAD + "a: 1\n" * 390_000,
    "unknown fields": lambda: design([f"{{type: Flatten, {', '.join(f'k{k}: 1' for k in range(390_000))}}}"]),
    "unknown inputs": lambda: design(["{type: Add, inputs: [z, y]}"] * (MAX_LAYERS - 1)),
    "one name": lambda: design(["{type: Flatten, name: q}"] * (MAX_LAYERS - 1)),
    "comments": lambda: HEAD + "# x\n" * 99_000,
    "a comment line by line": lambda: "#\n" * 7_000_000 + HEAD,
    "blank lines": lambda: HEAD + "\n" * 15_000_000,
    "a long name": lambda: design([f"{{type: Flatten, name: {'x' * 15_000_000}}}"]),
    "a chain": lambda: chain(MAX_LAYERS - 1),
    "layers that differ": lambda: unlike(MAX_LAYERS - 1),
    "as many as are worked out": lambda: unlike(1_190),
    "warnings": lambda: warned(MAX_LAYERS - 1),
    "errors": lambda: at_fault(MAX_LAYERS - 1),
    "additions of all before": lambda: dense_adds(MAX_CONNECTIONS),
    "additions to draw": lambda: dense_adds(4_000),
    "a concatenation of all": lambda: fan(MAX_LAYERS - 2),
    "a concatenation to draw": lambda: fan(1_990),
    "a chain to draw": lambda: chain(5_990),
    "repeats to list": lambda: repeated(30_000 - 100),
    "repeats beyond lists": lambda: nested([10_000] * 5, "b", ["{type: Dropout, name: d}"]),
    "long names in long names": lambda: nested([2] * 15, LONG, ["{type: Dropout, name: d}"]),
    "names nested deep": lambda: nested([1] * 28, LONG, [f"{{type: Dropout, name: d{k}}}" for k in range(5_000)]),
    "shapes without end": shrinking,
    "a block that gives all": lambda: giving(8_000),
    "a block that takes all": lambda: taking(16_000),
    "enlarged without end": lambda: design(["{type: Upsample, scale: 1000000}"] * 300),
}
"""Texts by what they have too much of, or as much of as is allowed."""


def random_text(seed: int) -> str:
    """A design of random layers, in random blocks, with random connections; most have faults."""
    chance = random.Random(seed)
    kinds = (
        *(f"type: Conv2D, {CONV}", "type: BatchNorm", "type: Dropout", "type: Add", "type: Concat", "type: Multiply"),
        *("type: MaxPool2D, pool_size: 2", "type: Upsample, scale: 2", "type: GlobalAvgPool", "type: Flatten"),
        *("type: Dense, units: 1000000", "type: Opaque, channels: 3", "type: Conv2DX, x: 1", "type: Output"),
    )
    layers = []
    for number in range(chance.choice((3, 30, 300, 3_000))):
        named = chance.choice((0, 0, 0, 1, 2, 9, 99))
        inputs = ", ".join(f"l{chance.randrange(max(1, number))}" for _ in range(named))
        layers.append(f"{{{chance.choice(kinds)}, name: l{number}{f', inputs: [{inputs}]' if inputs else ''}}}")
    repeats = [chance.choice((1, 2, 100, 10_000)) for _ in range(chance.choice((0, 0, 1, 2, 5)))]
    return nested(repeats, chance.choice(("b", LONG)), layers)
