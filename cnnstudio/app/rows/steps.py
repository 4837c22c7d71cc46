"""The steps that lead from one list of keys to another, so that views keep selection and scroll position. No Qt."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import Literal, TypeVar

from msgspec import Struct

T = TypeVar("T")


class Step(Struct, frozen=True):
    """One step on the list as the steps before left it.

    remove: rows `first` to `last`. move: rows `first` to `last` before the row that is `target` before the move.
    insert: rows `first` to `last`, as they will be. replace: row `first` stays and gets another key.
    """

    kind: Literal["remove", "move", "insert", "replace"]
    first: int
    last: int
    target: int = 0


def difference(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[Step]:
    """Few steps from `old` to `new`: what is common at both ends stays untouched. Keys are unique in each list."""
    begin, old_end, new_end = _common_ends(old, new)
    if begin == old_end and begin == new_end:
        return []
    before, after = list(old[begin:old_end]), list(new[begin:new_end])
    # A row that is renamed stays: removed and inserted, it would lose selection, focus and folding.
    if len(before) == len(after) == 1:
        return [Step("replace", begin, begin)]
    after_keys, before_keys = set(after), set(before)
    steps = _removals(before, after_keys, begin)
    left = [key for key in before if key in after_keys]
    steps += _moves(left, [key for key in after if key in before_keys], begin)
    return steps + _insertions(after, before_keys, begin)


def moved(rows: Sequence[T], step: Step) -> list[T]:
    """The rows after a step that moves some of them."""
    run = rows[step.first : step.last + 1]
    rest = [*rows[: step.first], *rows[step.last + 1 :]]
    # Qt counts the target before the rows are taken out, a Python list after it.
    at = step.target if step.target < step.first else step.target - len(run)
    return [*rest[:at], *run, *rest[at:]]


def _common_ends(old: Sequence[Hashable], new: Sequence[Hashable]) -> tuple[int, int, int]:
    shortest = min(len(old), len(new))
    begin = 0
    while begin < shortest and old[begin] == new[begin]:
        begin += 1
    tail = 0
    while tail < shortest - begin and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    return begin, len(old) - tail, len(new) - tail


def _removals(before: list[Hashable], kept: set[Hashable], offset: int) -> list[Step]:
    """Runs of rows that are no longer there, the last first, so that indices stay true."""
    runs = runs_of([index for index, key in enumerate(before) if key not in kept])
    return [Step("remove", offset + first, offset + last) for first, last in reversed(runs)]


def _insertions(after: list[Hashable], known: set[Hashable], offset: int) -> list[Step]:
    runs = runs_of([index for index, key in enumerate(after) if key not in known])
    return [Step("insert", offset + first, offset + last) for first, last in runs]


def runs_of(indices: Iterable[int]) -> list[tuple[int, int]]:
    """The first and the last of each run of neighbours in ascending numbers."""
    runs: list[tuple[int, int]] = []
    for index in indices:
        if runs and runs[-1][1] == index - 1:
            runs[-1] = (runs[-1][0], index)
        else:
            runs.append((index, index))
    return runs


def _moves(current: list[Hashable], wanted: list[Hashable], offset: int) -> list[Step]:
    """One step for a run of rows that moved together, whichever way is shorter."""
    begin, end, _ = _common_ends(current, wanted)
    if begin == end:
        return []
    rotation = current.index(wanted[begin])
    if current[rotation:end] + current[begin:rotation] == wanted[begin:end]:
        return [_rotation_step(begin, rotation, end, offset)]
    steps: list[Step] = []
    for place in range(begin, end):
        source = current.index(wanted[place], place)
        if source != place:
            steps.append(Step("move", offset + source, offset + source, offset + place))
            current.insert(place, current.pop(source))
    return steps


def _rotation_step(begin: int, rotation: int, end: int, offset: int) -> Step:
    """Either half may move; the smaller one is what the user took."""
    if end - rotation <= rotation - begin:
        return Step("move", offset + rotation, offset + end - 1, offset + begin)
    return Step("move", offset + begin, offset + rotation - 1, offset + end)
