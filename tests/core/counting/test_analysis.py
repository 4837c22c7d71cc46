"""A whole design counted: rows, totals, conventions, and problems instead of exceptions."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from cnnstudio.core import edits
from cnnstudio.core.arithmetic.convention import CAFFE, CONVENTIONS, KERAS, PYTORCH, Convention
from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.counting import analysis as analysis_module
from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.core.counting.rows import Row, Totals
from cnnstudio.core.counting.working import is_complete
from cnnstudio.core.edits import EditError
from cnnstudio.core.network.design import Block, Design, ElementType, Item
from cnnstudio.formats.design_yaml import read_design
from cnnstudio.layers.activation import Activation
from cnnstudio.layers.convolution import Conv2D
from cnnstudio.layers.dense import Dense
from cnnstudio.layers.merge import Add, Concat
from cnnstudio.layers.normalization import BatchNorm
from cnnstudio.layers.pooling import GlobalAvgPool, MaxPool2D
from cnnstudio.layers.reshaping import Flatten
from cnnstudio.layers.sequences.recurrent import LSTM
from cnnstudio.layers.structure import Identity, Input, Opaque
from tests.networks import IMAGE
from tests.places import CASES
from tests.strategies import designs

CONV = Conv2D(name="conv", filters=4, kernel_size=3)
NORM = BatchNorm(name="norm")
BROKEN = Conv2D(name="broken", filters=4, kernel_size=99)
OPAQUE = Opaque(name="attention", size=(8, 8), channels=4, parameters=50, biases=10, state=7)
SUMMED = (
    *("weights", "biases", "parameters", "state", "trainable", "non_trainable", "macs", "flops"),
    *("activations", "activation_bytes", "parameter_bytes"),
)

STORED = ("weights", "biases", "parameters", "state", "trainable", "non_trainable", "parameter_bytes")
"""The sums that do not depend on sizes."""


def counted(*items: Item) -> Analysis:
    """The analysis of a design with these items."""
    return analyze(Design(layers=items))


def row_at(analysis: Analysis, path: str) -> Row:
    """The row with this path."""
    return next(row for row in analysis.rows if row.path == path)


def test_a_chain_is_counted_row_by_row() -> None:
    analysis = counted(IMAGE, CONV, Dense(name="fc", units=2, apply_to="channels"))
    assert [row.path for row in analysis.rows] == ["image", "conv", "fc"]
    assert [row.inputs for row in analysis.rows] == [(), ("image",), ("conv",)]
    assert [row.output_shape for row in analysis.rows] == [Shape(3, (8, 8)), Shape(4, (6, 6)), Shape(2, (6, 6))]
    assert [row.parameters for row in analysis.rows] == [0, 112, 10]
    assert [row.macs for row in analysis.rows] == [0, 108 * 36, 8 * 36]


def test_the_numbers_of_a_row() -> None:
    row = row_at(counted(IMAGE, CONV), "conv")
    assert (row.weights, row.biases, row.parameters, row.trainable, row.non_trainable) == (108, 4, 112, 112, 0)
    assert (row.macs, row.flops, row.state) == (3888, 7776, 0)
    assert (row.activations, row.activation_bytes, row.parameter_bytes) == (144, 576, 448)


@pytest.mark.parametrize(("element_type", "size"), [("float64", 8), ("float32", 4), ("bfloat16", 2), ("int8", 1)])
def test_bytes_follow_the_element_type(element_type: ElementType, size: int) -> None:
    totals = analyze(Design(layers=(IMAGE, CONV), element_type=element_type)).totals
    assert (totals.parameter_bytes, totals.activation_bytes) == (112 * size, (192 + 144) * size)


def test_branches_take_the_items_that_they_name() -> None:
    same = structs.replace(CONV, padding="same")
    other = structs.replace(same, name="other", inputs=("image",))
    analysis = counted(IMAGE, same, other, Concat(name="joined", inputs=("other", "conv", "image")))
    row = row_at(analysis, "joined")
    assert row.inputs == ("other", "conv", "image")
    assert row.input_shapes == (Shape(4, (8, 8)), Shape(4, (8, 8)), Shape(3, (8, 8)))
    assert row.output_shape == Shape(11, (8, 8))


def test_a_block_names_what_flows_in_input() -> None:
    same = structs.replace(CONV, filters=3, padding="same")
    block = Block(name="stage", repeat=2, layers=(same, Add(name="sum", inputs=("conv", "input"))))
    analysis = counted(IMAGE, block)
    assert [(row.path, row.inputs) for row in analysis.rows[1:]] == [
        ("stage[1]/conv", ("image",)),
        ("stage[1]/sum", ("stage[1]/conv", "image")),
        ("stage[2]/conv", ("stage[1]/sum",)),
        ("stage[2]/sum", ("stage[2]/conv", "stage[1]/sum")),
    ]
    assert [row.place for row in analysis.rows[3:]] == ["stage/conv", "stage/sum"]


def test_special_letters_of_a_name_are_escaped_in_its_path() -> None:
    analysis = counted(IMAGE, Block(name="a/b", layers=(structs.replace(CONV, name="c[1]"),)))
    assert analysis.rows[-1].path == r"a\/b/c\[1]"


def test_what_lies_behind_an_error_is_unknown_and_not_0() -> None:
    analysis = counted(IMAGE, CONV, BROKEN, NORM, Dense(name="fc", units=2))
    assert [row.output_shape is None for row in analysis.rows] == [False, False, True, True, False]
    for key in SUMMED:
        # The parameters of a normalization are those of its channels, which are known all the same.
        norm = key not in STORED
        assert [getattr(row, key) is None for row in analysis.rows] == [False, False, True, norm, True]
    assert row_at(analysis, "norm").input_shapes == (None,)
    assert row_at(analysis, "fc").output_shape == Shape(2)
    assert [problem.path for problem in analysis.errors] == ["broken"]


def test_a_total_with_an_unknown_part_says_so() -> None:
    analysis = counted(IMAGE, CONV, BROKEN, NORM)
    assert not is_complete(analysis)
    totals = analysis.totals
    assert (totals.layers, totals.uncounted, totals.unsized, totals.parameters) == (4, 1, 1, 112 + 8)


def test_parameters_that_do_not_depend_on_an_unknown_size_are_known() -> None:
    """Behind a window that does not fit, all but what a Flatten makes is known."""
    behind = (
        structs.replace(CONV, name="next", filters=6),
        GlobalAvgPool(name="pool"),
        Dense(name="fc", units=5),
        Dense(name="out", units=3),
    )
    analysis = counted(IMAGE, BROKEN, *behind)
    assert [row.parameters for row in analysis.rows[1:]] == [None, (9 * 4 + 1) * 6, 0, 6 * 5 + 5, 5 * 3 + 3]
    assert [row.macs for row in analysis.rows[1:]] == [None, None, None, 30, 15]
    assert [row.output_shape for row in analysis.rows[2:]] == [None, Shape(6), Shape(5), Shape(3)]
    flat = counted(IMAGE, BROKEN, Flatten(name="flat"), *behind[2:])
    assert [row.parameters for row in flat.rows[2:]] == [0, None, 18]


def test_maps_that_do_not_go_together_leave_the_channels_known() -> None:
    """The encoder and decoder of 683 rows: 64 and 64 channels are joined, whatever their sizes."""
    analysis = analyze(read_design(CASES / "27-encoder-decoder-683.yaml").design)
    row = row_at(analysis, "d3a")
    assert (row.parameters, row.output_shape, row.macs) == ((9 * 128 + 1) * 64, None, None)
    assert (analysis.totals.uncounted, row_at(analysis, "j3").parameters) == (1, None)


def test_a_branch_beside_an_error_is_counted() -> None:
    beside = structs.replace(CONV, name="beside", inputs=("image",))
    assert row_at(counted(IMAGE, BROKEN, beside), "beside").parameters == 112


def test_an_unknown_number_of_macs_leaves_the_other_totals_complete() -> None:
    analysis = counted(IMAGE, OPAQUE, NORM)
    row = row_at(analysis, "attention")
    assert (row.weights, row.biases, row.parameters, row.state) == (40, 10, 50, 7)
    assert (row.macs, row.flops) == (None, None)
    assert (analysis.totals.unknown_macs, analysis.totals.uncounted) == (1, 0)
    assert not is_complete(analysis)
    assert row_at(analysis, "norm").parameters == 8


def test_stated_macs_are_counted() -> None:
    analysis = counted(IMAGE, structs.replace(OPAQUE, macs=0))
    assert is_complete(analysis)
    assert row_at(analysis, "attention").macs == 0


def test_unknown_macs_inside_a_repeated_block_count_each_time() -> None:
    block = Block(name="stage", repeat=5, layers=(OPAQUE, structs.replace(CONV, padding="same")))
    assert counted(IMAGE, block).totals.unknown_macs == 5
    totals = counted(IMAGE, structs.replace(block, layers=(BROKEN, NORM))).totals
    assert (totals.uncounted, totals.unsized) == (1, 9)


def test_three_conventions_call_three_things_parameters() -> None:
    design = Design(layers=(IMAGE, CONV, NORM))
    found = {key: analyze(design, convention).totals for key, convention in CONVENTIONS.items()}
    assert {key: totals.parameters for key, totals in found.items()} == {"pytorch": 120, "keras": 128, "caffe": 120}
    assert {key: totals.non_trainable for key, totals in found.items()} == {"pytorch": 0, "keras": 8, "caffe": 0}
    assert {totals.state for totals in found.values()} == {8}
    assert {totals.trainable for totals in found.values()} == {120}


def test_the_design_says_its_convention_and_the_caller_may_say_another() -> None:
    design = Design(layers=(IMAGE, NORM), convention="keras")
    assert analyze(design).convention is KERAS
    assert analyze(design, PYTORCH).convention is PYTORCH


def test_each_convention_has_its_own_biases_of_recurrent_layers() -> None:
    design = Design(layers=(Input(name="x", size=(20,), channels=128), LSTM(name="lstm", units=64)))
    totals = [analyze(design, convention).totals.parameters for convention in (PYTORCH, KERAS, CAFFE)]
    assert totals == [49_664, 49_408, 49_408]


def test_caffe_rounds_pools_up_by_a_rule_of_its_own() -> None:
    pool = MaxPool2D(name="pool", pool_size=1, stride=2, ceil_mode=True)
    design = Design(layers=(structs.replace(IMAGE, size=(32, 32)), pool))
    sizes = {key: analyze(design, convention).rows[-1].output_shape for key, convention in CONVENTIONS.items()}
    assert sizes == {"pytorch": Shape(3, (16, 16)), "keras": Shape(3, (16, 16)), "caffe": Shape(3, (17, 17))}


@pytest.mark.parametrize(("convention", "frozen"), [(PYTORCH, 8), (KERAS, 16)])
def test_a_frozen_layer_is_not_trainable(convention: Convention, frozen: int) -> None:
    design = Design(layers=(IMAGE, CONV, structs.replace(NORM, trainable=False)))
    analysis = analyze(design, convention)
    assert analysis.totals.trainable == 112
    assert analysis.totals.non_trainable == frozen
    assert row_at(analysis, "norm").trainable == 0


@given(designs())
def test_totals_are_sums_over_the_rows(design: Design) -> None:
    analysis = analyze(design)
    for key in SUMMED:
        assert getattr(analysis.totals, key) == sum(getattr(row, key) or 0 for row in analysis.rows)
    assert analysis.totals.layers == len(analysis.rows)
    assert analysis.totals.uncounted == sum(row.stored is None for row in analysis.rows)
    assert analysis.totals.unsized == sum(row.stored is not None and row.counts is None for row in analysis.rows)
    unknown = [row for row in analysis.rows if row.counts is not None and row.macs is None]
    assert analysis.totals.unknown_macs == len(unknown)


@given(designs())
def test_errors_are_said_of_the_first_layers_that_are_not_counted(design: Design) -> None:
    analysis = analyze(design)
    uncounted = [row for row in analysis.rows if row.counts is None]
    first = {row.place for row in uncounted if None not in row.input_shapes}
    assert {problem.path for problem in analysis.errors} == first
    assert all(row.counts is None for row in analysis.rows if None in row.input_shapes)


@given(designs())
def test_analysis_never_raises(design: Design) -> None:
    for convention in CONVENTIONS.values():
        analysis = analyze(design, convention)
        assert is_complete(analysis) == (not analysis.errors and not analysis.totals.unknown_macs)
        assert len({row.path for row in analysis.rows}) == len(analysis.rows)


@given(designs())
def test_a_design_is_not_changed_and_counts_the_same_again(design: Design) -> None:
    assert analyze(design) == analyze(design)
    assert analyze(design).design is design


def test_an_empty_design_has_no_rows() -> None:
    analysis = counted()
    assert (analysis.rows, analysis.totals) == ((), Totals())


def test_a_design_with_too_many_different_layers_is_not_counted_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analysis_module, "MAX_ANALYZED", 2_000)
    growing = (structs.replace(CONV, kernel_size=1, filters=1), Concat(name="both", inputs=("conv", "input")))
    inner = Block(name="inner", repeat=10_000, layers=growing)
    analysis = counted(IMAGE, Block(name="outer", repeat=10_000, layers=(inner, Identity(name="end"))))
    assert analysis.totals.layers < 4_000
    assert analysis.totals.uncounted
    assert not is_complete(analysis)
    assert [problem.rule for problem in analysis.errors] == ["too-large", "too-large"]


def test_an_activation_costs_its_memory_only() -> None:
    row = row_at(counted(IMAGE, Activation(name="relu", function="relu")), "relu")
    assert (row.parameters, row.macs, row.activation_bytes) == (0, 0, 768)


@given(designs(), designs(), st.integers(0, 12))
def test_an_earlier_analysis_changes_nothing(first: Design, second: Design, budget: int) -> None:
    """Also where it is of another design with the same names in other places, or where little can be counted."""
    mixed = Design(layers=(*first.layers[:2], *second.layers), convention=second.convention)
    shorter = Design(layers=(*second.layers[:1], *second.layers[2:]), convention=second.convention)
    for before in map(analyze, (first, second, mixed)):
        for design in (first, second, mixed, shorter):
            assert analyze(design, previous=before) == analyze(design)
            assert analyze(design, KERAS, previous=before) == analyze(design, KERAS)
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(analysis_module, "MAX_ANALYZED", budget)
                assert analyze(design, previous=before) == analyze(design)


def flat_residual(length: int = 8) -> Design:
    """Many layers in one list without a problem: some take others by name, and some are blocks."""
    layers: list[Item] = [Input(name="image", size=(16, 16), channels=4)]
    for number in range(length):
        before = layers[-1].name
        layers.append(Conv2D(name=f"conv{number}", filters=4, kernel_size=3, padding=1, bias=False))
        layers.append(BatchNorm(name=f"norm{number}"))
        layers.append(Activation(name=f"relu{number}", function="relu"))
        if number % 3 == 2:
            inside = (Conv2D(name="conv", filters=4, kernel_size=1), Activation(name="relu", function="relu"))
            layers.append(Block(name=f"block{number}", repeat=2, layers=inside))
        else:
            layers.append(Add(name=f"add{number}", inputs=(f"relu{number}", before)))
    return Design(layers=tuple(layers))


def any_edit(design: Design, random: Random) -> Design:
    """One random edit of the design's own list; the design itself if it was refused."""
    items = design.layers
    item = items[random.randrange(len(items))]
    try:
        match random.randrange(6):
            case 0:
                return edits.set_field(design, [(item.name,)], "filters", random.choice((4, 5))).design
            case 1:
                return edits.set_field(design, [(item.name,)], "kernel_size", random.choice((1, 3))).design
            case 2:
                return edits.move(design, [(item.name,)], ((), random.randrange(len(items)))).design
            case 3:
                return edits.rename(design, (item.name,), f"{item.name}x"[:9]).design
            case 4:
                return edits.set_field(design, [(item.name,)], "note", str(random.random())).design
            case _:
                return edits.remove(design, [(item.name,)]).design if len(items) > 12 else flat_residual()
    except EditError:
        return design


@pytest.mark.parametrize("seed", range(12))
def test_an_analysis_after_many_edits_is_that_of_the_design(seed: int) -> None:
    random = Random(seed)
    analyses = [analyze(flat_residual())]
    assert not analyses[0].problems
    for _ in range(60):
        # Also what an undo comes back to: the analysis before is of a design several edits away.
        design = any_edit(random.choice(analyses[-3:]).design, random)
        analyses.append(analyze(design, previous=analyses[-1]))
        assert analyses[-1] == analyze(design)


def test_what_an_edit_does_not_reach_is_taken_over_whole() -> None:
    design = flat_residual()
    before = analyze(design)
    after = analyze(edits.set_field(design, [("norm4",)], "note", "here").design, previous=before)
    assert [new.place for old, new in zip(before.entries, after.entries, strict=True) if old is not new] == ["norm4"]
    wider = analyze(edits.set_field(design, [("conv6",)], "kernel_size", 1).design, previous=before)
    changed = [new.place for old, new in zip(before.entries, wider.entries, strict=True) if old is not new]
    assert changed[0] == "conv6"
    assert wider != before


def test_rows_that_an_edit_left_alone_are_the_same_objects() -> None:
    fc = Dense(name="fc", units=2, apply_to="channels")
    before = counted(IMAGE, CONV, NORM, fc)
    wider = structs.replace(NORM, note="with a note")
    after = analyze(Design(layers=(IMAGE, CONV, wider, fc)), previous=before)
    assert [new is old for old, new in zip(before.rows, after.rows, strict=True)] == [True, True, False, True]
    assert after.problems == before.problems != ()


def test_a_block_that_an_edit_left_alone_is_the_same_object_unless_there_is_a_problem_in_it() -> None:
    quiet = Block(name="quiet", repeat=3, layers=(Conv2D(name="conv", filters=3, kernel_size=1),))
    troubled = Block(name="in/out", layers=(Conv2D(name="conv", filters=3, kernel_size=1), NORM))
    before = counted(IMAGE, quiet, troubled, CONV)
    assert [problem.path for problem in before.problems] == [r"in\/out/conv"]
    after = analyze(Design(layers=(IMAGE, quiet, troubled, structs.replace(CONV, filters=9))), previous=before)
    assert [new is old for old, new in zip(before.entries, after.entries, strict=True)] == [True, True, False, False]
    assert after.problems == before.problems


def test_rows_of_other_rules_are_not_taken_over() -> None:
    before = counted(IMAGE, CONV)
    other = Design(layers=(IMAGE, CONV), element_type="float16")
    assert row_at(analyze(other, previous=before), "conv").activation_bytes == 288
    assert analyze(before.design, KERAS, previous=before).rows[1].convention is KERAS
