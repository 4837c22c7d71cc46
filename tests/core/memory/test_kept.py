"""Kept bytes as a quantity: each row with its working, sums over blocks and networks that come together."""

from __future__ import annotations

from _collections_abc import dict_items

import pytest
from hypothesis import given
from msgspec import structs

from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.core.counting.lookup import walk_entries
from cnnstudio.core.counting.quantities import QUANTITY
from cnnstudio.core.counting.quantity import Spread
from cnnstudio.core.counting.rows import BlockRow, Row
from cnnstudio.core.counting.working import block_working, total_working
from cnnstudio.core.memory.kept import MAX_SPREAD, kept_in, kept_spread
from cnnstudio.core.memory.model import estimate
from cnnstudio.core.network.design import Block, Design
from cnnstudio.core.network.memory_setting import Setting
from cnnstudio.drawings.chart.bars import bars_of, ranked_bars
from cnnstudio.layers.merge import Add
from cnnstudio.layers.reshaping import Flatten
from cnnstudio.layers.structure import Opaque
from tests.examples import share
from tests.networks import builtin, conv, design_of
from tests.strategies import designs

KEPT = QUANTITY["kept_bytes"]


def check(analysis: Analysis) -> None:
    """Every number of an analysis against the estimate, row by row and block by block."""
    read, add = KEPT.reader(analysis), KEPT.adder(analysis)
    setting = structs.replace(analysis.design.memory or Setting(), mode="train")
    whole = estimate(analysis, setting).kept
    told = KEPT.total(analysis)
    assert told.bound == whole.bound
    assert told.value == total_working(analysis, KEPT.key).value
    # The estimate also counts what is surely kept of a layer of which nobody can say all: rows leave such a layer open.
    assert (told.value or 0) <= (whole.value or 0)
    assert told.value == whole.value or not whole.is_exact
    assert sum(read(row) or 0 for row in analysis.rows) == told.value
    rows = [entry for entry in walk_entries(analysis.entries) if isinstance(entry, Row)]
    assert sum(add(row, 1) or 0 for row in rows) == told.value
    for row in rows:
        assert kept_in(row, analysis).value == read(row)
    for block in walk_entries(analysis.entries):
        if isinstance(block, BlockRow):
            inside = [row for row in analysis.rows if row.path.startswith((f"{block.path}/", f"{block.path}["))]
            known = KEPT.known(block, analysis)
            assert known == sum(read(row) or 0 for row in inside) == block_working(block, KEPT.key, analysis).value


@given(designs())
@share(1 / 4)
def test_rows_blocks_and_the_network_agree(design: Design) -> None:
    check(analyze(design))


@pytest.mark.parametrize("stem", ["resnet-18", "densenet-121", "mobilenet-v2", "u-net"])
@pytest.mark.parametrize("memory", [None, Setting(batch=3, precision="bf16"), Setting(mode="inference")])
def test_built_in_designs_agree(stem: str, memory: Setting | None) -> None:
    check(analyze(structs.replace(builtin(stem).design, memory=memory)))


def test_a_row_says_who_needs_it() -> None:
    analysis = builtin("resnet-18")
    row = next(row for row in analysis.rows if row.path == "conv1")
    expected = "batch · O_h · O_w · N · bytes = 32 × 112 × 112 × 64 × 4 = 102,760,448  (kept because bn1 needs it)"
    assert kept_in(row, analysis).text() == f"kept for backward = {expected}"


def test_bars_add_up_whether_blocks_are_open_or_not() -> None:
    analysis = builtin("densenet-121")
    total = KEPT.known(analysis)
    folded = bars_of(analysis, lambda _: False, KEPT.key, "block")
    assert sum(bar.value or 0 for bar in folded) == total
    assert sum(bar.value or 0 for bar in bars_of(analysis, lambda _: False, KEPT.key, "layer")) == total
    assert sum(bar.value or 0 for bar in ranked_bars(analysis, KEPT.key)) == total
    assert all(sum(size for _, size in bar.parts) == bar.value for bar in folded if bar.is_block)


def test_what_nobody_can_say_is_unknown() -> None:
    analysis = analyze(design_of(conv("a"), Opaque(name="what", channels=4, parameters=0, size=(8, 8))))
    assert KEPT.value(analysis.entries[-1], analysis) is None
    assert not KEPT.total(analysis).is_exact
    assert KEPT.missing(analysis) == ("kept for backward of 1 layer unknown",)


def test_too_many_layers_are_unknown_and_told() -> None:
    analysis = analyze(design_of(Block(name="long", repeat=MAX_SPREAD, layers=(conv("a"),))))
    assert KEPT.value(analysis.entries[0], analysis) is None
    row = next(entry for entry in walk_entries(analysis.entries) if isinstance(entry, Row))
    assert kept_in(row, analysis).reason == "found for up to 5,000 layers"


def test_nothing_is_known_of_a_network_without_sizes() -> None:
    analysis = analyze(Design(layers=(conv("alone"),)))
    assert kept_spread(analysis) == Spread()


def many_blocks(number: int) -> Analysis:
    """Blocks of two layers, one after the other."""
    layers = (structs.replace(conv("first"), padding=1), structs.replace(conv("last"), padding=1))
    return analyze(design_of(*(Block(name=f"block{at}", layers=layers) for at in range(number))))


def test_the_chart_of_many_blocks_walks_the_rows_once_and_not_for_each_block(monkeypatch: pytest.MonkeyPatch) -> None:
    walks = 0
    analysis = many_blocks(60)
    rows = analysis.rows

    def counted(_: Analysis) -> tuple[Row, ...]:
        nonlocal walks
        walks += 1
        return rows

    monkeypatch.setattr(Analysis, "rows", property(counted))
    bars = bars_of(analysis, lambda _: False, KEPT.key, "block")
    assert sum(bar.is_block for bar in bars) == 60
    assert all(sum(size for _, size in bar.parts) == bar.value for bar in bars if bar.is_block)
    assert walks < 5


def test_the_sums_of_many_blocks_are_found_in_one_walk() -> None:
    walks = 0

    class Values(dict[str, int | None]):
        def items(self) -> dict_items[str, int | None]:
            nonlocal walks
            walks += 1
            return super().items()

    spread = Spread(Values({f"block[{at}]/inner/conv": at for at in range(1, 41)}))
    assert spread.inside("block", 40) == (820, 0)
    assert [spread.inside(f"block[{at}]/inner", 2) for at in range(1, 41)] == [(at, 1) for at in range(1, 41)]
    assert spread.inside("bloc", 3) == (0, 3)
    assert walks == 1


def test_where_no_layer_has_known_sizes_the_working_says_so() -> None:
    design = Design(layers=(Add(name="sum"), Flatten(name="flat")))
    analysis = analyze(design)
    for row in analysis.rows:
        working = kept_in(row, analysis)
        assert (working.value, working.reason.partition(";")[0]) == (None, "no layer of the design has known sizes")
