"""The first remedy: no other network than the one that was meant, and nothing put in the place of what was wrong."""

from __future__ import annotations

from typing import Any

import pytest

from cnnstudio.authoring.remedies import input_sizes, weighing
from cnnstudio.authoring.remedies.catalogue import ACCEPTING, remedies_for
from cnnstudio.core.arithmetic.convention import CAFFE
from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.core.edits import Edit
from cnnstudio.core.network.design import Block, Design, Item
from cnnstudio.layers.convolution import DepthwiseConv2D
from cnnstudio.layers.dense import Dense
from cnnstudio.layers.merge import Add, Concat, Multiply
from cnnstudio.layers.normalization import BatchNorm
from cnnstudio.layers.pooling import AvgPool2D, GlobalAvgPool, MaxPool2D
from cnnstudio.layers.structure import Input
from tests.networks import conv, design_of, image


def offered(analysis: Analysis, rule: str) -> dict[str, Edit]:
    """The remedies of the first problem of a rule that change the network, in their order."""
    problem = next(problem for problem in analysis.problems if problem.rule == rule)
    every = remedies_for(analysis.design, analysis, problem)
    return {remedy.text: remedy.make() for remedy in every if remedy.text != ACCEPTING}


def unit(*items: Item) -> Design:
    """A residual unit that is repeated, and adds what flows into it."""
    return design_of(Block(name="unit", repeat=3, layers=(*items, Add(name="add", inputs=(items[-1].name, "input")))))


STRIDED = unit(conv("conv", stride=2, padding=1, bias=False), BatchNorm(name="norm"))
GATED = unit(
    conv("expand", filters=8),
    DepthwiseConv2D(name="depthwise", kernel_size=3, padding=1, stride=2),
    GlobalAvgPool(name="squeeze", keepdims=True),
    conv("gate", filters=8, kernel_size=1),
    Multiply(name="excite", inputs=("depthwise", "gate")),
    conv("project", kernel_size=1),
)
UNSTRIDED = design_of(
    conv("a", stride=2, padding=1),
    conv("b"),
    conv("short", "image", kernel_size=1, padding=0),
    Add(name="add", inputs=("b", "short")),
)
POOLED = design_of(
    conv("a", stride=2, padding=1),
    AvgPool2D(name="pool", pool_size=2, inputs=("a",)),
    Add(name="add", inputs=("pool", "a")),
)


@pytest.mark.parametrize(
    ("design", "first"),
    [
        (STRIDED, "Use a stride of 1 in conv"),
        (GATED, "Use a stride of 1 in depthwise"),
        (UNSTRIDED, "Use a stride of 2 in short"),
    ],
)
def test_branches_of_unlike_strides_get_the_same(design: Design, first: str) -> None:
    made = offered(analyze(design), "merge")
    assert first in made
    for text in (first, next(iter(made))):
        assert analyze(made[text].design).problems == ()


def test_a_pool_without_a_stride_of_its_own_has_that_of_its_window() -> None:
    assert "Use a stride of 1 in pool" not in offered(analyze(POOLED), "merge")


def test_what_other_layers_cost_is_left_alone_in_a_block_that_is_counted_in_part() -> None:
    narrow = (conv("narrow", filters=2), BatchNorm(name="norm1"))
    wide = (conv("wide", "input"), BatchNorm(name="norm2"))
    items = (*narrow, *wide, Add(name="add", inputs=("norm1", "norm2")))
    design = design_of(Block(name="unit", repeat=3, layers=items))
    first = next(iter(offered(analyze(design), "merge")))
    assert first == "Insert a 1 × 1 convolution on norm1"


def test_units_are_what_a_dense_has_for_filters() -> None:
    layers = (
        Input(name="x", channels=20),
        Dense(name="a", units=30),
        Dense(name="b", units=40),
        Add(name="add", inputs=("b", "a")),
    )
    analysis = analyze(Design(layers=layers))
    assert analysis.problems[0].remedy == "Give the branches as many units."
    made = offered(analysis, "merge")
    assert set(made) == {"Use 30 units in b", "Use 40 units in a"}
    assert analyze(made["Use 40 units in a"].design).problems == ()


def test_a_warning_is_not_changed_for_another_one() -> None:
    design = Design(layers=(image(7, 7), conv("conv", kernel_size=7, stride=7, padding=3)))
    analysis = analyze(design)
    made = offered(analysis, "unused-input")
    assert made
    assert all(len(analyze(edit.design).problems) < len(analysis.problems) for edit in made.values())


@pytest.mark.parametrize(("kernel_size", "padding"), [(3, 1), (5, 2)])
def test_a_branch_without_padding_is_padded_as_the_other_is(kernel_size: int, padding: int) -> None:
    layers = (
        image(30, 30),
        conv("a", kernel_size=kernel_size, padding=0),
        conv("b", "image", kernel_size=kernel_size, padding=padding),
        Add(name="sum", inputs=("a", "b")),
    )
    made = offered(analyze(Design(layers=layers)), "merge")
    assert next(iter(made)) == f"Use a padding of {padding} in a"
    assert analyze(made[f"Use a padding of {padding} in a"].design).problems == ()
    # Maps of a single element would be added to any others, but that is another network.
    assert not [text for text in made if "an input of" in text]


def test_nothing_is_padded_by_more_than_half_of_its_window() -> None:
    start, pool = image(28, 28, channels=4), MaxPool2D(name="b", pool_size=3, stride=2, padding=1, ceil_mode=True)
    layers = (start, pool, conv("a", "image", stride=2, padding=1), Concat(name="join", inputs=("a", "b")))
    made = offered(analyze(Design(layers=layers), CAFFE), "merge")
    assert made
    assert not [text for text in made if "a padding of" in text]


def test_of_a_large_network_fewer_remedies_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[Design] = []

    def counted(design: Design, *rest: Any) -> Analysis:
        tried.append(design)
        return analyze(design, *rest)

    monkeypatch.setattr(weighing, "analyze", counted)
    monkeypatch.setattr(input_sizes, "analyze", counted)
    analysis = analyze(design_of(conv("a"), conv("wide", kernel_size=40, padding=0)))
    assert "Use an input of 40" in offered(analysis, "window")
    many, tried[:] = len(tried), []
    monkeypatch.setattr(weighing, "MAX_ITEMS_TRIED", 2)
    monkeypatch.setattr(input_sizes, "MAX_ITEMS", 2)
    assert "Use an input of 40" not in offered(analysis, "window")
    assert len(tried) == 2 < many
