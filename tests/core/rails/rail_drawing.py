"""Rails as text: what a test compares.

`●` is a node, `│` a rail that runs through, `╮` one that leaves the node of the row, `╯` one that ends in it, `┤` one
that it taps and that goes on, `┥` one that it joins, `╡` one that ends where another leaves; `─` and `┼` lead from the
node to them, and `+3` says how many rails share the last lane.
"""

from __future__ import annotations

from cnnstudio.core.network.design import Design, ItemPath, walk
from cnnstudio.core.rails.rails import RailRow, lay_out
from cnnstudio.core.rails.visible_graph import visible_graph

_BENDS = {(True, False): "╯", (False, True): "╮", (True, True): "╡"}


def draw_rails(design: Design, *opened: str, everything: bool = False) -> str:
    """One line a visible row: its rails, then its name, indented inside blocks. `opened` are paths with slashes."""
    paths: set[ItemPath] = {tuple(path.split("/")) for path in opened}
    if everything:
        paths = {path for path, _ in walk(design.layers)}
    graph = visible_graph(design.layers, paths.__contains__)
    rails = lay_out(graph.sources)
    lines = [
        f"{draw_row(row, rails.lanes)} {'  ' * (len(path) - 1)}{path[-1]}"
        for row, path in zip(rails.rows, graph.paths, strict=True)
    ]
    return "\n".join(lines)


def draw_row(row: RailRow, lanes: int) -> str:
    """The rails of one row."""
    ends = [lane for lane in {*row.arrives, *row.leaves} if lane != row.lane]
    first, last = min([row.lane, *ends]), max([row.lane, *ends])
    cells = []
    for lane in range(lanes):
        cell = _cell(row, lane, is_crossed=first < lane < last)
        cells.append(cell + ("─" if first <= lane < last else " "))
    more = f"+{row.more}" if row.more else ""
    return ("".join(cells).rstrip() + more).ljust(2 * lanes)


def _cell(row: RailRow, lane: int, *, is_crossed: bool) -> str:
    if lane == row.lane:
        return "●"
    arrives, leaves, passes = lane in row.arrives, lane in row.leaves, lane in row.passes
    if passes:
        return "┤" if arrives else "┥" if leaves else "┼" if is_crossed else "│"
    if arrives or leaves:
        return _BENDS[arrives, leaves]
    return "─" if is_crossed else " "
