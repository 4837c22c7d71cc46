"""The summary as text: goldens, whose columns are added up again, and what the lines below the table say."""

from __future__ import annotations

import pytest

from cnnstudio.core.arithmetic.convention import CONVENTIONS
from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.counting.columns import COLUMN, COLUMNS, SUMMARY_COLUMNS
from cnnstudio.core.network.design import Block, Design, Item
from cnnstudio.core.network.problem import Problem
from cnnstudio.drawings.display_width import display_width
from cnnstudio.formats.builtin import open_design
from cnnstudio.formats.design_yaml import parse_design
from cnnstudio.layers.dense import Dense
from cnnstudio.layers.structure import Input
from cnnstudio.reports.terminal.totals_text import problem_line, summary_markdown, summary_text, totals_facts
from tests.golden import Golden
from tests.reports.printed_table import blocks, read_table, total

COUNTED = tuple(COLUMN[key] for key in SUMMARY_COLUMNS)
HEAD = "cnnstudio: 1\nname: Netz\nlayers:\n- {type: Input, name: image, size: [8, 8], channels: 3}\n"


def text_of(source: str, convention: str = "pytorch", *, expand: bool = False) -> str:
    """The summary of a built-in design."""
    return summary_text(analyze(open_design(source).design, CONVENTIONS[convention]), COUNTED, expand=expand)


def lines_below(layers: str, convention: str = "pytorch") -> list[str]:
    """The lines below the table of a small design."""
    design = parse_design(HEAD + layers).design
    text = summary_text(analyze(design, CONVENTIONS[convention]), COUNTED, expand=False)
    return text.split("\n\n")[2].splitlines()


@pytest.mark.parametrize("name", ["alexnet", "lenet-5", "resnet-50", "mobilenet-v2"])
@pytest.mark.parametrize("convention", CONVENTIONS)
def test_golden(name: str, convention: str, golden: Golden) -> None:
    golden(f"{name}-{convention}.txt", text_of(name, convention))


def test_golden_of_every_repeat(golden: Golden) -> None:
    golden("resnet-50-expanded.txt", text_of("resnet-50", expand=True))


def test_golden_in_markdown(golden: Golden) -> None:
    analysis = analyze(open_design("resnet-18").design)
    golden("resnet-18.md", summary_markdown(analysis, COUNTED, expand=False))


@pytest.mark.parametrize("name", ["alexnet", "lenet-5", "resnet-50", "mobilenet-v2", "u-net"])
def test_printed_columns_add_up(name: str) -> None:
    rows, totals = read_table(text_of(name))
    assert total(rows) == totals
    assert {row.name: row.counts for row in blocks(rows)} == {
        row.name: {key: row.times * count for key, count in total(row.inner).items()} for row in blocks(rows)
    }


@pytest.mark.parametrize("name", ["resnet-50", "mobilenet-v2"])
def test_printed_columns_of_every_repeat_add_up(name: str) -> None:
    rows, totals = read_table(text_of(name, expand=True))
    assert not blocks(rows)
    assert total(rows) == totals == read_table(text_of(name))[1]


def test_block_whose_passes_differ_has_the_sum_of_all() -> None:
    rows, totals = read_table(text_of("densenet-121"))
    assert sum(row.counts["Parameters"] for row in rows) == totals["Parameters"] == 7_978_856
    assert total(rows)["Parameters"] < totals["Parameters"]


def test_block_says_how_often_it_is_repeated_only_if_it_is() -> None:
    text = text_of("resnet-50")
    assert "\nlayer1  " in text
    assert "\n  rest × 2  " in text
    assert " × 1 " not in text


def test_every_row_ends_in_one_column() -> None:
    lines = text_of("resnet-50").split("\n\n")[1].splitlines()
    assert {display_width(line) for line in lines} == {display_width(lines[1])}


def test_every_column_can_be_shown() -> None:
    analysis = analyze(open_design("resnet-18").design)
    lines = summary_text(analysis, COLUMNS, expand=True).split("\n\n")[1].splitlines()
    assert len(lines) == len(analysis.rows) + 4
    assert all(column.title in lines[0] for column in COLUMNS)


# The lines below the table


def test_conventions_agree_without_statistics() -> None:
    assert lines_below("- {type: Flatten}\n- {type: Dense, units: 10}\n") == [
        "Parameters: 1,930 (1,930 trainable, 0 non-trainable)",
        "PyTorch, Keras and Caffe agree on this count.",
        "MACs (1 input): 1,920 (1.920 k); FLOPs = 2 × MACs: 3,840",
        "Memory (float32): parameters 7.720 kB, activations 808 B",
        CONVENTIONS["pytorch"].sentence,
        "Shapes are C × H × W, without the batch.",
    ]


def test_statistics_are_counted_by_keras_alone() -> None:
    norm = "- {type: BatchNorm}\n"
    assert lines_below(norm, "keras")[:3] == [
        "Parameters: 12 (6 trainable, 6 non-trainable)",
        "By framework: 6 as PyTorch counts, 12 as Keras counts the same layers",
        "State: 6, stored but not learned",
    ]
    assert lines_below(norm)[0] == "Parameters: 6 (6 trainable, 0 non-trainable)"
    assert lines_below(norm, "keras")[-1] == "Shapes are H × W × C, without the batch."


def test_caffe_is_named_where_its_rounding_changes_the_count() -> None:
    layers = (
        "- {type: MaxPool2D, pool_size: 1, stride: 3, ceil_mode: true}\n- {type: Flatten}\n- {type: Dense, units: 1}\n"
    )
    pytorch, caffe = (lines_below(layers, key)[1] for key in ("pytorch", "caffe"))
    assert pytorch == caffe
    assert pytorch == (
        "By framework: 28 as PyTorch counts, 28 as Keras counts the same layers, 49 as Caffe counts, which rounds "
        "pools up by another rule"
    )


def test_frozen_layers_are_not_trainable() -> None:
    assert lines_below("- {type: Dense, units: 10, trainable: false}\n")[0] == (
        "Parameters: 1,930 (0 trainable, 1,930 non-trainable)"
    )


def test_incomplete_totals_say_at_least() -> None:
    layers = "- {type: Dense, units: 10}\n- {type: Conv2D, filters: 4, kernel_size: 3}\n- {type: Dense, units: 2}\n"
    lines = lines_below(layers)
    assert lines[0].startswith("Parameters: at least 1,930 (")
    assert lines[2] == "MACs (1 input): at least 1,920 (1.920 k); FLOPs = 2 × MACs: at least 3,840"
    assert lines[3] == "Memory (float32): parameters at least 7.720 kB, activations at least 808 B"
    assert lines[4] == "Incomplete: 2 layers not counted."


def test_unknown_macs_alone_leave_the_parameters_complete() -> None:
    lines = lines_below("- {type: Opaque, channels: 4, parameters: 100}\n")
    assert lines[0].startswith("Parameters: 100 (")
    assert lines[2].startswith("MACs (1 input): at least 0 (0);")
    assert lines[4] == "Incomplete: MACs of 1 layer unknown."


def test_unknown_cells_and_totals_of_the_table() -> None:
    analysis = analyze(parse_design(HEAD + "- {type: Conv3D, filters: 1, kernel_size: 1}\n").design)
    *_, row, _, totals = summary_text(analysis, COUNTED, expand=False).split("\n\n")[1].splitlines()
    assert row.split() == ["conv3d_1", "Conv3D", *["unknown"] * 5]
    assert totals.split("  ")[0] == "Total"
    assert totals.count("at least 0") == 4


def test_empty_design() -> None:
    text = summary_text(analyze(Design(name="Nothing")), COUNTED, expand=False)
    assert text.startswith("Nothing\n\nLayer  Type")
    assert read_table(text) == ([], {"Weights": 0, "Biases": 0, "Parameters": 0, "MACs": 0})


def test_blocks_are_explained_only_where_there_are_some() -> None:
    sentence = "The line of a block sums up all its repeats; the lines below it are its first pass."
    assert text_of("resnet-18").splitlines()[-1] == sentence
    assert sentence not in text_of("resnet-18", expand=True)
    assert sentence not in text_of("alexnet")


def test_repeats_beyond_number_are_summed_up_without_being_listed() -> None:
    block = Block(name="b", repeat=10_000, layers=(Block(name="c", repeat=10_000, layers=open_layers()),))
    design = Design(layers=(*parse_design(HEAD).design.layers, block))
    text = summary_text(analyze(design), COUNTED, expand=False)
    assert read_table(text)[1]["Parameters"] == 84 * 10**8
    with pytest.raises(ValueError, match="expands to 100,000,001 layers, and at most 30,000 can be listed"):
        summary_text(analyze(design), COUNTED, expand=True)


def open_layers() -> tuple[Item, ...]:
    """One convolution with 84 parameters that keeps its shape."""
    return parse_design(HEAD + "- {type: Conv2D, filters: 3, kernel_size: 3, padding: same}\n").design.layers[1:]


# Problems


def test_problem_line_has_the_line_of_the_file() -> None:
    problem = Problem("error", "conv", "window", "it does not fit.", "Use less.")
    assert problem_line(problem, "net.yaml", 12) == "net.yaml:12: error: conv: it does not fit. Use less."
    assert problem_line(problem, "net.yaml", None) == "net.yaml: error: conv: it does not fit. Use less."


def test_problem_line_is_one_line() -> None:
    problem = Problem("warning", "a\nb", "x", "\x1b[2Jgone.", "")
    assert problem_line(problem, "n\tet", 1) == "n et:1: warning: a b:  [2Jgone."


def test_what_each_framework_makes_of_a_dense_layer_on_a_map() -> None:
    """Keras applies this one, and all that follow, at each position."""
    image = Input(name="image", size=(4, 4), channels=3)
    design = Design(layers=(image, Dense(name="a", units=5), Dense(name="b", units=2)))
    facts = dict(totals_facts(analyze(design)))
    assert facts["By framework"] == (
        "Caffe flattens the map before the dense layer, as counted here; Keras applies it at each position, 32 in all; "
        "PyTorch refuses it"
    )
