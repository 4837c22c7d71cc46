"""The answer whether a network fits a card, and with how many examples: one of three, from an interval.

What a card needs is more than the peak: the CUDA context (300 to 500 MiB, by driver and version), and what the caching
allocator reserves beyond. Reserved memory is no requirement: before PyTorch gives up, it returns what is not used.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

from msgspec import Struct, structs

from cnnstudio.core.memory.model import HANDLES, MemoryModel
from cnnstudio.core.network.memory_setting import (
    EARLIER_WORKSPACE,
    HOPPER_WORKSPACE,
    MAX_BATCH,
    MIB,
    Card,
    Setting,
    workspace_of,
)

Verdict = Literal["fits", "may fit", "does not fit", "unknown"]
CONTEXT_LOW: Final = 300 * MIB
CONTEXT_HIGH: Final = 500 * MIB
"""The CUDA context, which no tool of PyTorch's counts."""
WORDS: Final[dict[Verdict, str]] = {
    "fits": "also with the largest workspaces and what the allocator reserves",
    "may fit": "if cuDNN takes small workspaces and little is lost to fragmentation",
    "does not fit": "less is there than the least that it needs",
    "unknown": "as a part of the network is",
}
"""The verdicts in words."""


class Need(Struct, frozen=True):
    """The least and the most bytes of a card that a step needs, the context included."""

    low: int
    high: int


class LargestBatch(Struct, frozen=True):
    """The largest batch that fits, and the largest that may fit; 0 where not even one example does."""

    fits: int
    may_fit: int


def reserved_high(high: int) -> int:
    """The bound of what the allocator reserves for a peak: held by 84 to 100 % of what was measured."""
    return high * 135 // 100 + 64 * MIB


def need_of(low: int, high: int, card: Card) -> Need:
    """The need of a peak on a card, from 0.97 of the low estimate on."""
    # On a card of unknown kind, and where nothing was trained before, cuBLAS may take less than was counted.
    spare = HANDLES * (HOPPER_WORKSPACE - EARLIER_WORKSPACE) if card.workspace is None else 0
    return Need((low - spare) * 97 // 100 + CONTEXT_LOW, reserved_high(high) + CONTEXT_HIGH)


def verdict_of(model: MemoryModel, setting: Setting, card: Card) -> Verdict:
    """The answer for a card: firm only where the interval lies wholly on one side of its memory."""
    need = _need(model, setting, card)
    if need.low > card.memory:
        return "does not fit"
    if model.unknown:
        return "unknown"
    return "fits" if need.high <= card.memory else "may fit"


def largest_batch(model: MemoryModel, setting: Setting, card: Card) -> LargestBatch | None:
    """The largest batches for a card, up to `MAX_BATCH`; None where a part of the network is unknown."""
    if model.unknown:
        return None

    def need(batch: int) -> Need:
        return _need(model, structs.replace(setting, batch=batch), card)

    fits = _largest(lambda batch: need(batch).high <= card.memory)
    return LargestBatch(fits, _largest(lambda batch: need(batch).low <= card.memory, fits))


def _need(model: MemoryModel, setting: Setting, card: Card) -> Need:
    return need_of(*model.bounds(setting, workspace_of(card)), card)


def _largest(holds: Callable[[int], bool], known: int = 0) -> int:
    """The largest batch for which something holds that holds for all smaller ones; it holds for `known`."""
    step = 1
    while known + step <= MAX_BATCH and holds(known + step):
        known, step = known + step, 2 * step
    beyond = min(known + step, MAX_BATCH + 1)
    while beyond - known > 1:
        middle = (known + beyond) // 2
        known, beyond = (middle, beyond) if holds(middle) else (known, middle)
    return known
