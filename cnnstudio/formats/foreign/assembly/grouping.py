"""Blocks from the paths of the file: what belongs together, takes one input and gives one output, is a block."""

from __future__ import annotations

from msgspec import Struct

from cnnstudio.core.network.design import MAX_REPEATS
from cnnstudio.core.network.layer import Layer
from cnnstudio.formats.foreign.draft import Draft

MIN_BLOCK_LAYERS = 4
"""A group of fewer layers that does not repeat is written without a block, under dotted names."""
MAX_DEPTH = 24
"""Blocks inside blocks; deeper paths go on as dotted names."""

Signature = tuple[tuple[tuple[str, ...], Layer | None, tuple[int, ...], int | None, int], ...]


class Leaf(Struct):
    """One step, and its name among its neighbours; dotted where the groups around it are no blocks."""

    name: str
    step: int


class Group(Struct):
    """Steps that share a path. `steps` are those of the first repeat, `output` is the last step of the last one."""

    name: str
    parts: list[Leaf | Group]
    steps: list[int]
    output: int
    signature: Signature
    source: int
    repeat: int = 1


Part = Leaf | Group


class Grouping:
    """Groups the steps of one draft by their paths."""

    def __init__(self, draft: Draft, *, folds: bool) -> None:
        self.draft = draft
        self.folds = folds
        self.users = draft.users()
        self.outputs = set(draft.outputs)

    def parts(self) -> list[Part]:
        """The list of the design: layers, and blocks of layers."""
        steps = [index for index, step in enumerate(self.draft.steps) if not step.is_dropped]
        if not self.folds:
            return [Leaf(self.draft.joint.join(self.draft.steps[index].path), index) for index in steps]
        return self._settled(self._grouped(steps, 0))

    def _grouped(self, steps: list[int], depth: int) -> list[Part]:
        """Leaves, and a group for each run of steps whose paths go on alike."""
        result: list[Part] = []
        at = 0
        while at < len(steps):
            path = self.draft.steps[steps[at]].path
            if len(path) <= depth + 1 or depth >= MAX_DEPTH:
                result.append(Leaf(self.draft.joint.join(path[depth:]), steps[at]))
                at += 1
                continue
            end = at + 1
            while end < len(steps) and self._goes_on(steps[end], depth, path[depth]):
                end += 1
            result.extend(self._unit(path[depth], steps[at:end], depth))
            at = end
        return self._folded(result)

    def _goes_on(self, step: int, depth: int, name: str) -> bool:
        path = self.draft.steps[step].path
        return len(path) > depth + 1 and path[depth] == name

    def _unit(self, name: str, run: list[int], depth: int) -> list[Part]:
        """The run as one group, or its parts under dotted names where it is no block."""
        parts = self._grouped(run, depth + 1)
        if len(parts) == 1:
            # Keras' names are whole; the modules of PyTorch hold a function whose own name says nothing more.
            keeps = self.draft.joint == "_" and isinstance(parts[0], Leaf)
            parts[0].name = f"{name}_{parts[0].name}" if keeps else name
            return parts
        source = self._source(run)
        # A block has one way in and one way out; what has more is written into the list around it.
        if source is None or not self._is_closed(run):
            return [self._prefixed(part, name) for part in self._settled(parts)]
        return [Group(name, self._settled(parts), run, run[-1], self._signature(run, depth), source)]

    def _source(self, run: list[int]) -> int | None:
        """The one step outside that the run takes, None if there is not exactly one."""
        inside = set(run)
        taken = {source for step in run for source in self.draft.steps[step].inputs if source not in inside}
        starts = any(not self.draft.steps[step].inputs for step in run)
        return next(iter(taken)) if len(taken) == 1 and not starts else None

    def _is_closed(self, run: list[int]) -> bool:
        """True if only the last step of the run is taken outside it."""
        inside = set(run)
        return not any(
            step in self.outputs or any(user not in inside for user in self.users[step]) for step in run[:-1]
        )

    def _signature(self, run: list[int], depth: int) -> Signature:
        """A key that is equal for equal groups: layers, names inside, wiring relative to the group, whose weights."""
        place = {step: index for index, step in enumerate(run)}
        steps = [self.draft.steps[step] for step in run]
        return tuple(
            (
                step.path[depth + 1 :],
                step.layer,
                tuple(place.get(source, -1) for source in step.inputs),
                None if step.shares is None else place.get(step.shares, -1 - step.shares),
                step.step_axes,
            )
            for step in steps
        )

    def _folded(self, parts: list[Part]) -> list[Part]:
        """The parts, a group that equals the one before it and follows it counted as its repeat."""
        result: list[Part] = []
        for part in parts:
            before = result[-1] if result else None
            if isinstance(part, Group) and isinstance(before, Group) and self._repeats(before, part):
                before.repeat += part.repeat
                # As the studio itself numbers the repeats of a block.
                before.name = before.name.removesuffix("[1]") or before.name
                before.output = part.output
            else:
                result.append(part)
        return result

    def _repeats(self, before: Group, part: Group) -> bool:
        inside = set(part.steps)
        return (
            part.source == before.output
            and before.signature == part.signature
            and before.output not in self.outputs
            # What takes an earlier repeat could not name it any more once they are one block.
            and all(user in inside for user in self.users[before.output])
            and before.repeat + part.repeat <= MAX_REPEATS
        )

    def _settled(self, parts: list[Part]) -> list[Part]:
        """The parts, without the groups that are too small for a block."""
        result: list[Part] = []
        for part in parts:
            if isinstance(part, Group) and part.repeat == 1 and len(part.steps) < MIN_BLOCK_LAYERS:
                result.extend(self._prefixed(inner, part.name) for inner in part.parts)
            else:
                result.append(part)
        return result

    def _prefixed(self, part: Part, name: str) -> Part:
        part.name = f"{name}{self.draft.joint}{part.name}"
        return part
