"""The memory of a GPU that a network takes, as an answer that a program can use."""

from __future__ import annotations

from typing import Any

from msgspec import Struct, structs

from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.memory.fitting import largest_batch, reserved_high, verdict_of
from cnnstudio.core.memory.model import MemoryModel
from cnnstudio.core.memory.wording import memory_lines, place_of
from cnnstudio.core.network.memory_setting import Setting, card_named, workspace_of
from cnnstudio.interface.text import Text


class Memory(Struct, frozen=True):
    """The bytes that PyTorch holds in a GPU's memory; None for what is unknown, or needs a card that was not named.

    `kept_bytes` are kept for backward, exactly; the peak lies between `peak_low` and `peak_high`, at the layer
    `peak_at`; the allocator reserves up to `reserved_high`. `verdict` is "fits", "may fit" or "does not fit", and
    `fits` and `may_fit` are the largest batches that do.
    """

    kept_bytes: int | None
    static_bytes: int | None
    peak_low: int | None
    peak_high: int | None
    reserved_high: int | None
    peak_at: str | None
    verdict: str | None = None
    fits: int | None = None
    may_fit: int | None = None
    text: Text = Text()

    def __repr__(self) -> str:
        return self.text

    def to_dict(self) -> dict[str, Any]:
        """The numbers by their names."""
        return {key: value for key, value in structs.asdict(self).items() if key != "text"}


def memory_of(analysis: Analysis, setting: Setting) -> Memory:
    """The estimate for a setting, and the answers for its card. Raises ValueError for a design with too many layers."""
    card = card_named(setting.gpu) if setting.gpu else None
    model = MemoryModel(analysis, casts=setting.casts, trains=setting.trains)
    estimate = model.estimate(setting, workspace_of(card))
    verdict = None if card is None else verdict_of(model, setting, card)
    largest = None if card is None else largest_batch(model, setting, card)
    lines = (
        memory_lines(model, estimate) if card is None else [*memory_lines(model, estimate), f"{card.name}: {verdict}"]
    )
    kept = estimate.kept.value
    is_known, high = not model.unknown, estimate.high
    return Memory(
        kept_bytes=int(kept) if is_known and kept is not None else None,
        static_bytes=estimate.static if is_known else None,
        peak_low=estimate.low if is_known else None,
        peak_high=high if is_known else None,
        reserved_high=reserved_high(high) if is_known else None,
        peak_at=place_of(model, estimate) if is_known else None,
        verdict=verdict,
        fits=None if largest is None else largest.fits,
        may_fit=None if largest is None else largest.may_fit,
        text=Text("\n".join(lines)),
    )
