"""The bytes that each layer has kept for backward, with their working and the reason.

A tensor belongs to the layer that makes it, and is kept because a later one needs it; each is counted once, however
many layers keep it, so that the rows add up to the total.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from cnnstudio.core.arithmetic.derivation import Symbol, Working, plain, product, symbol, total
from cnnstudio.core.arithmetic.measure import Measure
from cnnstudio.core.arithmetic.shape import AXIS_NAMES, Shape
from cnnstudio.core.memory.forward import PARAMETER_COPY
from cnnstudio.core.memory.model import MemoryModel
from cnnstudio.core.memory.trace import Kept
from cnnstudio.core.network.problem import listed

KEY = "kept_bytes"
NAME = "kept for backward"


class KeptRow(Struct, frozen=True):
    """A layer and what of its making is kept: bytes, and why."""

    path: str
    bytes: Measure
    reason: str


def kept_rows(model: MemoryModel, batch: int) -> tuple[KeptRow, ...]:
    """One row a layer, in the order in which they run."""
    found = _by_maker(model.trace.kept)
    rows = []
    for at, row in enumerate(model.rows):
        kept = found.get(at, ())
        size = sum([_bytes(model, item, batch) for item in kept])
        unsure = id(model.nodes[at]) in model.unsure
        rows.append(KeptRow(row.path, Measure(size, "at least" if unsure else "exact"), _reason(model, at, kept)))
    return tuple(rows)


def kept_working(model: MemoryModel, at: int, batch: int) -> Working:
    """The working of what is kept of a layer, by its place in the run."""
    kept = _by_maker(model.trace.kept).get(at, ())
    number = total([_bytes(model, item, batch, symbol) for item in kept])
    unsure = id(model.nodes[at]) in model.unsure
    return Working(KEY, NAME, None if unsure else number, _reason(model, at, kept))


def _by_maker(kept: Iterable[Kept]) -> dict[int, list[Kept]]:
    found: dict[int, list[Kept]] = {}
    for item in kept:
        found.setdefault(item.maker, []).append(item)
    return found


def _bytes(model: MemoryModel, kept: Kept, batch: int, name: Symbol = plain) -> int:
    """The bytes of a storage: B · elements · bytes, as an expression if they are named."""
    each, fixed = model.trace.each[kept.storage], model.trace.fixed[kept.storage]
    if kept.what == PARAMETER_COPY:
        return name("W", fixed // 2) * name("bytes", 2)
    if not each:
        return name(kept.what.replace(" ", "_"), fixed)
    examples = name("B", batch)
    shape = model.nodes[kept.maker].row.output_shape
    if kept.what == "output" and shape is not None and each % shape.elements == 0:
        return product((examples, *_sizes(shape, name), name("bytes", each // shape.elements)))
    return examples * name(kept.what.replace(" ", "_"), each)


def _sizes(shape: Shape, name: Symbol) -> list[int]:
    names = AXIS_NAMES[shape.rank]
    sizes = [name(f"O{axis}", size) for axis, size in zip(names, shape.spatial, strict=True)]
    return [*sizes, name("N", shape.channels)]


def _reason(model: MemoryModel, at: int, kept: Iterable[Kept]) -> str:
    """`kept because bn1 needs it`; for what the layer keeps for itself, what that is."""
    if id(model.nodes[at]) in model.unsure:
        return "nobody can say what it keeps"
    needed: dict[str, None] = {}
    own: dict[str, None] = {}
    for item in kept:
        others = [model.rows[keeper].path for keeper in item.keepers if keeper != at]
        needed |= dict.fromkeys(others)
        own |= {} if others else {item.what: None}
    words = [f"kept because {listed(list(needed))} {'needs' if len(needed) == 1 else 'need'} it"] if needed else []
    words += [f"its own {listed(list(own))}"] if own else []
    return "; ".join(words) or "nothing of it is needed"
