"""Remedies: each is applied, and the design counted again."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from cnnstudio.authoring.remedies.catalogue import ACCEPTING, path_of, remedies_for, remedy_everywhere
from cnnstudio.authoring.remedies.for_layers import divisors_of
from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.edits import Edit, EditError
from cnnstudio.core.network.design import Block, Design, Item, find, path_text, structure_faults, walk, with_names
from cnnstudio.core.network.problem import Acceptable, Problem
from cnnstudio.formats.builtin import builtin_paths, open_design
from cnnstudio.layers.activation import Activation
from cnnstudio.layers.convolution import Conv1D, Conv2D, Conv3D, DepthwiseConv2D, SeparableConv2D
from cnnstudio.layers.dense import Dense
from cnnstudio.layers.merge import Add, Concat
from cnnstudio.layers.normalization import BatchNorm, GroupNorm
from cnnstudio.layers.patches.pools import BlurPool
from cnnstudio.layers.pooling import AdaptiveAvgPool, AvgPool2D, AvgPool3D, GlobalAvgPool, MaxPool2D, Subsampling
from cnnstudio.layers.reshaping import (
    Crop,
    Flatten,
    RepeatVector,
    Reshape,
    Slice,
    Upsample,
    ZeroPad,
)
from cnnstudio.layers.sequences.convolutional import ConvLSTM2D, ConvLSTM3D
from cnnstudio.layers.sequences.recurrent import GRU, LSTM
from cnnstudio.layers.shuffling import ChannelShuffle, PixelShuffle, PixelUnshuffle
from cnnstudio.layers.structure import Identity, Input, Output
from cnnstudio.layers.transposed import ConvTranspose2D
from tests import networks
from tests.examples import spread

conv = partial(networks.conv, filters=8, padding="valid")
OWN_WEIGHTS = "Give it weights of its own"
IMAGE = Input(name="image", size=(32, 32), channels=3)


def designed(*items: Item) -> Design:
    return Design(layers=with_names(items))


def after_image(*items: Item) -> Design:
    return designed(IMAGE, *items)


def problem_of(design: Design, rule: str) -> Problem:
    return next(problem for problem in analyze(design).problems if problem.rule == rule)


def remedied(design: Design, problem: Problem) -> dict[str, Edit]:
    """The remedies that change the network."""
    every = remedies_for(design, analyze(design), problem)
    return {remedy.text: remedy.make() for remedy in every if remedy.text != ACCEPTING}


def assert_each_remedies(design: Design, problem: Problem) -> dict[str, Edit]:
    """Every remedy of a problem takes it away, and leaves a valid design with something to select."""
    made = remedied(design, problem)
    before = analyze(design)
    for text, edit in made.items():
        after = analyze(edit.design, previous=before).problems
        fresh = [found for found in after if found not in before.problems]
        errors = [found for found in fresh if found.path == problem.path and found.severity == "error"]
        assert problem not in after, text
        assert problem.rule not in [found.rule for found in fresh if found.path == problem.path], text
        assert not errors or problem.rule in ("rank", "multiple"), text
        assert not list(structure_faults(edit.design.layers)), text
        assert edit.design != design
        assert edit.label
        for path in edit.focus:
            assert find(edit.design, path).name == path[-1]
    return made


TINY = Input(name="tiny", size=(2, 2), channels=8)
VOLUMES = Input(name="volumes", size=(4, 8, 8, 8), channels=2)
WRONG: list[tuple[str, Design, *tuple[str, ...]]] = [
    ("dense-on-map", after_image(Dense(name="fc", units=10)), "Insert a Flatten", "Apply it at each position"),
    ("dense-on-map", designed(IMAGE, conv(), Dense(name="fc", units=10, inputs=("image",))), "Insert a Flatten"),
    ("bias-before-norm", after_image(conv(), BatchNorm()), "Drop the bias"),
    (
        "bias-before-norm",
        after_image(Block(name="b", repeat=3, layers=(conv(padding=1), BatchNorm(name="n")))),
        "Drop the bias",
    ),
    ("window", after_image(conv(kernel_size=40)), "Use a 32 × 32 kernel", "Set padding to same"),
    ("window", after_image(conv(kernel_size=40, padding=2)), "Use a 36 × 36 kernel"),
    ("window", after_image(conv(kernel_size=9, dilation=5)), "Use a 7 × 7 kernel"),
    ("window", after_image(DepthwiseConv2D(kernel_size=(40, 3))), "Use a 32 × 3 kernel"),
    ("window", after_image(SeparableConv2D(filters=4, kernel_size=33)), "Use a 32 × 32 kernel"),
    ("window", after_image(MaxPool2D(pool_size=40)), "Use a 32 × 32 window", "Set padding to same"),
    ("window", designed(TINY, AvgPool2D(pool_size=3)), "Use a 2 × 2 window"),
    ("window", designed(Input(size=(1, 1), channels=8), MaxPool2D(pool_size=2)), "Set padding to same", "Delete it"),
    ("window", after_image(Subsampling(pool_size=33)), "Use a 32 × 32 window"),
    (
        "window",
        designed(Input(size=(4, 9, 9), channels=2), AvgPool3D(pool_size=5, padding=2)),
        "Use a 4 × 4 × 4 window",
    ),
    ("window", designed(TINY, ConvTranspose2D(filters=2, kernel_size=2, padding=3)), "Set padding to valid"),
    (
        "window",
        after_image(
            Block(name="b", repeat=9, layers=(conv("c", filters=8, kernel_size=3), MaxPool2D(name="p", pool_size=2)))
        ),
        "Set padding to same",
    ),
    (
        "unused-input",
        designed(Input(size=(224, 224), channels=3), conv(kernel_size=11, stride=4)),
        "Use an input of 227",
        "Use an input of 223",
    ),
    (
        "unused-input",
        designed(Input(size=(224, 331), channels=3), conv(kernel_size=11, stride=4)),
        "Use an input of 227 × 331",
    ),
    (
        "unused-input",
        after_image(conv(), MaxPool2D(pool_size=3, stride=2)),
        "Set padding to 1",
        "Round the output size up",
    ),
    (
        "unused-input",
        after_image(conv("c", filters=8, kernel_size=2), conv("d", filters=8, kernel_size=4, stride=2)),
        "Set padding to 1",
    ),
    (
        "unused-input",
        after_image(conv("c", filters=8, kernel_size=2), Block(name="b", layers=(MaxPool2D(name="p", pool_size=2),))),
        "Set padding to 1",
    ),
    (
        "unused-input",
        designed(Input(size=(33, 33), channels=3), Block(name="b", layers=(MaxPool2D(name="p", pool_size=2),))),
        "Use an input of 34",
    ),
    ("oversize-window", designed(TINY, conv(padding=1)), "Use a 1 × 1 kernel without padding"),
    ("oversize-window", designed(TINY, conv(padding="same")), "Use a 2 × 2 kernel"),
    ("oversize-window", designed(TINY, conv(kernel_size=5, padding=(2, 2))), "Use a 1 × 1 kernel without padding"),
    ("rank", after_image(Conv1D(name="conv", filters=4, kernel_size=3)), "Use Conv2D"),
    ("rank", after_image(Conv3D(name="conv", filters=4, kernel_size=(3, 3, 3), padding=((1, 1),) * 3)), "Use Conv2D"),
    ("rank", designed(Input(size=100, channels=3), conv()), "Use Conv1D"),
    ("rank", designed(Input(size=100, channels=3), MaxPool2D(pool_size=2)), "Use MaxPool1D"),
    ("rank", after_image(GlobalAvgPool(name="pool"), conv(kernel_size=1)), "Keep the axes of pool"),
    ("rank", after_image(Flatten(name="flat"), conv()), "Delete flat"),
    ("rank", designed(VOLUMES, GlobalAvgPool(name="pool")), "Use Reduce"),
    (
        "window",
        designed(Input(size=(4, 8, 6, 8), channels=2), ConvLSTM3D(filters=4, kernel_size=7)),
        "Use a 6 × 6 × 6 kernel",
    ),
    ("frames", designed(VOLUMES, ConvLSTM2D(filters=4, kernel_size=3)), "Use ConvLSTM3D"),
    ("rank", after_image(Flatten(), GlobalAvgPool()), "Delete flatten_1", "Delete it"),
    ("rank", after_image(AdaptiveAvgPool(output_size=(7, 7, 7))), "Use one size for all axes"),
    ("rank", after_image(ZeroPad(padding=((1, 1), (1, 1), (1, 1)))), "Use one size for all axes"),
    ("rank", after_image(Upsample(scale=(2, 2, 2))), "Use one size for all axes"),
    ("rank", after_image(RepeatVector(times=5)), "Insert a GlobalAvgPool", "Insert a Flatten"),
    ("sequence", after_image(LSTM(units=5)), "Read its columns"),
    ("sequence", designed(Input(size=9, channels=2), Flatten(name="flat"), GRU(units=5)), "Delete flat"),
    (
        "sequence",
        designed(Input(size=9, channels=2), LSTM(name="a", units=5), GRU(units=5)),
        "Return the sequences of a",
    ),
    ("projection", designed(Input(size=9, channels=2), LSTM(units=6, projection=6)), "Drop the projection"),
    ("projection", designed(Input(size=9, channels=2), LSTM(units=6, projection=9)), "Use half the units"),
    ("multiple", designed(TINY, conv(filters=12, groups=8)), "Use 4 groups"),
    ("multiple", designed(TINY, conv(filters=12, groups=8)), "Use 8 filters", "Use 16 filters"),
    ("multiple", designed(TINY, GroupNorm()), "Use 8 groups"),
    ("multiple", designed(TINY, ChannelShuffle(groups=3)), "Use 4 groups", "Use 2 groups"),
    ("multiple", designed(TINY, PixelShuffle(scale=3)), "Use a scale of 2"),
    ("multiple", designed(TINY, PixelUnshuffle(scale=3)), "Use a scale of 2"),
    (
        "merge",
        after_image(conv(padding=1), GlobalAvgPool(name="g"), Concat(inputs=("conv", "g"))),
        "Pool conv to a vector",
    ),
    ("merge", after_image(conv(padding=1), Add(inputs=("image", "conv"))), "Insert a 1 × 1 convolution on image"),
    (
        "merge",
        after_image(conv(padding=1, stride=2), Add(inputs=("conv", "image"))),
        "Insert a 1 × 1 convolution on image",
    ),
    (
        "merge",
        after_image(Block(name="b", layers=(conv(padding=1), Add(name="sum", inputs=("conv", "input"))))),
        "Insert a 1 × 1 convolution on input",
    ),
    (
        "merge",
        after_image(
            conv("a", filters=8, kernel_size=1),
            BatchNorm(name="n"),
            conv("b", "image", filters=6, kernel_size=1),
            Add(inputs=("n", "b")),
        ),
        "Use 6 filters in a",
        "Use 8 filters in b",
        "Insert a 1 × 1 convolution on n",
    ),
    ("axis", designed(Input(channels=8), Slice(axis=1, stop=4)), "Use axis 0, the channels"),
    (
        "axis",
        designed(Input(name="a", channels=8), Identity(name="b"), Concat(axis=2, inputs=("a", "b"))),
        "Use axis 0, the channels",
    ),
    ("padding-mode", designed(TINY, conv(padding=2, padding_mode="reflect")), "Pad with zeros"),
    ("padding-mode", designed(TINY, ZeroPad(padding=3, padding_mode="circular")), "Pad with zeros"),
    ("padding-mode", designed(TINY, BlurPool(filter_size=7)), "Use a filter of 3"),
    ("pool-padding", after_image(MaxPool2D(pool_size=3, padding=2)), "Set padding to 1"),
    ("pool-padding", after_image(MaxPool2D(pool_size=(2, 4), padding=2)), "Set padding to 1 × 2"),
    ("pool-padding", after_image(MaxPool2D(pool_size=3, padding=((0, 2), (0, 1)))), "Set padding to half the window"),
    (
        "output-padding",
        after_image(ConvTranspose2D(filters=2, kernel_size=3, stride=2, output_padding=2)),
        "Set output padding to 1",
    ),
    (
        "output-padding",
        after_image(ConvTranspose2D(filters=2, kernel_size=3, stride=(1, 2), padding="same", output_padding=(1, 1))),
        "Set output padding to 0 × 1",
    ),
    ("reshape", after_image(Reshape(channels=4, size=(16, 16))), "Work out the channels", "Work out the size"),
    ("slice", after_image(Slice(start=1, stop=9)), "Take all to the end"),
    (
        "unused",
        after_image(conv("a"), conv("b", "image"), Add(name="sum", inputs=("b", "b"))),
        "Connect it to sum",
        "Delete it",
        "Mark it as an output",
    ),
    (
        "unused",
        after_image(conv("a"), BatchNorm(name="n"), Activation(name="r", function="relu"), conv("b", "image")),
        "Delete the branch of 3 layers",
        "Mark it as an output",
    ),
    (
        "unused",
        after_image(conv("a", bias=False), BatchNorm(name="n"), Identity(name="d"), Add(inputs=("n", "a"))),
        "Put it between n and add_1",
        "Connect it to add_1",
    ),
    (
        "unused",
        after_image(conv("a"), Identity(name="d"), Identity(name="e"), Add(inputs=("a", "a"))),
        "Put these 2 layers between a and add_1",
    ),
    ("missing-input", designed(conv()), "Put an Input first"),
    ("missing-input", designed(Conv3D(filters=2, kernel_size=3)), "Put an Input first"),
    ("missing-input", designed(ConvLSTM3D(filters=2, kernel_size=3)), "Put an Input first"),
    ("missing-input", designed(Dense(units=10)), "Put an Input first"),
    (
        "missing-input",
        designed(Block(name="b", layers=(Conv1D(name="c", filters=2, kernel_size=3),))),
        "Put an Input first",
    ),
    ("missing-input", after_image(conv(filters=3, padding=1), Add(name="sum")), "Join conv and image"),
    (
        "missing-input",
        after_image(Block(name="b", layers=(conv(filters=3, padding=1), Add(name="sum")))),
        "Join conv and input",
    ),
    ("empty", Design(), "Put an Input first"),
    ("shares-unknown", after_image(conv("a"), conv("b", "image", shares="x")), "Share the weights of 'a'", OWN_WEIGHTS),
    ("shares-cycle", after_image(conv("a"), conv("b", "image", shares="b")), "Share the weights of 'a'", OWN_WEIGHTS),
    ("shares-later", after_image(conv("a", shares="b"), conv("b", "image")), "Let 'b' share the weights of this"),
    ("shares-unlike", after_image(conv("a", filters=3), conv("b", shares="a")), "Make it the same as 'a'", OWN_WEIGHTS),
    ("shares-sizes", after_image(conv("a"), conv("b", shares="a")), OWN_WEIGHTS),
    (
        "shares-ambiguous",
        after_image(Block(name="s", repeat=2, layers=(conv("a", filters=3),)), conv("b", filters=3, shares="s/a")),
        OWN_WEIGHTS,
    ),
]


@pytest.mark.parametrize(
    ("rule", "design", "texts"),
    [pytest.param(rule, design, texts, id=f"{rule}-{texts[0]}") for rule, design, *texts in WRONG],
)
def test_the_remedies_that_are_offered_remedy(rule: str, design: Design, texts: list[str]) -> None:
    made = assert_each_remedies(design, problem_of(design, rule))
    assert set(texts) <= set(made)


def test_every_rule_with_a_certain_remedy_is_tried_above() -> None:
    assert {rule for rule, *_ in WRONG} >= {
        *("dense-on-map", "bias-before-norm", "window", "unused-input", "merge", "output-padding", "multiple"),
        *("unused", "missing-input", "rank", "empty"),
    }


def test_a_flatten_counts_the_same() -> None:
    design = after_image(conv(), Dense(name="fc", units=10))
    edit = remedied(design, problem_of(design, "dense-on-map"))["Insert a Flatten"]
    assert [item.name for item in edit.design.layers] == ["image", "conv", "flatten_1", "fc"]
    assert analyze(edit.design).totals.parameters == analyze(design).totals.parameters
    assert edit.label == "Insert flatten_1 before fc"
    assert edit.focus == (("flatten_1",),)


def test_a_flatten_takes_over_the_named_input() -> None:
    design = after_image(conv(), Dense(name="fc", units=10, inputs=("image",)), Output(inputs=("conv",)))
    edit = remedied(design, problem_of(design, "dense-on-map"))["Insert a Flatten"]
    flatten, dense = find(edit.design, ("flatten_1",)), find(edit.design, ("fc",))
    assert flatten.inputs == ("image",)
    assert dense.inputs == ()


def test_a_remedy_is_a_step_of_its_own() -> None:
    """An edit with a key would be merged with the number that was typed just before."""
    for _, design, *_ in WRONG:
        for problem in analyze(design).problems:
            assert all(edit.key == "" for edit in remedied(design, problem).values())


def test_a_smaller_kernel_keeps_the_output() -> None:
    design = designed(TINY, conv(padding=1))
    edit = remedied(design, problem_of(design, "oversize-window"))["Use a 1 × 1 kernel without padding"]
    assert analyze(edit.design).rows[-1].output_shape == analyze(design).rows[-1].output_shape
    assert edit.label == "Set kernel size of conv to 1 and set padding of conv to 0"


def test_a_shortcut_gets_a_convolution_before_the_other_branch_is_changed() -> None:
    design = after_image(conv(padding=1), Add(name="sum", inputs=("image", "conv")))
    texts = list(remedied(design, problem_of(design, "merge")))
    assert texts == ["Insert a 1 × 1 convolution on image", "Use 3 filters in conv"]


@pytest.mark.parametrize(
    "design",
    [
        after_image(Crop(cropping=20)),
        after_image(Crop(cropping=16), Upsample(scale=2)),
    ],
)
def test_where_nothing_is_certain_nothing_is_offered(design: Design) -> None:
    assert remedied(design, analyze(design).problems[0]) == {}


def test_a_problem_of_another_design_has_no_remedy() -> None:
    design = after_image(conv())
    gone = Problem("error", "elsewhere", "window", "", "")
    assert remedies_for(design, analyze(design), gone) == ()


def test_places_lead_to_items_whatever_they_are_called() -> None:
    design = designed(Block(name="a/b", repeat=2, layers=(conv("c[1]"), conv("d\\e"))))
    for path, _ in walk(design.layers):
        assert path_of(design, path_text(path)) == path
    assert path_of(design, "") is None
    assert path_of(design, "a/b") is None


def test_divisors() -> None:
    assert divisors_of(36) == [1, 2, 3, 4, 6, 9, 12, 18, 36]
    assert divisors_of(1) == [1]


small = st.integers(1, 6)
layers = st.one_of(
    st.builds(
        Conv2D,
        filters=small,
        kernel_size=st.integers(1, 7),
        stride=st.integers(1, 3),
        padding=st.sampled_from(["valid", "same", 0, 1, 2]),
        dilation=st.integers(1, 2),
        groups=st.integers(1, 3),
        padding_mode=st.sampled_from(["zeros", "reflect"]),
    ),
    st.builds(Conv1D, filters=small, kernel_size=small),
    st.builds(
        MaxPool2D,
        pool_size=st.integers(1, 4),
        stride=st.none() | st.integers(1, 3),
        padding=st.integers(0, 2),
    ),
    st.builds(
        ConvTranspose2D,
        filters=small,
        kernel_size=small,
        stride=st.integers(1, 3),
        padding=st.sampled_from(["valid", "same", 1, 3]),
        output_padding=st.none() | st.integers(0, 3),
    ),
    st.builds(Dense, units=small),
    st.builds(GroupNorm, groups=small),
    st.builds(PixelShuffle, scale=st.integers(2, 3)),
    st.builds(Reshape, channels=small, size=st.tuples(small, small)),
    st.builds(Slice, axis=st.integers(0, 3), start=st.integers(0, 3), stop=st.none() | st.integers(1, 9)),
    st.builds(AdaptiveAvgPool, output_size=small | st.tuples(small) | st.tuples(small, small)),
    st.sampled_from([BatchNorm(), Flatten(), GlobalAvgPool(), Output(), Add(), Concat(), Activation(function="relu")]),
)


@st.composite
def random_networks(draw: st.DrawFn) -> Design:
    """A chain of anything, with a few connections and perhaps a block that repeats."""
    first = Input(name="image", size=draw(st.sampled_from([(9, 9), (12, 7), (8,), ()])), channels=draw(small))
    items: list[Item] = [first, *draw(st.lists(layers, min_size=1, max_size=6))]
    if draw(st.booleans()):
        inner = with_names(tuple(draw(st.lists(layers, min_size=1, max_size=3))))
        items.append(Block(name="block", repeat=draw(st.integers(1, 3)), layers=inner))
    named = list(with_names(tuple(items)))
    for at in range(2, len(named)):
        item = named[at]
        names = [item.name for item in named[:at]]
        if isinstance(item, Add | Concat) or draw(st.integers(0, 4)) == 0:
            most = 2 if isinstance(item, Add | Concat) else 1
            inputs = draw(st.lists(st.sampled_from(names), min_size=most, max_size=most))
            named[at] = structs.replace(item, inputs=tuple(inputs))
    return Design(layers=tuple(named))


@given(random_networks())
def test_whatever_the_network_a_remedy_remedies(design: Design) -> None:
    assert not list(structure_faults(design.layers))
    for problem in analyze(design).problems:
        assert_each_remedies(design, problem)


def steps(design: Design) -> Iterator[Design]:
    """The designs on the way to one without problems that have a remedy, the first remedy each time."""
    for _ in range(60):
        analysis = analyze(design)
        edit = next(
            (remedy.make() for problem in analysis.problems for remedy in remedies_for(design, analysis, problem)[:1]),
            None,
        )
        if edit is None:
            return
        design = edit.design
        yield design


@pytest.mark.parametrize("name", list(builtin_paths()))
def test_a_network_with_every_bias_switched_on_is_put_right(name: str) -> None:
    design = open_design(name).design
    biased = structs.replace(design, layers=with_bias(design.layers))
    problems = [found for found in analyze(biased).problems if found.rule == "bias-before-norm"]
    for problem in spread(problems, 2):
        made = assert_each_remedies(biased, problem)
        everywhere = [f"Drop the bias in all {len(problems)} places"] if len(problems) > 1 else []
        assert list(made) == ["Drop the bias", *everywhere]


def with_bias(items: tuple[Item, ...]) -> tuple[Item, ...]:
    return tuple(
        structs.replace(item, layers=with_bias(item.layers))
        if isinstance(item, Block)
        else structs.replace(item, bias=True)
        if hasattr(item, "bias")
        else item
        for item in items
    )


def test_one_remedy_after_the_other_leads_to_a_network_without_problems() -> None:
    broken = after_image(
        conv("a", filters=8, kernel_size=40),
        BatchNorm(),
        conv("b", filters=6, kernel_size=3, groups=4),
        MaxPool2D(pool_size=2),
        Dense(units=5),
    )
    *_, last = steps(broken)
    assert analyze(last).problems == ()


@pytest.mark.parametrize("rule", get_args(Acceptable))
def test_a_warning_can_be_accepted_and_an_error_cannot(rule: str) -> None:
    design = after_image(conv())
    warning, error = (Problem(severity, "conv", rule, "", "") for severity in ("warning", "error"))
    (*_, accept) = remedies_for(design, analyze(design), warning)
    assert accept.text == ACCEPTING
    assert accept.make().design == structs.replace(design, accepted=(rule,))
    assert ACCEPTING not in [remedy.text for remedy in remedies_for(design, analyze(design), error)]


def test_what_is_accepted_is_counted_apart_and_an_error_of_the_same_rule_stays() -> None:
    design = structs.replace(after_image(conv(), BatchNorm()), accepted=("bias-before-norm",))
    analysis = analyze(design)
    assert analysis.problems == ()
    assert [warning.rule for warning in analysis.accepted] == ["bias-before-norm"]
    assert analysis.totals == analyze(structs.replace(design, accepted=())).totals


def biased(times: int) -> Design:
    """Convolutions with a bias before a normalization, the last of which gives its output to another layer too."""
    items: list[Item] = []
    for number in range(times):
        items += [conv(f"c{number}", padding=1), BatchNorm(name=f"n{number}")]
    return after_image(*items, conv("c", padding=1), BatchNorm(name="n"), Add(name="sum", inputs=("n", "c")))


def test_what_is_put_right_by_the_same_words_is_put_right_everywhere_at_once() -> None:
    design = biased(300)
    problem = problem_of(design, "bias-before-norm")
    edit = remedied(design, problem)["Drop the bias in all 300 places"]
    assert edit.label == "Drop the bias in 300 places"
    assert analyze(edit.design).problems == ()
    assert len(edit.focus) == 300


def test_flattening_everywhere_counts_the_same() -> None:
    heads = [Dense(name=f"head{n}", units=3, inputs=("image",)) for n in range(3)]
    outputs = [Output(name=f"out{n}", inputs=(f"head{n}",)) for n in range(3)]
    design = after_image(*heads, *outputs)
    edit = remedied(design, problem_of(design, "dense-on-map"))["Insert a Flatten in all 3 places"]
    after = analyze(edit.design)
    assert not [problem for problem in after.problems if problem.rule == "dense-on-map"]
    assert after.totals.parameters == analyze(design).totals.parameters


def test_a_single_place_has_no_remedy_for_all_places() -> None:
    design = after_image(conv(), BatchNorm(name="norm"))
    assert not [text for text in remedied(design, problem_of(design, "bias-before-norm")) if "places" in text]


def test_what_helps_nowhere_is_refused() -> None:
    analysis = analyze(biased(2))
    with pytest.raises(EditError, match="cannot be put right in all places at once"):
        remedy_everywhere(analysis, "bias-before-norm", "Drop it")


def test_a_layer_that_dangles_before_a_merge_is_put_before_it_first() -> None:
    design = after_image(
        conv("a", filters=3, kernel_size=1), Identity(name="d"), Add(name="add", inputs=("a", "image"))
    )
    made = remedied(design, problem_of(design, "unused"))
    assert list(made)[:2] == ["Put it between a and add", "Connect it to add"]
    edit = made["Put it between a and add"]
    assert find(edit.design, ("add",)).inputs == ("d", "image")
    assert (edit.label, analyze(edit.design).problems) == ("Put d between a and add", ())
