"""Designs side by side: nothing lost, nothing twice, nothing that depends on the order they are named in."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from cnnstudio.core.arithmetic.convention import KERAS, PYTORCH
from cnnstudio.core.arithmetic.measure import Measure
from cnnstudio.core.comparison.comparison import Comparison, Listed, compare
from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.core.counting.lookup import walk_entries
from cnnstudio.core.counting.rows import Entry
from cnnstudio.core.memory.model import model_of
from cnnstudio.core.network.design import Block, Design, Item
from cnnstudio.core.network.memory_setting import Setting, workspace_of
from cnnstudio.formats.builtin import open_design
from cnnstudio.layers.activation import Activation
from cnnstudio.layers.convolution import Conv2D
from cnnstudio.layers.merge import Add, Concat
from cnnstudio.layers.normalization import BatchNorm
from cnnstudio.layers.pooling import AvgPool2D, MaxPool2D
from cnnstudio.layers.structure import Opaque
from tests.networks import MAP, builtin
from tests.strategies import designs

CONV = Conv2D(name="conv", filters=4, kernel_size=3, padding=1)
RELU = Activation(name="relu", function="relu")


def analysis_of(*items: Item) -> Analysis:
    return analyze(Design(layers=(MAP, *items)))


def shown(comparison: Comparison) -> list[str]:
    """The lines that are not the same, as `changed conv/conv: filters 4, 8; parameters`."""
    return [_line(row.items, row.kind, row.fields, row.quantities) for row in comparison.rows if row.kind != "same"]


def _line(items: Sequence[Listed | None], kind: str, fields: object, quantities: object) -> str:
    names = "/".join("-" if item is None else item.entry.item.name for item in items)
    assert isinstance(fields, tuple)
    assert isinstance(quantities, tuple)
    told = [f"{field.key} {', '.join(map(str, field.values))}" for field in fields]
    return f"{kind} {names}: {'; '.join(told)} | {' '.join(quantity.key for quantity in quantities)}"


def entries_listed(analysis: Analysis, *, expand: bool) -> list[Entry]:
    if expand:
        return list(analysis.rows)
    paths: dict[str, Entry] = {}
    for entry in walk_entries(analysis.entries):
        paths.setdefault(entry.place, entry)
    return list(paths.values())


small = st.lists(designs(), min_size=2, max_size=4)


@given(small, st.booleans(), st.booleans())
def test_every_layer_of_every_design_once_and_in_order(several: list[Design], expand: bool, names: bool) -> None:
    analyses = [analyze(design) for design in several]
    comparison = compare(analyses, expand=expand, names=names)
    for number, analysis in enumerate(analyses):
        listed = [row.items[number] for row in comparison.rows]
        assert [item.entry for item in listed if item] == entries_listed(analysis, expand=expand)
    assert all(any(row.items) and len(row.items) == len(several) for row in comparison.rows)


@given(designs(), st.booleans(), st.integers(2, 4))
def test_a_design_is_the_same_as_itself(design: Design, expand: bool, times: int) -> None:
    comparison = compare([analyze(design) for _ in range(times)], expand=expand)
    assert not comparison.differs
    assert comparison.counts["same"] == len(comparison.rows)
    assert all(
        total.difference(1).value == 0
        for total in comparison.totals
        if all(measure.is_exact for measure in total.measures)
    )


@given(designs(), designs(), st.booleans())
def test_the_order_of_two_designs_makes_no_difference(first: Design, second: Design, expand: bool) -> None:
    forward = compare([analyze(first), analyze(second)], expand=expand)
    backward = compare([analyze(second), analyze(first)], expand=expand)
    mirrored = {tuple(reversed(_paths(row.items))): row for row in backward.rows}
    assert {_paths(row.items) for row in forward.rows} == set(mirrored)
    for row in forward.rows:
        mirror = mirrored[_paths(row.items)]
        assert mirror.kind == row.kind
        assert {change.key for change in mirror.fields} == {change.key for change in row.fields}
        assert {change.key for change in mirror.quantities} == {change.key for change in row.quantities}


def _paths(items: Sequence[Listed | None]) -> tuple[str | None, ...]:
    return tuple(None if item is None else item.entry.path for item in items)


@given(designs(counted=True), designs(counted=True))
def test_the_differences_of_expanded_lines_add_up_to_those_of_the_totals(first: Design, second: Design) -> None:
    comparison = compare([analyze(first), analyze(second)], expand=True)
    totals = {total.quantity.key: total for total in comparison.totals}
    for key in ("weights", "biases", "parameters", "trainable", "state", "activations"):
        difference = sum(_quantity(row.items[1], key) - _quantity(row.items[0], key) for row in comparison.rows)
        assert totals[key].difference(1).value == difference
        assert totals[key].difference(1).bound == "exact"


def _quantity(item: Listed | None, key: str) -> int:
    value = 0 if item is None else getattr(item.entry, key)
    assert isinstance(value, int)
    return value


def test_vgg_19_has_three_more_convolutions() -> None:
    assert shown(compare([builtin("vgg-16"), builtin("vgg-19")])) == [
        "only -/conv3_4:  | ",
        "only -/conv4_4:  | ",
        "only -/conv5_4:  | ",
    ]


def test_resnet_34_repeats_the_same_blocks_more_often() -> None:
    counts = "weights biases parameters state macs"
    assert shown(compare([builtin("resnet-18"), builtin("resnet-34")])) == [
        f"changed layer1/layer1: repeat 2, 3 | {counts}",
        f"affected layer2/layer2:  | {counts}",
        f"changed rest/rest: repeat 1, 3 | {counts}",
        f"affected layer3/layer3:  | {counts}",
        f"changed rest/rest: repeat 1, 5 | {counts}",
        f"affected layer4/layer4:  | {counts}",
        f"changed rest/rest: repeat 1, 2 | {counts}",
    ]


def test_resnet_34_expanded_only_adds() -> None:
    comparison = compare([builtin("resnet-18"), builtin("resnet-34")], expand=True)
    assert {row.kind for row in comparison.rows} == {"same", "only"}
    assert comparison.counts["only"] == 8 * 7


def test_alexnet_in_two_groups_under_names_of_its_own() -> None:
    analyses = [builtin("alexnet"), builtin("alexnet-grouped")]
    assert shown(compare(analyses, names=False)) == [
        "only -/norm1:  | ",
        "changed Conv-2/conv2: groups 1, 2 | weights parameters macs",
        "only -/norm2:  | ",
        "changed Conv-4/conv4: groups 1, 2 | weights parameters macs",
        "changed Conv-5/conv5: groups 1, 2 | weights parameters macs",
        "only -/drop6:  | ",
        "only -/drop7:  | ",
    ]
    assert compare(analyses).counts["renamed"] == 10


def test_resnet_50_of_two_frameworks_has_a_partner_for_every_layer() -> None:
    comparison = compare([builtin("resnet-50"), builtin("resnet-50-keras")])
    assert comparison.counts["only"] == 0
    assert [(setting.key, setting.values) for setting in comparison.settings] == [("convention", ("pytorch", "keras"))]
    firsts = [row for row in comparison.rows if row.first.entry.item.name == "bn1"]
    assert {change.key for row in firsts for change in row.quantities} == {"input", "output", "parameters"}


def test_the_same_design_by_another_convention() -> None:
    design = open_design("resnet-18").design
    comparison = compare([analyze(design, PYTORCH), analyze(design, KERAS)])
    changed = [row for row in comparison.rows if row.kind != "same"]
    assert {row.kind for row in changed} == {"affected"}
    assert {change.key for row in changed for change in row.quantities} == {"parameters"}
    assert comparison.differs


def test_a_layer_put_into_a_block() -> None:
    flat = analysis_of(CONV, RELU)
    nested = analysis_of(Block(name="stage", layers=(CONV, RELU)))
    assert shown(compare([flat, nested])) == ["only -/stage:  | "]


def test_an_edited_field_and_what_follows_from_it() -> None:
    edited = analysis_of(structs.replace(CONV, filters=8), BatchNorm(name="norm"), RELU)
    assert shown(compare([analysis_of(CONV, BatchNorm(name="norm"), RELU), edited])) == [
        "changed conv/conv: filters 4, 8 | output weights biases parameters macs",
        "affected norm/norm:  | input output weights biases parameters state",
        "affected relu/relu:  | input output",
    ]


def test_a_layer_of_another_type_in_the_same_place() -> None:
    first, second = MaxPool2D(name="pool", pool_size=2), AvgPool2D(name="pool", pool_size=2, stride=1)
    assert shown(compare([analysis_of(first, RELU), analysis_of(second, RELU)])) == [
        "changed pool/pool: type MaxPool2D, AvgPool2D; stride None, 1 | output",
        "affected relu/relu:  | input output",
    ]


def test_a_size_for_all_axes_is_the_same_as_one_for_each() -> None:
    spelled = structs.replace(CONV, kernel_size=(3, 3), padding=((1, 1), (1, 1)))
    assert not compare([analysis_of(CONV), analysis_of(spelled)]).differs


def test_connections_compare_by_what_they_connect() -> None:
    named = (structs.replace(CONV, name="a"), RELU, Add(name="sum", inputs=("a", "relu")))
    turned = (structs.replace(CONV, name="b"), RELU, Add(name="sum", inputs=("relu", "b")))
    assert shown(compare([analysis_of(*named), analysis_of(*turned)])) == ["renamed a/b: name a, b | "]
    other = (structs.replace(CONV, name="a"), RELU, Add(name="sum", inputs=("image", "relu")))
    assert shown(compare([analysis_of(*named), analysis_of(*other)])) == [
        "changed sum/sum: inputs ('a', 'relu'), ('image', 'relu') | "
    ]


def test_a_branch_in_between_is_no_change_of_what_goes_on_beside_it() -> None:
    aside = structs.replace(CONV, name="aside")
    goes_on = structs.replace(RELU, inputs=("conv",))
    assert shown(compare([analysis_of(CONV, RELU), analysis_of(CONV, aside, goes_on)])) == ["only -/aside:  | "]


def test_the_order_of_what_is_concatenated_matters() -> None:
    def joined(*inputs: str) -> Analysis:
        return analysis_of(CONV, RELU, Concat(name="both", inputs=inputs))

    assert len(shown(compare([joined("conv", "relu"), joined("relu", "conv")]))) == 1


def test_a_layer_in_between_is_no_change_of_the_next_one() -> None:
    longer = analysis_of(CONV, BatchNorm(name="norm"), RELU)
    assert shown(compare([analysis_of(CONV, RELU), longer])) == ["only -/norm:  | "]


def test_further_designs_share_the_lines_of_what_they_add() -> None:
    norm, more = BatchNorm(name="norm"), MaxPool2D(name="pool", pool_size=1)
    several = [analysis_of(CONV, RELU), analysis_of(CONV, norm, RELU), analysis_of(CONV, more, norm, RELU)]
    assert shown(compare(several)) == ["only -/-/pool:  | ", "only -/norm/norm:  | "]


def test_what_only_some_designs_have_may_differ_too() -> None:
    wide = structs.replace(CONV, name="second", filters=6)
    narrow = structs.replace(wide, filters=5)
    rows = compare([analysis_of(CONV), analysis_of(CONV, wide), analysis_of(CONV, narrow)]).rows
    assert rows[-1].kind == "only"
    assert rows[-1].present == (1, 2)
    assert [change.values for change in rows[-1].fields] == [(None, 6, 5)]


def test_totals_that_are_not_fully_known_stay_bounds() -> None:
    broken = structs.replace(CONV, name="broken", kernel_size=99, padding=0)
    known, bound = analysis_of(CONV), analysis_of(CONV, broken)
    parameters = {total.quantity.key: total for total in compare([known, bound]).totals}["parameters"]
    assert (parameters.difference(1).value, parameters.difference(1).bound) == (0, "at least")
    assert (parameters.ratio(1).value, parameters.ratio(1).bound) == (1.0, "at least")
    assert parameters.differs
    turned = {total.quantity.key: total for total in compare([bound, known]).totals}["parameters"]
    assert turned.difference(1).bound == turned.ratio(1).bound == "at most"
    both = {total.quantity.key: total for total in compare([bound, bound]).totals}["parameters"]
    assert (both.difference(1).value, both.difference(1).bound) == (None, "unknown")


def test_unknown_macs_leave_the_parameters_known() -> None:
    opaque = Opaque(name="box", channels=4, size=(8, 8), parameters=10)
    totals = {total.quantity.key: total for total in compare([analysis_of(CONV), analysis_of(CONV, opaque)]).totals}
    assert totals["parameters"].difference(1).bound == "exact"
    assert totals["macs"].difference(1).bound == totals["flops"].difference(1).bound == "at least"


def test_there_is_no_ratio_to_nothing() -> None:
    state = {total.quantity.key: total for total in compare([analysis_of(CONV), analysis_of(CONV)]).totals}["state"]
    assert (state.ratio(1).value, state.ratio(1).bound) == (None, "exact")


def test_more_quantities_on_demand() -> None:
    dilated = analysis_of(structs.replace(CONV, dilation=2, padding=2), RELU)
    assert shown(compare([analysis_of(CONV, RELU), dilated]))[1:] == []
    assert shown(compare([analysis_of(CONV, RELU), dilated], quantities=("receptive_field",)))[1:] == [
        "affected relu/relu:  | receptive_field"
    ]


def test_one_design_is_too_few() -> None:
    with pytest.raises(ValueError, match="needs two designs or more"):
        compare([analysis_of(CONV)])


def test_too_many_layers_to_list() -> None:
    tall = analysis_of(*(Block(name=f"b{index}", repeat=10_000, layers=(CONV, RELU)) for index in range(6)))
    with pytest.raises(ValueError, match=r"expands to 120,001 layers, and at most 100,000 can be compared"):
        compare([tall, tall], expand=True)
    assert not compare([tall, tall]).differs


def test_a_thousand_layers_under_other_names_keep_their_partners() -> None:
    def long(stem: str) -> Analysis:
        pairs = (
            (structs.replace(CONV, name=f"{stem}{i}"), structs.replace(RELU, name=f"{stem}r{i}")) for i in range(500)
        )
        return analysis_of(*(layer for pair in pairs for layer in pair))

    comparison = compare([long("a"), long("b")], names=False)
    assert not comparison.differs


def test_the_peak_of_training_stands_beside_the_sums_each_in_its_own_setting() -> None:
    first = builtin("lenet-5-modern")
    chosen = Setting(batch=256, optimizer="adam", precision="bf16")
    second = analyze(structs.replace(first.design, memory=chosen))
    totals = {total.quantity.key: total for total in compare([first, second]).totals}
    for key, at in (("peak_low", 0), ("peak_high", 1)):
        pairs = ((first, Setting()), (second, chosen))
        expected = [model_of(each, setting).bounds(setting, workspace_of(None))[at] for each, setting in pairs]
        assert [measure.value for measure in totals[key].measures] == expected
        assert totals[key].differs
    unknown = compare([first, analyze(Design(layers=(CONV,)))]).totals[-1]
    assert unknown.measures[1] == Measure(0, "at least")
