"""The input and output of a layout: boxes of a size, and the places of boxes and edges."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Direction = Literal["down", "right"]
Point = tuple[float, float]
Route = tuple[Point, ...]


class Node(Struct, frozen=True, gc=False):
    """A box to place. `enter` and `leave` are where edges arrive and depart, from -1 to 1 across its side.

    None lets the layout choose. `rank` holds it in the first or the last layer.
    """

    width: float
    height: float
    enter: float | None = None
    leave: float | None = None
    rank: Literal["", "first", "last"] = ""


class Placement(Struct, frozen=True, gc=False):
    """The left upper corner of each node, and the route of each edge from border to border."""

    corners: tuple[Point, ...]
    routes: tuple[Route, ...]

    def moved(self, x: float, y: float) -> Placement:
        """The same, elsewhere."""
        return Placement(
            tuple([(left + x, top + y) for left, top in self.corners]),
            tuple([tuple([(a + x, b + y) for a, b in route]) for route in self.routes]),
        )
