"""A table of vectors, one for each word."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from msgspec import Meta

from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.network.layer import Counts, Layer, Scope, Size, single
from cnnstudio.core.network.problem import Refusal
from cnnstudio.core.network.step import Made, Step
from cnnstudio.layers.demands import describe
from cnnstudio.layers.reshaping import axis_symbols


class Embedding(Layer, frozen=True, kw_only=True):
    """Looks up a learned vector for each word: V · N weights, and no multiplication.

    It takes the numbers of the words: a vector of n of them becomes a sequence of n steps, a map of one channel keeps
    its places. Source: Bengio et al. 2003; torch.nn.Embedding; keras.layers.Embedding.
    """

    family: ClassVar[str] = "dense"
    starts_with: ClassVar[dict[str, Any]] = {"vocabulary": 10_000, "width": 128}
    symbols: ClassVar[dict[str, str]] = {"V": "words in the vocabulary", "N": "width of a word", "n": "words"}

    vocabulary: Annotated[Size, Meta(title="Vocabulary", description="different words; each has a vector of its own")]
    width: Annotated[Size, Meta(title="Width", description="numbers in the vector of a word, the output channels")]

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        shape = single(inputs)
        if shape.rank and shape.channels > 1:
            sentence = f"Embedding takes the number of a word at each place, and receives {describe(shape)}."
            raise Refusal("tokens", sentence, "Give it a vector of numbers, or a map of 1 channel.")
        width = scope.symbol("N", self.width)
        weights = scope.symbol("V", self.vocabulary) * width
        places = axis_symbols(shape, scope) if shape.rank else (scope.symbol("n", shape.channels),)
        return Counts(
            Shape(width, places),
            weights,
            0,
            weights,
            # The places of a vector are no places of an image, of which a window could see a part.
            reach="pointwise" if shape.rank else "unknown",
            reasons=(("macs", "it looks up and does not multiply"), ("biases", "there are none")),
        )

    def steps(self, inputs: tuple[Shape, ...], counts: Counts) -> tuple[Step, ...]:
        # The numbers of the words as PyTorch takes them, of 8 bytes.
        words = Made("numbers of words", single(inputs).elements, size=8)
        return (
            Step(
                output=counts.output.elements,
                flow="single",
                makes=(words,),
                gradient="none",
                weights=counts.weights,
                order="last",
            ),
        )

    def weight_shapes(self, shape: Shape, *, channels_last: bool) -> tuple[tuple[int, ...], ...]:
        return ((self.vocabulary, self.width),)

    def summary(self) -> str:
        return f"{self.vocabulary} × {self.width}"
