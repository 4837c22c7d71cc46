"""The rule against measurements on a GPU: `tests/truth/memory/measured.jsonl`, NVIDIA H200, PyTorch 2.11."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.memory.fitting import CONTEXT_LOW, need_of
from cnnstudio.core.memory.model import Estimate, MemoryModel
from cnnstudio.core.network.memory_setting import Setting, card_named
from cnnstudio.formats.builtin import open_design
from tests.core.memory.efficientnet import efficientnet_b4

MEASURED = Path(__file__).parents[2] / "truth" / "memory" / "measured.jsonl"
DESIGNS = {
    "alexnet": "alexnet-torchvision",
    "alexnet_227": "alexnet",
    "inception_v3": "inception-v3",
    "mnasnet1_0": "mnasnet-1.0",
    "mobilenet_v3_large": "mobilenet-v3-large",
    "resnet152": "resnet-152",
    "resnext50_32x4d": "resnext-50-32x4d",
    "squeezenet1_1": "squeezenet-1.1",
    "vgg16": "vgg-16",
    "vgg16_bn": "vgg-16-bn",
    "wide_resnet50_2": "wide-resnet-50-2",
}
"""The built-in design of each network that was measured; EfficientNet-B4 has one of its own."""
B4 = "efficientnet_b4"
ELSEWHERE = {
    # torchvision pools 7 × 7 maps to 7 × 7, which changes nothing and keeps its input.
    "vgg16": ("fp32", -0.00138),
    "vgg16_bn": ("fp32", -0.0008),
    # torchvision's dropout is in place, with noise as wide as the map in place of a mask of one byte.
    "mobilenet_v3_large": ("fp32", -0.00009),
    "mnasnet1_0": ("fp32", -0.00009),
    # The same, and stochastic depth, which the design leaves out.
    B4: ("fp32", -0.000009),
}
"""The networks that keep more than their design does, why, and how much less is counted at most."""


@cache
def model_of(name: str, casts: bool, trains: bool) -> MemoryModel:
    """The model of a network that was measured."""
    design = efficientnet_b4() if name == B4 else open_design(DESIGNS[name]).design
    return MemoryModel(analyze(design), casts=casts, trains=trains)


def measured() -> list[dict[str, Any]]:
    """The measurements: half of those that the rule comes from, the others are kept back."""
    return [json.loads(line) for line in MEASURED.read_text(encoding="utf-8").splitlines()]


def estimate_of(row: dict[str, Any]) -> Estimate:
    """The estimate for the setting of a measurement."""
    casts = row["precision"] != "fp32"
    setting = Setting(
        batch=row["batch"],
        optimizer=row.get("optimizer", "sgd"),
        precision="bf16" if casts else "fp32",
        mode=row["mode"],
    )
    return model_of(row["model"], casts, setting.trains).estimate(setting)


def test_kept_bytes_are_those_of_the_gpu() -> None:
    for row in measured():
        if row["mode"] == "train":
            kept, found = estimate_of(row).kept, row["saved_activation_bytes"]
            assert kept.is_exact
            if row["model"] in ELSEWHERE:
                assert kept.value is not None
                assert ELSEWHERE[row["model"]][1] <= kept.value / found - 1 < 0
            else:
                assert kept.value == found, row


@pytest.mark.parametrize(
    ("precision", "mode", "number", "middle", "tenth", "worst", "within"),
    [
        ("bf16-autocast", "train", 75, 0.20, 4.6, 5.3, (96, 100, 100)),
        ("bf16-autocast", "inference", 25, 0.04, 0.7, 4.6, (100, 100, 100)),
        ("fp32", "train", 75, 1.40, 29.1, 48.7, (69, 72, 80)),
        ("fp32", "inference", 25, 0.06, 66.0, 66.3, (68, 68, 68)),
    ],
)
def test_errors_are_those_of_the_table(
    precision: str, mode: str, number: int, middle: float, tenth: float, worst: float, within: tuple[int, int, int]
) -> None:
    """The table of the rule's second version, for the half it was derived on; in per cent."""
    rows = [row for row in measured() if (row["precision"], row["mode"]) == (precision, mode)]
    errors = sorted([100 * abs(estimate_of(row).low / row["peak"] - 1) for row in rows])
    assert len(errors) == number
    assert median(errors) <= middle + 0.07
    assert errors[int(0.9 * number)] <= tenth + 0.05
    assert errors[-1] <= worst + 0.15
    assert tuple(round(100 * sum(error <= bound for error in errors) / number) for bound in (5, 10, 20)) == within


def test_what_was_measured_is_hardly_ever_above_the_interval() -> None:
    beyond = {row["model"] for row in measured() if row["peak"] > 1.05 * estimate_of(row).high}
    # An algorithm of cuDNN's for the gradient, which nobody could identify.
    assert beyond == {"alexnet_227"}


@pytest.mark.parametrize(
    ("model", "batch", "precision", "low", "high"),
    [
        ("alexnet", 64, "bf16-autocast", 1267, 1267),
        ("squeezenet1_1", 64, "bf16-autocast", 886, 981),
        ("resnet152", 16, "bf16-autocast", 2271, 2385),
        ("vgg16", 16, "fp32", 3276, 5514),
        ("inception_v3", 64, "fp32", 6467, 6861),
        ("wide_resnet50_2", 64, "fp32", 7789, 10243),
    ],
)
def test_intervals_are_those_of_the_rule(model: str, batch: int, precision: str, low: int, high: int) -> None:
    (row,) = [
        row
        for row in measured()
        if (row["model"], row["batch"], row["precision"], row.get("optimizer")) == (model, batch, precision, "adam")
    ]
    estimate = estimate_of(row)
    # In MiB, and what the loop of the measurements held besides: targets, a loss.
    assert estimate.low >> 20 == pytest.approx(low, abs=2)
    assert estimate.high >> 20 == pytest.approx(high, abs=4)


@pytest.mark.parametrize("gigabytes", [4, 6, 8, 12, 16, 24])
def test_what_is_said_not_to_fit_does_not_and_most_answers_are_firm(gigabytes: int) -> None:
    card, firm = card_named(f"{gigabytes}GB"), 0
    rows = measured()
    for row in rows:
        found = estimate_of(row)
        need = need_of(found.low, found.high, card)
        if need.low > card.memory:
            assert row["peak"] + CONTEXT_LOW > card.memory, row
        firm += need.low > card.memory or need.high <= card.memory
    assert firm / len(rows) >= (0.79 if gigabytes == 4 else 0.85)
