"""Subtotals by kind of layer and by stage."""

from __future__ import annotations

import pytest

from cnnstudio.core.counting.quantities import QUANTITY
from cnnstudio.reports.content.manuscript import Table
from cnnstudio.reports.content.subtotals import ADDED, BYS, By, subtotals
from tests.networks import builtin
from tests.reports.samples import faulty, plain


@pytest.mark.parametrize("by", BYS)
@pytest.mark.parametrize("name", ["alexnet", "resnet-50", "densenet-121", "two-stream", "efficientnet-b0"])
def test_subtotals_add_up_to_the_totals(name: str, by: By) -> None:
    analysis = builtin(name)
    found = subtotals(analysis, by)
    assert sum(row.layers for row in found) == analysis.totals.layers
    for key in ADDED:
        assert sum(row.sums[key] for row in found) == QUANTITY[key].total(analysis).value


def test_kinds_of_alexnet() -> None:
    found = {row.name: row for row in subtotals(builtin("alexnet"), "kind")}
    assert found["Conv2D"].sums["parameters"] == 3_747_200
    assert found["Dense"].sums["parameters"] == 58_631_144


def test_resnet_50_has_53_convolutions() -> None:
    found = {row.name: row.layers for row in subtotals(builtin("resnet-50"), "kind")}
    assert (found["Conv2D"], found["Dense"]) == (53, 1)


def test_stages_are_blocks_or_runs_of_one_size() -> None:
    assert [row.name for row in subtotals(builtin("resnet-18"), "stage")] == [
        *("image to maxpool", "layer1", "layer2", "layer3", "layer4", "avgpool to fc")
    ]
    assert [row.name for row in subtotals(builtin("alexnet"), "stage")][:3] == [
        "image",
        "Conv-1",
        "MaxPool-1 to Conv-2",
    ]


def test_an_unknown_part_makes_a_lower_bound() -> None:
    (conv,) = [row for row in subtotals(faulty(), "kind") if row.name == "Conv2D"]
    assert (conv.text("parameters"), conv.unknown["parameters"]) == ("≥ 112", 1)


def test_a_report_holds_the_subtotals_that_are_asked_for() -> None:
    kinds, stages = plain(builtin("resnet-18"), parts=("kinds", "stages")).parts(Table)
    assert [field.key for field in stages.fields] == ["stage", "layers", "output", *ADDED]
    assert kinds.total is not None
    assert [cell.text for cell in kinds.total.cells] == [
        "Total",
        "69",
        "11,683,712",
        "5,800",
        "11,689,512",
        "1,814,073,344",
    ]
