"""Runs a sweep: here, or on the workers of an executor. Chunks come as they are ready, each once."""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from functools import cache, lru_cache

from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.sweeps.axis import is_counted
from cnnstudio.core.sweeps.conditions import meets, needs_analysis
from cnnstudio.core.sweeps.plan import Counted, Plan, with_memory
from cnnstudio.core.sweeps.space import Picks, Space
from cnnstudio.core.sweeps.table import Chunk, chunk_of

CHUNK = 2_000
"""Variants that are counted together: a second's work at most, and little to lose where a worker dies."""
CHUNK_OF_MEMORY = 50
"""The same where memory is asked for, which takes milliseconds a variant."""
AHEAD = 3
"""Chunks that each worker is given before it has finished the first of them."""
MAX_PLANS = 64
"""Plans that are kept, one for each way in which variants differ in more than numbers."""


def chunk_size(space: Space) -> int:
    """The number of variants of a space that are counted together."""
    return CHUNK_OF_MEMORY if space.has_memory or any(map(needs_analysis, space.conditions)) else CHUNK


class Sweep:
    """A space that is counted, in chunks; what plans have found is kept from one chunk to the next."""

    def __init__(self, space: Space) -> None:
        self.space = space
        self._counted = frozenset(number for number, axis in enumerate(space.axes) if is_counted(space.design, axis))
        self._others = tuple(number for number in range(len(space.axes)) if number not in self._counted)
        self._plans: dict[Picks, Plan] = {}

    def chunk(self, first: int) -> Chunk:
        """The chunk that begins with a variant."""
        last = min(first + chunk_size(self.space), self.space.size)
        for plan in self._plans.values():
            plan.forget()
        picks = [self.space.picks(variant) for variant in range(first, last)]
        found = [self._variant(each) for each in picks]
        return chunk_of(first, [counted for counted, _ in found], [verdict for _, verdict in found])

    def _variant(self, picks: Picks) -> tuple[Counted, bool | None]:
        """A variant, and whether it meets the conditions."""
        counted = self._plan(picks).count(picks)
        # Analyzed as a whole at most once, and only where its memory is asked for.
        analysis = cache(lambda: analyze(self.space.variant(picks).design))
        if self.space.has_memory and counted.numbers is not None:
            counted = with_memory(counted, analysis())
        return counted, meets(self.space, counted, analysis)

    def _plan(self, picks: Picks) -> Plan:
        kind = tuple([picks[number] for number in self._others])
        plan = self._plans.get(kind)
        if plan is None:
            if len(self._plans) >= MAX_PLANS:
                self._plans.clear()
            plan = self._plans[kind] = Plan(self.space, picks, self._counted)
        return plan


def chunks(space: Space, done: Collection[int] = ()) -> Iterator[Chunk]:
    """The chunks of a sweep, counted here, but those that begin with a variant in `done`."""
    sweep = Sweep(space)
    for first in range(0, space.size, chunk_size(space)):
        if first not in done:
            yield sweep.chunk(first)


def chunks_by(executor: Executor, workers: int, space: Space, done: Collection[int] = ()) -> Generator[Chunk]:
    """The same by the workers of an executor, in the order in which they are ready.

    Raises what the executor raises where it cannot go on. What waits still is cancelled when the iteration ends.
    """
    firsts = (first for first in range(0, space.size, chunk_size(space)) if first not in done)
    running: set[Future[Chunk]] = set()
    try:
        while True:
            # Not all at once: a cluster would hold a million variants' worth of tasks, and none could be cancelled.
            while len(running) < workers * AHEAD and (first := next(firsts, None)) is not None:
                running.add(executor.submit(counted_chunk, space, first))
            if not running:
                return
            ready, running = wait(running, return_when=FIRST_COMPLETED)
            for future in ready:
                yield future.result()
    finally:
        for future in running:
            future.cancel()


def counted_chunk(space: Space, first: int) -> Chunk:
    """One chunk, in a worker: what it has found for earlier chunks of the same sweep it still knows."""
    return _sweep(space).chunk(first)


@lru_cache(maxsize=1)
def _sweep(space: Space) -> Sweep:
    return Sweep(space)
