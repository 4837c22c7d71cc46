"""Networks without a problem into which one fault is planted: the first remedy makes them better, and harms nothing."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec import structs

from cnnstudio.authoring.remedies.catalogue import ACCEPTING, Remedy, remedies_for
from cnnstudio.core import edits
from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.core.counting.lookup import walk_entries
from cnnstudio.core.counting.rows import Row
from cnnstudio.core.edits import EditError
from cnnstudio.core.edits.fields import with_items
from cnnstudio.core.network.design import Block, Design, Item, ItemPath, path_text, structure_faults, walk
from cnnstudio.core.network.problem import Problem
from cnnstudio.formats.builtin import builtin_paths
from cnnstudio.formats.design_yaml import read_design
from cnnstudio.layers.convolution import Conv1D, Conv2D
from cnnstudio.layers.structure import Identity
from tests.examples import share

SOUND = ("alexnet-grouped", "lenet-5", "resnet-18", "u-net", "mobilenet-v2", "googlenet", "densenet-121", "vgg-11-bn")
"""Networks of several kinds: chains, branches, blocks, skips."""


@cache
def sound(key: str) -> Design:
    """A built-in network that accepts its warnings."""
    return read_design(builtin_paths()[key]).design


def changed(design: Design, path: ItemPath, **values: Any) -> Design | None:
    """The design with fields of an item set; None where the item refuses them."""
    try:
        item = structs.replace(dict(walk(design.layers))[path], **values)
    except (ValueError, TypeError):
        return None
    return with_items(design, {path: item})


def _field(name: str, make: Callable[[Any], Any]) -> Callable[[Design, ItemPath, Item], Design | None]:
    def plant(design: Design, path: ItemPath, item: Item) -> Design | None:
        value = getattr(item, name, None)
        return None if value is None else changed(design, path, **{name: make(value)})

    return plant


def _dangling(design: Design, path: ItemPath, item: Item) -> Design | None:
    """A layer that takes this one, below the next one, so that nothing takes it."""
    index = edits.index_of(design, path) + 2
    if index > len(edits.items_of(design, path[:-1])) - 1:
        return None
    return edits.insert(design, (path[:-1], index), [Identity(name="left alone", inputs=(item.name,))]).design


def _other_rank(design: Design, path: ItemPath, item: Item) -> Design | None:
    if not isinstance(item, Conv2D) or item.connections is not None:
        return None
    values = {name: value for name, value in structs.asdict(item).items() if name != "connections"}
    if any(isinstance(value, tuple) and name not in ("inputs", "comments") for name, value in values.items()):
        return None
    return with_items(design, {path: Conv1D(**values)})


def _removed(design: Design, path: ItemPath, item: Item) -> Design | None:
    return edits.remove(design, [path]).design if item.type_name == "Flatten" else None


FAULTS: dict[str, Callable[[Design, ItemPath, Item], Design | None]] = {
    "kernel": _field("kernel_size", lambda _: 999),
    "window": _field("pool_size", lambda _: 999),
    "groups": _field("groups", lambda _: 7),
    "filters": _field("filters", lambda filters: filters + 1),
    "bias": _field("bias", lambda _: True),
    "padding": _field("padding", lambda _: 1),
    "rounding": _field("ceil_mode", lambda ceil: not ceil),
    "size": _field("size", lambda size: tuple(side + 1 for side in size) if isinstance(size, tuple) else size),
    "dangling": _dangling,
    "rank": _other_rank,
    "flatten": _removed,
}


def first_new(before: Analysis, after: Analysis) -> Problem | None:
    """The first problem that a fault made, an error if it made one."""
    known = {(problem.path, problem.rule) for problem in (*before.problems, *before.accepted)}
    fresh = [problem for problem in after.problems if (problem.path, problem.rule) not in known]
    return min(fresh, key=lambda problem: problem.severity != "error", default=None)


def offered(faulty: Analysis, problem: Problem) -> list[Remedy]:
    return [r for r in remedies_for(faulty.design, faulty, problem) if r.text != ACCEPTING]


def parameters(analysis: Analysis) -> dict[str, list[int]]:
    """The parameters of the layers that could be counted, in each pass, by place."""
    found: dict[str, list[int]] = {}
    for entry in walk_entries(analysis.entries):
        if isinstance(entry, Row) and entry.counts is not None:
            found.setdefault(entry.place, []).append(entry.counts.parameters)
    return found


def progress(analysis: Analysis) -> tuple[int, int]:
    """The problems that are there, and of as many the layers that cannot be counted."""
    return len(analysis.problems), analysis.totals.uncounted


def check(design: Design, fault: str, path: ItemPath) -> bool:
    """Plants a fault, applies the first remedy, and compares. False where there was nothing to do."""
    item = dict(walk(design.layers))[path]
    try:
        planted = FAULTS[fault](design, path, item)
    except EditError:
        return False
    if planted is None or list(structure_faults(planted.layers)):
        return False
    before, faulty = analyze(design), analyze(planted)
    problem = first_new(before, faulty)
    remedies = offered(faulty, problem) if problem else []
    if not remedies:
        return False
    edit = remedies[0].make()
    after = analyze(edit.design)
    assert progress(after) < progress(faulty), (remedies[0].text, after.problems)
    assert edit.key == ""
    designs = [remedy.make().design for remedy in remedies]
    assert not [design for at, design in enumerate(designs) if design in designs[:at]], "two remedies do the same"
    own = {path_text(focused) for focused in edit.focus}
    now = parameters(after)
    if problem is not None and problem.rule not in ("unused-input", "merge", "window"):
        # A size of the input, or of a map, is that of all layers after it.
        others = {place: costs for place, costs in parameters(faulty).items() if place not in own and place in now}
        # Passes that an error had ended are counted now.
        assert {place: now[place][: len(costs)] for place, costs in others.items()} == others, remedies[0].text
    return True


@pytest.mark.parametrize("key", SOUND)
@given(data=st.data())
@share(1 / 4)
def test_the_first_remedy_makes_a_network_better(key: str, data: st.DataObject) -> None:
    design = sound(key)
    fault = data.draw(st.sampled_from(sorted(FAULTS)))
    paths = [path for path, item in walk(design.layers) if not isinstance(item, Block)]
    assume(check(design, fault, data.draw(st.sampled_from(paths))))


@pytest.mark.parametrize(
    ("key", "fault", "path"),
    [
        ("alexnet-grouped", "kernel", ("conv2",)),
        ("alexnet-grouped", "window", ("pool2",)),
        ("alexnet-grouped", "groups", ("conv4",)),
        ("alexnet-grouped", "rank", ("conv4",)),
        ("resnet-18", "dangling", ("layer2", "first", "bn1")),
        ("resnet-18", "filters", ("layer1", "conv2")),
        ("u-net", "size", ("image",)),
        ("u-net", "padding", ("down2", "conv1")),
        ("lenet-5", "size", ("image",)),
    ],
)
def test_a_fault_that_people_make_has_a_remedy(key: str, fault: str, path: ItemPath) -> None:
    assert check(sound(key), fault, path)
