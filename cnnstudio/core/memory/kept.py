"""The bytes that each layer has kept for backward, with their working and the reason.

A tensor belongs to the layer that makes it, and is kept because a later one needs it; each is counted once, however
many layers keep it, so that the rows add up to the total.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import structs

from cnnstudio.core.arithmetic.derivation import Symbol, Working, plain, product, symbol, total
from cnnstudio.core.arithmetic.shape import AXIS_NAMES, Shape
from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.counting.expansion import as_counted
from cnnstudio.core.counting.quantity import Spread
from cnnstudio.core.counting.rows import Row
from cnnstudio.core.memory.forward import PARAMETER_COPY
from cnnstudio.core.memory.model import MemoryModel, model_of
from cnnstudio.core.memory.trace import Kept
from cnnstudio.core.network.design import Design
from cnnstudio.core.network.memory_setting import Setting
from cnnstudio.core.network.problem import listed

KEY = "kept_bytes"
NAME = "kept for backward"
MAX_SPREAD = 5_000
"""Layers up to which kept bytes are told with every edit, layer by layer."""


def kept_working(model: MemoryModel, at: int, batch: int) -> Working:
    """The working of what is kept of a layer, by its place in the run."""
    kept = _by_maker(model.trace.kept_of(batch)).get(at, ())
    number = total([_bytes(model, item, batch, symbol) for item in kept])
    unsure = id(model.nodes[at]) in model.unsure
    return Working(KEY, NAME, None if unsure else number, _reason(model, at, kept))


def kept_spread(analysis: Analysis) -> Spread:
    """The bytes that training keeps of every layer, in the setting of the design; unknown for too many layers."""
    setting = kept_setting(analysis.design)
    key = f"kept {setting.batch} {setting.casts}"
    if key not in analysis.__dict__:
        analysis.__dict__[key] = _spread(analysis, setting)
    found: Spread = analysis.__dict__[key]
    return found


def kept_setting(design: Design) -> Setting:
    """The setting for which kept bytes are told: the one of the design, or else the usual one, in training."""
    return structs.replace(design.memory or Setting(), mode="train")


def kept_in(row: Row, analysis: Analysis) -> Working:
    """The working of what training keeps of a layer, in its network."""
    if analysis.totals.layers > MAX_SPREAD:
        return Working(KEY, NAME, None, f"found for up to {MAX_SPREAD:,} layers")
    setting = kept_setting(analysis.design)
    try:
        model = model_of(analysis, setting)
    except ValueError as error:
        return Working(KEY, NAME, None, str(error))
    at = model.places.get(row.path)
    return Working(KEY, NAME, None, "") if at is None else kept_working(model, at, setting.batch)


def _spread(analysis: Analysis, setting: Setting) -> Spread:
    if analysis.totals.layers > MAX_SPREAD:
        return Spread()
    try:
        model = model_of(analysis, setting)
    except ValueError:
        # No layer has known sizes: then all of it is unknown.
        return Spread()
    sizes = [0] * len(model.nodes)
    for kept in model.trace.kept_of(setting.batch):
        sizes[kept.maker] += _bytes(model, kept, setting.batch)
    values: dict[str, int | None] = {}
    for path, at in model.places.items():
        values[path] = None if id(model.nodes[at]) in model.unsure else sizes[at]
    sums: dict[str, int | None] = {}
    for row, counted in zip(analysis.rows, as_counted(analysis.entries), strict=True):
        value, before = values.get(row.path), sums.get(counted, 0)
        sums[counted] = None if value is None or before is None else before + value
    return Spread(values, sums)


def _by_maker(kept: Iterable[Kept]) -> dict[int, list[Kept]]:
    found: dict[int, list[Kept]] = {}
    for item in kept:
        found.setdefault(item.maker, []).append(item)
    return found


def _bytes(model: MemoryModel, kept: Kept, batch: int, name: Symbol = plain) -> int:
    """The bytes of a storage: batch · elements · bytes, as an expression if they are named."""
    each, fixed = model.trace.each[kept.storage], model.trace.fixed[kept.storage]
    if kept.what == PARAMETER_COPY:
        return name("W", fixed // 2) * name("bytes", 2)
    if not each:
        return name(kept.what.replace(" ", "_"), fixed)
    examples = name("batch", batch)
    row = model.nodes[kept.maker].row
    shape = row.output_shape
    if kept.what == "output" and shape is not None and each % shape.elements == 0:
        sizes = _sizes(shape, row.step_axes if row.inputs else 0, name)
        return product((examples, *sizes, name("bytes", each // shape.elements)))
    return examples * name(kept.what.replace(" ", "_"), each)


def _sizes(shape: Shape, step_axes: int, name: Symbol) -> list[int]:
    names = AXIS_NAMES[shape.rank - step_axes]
    sizes = [name(f"O{axis}", size) for axis, size in zip(names, shape.spatial[step_axes:], strict=True)]
    steps = [name("steps", product(shape.spatial[:step_axes]))] if step_axes else []
    return [*steps, *sizes, name("N", shape.channels)]


def _reason(model: MemoryModel, at: int, kept: Iterable[Kept]) -> str:
    """`kept because bn1 needs it`; for what the layer keeps for itself, what that is."""
    if id(model.nodes[at]) in model.unsure:
        return next(step.unknown for step in model.nodes[at].steps if step.unknown)
    needed: dict[str, None] = {}
    own: dict[str, None] = {}
    for item in kept:
        others = [model.rows[keeper].path for keeper in item.keepers if keeper != at]
        needed |= dict.fromkeys(others)
        own |= {} if others else {item.what: None}
    words = [f"kept because {listed(list(needed))} {'needs' if len(needed) == 1 else 'need'} it"] if needed else []
    words += [f"its own {listed(list(own))}"] if own else []
    return "; ".join(words) or "nothing of it is needed"
