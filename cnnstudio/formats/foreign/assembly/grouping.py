"""Blocks from the paths of the file: what belongs together is a block, with what flows into it and out of it."""

from __future__ import annotations

from msgspec import Struct

from cnnstudio.core.network.design import MAX_REPEATS
from cnnstudio.core.network.layer import Layer
from cnnstudio.formats.foreign.draft import Draft

MIN_BLOCK_LAYERS = 4
"""A group of fewer layers that does not repeat is written without a block, under dotted names."""
MAX_DEPTH = 24
"""Blocks inside blocks; deeper paths go on as dotted names."""

MAX_SOURCES, MAX_EXITS = 4, 8
"""The most that flows into a block, and out of it beside its output; a group with more is no block."""

Signature = tuple[tuple[tuple[str, ...], Layer | None, tuple[int, ...], int | None, int], ...]


class Leaf(Struct):
    """One step, and its name among its neighbours; dotted where the groups around it are no blocks."""

    name: str
    step: int


class Group(Struct):
    """Steps that share a path. `steps` are those of the first repeat, `output` is the last step of the last one.

    `sources` are the steps outside that it takes, of which that at `lead` is the output of the repeat before. `exits`
    are those that others take beside its output: each the step of the first repeat, and that of the last.
    """

    name: str
    parts: list[Leaf | Group]
    steps: list[int]
    output: int
    signature: Signature
    sources: list[int]
    exits: list[tuple[int, int]]
    lead: int = 0
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
        sources, exits = self._sources(run), self._exits(run)
        if sources is None or exits is None:
            return [self._prefixed(part, name) for part in self._settled(parts)]
        return [Group(name, self._settled(parts), run, run[-1], self._signature(run, depth, sources), sources, exits)]

    def _sources(self, run: list[int]) -> list[int] | None:
        """The steps outside that the run takes, in the order in which it does; None where no block takes so."""
        inside, steps = set(run), self.draft.steps
        taken = list(dict.fromkeys([source for step in run for source in steps[step].inputs if source not in inside]))
        # An input of the network is never inside, and what takes a further output stands beside what gives it.
        starts = any(
            not steps[step].inputs or (self._picks(step) and not inside.issuperset(steps[step].inputs)) for step in run
        )
        return taken if 0 < len(taken) <= MAX_SOURCES and not starts else None

    def _picks(self, step: int) -> bool:
        """True for what takes a further output of a layer."""
        layer = self.draft.steps[step].layer
        return layer is not None and bool(layer.picks)

    def _exits(self, run: list[int]) -> list[tuple[int, int]] | None:
        """The steps of a run but the last that others take; None where no block gives so."""
        inside = set(run)
        others = {step: [user for user in self.users[step] if user not in inside] for step in run}
        torn = any(self._picks(user) for users in others.values() for user in users)
        found = [(step, step) for step in run[:-1] if others[step] or step in self.outputs]
        is_end = bool(others[run[-1]]) or run[-1] in self.outputs
        return found if is_end and not torn and len(found) <= MAX_EXITS else None

    def _signature(self, run: list[int], depth: int, sources: list[int]) -> Signature:
        """A key that is equal for equal groups: layers, names inside, wiring relative to the group, whose weights."""
        place = {step: index for index, step in enumerate(run)}
        place |= {step: -1 - index for index, step in enumerate(sources)}
        steps = [self.draft.steps[step] for step in run]
        return tuple(
            (
                step.path[depth + 1 :],
                step.layer,
                tuple(place[source] for source in step.inputs),
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
                first = dict(zip(part.steps, before.steps, strict=True))
                before.exits = [(first[inside], outside) for inside, outside in part.exits]
            else:
                result.append(part)
        return result

    def _repeats(self, before: Group, part: Group) -> bool:
        inside = set(part.steps)
        if (
            before.signature != part.signature
            or before.output in self.outputs
            # What takes an earlier repeat could not name it any more once they are one block.
            or before.exits
            or not all(user in inside for user in self.users[before.output])
            or before.repeat + part.repeat > MAX_REPEATS
        ):
            return False
        lead = [at for at, source in enumerate(part.sources) if source == before.output]
        rest = [at for at in range(len(part.sources)) if at not in lead]
        # What flows in beside the output of the repeat before is the same in all of them.
        if len(lead) != 1 or any(before.sources[at] != part.sources[at] for at in rest):
            return False
        first = dict(zip(part.steps, before.steps, strict=True))
        known = {given.step if isinstance(given, Leaf) else given.output for given in before.parts}
        if not known.issuperset([first[step] for step, _ in part.exits]):
            return False
        if before.repeat > 1 and before.lead != lead[0]:
            return False
        before.lead = lead[0]
        return True

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
