"""Remedies for branches whose maps differ by a few rows: another rounding, cropping, padding, another input size."""

from __future__ import annotations

from functools import partial
from typing import Any

from cnnstudio.authoring.remedies.case import (
    Case,
    Remedies,
    Remedy,
    case_of,
    collapsed,
    has_field,
    insert_before,
    set_fields,
)
from cnnstudio.authoring.remedies.input_sizes import fitting_inputs
from cnnstudio.core.arithmetic.shape import Shape, per_axis
from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.core.edits import Edit
from cnnstudio.core.network.design import Block, Item, walk
from cnnstudio.core.network.problem import Problem, listed
from cnnstudio.core.network.wiring import all_feeds, feeds
from cnnstudio.layers.reshaping import Crop, ZeroPad

MAX_CHAIN = 16
"""Layers of a branch that are looked at, from the merge back."""
MAX_STRIDED = 3
"""Layers of a branch whose stride is tried, from the merge back."""
MAX_MERGES = 8
"""Merges before which maps are cropped at once."""
Margin = tuple[tuple[int, int], ...]


def equal_maps(case: Case, shapes: tuple[Shape, ...]) -> Remedies:
    """The remedies for branches of equal rank whose spatial sizes differ."""
    joined = getattr(case.item, "axis", 0)
    sizes = {shape.spatial for shape in shapes}
    if len(sizes) < 2 or joined or len(case.item.inputs) != len(shapes):
        return
    small = tuple(min(column) for column in zip(*sizes, strict=True))
    large = tuple(max(column) for column in zip(*sizes, strict=True))
    yield from _stride_alike(case, shapes)
    yield from _pad_alike(case, shapes, large)
    yield from _round_otherwise(case, shapes)
    yield from _grow(case, shapes, large)
    yield from _cut(case, shapes, small)
    yield from fitting_inputs(case)
    yield from _pad(case, shapes, large)
    yield from _throughout(case)


def _branch(case: Case, name: str) -> list[Item]:
    """The layers of a branch from the merge back, as far as each takes one other of the same list."""
    items, inside = case.siblings, case.inside
    places = {item.name: at for at, item in enumerate(items)}
    found: list[Item] = []
    while name in places and len(found) < MAX_CHAIN and not isinstance(items[places[name]], Block):
        found.append(items[places[name]])
        taken = feeds(items, places[name], inside=inside)
        name = taken[0] if len(taken) == 1 else ""
    return found


def _stride_alike(case: Case, shapes: tuple[Shape, ...]) -> Remedies:
    """No stride in the branch of the smaller map, where the others have none; the same stride in that of the larger."""
    small = min(shapes, key=lambda shape: sum(shape.spatial)).spatial
    for name, shape in zip(case.item.inputs, shapes, strict=True):
        steps = collapsed(tuple(-(-size // to) for size, to in zip(shape.spatial, small, strict=True)))
        wanted, without = (1 if shape.spatial == small else steps), (1, (1,) * shape.rank)
        found = [item for item in _own_part(case, name) if has_field(item, "stride")]
        # A pool that says no stride has that of its window.
        strides = {item.name: getattr(item, "stride", None) or getattr(item, "pool_size", 1) for item in found}
        for item in [item for item in found if (strides[item.name] in without) is (wanted != 1)][:MAX_STRIDED]:
            edit = partial(set_fields, case.design, {(*case.path[:-1], item.name): {"stride": wanted}})
            yield Remedy(f"Use a stride of {_sizes(wanted)} in {item.name}", edit)


def _pad_alike(case: Case, shapes: tuple[Shape, ...], large: tuple[int, ...]) -> Remedies:
    """More padding in the branch of a smaller map, as much at each end, and at most half of the window."""
    for name, shape in zip(case.item.inputs, shapes, strict=True):
        missing = tuple(most - size for most, size in zip(large, shape.spatial, strict=True))
        for item in _own_part(case, name)[:MAX_STRIDED] if any(missing) else ():
            more = _more_padding(item, missing)
            if more:
                edit = partial(set_fields, case.design, {(*case.path[:-1], item.name): {"padding": collapsed(more)}})
                yield Remedy(f"Use a padding of {_sizes(collapsed(more))} in {item.name}", edit)


def _more_padding(item: Item, missing: tuple[int, ...]) -> tuple[int, ...]:
    """The padding with which a window has so many more rows; () if it would be more than half of the window."""
    rank = len(missing)
    window = getattr(item, "kernel_size", None) or getattr(item, "pool_size", None)
    now = getattr(item, "padding", None)
    if window is None or isinstance(now, tuple) or now == "same" or has_field(item, "output_padding"):
        return ()
    kernels, dilations = per_axis(window, rank), per_axis(getattr(item, "dilation", 1), rank)
    half = [dilation * (kernel - 1) // 2 for kernel, dilation in zip(kernels, dilations, strict=True)]
    # Half of the stride at each end is one more row of output.
    steps = per_axis(getattr(item, "stride", None) or window, rank)
    old = now if isinstance(now, int) else 0
    more = tuple(old + -(-rows * step // 2) for rows, step in zip(missing, steps, strict=True))
    return more if all(size <= most for size, most in zip(more, half, strict=True)) else ()


def _own_part(case: Case, name: str) -> list[Item]:
    """All layers of the list that a branch needs and no other branch does, from the merge back."""
    took = all_feeds(case.siblings[: case.index], inside=case.inside)
    needed = {feed: {feed} for feed in case.item.inputs}
    for item in reversed(case.siblings[: case.index]):
        for names in needed.values():
            if item.name in names:
                names.update(took[item.name])
    others = set[str]().union(*(names for feed, names in needed.items() if feed != name))
    return [item for item in reversed(case.siblings[: case.index]) if item.name in needed[name] - others]


def _round_otherwise(case: Case, shapes: tuple[Shape, ...]) -> Remedies:
    """Pooling in one of the branches that rounds its size the other way."""
    for name, _ in zip(case.item.inputs, shapes, strict=True):
        for item in _branch(case, name):
            rounds_up = getattr(item, "ceil_mode", None)
            if rounds_up is not None:
                edit = partial(set_fields, case.design, {(*case.path[:-1], item.name): {"ceil_mode": not rounds_up}})
                yield Remedy(f"Round {'down' if rounds_up else 'up'} in {item.name}", edit)


def _grow(case: Case, shapes: tuple[Shape, ...], large: tuple[int, ...]) -> Remedies:
    """Output padding of a transposed convolution, or the size of what resizes, that gives the larger map."""
    for name, shape in zip(case.item.inputs, shapes, strict=True):
        item = next(iter(_branch(case, name)), None)
        path = (*case.path[:-1], name)
        missing = tuple(most - size for most, size in zip(large, shape.spatial, strict=True))
        if item is None or not any(missing):
            continue
        if has_field(item, "output_padding"):
            now = per_axis(getattr(item, "output_padding", None) or 0, shape.rank)
            more = collapsed(tuple(old + new for old, new in zip(now, missing, strict=True)))
            edit = partial(set_fields, case.design, {path: {"output_padding": more}})
            yield Remedy(f"Use an output padding of {_sizes(more)} in {name}", edit)
        elif has_field(item, "scale") and has_field(item, "mode"):
            edit = partial(set_fields, case.design, {path: {"size": large, "scale": None}})
            yield Remedy(f"Resize to {_sizes(large)} in {name}", edit)


def _cut(case: Case, shapes: tuple[Shape, ...], small: tuple[int, ...]) -> Remedies:
    """The larger maps cropped; of an odd number of rows one more at the end, where rounding down loses them."""
    for name, shape in zip(case.item.inputs, shapes, strict=True):
        if shape.spatial != small:
            margin = _margin(tuple(size - least for size, least in zip(shape.spatial, small, strict=True)))
            layer = Crop(cropping=margin)
            yield Remedy(
                f"Crop {name} by {_margins(margin)}", partial(insert_before, case.design, case.path, layer, name)
            )


def _pad(case: Case, shapes: tuple[Shape, ...], large: tuple[int, ...]) -> Remedies:
    """The smaller maps padded, as they would be cropped."""
    for name, shape in zip(case.item.inputs, shapes, strict=True):
        if shape.spatial != large:
            margin = _margin(tuple(most - size for size, most in zip(shape.spatial, large, strict=True)))
            layer = ZeroPad(padding=margin)
            yield Remedy(
                f"Pad {name} by {_margins(margin)}", partial(insert_before, case.design, case.path, layer, name)
            )


def _throughout(case: Case) -> Remedies:
    """The larger maps cropped before all merges of the network that need it, as one edit."""
    analysis, merges = case.analysis, list[str]()
    while len(merges) < MAX_MERGES:
        step = next(filter(None, map(partial(_cropping, analysis), analysis.errors)), None)
        if step is None or step[0] in merges:
            break
        merges.append(step[0])
        analysis = analyze(step[1].design, analysis.convention, analysis)
    if len(merges) > 1:
        design, places = (
            analysis.design,
            tuple(path for path, item in walk(analysis.design.layers) if item.name in merges),
        )
        label = f"Crop the larger maps before {listed(merges)}"
        yield Remedy(label, lambda: Edit(design, label, places))


def _cropping(analysis: Analysis, problem: Problem) -> tuple[str, Edit] | None:
    """A merge whose maps differ in size, and the edit that crops them; None for any other problem."""
    case = case_of(analysis, problem) if problem.rule == "merge" else None
    shapes = next(iter(case.shapes), ()) if case else ()
    if case is None or len({shape.rank for shape in shapes}) != 1 or len(case.item.inputs) != len(shapes):
        return None
    small = tuple(min(column) for column in zip(*[shape.spatial for shape in shapes], strict=True))
    remedy = next(_cut(case, shapes, small), None)
    return None if remedy is None else (case.item.name, remedy.make())


def _margin(differences: tuple[int, ...]) -> Margin:
    # The odd row at the end, where rounding down has lost it in the other branch.
    return tuple((difference // 2, difference - difference // 2) for difference in differences)


def _margins(margin: Margin) -> str:
    """`[0, 1]` for each axis, once if all are alike."""
    pairs = [f"[{begin}, {end}]" for begin, end in margin]
    return pairs[0] if len(set(pairs)) == 1 else " × ".join(pairs)


def _sizes(value: Any) -> str:
    return str(value) if isinstance(value, int) else " × ".join(map(str, value))
