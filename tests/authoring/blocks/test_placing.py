"""Building blocks: each fits where a map can flow in, and a selection becomes one."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cnnstudio.authoring.blocks.adapting import fitted, start_of
from cnnstudio.authoring.blocks.placing import place_building, saved_building, shape_at
from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.edits import EditError, chosen
from cnnstudio.core.network.design import Block, Design, Item, find, index_of, structure_faults, walk
from cnnstudio.formats.building_blocks import BuildingBlock, builtin_blocks
from cnnstudio.formats.design_yaml import design_text, parse_design
from cnnstudio.layers.activation import Activation
from cnnstudio.layers.convolution import Conv2D
from cnnstudio.layers.dense import Dense
from cnnstudio.layers.merge import Add
from cnnstudio.layers.reshaping import Flatten
from tests.examples import share
from tests.networks import conv, drawn, image
from tests.strategies import designs

BLOCKS = {block.name: block for block in builtin_blocks()}
each_block = pytest.mark.parametrize("block", BLOCKS.values(), ids=BLOCKS)


def test_the_building_blocks_that_were_promised() -> None:
    promised = ["Residual", "Bottleneck", "Inverted residual", "Inception", "Dense layer", "ConvNeXt", "Fire"]
    assert list(BLOCKS)[: len(promised)] == promised


@each_block
def test_each_is_one_block_that_says_where_it_is_from(block: BuildingBlock) -> None:
    start = start_of(block.design)
    items = block.design.layers[1:] if start else block.design.layers
    assert len(items) == 1
    assert isinstance(items[0], Block)
    assert "arXiv" in block.design.note


@each_block
@given(channels=st.integers(1, 600), height=st.integers(2, 40), width=st.integers(2, 40))
@share(1 / 2)
def test_each_fits_any_channels_and_size(block: BuildingBlock, channels: int, height: int, width: int) -> None:
    """Only a map smaller than a kernel and a halved odd size may be remarked on."""
    design = Design(layers=(image(height, width, channels=channels), Flatten(name="flat")))
    edit = place_building(analyze(design), ((), 1), [block.design])
    assert list(structure_faults(edit.design.layers)) == []
    assert [len(path) for path in edit.focus] == [1]
    twice = place_building(analyze(edit.design), ((), 2), [block.design])
    rules = {problem.rule for problem in (*analyze(edit.design).problems, *analyze(twice.design).problems)}
    may_be_said = {"oversize-window"} if min(height, width) < 7 else set[str]()
    # The normalization of a single channel takes away whatever was added to it.
    may_be_said |= {"bias-before-norm"} if block.name == "ConvNeXt" and channels == 1 else set()
    may_be_said |= {"unused-input"} if block.name == "U-Net level" and (height % 2 or width % 2) else set()
    assert rules <= may_be_said


@each_block
@pytest.mark.parametrize("size", [1, 2, 3, 7, 224])
def test_each_fits_one_row_as_far_as_it_can(block: BuildingBlock, size: int) -> None:
    design = Design(layers=(image(size, size, channels=8),))
    edit = place_building(analyze(design), ((), 1), [block.design])
    rules = [problem.rule for problem in analyze(edit.design).errors]
    assert rules == (["window"] if block.name == "U-Net level" and size == 1 else [])


@pytest.mark.parametrize(
    ("name", "channels", "out"),
    [
        ("Residual", 128, 128),
        ("Bottleneck", 512, 512),
        ("Inverted residual", 40, 40),
        ("Inception", 192, 256),
        ("Dense layer", 64, 96),
        ("ConvNeXt", 192, 192),
        ("Fire", 96, 128),
        ("U-Net level", 32, 32),
    ],
)
def test_what_comes_out(name: str, channels: int, out: int) -> None:
    design = Design(layers=(image(56, 56, channels=channels),))
    edit = place_building(analyze(design), ((), 1), [BLOCKS[name].design])
    assert analyze(edit.design).rows[-1].output_shape == Shape(out, (56, 56))
    assert edit.label == f"Add {name}"


@pytest.mark.parametrize(
    ("name", "channels", "parameters"),
    [
        ("Residual", 64, 2 * 36_864 + 2 * 128),  # torchvision: layer1.0 of ResNet-18
        ("Bottleneck", 256, 70_400),  # torchvision: layer1.1 of ResNet-50
        ("Inverted residual", 24, 10_710),  # torchvision: features.2.1 of EfficientNet-B0
        ("ConvNeXt", 96, 79_296),  # torchvision: features.1.0 of ConvNeXt-T
        ("Fire", 64, 11_408),  # torchvision: features.3 of SqueezeNet 1.1
        ("Dense layer", 64, 45_440),  # torchvision: denseblock1.denselayer1 of DenseNet-121
        ("Inception", 192, 163_696),  # Caffe's inception (3a)
    ],
)
def test_parameters_as_published(name: str, channels: int, parameters: int) -> None:
    design = Design(layers=(image(28, 28, channels=channels),))
    edit = place_building(analyze(design), ((), 1), [BLOCKS[name].design])
    assert analyze(edit.design).totals.parameters == parameters


def test_filters_follow_and_it_is_said() -> None:
    fit = fitted(BLOCKS["Bottleneck"].design, Shape(128, (14, 14)))
    (block,) = fit.items
    assert isinstance(block, Block)
    assert [getattr(item, "filters", None) for item in block.layers if isinstance(item, Conv2D)] == [32, 32, 128]
    assert fit.notes == ("The filters of 'bottleneck' follow the 128 channels that flow in.",)
    assert fitted(BLOCKS["Bottleneck"].design, Shape(256, (14, 14))).notes == ()
    assert fitted(BLOCKS["Bottleneck"].design, None).notes == ()


def test_an_odd_size_is_met_and_it_is_said() -> None:
    fit = fitted(BLOCKS["U-Net level"].design, Shape(64, (7, 10)))
    assert fit.notes == ("'up' has output padding here, because an odd size is halved before it.",)
    design = Design(layers=(image(7, 10, channels=64), *fit.items))
    assert getattr(find(design, ("u_net_level", "up")), "output_padding", None) == (1, 0)


def test_what_has_other_axes_is_said() -> None:
    fit = fitted(BLOCKS["Residual"].design, Shape(10))
    assert fit.notes == ("'residual' is made for 64 × 56 × 56, and here flows 10.",)


def test_grouped_filters_stay_multiples_of_their_groups() -> None:
    block = Block(
        name="b", layers=(conv("a", filters=64, groups=32), conv("c", filters=64), Add(name="s", inputs=("c", "input")))
    )
    (item,) = fitted(Design(layers=(image(8, 8, channels=64), block)), Shape(96, (8, 8))).items
    assert isinstance(item, Block)
    assert [getattr(layer, "filters", 0) for layer in item.layers] == [96, 96, 0]
    (item,) = fitted(Design(layers=(image(8, 8, channels=64), block)), Shape(80, (8, 8))).items
    assert isinstance(item, Block)
    assert [getattr(layer, "filters", 0) for layer in item.layers] == [96, 80, 0]


def test_into_an_empty_design_it_brings_its_input() -> None:
    edit = place_building(analyze(Design()), ((), 0), [BLOCKS["Fire"].design])
    assert drawn(edit.design).startswith("fire(")
    edit = place_building(analyze(Design()), ((), 0), [BLOCKS["ConvNeXt"].design])
    assert drawn(edit.design).startswith("image convnext(")
    assert analyze(edit.design).problems == ()


def test_into_a_block_and_several_at_once() -> None:
    design = Design(layers=(image(8, 8, channels=16), Block(name="stage", repeat=2, layers=(conv("a", filters=16),))))
    blocks = [BLOCKS["Dense layer"].design, BLOCKS["Residual"].design]
    edit = place_building(analyze(design), (("stage",), 0), blocks)
    assert drawn(edit.design).startswith("image stage×2(dense_layer(")
    assert (edit.label, edit.focus) == ("Add 2 building blocks", (("stage", "dense_layer"), ("stage", "residual")))
    assert "The filters of 'residual' follow the 48 channels that flow in." in edit.notes
    assert analyze(edit.design).problems == ()


def test_shapes_at_places() -> None:
    design = Design(
        layers=(image(8, 8, channels=16), Block(name="stage", layers=(conv("a", filters=4),)), Flatten(name="f"))
    )
    analysis = analyze(design)
    assert shape_at(analysis, ((), 0)) is None
    assert shape_at(analysis, ((), 2)) == Shape(4, (8, 8))
    assert shape_at(analysis, ((), 99)) == Shape(256)
    assert shape_at(analysis, (("stage",), 0)) == Shape(16, (8, 8))
    assert shape_at(analysis, (("stage",), 1)) == Shape(4, (8, 8))


def whole(*items: Item) -> Design:
    return Design(layers=(image(16, 16, channels=8), *items))


def test_a_selection_that_takes_other_channels_is_saved_as_it_is() -> None:
    design = whole(conv("a", filters=4), Activation(name="r", function="relu"), Flatten(name="flat"))
    saved = saved_building(analyze(design), [("a",), ("r",)], "Mine")
    assert drawn(saved) == "Mine(a r)"
    assert saved.name == "Mine"


def test_a_selection_that_adds_what_flows_in_keeps_its_input_and_follows_it() -> None:
    design = whole(
        conv("a", filters=8), conv("b", filters=8), Add(name="s", inputs=("b", "image")), Flatten(name="flat")
    )
    saved = saved_building(analyze(design), [("a",), ("b",), ("s",)], "image")
    assert drawn(saved) == "image_1 image(a b s<b,input)"
    edit = place_building(analyze(Design(layers=(image(9, 9, channels=20),))), ((), 1), [saved])
    assert analyze(edit.design).problems == ()
    assert analyze(edit.design).rows[-1].output_shape == Shape(20, (9, 9))


def test_a_block_is_saved_with_its_repeats_wherever_it_stands() -> None:
    inner = Block(name="inner", repeat=3, layers=(conv("a", filters=8), Add(name="s", inputs=("a", "input"))))
    design = whole(Block(name="outer", layers=(conv("x", filters=8), inner)))
    saved = saved_building(analyze(design), [("outer", "inner")], "Three")
    assert drawn(saved) == "image Three×3(a s<a,input)"


@pytest.mark.parametrize(
    ("names", "name", "sentence"),
    [
        ((), "Mine", "select the layers to group first"),
        (("image",), "Mine", "nothing flows into 'image'"),
        (("a",), "", "a name is one line of visible characters"),
        (("a",), "input", "'input' is reserved"),
        (("a",), "x" * 501, "at most 500 characters"),
    ],
)
def test_what_cannot_be_saved(names: tuple[str, ...], name: str, sentence: str) -> None:
    with pytest.raises(EditError, match=sentence):
        saved_building(analyze(whole(conv("a", filters=4))), [(each,) for each in names], name)


def test_several_items_of_a_file_become_one_block() -> None:
    design = Design(
        name="Head", layers=(image(4, 4, channels=8), conv("a", filters=8), Add(name="s", inputs=("a", "image")))
    )
    (block,) = fitted(design, Shape(16, (4, 4))).items
    assert drawn(Design(layers=(block,))) == "Head(a s<a,input)"
    (layer,) = fitted(Design(layers=(Dense(name="fc", units=3),)), Shape(16)).items
    assert layer == Dense(name="fc", units=3)


@given(data=st.data(), design=designs(counted=True))
def test_what_is_saved_is_read_again_and_fits_where_it_was(data: st.DataObject, design: Design) -> None:
    paths = [path for path, _ in walk(design.layers)]
    some = data.draw(st.lists(st.sampled_from(paths), min_size=1, max_size=3))
    analysis = analyze(design)
    try:
        saved = saved_building(analysis, some, "Mine")
    except EditError:
        assume(False)
        return
    assert parse_design(design_text(saved)).design == saved
    first = chosen(design, some)
    parent, index = next(iter(first))[:-1], min(index_of(design, path) for path in first)
    edit = place_building(analysis, (parent, index), [saved])
    assert list(structure_faults(edit.design.layers)) == []
