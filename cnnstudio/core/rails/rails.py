"""The layout of connections beside a list, as history graphs draw branches.

Every row has one node. A *rail* is a run of connections that keeps to one lane: the chain that leads to the end keeps
to lane 0, a branch leaves it, runs beside it with nodes of its own, and joins it again; a connection past other layers
is a rail without nodes. All such connections of one layer share a rail, which each of its takers taps; and layers
whose connections lead to the same places share one, as in the dense blocks of DenseNet, so that it stays one rail.

Rails nest: the shorter lies nearer to the one that it leaves, so that connections into the past of a U-Net do not
cross. Lanes beyond `MAX_LANES` are drawn as one, with their number.
"""

from __future__ import annotations

from functools import lru_cache

from msgspec import Struct

from cnnstudio.core.rails.visible_graph import Sources

MAX_LANES = 6
"""The number of lanes drawn apart; all further ones share the lane of this number."""
FEW = 32
"""Rows up to which the largest number is found quicker row by row than by looking for each."""


class RailEdge(Struct, frozen=True, gc=False):
    """One connection: from a row down its lane to a row. Where the lane is not that of the row's node, it bends."""

    source: int
    target: int
    lane: int


class RailRow(Struct, frozen=True, gc=False):
    """The rails to draw in one row.

    The node stands in `lane`. Rails run through it in the lanes of `passes`; `arrives` are the lanes from which
    connections end in the node, `leaves` those in which they go on. A lane both in `passes` and in `arrives` is tapped,
    one both in `passes` and in `leaves` is joined. `more` rails share the lane `MAX_LANES`.
    """

    lane: int
    passes: tuple[int, ...]
    arrives: tuple[int, ...]
    leaves: tuple[int, ...]
    more: int


class Rails(Struct, frozen=True):
    """The layout of a whole list: its rows, all connections, and how many lanes are used."""

    rows: tuple[RailRow, ...] = ()
    edges: tuple[RailEdge, ...] = ()
    lanes: int = 0

    def of_rows(self, rows: set[int]) -> tuple[RailEdge, ...]:
        """The connections into and out of some rows."""
        return tuple([edge for edge in self.edges if edge.source in rows or edge.target in rows])


class _Run:
    """One rail while the layout is made: the rows where it begins and ends, and the rails at both ends."""

    __slots__ = ("begin", "end", "lane", "parents")

    def __init__(self, begin: int) -> None:
        self.begin = begin
        self.end = begin
        self.lane = 0
        self.parents: list[int] = []


@lru_cache(maxsize=16)
def lay_out(sources: Sources) -> Rails:
    """The rails of a list whose rows are fed by these rows; remembered, as most edits leave connections as they are."""
    layout = _Layout(sources)
    layout.place()
    return layout.drawn()


class _Layout:
    """One layout in the making."""

    def __init__(self, sources: Sources) -> None:
        self.sources = sources
        self.followers = _followers(sources)
        self.runs: list[_Run] = []
        self.run_of: list[int] = []
        self.edges: list[tuple[int, int, int]] = []
        self._add_node_runs()
        self._add_edges()

    def _add_node_runs(self) -> None:
        """Each row continues the oldest of the rails that lead to it, or begins one at the nearest that feeds it."""
        followers, run_of = self.followers, self.run_of
        for row, feeding in enumerate(self.sources):
            led = [run_of[source] for source in feeding if followers[source] == row]
            if led:
                run_of.append(min(led))
                continue
            run = _Run(max(feeding, default=row))
            if feeding:
                run.parents.append(run_of[run.begin])
            run_of.append(len(self.runs))
            self.runs.append(run)
        for row, follower in enumerate(followers):
            run = self.runs[run_of[row]]
            run.end = max(row, follower)
            if follower >= 0 and run_of[follower] != run_of[row]:
                run.parents.append(run_of[follower])

    def _add_edges(self) -> None:
        """Finds the rail of each connection; those that neither end continues go past other layers."""
        past: dict[int, list[int]] = {}
        begun: set[int] = set()
        for row, feeding in enumerate(self.sources):
            own = self.run_of[row]
            begins = self.runs[own].begin if own not in begun else -1
            begun.add(own)
            for source in feeding:
                if self.followers[source] == row:
                    self.edges.append((source, row, self.run_of[source]))
                elif source == begins:
                    self.edges.append((source, row, own))
                else:
                    past.setdefault(source, []).append(row)
        self._add_bundles(past)

    def _add_bundles(self, past: dict[int, list[int]]) -> None:
        """Gives what passes other layers a rail a source; who goes on to all that a rail leads to joins that one."""
        bundles: dict[int, tuple[int, list[int]]] = {}
        for source in sorted(past):
            targets = past[source]
            number, led = bundles.get(targets[-1], (-1, []))
            ahead = [row for row in led if row > source]
            if number < 0 or (ahead != targets and ahead != sorted([*targets, self.followers[source]])):
                number = len(self.runs)
                bundles[targets[-1]] = number, targets
                self.runs.append(_Run(source))
                self.runs[number].end = targets[-1]
            run = self.runs[number]
            run.parents.append(self.run_of[source])
            for target in targets:
                run.parents.append(self.run_of[target])
                self.edges.append((source, target, number))

    def place(self) -> None:
        """Gives each rail a lane to the right of all that lies inside it, and of the rails that it leaves and joins."""
        children: dict[int, list[int]] = {}
        for number, run in enumerate(self.runs):
            children.setdefault(max(run.parents, default=-1), []).append(number)
        for siblings in children.values():
            # The last one is taken first. Roots in their order, branches the shorter before the longer.
            siblings.sort(key=lambda number: (self.runs[number].end - self.runs[number].begin, number), reverse=True)
        roots = sorted(children.get(-1, ()), reverse=True)
        # The next lane that is free, of each row. In bytes: there may be thousands of rails over thousands of rows.
        free = bytearray(len(self.sources) + 1)
        waiting = roots
        while waiting:
            number = waiting.pop()
            run = self.runs[number]
            # A lane is taken between rows; a node that nothing feeds and nothing takes stands between two of them.
            first, last = (run.begin, run.end) if run.end > run.begin else (max(0, run.begin - 1), run.begin + 1)
            run.lane = min(_highest(free, first, last), MAX_LANES)
            free[first:last] = bytes([run.lane + 1]) * (last - first)
            waiting += children.get(number, ())

    def drawn(self) -> Rails:
        """The lanes row by row."""
        count = len(self.sources)
        lanes = [min(run.lane, MAX_LANES) for run in self.runs]
        arrives: list[list[int]] = [[] for _ in range(count)]
        leaves: list[list[int]] = [[] for _ in range(count)]
        edges: list[RailEdge] = []
        for source, target, number in self.edges:
            lane = lanes[number]
            edges.append(RailEdge(source, target, lane))
            if lane not in arrives[target]:
                arrives[target].append(lane)
            if lane not in leaves[source]:
                leaves[source].append(lane)
        passes, more = self._passes(lanes)
        rows = tuple(
            [
                RailRow(lanes[run], tuple(passes[row]), tuple(arrives[row]), tuple(leaves[row]), more[row])
                for row, run in enumerate(self.run_of)
            ]
        )
        return Rails(rows, tuple(edges), max(lanes, default=-1) + 1)

    def _passes(self, lanes: list[int]) -> tuple[list[list[int]], list[int]]:
        """The lanes that run through each row beside its node, and how many rails share the last one."""
        passes: list[list[int]] = [[] for _ in self.sources]
        steps = [0] * (len(self.sources) + 1)
        for number, run in enumerate(self.runs):
            lane = lanes[number]
            # Counted and not listed: hundreds of rails may run through every row of a dense network.
            if lane == MAX_LANES:
                steps[run.begin + 1] += 1
                steps[run.end] -= 1
                continue
            for row in range(run.begin + 1, run.end):
                if self.run_of[row] != number:
                    passes[row].append(lane)
        more, shared = [], 0
        for row, run_number in enumerate(self.run_of):
            shared += steps[row]
            is_own = lanes[run_number] == MAX_LANES and self.runs[run_number].begin < row < self.runs[run_number].end
            more.append(shared - is_own)
            if more[-1]:
                passes[row].append(MAX_LANES)
        return passes, more


def _highest(free: bytearray, first: int, last: int) -> int:
    """The largest of these bytes, of which none is above `MAX_LANES + 1`."""
    if last - first < FEW:
        return max(free[first:last])
    return next((lane for lane in range(MAX_LANES + 1, 0, -1) if free.find(lane, first, last) >= 0), 0)


def _followers(sources: Sources) -> list[int]:
    """For each row that which continues its rail: of its takers the one that leads farthest, of several the nearest."""
    count = len(sources)
    reach = list(range(count))
    for row in range(count - 1, -1, -1):
        for source in sources[row]:
            reach[source] = max(reach[source], reach[row])
    followers = [-1] * count
    for row, feeding in enumerate(sources):
        for source in feeding:
            if followers[source] < 0 or reach[row] > reach[followers[source]]:
                followers[source] = row
    return followers
