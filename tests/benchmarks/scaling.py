"""The growth of the cost: with the number of layers, with repeats, and with the size of a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import yaml

from cnnstudio.core.counting.analysis import analyze, count_layer
from cnnstudio.core.network.design import Design
from cnnstudio.formats.design_yaml import design_text, parse_design
from tests.benchmarks.measuring import Afresh, Result, medians
from tests.benchmarks.networks import chain, repeated, varied_chain

LAYERS = (100, 1_000, 10_000)
REPEATS = (1, 100, 10_000)
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def layer_results() -> Iterator[Result]:
    """The cost of a layer among more and more others."""
    for what, make in (("of {:,}, each layer", chain), ("of {:,}, all different, each layer", varied_chain)):
        each = _each(make)
        for layers, seconds in zip(LAYERS, each, strict=True):
            yield Result(what.format(layers), f"of {LAYERS[0]:,}", seconds, each[0], 1.5)


def _each(make: Callable[[int], Design]) -> list[float]:
    designs = [make(layers) for layers in LAYERS]
    times = medians([Afresh(count_layer.cache_clear, partial(analyze, design)) for design in designs], seconds=3)
    return [seconds / layers for seconds, layers in zip(times, LAYERS, strict=True)]


def repeat_results() -> Iterator[Result]:
    """The cost of a block that is repeated more and more often."""
    designs = [repeated(times) for times in REPEATS]
    times = medians([partial(analyze, design) for design in designs], seconds=1)
    for repeats, seconds in zip(REPEATS, times, strict=True):
        yield Result(f"a block × {repeats:,}", f"a block × {REPEATS[0]}", seconds, times[0], 1.5)


def file_results() -> Iterator[Result]:
    """Reading and writing a file of 10,000 layers."""
    design = chain(LAYERS[-1])
    text = design_text(design)
    load, save, reference = medians(
        [partial(parse_design, text), partial(design_text, design), partial(yaml.load, text, LOADER)], seconds=4
    )
    yield Result("load and check 10,000 layers", "yaml.load, its C loader", load, reference, 1)
    yield Result("load and check 10,000 layers", "0.4 s", load, 0.4, 1)
    yield Result("write 10,000 layers", "yaml.load, its C loader", save, reference)
