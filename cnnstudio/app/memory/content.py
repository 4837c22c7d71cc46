"""The content of the memory view: an estimate with its answer, made from the analysis alone, without Qt."""

from __future__ import annotations

from msgspec import Struct

from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.memory.answer import CardAnswer, answer_of, card_answer
from cnnstudio.core.memory.kept import kept_working
from cnnstudio.core.memory.model import Estimate, MemoryModel
from cnnstudio.core.memory.wording import place_text
from cnnstudio.core.network.design import ItemPath, path_from
from cnnstudio.core.network.memory_setting import Card, Setting


class Part(Struct, frozen=True):
    """A part of the stacked bar: its key, and its bytes."""

    key: str
    size: int


class MemoryContent(Struct, frozen=True):
    """An estimate for a card, and what the view asks about it."""

    model: MemoryModel
    estimate: Estimate
    on_card: CardAnswer

    @property
    def parts(self) -> tuple[Part, ...]:
        """The parts of the bar, from the weights on; the last is what may be reserved besides, the context included."""
        parts = self.estimate.parts
        keys = ("weights", "gradients", "optimizer", "kept", "in_flight", "fixed")
        sizes = [Part(key, getattr(parts, key)) for key in keys]
        return (*sizes, Part("reserve", max(0, self.on_card.need.high - parts.total)))

    @property
    def levels(self) -> tuple[int, ...]:
        """The heights of the timeline: each step of a layer, then the step of the optimizer."""
        last = self.estimate.optimizer_step
        return (*self.estimate.levels, last) if last else self.estimate.levels

    @property
    def peak(self) -> int:
        """The place of the peak in the timeline."""
        return self.levels.index(max(self.levels)) if self.levels else 0

    @property
    def peak_text(self) -> str:
        """`in the backward pass of conv1`."""
        return place_text(self.model, self.estimate)

    def name_at(self, place: int) -> str:
        """The path of the layer at a place of the timeline; empty for the step of the optimizer."""
        layers = self.estimate.layers
        return self.model.rows[layers[place]].path if place < len(layers) else ""

    def item_at(self, place: int) -> ItemPath | None:
        """The item of the design at a place of the timeline."""
        layers = self.estimate.layers
        return path_from(self.model.rows[layers[place]].place) if place < len(layers) else None

    def places_of(self, item: ItemPath) -> list[int]:
        """The places of the timeline at which an item runs, or what a block holds."""
        rows = self.model.rows
        return [
            place
            for place, layer in enumerate(self.estimate.layers)
            if path_from(rows[layer].place)[: len(item)] == item
        ]

    def working_of(self, item: ItemPath) -> str:
        """The working of what is kept of a layer, in its first repeat; empty for what is none, and in inference."""
        if not self.estimate.setting.trains:
            return ""
        for at in self.model.places.values():
            row = self.model.rows[at]
            if path_from(row.place) == item:
                return f"{row.path}: {kept_working(self.model, at, self.estimate.setting.batch).text()}"
        return ""


def content_of(analysis: Analysis, setting: Setting, usual: Card) -> MemoryContent:
    """The content for a setting and its card, or else the usual one; ValueError for a design with too many layers."""
    answer = answer_of(analysis, setting)
    on_card = answer.on_card or card_answer(answer.model, answer.estimate, usual)
    return MemoryContent(answer.model, answer.estimate, on_card)
