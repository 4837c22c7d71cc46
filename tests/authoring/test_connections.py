"""Connecting and disconnecting: what each does, its words, and the sentence where it cannot be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.authoring.connections import (
    can_connect,
    can_disconnect,
    connect,
    connection,
    connections,
    disconnect,
)
from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.edits import EditError
from cnnstudio.core.network.design import Block, Design, ItemPath, find, structure_faults, walk
from cnnstudio.formats.builtin import open_design
from cnnstudio.layers.activation import Activation
from cnnstudio.layers.merge import Add, Concat, Subtract
from cnnstudio.layers.pooling import MaxPool2D
from cnnstudio.layers.reshaping import Flatten
from cnnstudio.layers.structure import Input
from tests.networks import conv


def small() -> Design:
    """`image`, `a`, the block `stage` of `b`, `inner` (of `x`, `y`) and `sum`, then `c`, `add` and `end`."""
    inner = Block(name="inner", layers=(conv("x"), conv("y")))
    stage = Block(name="stage", layers=(conv("b"), inner, Add(name="sum", inputs=("inner", "b"))))
    return Design(
        layers=(
            Input(name="image", size=(8, 8), channels=4),
            conv("a"),
            stage,
            conv("c"),
            Add(name="add", inputs=("c", "a")),
            MaxPool2D(name="end", pool_size=2),
        )
    )


def path(text: str) -> ItemPath:
    return tuple(text.split("/"))


def inputs_of(design: Design, where: str) -> tuple[str, ...]:
    return find(design, path(where)).inputs


TOOK = "'{}' took '{}' and now takes 'input'."
NEEDS_TWO = "needs at least 2 inputs; connect another layer to it first, or delete it."


@pytest.mark.parametrize(
    ("source", "target", "inputs", "label", "notes"),
    [
        ("image", "add", ("c", "a", "image"), "Connect image to add", ()),
        ("image", "c", ("image",), "Connect image to c", ("'c' took 'stage' and now takes 'image'.",)),
        ("a", "end", ("a",), "Connect a to end", ("'end' took 'add' and now takes 'a'.",)),
        ("stage", "add", ("c", "a", "stage"), "Connect stage to add", ()),
        # The last layer of a block is its output, also through several blocks.
        ("stage/sum", "add", ("c", "a", "stage"), "Connect stage to add", ()),
        ("stage/inner/y", "stage/sum", None, "'sum' takes 'inner' already.", ()),
        # The row of an open block is what flows into it.
        ("stage", "stage/sum", ("inner", "b", "input"), "Connect the input of stage to sum", ()),
        (
            "stage",
            "stage/inner",
            ("input",),
            "Connect the input of stage to inner",
            ("'inner' took 'b' and now takes 'input'.",),
        ),
        (
            "stage/inner",
            "stage/inner/y",
            ("input",),
            "Connect the input of inner to y",
            ("'y' took 'x' and now takes 'input'.",),
        ),
    ],
)
def test_connecting(
    source: str, target: str, inputs: tuple[str, ...] | None, label: str, notes: tuple[str, ...]
) -> None:
    design = small()
    if inputs is None:
        assert can_connect(design, path(source), path(target)) == label
        return
    assert can_connect(design, path(source), path(target)) is None
    edit = connect(design, path(source), path(target))
    assert inputs_of(edit.design, target) == inputs
    assert (edit.label, edit.notes, edit.focus) == (label, notes, (path(target),))


def test_what_goes_without_saying_is_not_said() -> None:
    design = connect(small(), ("image",), ("c",)).design
    assert inputs_of(connect(design, ("stage",), ("c",)).design, "c") == ()


@pytest.mark.parametrize(
    ("source", "target", "reason"),
    [
        ("a", "a", "'a' cannot take its own output, which would make a cycle."),
        ("c", "a", "'a' comes before 'c', and connections lead to later layers; move one of them first."),
        ("a", "image", "'image' comes before 'a', and connections lead to later layers; move one of them first."),
        ("a", "add", "'add' takes 'a' already."),
        ("image", "a", "'a' takes 'image' already."),
        ("stage/b", "stage", "'b' is inside 'stage', which cannot take its own output."),
        ("a", "stage/b", "'b' takes 'input' already."),
        ("stage/b", "stage/inner/x", "'x' takes 'input' already."),
        ("add", "stage/b", "'stage' comes before 'add', and connections lead to later layers; move one of them first."),
        ("stage/sum", "a", "'a' comes before 'stage', and connections lead to later layers; move one of them first."),
        ("stage", "stage/b", "'b' takes 'input' already."),
    ],
)
def test_what_cannot_be(source: str, target: str, reason: str) -> None:
    assert can_connect(small(), path(source), path(target)) == reason
    with pytest.raises(EditError) as error:
        connect(small(), path(source), path(target))
    assert str(error.value) == reason


def test_a_layer_type_without_a_free_input() -> None:
    design = Design(
        layers=(
            Input(name="one", size=(8, 8), channels=4),
            Input(name="two", size=(8, 8), channels=4),
            conv("a"),
            Subtract(name="less", inputs=("one", "two")),
        )
    )
    assert can_connect(design, ("one",), ("two",)) == "'two' is a layer of type Input, which takes no inputs."
    assert can_connect(design, ("a",), ("less",)) == (
        "'less' is a layer of type Subtract, which takes 2 inputs and has them; disconnect one first."
    )


def test_what_there_is_to_connect_to_those_that_fit_first() -> None:
    found = connections(analyze(small()), ("image",))
    assert [(choice.target[-1], choice.replaced, choice.fits) for choice in found] == [
        ("add", "", True),
        ("stage", "a", True),
        ("c", "stage", True),
        ("end", "add", True),
    ]
    design = Design(layers=(*small().layers, Flatten(name="flat"), Add(name="sum", inputs=("flat", "end"))))
    found = connections(analyze(design), ("a",))
    assert [(choice.target[-1], choice.fits) for choice in found][-1] == ("sum", False), "a map does not fit a vector"


def test_a_block_fits_where_nothing_goes_wrong_by_it() -> None:
    analysis = analyze(open_design("googlenet").design)
    assert connection(analysis, ("maxpool2",), ("inception4a",)).fits, "other sizes, and all can be computed"
    image, end = small().layers[0], Block(name="last", layers=(conv("z"), conv("y")), inputs=("image",))
    analysis = analyze(Design(layers=(image, Flatten(name="flat"), end)))
    assert not connection(analysis, ("flat",), ("last",)).fits, "a convolution of a vector"


def test_a_block_can_be_connected_inside_and_outside() -> None:
    found = {choice.target: choice.name for choice in connections(analyze(small()), ("stage",))}
    assert found[("stage", "sum")] == "input"
    assert found[("add",)] == "stage"


def test_the_output_of_a_block_leads_out_of_it() -> None:
    found = {choice.target: choice.name for choice in connections(analyze(small()), ("stage", "sum"))}
    assert found == {("add",): "stage", ("end",): "stage"}


def test_one_connection() -> None:
    found = connection(analyze(small()), ("image",), ("end",))
    assert (found.name, found.replaced, found.fits) == ("image", "add", True)
    with pytest.raises(EditError, match="already"):
        connection(analyze(small()), ("a",), ("add",))


@pytest.mark.parametrize(
    ("target", "name", "inputs", "notes"),
    [
        # An Add of two branches that keeps the one before it is marked as a problem, not rewired.
        ("add", "a", (), ("'add' now takes 'c' alone, and needs 2 inputs.",)),
        ("all", "a", ("c", "add"), ()),
        ("end", "c", (), ("'end' took 'c' and now takes 'all'.",)),
    ],
)
def test_disconnecting(target: str, name: str, inputs: tuple[str, ...], notes: tuple[str, ...]) -> None:
    layers = (
        *small().layers[:5],
        Concat(name="all", inputs=("c", "a", "add")),
        MaxPool2D(name="end", pool_size=2, inputs=("c",)),
    )
    design = Design(layers=layers)
    assert can_disconnect(design, (target,), name) is None
    edit = disconnect(design, (target,), name)
    assert inputs_of(edit.design, target) == inputs
    assert (edit.label, edit.notes) == (f"Disconnect {target} from {name}", notes)


@pytest.mark.parametrize(
    ("target", "name", "reason"),
    [
        ("add", "image", "'add' does not take 'image'."),
        ("add", "c", f"'add' is a layer of type Add, which {NEEDS_TWO}"),
        ("c", "stage", "'c' takes 'stage' as it comes next; connect it to another layer instead."),
        ("stage/b", "input", "'b' takes 'input' as it comes next; connect it to another layer instead."),
    ],
)
def test_what_cannot_be_taken_away(target: str, name: str, reason: str) -> None:
    assert can_disconnect(small(), path(target), name) == reason


def test_what_is_inside_reaches_the_outside_as_a_further_output() -> None:
    edit = connect(small(), path("stage/inner/x"), path("add"))
    assert inputs_of(edit.design, "add") == ("c", "a", "x")
    assert edit.notes == ("The block 'stage' gives 'x' beside its output now.",)
    analysis = analyze(edit.design)
    assert analysis.problems == ()
    assert next(row for row in analysis.rows if row.path == "add").inputs == ("c", "a", "x")
    assert next(row for row in analysis.rows if row.path == "x").inputs == ("stage/x",)


def test_what_is_outside_reaches_the_inside_as_a_further_input() -> None:
    edit = connect(small(), path("image"), path("stage/inner/x"))
    assert edit.notes[:2] == (
        "The block 'stage' takes one more input now.",
        "The block 'inner' takes one more input now.",
    )
    assert inputs_of(edit.design, "stage/inner/x") == ("image",)
    analysis = analyze(edit.design)
    assert analysis.errors == ()
    assert next(row for row in analysis.rows if row.path == "stage/inner/x").inputs == ("image",)


@given(st.data())
def test_any_connection_leaves_a_valid_design(data: st.DataObject) -> None:
    design = data.draw(st.sampled_from([small(), open_design("resnet-18").design, open_design("googlenet").design]))
    paths = [path for path, _ in walk(design.layers)]
    source, target = data.draw(st.sampled_from(paths)), data.draw(st.sampled_from(paths))
    reason = can_connect(design, source, target)
    if reason is not None:
        assert reason.endswith(".")
        return
    edit = connect(design, source, target)
    assert not list(structure_faults(edit.design.layers))
    assert edit.design != design
    # What reaches into a block from outside is no entry of a menu, or it would have all layers of the network.
    if target[:-1] in (source, *[source[:depth] for depth in range(len(source))]):
        assert target in [choice.target for choice in connections(analyze(design), source)]
    other = can_connect(edit.design, source, target)
    assert other is not None
    assert other.endswith("already.")


def test_names_of_any_kind() -> None:
    names = ("😀 a/b", "</script>&[*]", "שלום")
    layers = (Input(name=names[0], size=(8, 8), channels=4), Activation(name=names[1], function="relu"))
    design = Design(layers=(*layers, Add(name=names[2], inputs=names[:2]), conv("c")))
    edit = connect(design, (names[0],), ("c",))
    assert edit.label == "Connect 😀 a/b to c"
