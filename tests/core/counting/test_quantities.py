"""Quantities: a rule gives the number of the engine, and sums over rows are the totals that it keeps."""

from __future__ import annotations

import pytest
from hypothesis import given
from msgspec import structs

from cnnstudio.core.arithmetic.convention import CONVENTIONS
from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.core.counting.lookup import walk_entries
from cnnstudio.core.counting.quantities import QUANTITIES, QUANTITY
from cnnstudio.core.counting.quantity import Quantity, Terms
from cnnstudio.core.counting.quantity_places import placed
from cnnstudio.core.counting.rows import BlockRow
from cnnstudio.core.counting.working import at_least, incomplete_text, is_complete, lower_bound
from cnnstudio.core.network.design import Block, Design
from cnnstudio.layers.convolution import Conv2D
from cnnstudio.layers.structure import Opaque
from tests.networks import MAP
from tests.strategies import designs

CONV = Conv2D(name="conv", filters=4, kernel_size=3, padding="same")
KEPT = [quantity for quantity in QUANTITIES if quantity.kept is not None]


@given(designs())
def test_the_totals_that_are_kept_are_the_sums_over_the_rows(design: Design) -> None:
    for convention in CONVENTIONS.values():
        analysis = analyze(design, convention)
        blocks = [entry for entry in walk_entries(analysis.entries) if isinstance(entry, BlockRow)]
        for quantity in KEPT:
            summed = structs.replace(quantity, kept=None)
            assert quantity.known(analysis) == quantity.summed(analysis.entries)[0], quantity.key
            for block in blocks:
                assert quantity.known(block) == quantity.summed([block])[0], quantity.key
            if quantity.rule is not None:
                assert summed.total(analysis) == quantity.total(analysis), quantity.key
                assert len(summed.missing(analysis)) == len(quantity.missing(analysis)), quantity.key


@given(designs())
def test_a_rule_gives_the_number_of_the_engine(design: Design) -> None:
    for row in analyze(design).rows:
        for quantity in KEPT:
            if row.counts is not None and quantity.rule is not None:
                assert quantity.rule(Terms(row, row.counts)) == quantity.of_row(row), quantity.key


def network(*, broken: bool = False) -> Analysis:
    """A repeated block, and if wanted a layer without counts and one without MACs."""
    more = (
        Opaque(name="foreign", size=(8, 8), channels=4, parameters=5),
        structs.replace(CONV, name="wide", kernel_size=99, padding="valid"),
    )
    layers = (MAP, Block(name="twice", repeat=2, layers=(CONV,)), *(more if broken else ()))
    return analyze(Design(layers=layers))


def memory_traffic(terms: Terms) -> int | None:
    """Something new: what is written, and read again, in bytes; unknown for what is foreign."""
    if terms.row.layer.type_name == "Opaque":
        return None
    return (
        2 * terms.symbol("activations", terms.counts.output.elements) * terms.symbol("bytes", terms.row.element_bytes)
    )


TRAFFIC = Quantity(
    key="memory_traffic", title="Memory traffic", name="memory traffic", help="bytes moved", rule=memory_traffic
)


def test_what_the_engine_does_not_keep_is_summed_up_when_asked_for() -> None:
    analysis = network()
    image, twice = analysis.entries
    assert [TRAFFIC.value(entry, analysis) for entry in (image, twice)] == [2 * 8 * 8 * 4 * 4, 2 * 2 * 8 * 8 * 4 * 4]
    assert TRAFFIC.total(analysis).text(TRAFFIC.unit.full) == f"{3 * 2 * 8 * 8 * 4 * 4:,}"
    assert TRAFFIC.missing(analysis) == ()


def test_a_number_that_alone_is_unknown_is_named() -> None:
    analysis = network(broken=True)
    assert TRAFFIC.total(analysis).bound == "at least"
    assert TRAFFIC.missing(analysis) == ("1 layer not counted", "memory traffic of 1 layer unknown")
    assert TRAFFIC.value(analysis.entries[2], analysis) is None
    assert QUANTITY["flops"].missing(analysis) == ("1 layer not counted", "MACs of 1 layer unknown")
    assert QUANTITY["weights"].missing(analysis) == ("1 layer not counted",)
    assert QUANTITY["layers"].missing(analysis) == ()
    assert incomplete_text(analysis) == "1 layer not counted, MACs of 1 layer unknown"
    assert lower_bound(analysis, QUANTITY["weights"]) == "at least: 1 layer not counted"
    assert at_least("") == ""
    assert (is_complete(analysis), is_complete(network())) == (False, True)


@pytest.mark.parametrize("quantity", QUANTITIES, ids=lambda quantity: quantity.key)
def test_a_declaration_is_whole(quantity: Quantity) -> None:
    """It can be read, it says what it is, and a column of it can be unfolded."""
    assert all((quantity.key, quantity.title, quantity.name, quantity.help))
    assert (quantity.rule is not None) + (quantity.look_up is not None) <= 1
    assert (
        quantity.rule is not None
        or quantity.look_up is not None
        or quantity.kept is not None
        or quantity.spread is not None
    )
    if "column" in quantity.places:
        assert quantity.has_working or quantity.explained_by
    assert QUANTITY[quantity.explained_in].has_working or quantity.key == quantity.explained_in
    assert {*quantity.silent_without} <= QUANTITY.keys()
    if set(quantity.places) & {"chart", "data_totals", "compared_totals", "comparison_window", "inspector"}:
        assert quantity.adds_up
    if quantity.line or quantity.headline or quantity.status:
        assert quantity.adds_up


def test_every_key_is_declared_once() -> None:
    keys = [quantity.key for quantity in QUANTITIES]
    assert len(set(keys)) == len(keys)


def test_what_stands_first_does_and_the_others_follow_as_declared() -> None:
    declared = [quantity.key for quantity in QUANTITIES]
    charted = [quantity.key for quantity in placed("chart")]
    assert charted[:5] == ["parameters", "weights", "biases", "macs", "activation_bytes"]
    assert charted[5:] == sorted(charted[5:], key=declared.index)
    shown = [quantity.key for quantity in placed("summary")]
    assert shown == sorted(shown, key=declared.index)
