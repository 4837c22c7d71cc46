"""The working of a layer, a block and the whole network, as text and as LaTeX."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from cnnstudio.core.arithmetic.convention import CONVENTIONS
from cnnstudio.core.arithmetic.derivation import Derived, Working
from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.core.counting.lookup import find_entries
from cnnstudio.core.counting.textbook import textbook_workings
from cnnstudio.core.counting.working import workings
from cnnstudio.core.network.design import Design
from cnnstudio.core.network.layer import Layer
from cnnstudio.formats.builtin import builtin_paths, open_design
from cnnstudio.formats.design_yaml import parse_design
from cnnstudio.layers import LAYER_TYPES
from cnnstudio.layers.structure import Input
from cnnstudio.reports.content.explanation import explain_latex, explain_text
from cnnstudio.reports.content.legend import SPEAKING, legend
from tests.examples import share
from tests.golden import Golden
from tests.strategies import counted_layers

FAULTY = """cnnstudio: 1
name: Netz
layers:
- {type: Input, name: image, size: [8, 8], channels: 3}
- {type: Conv2D, name: conv, filters: 4, kernel_size: 9}
- {type: Activation, name: relu, function: relu}
- {type: Conv2D, name: fine, filters: 4, kernel_size: 3, padding: 1, note: "two\\nlines", inputs: [image]}
- {type: BatchNorm, name: norm}
- {type: Output, inputs: [norm]}
"""


def explained(source: str, wanted: str | None, convention: str | None = None) -> str:
    """The working of one layer of a built-in design."""
    analysis = analyze(open_design(source).design, CONVENTIONS[convention] if convention else None)
    return in_analysis(analysis, wanted)


def in_analysis(analysis: Analysis, wanted: str | None) -> str:
    """The working of one layer, or of the totals."""
    return explain_text(find_entries(analysis, wanted)[0][0] if wanted else None, analysis)


@pytest.mark.parametrize(
    ("name", "source", "wanted", "convention"),
    [
        ("explain-layer", "alexnet", "Conv-2", None),
        ("explain-layer-keras", "resnet-50", "bn1", "keras"),
        ("explain-layer-in-a-repeat", "resnet-50", "layer1/rest[2]/conv2", None),
        ("explain-block", "resnet-50", "layer1/rest", "keras"),
        ("explain-totals", "alexnet", None, None),
    ],
)
def test_golden(name: str, source: str, wanted: str | None, convention: str | None, golden: Golden) -> None:
    golden(f"{name}.txt", explained(source, wanted, convention))


def test_golden_in_latex(golden: Golden) -> None:
    analysis = analyze(open_design("alexnet").design)
    golden("explain-layer.tex", explain_latex(find_entries(analysis, "Conv-2")[0][0], analysis))


def test_names_of_the_numbers_are_padded_to_one_width() -> None:
    lines = [line for line in explained("alexnet", "Conv-2").splitlines() if " = " in line]
    assert len({line.index(" = ") for line in lines}) == 1
    assert len(lines) == 20


def test_shapes_are_in_the_order_of_the_convention() -> None:
    assert "input: MaxPool-1: 27 × 27 × 96\noutput: 27 × 27 × 256 (H × W × C)\n" in explained(
        "alexnet", "Conv-2", "keras"
    )


def test_settings_are_those_that_differ_from_the_defaults() -> None:
    assert explained("resnet-50", "conv1").splitlines()[1] == (
        "settings: filters 64, kernel size 7, stride 2, padding 3, bias no"
    )
    assert "settings" not in explained("alexnet", "Flatten")


def test_layer_that_is_in_error_says_why() -> None:
    analysis = analyze(parse_design(FAULTY).design)
    text = in_analysis(analysis, "conv")
    assert "output: unknown\n\noutput = unknown  (the layer cannot be computed)\n" in text
    assert text.endswith(
        "\n\nerror: conv: a 9 × 9 kernel does not fit its 8 × 8 input. Use a kernel of 8 or less, or add padding.\n"
    )


def test_layer_behind_an_error_names_the_error() -> None:
    text = in_analysis(analyze(parse_design(FAULTY).design), "relu")
    assert "input: conv: unknown\n" in text
    assert text.splitlines()[-1].startswith("error: conv: a 9 × 9 kernel does not fit")


def test_warnings_stand_below_the_working() -> None:
    text = in_analysis(analyze(parse_design(FAULTY).design), "fine")
    assert "settings: filters 4, kernel size 3, padding 1, note two lines\n" in text
    assert text.splitlines()[-1].startswith("warning: fine: its bias has no effect")


def test_totals_of_a_faulty_design_say_that_they_are_not_whole() -> None:
    lines = in_analysis(analyze(parse_design(FAULTY).design), None).splitlines()
    weights = next(line for line in lines if line.startswith("total weights"))
    assert weights.endswith("= fine + norm = 108 + 4 = 112  (at least: 1 layer not counted)")
    assert sum(line.startswith(("error:", "warning:")) for line in lines) == len(
        analyze(parse_design(FAULTY).design).problems
    )


def test_a_layer_without_a_past() -> None:
    text = in_analysis(analyze(parse_design(FAULTY).design), "image")
    assert text.startswith(
        "image (Input)\nsettings: size 8 × 8, channels 3\ninput: none\noutput: 3 × 8 × 8 (C × H × W)\n"
    )


@pytest.mark.parametrize("name", builtin_paths())
def test_everything_in_every_design_can_be_explained(name: str) -> None:
    analysis = analyze(open_design(name).design)
    for entry in (None, *analysis.entries):
        lines = explain_text(entry, analysis).splitlines()
        assert any(line.startswith(("parameters", "total parameters")) for line in lines)
        assert explain_latex(entry, analysis).startswith("% ")


def test_a_list_of_a_thousand_layers_is_added_up() -> None:
    layers = "- {type: Dense, units: 4}\n" * 1_000
    analysis = analyze(parse_design(FAULTY.partition("- {type: Conv2D")[0] + layers).design)
    total = next(line for line in in_analysis(analysis, None).splitlines() if line.startswith("total weights"))
    assert total.endswith(" = 16,752  (the formula is too long to be shown)")
    assert r"\text{total weights}" in explain_latex(None, analysis)


def test_a_merge_of_a_thousand_branches_is_explained() -> None:
    names = ", ".join(["image"] * 1_000)
    head = FAULTY.partition("- {type: Conv2D")[0]
    text = in_analysis(analyze(parse_design(f"{head}- {{type: Concat, inputs: [{names}]}}\n").design), "concat_1")
    assert "output channels           " in text
    assert "= 3,000  (the formula is too long to be shown)\n" in text


# The legend


@pytest.mark.parametrize("layer_type", LAYER_TYPES.values(), ids=LAYER_TYPES)
@given(data=st.data())
@share(1 / 4)
def test_every_symbol_is_in_the_legend(layer_type: type[Layer], data: st.DataObject) -> None:
    layer, inputs = data.draw(counted_layers(layer_type))
    found = workings_of(layer, inputs)
    explained_symbols = {name for names, _ in legend(found, layer) for name in names.split(", ")}
    formulas = " ".join(working.steps()[0] for working in found if working.number is not None)
    symbols = set(re.findall(r"[A-Za-z]+(?:_[a-z0-9]+)*", formulas)) - SPEAKING - {"floor", "ceil", "max", "min"}
    assert symbols == explained_symbols


@pytest.mark.parametrize("layer_type", LAYER_TYPES.values(), ids=LAYER_TYPES)
@given(data=st.data())
@share(1 / 4)
def test_a_symbol_means_one_number_in_all_that_a_layer_counts(layer_type: type[Layer], data: st.DataObject) -> None:
    analysis = analysis_of(*data.draw(counted_layers(layer_type)))
    found = textbook_workings(analysis.rows[-1], analysis)
    counted = [working for working in found if not working.key.startswith("receptive_field")]
    symbols = {name for names, _ in legend(counted, analysis.rows[-1].layer) for name in names.split(", ")}
    means: dict[str, set[int]] = {}
    for working in counted:
        for name, value in named_numbers(working.number):
            # Words such as `bytes` and `projections` tell what each is in its place.
            if name not in SPEAKING and name in symbols:
                means.setdefault(name, set()).add(value)
        if working.symbol:
            means.setdefault(working.symbol, set()).add(working.value or 0)
    assert {name: values for name, values in means.items() if len(values) > 1} == {}


def named_numbers(number: int | None) -> Iterator[tuple[str, int]]:
    """The symbols of an expression with their values."""
    if isinstance(number, Derived):
        yield from [(number.name, int(number))] if not number.operator else []
        for operand in number.operands:
            yield from named_numbers(operand)


def workings_of(layer: Layer, inputs: tuple[Shape, ...]) -> tuple[Working, ...]:
    """The working of a layer that takes these inputs, or an input of its own."""
    return workings(analysis_of(layer, inputs).rows[-1])


def analysis_of(layer: Layer, inputs: tuple[Shape, ...]) -> Analysis:
    """The analysis of a layer that takes these inputs, or an input of its own."""
    images = tuple(
        Input(name=f"image{i}", size=shape.spatial, channels=shape.channels) for i, shape in enumerate(inputs)
    )
    fresh = structs.replace(layer, name="layer", inputs=tuple(image.name for image in images))
    return analyze(Design(layers=(*images, fresh)))


def test_legend_of_a_pooling_speaks_of_its_pool_size() -> None:
    text = explained("alexnet", "MaxPool-1")
    assert re.search(r"^P_s +pool size$", text, re.MULTILINE)


def test_no_legend_without_symbols() -> None:
    text = in_analysis(analyze(parse_design("cnnstudio: 1\nlayers: [{type: Dense, units: 3}]").design), "dense_1")
    assert text.endswith("error: dense_1: Dense receives nothing. Put an Input layer before it.\n")


def test_totals_tell_of_reused_parameters_where_there_are_any() -> None:
    shared = FAULTY.partition("- {type: Conv2D")[0] + (
        "- {type: Conv2D, name: left, filters: 4, kernel_size: 3}\n"
        "- {type: Conv2D, name: right, filters: 4, kernel_size: 3, inputs: [image], shares: left}\n"
    )
    text = in_analysis(analyze(parse_design(shared).design), None)
    assert re.search(r"^total reused parameters += right = 112$", text, re.MULTILINE)
    alone = shared.replace(", shares: left", "")
    assert "reused" not in in_analysis(analyze(parse_design(alone).design), None)
