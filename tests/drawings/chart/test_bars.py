"""The bars of the chart: lists of them drawn as text, and sums that must come out."""

from __future__ import annotations

import pytest
from hypothesis import given
from msgspec import structs

from cnnstudio.app.chart.bar_columns import bar_columns
from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.counting.expansion import MAX_REPEATED
from cnnstudio.core.counting.quantities import QUANTITY
from cnnstudio.core.network.design import Block, Design, ItemPath, find
from cnnstudio.drawings.chart.bar import METRICS, Bar, end_text
from cnnstudio.drawings.chart.bars import Mode, bars_of, ranked_bars
from cnnstudio.formats.builtin import open_design
from cnnstudio.layers.activation import Activation
from cnnstudio.layers.convolution import Conv2D
from cnnstudio.layers.dense import Dense
from cnnstudio.layers.normalization import BatchNorm
from cnnstudio.layers.structure import Input, Opaque
from tests.strategies import designs


def small(*, repeat: int = 2) -> Design:
    """A block of two layers between two others."""
    inner = (Conv2D(name="conv", filters=4, kernel_size=3, padding="same"), BatchNorm(name="bn"))
    return Design(
        layers=(
            Input(name="image", size=(8, 8), channels=4),
            Conv2D(name="stem", filters=4, kernel_size=1),
            Block(name="stage", repeat=repeat, layers=inner),
            Activation(name="relu", function="relu"),
            Dense(name="fc", units=10),
        )
    )


def bars(
    design: Design, mode: Mode = "block", *, opened: tuple[ItemPath, ...] = (), metric: str = "parameters"
) -> tuple[Bar, ...]:
    return bars_of(analyze(design), frozenset(opened).__contains__, metric, mode)


def drawn(found: tuple[Bar, ...], metric: str = "parameters") -> list[str]:
    """`  stage/ conv: 148 · 4.9 % of 2` for each bar, indented by its depth."""
    lines = []
    for bar in found:
        within = f"{bar.within} " if bar.within else ""
        times = f" of {bar.times}" if bar.times > 1 else ""
        lines.append(f"{'  ' * bar.depth}{within}{bar.label}: {end_text(bar, metric)}{times}")
    return lines


def test_a_folded_block_is_one_bar_with_all_its_repeats() -> None:
    assert drawn(bars(small())) == [
        "image: 0",
        "stem: 20 · 0.7 %",
        "stage × 2: 312 · 10.8 %",
        "relu: 0",
        "fc: 2,570 · 88.6 %",
    ]


def test_an_open_block_is_a_sum_above_the_layers_of_its_first_pass() -> None:
    assert drawn(bars(small(), opened=(("stage",),))) == [
        "image: 0",
        "stem: 20 · 0.7 %",
        "stage × 2: Σ 312 · 10.8 %",
        "  stage/ conv: 148 · 5.1 % of 2",
        "  stage/ bn: 8 · 0.3 % of 2",
        "relu: 0",
        "fc: 2,570 · 88.6 %",
    ]


def test_by_layer_every_repeat_has_a_bar_whatever_is_folded() -> None:
    assert drawn(bars(small(), "layer")) == [
        "image: 0",
        "stem: 20 · 0.7 %",
        "  stage[1]/ conv: 148 · 5.1 %",
        "  stage[1]/ bn: 8 · 0.3 %",
        "  stage[2]/ conv: 148 · 5.1 %",
        "  stage[2]/ bn: 8 · 0.3 %",
        "relu: 0",
        "fc: 2,570 · 88.6 %",
    ]


def test_with_too_many_repeats_the_first_pass_stands_for_all_and_says_so() -> None:
    found = bars(small(repeat=MAX_REPEATED), "layer")
    assert [bar.label for bar in found] == ["image", "stem", "conv", "bn", "relu", "fc"]
    assert [bar.times for bar in found] == [1, 1, MAX_REPEATED, MAX_REPEATED, 1, 1]
    assert found[2].value == 148


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("name", ["alexnet", "resnet-50", "mobilenet-v2"])
def test_bars_add_up_to_the_total_by_block_and_by_layer(name: str, metric: str) -> None:
    design = open_design(name).design
    total = QUANTITY[metric].known(analyze(design))
    for mode in ("block", "layer"):
        found = bars(design, mode, metric=metric)
        assert sum(bar.value or 0 for bar in found) == total
        assert sum(bar.share or 0 for bar in found) == pytest.approx(1 if total else 0)


def test_the_parts_of_a_block_add_up_by_family_the_largest_first() -> None:
    stage = bars(small())[2]
    assert stage.parts == (("convolution", 296), ("normalization", 16))
    assert stage.leading_family == "convolution"
    assert stage.family == "block"


def test_unknown_is_none_and_no_share_is_claimed_of_an_unknown_whole() -> None:
    layers = (*small().layers, Conv2D(name="wrong", filters=2, kernel_size=3), Dense(name="after", units=2))
    found = bars(Design(layers=layers))
    assert drawn(found)[-3:] == ["fc: 2,570", "wrong: unknown", "after: unknown"]
    assert {bar.share for bar in found} == {None}


def test_where_only_macs_are_unknown_parameters_keep_their_shares() -> None:
    unstated = Opaque(name="foreign", channels=4, size=(8, 8), parameters=20)
    layers = (Input(name="image", size=(8, 8), channels=4), Conv2D(name="stem", filters=4, kernel_size=1), unstated)
    assert drawn(bars(Design(layers=layers)))[1:] == ["stem: 20 · 50.0 %", "foreign: 20 · 50.0 %"]
    assert drawn(bars(Design(layers=layers), metric="macs"), "macs")[1:] == ["stem: 1,024", "foreign: unknown"]


def test_a_block_with_an_unknown_layer_is_unknown_and_has_no_parts() -> None:
    block = Block(name="stage", layers=(Conv2D(name="big", filters=2, kernel_size=9),))
    found = bars(Design(layers=(Input(name="image", size=(8, 8), channels=4), block)))
    assert (found[1].value, found[1].parts) == (None, ())


def test_bytes_are_printed_as_bytes() -> None:
    found = bars(small(), metric="activation_bytes")
    assert drawn(found, "activation_bytes")[0] == "image: 1.024 kB · 14.2 %"


def test_an_empty_design_has_no_bars() -> None:
    assert bars(Design()) == ()
    assert bars(Design(), "layer") == ()


def test_ten_to_the_twelve_stays_exact() -> None:
    layers = (Input(name="i", size=(1, 1), channels=10**6), Dense(name="wide", units=10**6, bias=False))
    assert drawn(bars(Design(layers=layers)))[1] == "wide: 1,000,000,000,000 · 100.0 %"


@given(designs())
def test_every_bar_leads_to_an_item_and_blocks_are_the_sums_of_their_families(design: Design) -> None:
    analysis = analyze(design)
    everything = bars_of(analysis, lambda _path: True, "parameters", "block")
    for bar in (*everything, *bars_of(analysis, lambda _path: False, "parameters", "layer")):
        item = find(design, bar.path)
        assert isinstance(item, Block) == (bar.family == "block")
        assert bar.value is None or not bar.parts or sum(part for _, part in bar.parts) == bar.value
    folded = bars_of(analysis, lambda _path: False, "parameters", "block")
    assert [bar.value for bar in folded] == [bar.value for bar in everything if not bar.depth]


# As columns, for drawing.


def test_columns_hold_the_values_by_family() -> None:
    columns = bar_columns(bars(small()), 24, is_log=False)
    assert set(columns) == {"convolution", "normalization", "dense"}
    assert columns["dense"].lengths == [2570.0]
    assert columns["dense"].middles == [4.5]
    # The stem, and the piece of the block that its convolutions make; the piece of its normalization follows it.
    assert columns["convolution"].lengths == [20.0, 296.0]
    assert columns["normalization"].starts == [296.0]
    assert columns["normalization"].lengths == [16.0]


def test_log_columns_are_powers_of_ten_and_a_block_is_in_one_piece() -> None:
    bar = Bar(("a",), "a", "block", 1000, 1.0, parts=(("dense", 900), ("pooling", 100)))
    single = structs.replace(bar, value=1, parts=(("dense", 1),))
    columns = bar_columns((bar, single), 24, is_log=True)
    assert list(columns) == ["dense"]
    assert columns["dense"].starts == [0.0, 0.0]
    assert columns["dense"].lengths == [pytest.approx(3.0), 0.0]


def test_nothing_is_drawn_for_0_and_for_unknown() -> None:
    none = Bar(("a",), "a", "dense", None, None)
    assert bar_columns((none, structs.replace(none, value=0)), 24, is_log=False) == {}


def test_a_sum_is_thinner_than_what_it_sums_up() -> None:
    found = bars(small(), opened=(("stage",),))
    columns = bar_columns(found, 24, is_log=False)["convolution"]
    sum_line, layer = columns.thicknesses[1:]
    assert sum_line < layer / 2


# Ranked.


@given(designs())
def test_ranked_bars_add_up_to_the_whole_and_fall(design: Design) -> None:
    analysis = analyze(design)
    ranked = ranked_bars(analysis, "parameters")
    values = [bar.value for bar in ranked if bar.value is not None]
    assert values == sorted(values, reverse=True)
    assert 0 not in values
    if not analysis.totals.uncounted:
        assert sum(values) == analysis.totals.parameters


def test_a_repeated_layer_is_one_bar_with_all_its_repeats() -> None:
    top = ranked_bars(analyze(small(repeat=3)), "parameters", most=2)
    assert [(bar.within, bar.label, bar.value) for bar in top] == [
        ("", "fc", 8 * 8 * 4 * 10 + 10),
        ("stage/", "conv × 3", 3 * (3 * 3 * 4 * 4 + 4)),
    ]


def test_passes_of_unlike_size_are_summed_up_in_one_bar() -> None:
    analysis = analyze(open_design("densenet-121").design)
    ranked = ranked_bars(analysis, "parameters")
    assert len({bar.path for bar in ranked}) == len(ranked)
    assert sum(bar.value or 0 for bar in ranked) == 7_978_856


def test_what_is_unknown_comes_last() -> None:
    image, too_large = Input(name="image", size=(8, 8), channels=3), Conv2D(name="conv", filters=4, kernel_size=9)
    stem = Conv2D(name="stem", filters=4, kernel_size=3)
    ranked = ranked_bars(analyze(Design(layers=(image, stem, too_large, Dense(name="fc", units=2)))), "macs")
    assert ranked[0].value == 6 * 6 * 4 * 27
    assert ranked[-1].value is None
