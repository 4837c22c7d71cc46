"""Refusals of exports: by name, all at once, with what would make the export possible."""

from __future__ import annotations

import pytest

from cnnstudio.exports import TARGETS
from cnnstudio.exports.target import ExportError, ExportOptions
from tests.exports.samples import analysis_of

HEAD = "cnnstudio: 1\nlayers:\n- {type: Input, name: image, size: [12, 12], channels: 4}\n"


def refused(layers: str, key: str) -> list[str]:
    """The reasons of a target against these layers, as sentences."""
    with pytest.raises(ExportError) as caught:
        TARGETS[key].write(analysis_of(HEAD + layers), ExportOptions())
    return [str(refusal) for refusal in caught.value.refusals]


@pytest.mark.parametrize("key", TARGETS)
def test_all_that_cannot_be_said_is_told_at_once(key: str) -> None:
    said = refused(
        "- {type: Opaque, name: first, channels: 4, size: [12, 12], parameters: 7}\n"
        "- {type: Conv2D, name: conv, filters: 4, kernel_size: 1}\n"
        "- {type: Opaque, name: second, channels: 4, parameters: 7}\n",
        key,
    )
    assert [text.partition(":")[0] for text in said] == ["first", "second"]
    assert all("its function is not known" in text and "Replace it by layers" in text for text in said)


@pytest.mark.parametrize("key", TARGETS)
def test_a_design_with_errors_is_refused_with_them(key: str) -> None:
    said = refused("- {type: Conv2D, name: conv, filters: 4, kernel_size: 99}\n", key)
    assert said == [
        "conv: a 99 × 99 kernel does not fit its 12 × 12 input. Use a kernel of 12 or less, or add padding."
    ]


@pytest.mark.parametrize("key", TARGETS)
def test_an_empty_design_is_refused(key: str) -> None:
    with pytest.raises(ExportError, match="the design has no layers"):
        TARGETS[key].write(analysis_of("cnnstudio: 1\nlayers: []\n"), ExportOptions())


@pytest.mark.parametrize(
    ("key", "layer", "reason"),
    [
        (
            "pytorch",
            "{type: InstanceNorm, name: a, inputs: [point]}",
            "normalize an instance of one element",
        ),
        ("pytorch", "{type: GroupNorm, name: a, groups: 4, inputs: [point]}", "refuses to normalize groups of one"),
        ("keras", "{type: BatchNorm, name: a, track_statistics: false}", "always keeps moving statistics"),
        ("keras", "{type: InstanceNorm, name: a, track_statistics: true}", "keeps no statistics of instances"),
        (
            "keras",
            "{type: ConvTranspose2D, name: a, filters: 1, kernel_size: 3, stride: 2, dilation: 2}",
            "refuses a stride beside a dilation",
        ),
        (
            "keras",
            "{type: ConvLSTM1D, name: a, filters: 1, kernel_size: 2, stride: 2, dilation: 2}",
            "refuses a stride beside a dilation",
        ),
    ],
)
def test_corners_of_a_framework_are_refused_by_name(key: str, layer: str, reason: str) -> None:
    point = "- {type: AdaptiveAvgPool, name: point, output_size: 1}\n- {type: Identity, name: map, inputs: [image]}\n"
    (said,) = refused(f"{point}- {layer}\n", key)
    assert said.startswith("a: ")
    assert reason in said


CLASH = """
- {type: Conv2D, name: a/b, filters: 4, kernel_size: 1}
- {type: Conv2D, name: a_b, filters: 4, kernel_size: 1}
"""


def test_names_that_keras_cannot_tell_apart_are_refused() -> None:
    (said,) = refused(CLASH, "keras")
    assert said == r"a_b: in Keras it and a\/b would both be called 'a_b'. Rename one of them."


def test_an_input_inside_a_block_is_refused_with_its_blocks() -> None:
    inside = (
        "- type: Block\n  name: stage\n  layers:\n  - {type: Input, name: other, size: [12, 12], channels: 4}\n"
        "  - {type: Add, name: sum, inputs: [other, input]}\n"
    )
    (said,) = refused(inside, "pytorch")
    assert said.startswith("stage/other: an Input inside a block")


@pytest.mark.parametrize(("kind", "most"), [("Add", 500), ("Multiply", 500), ("Maximum", 150)])
def test_an_expression_that_python_cannot_read_is_refused(kind: str, most: int) -> None:
    names = ", ".join(["image"] * most)
    layers = f"- {{type: {kind}, name: joined, inputs: [{names}]}}\n"
    compile(TARGETS["pytorch"].write(analysis_of(HEAD + layers), ExportOptions()).text, "net", "exec")
    (said,) = refused(layers.replace("[image", "[image, image"), "pytorch")
    assert said == (
        f"joined: {kind}: it joins {most + 1} tensors, and Python reads an expression of at most {most}. "
        "Join them in several layers."
    )
