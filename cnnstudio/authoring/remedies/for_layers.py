"""Remedies for a layer's own fields: its rank, its groups, its axis, its bias."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import gcd, isqrt
from typing import Any

from msgspec import structs

from cnnstudio.authoring.remedies.case import (
    Case,
    Remedies,
    Remedy,
    has_field,
    insert_before,
    set_fields,
)
from cnnstudio.core.edits import Edit, EditError, remove
from cnnstudio.core.edits.fields import with_items
from cnnstudio.core.network.design import find
from cnnstudio.core.network.fields import fields_of
from cnnstudio.core.network.layer import WINDOW_RANK, Layer
from cnnstudio.core.network.problem import with_article
from cnnstudio.layers import LAYER_TYPES, form_for
from cnnstudio.layers.families import POOLING
from cnnstudio.layers.pooling import GlobalAvgPool, GlobalPool
from cnnstudio.layers.reshaping import Flatten, Reshape
from cnnstudio.layers.tensors.reductions import pooled_over_map


def dense_on_map(case: Case) -> Remedies:
    """An explicit Flatten, which counts the same; or a layer for each position."""
    yield Remedy("Insert a Flatten", lambda: insert_before(case.design, case.path, Flatten()))
    yield case.sets("Apply it at each position", apply_to="channels")


def drop_bias(case: Case) -> Remedies:
    """No bias: whatever takes the output subtracts it again."""
    yield case.sets("Drop the bias", bias=False)


def other_rank(case: Case) -> Remedies:
    """The form for the axes there are; the map where a layer before made a vector of it; one size for all axes."""
    for shapes in case.shapes[:1]:
        yield from _form_for(case, shapes[0].rank)
        yield from _reduction_for(case, shapes[0].rank)
        if not shapes[0].rank:
            yield from _map_instead(case)
        elif getattr(case.item, "rank", None) == 0:
            yield Remedy("Insert a GlobalAvgPool", lambda: insert_before(case.design, case.path, GlobalAvgPool()))
            yield Remedy("Insert a Flatten", lambda: insert_before(case.design, case.path, Flatten()))
    fields = [field for field in fields_of(type(case.item)) if field.kind in ("sizes", "padding")]
    stated = [field for field in fields if case.value(field.name) != field.default]
    uniform = {field.name: _uniform(case.value(field.name)) for field in stated}
    values = {name: size for name, size in uniform.items() if size is not None}
    if values:
        yield case.sets("Use one size for all axes", **values)


def _form_for(case: Case, rank: int) -> Remedies:
    wanted = LAYER_TYPES[form_for(case.item.type_name, rank)] if case.item.type_name in LAYER_TYPES else None
    if wanted is None or wanted is type(case.item):
        return
    constructor: Callable[..., Layer] = wanted

    def make() -> Edit:
        fields = {field.name for field in structs.fields(wanted)}
        # What the other form lacks is left out only where it says nothing; else there is no such form.
        given = {
            field.name: getattr(case.item, field.name)
            for field in structs.fields(type(case.item))
            if field.name in fields or getattr(case.item, field.name) != field.default
        }
        values = {name: value if _uniform(value) is None else _uniform(value) for name, value in given.items()}
        try:
            item: Layer = constructor(**values)
        except (TypeError, ValueError) as error:
            raise EditError(f"{error}.") from None
        label = f"Make {case.path[-1]} {with_article(wanted.__name__)}"
        return Edit(with_items(case.design, {case.path: item}), label, (case.path,))

    yield Remedy(f"Use {wanted.__name__}", make)


_ASIDE = ("label", "note", "comments")


def _reduction_for(case: Case, rank: int) -> Remedies:
    """A Reduce in place of a global pool, over more axes than there are pools for."""
    pool = case.item
    if isinstance(pool, GlobalPool) and rank > WINDOW_RANK:
        made = pooled_over_map("mean" if isinstance(pool, GlobalAvgPool) else "max", rank, keepdims=pool.keepdims)
        item = structs.replace(made, **{name: getattr(pool, name) for name in ("name", "inputs", *_ASIDE)})
        label = f"Make {case.path[-1]} a Reduce"
        yield Remedy("Use Reduce", lambda: Edit(with_items(case.design, {case.path: item}), label, (case.path,)))


def _uniform(value: Any) -> int | None:
    """The one size of a list of equal sizes; None for anything else."""
    parts = (
        [part for entry in value for part in (entry if isinstance(entry, tuple) else (entry,))]
        if isinstance(value, tuple)
        else []
    )
    same = len(set(parts)) == 1 and isinstance(parts[0], int)
    return parts[0] if same else None


def _map_instead(case: Case) -> Remedies:
    """Keeps the axes in the layer that makes a vector before the item, or removes that layer or the item itself."""
    source = case.source
    before = find(case.design, source) if source else None
    if source and before is not None and getattr(before, "keepdims", None) is False:
        yield Remedy(f"Keep the axes of {before.name}", lambda: set_fields(case.design, {source: {"keepdims": True}}))
    if source and isinstance(before, Flatten):
        yield Remedy(f"Delete {before.name}", lambda: remove(case.design, [source]))
    if isinstance(case.item, Layer) and case.item.family == POOLING.key:
        yield Remedy("Delete it", lambda: remove(case.design, [case.path]))


def as_sequence(case: Case) -> Remedies:
    """The steps that the layer before reads and does not give; the columns of a map as steps."""
    source = case.source
    before = find(case.design, source) if source else None
    if source and before is not None and getattr(before, "return_sequences", None) is False:
        values = {source: {"return_sequences": True}}
        yield Remedy(f"Return the sequences of {before.name}", lambda: set_fields(case.design, values))
    for shapes in case.shapes[:1]:
        if not shapes[0].rank:
            yield from _map_instead(case)
        if shapes[0].rank == 2:
            columns = Reshape(channels=-1, size=shapes[0].spatial[1:])
            yield Remedy("Read its columns", partial(insert_before, case.design, case.path, columns))


def no_projection(case: Case) -> Remedies:
    """The units themselves, or fewer outputs than there are."""
    yield case.sets("Drop the projection", projection=None)
    if case.value("units") > 1:
        yield case.sets("Use half the units", projection=case.value("units") // 2)


def dividing_groups(case: Case) -> Remedies:
    """Groups that divide the channels, the nearest; or as many filters as the groups divide."""
    channels = gcd(*(shapes[0].channels for shapes in case.shapes if shapes))
    if not channels:
        return
    if has_field(case.item, "groups"):
        yield from _nearest_groups(case, channels)
        yield from _nearest_filters(case)
    elif has_field(case.item, "scale"):
        yield from _nearest_scale(case)


def _nearest_groups(case: Case, channels: int) -> Remedies:
    groups, both = case.value("groups"), gcd(channels, case.value("filters") or 0)
    divisors = divisors_of(both)
    below = [number for number in divisors if number < groups][-1:]
    above = [number for number in divisors if number > groups][:1]
    for number in sorted(below + above, key=lambda number: max(number, groups) / min(number, groups)):
        yield case.sets(f"Use {number:,} group{'s' if number > 1 else ''}", groups=number)


def _nearest_filters(case: Case) -> Remedies:
    filters, groups = case.value("filters"), case.value("groups")
    if filters and filters % groups:
        for number in (filters // groups * groups, (filters // groups + 1) * groups):
            if number:
                yield case.sets(f"Use {number:,} filters", filters=number)


def _nearest_scale(case: Case) -> Remedies:
    scale = case.value("scale")
    for number in range(min(scale, 64), 1, -1):
        yield case.sets(f"Use a scale of {number}", scale=number)


def divisors_of(number: int) -> list[int]:
    """All divisors, in order."""
    low = [divisor for divisor in range(1, isqrt(number) + 1) if number % divisor == 0]
    return sorted({*low, *(number // divisor for divisor in low)})


def other_axis(case: Case) -> Remedies:
    """The channels, which every tensor has."""
    yield case.sets("Use axis 0, the channels", axis=0)


def work_out_size(case: Case) -> Remedies:
    """One size left to be worked out."""
    yield case.sets("Work out the channels", channels=-1)
    size = case.value("size")
    if isinstance(size, int):
        yield case.sets("Work out the size", size=-1)
    else:
        for at in range(len(size)):
            yield case.sets("Work out the size", size=(*size[:at], -1, *size[at + 1 :]))


def to_the_end(case: Case) -> Remedies:
    """A slice without a stop takes what there is."""
    yield case.sets("Take all to the end", stop=None)
