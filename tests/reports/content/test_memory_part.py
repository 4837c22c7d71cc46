"""The part of a report that tells of memory and budgets."""

from __future__ import annotations

from msgspec import structs

from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.memory.model import estimate
from cnnstudio.core.memory.wording import gibibytes
from cnnstudio.core.network.memory_setting import Setting
from cnnstudio.layers.structure import Opaque
from cnnstudio.reports.content.composition import compose
from cnnstudio.reports.content.manuscript import Facts
from cnnstudio.reports.content.report import ReportRequest
from tests.networks import builtin, design_of


def facts_of(**changes: object) -> dict[str, str]:
    """The facts of the part for ResNet-18 with a setting or budgets."""
    design = structs.replace(builtin("resnet-18").design, **changes)
    (section,) = compose(ReportRequest(analysis=analyze(design), parts=("memory",))).sections
    assert section.title == "Memory and budgets"
    (facts,) = section.parts
    assert isinstance(facts, Facts)
    return dict(facts.pairs)


def test_it_tells_the_peak_the_answer_and_the_budgets() -> None:
    setting = Setting(batch=16, precision="bf16", gpu="8GB")
    found = facts_of(memory=setting, budgets=("parameters <= 5M", "macs <= 2G"))
    assert found["Setting"] == "training with Adam, batch 16, bf16 autocast, in PyTorch"
    assert gibibytes(estimate(builtin("resnet-18"), setting).low) in found["Peak"]
    assert found["Card 8GB"].startswith("fits, ")
    assert found["Budget parameters <= 5M"] == "broken: 11,689,512"
    assert found["Budget macs <= 2G"] == "kept: 1,814,073,344"


def test_without_a_choice_it_is_the_usual_setting() -> None:
    found = facts_of()
    assert found["Setting"].startswith("training with Adam, batch 32, fp32")
    assert "Largest batch" not in found


def test_what_is_unknown_is_said() -> None:
    analysis = analyze(design_of(Opaque(name="what", channels=4, parameters=0)))
    (section,) = compose(ReportRequest(analysis=analysis, parts=("memory",))).sections
    (facts,) = section.parts
    assert isinstance(facts, Facts)
    assert dict(facts.pairs)["Unknown"] == "what 1 layer needs"
    assert "at least" in dict(facts.pairs)["Peak"]
