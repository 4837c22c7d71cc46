"""Shared weights: counted once, whoever uses them, and refused where they cannot be the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from msgspec import structs

from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.core.counting.columns import COLUMN, summary_columns
from cnnstudio.core.counting.lookup import walk_entries
from cnnstudio.core.counting.rows import Row
from cnnstudio.core.counting.working import working_of
from cnnstudio.core.network.design import Block, Design, Item
from cnnstudio.drawings.chart.bar import end_text
from cnnstudio.drawings.chart.bars import bars_of
from cnnstudio.layers.convolution import Conv2D
from cnnstudio.layers.merge import Concat
from cnnstudio.layers.normalization import BatchNorm
from cnnstudio.layers.structure import Input
from tests.networks import conv, design_of, image, relu
from tests.strategies import designs

TOWER = Block(name="left", layers=(conv("conv", padding=1), BatchNorm(name="norm")))
"""3 · 3 · 4 · 4 + 4 = 148 learned in the convolution; 8 learned and 8 stored in the normalization."""

NESTED = Block(name="left", layers=(Block(name="inner", layers=(conv("conv"),)),))


def siamese(*, shares: str = "left") -> Design:
    """Two towers, the second of which may use the weights of the first."""
    second = Block(name="right", layers=TOWER.layers, inputs=("image",), shares=shares)
    return design_of(TOWER, second, Concat(name="both", inputs=("left", "right")))


def row(analysis: Analysis, path: str) -> Row:
    """The row of a layer."""
    return next(entry for entry in walk_entries(analysis.entries) if isinstance(entry, Row) and entry.path == path)


def test_weights_of_a_shared_block_count_once_and_its_work_each_time() -> None:
    once, twice = analyze(siamese()), analyze(siamese(shares=""))
    assert (once.totals.parameters, twice.totals.parameters) == (156, 312)
    assert (once.totals.state, once.totals.reused) == (8, 156)
    assert once.totals.macs == twice.totals.macs
    assert once.totals.activations == twice.totals.activations
    assert not once.errors


def test_the_working_says_whose_the_weights_are() -> None:
    shared = row(analyze(siamese()), "right/conv")
    (parameters,) = working_of(shared, "parameters")
    assert (parameters.value, parameters.reason) == (0, "shared with left/conv")
    (reused,) = working_of(shared, "reused")
    assert reused.value == 148


def test_tables_and_charts_say_it_in_place_of_nothing() -> None:
    analysis = analyze(siamese())
    entry = analysis.entries[2]
    assert COLUMN["parameters"].cell(entry, analysis) == "shared"
    assert COLUMN["shares"].cell(row(analysis, "right/conv"), analysis) == "left/conv"
    assert summary_columns(analysis) != summary_columns(analyze(siamese(shares="")))
    bars = {bar.label: end_text(bar, "parameters") for bar in bars_of(analysis, lambda _: False, "parameters", "block")}
    assert bars["right"] == "shared with left"


def test_users_of_a_user_name_the_first() -> None:
    design = design_of(conv("a"), conv("b", shares="a"), conv("c", shares="b"))
    assert row(analyze(design), "c").owner == "a"


def test_blocks_say_whose_weights_they_use_as_layers_do() -> None:
    inner = Block(name="inner", layers=(conv("conv"), conv("twin", shares="left/inner/conv")))
    left = Block(name="left", layers=(inner,))
    right = structs.replace(left, name="right", inputs=("image",), shares="left")
    third = structs.replace(right, name="third", shares="right")
    analysis = analyze(design_of(left, right, third))
    shown = {
        entry.path: [COLUMN[key].cell(entry, analysis) for key in ("shares", "parameters")]
        for entry in walk_entries(analysis.entries[1:])
    }
    assert shown == {
        "left": ["", "148"],
        "left/inner": ["", "148"],
        "left/inner/conv": ["", "148"],
        "left/inner/twin": ["left/inner/conv", "shared"],
        **{name: ["left", "shared"] for name in ("right", "third")},
        **{f"{name}/inner": ["left/inner", "shared"] for name in ("right", "third")},
        **{
            f"{name}/inner/{own}": ["left/inner/conv", "shared"]
            for name in ("right", "third")
            for own in ("conv", "twin")
        },
    }


@pytest.mark.parametrize(
    "right",
    [
        structs.replace(TOWER, name="right", inputs=("image",), shares="nobody"),
        # Its layers take other channels than those of the block that it names.
        structs.replace(TOWER, name="right", inputs=("wide",), shares="left"),
    ],
)
def test_a_block_whose_layers_cannot_share_is_not_called_shared(right: Block) -> None:
    analysis = analyze(design_of(conv("wide", filters=6), structs.replace(TOWER, inputs=("image",)), right))
    assert analysis.errors
    cells = [COLUMN[key].cell(analysis.entries[3], analysis) for key in ("shares", "parameters")]
    assert cells == ["", "unknown"]


def test_each_pass_of_a_repeated_block_uses_the_weights_of_the_same_pass() -> None:
    inside = (conv("first"), conv("second", shares="stage/first"))
    analysis = analyze(design_of(Block(name="stage", repeat=3, layers=inside)))
    assert analysis.totals.parameters == 3 * 148
    assert not analysis.errors


def test_layers_of_a_repeated_shared_block_go_with_those_of_the_same_pass() -> None:
    # The first pass takes 4 channels and the others 6, so that each has the weights of its like alone.
    stage = Block(name="left", repeat=3, layers=(conv("conv", filters=6),))
    design = design_of(stage, structs.replace(stage, name="right", inputs=("image",), shares="left"))
    analysis = analyze(design)
    assert analysis.totals.parameters == (3 * 3 * 4 + 1) * 6 + 2 * (3 * 3 * 6 + 1) * 6
    assert not analysis.errors
    other = analyze(design_of(stage, structs.replace(stage, name="right", shares="left")))
    assert [problem.rule for problem in other.errors] == ["shares-sizes"]


@pytest.mark.parametrize(
    ("items", "rule", "sentence"),
    [
        ((conv("a", shares="a"),), "shares-cycle", "with itself"),
        ((conv("first"), conv("b", shares="frist")), "shares-unknown", "Did you mean 'first'?"),
        ((conv("a", shares="b"), conv("b")), "shares-later", "comes later"),
        ((Block(name="s", repeat=2, layers=(conv("a"),)), conv("b", shares="s/a")), "shares-ambiguous", "'s' is rep"),
        ((conv("a", filters=4), conv("b", filters=5, shares="a")), "shares-unlike", "filters is 5 here and 4 there"),
        ((conv("a"), relu("b"), BatchNorm(name="c", shares="a")), "shares-unlike", "of the type BatchNorm"),
        ((TOWER, structs.replace(TOWER, name="b", layers=TOWER.layers[:1], shares="left")), "shares-unlike", "inside"),
        ((conv("a", filters=6), conv("b", filters=6, shares="a")), "shares-sizes", "takes 6 channels, and that 4"),
    ],
)
def test_what_cannot_share_is_unknown_and_told(items: tuple[Item, ...], rule: str, sentence: str) -> None:
    analysis = analyze(design_of(*items, conv("last", filters=8)))
    assert [problem.rule for problem in analysis.errors] == [rule]
    assert sentence in analysis.errors[0].sentence
    assert analysis.totals.uncounted >= 1
    # Only whose the weights are is unknown: what comes after it is counted.
    assert row(analysis, "last").parameters is not None


@given(designs(counted=True))
def test_a_network_used_twice_has_the_parameters_of_one(design: Design) -> None:
    first, *rest = design.layers
    assert isinstance(first, Input)
    if not rest:
        return
    tower = Block(name="tower", layers=tuple(rest))
    again = structs.replace(first, name="again")
    other = Block(name="other", layers=tuple(rest), shares="tower")
    layers = (structs.replace(first, name="image"), tower)
    once = analyze(structs.replace(design, layers=layers))
    twice = analyze(structs.replace(design, layers=(*layers, again, other)), previous=once)
    assert twice.totals.parameters == once.totals.parameters
    assert twice.totals.state == once.totals.state
    assert twice.totals.macs == 2 * once.totals.macs
    assert not [problem for problem in twice.problems if problem.rule.startswith("shares")]


def test_counting_again_gives_what_counting_anew_gives() -> None:
    steps = [
        siamese(shares=""),
        siamese(),
        design_of(TOWER, Block(name="right", layers=TOWER.layers, inputs=("image",))),
        design_of(image(4, 4, channels=2), TOWER, Block(name="right", layers=TOWER.layers, shares="left")),
        design_of(NESTED, structs.replace(NESTED, name="right", inputs=("image",), shares="left")),
        design_of(NESTED, structs.replace(NESTED, name="right", inputs=("image",))),
        design_of(NESTED, structs.replace(NESTED, name="right", inputs=("image",), shares="nobody")),
        design_of(NESTED, structs.replace(NESTED, name="right", inputs=("image",))),
        design_of(conv("left"), conv("right", shares="left")),
        design_of(conv("left", filters=5), conv("right", shares="left")),
    ]
    known: Analysis | None = None
    for design in (*steps, *reversed(steps)):
        fresh, known = analyze(design), analyze(design, previous=known)
        assert (fresh.entries, fresh.totals, fresh.problems) == (known.entries, known.totals, known.problems)


def test_a_user_that_nothing_changed_stays_the_same_row() -> None:
    design = siamese()
    before = analyze(design)
    added = structs.replace(design, layers=(*design.layers, Conv2D(name="more", filters=1, kernel_size=1)))
    assert row(analyze(added, previous=before), "right/conv") is row(before, "right/conv")
