"""The diagram as an SVG file: well-formed, with every text as text, the same bytes every time, for any name."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given

from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.network.design import Block, Design, walk
from cnnstudio.drawings.colours import CSS_PAGE, DARK_PAGE, LIGHT_PAGE
from cnnstudio.drawings.diagram import Style, diagram_drawing, diagram_svg
from cnnstudio.drawings.diagram.boxes.layering import laid_out
from cnnstudio.drawings.diagram.drawing import Text
from cnnstudio.drawings.diagram.graph import every_block
from cnnstudio.formats.builtin import open_design
from cnnstudio.layers.convolution import Conv2D
from cnnstudio.layers.families import FAMILY, FAMILY_TITLES
from cnnstudio.layers.merge import Add
from cnnstudio.layers.structure import Identity, Input
from tests import hostile
from tests.golden import Golden
from tests.networks import builtin
from tests.strategies import designs
from tests.svg import SVG, texts

KNOWN = {f"{SVG}{tag}" for tag in ("svg", "title", "desc", "rect", "path", "text", "g")}


@pytest.mark.parametrize("name", ["lenet-5", "resnet-18", "u-net"])
def test_golden(name: str, golden: Golden) -> None:
    golden(f"diagram-{name}.svg", diagram_svg(builtin(name), folded=every_block(open_design(name).design)))


def test_golden_of_open_blocks_from_left_to_right_and_dark(golden: Golden) -> None:
    analysis = builtin("resnet-18")
    folded = every_block(analysis.design) - {("layer2",), ("layer2", "first")}
    golden("diagram-resnet-18-right-dark.svg", diagram_svg(analysis, direction="right", folded=folded, dark=True))


@pytest.mark.parametrize("direction", ["down", "right"])
def test_it_says_the_name_and_the_shape_of_every_layer(direction: str) -> None:
    analysis = builtin("googlenet")
    said = texts(diagram_svg(analysis, direction="down" if direction == "down" else "right"))
    for _, item in walk(analysis.design.layers):
        assert item.name in said
    for row in analysis.rows:
        assert row.output_shape is not None
        assert " × ".join(map(str, row.output_shape.to_list())) in said


def test_shapes_are_in_the_order_of_the_convention_or_as_asked() -> None:
    analysis = builtin("alexnet")
    assert "96 × 55 × 55" in texts(diagram_svg(analysis))
    assert "55 × 55 × 96" in texts(diagram_svg(analysis, channels_last=True))


def test_the_same_bytes_whether_or_not_it_was_laid_out_before() -> None:
    analysis = builtin("inception-v3")
    before = diagram_svg(analysis)
    laid_out.cache_clear()
    assert diagram_svg(analysis) == before


def test_light_and_dark_differ_in_colours_alone() -> None:
    light, dark = (diagram_svg(builtin("resnet-18"), dark=is_dark) for is_dark in (False, True))
    assert texts(light) == texts(dark)
    assert LIGHT_PAGE.paper in light
    assert DARK_PAGE.paper in dark
    assert LIGHT_PAGE.paper not in dark


def test_colours_may_be_variables_of_a_style_sheet() -> None:
    svg = diagram_svg(builtin("alexnet"), colours=CSS_PAGE)
    assert texts(svg) == texts(diagram_svg(builtin("alexnet")))
    assert 'fill="color-mix(in srgb, var(--paper), var(--family-convolution) 11%)"' in svg
    assert "#" not in svg


def test_what_is_wrong_is_said_in_words() -> None:
    layers = (
        Input(name="image", size=(8, 8), channels=3),
        Conv2D(name="conv", filters=1, kernel_size=9),
        Block(name="stage", layers=(Identity(name="after"),)),
    )
    design = Design(layers=layers)
    said = texts(diagram_svg(analyze(design)))
    assert said.count("error") == 1
    assert said.count("!") == 1
    assert said.count("unknown") == 3
    assert "0" not in said
    tips = [title.text or "" for title in ElementTree.fromstring(diagram_svg(analyze(design))).iter(f"{SVG}title")]
    assert any("9 × 9 kernel" in tip for tip in tips)


def test_an_edge_that_stands_for_several_says_so() -> None:
    image = Input(name="image", size=(8, 8), channels=3)
    design = Design(layers=(image, Add(name="sum", inputs=("image", "image"))))
    assert "× 2" in texts(diagram_svg(analyze(design)))


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        ("boxes", "Convolution Pooling Dense Activation Reshaping Structure"),
        ("volumes", "Convolution Pooling Dense Structure"),
    ],
)
def test_a_legend_tells_of_the_families_that_are_drawn(style: Style, expected: str) -> None:
    analysis = builtin("alexnet")
    plain, told = (
        diagram_drawing(
            analysis,
            LIGHT_PAGE,
            style=style,
            direction=None,
            folded=(),
            channels_last=False,
            labels=None,
            legend=legend,
        )
        for legend in (None, FAMILY_TITLES)
    )
    assert told.groups[:-1] == plain.groups
    left, top, width, height = told.groups[-1].bounds
    assert top >= plain.height - 1
    assert left + width <= told.width
    assert top + height <= told.height
    said = [shape.text for shape in told.groups[-1].shapes if isinstance(shape, Text)]
    assert [text for text in said if len(text) > 1] == expected.split()
    assert [text for text in said if len(text) == 1] == [FAMILY[word.lower()].letter for word in expected.split()]


def test_an_empty_design_is_a_picture_too() -> None:
    assert texts(diagram_svg(analyze(Design()))) == []


@given(hostile.renamed(designs()))
def test_no_name_breaks_out_of_the_file(design: Design) -> None:
    svg = diagram_svg(analyze(design))
    assert {element.tag for element in ElementTree.fromstring(svg).iter()} <= KNOWN
    assert not any("\n" in text or "\x00" in text for text in texts(svg))


def test_a_long_name_is_shortened_on_the_box_and_whole_in_the_tip() -> None:
    design = Design(layers=(Input(name="n" * 300, size=(8, 8), channels=3),))
    svg = diagram_svg(analyze(design))
    assert any(text.startswith("nnn") and text.endswith("…") for text in texts(svg))
    assert "n" * 300 in svg
