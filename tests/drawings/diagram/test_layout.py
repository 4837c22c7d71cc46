"""The layout: nothing overlaps, every edge joins its boxes and goes around all others, whatever the network is."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.network.design import Block, Design, Item, ItemPath, walk
from cnnstudio.drawings.diagram.boxes.layering import laid_out, place, waists
from cnnstudio.drawings.diagram.boxes.layout import layout_of
from cnnstudio.drawings.diagram.boxes.placement import Direction, Node
from cnnstudio.drawings.diagram.graph import every_block, graph_of
from cnnstudio.formats.builtin import builtin_paths, open_design
from cnnstudio.layers.convolution import Conv2D
from cnnstudio.layers.merge import Add
from cnnstudio.layers.structure import Identity, Input
from tests import hostile
from tests.drawings.diagram.geometry import faults
from tests.strategies import designs

DIRECTIONS: tuple[Direction, ...] = ("down", "right")
directions = st.sampled_from(DIRECTIONS)


def visible(design: Design, folded: frozenset[ItemPath]) -> set[ItemPath]:
    """The paths of what a diagram shows."""
    every = (path for path, _ in walk(design.layers))
    return {path for path in every if not any(path[:depth] in folded for depth in range(1, len(path)))}


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("name", sorted(builtin_paths()))
def test_every_built_in_design_is_laid_out_without_a_fault(name: str, direction: Direction) -> None:
    analysis = analyze(open_design(name).design)
    for folded in (frozenset[ItemPath](), every_block(analysis.design)):
        layout = layout_of(graph_of(analysis, folded), direction)
        assert list(faults(layout)) == []
        assert {placed.box.path for placed in layout.boxes} == visible(analysis.design, folded)


@pytest.mark.parametrize("name", ["alexnet", "resnet-18", "googlenet"])
def test_without_the_library_boxes_stand_in_a_column(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "graphlay", None)
    laid_out.cache_clear()
    analysis = analyze(open_design(name).design)
    layout = layout_of(graph_of(analysis, frozenset()), "down")
    laid_out.cache_clear()
    assert list(faults(layout)) == []
    assert {placed.box.path for placed in layout.boxes} == visible(analysis.design, frozenset())


@given(designs(), directions, st.data())
def test_any_design_is_laid_out_without_a_fault(design: Design, direction: Direction, data: st.DataObject) -> None:
    blocks = sorted(every_block(design))
    folded = frozenset(data.draw(st.sets(st.sampled_from(blocks)))) if blocks else frozenset[ItemPath]()
    layout = layout_of(graph_of(analyze(design), folded), direction, channels_last=data.draw(st.booleans()))
    assert list(faults(layout)) == []
    assert {placed.box.path for placed in layout.boxes} == visible(design, folded)


@given(hostile.renamed(designs()), directions)
def test_any_names_are_laid_out_without_a_fault(design: Design, direction: Direction) -> None:
    assert list(faults(layout_of(graph_of(analyze(design)), direction))) == []


@st.composite
def tangles(draw: st.DrawFn) -> Design:
    """A list in which every layer takes any earlier ones, inside a block or not: as knotted as a design can be."""
    count = draw(st.integers(2, 12))
    items: list[Item] = [Input(name="0", size=(8, 8), channels=3)]
    for number in range(1, count):
        earlier = st.integers(0, number - 1).map(str)
        taken = draw(st.lists(earlier, min_size=1, max_size=4))
        inputs = tuple(taken)
        items.append(
            Add(name=str(number), inputs=inputs) if len(taken) > 1 else Identity(name=str(number), inputs=inputs)
        )
    if not draw(st.booleans()):
        return Design(layers=tuple(items))
    inside = (*items[1:],)
    names = {item.name for item in inside}
    entered = tuple(_from_input(item, names) for item in inside)
    return Design(layers=(items[0], Block(name="block", repeat=2, layers=entered), Identity(name="after")))


def _from_input(item: Item, names: set[str]) -> Item:
    inputs = tuple(name if name in names else "input" for name in item.inputs)
    return Add(name=item.name, inputs=inputs) if len(inputs) > 1 else Identity(name=item.name, inputs=inputs)


@given(tangles(), directions)
def test_knotted_connections_go_around_boxes(design: Design, direction: Direction) -> None:
    layout = layout_of(graph_of(analyze(design)), direction)
    assert list(faults(layout)) == []
    connections = sum(len(item.inputs) or 1 for _, item in walk(design.layers[1:]))
    ways_out = sum(not edge.has_head for edge in layout.edges)
    assert len(layout.edges) == connections + ways_out


@given(st.one_of(tangles(), designs()), directions)
def test_what_is_knotted_beyond_layers_goes_around_boxes_too(design: Design, direction: Direction) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cnnstudio.drawings.diagram.boxes.layering.MAX_SKIPPED_BOXES", -1)
        laid_out.cache_clear()
        layout = layout_of(graph_of(analyze(design)), direction)
        laid_out.cache_clear()
    assert list(faults(layout)) == []


def test_a_list_in_which_everything_takes_everything_before_is_a_column_with_lanes() -> None:
    edges = tuple((source, target) for target in range(1, 60) for source in range(target))
    placement = place(tuple(Node(100, 30) for _ in range(60)), edges, "down")
    assert len({x for x, _ in placement.corners}) == 1
    lanes = {route[2][0] for route in placement.routes if len(route) == 6}
    assert len(lanes) == 58


def test_an_edge_for_every_connection_and_no_other() -> None:
    layout = layout_of(graph_of(analyze(open_design("resnet-18").design), {("layer2", "rest")}))
    edges = {(edge.source, edge.target) for edge in layout.edges}
    assert {
        (("layer1", "bn2"), ("layer1", "add")),
        (("layer1",), ("layer1", "add")),
        (("layer1", "relu2"), ("layer1",)),
    } <= edges
    assert (("layer2", "first"), ("layer2", "rest")) in edges
    assert not any(len(path) > 2 and path[:2] == ("layer2", "rest") for pair in edges for path in pair)


def test_no_line_leads_out_of_a_block_that_nothing_takes() -> None:
    layout = layout_of(graph_of(analyze(open_design("googlenet-aux").design)))
    left = {edge.target for edge in layout.edges if not edge.has_head}
    assert ("inception4a",) in left
    assert not {("aux1",), ("aux2",)} & left


def test_the_main_path_of_a_chain_is_one_straight_line() -> None:
    layout = layout_of(graph_of(analyze(open_design("vgg-16").design)))
    assert len({(x, placed.box.path[:-1]) for placed in layout.boxes for x in (placed.x + placed.width / 2,)}) == 1
    assert all(len(edge.route) == 2 for edge in layout.edges)


def test_branches_begin_at_one_height() -> None:
    layout = layout_of(graph_of(analyze(open_design("inception-v3").design)))
    branches = [box for box in layout.boxes if box.box.path[0] == "Mixed_5b" and box.box.path[-1].startswith("branch")]
    assert len(branches) == 4
    assert len({branch.y for branch in branches}) == 1


def test_another_number_of_filters_moves_nothing() -> None:
    def corners(filters: int) -> list[tuple[float, float]]:
        conv = Conv2D(name="conv", filters=filters, kernel_size=3)
        layers = (Input(name="image", size=(32, 32), channels=3), conv, Identity(name="end"))
        return [(box.x, box.y) for box in layout_of(graph_of(analyze(Design(layers=layers)))).boxes]

    assert corners(64) == corners(96)


def test_no_design_is_laid_out_too() -> None:
    layout = layout_of(graph_of(analyze(Design())))
    assert (layout.boxes, layout.width, layout.height) == ((), 0.0, 0.0)


@pytest.mark.parametrize(
    ("count", "edges", "expected"),
    [
        (1, (), [0]),
        (3, ((0, 1), (1, 2)), [0, 1, 2]),
        (4, ((0, 1), (0, 2), (1, 3), (2, 3)), [0, 3]),
        (4, ((0, 1), (1, 3), (2, 3)), [0, 3]),
        (4, ((0, 1), (0, 2), (2, 3)), [0, 3]),
        (5, ((0, 1), (1, 2), (1, 3), (2, 3), (3, 4)), [0, 1, 3, 4]),
    ],
    ids=["alone", "chain", "diamond", "second source", "dead end", "loop in a chain"],
)
def test_waists_are_what_everything_flows_through(
    count: int, edges: tuple[tuple[int, int], ...], expected: list[int]
) -> None:
    assert waists(count, edges) == expected


def test_a_long_chain_is_laid_out_piece_by_piece() -> None:
    nodes = tuple(Node(100, 30 + number % 2) for number in range(10_000))
    placement = place(nodes, tuple((number, number + 1) for number in range(9_999)), "down")
    tops = [y for _, y in placement.corners]
    assert tops == sorted(tops)
    assert len(placement.routes) == 9_999
