"""Tests of budgets held against a design."""

from __future__ import annotations

import pytest
from msgspec import structs

from cnnstudio.core.budgets import sensitivity
from cnnstudio.core.budgets.checking import budgets_of, with_budgets
from cnnstudio.core.budgets.condition import condition_from
from cnnstudio.core.budgets.sensitivity import sensitivities, untried
from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.core.network.memory_setting import Setting
from cnnstudio.core.network.problem import BROKEN_BUDGET
from cnnstudio.formats.design_yaml import parse_design
from cnnstudio.layers.structure import Opaque
from tests.networks import builtin, design_of


def with_texts(analysis: Analysis, *texts: str) -> Analysis:
    """The analysis of a design with these budgets."""
    return with_budgets(analyze(structs.replace(analysis.design, budgets=texts)))


def test_a_broken_budget_is_an_error_of_the_design() -> None:
    analysis = with_texts(builtin("alexnet"), "parameters <= 5M", "macs <= 2G")
    (problem,) = analysis.errors
    assert (problem.path, problem.rule) == ("", BROKEN_BUDGET)
    assert problem.sentence == "the budget parameters <= 5M is broken: it takes 62,378,344."


def test_what_nobody_can_say_is_a_warning() -> None:
    unsure = analyze(design_of(Opaque(name="what", channels=4, parameters=0)))
    analysis = with_texts(unsure, "macs <= 5")
    (problem,) = [found for found in analysis.problems if found.rule == BROKEN_BUDGET]
    assert problem.severity == "warning"
    assert "may be broken: it takes at least 0" in problem.sentence


def test_memory_is_that_of_the_setting_of_the_design() -> None:
    design = builtin("resnet-18").design
    small = structs.replace(design, memory=Setting(batch=1, precision="bf16"), budgets=("memory <= 1GB",))
    large = structs.replace(small, memory=Setting(batch=512, precision="bf16"))
    assert with_budgets(analyze(small)).errors == ()
    assert len(with_budgets(analyze(large)).errors) == 1
    (budget,) = budgets_of(analyze(large))
    assert budget.taken.endswith("GiB")


def test_a_design_that_keeps_its_budgets_is_left_alone() -> None:
    analysis = analyze(structs.replace(builtin("alexnet").design, budgets=("parameters < 63M",)))
    assert with_budgets(analysis) is analysis


def test_a_budget_that_cannot_be_read_is_said() -> None:
    (problem,) = with_texts(builtin("alexnet"), "size <= 3").errors
    assert "there is no quantity 'size'" in problem.sentence


def test_a_budget_that_cannot_be_checked_hides_none_that_is_broken() -> None:
    analysis = with_texts(builtin("alexnet"), "size <= 3", "parameters <= 5M", "width <= 3")
    assert [problem.sentence.split(":")[0] for problem in analysis.errors] == [
        "the budget size <= 3 cannot be checked",
        "the budget parameters <= 5M is broken",
        "the budget width <= 3 cannot be checked",
    ]


OPEN = parse_design("""cnnstudio: 1
layers:
- {type: Input, name: image, size: [null, null], channels: 3}
- {type: Conv2D, name: conv, filters: 64, kernel_size: 3}
- {type: GlobalAvgPool, name: pool}
- {type: Dense, name: fc, units: 10}
""").design


def test_memory_that_depends_on_the_input_size_leaves_the_other_budgets_told() -> None:
    analysis = with_texts(analyze(OPEN), "memory <= 8GB", "parameters <= 5k", "parameters <= 50")
    told = [(budget.state, budget.taken) for budget in budgets_of(analysis)]
    reason = "memory depends on the input size, which is not given; give the input a size"
    assert told == [("cannot be told", reason), ("kept", "2,442"), ("broken", "2,442")]
    found = [(problem.severity, problem.sentence) for problem in analysis.problems]
    assert found == [
        ("warning", f"the budget memory <= 8GB cannot be told: {reason}."),
        ("error", "the budget parameters <= 50 is broken: it takes 2,442."),
    ]


def test_what_to_shrink_is_known_without_the_input_size() -> None:
    ranked = sensitivities(analyze(OPEN), condition_from("parameters <= 50"))
    assert [(item.name, item.after) for item in ranked] == [("channels of conv", 2_138)]


def test_of_a_large_network_what_takes_most_is_tried_and_the_rest_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    analysis, condition = builtin("alexnet"), condition_from("parameters <= 5M")
    every = sensitivities(analysis, condition)
    assert (len(every), untried(analysis, condition)) == (8, 0)
    monkeypatch.setattr(sensitivity, "MAX_ITEMS_COUNTED", 2 * 14 + 3)
    few = sensitivities(analysis, condition)
    assert [item.name for item in few] == ["channels of FC-1", "channels of FC-2"]
    assert untried(analysis, condition) == 6
