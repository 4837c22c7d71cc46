"""An estimate in words, for the command line and the window."""

from __future__ import annotations

from cnnstudio.core.arithmetic.measure import Measure
from cnnstudio.core.memory.fitting import CONTEXT_HIGH, CONTEXT_LOW, reserved_high
from cnnstudio.core.memory.model import Estimate, MemoryModel
from cnnstudio.core.network.memory_setting import GIB, MIB, Setting

OPTIMIZER_STEP = "optimizer step"
OPTIMIZER_NAMES = {"sgd": "SGD", "momentum": "SGD with momentum", "adam": "Adam", "adamw": "AdamW"}
PRECISION_NAMES = {"fp32": "fp32 (TF32 off)", "bf16": "bf16 autocast", "fp16": "fp16 autocast"}
PART_NAMES = {
    "weights": "Weights and statistics",
    "gradients": "Gradients of parameters",
    "optimizer": "Optimizer",
    "kept": "Kept for backward",
    "in_flight": "In flight",
    "fixed": "Inputs and cuBLAS",
}
"""The parts of a peak, in their order in it."""


def gibibytes(number: int) -> str:
    """`7.42 GiB`, `512.0 MiB` or `0.5 KiB`: the units in which cards and PyTorch count memory."""
    if number >= GIB:
        return f"{number / GIB:,.2f} GiB"
    return f"{number / MIB:,.1f} MiB" if number >= MIB // 10 else f"{number / 1024:,.1f} KiB"


def setting_text(setting: Setting) -> str:
    """`training with Adam, batch 32, bf16 autocast, in PyTorch`."""
    fused = "fused " if setting.fused else ""
    what = f"training with {fused}{OPTIMIZER_NAMES[setting.optimizer]}" if setting.trains else "inference"
    return f"{what}, batch {setting.batch:,}, {PRECISION_NAMES[setting.precision]}, in PyTorch"


def place_of(model: MemoryModel, estimate: Estimate) -> str | None:
    """The path of the layer at the peak, or `optimizer step`; None where nothing runs."""
    if estimate.at is None:
        return OPTIMIZER_STEP if estimate.setting.trains else None
    return model.rows[estimate.at].path


def place_text(model: MemoryModel, estimate: Estimate) -> str:
    """`in the backward pass of conv1`."""
    if estimate.at is None:
        return "in the step of the optimizer" if estimate.setting.trains else "before the first layer"
    way = f"{'backward' if estimate.is_backward else 'forward'} pass of " if estimate.setting.trains else ""
    return f"in the {way}{place_of(model, estimate)}" if way else f"in {place_of(model, estimate)}"


def memory_facts(model: MemoryModel, estimate: Estimate) -> list[tuple[str, str]]:
    """The estimate as names and texts, for a report."""
    bound = "at least" if model.unknown else "about"
    high = f"; up to {gibibytes(estimate.high)} with the largest workspaces of cuDNN" * (estimate.high > estimate.low)
    facts = [("Setting", setting_text(estimate.setting))]
    if estimate.setting.trains:
        facts.append(("Kept for backward", _kept_text(estimate.kept)))
    facts.append(("Peak", f"{bound} {gibibytes(estimate.low)}, {place_text(model, estimate)}{high}"))
    parts = [(name, getattr(estimate.parts, key)) for key, name in PART_NAMES.items()]
    facts.append(("In the peak", ", ".join(f"{name} {gibibytes(part)}" for name, part in parts if part)))
    context = f"{CONTEXT_LOW // MIB} to {CONTEXT_HIGH // MIB} MiB for the CUDA context besides"
    return [*facts, ("Reserved", f"up to {gibibytes(reserved_high(estimate.high))}, and {context}")]


def memory_lines(model: MemoryModel, estimate: Estimate) -> list[str]:
    """The estimate, line by line."""
    bound = "at least " if model.unknown else "about "
    lines = [f"{model.title}: {setting_text(estimate.setting)}", ""]
    if estimate.setting.trains:
        lines.append(f"Kept for backward  {_kept_text(estimate.kept)}")
    lines.append(f"Peak               {bound}{gibibytes(estimate.low)}, {place_text(model, estimate)}")
    if estimate.high > estimate.low:
        lines.append(f"                   up to {gibibytes(estimate.high)} with the largest workspaces of cuDNN")
    for key, name in PART_NAMES.items():
        if part := getattr(estimate.parts, key):
            lines.append(f"  {name:<24} {gibibytes(part):>12}")
    context = f"{CONTEXT_LOW // MIB} to {CONTEXT_HIGH // MIB} MiB for the CUDA context"
    lines.append(f"Reserved           up to {gibibytes(reserved_high(estimate.high))}, and {context} besides")
    if model.unknown:
        lines.append(f"Unknown            {unknown_text(model)}")
    return lines


def unknown_text(model: MemoryModel) -> str:
    """`what 1 layer needs`."""
    return "what 1 layer needs" if model.unknown == 1 else f"what {model.unknown:,} layers need"


def _kept_text(kept: Measure) -> str:
    """`1,365,130,752 bytes (exact)`, or `at least 12 bytes`."""
    return kept.text(lambda number: f"{number:,} bytes") + (" (exact)" if kept.is_exact else "")
