"""Remedies for what flows from layer to layer: branches that differ, outputs nobody takes, inputs nobody gives."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from msgspec import structs

from cnnstudio.authoring.projection import projection
from cnnstudio.authoring.remedies.case import Case, Remedies, Remedy, has_field, insert_before, set_fields
from cnnstudio.authoring.remedies.for_maps import equal_maps
from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.edits import Edit, insert, remove, set_inputs
from cnnstudio.core.edits.rewiring import renamed
from cnnstudio.core.network.design import Block, Design, Item, ItemPath, walk
from cnnstudio.core.network.layer import Layer
from cnnstudio.core.network.wiring import all_feeds, feeds
from cnnstudio.layers.families import FAMILY
from cnnstudio.layers.pooling import GlobalAvgPool
from cnnstudio.layers.structure import Input, Output

_IMAGES: dict[int, tuple[int, ...]] = {0: (), 1: (1000,), 2: (224, 224), 3: (16, 112, 112), 4: (8, 16, 56, 56)}
_MAKING = {"filters": "filter", "units": "unit"}
"""The fields that say how many channels a layer makes, and what each of these is called."""
_VECTOR = 784
_COLOURS = 3
MAX_TAKERS = 4
"""Takers of one layer that it is offered to put another before."""


def put_input_first(design: Design) -> Remedies:
    """An Input that suits the first layer which says what it needs."""
    layer = Input(**_first_shape(design.layers))
    yield Remedy("Put an Input first", lambda: insert(design, ((), 0), [layer]))


def _first_shape(items: tuple[Item, ...]) -> dict[str, Any]:
    layers = [item for _, item in walk(items) if isinstance(item, Layer)]
    if not layers:
        rank = 2
    elif FAMILY[layers[0].family].input_rank == 0 or getattr(layers[0], "rank", None) == 0:
        return {"channels": _VECTOR}
    else:
        ranks = [getattr(layer, "rank", None) for layer in layers]
        rank = next((rank for rank in ranks if rank), FAMILY[layers[0].family].input_rank)
    return {"size": _IMAGES[rank], "channels": _COLOURS if rank > 1 else 1}


def give_input(case: Case) -> Remedies:
    """An Input for what comes first; for a merge that joins one branch, another of the same shape."""
    if case.index == 0 and len(case.path) == 1:
        yield from put_input_first(case.design)
    elif isinstance(case.item, Layer) and case.item.merges:
        yield from _second_branches(case)


def _second_branches(case: Case) -> Remedies:
    first = feeds(case.siblings, case.index, inside=case.inside)[:1]
    # The nearest first: a forgotten branch usually begins near its merge.
    names = [item.name for item in reversed(case.siblings[: case.index])]
    for name in [*case.inside, *names][:12]:
        if name not in first:
            edit = partial(set_inputs, case.design, case.path, (*first, name))
            yield Remedy(f"Join {first[0]} and {name}", edit)


def join_branches(case: Case) -> Remedies:
    """A pooling where vectors are put beside a map; a 1 × 1 convolution where a shortcut has another shape."""
    for shapes in case.shapes[:1]:
        if len({shape.rank for shape in shapes}) > 1:
            yield from _pool_maps(case, shapes)
            continue
        if not has_field(case.item, "axis"):
            yield from _equal_shapes(case, shapes)
        yield from equal_maps(case, shapes)


def _pool_maps(case: Case, shapes: tuple[Shape, ...]) -> Remedies:
    """A global pooling on the one map that is to be joined with vectors."""
    named = zip(case.item.inputs, shapes, strict=False)
    maps = [name for name, shape in named if shape.rank]
    if len(maps) == 1:
        edit = partial(insert_before, case.design, case.path, GlobalAvgPool(), maps[0])
        yield Remedy(f"Pool {maps[0]} to a vector", edit)


def _chain_to(case: Case, name: str, *fields: str) -> list[Item]:
    """The layers from the named one back to one with any of the fields, each taking only the one before; or none."""
    items, inside = case.siblings, case.inside
    places = {item.name: at for at, item in enumerate(items)}
    chain: list[Item] = []
    while name in places and not isinstance(items[places[name]], Block):
        chain.append(items[places[name]])
        if any(has_field(chain[-1], field) for field in fields):
            return chain
        before = feeds(items, places[name], inside=inside)
        name = before[0] if len(before) == 1 else ""
    return []


def _equal_shapes(case: Case, shapes: tuple[Shape, ...]) -> Remedies:
    """As many filters or units where layers make the channels; a convolution on a shortcut that passes its input on."""
    makers = [_chain_to(case, name, *_MAKING)[-1:] for name in case.item.inputs]
    if all(makers):
        yield from _equal_filters(case, shapes, makers)
        yield from _project(case, shapes)
    else:
        yield from _project(case, shapes)
        yield from _equal_filters(case, shapes, makers)


def _equal_filters(case: Case, shapes: tuple[Shape, ...], makers: list[list[Item]]) -> Remedies:
    if len({shape.spatial for shape in shapes}) > 1:
        return
    for at, found in enumerate(makers):
        others = {shape.channels for index, shape in enumerate(shapes) if index != at}
        for maker in found if len(others) == 1 else []:
            number, path = min(others), (*case.path[:-1], maker.name)
            field, word = next((field, word) for field, word in _MAKING.items() if has_field(maker, field))
            edit = partial(set_fields, case.design, {path: {field: number}})
            yield Remedy(f"Use {number:,} {word}{'s' if number > 1 else ''} in {maker.name}", edit)


def _project(case: Case, shapes: tuple[Shape, ...]) -> Remedies:
    """A 1 × 1 convolution on the branch that differs, the shortcut before the longer one."""
    names = case.item.inputs
    places = {item.name: at for at, item in enumerate(case.siblings)}
    for at in sorted(range(len(names)), key=lambda at: places.get(names[at], -1)):
        others = {shape for index, shape in enumerate(shapes) if index != at}
        layer = projection(shapes[at], others.pop()) if len(others) == 1 else None
        if layer is not None:
            edit = partial(insert_before, case.design, case.path, layer, names[at])
            yield Remedy(f"Insert a 1 × 1 convolution on {names[at]}", edit)
            return


def connect_or_delete(case: Case) -> Remedies:
    """A place in the chain, a later merge that can take it too, an Output after it, or an end to its branch."""
    dead = _dead_branch(case)
    yield from _put_between(case, dead)
    for at in range(case.index + 1, len(case.siblings)):
        later = case.siblings[at]
        if isinstance(later, Layer) and later.merges and later.inputs:
            inputs, path = (*later.inputs, case.path[-1]), (*case.path[:-1], later.name)
            edit = partial(set_inputs, case.design, path, inputs)
            yield Remedy(f"Connect it to {later.name}", edit)
            break
    words = "Delete it" if len(dead) == 1 else f"Delete the branch of {len(dead)} layers"
    yield Remedy(words, lambda: remove(case.design, dead))
    yield Remedy("Mark it as an output", partial(_with_output, case))


def _put_between(case: Case, branch: list[ItemPath]) -> Remedies:
    """Lets every item that takes the same as the branch take its end instead, as is meant by putting a layer there."""
    inside, items = case.inside, case.siblings
    took = all_feeds(items, inside=inside)
    own = {path[-1] for path in branch}
    sources = {name for member in own for name in took[member]} - own
    if len(sources) != 1:
        return
    source, last = sources.pop(), case.path[-1]
    what = "it" if len(own) == 1 else f"these {len(own)} layers"
    takers = [item.name for item in items[case.index + 1 :] if source in took[item.name]]
    for taker in takers[:MAX_TAKERS]:
        path, inputs = (*case.path[:-1], taker), renamed(took[taker], {source: last})
        text = f"{source} and {taker}"
        make = partial(_labelled, set_inputs, case.design, path, inputs, label=f"Put {last} between {text}")
        yield Remedy(f"Put {what} between {text}", make)


def _labelled(edit: Callable[..., Edit], *arguments: Any, label: str) -> Edit:
    return structs.replace(edit(*arguments), label=label)


def _with_output(case: Case) -> Edit:
    edit = insert(case.design, (case.path[:-1], case.index + 1), [Output()])
    return Edit(edit.design, f"Mark {case.path[-1]} as an output", edit.focus)


def _dead_branch(case: Case) -> list[ItemPath]:
    """The item, and all before it that only it takes."""
    items = case.siblings
    takers: dict[str, set[str]] = {}
    for name, taken in all_feeds(items, inside=case.inside).items():
        for source in taken:
            takers.setdefault(source, set()).add(name)
    dead = {case.path[-1]}
    for item in reversed(items[: case.index]):
        # Nothing else takes it, so that without the end of the branch it would be unused in its turn.
        if item.name in takers and dead.issuperset(takers[item.name]):
            dead.add(item.name)
    return [(*case.path[:-1], item.name) for item in items if item.name in dead]
