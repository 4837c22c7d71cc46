"""The flows along the connections of a list while it is counted."""

from __future__ import annotations

from msgspec import Struct

from cnnstudio.core.arithmetic.receptive_field import ReceptiveField, unlike_steps
from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.counting.guesses import Guesses
from cnnstudio.core.counting.reflow import given_beside
from cnnstudio.core.counting.reuse import CommonEnds
from cnnstudio.core.counting.rows import Entry, Row
from cnnstudio.core.network.design import Block, Item
from cnnstudio.core.network.distribution import further_at_each_step


class Flow(Struct, frozen=True, gc=False):
    """A flow along a connection: its source, its shape, and what it sees of the input.

    `guesses` stand for a shape of which the sizes alone are unknown. `entry` is a layer as it was counted, which knows
    its further outputs, and `given` are the flows that a block gives beside its own.
    """

    path: str
    shape: Shape | None
    field: ReceptiveField | None
    item: Item | None
    guesses: Guesses | None = None
    entry: Row | None = None
    given: dict[str, Flow] | None = None


def flow_of(item: Item, entry: Entry) -> Flow:
    """The flow out of an item."""
    if isinstance(entry, Row):
        if (counts := entry.counts) is not None:
            return Flow(entry.path, counts.output, entry.receptive_field, item, None, entry)
        part = entry.part
        return Flow(entry.path, entry.output_shape, None, item, part.outputs if part else None, entry)
    # The path of the last row inside and not the block's own: connections run between layers.
    given = {name: _given(path, inner, item) for name, path, inner in given_beside(entry)}
    return Flow(entry.result, entry.output_shape, entry.receptive_field, item, entry.guesses, None, given or None)


def _given(path: str, entry: Entry, block: Item) -> Flow:
    """The flow out of an item inside a block, in its last pass."""
    inner = flow_of(entry.item, entry)
    return Flow(path, inner.shape, inner.field, block, inner.guesses)


def reuse_head(unchanged: CommonEnds, flows: dict[str, Flow], used: set[str]) -> Flow:
    """Notes what flows out of the head of a list and is taken by name after it; what flows out of its last item."""
    items, head = unchanged.items, unchanged.head
    mark_inputs_used(items, 0, head, used)
    # Only what is named later. Making a flow for each of ten thousand unchanged layers would cost more than the edit.
    if wanted := unchanged.taken_by_name():
        pairs = zip(items[:head], unchanged.entries, strict=False)
        flows.update((item.name, flow_of(item, entry)) for item, entry in pairs if item.name in wanted)
    return flow_of(items[head - 1], unchanged.entries[head - 1])


def mark_inputs_used(items: tuple[Item, ...], first: int, end: int, used: set[str]) -> None:
    """Notes what some items of a design's own list take, so that it is not reported as unused."""
    for at in range(first, end):
        item = items[at]
        if item.inputs:
            used.update(item.inputs)
        elif at and (type(item) is Block or item.max_inputs != 0):
            used.add(items[at - 1].name)


def sources_of(item: Item, flows: dict[str, Flow], before: Flow | None, used: set[str]) -> list[Flow | None]:
    """The flows into an item, None for a name that leads nowhere; what it takes is noted as used."""
    # Even an input that names nothing is marked: an item that is named is not unused, whoever misspelt the rest.
    if item.inputs:
        used.update(item.inputs)
        found = [flows.get(name) for name in item.inputs]
        return found if type(item) is Block or not item.picks else [_further(flow, item.picks) for flow in found]
    # An Input begins anew and does not take the layer above it, although it names no inputs either.
    if before is None or (type(item) is not Block and item.max_inputs == 0):
        return []
    if before.item is not None:
        used.add(before.item.name)
    return [before] if type(item) is Block or not item.picks else [_further(before, item.picks)]


def _further(flow: Flow | None, name: str) -> Flow | None:
    """The flow out of a further output of an item; one without a shape where the item has none of that name."""
    if flow is None:
        return None
    if flow.given is not None and name in flow.given:
        return flow.given[name]
    entry = flow.entry
    if entry is None or name not in entry.layer.further_outputs:
        return Flow(flow.path, None, None, flow.item)
    if entry.counts is None:
        guesses = entry.part.given.get(name) if entry.part is not None else None
        known = guesses.small if guesses is not None and guesses.small == guesses.large else None
        return Flow(flow.path, known, None, flow.item, guesses)
    shapes = tuple([shape for shape in entry.input_shapes if shape is not None])
    shape = further_at_each_step(entry.layer, name, shapes, entry.counts.output, entry.step_axes)
    return Flow(flow.path, shape, flow.field, flow.item)


def parts_of(
    sources: list[Flow | None],
) -> tuple[tuple[Shape | None, ...], tuple[ReceptiveField | None, ...], tuple[str, ...]]:
    """Shapes, fields and paths of what flows in; most layers take one input, and that way is the short one."""
    if len(sources) == 1 and (flow := sources[0]) is not None:
        return (flow.shape,), (flow.field,), (flow.path,)
    return (
        tuple([flow.shape if flow else None for flow in sources]),
        tuple([flow.field if flow else None for flow in sources]),
        tuple([flow.path for flow in sources if flow]),
    )


def holds_input(block: Block) -> bool:
    """True if something inside starts from an Input of its own, so that its field does not follow the block's
    input.
    """
    return any(holds_input(item) if isinstance(item, Block) else item.max_inputs == 0 for item in block.layers)


def steps_out_of_line(sources: list[Flow | None]) -> str:
    """The steps of branches that do not line up; one of a single position is seen by all outputs, and need not."""
    # A gate of 1 × 1, as in squeeze and excitation, is repeated over the whole map when it is multiplied.
    spread = [flow.field for flow in sources if flow and flow.shape and flow.shape.positions > 1]
    return unlike_steps(spread) if spread else ""


def first_item(sources: list[Flow | None]) -> Item | None:
    """The item that flows in first."""
    return sources[0].item if sources and sources[0] else None
