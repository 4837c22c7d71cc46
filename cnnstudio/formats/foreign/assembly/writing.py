"""Names and connections: the items of a design from grouped steps."""

from __future__ import annotations

from msgspec import structs

from cnnstudio.core.network.design import BLOCK_INPUT, Block, FurtherOutput, Identity, Item, ItemPath
from cnnstudio.core.network.layer import MAX_NAME_LENGTH, natural_name
from cnnstudio.formats.foreign.assembly.grouping import Group, Leaf, Part
from cnnstudio.formats.foreign.draft import Draft

TIME_DISTRIBUTED = "time_distributed"
Places = dict[int, ItemPath]
"""The paths of items by their steps."""


class _List:
    """A list of items as it is written: the names that are taken, and those of the steps that it knows.

    `entering` are the names of what flows into a block; `step_axes` those of the blocks around the list that are
    applied at each step.
    """

    def __init__(
        self, draft: Draft, places: Places, within: ItemPath, entering: dict[int, str], step_axes: int
    ) -> None:
        self.draft = draft
        self.places = places
        self.within = within
        self.step_axes = step_axes
        self.known = dict(entering)
        self.taken: set[str] = {BLOCK_INPUT, *entering.values()}
        self.before = next(iter(entering.values()), None)
        self.items: list[Item] = []

    def write(self, parts: list[Part]) -> None:
        """Adds all parts, those together that are applied at each step."""
        for run in _runs(self.draft, parts, self.step_axes):
            part = run[0]
            name = _unused(_name(self.draft, part) if len(run) == 1 else TIME_DISTRIBUTED, self.taken)
            if isinstance(part, Leaf) and _step_axes(self.draft, part) <= self.step_axes:
                self._leaf(part.step, name)
            else:
                self._block(run, name)

    def _add(self, item: Item) -> str:
        self.items.append(item)
        self.before = item.name
        return item.name

    def _leaf(self, at: int, name: str) -> None:
        step = self.draft.steps[at]
        assert step.layer is not None
        self.places[at] = (*self.within, name)
        inputs = _inputs(step.inputs, self.known, self.before)
        self.known[at] = self._add(structs.replace(step.layer, name=name, inputs=inputs))

    def _block(self, run: list[Part], name: str) -> None:
        """A block, and what takes its further outputs."""
        repeat, parts, sources, exits = _inside(self.draft, run)
        is_repeated = _step_axes(self.draft, run[0]) > self.step_axes
        own = {BLOCK_INPUT, *[_name(self.draft, part) for part in parts]}
        further = tuple([_unused(self.known[source], own) for source in sources[1:]])
        entering = dict(zip(sources, (BLOCK_INPUT, *further), strict=True))
        inner = _List(self.draft, self.places, (*self.within, name), entering, self.step_axes + is_repeated)
        inner.write(parts)
        inner.end(parts[-1])
        given = {outside: inner.known[step] for step, outside in exits}
        block = Block(
            name=name,
            repeat=repeat,
            layers=tuple(inner.items),
            inputs=_inputs(sources, self.known, self.before),
            further_inputs=further,
            further_outputs=tuple(dict.fromkeys(given.values())),
            time_distributed=is_repeated,
        )
        self.known[_output(run[-1])] = self._add(block)
        taken: dict[str, str] = {}
        for outside, output in given.items():
            if output not in taken:
                own_name = _unused(f"{name}{self.draft.joint}{output}"[:MAX_NAME_LENGTH], self.taken)
                inputs = () if self.before == name else (name,)
                taken[output] = self._add(FurtherOutput(name=own_name, output=output, inputs=inputs))
            self.known[outside] = taken[output]

    def end(self, last: Part) -> None:
        """Ends a block with the output of its last part, also where that gives more."""
        if isinstance(last, Group) and last.exits:
            name = self.known[last.output]
            self._add(
                Identity(name=_unused(f"{name}{self.draft.joint}output"[:MAX_NAME_LENGTH], self.taken), inputs=(name,))
            )


def items_from(draft: Draft, parts: list[Part], places: Places) -> tuple[Item, ...]:
    """The items of a design.

    What has the weights of another is not yet told of it; the paths go into `places`.
    """
    whole = _List(draft, places, (), {}, 0)
    whole.write(parts)
    return tuple(whole.items)


def _inside(draft: Draft, run: list[Part]) -> tuple[int, list[Part], tuple[int, ...], list[tuple[int, int]]]:
    """The repeats of the block that some parts make, the parts in it, and the steps that flow into it and out of it."""
    part = run[0]
    if isinstance(part, Group) and len(run) == 1:
        others = [source for at, source in enumerate(part.sources) if at != part.lead]
        return part.repeat, part.parts, (part.sources[part.lead], *others), part.exits
    inside = {step for each in run for step in (*_steps(each), _output(each))}
    taken = {
        source
        for at, step in enumerate(draft.steps)
        if at not in inside
        for source in step.inputs
        if not step.is_dropped
    }
    given = [_output(each) for each in run[:-1]]
    given += [outside for each in run if isinstance(each, Group) for _, outside in each.exits]
    return 1, run, _sources(draft, run), [(step, step) for step in given if step in taken or step in draft.outputs]


def _picks_of(draft: Draft, part: Part, run: list[Part]) -> bool:
    """True for what takes a further output of a layer among some parts: it stands beside that."""
    if not isinstance(part, Leaf):
        return False
    step = draft.steps[part.step]
    return step.layer is not None and bool(step.layer.picks) and step.inputs[0] in [_output(each) for each in run]


def _runs(draft: Draft, parts: list[Part], step_axes: int) -> list[list[Part]]:
    """The parts, those together that follow each other at each step and of which only the last is taken elsewhere."""
    users = draft.users() if any(_step_axes(draft, part) > step_axes for part in parts) else []
    runs: list[list[Part]] = []
    for part in parts:
        is_repeated = _step_axes(draft, part) > step_axes
        if is_repeated and runs and _step_axes(draft, runs[-1][-1]) > step_axes:
            source = _output(runs[-1][-1])
            if _picks_of(draft, part, runs[-1]):
                runs[-1].append(part)
                continue
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
