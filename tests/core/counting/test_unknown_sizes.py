"""Inputs of which no size, or not every size, is given: what does not depend on it is counted."""

from __future__ import annotations

import pytest
from msgspec import structs

from cnnstudio.core.arithmetic.numerals import BY_SIZE
from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.core.counting.columns import COLUMN, summary_columns
from cnnstudio.core.counting.quantities import QUANTITY
from cnnstudio.core.counting.working import incomplete_text, working_of
from cnnstudio.core.edits import set_field
from cnnstudio.core.memory.model import MemoryModel
from cnnstudio.core.network.design import Block, Design, Item
from cnnstudio.core.network.field_text import field_text, parse_field
from cnnstudio.core.network.fields import Field, fields_of
from cnnstudio.drawings.chart.bar import end_text
from cnnstudio.drawings.chart.bars import bars_of, ranked_bars
from cnnstudio.drawings.colours import LIGHT_PAGE
from cnnstudio.drawings.diagram import STYLES, Style, diagram_drawing
from cnnstudio.drawings.diagram.svg import svg_of
from cnnstudio.exports import TARGETS
from cnnstudio.exports.target import ExportError, ExportOptions
from cnnstudio.formats.design_yaml import design_text, parse_design
from cnnstudio.layers.convolution import Conv1D
from cnnstudio.layers.dense import Dense
from cnnstudio.layers.merge import Concat
from cnnstudio.layers.pooling import GlobalAvgPool
from cnnstudio.layers.reshaping import Flatten
from cnnstudio.layers.structure import Input
from cnnstudio.reports.comparison.composition import text_of
from cnnstudio.reports.comparison.request import ComparisonReport
from cnnstudio.reports.content.explanation import flow_lines
from cnnstudio.reports.content.subtotals import subtotals
from cnnstudio.reports.terminal.totals_text import summary_text
from tests.networks import conv

ANY = Input(name="image", size=(None, None), channels=3)
POOLED = (conv("a"), conv("b", filters=8), GlobalAvgPool(name="pool"), Dense(name="fc", units=10))


def network(*items: Item, size: tuple[int | None, ...] = (None, None)) -> Analysis:
    """The items behind an input of this size."""
    return analyze(Design(layers=(structs.replace(ANY, size=size), *items)))


def test_parameters_are_those_of_the_same_network_with_a_size() -> None:
    free, sized = network(*POOLED), network(*POOLED, size=(32, 32))
    assert free.totals.parameters == sized.totals.parameters
    assert QUANTITY["parameters"].total(free).is_exact
    assert not QUANTITY["macs"].total(free).is_exact
    assert free.problems == ()


def test_what_depends_on_the_size_is_unknown_and_no_error() -> None:
    analysis = network(conv("a"), Flatten(name="flat"), Dense(name="fc", units=10))
    assert [row.parameters for row in analysis.rows] == [0, 112, 0, None]
    assert analysis.problems == ()
    assert incomplete_text(analysis).startswith(f"1 layer {BY_SIZE}, MACs of ")
    (output,) = working_of(analysis.rows[1], "output")
    assert output.reason == BY_SIZE
    (parameters,) = working_of(analysis.rows[3], "parameters")
    assert (parameters.value, parameters.reason) == (None, BY_SIZE)


def test_every_cell_says_what_an_unknown_number_lacks() -> None:
    stage = Block(name="stage", layers=(conv("a"), Flatten(name="flat"), Dense(name="fc", units=10)))
    analysis = network(stage, Dense(name="last", units=4))
    cells = {key: COLUMN[key].cell(analysis.entries[1], analysis) for key in ("parameters", "macs", "output")}
    assert cells == {"parameters": BY_SIZE, "macs": BY_SIZE, "output": "10"}
    first = analysis.rows[1]
    assert [COLUMN[key].cell(first, analysis) for key in ("parameters", "output")] == ["112", BY_SIZE]
    assert COLUMN["parameters"].cell(analysis.entries[2], analysis) == "44"
    faulty = network(conv("a", kernel_size=9, padding="valid"), Dense(name="fc", units=10), size=(4, 4))
    assert COLUMN["macs"].cell(faulty.rows[1], faulty) == "unknown"


def test_every_text_has_the_same_words_for_it() -> None:
    analysis = network(conv("a"), Flatten(name="flat"), Dense(name="fc", units=10))
    (line,) = [
        line
        for line in summary_text(analysis, summary_columns(analysis), expand=False).splitlines()
        if line.startswith("fc ")
    ]
    assert line.count(BY_SIZE) == 4
    assert list(flow_lines(analysis.entries[3], analysis))[1:] == [f"input: flat: {BY_SIZE}", "output: 10"]


def test_typing_a_size_fills_in_the_rest() -> None:
    free = Design(layers=(ANY, *POOLED))
    typed = set_field(free, [("image",)], "size", parse_field(_size_field(), "32 × 32")).design
    assert analyze(typed, previous=analyze(free)).totals == network(*POOLED, size=(32, 32)).totals


def test_one_size_of_two_may_be_given() -> None:
    analysis = network(*POOLED, size=(None, 224))
    assert analysis.totals.parameters == network(*POOLED, size=(10, 224)).totals.parameters
    branches = network(conv("a"), conv("b", "image"), Concat(name="c", inputs=("a", "b")), size=(None, 224))
    assert branches.problems == ()


def test_a_block_below_it_is_counted_once_for_all_passes() -> None:
    analysis = network(Block(name="stage", repeat=3, layers=(conv("c", filters=3),)))
    assert analysis.totals.parameters == 3 * (3 * 3 * 3 + 1) * 3


def test_a_layer_that_no_size_would_suit_is_an_error() -> None:
    analysis = network(Conv1D(name="wrong", filters=3, kernel_size=3))
    (error,) = analysis.errors
    assert error.sentence == "Conv1D needs a map with 1 spatial axis and receives a map of 3 channels, ? × ?."


def _size_field() -> Field:
    return next(field for field in fields_of(Input) if field.name == "size")


def test_files_and_forms_have_it() -> None:
    design = Design(layers=(structs.replace(ANY, size=(None, 224)),))
    assert "size: [null, 224]" in design_text(design)
    assert parse_design(design_text(design)).design == design
    assert field_text(_size_field(), (None, 224)) == "? × 224"
    assert parse_field(_size_field(), "? × 224") == (None, 224)


def test_exports_and_memory_say_that_they_need_a_size() -> None:
    analysis = network(*POOLED)
    for key in ("pytorch", "keras", "onnx"):
        with pytest.raises(ExportError, match="its size is not given"):
            TARGETS[key].write(analysis, ExportOptions())
    with pytest.raises(ValueError, match="give the input a size"):
        MemoryModel(analysis, casts=False, trains=True)


def test_chart_and_diagram_and_comparison_say_it_too() -> None:
    stage = Block(name="stage", layers=(conv("a"), Flatten(name="flat"), Dense(name="fc", units=10)))
    analysis = network(stage)
    for mode in ("block", "layer"):
        texts = {bar.label: end_text(bar, "macs") for bar in bars_of(analysis, lambda _: True, "macs", mode)}
        assert {texts[name] for name in ("a", "flat", "fc")} == {BY_SIZE}
    assert {end_text(bar, "macs") for bar in ranked_bars(analysis, "macs")} == {BY_SIZE}
    drawn = "".join(drawn_as(analysis, style) for style in STYLES)
    assert drawn.count(BY_SIZE) > 4
    assert "unknown" not in drawn
    report = ComparisonReport(analyses=(analysis, analysis), labels=("one", "two"), columns=(COLUMN["macs"],))
    (line,) = [line for line in text_of(report).splitlines() if " flat " in line]
    assert line.count(BY_SIZE) == 3
    assert [row.output_unknown for row in subtotals(network(conv("a")), "stage")] == [BY_SIZE]


def test_what_an_error_leaves_unknown_is_not_laid_to_the_size() -> None:
    analysis = network(conv("a", kernel_size=99, padding=0), conv("b"), size=(32, 32))
    assert {end_text(bar, "macs") for bar in ranked_bars(analysis, "macs")} == {"unknown"}
    assert BY_SIZE not in drawn_as(analysis, "boxes")


def drawn_as(analysis: Analysis, style: Style) -> str:
    """The diagram in a style, as SVG."""
    drawing = diagram_drawing(
        analysis, LIGHT_PAGE, style=style, direction="down", folded=(), channels_last=False, labels={}
    )
    return svg_of(drawing, "")
