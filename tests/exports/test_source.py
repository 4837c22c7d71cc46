"""Python source of designs: goldens that the frameworks have run, and that every text is Python that names its rows."""

from __future__ import annotations

import ast
import json

import pytest

from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.network.design import path_text, walk
from cnnstudio.exports import TARGETS
from cnnstudio.exports.target import Exported, ExportError, ExportOptions
from cnnstudio.formats.builtin import builtin_paths
from cnnstudio.layers.structure import Input, Output
from tests.examples import some
from tests.exports.samples import BRANCHED, GATED, NESTED, SAMPLES, analysis_of
from tests.golden import Golden

SOURCES = ("pytorch", "keras")
UNSAYABLE = ("lenet-5",)
each_source = pytest.mark.parametrize("key", SOURCES)


def exported(source: str, key: str, **options: bool | str) -> tuple[Analysis, Exported]:
    """The export of a design with its analysis."""
    analysis = analysis_of(source)
    return analysis, TARGETS[key].write(analysis, ExportOptions(**options))  # type: ignore[arg-type]


@each_source
@pytest.mark.parametrize("name", SAMPLES)
def test_source_is_as_it_was_when_the_framework_confirmed_it(key: str, name: str, golden: Golden) -> None:
    golden(f"export-{name}-{key}.py.txt", exported(SAMPLES[name], key)[1].text)


@each_source
@pytest.mark.parametrize("flat", [False, True], ids=["blocks", "flat"])
def test_every_builtin_design_is_python_and_every_item_has_its_lines(key: str, flat: bool) -> None:
    for stem in some(stem for stem in builtin_paths() if stem not in UNSAYABLE):
        analysis, result = exported(stem, key, flat=flat)
        ast.parse(result.text)
        marked = {place for mark in result.marks for place in mark.places}
        items = {path_text(path): item for path, item in walk(analysis.design.layers)}
        silent = {place for place, item in items.items() if isinstance(item, (Input, Output))}
        wanted = {row.place for row in analysis.rows} if flat else set(items)
        assert wanted - silent <= marked


@each_source
def test_marks_tell_the_lines_of_an_item(key: str) -> None:
    _, result = exported(NESTED, key)
    lines = result.text.split("\n")
    for mark in result.marks:
        text = "\n".join(lines[mark.first - 1 : mark.last])
        assert mark.variable == "" or f"{mark.variable} = " in text
        assert not mark.last > len(lines)


def test_pytorch_is_told_along_which_axes_a_vector_is_joined_with_a_map() -> None:
    text = exported(GATED, "pytorch")[1].text
    assert "conv * excite[:, :, None, None]  # 6 × 5 × 7" in text
    assert ", excite[:, :, None, None])  # 6 × 5 × 7" in text
    assert 'layers.Multiply(name="gate")([conv, excite])' in exported(GATED, "keras")[1].text


def test_a_block_that_differs_from_pass_to_pass_takes_parameters() -> None:
    text = exported(NESTED, "pytorch")[1].text
    assert "def __init__(self, in_channels: int) -> None:" in text
    assert "self.stage = nn.Sequential(Stage(3), *(Stage(6) for _ in range(2)))" in text
    assert "self.inner = nn.Sequential(*(Inner() for _ in range(2)))" in text


def test_keras_repeats_are_loops_with_numbered_names() -> None:
    text = exported(NESTED, "keras")[1].text
    assert 'for i in range(1, 3):\n        x = inner(x, f"{name}_inner_{i}")' in text


@each_source
def test_flat_code_has_no_blocks(key: str) -> None:
    text = exported(NESTED, key, flat=True)[1].text
    classes = [node for node in ast.parse(text).body if isinstance(node, (ast.ClassDef, ast.FunctionDef))]
    assert len(classes) == 1
    assert "stage_3_inner_2_conv" in text


@each_source
def test_the_class_can_be_named(key: str) -> None:
    assert "MyNet" in exported(NESTED, key, class_name="MyNet")[1].text or key == "keras"
    assert "my_net" in exported(NESTED, key, class_name="my_net")[1].text or key == "pytorch"


HOSTILE = """
cnnstudio: 1
name: 'class "): import os #'
note: "a\\\\b \\"\\"\\" quote"
layers:
- {type: Input, name: import, size: [8, 8], channels: 1}
- {type: Conv2D, name: forward, filters: 2, kernel_size: 1}
- {type: Conv2D, name: '): print(', filters: 2, kernel_size: 1}
- {type: Conv2D, name: self, filters: 2, kernel_size: 1}
- {type: Conv2D, name: torch, filters: 2, kernel_size: 1}
- {type: Conv2D, name: été/1, filters: 2, kernel_size: 1}
- {type: Add, name: x, inputs: [self, torch, forward]}
- {type: Conv2D, name: training, filters: 2, kernel_size: 1}
- type: Block
  name: nn
  layers:
  - {type: Conv2D, name: F, filters: 2, kernel_size: 1}
"""


@each_source
def test_hostile_names_make_no_other_code(key: str) -> None:
    tree = ast.parse(exported(HOSTILE, key)[1].text)
    imports = [node for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom))]
    names = {alias.name for node in imports for alias in node.names}
    assert names <= {"torch", "nn", "functional", "keras", "layers", "ops"}
    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert called & {"open", "eval", "exec", "__import__"} == set()


def test_zeros_pad_a_pool_of_what_is_never_below_0() -> None:
    """As a person would write it; elsewhere padding that is no maximum is needed."""
    text = exported("resnet-18", "keras")[1].text
    assert 'layers.ZeroPadding2D(((1, 0), (1, 0)), name="maxpool_padding")' in text
    signed = """
cnnstudio: 1
layers:
- {type: Input, name: image, size: [8, 8], channels: 1}
- {type: MaxPool2D, name: pool, pool_size: 3, stride: 2, padding: 1}
"""
    assert 'pad_with(image, ((1, 0), (1, 0)), float("-inf"))' in exported(signed, "keras")[1].text


def test_keras_json_holds_the_layers_of_the_flat_source() -> None:
    model = json.loads(exported(NESTED, "keras-json")[1].text)
    layers = {layer["name"]: layer for layer in model["config"]["layers"]}
    assert layers["stage_3_inner_2_conv"]["config"] == {"filters": 6, "kernel_size": 1, "name": "stage_3_inner_2_conv"}
    taken = layers["stage_1_inner_1_sum"]["inbound_nodes"][0]["args"][0]
    assert [item["config"]["keras_history"][0] for item in taken] == ["stage_1_inner_1_conv", "stage_1_conv"]
    assert model["config"]["output_layers"] == [["fc", 0, 0]]


def test_keras_json_refuses_code_by_the_name_of_its_layer() -> None:
    with pytest.raises(ExportError, match="1×1: it takes `average_pool`, which is code") as caught:
        exported(BRANCHED, "keras-json")
    assert [refusal.path for refusal in caught.value.refusals] == ["1×1", "up"]


LONG = """
cnnstudio: 1
layers:
- {type: Input, name: image, size: [8, 8], channels: 2}
- {type: Conv2D, name: a_convolution_with_quite_a_long_name_for_one, filters: 2, kernel_size: 1}
- {type: Conv2D, name: another_convolution_with_quite_a_long_name, filters: 2, kernel_size: 1}
- {type: Average, name: mean, inputs:
   [a_convolution_with_quite_a_long_name_for_one, another_convolution_with_quite_a_long_name, image]}
"""


def test_a_broken_line_means_what_the_line_means() -> None:
    """A comma after the last part would make a tuple of brackets that only group."""
    tree = ast.parse(exported(LONG, "pytorch")[1].text)
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.BinOp) and isinstance(node.left, ast.Tuple)]


GROWING = """
cnnstudio: 1
layers:
- {type: Input, name: image, size: [8, 8], channels: 2}
- type: Block
  name: grow
  repeat: 3
  layers:
  - {type: Reshape, name: flat, channels: -1}
  - {type: Reshape, name: map, channels: -1, size: [4, 4]}
  - {type: Concat, name: twice, inputs: [map, map]}
"""


def test_a_parameter_that_forward_uses_is_kept_by_the_module() -> None:
    text = exported(GROWING, "pytorch")[1].text
    assert "self.channels = channels" in text
    assert ".reshape(-1, self.channels)" in text
