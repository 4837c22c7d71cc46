"""The chart as a picture: valid XML whatever the names are, lengths to scale, colours and words passed in."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given

from cnnstudio.drawings.chart.bar import Bar
from cnnstudio.drawings.chart.svg import ROW, ChartWords, bar_chart_svg, families_in
from cnnstudio.drawings.colours import ChartColours
from cnnstudio.layers.families import FAMILY_TITLES
from tests import hostile
from tests.svg import SVG

FILLS = {family: f"#0000{number:02x}" for number, family in enumerate(FAMILY_TITLES)}
COLOURS = ChartColours("#ffffff", "#111111", "#777777", "#dddddd", FILLS)
WORDS = ChartWords("A design", "Parameters: 1,300 in all", FAMILY_TITLES)
BARS = (
    Bar(("image",), "image", "structure", 0, 0.0),
    Bar(("conv",), "conv", "convolution", 300, 0.23),
    Bar(("stage",), "stage × 2", "block", 1000, 0.77, parts=(("convolution", 900), ("pooling", 100))),
)


def parsed(bars: tuple[Bar, ...] = BARS, *, is_log: bool = False, words: ChartWords = WORDS) -> ElementTree.Element:
    return ElementTree.fromstring(bar_chart_svg(bars, "parameters", COLOURS, words, is_log=is_log))


def pieces(picture: ElementTree.Element, family: str) -> list[float]:
    """The lengths of the bars in the colour of a family, without signs of the legend and of the rows."""
    found = picture.iter(f"{SVG}rect")
    return [
        float(bar.attrib["width"]) for bar in found if bar.attrib["fill"] == FILLS[family] and "rx" not in bar.attrib
    ]


def texts(picture: ElementTree.Element) -> list[str]:
    return ["".join(text.itertext()) for text in picture.iter(f"{SVG}text")]


def test_lengths_are_in_proportion_and_a_block_is_in_pieces_by_family() -> None:
    conv, piece = pieces(parsed(), "convolution")
    (pooling,) = pieces(parsed(), "pooling")
    assert piece / conv == pytest.approx(3, rel=1e-3)
    assert piece / pooling == pytest.approx(9, rel=1e-2)


def test_log_lengths_are_powers_of_ten() -> None:
    ten, thousand = (Bar((name,), name, "dense", value, 0.5) for name, value in (("a", 10), ("b", 1000)))
    short, long = pieces(parsed((ten, thousand), is_log=True), "dense")
    assert long / short == pytest.approx(3, rel=1e-3)


def test_0_has_no_bar_and_unknown_is_marked_and_not_0() -> None:
    unknown = Bar(("x",), "x", "dense", None, None)
    picture = parsed((BARS[0], unknown))
    assert pieces(picture, "structure") == pieces(picture, "dense") == []
    assert texts(picture)[-1] == "unknown"
    assert any("stroke-dasharray" in bar.attrib for bar in picture.iter(f"{SVG}rect"))


def test_it_says_title_legend_names_and_values() -> None:
    said = texts(parsed())
    for text in ("A design", "Parameters: 1,300 in all", "Convolution", "Block", "conv", "300 · 23.0 %"):
        assert text in said
    assert "Dense" not in said


def test_every_row_has_its_letter_so_that_colour_is_not_alone() -> None:
    said = texts(parsed())
    assert [said.count(letter) for letter in "SCPB"] == [2, 2, 1, 2]


def test_the_picture_grows_with_its_rows() -> None:
    heights = [float(parsed(BARS * times).attrib["height"]) for times in (1, 50)]
    assert heights[1] - heights[0] == ROW * 3 * 49


def test_an_empty_chart_is_a_picture_too() -> None:
    assert texts(parsed(()))[0] == "A design"


def test_families_are_in_the_order_of_the_legend() -> None:
    assert families_in(BARS[::-1]) == ["convolution", "pooling", "structure", "block"]


@given(hostile.names)
def test_any_name_is_written_in_full_or_in_short_and_cannot_break_out(name: str) -> None:
    hostile_bar = Bar((name,), name, "dense", 5, 1.0, within=f"{name}/")
    picture = parsed((hostile_bar,), words=ChartWords(name, name, FAMILY_TITLES))
    assert {element.tag.removeprefix(SVG) for element in picture.iter()} <= {
        *("svg", "title", "desc", "rect", "text", "tspan", "g", "line"),
    }
    assert len(picture.findall(f".//{SVG}g")) == 1
    assert all(len(text) < 700 for text in texts(picture)[3:])


def test_long_names_are_shortened_where_they_stand_and_whole_in_the_tip() -> None:
    long = Bar(("n" * 300,), "n" * 300, "dense", 5, 1.0)
    picture = parsed((long,))
    assert f"{'n' * 300}: 5 · 100.0 %" in [title.text for title in picture.iter(f"{SVG}title")]
    assert max(map(len, texts(picture))) < 60
