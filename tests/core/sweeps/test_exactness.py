"""Every row of a sweep is what the analysis of the same edit made by hand says."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec import structs

from cnnstudio.authoring.retyping import change_type, types_beside
from cnnstudio.core.budgets.condition import condition_from
from cnnstudio.core.counting import analysis
from cnnstudio.core.network.design import Block, Design, ItemPath, path_text, walk
from cnnstudio.core.network.field_text import field_text
from cnnstudio.core.network.memory_setting import Setting
from cnnstudio.core.sweeps import plan, running
from cnnstudio.core.sweeps.axis import Axis, parse_axis, varied_fields
from cnnstudio.core.sweeps.running import chunks
from cnnstudio.core.sweeps.space import Sample, Space
from cnnstudio.core.sweeps.table import Table
from cnnstudio.formats.builtin import builtin_paths
from cnnstudio.layers.convolution import Conv2D
from cnnstudio.layers.merge import Add
from cnnstudio.layers.structure import Input
from tests.core.sweeps.by_hand import assert_same
from tests.designs.builtin import load
from tests.examples import some
from tests.networks import conv, design_of
from tests.strategies import designs, field_values

FACTORS = ("*0.5", "*1", "*2", "*3", "/2")


@st.composite
def axes(draw: st.DrawFn, design: Design) -> Axis:
    """A field of an item of a design, with values that it may refuse, or the type of a layer."""
    path, item = draw(st.sampled_from(list(walk(design.layers))))
    others = () if isinstance(item, Block) else types_beside(item)
    if others and draw(st.integers(0, 4)) == 0:
        return Axis(
            f"{path_text(path)}.type", "type", (path,), tuple({type(item).__name__, draw(st.sampled_from(others))})
        )
    field = draw(st.sampled_from(varied_fields(item)))
    value = field_values(field, getattr(item, "rank", 2)).map(lambda found: field_text(field, found))
    texts = st.one_of(value, st.sampled_from(FACTORS)) if field.kind in ("integer", "sizes") else value
    values = draw(st.lists(texts, min_size=1, max_size=3, unique=True))
    return Axis(f"{path_text(path)}.{field.name}", field.name, (path,), tuple(values))


def require_same(space: Space) -> None:
    """Compares every row."""
    table = Table()
    for chunk in chunks(space):
        table.add(chunk)
    assert len(table) == space.size
    for row in table:
        assert_same(space, row)


@given(st.data(), designs())
def test_a_row_is_the_analysis_of_the_same_edits(data: st.DataObject, design: Design) -> None:
    found: dict[tuple[tuple[ItemPath, ...], str], Axis] = {}
    for _ in range(data.draw(st.integers(1, 3))):
        axis = data.draw(axes(design))
        found.setdefault((axis.paths, axis.field), axis)
    require_same(Space(design, tuple(found.values()), change_type))


@given(st.data(), designs())
def test_a_row_of_scaled_widths_is_the_analysis_of_the_scaled_design(data: st.DataObject, design: Design) -> None:
    word = data.draw(st.sampled_from(["width", "depth"]))
    path, _ = data.draw(st.sampled_from(list(walk(design.layers))))
    factors = data.draw(st.lists(st.sampled_from(["*0.5", "*1", "*2", "*3"]), min_size=1, max_size=3, unique=True))
    other = data.draw(axes(design))
    # What is scaled is not set as well, which is refused.
    assume(other.field not in ("filters", "units", "repeat"))
    require_same(Space(design, (other, Axis(f"x.{word}", word, (path,), tuple(factors), scales=True)), change_type))


@pytest.mark.parametrize("name", some(builtin_paths()))
def test_rows_of_built_in_designs(name: str) -> None:
    """Widths, repeats, windows and sizes of three layers by chance, with the input's size."""
    design, random = load(name), Random(name)
    texts = [f"{path_text((design.layers[0].name,))}.size=*0.5,*1,33,2"]
    items = [(path, item) for path, item in walk(design.layers) if varied_fields(item)]
    for path, item in random.sample(items, 4):
        numbers = [field for field in varied_fields(item) if field.kind == "integer"]
        if numbers:
            texts.append(f"{path_text(path)}.{random.choice(numbers).name}=1,*1,*2,*3")
    found = [parse_axis(design, text, change_type) for text in texts]
    unlike = {(axis.paths, axis.field): axis for axis in found}
    space = Space(design, tuple(unlike.values()), change_type)
    count = min(space.points, 12)
    require_same(Space(design, space.axes, change_type, sample=Sample(count, seed=len(name))))


def test_layers_that_share_weights_are_counted_together() -> None:
    image = Input(name="image", size=(8, 8), channels=3)
    tower = Conv2D(name="tower", filters=4, kernel_size=3, padding=1, inputs=("image",))
    twin = Conv2D(name="twin", filters=4, kernel_size=3, padding=1, inputs=("image",), shares="tower")
    design = Design(layers=(image, tower, twin, Add(name="sum", inputs=("tower", "twin"))))
    texts = ("tower.filters=2,4", "twin.kernel_size=3,5", "image.channels=1,3")
    require_same(Space(design, tuple(parse_axis(design, text, change_type) for text in texts), change_type))


@pytest.mark.parametrize(
    "texts",
    [
        ("layer*.width=*0.5,*1,*2", "layer*.depth=*1,*3"),
        ("layer3.width=*0.5,*0.001", "image.size=64,224", "layer3/first/conv1.type=Conv2D,DepthwiseConv2D"),
        ("*.width=*0.75", "*.depth=*0.5,*2", "*.bias=on,off", "conv1.kernel_size=7,3"),
        ("conv1.width=*2", "layer2.repeat=1,2"),
    ],
)
def test_rows_of_widths_and_depths_are_those_of_the_scaled_design(texts: tuple[str, ...]) -> None:
    design = load("resnet-50")
    require_same(Space(design, tuple(parse_axis(design, text, change_type) for text in texts), change_type))


@pytest.mark.parametrize("chosen", [None, Setting(batch=8, optimizer="sgd", precision="bf16", mode="inference")])
def test_memory_is_that_of_the_variant_in_the_setting_of_the_design(chosen: Setting | None) -> None:
    design = structs.replace(load("lenet-5-modern"), memory=chosen)
    axes = [parse_axis(design, text, change_type) for text in ("conv1.filters=6,*2,*0.3", "conv2.kernel_size=5,99")]
    conditions = (condition_from("memory <= 70MB"), condition_from("kept_bytes <= 1MB"))
    for asked in ((), conditions):
        require_same(Space(design, tuple(axes), change_type, conditions=asked, has_memory=True))


def test_memory_is_found_once_a_variant(monkeypatch: pytest.MonkeyPatch) -> None:
    design = load("lenet-5-modern")
    analyses: list[Design] = []

    def counting(design: Design) -> analysis.Analysis:
        analyses.append(design)
        return analysis.analyze(design)

    monkeypatch.setattr(running, "analyze", counting)
    axes = (parse_axis(design, "conv1.filters=6,8", change_type),)
    list(chunks(Space(design, axes, change_type, conditions=(condition_from("memory <= 70MB"),), has_memory=True)))
    assert len(analyses) == 2
    list(chunks(Space(design, axes, change_type)))
    assert len(analyses) == 2


def test_connections_are_charged_as_in_an_analysis(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Block(name="stage", layers=(conv("c"),))
    design = design_of(conv("a"), conv("b"), Add(name="sum", inputs=("a", "b")), stage)
    # Five items and one inside: so few are within the bound only as long as the connections are left out.
    for module in (analysis, plan):
        monkeypatch.setattr(module, "MAX_ANALYZED", 6)
    require_same(Space(design, (parse_axis(design, "b.filters=4", change_type),), change_type))
    assert "more than" in str(analysis.analyze(design).errors[0])
