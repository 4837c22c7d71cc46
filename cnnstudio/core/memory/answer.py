"""The answer to "what does this design take of a GPU's memory in this setting", the same for all that ask.

Command line, Python interface, reports and the window take it from here.
"""

from __future__ import annotations

from msgspec import Struct

from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.memory.fitting import (
    WORDS,
    LargestBatch,
    Need,
    Verdict,
    largest_batch,
    need_of,
    reserved_high,
    verdict_of,
)
from cnnstudio.core.memory.model import Estimate, MemoryModel, estimate, model_of
from cnnstudio.core.memory.wording import memory_facts, memory_lines, place_of, unknown_text
from cnnstudio.core.network.memory_setting import Card, Setting


class CardAnswer(Struct, frozen=True):
    """The verdict for a card, and the examples that it has room for; `largest` is None where a part is unknown."""

    card: Card
    need: Need
    verdict: Verdict
    largest: LargestBatch | None

    def texts(self) -> tuple[str, ...]:
        """The verdict with its meaning, and the largest batches where they are known."""
        verdict = f"{self.verdict}, {WORDS[self.verdict]}"
        if self.largest is None:
            return (verdict,)
        return verdict, f"{self.largest.fits:,} fits, {self.largest.may_fit:,} may fit"


class Figures(Struct, frozen=True):
    """The bytes that PyTorch holds in a GPU's memory; None for what is unknown, or needs a card that was not named.

    `kept_bytes` are kept for backward, exactly; the peak lies between `peak_low` and `peak_high`, at the layer
    `peak_at`; the allocator reserves up to `reserved_high`. `verdict` is "fits", "may fit", "does not fit" or
    "unknown", and `fits` and `may_fit` are the largest batches that do.
    """

    kept_bytes: int | None = None
    static_bytes: int | None = None
    peak_low: int | None = None
    peak_high: int | None = None
    reserved_high: int | None = None
    peak_at: str | None = None
    verdict: Verdict | None = None
    fits: int | None = None
    may_fit: int | None = None


class Answer(Struct, frozen=True):
    """The estimate of a design in a setting, and what that means for the card of the setting, if it names one."""

    model: MemoryModel
    estimate: Estimate
    on_card: CardAnswer | None

    def figures(self) -> Figures:
        """The answer in numbers."""
        verdict, largest = (None, None) if self.on_card is None else (self.on_card.verdict, self.on_card.largest)
        if self.model.unknown:
            return Figures(verdict=verdict)
        return Figures(
            kept_bytes=int(self.estimate.kept.value or 0),
            static_bytes=self.estimate.static,
            peak_low=self.estimate.low,
            peak_high=self.estimate.high,
            reserved_high=reserved_high(self.estimate.high),
            peak_at=place_of(self.model, self.estimate),
            verdict=verdict,
            fits=None if largest is None else largest.fits,
            may_fit=None if largest is None else largest.may_fit,
        )

    def lines(self) -> list[str]:
        """The answer in words, line by line."""
        lines = memory_lines(self.model, self.estimate)
        if self.on_card is not None:
            verdict, *largest = self.on_card.texts()
            lines += ["", f"{self.on_card.card.name}: {verdict}", *(f"Largest batch: {text}" for text in largest)]
        return lines

    def facts(self) -> list[tuple[str, str]]:
        """The answer as names and texts, for a report."""
        facts = memory_facts(self.model, self.estimate)
        if self.on_card is not None:
            names = (f"Card {self.on_card.card.name}", "Largest batch")
            facts += zip(names, self.on_card.texts(), strict=False)
        return [*facts, ("Unknown", unknown_text(self.model))] if self.model.unknown else facts


def answer_of(analysis: Analysis, setting: Setting) -> Answer:
    """The answer for a design in a setting; ValueError for a design with too many layers."""
    model, card = model_of(analysis, setting), setting.card
    found = estimate(analysis, setting)
    return Answer(model, found, None if card is None else card_answer(model, found, card))


def card_answer(model: MemoryModel, found: Estimate, card: Card) -> CardAnswer:
    """The answer of an estimate for a card."""
    setting, need = found.setting, need_of(found.low, found.high, card)
    return CardAnswer(card, need, verdict_of(model, setting, card), largest_batch(model, setting, card))
