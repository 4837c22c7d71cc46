"""The words of problems."""

from __future__ import annotations

import pytest

from cnnstudio.core.network.problem import Problem, Refusal, did_you_mean, listed, with_article
from cnnstudio.layers import LAYER_TYPES


@pytest.mark.parametrize(
    ("number", "article"),
    [
        *(
            (8, "an"),
            (11, "an"),
            (18, "an"),
            (80, "an"),
            (88, "an"),
            (800, "an"),
            (8000, "an"),
            (11_000, "an"),
            ("18,000", "an"),
            ("8,000", "an"),
        ),
        *(
            (1, "a"),
            (7, "a"),
            (10, "a"),
            (12, "a"),
            (110, "a"),
            (118, "a"),
            (1100, "a"),
            (180, "a"),
            ("110,000", "a"),
            ("1,800", "a"),
        ),
    ],
)
def test_the_article_follows_the_sound_of_the_number(number: int | str, article: str) -> None:
    assert with_article(f"{number} × 3 kernel") == f"{article} {number} × 3 kernel"


@pytest.mark.parametrize(
    "said", ["a kernel of 11", "an input", "a unit", "a UNet", "an RNN", "a OneHot", "a PixelShuffle", "an MLP"]
)
def test_a_word_has_the_article_of_its_sound(said: str) -> None:
    assert with_article(said.split(" ", 1)[1]) == said


WITH_AN = [
    *("AvgPool1D", "AvgPool2D", "AvgPool3D", "AdaptiveAvgPool", "AdaptiveMaxPool", "Activation", "Add", "Average"),
    *("Embedding", "InstanceNorm", "Input", "Identity", "Output", "Opaque", "Upsample", "Unfold"),
    *("LSTM", "LPPool1D", "LPPool2D", "LPPool3D"),
]
WITH_A = [
    *(
        "Conv1D",
        "Conv2D",
        "Conv3D",
        "ConvTranspose1D",
        "ConvTranspose2D",
        "ConvTranspose3D",
        "ConvLSTM1D",
        "ConvLSTM2D",
        "ConvLSTM3D",
    ),
    *("DepthwiseConv1D", "DepthwiseConv2D", "SeparableConv1D", "SeparableConv2D"),
    *("LocallyConnected1D", "LocallyConnected2D", "MaxPool1D", "MaxPool2D", "MaxPool3D", "GlobalAvgPool"),
    *("GlobalMaxPool", "Subsampling", "BlurPool", "MaxUnpool", "Reduce", "Dense", "GRU", "SimpleRNN"),
    *("MultiHeadAttention", "DotProductAttention", "WindowAttention", "RelativePositionBias", "MatMul"),
    *("BatchNorm", "LayerNorm", "GroupNorm", "LocalResponseNorm", "GlobalResponseNorm", "UnitNormalization", "Scale"),
    *("Rescaling", "Normalization", "PReLU", "GLU", "Concat", "Multiply", "Subtract", "Maximum", "Minimum", "Stack"),
    *("Flatten", "Reshape", "RepeatVector", "Permute", "ZeroPad", "Crop", "PixelShuffle", "PixelUnshuffle"),
    *("ChannelShuffle", "Slice", "WindowPartition", "WindowMerge", "Fold", "Dropout", "SpatialDropout", "DropPath"),
    *("Parameter", "Function", "Split", "FurtherOutput"),
]


def test_every_layer_type_has_the_article_of_its_sound() -> None:
    assert {name for name in LAYER_TYPES if with_article(name) == f"an {name}"} == set(WITH_AN)
    assert {name for name in LAYER_TYPES if with_article(name) == f"a {name}"} == set(WITH_A)


@pytest.mark.parametrize(("parts", "text"), [(["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")])
def test_parts_are_listed_as_people_do(parts: list[str], text: str) -> None:
    assert listed(parts) == text


@pytest.mark.parametrize(
    ("received", "hint"),
    [("Conv2d", " Did you mean 'Conv2D'?"), ("covn2D", " Did you mean 'Conv2D'?"), ("Banana", "")],
)
def test_a_near_miss_is_named(received: str, hint: str) -> None:
    assert did_you_mean(received, ["Conv2D", "Flatten"]) == hint


def test_a_problem_is_place_sentence_and_remedy() -> None:
    assert (
        str(Problem("error", "conv", "window", "it does not fit.", "Use less.")) == "conv: it does not fit. Use less."
    )
    assert str(Problem("warning", "", "empty", "nothing there.", "")) == "nothing there."


def test_a_refusal_carries_its_remark() -> None:
    refusal = Refusal("rank", "it needs a map.", "Leave it out.")
    assert str(refusal) == "it needs a map. Leave it out."
    assert (refusal.remark.rule, refusal.remark.sentence, refusal.remark.remedy) == (
        "rank",
        "it needs a map.",
        "Leave it out.",
    )
