"""The style of volumes: which maps are drawn, sides that follow sizes, labels that can be replaced, no overlaps."""

from __future__ import annotations

from itertools import combinations, pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.network.design import Design
from cnnstudio.drawings.colours import LIGHT_PAGE
from cnnstudio.drawings.diagram import DIRECTIONS, diagram_svg
from cnnstudio.drawings.diagram.boxes.placement import Direction
from cnnstudio.drawings.diagram.drawing import Drawing, Group
from cnnstudio.drawings.diagram.graph import every_block, graph_of
from cnnstudio.drawings.diagram.volumes.places import Labels
from cnnstudio.drawings.diagram.volumes.sequence import Sequence, sequence_of
from cnnstudio.drawings.diagram.volumes.solids import MapScale, faces, scale_of, solid_of
from cnnstudio.drawings.diagram.volumes.volumes import volumes_drawing
from cnnstudio.formats.builtin import builtin_paths, open_design
from cnnstudio.formats.design_yaml import parse_design
from tests import hostile
from tests.drawings.diagram.geometry import overlap
from tests.golden import Golden
from tests.strategies import designs
from tests.svg import SVG, texts

HEAD = "cnnstudio: 1\nname: Netz\nlayers:\n- {type: Input, name: image, size: [8, 8], channels: 3}\n"


def sequence(name: str, *, is_folded: bool = False) -> Sequence:
    """The volumes of a built-in design."""
    design = open_design(name).design
    return sequence_of(graph_of(analyze(design), every_block(design) if is_folded else ()))


def names(found: Sequence) -> list[str]:
    return [volume.box.name for volume in found.volumes]


def drawing(
    design: Design, direction: Direction = "right", labels: Labels | None = None, wrap: float | None = None
) -> Drawing:
    return volumes_drawing(sequence_of(graph_of(analyze(design))), LIGHT_PAGE, direction, labels=labels, wrap=wrap)


def test_alexnet_is_drawn_as_in_its_paper() -> None:
    expected = "image Conv-1 MaxPool-1 Conv-2 MaxPool-2 Conv-3 Conv-4 Conv-5 MaxPool-3 FC-1 FC-2 FC-3"
    assert names(sequence("alexnet")) == expected.split()


def test_a_map_flows_through_what_does_not_change_it() -> None:
    found = sequence("resnet-18")
    assert not {volume.box.family for volume in found.volumes} & {"normalization", "activation"}
    numbers = {volume.box.path: number for number, volume in enumerate(found.volumes)}
    add = found.volumes[numbers["layer2", "rest", "add"]]
    assert (add.sign, add.sources) == (
        "+",
        (numbers["layer2", "rest", "conv2"], numbers["layer2", "first", "add"]),
    )


def test_the_cropped_maps_of_u_net_go_straight_into_concatenation() -> None:
    found = sequence("u-net", is_folded=True)
    numbers = {volume.box.name: number for number, volume in enumerate(found.volumes)}
    assert "crop1" not in numbers
    assert found.volumes[numbers["concat1"]].sources == (numbers["down1"], numbers["upconv1"])


def test_what_a_block_repeats_is_drawn_once_under_a_brace() -> None:
    found = sequence("densenet-121")
    assert [(span.box.name, span.box.times) for span in found.spans][:2] == [("denseblock1", 6), ("denseblock2", 12)]
    first = found.spans[0]
    assert [volume.box.path[0] for volume in found.volumes[first.first : first.last + 1]] == ["denseblock1"] * 3
    said = texts(diagram_svg(analyze(open_design("densenet-121").design), style="volumes"))
    assert "denseblock1 × 6" in said


@pytest.mark.parametrize(
    ("layer", "is_drawn"),
    [
        ("{type: Flatten}", False),
        ("{type: ZeroPad, margin: 1}", False),
        ("{type: Identity}", False),
        ("{type: Dropout}", False),
        ("{type: Upsample, scale: 2}", True),
        ("{type: Conv2D, filters: 3, kernel_size: 1}", True),
        ("{type: GlobalAvgPool}", True),
    ],
)
def test_what_has_a_volume_of_its_own(layer: str, is_drawn: bool) -> None:
    design = parse_design(HEAD + f"- {layer}\n".replace("margin", "padding")).design
    assert len(sequence_of(graph_of(analyze(design))).volumes) == 1 + is_drawn


@given(st.integers(1, 4000), st.integers(1, 4000), st.integers(1, 4000))
def test_a_larger_size_has_a_longer_side_and_the_scale_compresses(small: int, more: int, channels: int) -> None:
    scale = MapScale(small + more, channels)
    first, second = (solid_of(Shape(channels, (size, size)), scale) for size in (small, small + more))
    assert first.high <= second.high
    assert first.thick == second.thick
    # Or both are as small as can be drawn.
    assert second.high / first.high <= (small + more) / small + 1e-9
    thicker = solid_of(Shape(channels + more, (small, small)), scale)
    assert thicker.thick >= first.thick


def test_each_axis_has_its_side() -> None:
    scale = scale_of([Shape(3, (64, 16))])
    flat = solid_of(Shape(3, (64, 16)), scale)
    assert flat.high > flat.deep
    vector, line, clip = (solid_of(Shape(64, spatial), scale) for spatial in ((), (64,), (16, 64, 32)))
    assert vector.thick < vector.high
    assert line.deep < line.high
    assert clip.slices > 1
    assert clip.high > clip.deep
    scans = solid_of(Shape(64, (9, 16, 64, 32)), scale)
    # Each step of time stands as a volume alone does, and apart from the next.
    assert (scans.slices, scans.steps, scans.high, scans.deep) == (clip.slices, 3, clip.high, clip.deep)
    assert len(faces(scans, 0, 0)) == 3 * clip.slices
    gaps = {round(right - left - scans.thick, 6) for left, right in pairwise(scans.lefts)}
    assert len(gaps) == 2
    assert scans.front_width == scans.lefts[-1] + scans.thick


def test_the_window_of_a_layer_over_steps_is_that_of_its_maps() -> None:
    said = texts(diagram_svg(analyze(open_design("convlstm-video").design), style="volumes"))
    assert {"5 × 5", "3 × 3"} <= set(said)
    assert "5 × 5 × 5" not in said


def test_labels_say_name_window_and_sizes_and_can_be_replaced() -> None:
    analysis = analyze(open_design("alexnet").design)
    said = texts(diagram_svg(analysis, style="volumes", channels_last=True))
    place = said.index("Conv-1")
    assert said[place : place + 3] == ["Conv-1", "11 × 11 / 4", "55 × 55 × 96"]
    labels: Labels = {("Conv-1",): "first\nconvolution <1>"}
    changed = texts(diagram_svg(analysis, style="volumes", channels_last=True, labels=labels))
    assert changed[place : place + 2] == ["first", "convolution <1>"]
    assert changed[place + 2 :] == said[place + 3 :]


def test_unknown_is_drawn_as_unknown_and_said_in_words() -> None:
    design = parse_design(HEAD + "- {type: Conv2D, name: conv, filters: 1, kernel_size: 9}\n- {type: Flatten}\n").design
    said = texts(diagram_svg(analyze(design), style="volumes"))
    assert said.count("unknown") == 2
    assert said.count("error") == 1


def solids_of(drawn: Drawing) -> list[Group]:
    return [group for group in drawn.groups if group.kind == "box"]


def labels_of(drawn: Drawing) -> list[Group]:
    return [group for group in drawn.groups if group.kind == "label" and group.path]


def area(group: Group) -> tuple[float, float, float, float]:
    left, top, width, height = group.bounds
    return left, top, left + width, top + height


def assert_nothing_overlaps(drawn: Drawing) -> None:
    for groups in (solids_of(drawn), labels_of(drawn)):
        for first, second in combinations(groups, 2):
            assert not overlap(area(first), area(second))
    for solid in solids_of(drawn):
        for label in labels_of(drawn):
            assert not overlap(area(solid), area(label))
    for group in drawn.groups:
        left, top, right, bottom = area(group)
        assert left >= 0
        assert top >= 0
        assert right <= drawn.width
        assert bottom <= drawn.height


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("name", sorted(set(builtin_paths()) - {"efficientnet-v2-s", "inception-v3-aux"}))
def test_no_built_in_design_has_overlaps(name: str, direction: Direction) -> None:
    design = open_design(name).design
    folded = every_block(design) if name.startswith(("inception", "xception", "googlenet")) else ()
    found = sequence_of(graph_of(analyze(design), folded))
    assert_nothing_overlaps(volumes_drawing(found, LIGHT_PAGE, direction))


@given(hostile.renamed(designs()), st.sampled_from(DIRECTIONS), st.data())
def test_any_design_is_drawn_and_no_label_breaks_out(design: Design, direction: Direction, data: st.DataObject) -> None:
    labels: Labels = {(item.name,): data.draw(hostile.notes) for item in design.layers[:2]}
    assert_nothing_overlaps(drawing(design, direction, labels))
    svg = diagram_svg(analyze(design), style="volumes", direction=direction, labels=labels)
    assert {element.tag.removeprefix(SVG) for element in ElementTree.fromstring(svg).iter()} <= {
        *("svg", "title", "rect", "path", "text", "g"),
    }


def test_a_row_wraps_where_no_connection_leads_past() -> None:
    for name, most in (("vgg-16", 640), ("resnet-18", 600), ("densenet-121", 1_050)):
        design = open_design(name).design
        row, rows = drawing(design), drawing(design, wrap=most)
        assert rows.width <= most
        assert rows.height > row.height * 1.5
        assert len(solids_of(rows)) == len(solids_of(row))
        assert_nothing_overlaps(rows)


def test_a_row_that_connections_hold_together_does_not_wrap() -> None:
    design = open_design("u-net").design
    outer = [
        group for group in solids_of(drawing(design, wrap=600)) if group.path in {("down2", "conv2"), ("concat2",)}
    ]
    assert outer[0].bounds[1] + outer[0].bounds[3] == pytest.approx(outer[1].bounds[1] + outer[1].bounds[3], abs=30)


@given(designs(), st.integers(100, 600))
def test_any_design_wraps_without_overlaps(design: Design, wrap: int) -> None:
    assert_nothing_overlaps(drawing(design, wrap=wrap))


def test_an_empty_design_is_a_picture_too() -> None:
    assert drawing(Design()).groups == ()


@pytest.mark.parametrize("name", ["alexnet", "lenet-5"])
def test_golden(name: str, golden: Golden) -> None:
    golden(f"volumes-{name}.svg", diagram_svg(analyze(open_design(name).design), style="volumes"))
