"""Tests of scaling: legal for every built-in design, nothing by 1, and what cannot be is said."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from msgspec import structs

from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.core.edits import EditError
from cnnstudio.core.network.design import Block, Design, Item, ItemPath, find
from cnnstudio.core.scaling.scaling import Scaling, compound, factor_from, scale, scaled_channels
from cnnstudio.core.scaling.widths import Width, widths_of
from cnnstudio.formats.builtin import builtin_paths
from cnnstudio.layers.attention.heads import MultiHeadAttention
from cnnstudio.layers.dense import Dense
from cnnstudio.layers.merge import Add
from cnnstudio.layers.normalization import GroupNorm
from cnnstudio.layers.reshaping import Reshape, ZeroPad
from cnnstudio.layers.structure import Input
from cnnstudio.layers.tensors.learned import Parameter
from tests.networks import builtin, conv, image

HALF, DOUBLE = Fraction(1, 2), Fraction(2)


def scaled(analysis: Analysis, scaling: Scaling) -> Analysis:
    """The scaled design, counted."""
    return analyze(scale(analysis, scaling).design)


def set_in(design: Design, path: ItemPath, field: str) -> Any:
    """A field of an item."""
    return getattr(find(design, path), field)


@pytest.mark.parametrize("stem", sorted(builtin_paths()))
def test_every_builtin_design_is_legal_at_other_widths_and_depths(stem: str) -> None:
    analysis = builtin(stem)
    known = {(problem.path, problem.rule) for problem in analysis.problems}
    assert scale(analysis, Scaling()).design == analysis.design
    for scaling in (Scaling(width=HALF, depth=DOUBLE), Scaling(width=Fraction("1.3"), multiple=1)):
        after = scaled(analysis, scaling)
        assert [problem for problem in after.problems if (problem.path, problem.rule) not in known] == []
        assert after.rows[-1].output_shape == analysis.rows[-1].output_shape
        assert (after.totals.weights < analysis.totals.weights) is (scaling.width < 1) or scaling.depth > 1


def test_width_goes_into_parameters_as_its_square_and_size_into_macs() -> None:
    analysis = builtin("resnet-50")
    wider, larger = scaled(analysis, Scaling(width=DOUBLE)), scaled(analysis, Scaling(size=448))
    assert wider.totals.parameters / analysis.totals.parameters == pytest.approx(4, rel=0.05)
    assert larger.totals.macs / analysis.totals.macs == pytest.approx(4, rel=0.01)
    assert larger.totals.parameters == analysis.totals.parameters


def test_what_is_added_stays_equal_and_what_the_network_gives_stays() -> None:
    design = Design(
        layers=(
            image(8, 8),
            conv("a", filters=8),
            conv("b", filters=8),
            Add(name="sum", inputs=("a", "b")),
            Dense(name="fc", units=10),
        )
    )
    widths = widths_of(analyze(design))
    assert [(width.owners, width.channels, bool(width.reason)) for width in widths] == [
        ((("a",), ("b",)), 8, False),
        ((("fc",),), 10, True),
    ]
    edit = scale(analyze(design), Scaling(width=HALF, multiple=1))
    assert [set_in(edit.design, (name,), "filters") for name in "ab"] == [4, 4]
    assert edit.notes == ("fc stays as it is: it is what the network gives.",)


def test_layers_that_share_weights_change_together() -> None:
    shared = (
        conv("a", filters=8),
        conv("b", filters=8),
        conv("again", filters=8, shares="b"),
        Dense(name="fc", units=5),
    )
    widths = widths_of(analyze(Design(layers=(image(8, 8), *shared))))
    assert [width.owners for width in widths] == [(("a",), ("b",), ("again",)), (("fc",),)]


def test_groups_and_heads_divide_the_channels() -> None:
    grouped = structs.replace(conv("deep", filters=16), groups=16)
    items = (
        image(8, 8),
        conv("stem", filters=16),
        grouped,
        conv("point", filters=12),
        GroupNorm(name="norm", groups=4),
        conv("wide", filters=24),
        MultiHeadAttention(name="attention", heads=3),
        Dense(name="fc", units=10),
    )
    after = scale(analyze(Design(layers=items)), Scaling(width=Fraction("0.6"), multiple=1)).design
    assert analyze(after).errors == ()
    assert (
        set_in(after, ("deep",), "groups")
        == set_in(after, ("stem",), "filters")
        == set_in(after, ("deep",), "filters")
        == 10
    )
    assert set_in(after, ("point",), "filters") == 8
    assert set_in(after, ("wide",), "filters") == 15


def test_heads_divide_the_channels_of_the_query_where_their_size_is_not_given() -> None:
    attention = MultiHeadAttention(name="attention", heads=3, units=8)
    items = (image(8, 8), conv("a", filters=24), attention, Dense(name="fc", units=10))
    alike = structs.replace(attention, units=None)
    cases = [(attention, 3), (alike, 3)]
    cases += [(structs.replace(layer, key_size=4), 1) for layer, _ in cases]
    for layer, multiple in cases:
        widths = widths_of(analyze(Design(layers=(*items[:2], layer, items[3]))))
        assert (widths[0].owners, widths[0].multiple) == ((("a",),), multiple)


@pytest.mark.parametrize(
    "layer",
    [
        ZeroPad(name="between", padding=1),
        ZeroPad(name="between", padding=0, channels=8),
        ZeroPad(name="between", padding=0, channels=(0, 2)),
        Parameter(name="between"),
    ],
)
def test_what_takes_any_channels_does_not_hold_them(layer: Item) -> None:
    layers = (image(8, 8), conv("a", filters=8), layer, conv("b", filters=8), Dense(name="fc", units=10))
    after = scale(analyze(Design(layers=layers)), Scaling(width=HALF, multiple=1))
    assert [set_in(after.design, (name,), "filters") for name in "ab"] == [4, 4]


def test_a_stated_learned_tensor_holds_the_channels_that_it_is_added_to() -> None:
    layers = (image(8, 8), conv("a", filters=8), Parameter(name="p", channels=8), Dense(name="fc", units=10))
    assert "p says how many" in widths_of(analyze(Design(layers=layers)))[0].reason


def test_a_side_that_is_not_given_stays_so() -> None:
    design = Design(layers=(Input(name="image", size=(None, 64), channels=3), conv("a")))
    assert set_in(scale(analyze(design), Scaling(resolution=DOUBLE)).design, ("image",), "size") == (None, 128)
    unsized = Design(layers=(Input(name="image", size=(None, None), channels=3), conv("a")))
    with pytest.raises(EditError, match="no input has a size"):
        scale(analyze(unsized), Scaling(resolution=DOUBLE))


def test_a_stage_is_scaled_alone_but_for_what_hangs_together_with_others() -> None:
    analysis = builtin("resnet-18")
    edit = scale(analysis, Scaling(width=HALF, within=(("layer1",),)))
    assert set_in(edit.design, ("layer1", "conv1"), "filters") == 32
    assert set_in(edit.design, ("layer1", "conv2"), "filters") == 64
    assert find(edit.design, ("layer2", "first", "conv1")) == find(analysis.design, ("layer2", "first", "conv1"))
    assert edit.notes == ("layer1/conv2 stays as it is: it agrees with conv1.",)


def test_depth_changes_repeats_of_the_innermost_blocks() -> None:
    design = scale(builtin("resnet-50"), Scaling(depth=DOUBLE)).design
    repeats = [item.repeat for item in set_in(design, ("layer3",), "layers") if isinstance(item, Block)]
    assert repeats == [1, 10]


def test_steps_of_efficientnet_take_all_three() -> None:
    scaling = compound(Fraction(1))
    assert (scaling.width, scaling.depth, scaling.resolution) == (Fraction("1.1"), Fraction("1.2"), Fraction("1.15"))
    after = scaled(builtin("efficientnet-b0"), scaling)
    assert after.rows[0].output_shape is not None
    assert after.rows[0].output_shape.spatial == (258, 258)


@pytest.mark.parametrize(
    ("channels", "multiple", "factor", "expected"),
    [
        (64, 8, "0.5", 32),
        (96, 8, "0.75", 72),
        (24, 8, "0.75", 24),
        (6, 8, "0.5", 4),
        (33, 8, "0.5", 17),
        (8, 8, "0.1", 8),
    ],
)
def test_channels_are_rounded_to_the_multiple_that_they_have(
    channels: int, multiple: int, factor: str, expected: int
) -> None:
    assert scaled_channels(Width((), channels), Fraction(factor), multiple) == expected


@pytest.mark.parametrize(
    ("layers", "scaling", "sentence"),
    [
        ((image(8, 8), conv("a", kernel_size=5, padding="valid")), Scaling(size=4), "would not count: a: "),
        ((image(8, 8), conv("a", filters=8)), Scaling(width=HALF), "what the network gives"),
        ((image(8, 8), conv("a", filters=8)), Scaling(depth=DOUBLE), "No block repeats"),
        (
            (image(8, 8), conv("a"), conv("b", filters=10**9 // 2), conv("c")),
            Scaling(width=Fraction(4)),
            "at most 1,000,000,000",
        ),
        ((image(8, 8), conv("a"), Reshape(name="r", channels=-1, size=(4, 4))), Scaling(width=HALF), "says how many"),
    ],
)
def test_what_cannot_be_scaled_is_said(layers: tuple[Item, ...], scaling: Scaling, sentence: str) -> None:
    design = Design(layers=layers)
    with pytest.raises(EditError, match=sentence):
        scale(analyze(design), scaling)


@pytest.mark.parametrize("text", ["", "0", "-1", "1/0", "5000", "half", "1e3", "1" * 30])
def test_a_factor_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="a factor is a number from 1/1,000 to 1,000"):
        factor_from(text)


def test_widths_of_what_has_no_sizes_are_refused_as_an_edit() -> None:
    with pytest.raises(EditError, match="no layer of the design has known sizes"):
        scale(analyze(Design(layers=(conv("a"),))), Scaling(width=HALF))
