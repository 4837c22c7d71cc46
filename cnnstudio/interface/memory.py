"""The memory of a GPU that a network takes, as an answer that a program can use."""

from __future__ import annotations

from typing import Any

from msgspec import structs

from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.memory.answer import Figures, answer_of
from cnnstudio.core.network.memory_setting import Setting
from cnnstudio.interface.text import Text


class Memory(Figures, frozen=True):
    """The bytes that PyTorch holds in a GPU's memory; None for what is unknown, or needs a card that was not named.

    `kept_bytes` are kept for backward, exactly; the peak lies between `peak_low` and `peak_high`, at the layer
    `peak_at`; the allocator reserves up to `reserved_high`. `verdict` is "fits", "may fit", "does not fit" or
    "unknown", and `fits` and `may_fit` are the largest batches that do.
    """

    text: Text = Text()

    def __repr__(self) -> str:
        return self.text

    def to_dict(self) -> dict[str, Any]:
        """The numbers by their names."""
        return {key: value for key, value in structs.asdict(self).items() if key != "text"}


def memory_of(analysis: Analysis, setting: Setting) -> Memory:
    """The estimate for a setting, and the answers for its card. Raises ValueError for a design with too many layers."""
    answer = answer_of(analysis, setting)
    return Memory(**structs.asdict(answer.figures()), text=Text("\n".join(answer.lines())))
