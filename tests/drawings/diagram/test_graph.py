"""The graph: boxes for what is in sight, edges for what is connected, and what the analysis knows of each."""

from __future__ import annotations

from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.network.design import Block, Design
from cnnstudio.drawings.diagram.graph import ENTRY, EXIT, Box, Edge, Graph, every_block, graph_of
from cnnstudio.formats.builtin import open_design
from cnnstudio.formats.design_yaml import parse_design
from cnnstudio.layers.convolution import Conv2D
from cnnstudio.layers.dense import Dense
from cnnstudio.layers.structure import Input

HEAD = "cnnstudio: 1\nname: Netz\nlayers:\n- {type: Input, name: image, size: [8, 8], channels: 3}\n"


def graph(layers: str) -> Graph:
    """The graph of a small design."""
    return graph_of(analyze(parse_design(HEAD + layers).design))


def box(drawn: Graph, *path: str) -> Box:
    """The box at a path."""
    found = next(box for box in drawn.boxes if box.name == path[0])
    return found if len(path) == 1 or found.inside is None else box(found.inside, *path[1:])


def test_a_chain_needs_no_names_of_inputs() -> None:
    drawn = graph("- {type: Flatten, name: flat}\n- {type: Dense, name: fc, units: 2}\n")
    assert [box.name for box in drawn.boxes] == ["image", "flat", "fc"]
    assert drawn.edges == (Edge(0, 1), Edge(1, 2))


def test_a_block_is_entered_where_its_input_is_taken_and_left_behind_its_last_item() -> None:
    inside = box(graph_of(analyze(open_design("resnet-18").design)), "layer1").inside
    assert inside is not None
    names = [box.name for box in inside.boxes]
    assert {names[edge.target] for edge in inside.edges if edge.source == ENTRY} == {"conv1", "add"}
    assert [names[edge.source] for edge in inside.edges if edge.target == EXIT] == ["relu2"]


def test_a_repeated_block_is_one_box_that_says_how_often() -> None:
    drawn = graph_of(analyze(open_design("densenet-121").design))
    assert [(box.name, box.times) for box in drawn.boxes if box.times > 1] == [
        (f"denseblock{number}", times) for number, times in ((1, 6), (2, 12), (3, 24), (4, 16))
    ]


def test_a_shape_that_grows_from_pass_to_pass_is_that_of_the_first_and_of_the_last() -> None:
    concat = box(graph_of(analyze(open_design("densenet-121").design)), "denseblock1", "concat")
    assert (concat.shape, concat.last_shape) == (Shape(96, (56, 56)), Shape(256, (56, 56)))


def test_a_folded_block_hides_what_it_holds_and_tells_of_its_problems() -> None:
    layers = (
        Input(name="image", size=(8, 8), channels=3),
        Block(name="a", layers=(Block(name="b", layers=(Conv2D(name="conv", filters=1, kernel_size=9),)),)),
        Dense(name="fc", units=2),
    )
    design = Design(layers=layers)
    drawn = graph_of(analyze(design), every_block(design))
    folded = box(drawn, "a")
    assert (folded.inside, folded.errors, folded.problems, folded.shape) == (None, 1, (), None)
    opened = box(graph_of(analyze(design)), "a", "b", "conv")
    assert (opened.errors, len(opened.problems)) == (1, 1)
    # What a dense layer gives does not depend on the map that is not known.
    assert box(drawn, "fc").shape == Shape(2)


def test_an_input_that_does_not_exist_has_no_edge() -> None:
    layers = (Input(name="image", size=(8, 8), channels=3), Dense(name="fc", units=2, inputs=("nothing",)))
    drawn = graph_of(analyze(Design(layers=layers)))
    assert drawn.edges == ()
    assert box(drawn, "fc").errors == 1


def test_every_block_counts_those_inside_of_others() -> None:
    design = open_design("resnet-18").design
    assert ("layer2", "rest") in every_block(design)
    assert len(every_block(design)) == 1 + 3 * 3


def test_the_summary_has_the_activation() -> None:
    drawn = graph_of(analyze(open_design("alexnet").design))
    assert box(drawn, "Conv-1").summary == "96 · 11×11 / 4 · relu"
