"""PyTorch, Keras, Caffe: what each counts as a parameter, how it rounds pooling up, and how it prints a shape."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from cnnstudio.core.arithmetic.shape import Shape

ConventionKey = Literal["pytorch", "keras", "caffe"]


class Convention(Struct, frozen=True):
    """One framework's way of counting; nothing else about a design depends on it.

    `counts_state`: moving statistics are parameters (non-trainable ones). `rounding`: the rule behind `ceil_mode`.
    `channels_last`: shapes are printed H × W × C. `sentence` says it all in one sentence, for windows and reports.
    """

    key: ConventionKey
    title: str
    counts_state: bool
    rounding: Literal["pytorch", "caffe"]
    channels_last: bool
    sentence: str

    def shape_text(self, shape: Shape) -> str:
        """`55 × 55 × 96` or `96 × 55 × 55`."""
        sizes = (*shape.spatial, shape.channels) if self.channels_last else (shape.channels, *shape.spatial)
        return " × ".join(str(size) for size in sizes)

    @property
    def shape_order(self) -> str:
        """`H × W × C` or `C × H × W`."""
        return "H × W × C" if self.channels_last else "C × H × W"


PYTORCH = Convention(
    "pytorch",
    "PyTorch",
    counts_state=False,
    rounding="pytorch",
    channels_last=False,
    sentence="PyTorch counting: parameters are the learned weights and biases; moving statistics are listed apart.",
)
KERAS = Convention(
    "keras",
    "Keras",
    counts_state=True,
    rounding="pytorch",
    channels_last=True,
    sentence="Keras counting: parameters include the moving statistics, as non-trainable ones.",
)
CAFFE = Convention(
    "caffe",
    "Caffe",
    counts_state=False,
    rounding="caffe",
    channels_last=False,
    sentence="Caffe counting: parameters are the learned weights and biases; pooling that rounds up does so by "
    "Caffe's rule.",
)

CONVENTIONS: dict[str, Convention] = {item.key: item for item in (PYTORCH, KERAS, CAFFE)}
