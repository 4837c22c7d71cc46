"""Branches made by one command: what is joined, what brings shapes together, and what is said of it."""

from __future__ import annotations

import pytest

from cnnstudio.authoring.blocks.branches import add_residual, branch, concat_choices, concatenate
from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.edits import EditError
from cnnstudio.core.network.design import Block, Design, find
from cnnstudio.layers.convolution import Conv1D, Conv2D
from cnnstudio.layers.dense import Dense
from cnnstudio.layers.merge import Add
from cnnstudio.layers.normalization import BatchNorm
from cnnstudio.layers.pooling import GlobalAvgPool, MaxPool2D
from cnnstudio.layers.regularization import Dropout
from cnnstudio.layers.structure import Input
from tests.networks import conv, design_of, drawn, paths, relu


def test_residual_around_equal_shapes() -> None:
    edit = add_residual(analyze(design_of(conv("a"), conv("b"), relu("c"))), paths("a", "b"))
    assert drawn(edit.design) == "image a b add_1<b,image c"
    assert (edit.label, edit.focus, edit.notes) == ("Add residual connection around 2 layers", (("add_1",),), ())
    assert analyze(edit.design).problems == ()


def test_residual_projects_what_differs_and_says_so() -> None:
    edit = add_residual(
        analyze(design_of(conv("a", filters=16, stride=2, padding=1), conv("b", filters=16), relu("c"))),
        paths("a", "b"),
    )
    assert drawn(edit.design) == "image a b shortcut<image add_1<b,shortcut c"
    assert edit.notes == (
        "'shortcut' (1 × 1 convolution, 16 filters, stride 2) brings the 4 × 8 × 8 of 'image' to 16 × 4 × 4.",
    )
    assert analyze(edit.design).problems == ()
    shortcut = find(edit.design, ("shortcut",))
    assert isinstance(shortcut, Conv2D)
    assert (shortcut.filters, shortcut.kernel_size, shortcut.stride) == (16, 1, 2)


def test_residual_in_one_and_three_axes_and_of_vectors() -> None:
    series = Design(
        layers=(Input(name="x", size=(9,), channels=2), Conv1D(name="a", filters=3, kernel_size=3, padding=1))
    )
    edit = add_residual(analyze(series), paths("a"))
    assert find(edit.design, ("shortcut",)).type_name == "Conv1D"
    assert analyze(edit.design).problems == ()
    edit = add_residual(analyze(design_of(GlobalAvgPool(name="pool"), Dense(name="fc", units=9))), paths("fc"))
    assert drawn(edit.design) == "image pool fc shortcut<pool add_1<fc,shortcut"
    assert edit.notes == ("'shortcut' (Dense, 9 units) brings the 4 of 'pool' to 9.",)
    assert analyze(edit.design).problems == ()


def test_residual_in_a_block_takes_its_input_and_ends_it() -> None:
    stage = Block(name="stage", repeat=2, layers=(conv("a"), relu("b")))
    edit = add_residual(analyze(design_of(stage)), [("stage", "a"), ("stage", "b")])
    assert drawn(edit.design) == "image stage×2(a b add_1<b,input)"
    assert analyze(edit.design).problems == ()


def test_residual_around_a_block() -> None:
    edit = add_residual(analyze(design_of(Block(name="stage", layers=(conv("a"),)), relu("c"))), paths("stage"))
    assert drawn(edit.design) == "image stage(a) add_1<stage,image c"


def test_residual_whoever_named_the_last_takes_the_sum() -> None:
    design = design_of(conv("a"), conv("b"), Add(name="sum", inputs=("b", "a")))
    edit = add_residual(analyze(design), paths("a"))
    assert drawn(edit.design) == "image a add_1<a,image b sum<b,add_1"
    assert edit.notes == ("'sum' took 'a' and now takes 'add_1'.",)


def test_residual_of_unknown_shapes_says_so() -> None:
    design = design_of(Conv2D(name="a", filters=4, kernel_size=99), conv("b"))
    edit = add_residual(analyze(design), paths("b"))
    assert drawn(edit.design) == "image a b add_1<b,a"
    assert edit.notes == ("The shapes are not known, so whether they are equal is unknown.",)


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        ((), "select one or more layers first"),
        (("image",), "nothing flows into 'image'; select layers that come after it"),
        (("sum",), "'sum' joins several branches; select layers that take one input"),
        (("small",), "'sum' has 4 × 8 × 8 and 'small' 4 × 6 × 6, and no 1 × 1 convolution makes one of the other"),
    ],
)
def test_residual_refuses(names: tuple[str, ...], sentence: str) -> None:
    small = Conv2D(name="small", filters=4, kernel_size=3)
    design = design_of(conv("a"), Add(name="sum", inputs=("a", "image")), small)
    with pytest.raises(EditError, match=sentence):
        add_residual(analyze(design), paths(*names))


def test_branch_puts_the_selected_layers_side_by_side() -> None:
    design = design_of(
        conv("a", filters=8), conv("b", filters=16), MaxPool2D(name="p", pool_size=3, stride=1, padding=1), relu("c")
    )
    edit = branch(analyze(design), paths("a", "b", "p"))
    assert drawn(edit.design) == "image a b<image p<image concat_1<a,b,p c"
    assert edit.notes == ("'a', 'b' and 'p' all take 'image'.",)
    assert str(analyze(edit.design).rows[-1].output_shape) == "28 × 8 × 8"


def test_branch_of_one_gets_a_copy_beside_it() -> None:
    edit = branch(analyze(design_of(conv("a"), relu("c"))), paths("a"))
    assert drawn(edit.design) == "image a a_1<image concat_1<a,a_1 c"
    assert edit.label == "Branch a in parallel"
    assert analyze(edit.design).problems == ()


def test_branch_keeps_normalization_and_activation_with_their_layer() -> None:
    chain = (conv("a", filters=8), BatchNorm(name="n"), relu("r"))
    edit = branch(analyze(design_of(*chain, relu("c"))), paths("a", "n", "r"))
    assert drawn(edit.design) == "image a n r a_1<image n_1 r_1 concat_1<r,r_1 c"
    assert edit.notes == ()
    assert analyze(edit.design).errors == ()
    second = (conv("b", filters=16), relu("s"), Dropout(name="d"))
    edit = branch(analyze(design_of(*chain, *second, relu("c"))), paths("a", "n", "r", "b", "s", "d"))
    assert drawn(edit.design) == "image a n r b<image s d concat_1<r,d c"
    assert edit.notes == ("'a' and 'b' all take 'image'.",)
    assert analyze(edit.design).errors == ()


def test_branch_joins_what_is_side_by_side_already() -> None:
    edit = branch(analyze(design_of(conv("a"), conv("b", "image"))), paths("a", "b"))
    assert drawn(edit.design) == "image a b<image concat_1<a,b"
    assert edit.notes == ()


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        (("a", "sum"), "'sum' joins several branches, and cannot become a branch itself"),
        (("a", "late"), "select layers that stand one below the other"),
    ],
)
def test_branch_refuses(names: tuple[str, ...], sentence: str) -> None:
    design = design_of(conv("a"), Add(name="sum", inputs=("a", "image")), relu("late"))
    with pytest.raises(EditError, match=sentence):
        branch(analyze(design), paths(*names))


def test_concatenate_with_an_earlier_layer() -> None:
    design = design_of(conv("a"), conv("b"), relu("c"))
    edit = concatenate(analyze(design), paths("b"), "image")
    assert drawn(edit.design) == "image a b concat_1<b,image c"
    assert (edit.label, edit.focus) == ("Concatenate b and image", (("concat_1",),))
    edit = concatenate(analyze(design), paths("a", "b"))
    assert drawn(edit.design) == "image a b concat_1<a,b c"


def test_concatenate_refuses() -> None:
    design = design_of(conv("a"), Block(name="stage", layers=(conv("x"), conv("y"))))
    with pytest.raises(EditError, match="'stage' does not come before 'a'; choose an earlier layer"):
        concatenate(analyze(design), paths("a"), "stage")
    with pytest.raises(EditError, match="choose another layer to concatenate it with"):
        concatenate(analyze(design), paths("a"))
    with pytest.raises(EditError, match="select layers that stand in the same list"):
        concatenate(analyze(design), [("a",), ("stage", "x")])
    edit = concatenate(analyze(design), [("stage", "y")], "input")
    assert drawn(edit.design) == "image a stage(x y concat_1<y,input)"


def test_choices_that_fit_come_first_and_the_nearest_of_them() -> None:
    design = design_of(conv("a"), conv("half", stride=2, padding=1), conv("b"), conv("c"))
    choices = concat_choices(analyze(design), ("c",))
    assert [(choice.name, choice.fits) for choice in choices] == [
        ("b", True),
        ("half", True),
        ("a", False),
        ("image", False),
    ]
