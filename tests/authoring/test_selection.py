"""The inspector's content for a selection, the steps of its numbers, and the inputs that a layer can take."""

from __future__ import annotations

import pytest

from cnnstudio.authoring.input_choices import InputChoice, entry_at, input_choices
from cnnstudio.authoring.selection import DIFFERENT, InspectedItems, readable, subject_of
from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.edits import EditError
from cnnstudio.core.network.design import Block, Design
from cnnstudio.core.network.field_arithmetic import doubled, nearby_powers, stepped, stepped_at, stepped_fraction
from cnnstudio.core.network.fields import Field, fields_of
from cnnstudio.layers.convolution import Conv2D
from cnnstudio.layers.merge import Add
from cnnstudio.layers.normalization import BatchNorm, Rescaling
from cnnstudio.layers.pooling import MaxPool2D
from cnnstudio.layers.structure import Input

DESIGN = Design(
    layers=(
        Input(name="image", size=(8, 8), channels=4),
        Conv2D(name="conv", filters=4, kernel_size=3),
        MaxPool2D(name="pool", pool_size=2, padding=1),
        Block(
            name="block",
            layers=(
                Conv2D(name="conv", filters=4, kernel_size=1),
                BatchNorm(name="norm"),
                Conv2D(name="wide", filters=8, kernel_size=1),
                Add(name="sum", inputs=("norm", "input")),
            ),
        ),
        Rescaling(name="scaled", scale=0.5),
    )
)
FILTERS = next(field for field in fields_of(Conv2D) if field.name == "filters")


def subject(*paths: tuple[str, ...]) -> InspectedItems:
    return subject_of(DESIGN, paths)


def shared(*paths: tuple[str, ...]) -> dict[str, Field]:
    return {field.name: field for field in subject(*paths).fields}


def test_nothing_selected_means_the_design() -> None:
    assert list(shared()) == ["name", "convention", "element_type", "accepted", "note"]
    assert subject().value(shared()["element_type"]) == "float32"
    assert subject().edit(DESIGN, shared()["name"], "Mine").design.name == "Mine"


def test_items_that_are_gone_and_items_inside_others_are_left_out() -> None:
    assert subject(("gone",)).paths == ()
    assert subject(("block", "norm"), ("block",), ("conv",)).paths == (("conv",), ("block",))


def test_values_that_differ_are_different() -> None:
    both = subject(("conv",), ("block", "conv"))
    assert both.kinds == ("Conv2D",)
    assert both.value(shared(("conv",))["kernel_size"]) is DIFFERENT
    assert both.value(FILTERS) == 4


def test_subjects_of_the_same_types_share_a_form() -> None:
    assert subject(("conv",)).form == subject(("block", "conv")).form
    assert subject(("conv",)).form != subject(("conv",), ("block", "conv")).form
    assert subject(("conv",), ("pool",)).form == subject(("pool",), ("block", "wide")).form


def test_shared_fields_have_the_bounds_of_the_strictest() -> None:
    fields = shared(("conv",), ("pool",))
    assert list(fields) == ["stride", "padding", "dilation", "trainable", "note"]
    assert not fields["stride"].optional
    assert list(shared(("block", "norm"), ("scaled",))) == ["trainable", "note"]
    assert list(shared(("conv",), ("block",))) == ["note"]


def test_an_edit_that_is_not_possible_says_why() -> None:
    with pytest.raises(EditError, match="reserved"):
        subject(("conv",)).edit(DESIGN, shared(("conv",))["name"], "input")
    kernel = shared(("conv",))["kernel_size"]
    sentence = "kernel_size of a Conv2D needs one integer"
    assert readable(kernel, sentence) == "Kernel size of a Conv2D needs one integer"


@pytest.mark.parametrize(
    ("value", "powers"),
    [(64, (32, 64, 128)), (100, (64, 128)), (1, (1, 2)), (2, (1, 2, 4)), (3, (2, 4)), (0, ()), (2**29, (2**28, 2**29))],
)
def test_the_powers_of_two_near_a_number(value: int, powers: tuple[int, ...]) -> None:
    assert nearby_powers(value, 1, 1_000_000_000) == powers


def test_steps_stay_within_the_bounds() -> None:
    assert [stepped(FILTERS, 5, step) for step in (1, -1, 10, -10)] == [6, 4, 15, 1]
    assert doubled(FILTERS, 600_000_000, halve=False) == 1_000_000_000
    assert doubled(FILTERS, 7, halve=True) == 3
    assert doubled(FILTERS, 1, halve=True) == 1


@pytest.mark.parametrize(
    ("text", "cursor", "step", "after"),
    [
        ("3", 0, 1, "4"),
        ("3 × 5", 5, 1, "3 × 6"),
        ("3 × 5", 0, -1, "2 × 5"),
        ("0:1, 1:0", 3, 1, "0:2, 1:0"),
        ("1", 1, -1, "1"),
        ("same", 2, 1, None),
        ("3  ", 3, 1, None),
    ],
)
def test_the_number_at_the_cursor_is_stepped(text: str, cursor: int, step: int, after: str | None) -> None:
    assert stepped_at(text, cursor, step, lowest=1) == after


@pytest.mark.parametrize(("text", "after"), [("0.5", "0.6"), ("0.25", "0.26"), ("1", "1.1"), ("0.95", "0.96")])
def test_decimals_are_stepped_by_the_last_one(text: str, after: str) -> None:
    assert stepped_fraction(text, 1) == after


def test_inputs_that_fit_come_first_and_the_input_of_the_block_before_all() -> None:
    map_of_4, map_of_8 = Shape(4, (4, 4)), Shape(8, (4, 4))
    assert input_choices(analyze(DESIGN), ("block", "sum")) == (
        InputChoice("input", map_of_4, fits=True),
        InputChoice("norm", map_of_4, fits=True),
        InputChoice("conv", map_of_4, fits=True),
        InputChoice("wide", map_of_8, fits=False),
    )


def test_a_block_fits_where_nothing_goes_wrong_by_it() -> None:
    choices = {choice.name: choice.fits for choice in input_choices(analyze(DESIGN), ("block",))}
    assert choices == {"pool": True, "conv": True, "image": True}


def test_the_entry_of_an_item_is_that_of_the_first_pass() -> None:
    entry = entry_at(analyze(DESIGN), ("block", "wide"))
    assert entry is not None
    assert entry.output_shape == Shape(8, (4, 4))
    assert entry_at(analyze(DESIGN), ("block", "gone")) is None
    assert entry_at(analyze(DESIGN), ("gone", "wide")) is None
