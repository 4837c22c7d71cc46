"""PyTorch, Keras, Caffe: what each counts as a parameter, how it rounds pooling up, and how it prints a shape."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct, structs

from cnnstudio.core.arithmetic.shape import Shape

ConventionKey = Literal["pytorch", "keras", "caffe"]
Rules = Literal["pytorch", "keras", "caffe", "caffe with two biases"]
"""The ways of counting: how pooling rounds up, and how many biases a gate has.

PyTorch has two of them, which are added, where the others have one; so a design of Caffe's has to be counted as
PyTorch code too.
"""
BIASES_OF_A_GATE: dict[Rules, int] = {"pytorch": 2, "keras": 1, "caffe": 1, "caffe with two biases": 2}
"""The biases of each gate of a recurrent layer, where the layer itself leaves it open."""


class Convention(Struct, frozen=True):
    """One framework's way of counting; nothing else about a design depends on it.

    `counts_state`: moving statistics are parameters (non-trainable ones). `rounding`: the rule behind `ceil_mode`.
    `rules`: that, and the biases of recurrent layers. `channels_last`: shapes are printed H × W × C. `sentence` says it
    all in one sentence, for windows and reports.
    """

    key: ConventionKey
    title: str
    counts_state: bool
    rounding: Literal["pytorch", "caffe"]
    rules: Rules
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

    def with_biases_of(self, other: Convention) -> Convention:
        """This convention, but for the biases of recurrent layers, which are those of the other one."""
        biases = BIASES_OF_A_GATE[other.rules]
        if BIASES_OF_A_GATE[self.rules] == biases:
            return self
        return structs.replace(self, rules=_WITH_BIASES[self.rounding, biases])


_WITH_BIASES: dict[tuple[str, int], Rules] = {
    ("pytorch", 1): "keras",
    ("pytorch", 2): "pytorch",
    ("caffe", 1): "caffe",
    ("caffe", 2): "caffe with two biases",
}

PYTORCH = Convention(
    "pytorch",
    "PyTorch",
    counts_state=False,
    rounding="pytorch",
    rules="pytorch",
    channels_last=False,
    sentence="PyTorch counting: parameters are the learned weights and biases; moving statistics are listed apart.",
)
KERAS = Convention(
    "keras",
    "Keras",
    counts_state=True,
    rounding="pytorch",
    rules="keras",
    channels_last=True,
    sentence="Keras counting: parameters include the moving statistics, as non-trainable ones.",
)
CAFFE = Convention(
    "caffe",
    "Caffe",
    counts_state=False,
    rounding="caffe",
    rules="caffe",
    channels_last=False,
    sentence="Caffe counting: parameters are the learned weights and biases; pooling that rounds up does so by "
    "Caffe's rule.",
)

CONVENTIONS: dict[str, Convention] = {item.key: item for item in (PYTORCH, KERAS, CAFFE)}
