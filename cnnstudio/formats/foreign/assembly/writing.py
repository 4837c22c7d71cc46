"""Names and connections: the items of a design from grouped steps."""

from __future__ import annotations

from msgspec import structs

from cnnstudio.core.network.design import BLOCK_INPUT, Block, Item, ItemPath
from cnnstudio.core.network.layer import MAX_NAME_LENGTH, natural_name
from cnnstudio.formats.foreign.assembly.grouping import Group, Leaf, Part
from cnnstudio.formats.foreign.draft import Draft

TIME_DISTRIBUTED = "time_distributed"
Places = dict[int, ItemPath]
"""The paths of items by their steps."""


def items_from(
    draft: Draft,
    parts: list[Part],
    places: Places,
    entries: tuple[int, ...] = (),
    within: ItemPath = (),
    step_axes: int = 0,
) -> tuple[Item, ...]:
    """The items of one list; `entries` are the steps that flow into a block, none for the design's own list.

    What has the weights of another is not yet told of it; the paths go into `places`. `step_axes` are those of the
    blocks around the list that are applied at each step.
    """
    items: list[Item] = []
    known = dict(zip(entries, _entry_names(len(entries)), strict=True))
    taken, before = {BLOCK_INPUT, *known.values()}, BLOCK_INPUT if entries else None
    for run in _runs(draft, parts, step_axes):
        part = run[0]
        inner_axes = step_axes + (_step_axes(draft, part) > step_axes)
        name = _unused(_name(draft, part) if len(run) == 1 else TIME_DISTRIBUTED, taken)
        item: Item
        if isinstance(part, Leaf) and inner_axes == step_axes:
            step = draft.steps[part.step]
            assert step.layer is not None
            item = structs.replace(step.layer, name=name, inputs=_inputs(step.inputs, known, before))
            places[part.step] = (*within, name)
        else:
            repeat, inside, sources = _inside(draft, run)
            item = Block(
                name=name,
                repeat=repeat,
                layers=items_from(draft, inside, places, sources, (*within, name), inner_axes),
                inputs=_inputs(sources, known, before),
                further_inputs=_entry_names(len(sources))[1:],
                time_distributed=inner_axes > step_axes,
            )
        items.append(item)
        known[_output(run[-1])] = before = name
    return tuple(items)


def _inside(draft: Draft, run: list[Part]) -> tuple[int, list[Part], tuple[int, ...]]:
    """The repeats of the block that some parts make, the parts in it, and the steps that flow into it."""
    part = run[0]
    if isinstance(part, Group) and len(run) == 1:
        return part.repeat, part.parts, (part.source,)
    return 1, run, _sources(draft, run)


def _entry_names(count: int) -> tuple[str, ...]:
    """The names inside a block of what flows into it."""
    return (BLOCK_INPUT, *[f"{BLOCK_INPUT}_{at}" for at in range(2, count + 1)])[:count]


def _runs(draft: Draft, parts: list[Part], step_axes: int) -> list[list[Part]]:
    """The parts, those together that follow each other at each step and of which only the last is taken elsewhere."""
    users = draft.users() if any(_step_axes(draft, part) > step_axes for part in parts) else []
    runs: list[list[Part]] = []
    for part in parts:
        is_repeated = _step_axes(draft, part) > step_axes
        if is_repeated and runs and _step_axes(draft, runs[-1][-1]) > step_axes:
            source = _output(runs[-1][-1])
            if source in _sources(draft, [part]) and source not in draft.outputs and len(users[source]) == 1:
                runs[-1].append(part)
                continue
        runs.append([part])
    return runs


def _step_axes(draft: Draft, part: Part) -> int:
    """The axes along which all steps of a part are applied at each step."""
    return min([draft.steps[step].step_axes for step in _steps(part)])


def _steps(part: Part) -> list[int]:
    return [part.step] if isinstance(part, Leaf) else part.steps


def _output(part: Part) -> int:
    return part.step if isinstance(part, Leaf) else part.output


def _sources(draft: Draft, run: list[Part]) -> tuple[int, ...]:
    """The steps outside that some parts take, each once."""
    inside = {step for part in run for step in (*_steps(part), _output(part))}
    taken = [source for part in run for step in _steps(part) for source in draft.steps[step].inputs]
    return tuple(dict.fromkeys([source for source in taken if source not in inside]))


def _inputs(sources: tuple[int, ...], known: dict[int, str], before: str | None) -> tuple[str, ...]:
    """The names of what an item takes; none where it takes the item before it."""
    names = tuple(known[source] for source in sources)
    return () if names == (before,) else names


def _name(draft: Draft, part: Part) -> str:
    """The name in the file; a number alone gets the type before it, as in `conv2d_0`."""
    if not part.name.replace(".", "").isdigit() and part.name.strip() and part.name.isprintable():
        return part.name[:MAX_NAME_LENGTH]
    layer = draft.steps[part.step].layer if isinstance(part, Leaf) else None
    stem = natural_name(layer.type_name) if layer is not None else "block"
    return f"{stem}_{part.name}" if part.name.replace(".", "").isdigit() else stem


def _unused(name: str, taken: set[str]) -> str:
    """The name, or `name_2` and on where it is taken; it is added to `taken`."""
    # PyTorch and ONNX call their inputs so, and inside a block the word is reserved.
    if name == BLOCK_INPUT:
        name = "input_1"
    unused, number = name, 1
    while unused in taken:
        number += 1
        # With room for the number, or a name of full length would never become another one.
        unused = f"{name[: MAX_NAME_LENGTH - 10]}_{number}"
    taken.add(unused)
    return unused
