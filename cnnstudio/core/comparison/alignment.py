"""Two sequences laid side by side, so that what corresponds stands in one line.

First what is equal at both ends, then what is equal and unique in between (its longest run in order: "patience"),
and between those anchors the pairing with the greatest sum of likeness. That last step looks at a band around the
diagonal, so that time and memory grow with the length of the sequences, not with its square.

Source: the anchors are those of patience diff (Bram Cohen), with the longest ascending run after Schensted 1961; the
pairing in between is the global alignment of Needleman and Wunsch 1970.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Sequence

from msgspec import Struct

NAME, SHAPE, PLACE = 5, 3, 2
"""Points that an equal name, shape and place add to the likeness of two items."""
MIN_SCORE = 5
"""The likeness from which on two items may stand in one line."""
REACH = 160
"""The maximum distance of a pair from the diagonal, if nothing equal is near."""

Pairs = list[tuple[int, int]]
_UNREACHABLE = -1
_PAIR, _SKIP_FIRST, _SKIP_SECOND, _SKIP_BOTH = 0, 1, 2, 3


class Trait(Struct, frozen=True, gc=False):
    """The features that an item is compared by, each as a number that stands for an equal value in both sequences.

    Items are equal if their `key` is; else they are as alike as their `sort` makes them, and a little more for an
    equal name, shape and place.
    """

    key: int
    sort: int
    name: int
    shape: int
    place: int


Likeness = Callable[[int, int], int]
"""The likeness of two sorts: 0 for those that never stand in one line."""


def aligned(first: Sequence[Trait], second: Sequence[Trait], likeness: Likeness) -> Pairs:
    """The pairs of indices that stand in one line, ascending in both."""
    pairs: Pairs = []
    ends = (len(first), len(second))
    start = (0, 0)
    # The ends close the last stretch, so that what comes after the last anchor needs no code of its own.
    for anchor in [*_anchors(first, second), ends]:
        pairs += _between(first, second, (start, anchor), likeness)
        if anchor != ends:
            pairs.append(anchor)
        start = (anchor[0] + 1, anchor[1] + 1)
    return pairs


def _anchors(first: Sequence[Trait], second: Sequence[Trait]) -> Pairs:
    """Items that are equal and unique in both, as many as keep their order."""
    counts, others = Counter(trait.key for trait in first), Counter(trait.key for trait in second)
    # Only what is unique: a ReLU that comes a hundred times could be tied to any of the others.
    places = {trait.key: index for index, trait in enumerate(second) if others[trait.key] == 1}
    both = [(i, places[trait.key]) for i, trait in enumerate(first) if counts[trait.key] == 1 and trait.key in places]
    return _longest_ascending(both)


def _longest_ascending(pairs: Pairs) -> Pairs:
    """The most of the pairs, ascending in the first, that ascend in the second too."""
    tails: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for index, (_, value) in enumerate(pairs):
        # `tails[n]` is the smallest end of an ascending run of n + 1, so that runs stay as easy to continue as can be.
        length = bisect_left(tails, value)
        before.append(last[length - 1] if length else -1)
        tails[length : length + 1] = [value]
        last[length : length + 1] = [index]
    chain: Pairs = []
    index = last[-1] if last else -1
    while index >= 0:
        chain.append(pairs[index])
        index = before[index]
    return chain[::-1]


def _between(
    first: Sequence[Trait],
    second: Sequence[Trait],
    bounds: tuple[tuple[int, int], tuple[int, int]],
    likeness: Likeness,
) -> Pairs:
    """The pairs within bounds: what is equal at both ends, and the best of what lies between."""
    (i, j), (i_end, j_end) = bounds
    head: Pairs = []
    while i < i_end and j < j_end and first[i].key == second[j].key:
        head.append((i, j))
        i, j = i + 1, j + 1
    tail: Pairs = []
    while i < i_end and j < j_end and first[i_end - 1].key == second[j_end - 1].key:
        i_end, j_end = i_end - 1, j_end - 1
        tail.append((i_end, j_end))
    # The costly step comes last and sees only what is left, in most edits a handful of layers.
    inside = _best(first[i:i_end], second[j:j_end], likeness)
    return [*head, *[(i + before, j + after) for before, after in inside], *tail[::-1]]


def _best(first: Sequence[Trait], second: Sequence[Trait], likeness: Likeness) -> Pairs:
    """The pairing with the greatest sum of likeness; of equal ones that with the earliest pairs."""
    if not first or not second:
        return []
    # The band runs along the longer sequence, so that every item of it has a place.
    if len(first) < len(second):
        return [(i, j) for j, i in _best(second, first, likeness)]
    return _traced(_steps(first, second, likeness), len(first), len(second))


def _steps(first: Sequence[Trait], second: Sequence[Trait], likeness: Likeness) -> list[tuple[int, bytearray]]:
    """For each item of the first, the longer one: where its band begins, and the best last step at each place in it."""
    width = len(second)
    best = [0] * (width + 1)
    low_before, high_before = 1, width
    steps: list[tuple[int, bytearray]] = []
    for i, trait in enumerate(first, 1):
        low, high = _band(i, len(first), width)
        # Places that enter the band with this item were outside it before, and nothing leads to them from above.
        best[high_before + 1 : high + 1] = [_UNREACHABLE] * max(0, high - high_before)
        diagonal = best[low - 1] if low == 1 or low > low_before else _UNREACHABLE
        left = 0 if low == 1 else _UNREACHABLE
        # One byte a place: lists of integers would take eight times the memory for two networks of 10,000 layers.
        codes = bytearray(high - low + 1)
        for j in range(low, high + 1):
            up = best[j]
            # On a tie always the same way, so that equal designs give equal lines in each run.
            code, value = (_SKIP_FIRST, up) if up >= left else (_SKIP_SECOND, left)
            if diagonal >= 0:
                # At the edge of the band there may be no other way than past both.
                score = _score(trait, second[j - 1], likeness)
                if diagonal + score > value:
                    code, value = (_PAIR if score else _SKIP_BOTH), diagonal + score
            diagonal = up
            best[j] = left = value
            codes[j - low] = code
        steps.append((low, codes))
        low_before, high_before = low, high
    return steps


def _band(i: int, height: int, width: int) -> tuple[int, int]:
    """The first and the last place that item `i` of `height` may take among `width` others."""
    # The slanting diagonal: lists of unlike length end in the same corner, which a straight band would miss.
    middle = i * width // height
    return max(1, middle - REACH), min(width, middle + REACH)


def _score(first: Trait, second: Trait, likeness: Likeness) -> int:
    """The score for having two items on one line; 0 for those that must not be."""
    score = likeness(first.sort, second.sort)
    if not score:
        return 0
    if first.name == second.name:
        score += NAME
    if first.shape == second.shape:
        score += SHAPE
    if first.place == second.place:
        score += PLACE
    # Below this, two unlike layers of one family would be paired only because both had no better partner.
    return score if score >= MIN_SCORE else 0


def _traced(steps: list[tuple[int, bytearray]], i: int, j: int) -> Pairs:
    """The pairs on the way that the steps tell, followed from the end."""
    pairs: Pairs = []
    while i and j:
        low, codes = steps[i - 1]
        code = codes[j - low]
        if code == _PAIR:
            pairs.append((i - 1, j - 1))
        i -= code != _SKIP_SECOND
        j -= code != _SKIP_FIRST
    return pairs[::-1]
