"""Comparisons as text: goldens whose columns are added up again, widths, and names that break careless writers."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given

from cnnstudio.core.comparison.comparison import compare
from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.core.counting.columns import COLUMN
from cnnstudio.core.network.design import Design
from cnnstudio.drawings.display_width import CONTROL, display_width
from cnnstudio.layers.convolution import Conv2D
from cnnstudio.layers.structure import Identity
from cnnstudio.reports.comparison.terminal_text import WIDTH, comparison_text
from cnnstudio.reports.comparison.words import distinct_labels
from tests.examples import share
from tests.golden import Golden
from tests.hostile import NAMES, NOTES, renamed
from tests.networks import IMAGE, builtin
from tests.strategies import designs


def text_of(
    *analyses: Analysis,
    columns: tuple[str, ...] = ("parameters",),
    expand: bool = False,
    only_differences: bool = False,
    names: bool = True,
) -> str:
    comparison = compare(analyses, expand=expand, names=names, quantities=columns)
    labels = distinct_labels(
        [analysis.design.name for analysis in analyses], [f"file {i}" for i in range(len(analyses))]
    )
    wanted = [COLUMN[key] for key in columns]
    return comparison_text(comparison, labels, wanted, expand=expand, only_differences=only_differences)


def rows_of(text: str) -> list[str]:
    """The lines of the layer table, with what stands below each."""
    return text.split("line by line:\n")[1].split("\n\n")[0].splitlines()[2:]


@pytest.mark.parametrize(
    "pair",
    [
        ("vgg-16", "vgg-19"),
        ("resnet-18", "resnet-34"),
        ("resnet-50", "resnet-50-keras"),
        ("vgg-11", "vgg-16", "vgg-19"),
    ],
)
def test_golden(pair: tuple[str, ...], golden: Golden) -> None:
    golden(f"compared-{'-'.join(pair)}.txt", text_of(*map(builtin, pair)))


@pytest.mark.parametrize(
    "pair",
    [
        ("vgg-16", "vgg-19"),
        ("resnet-18", "resnet-34"),
        ("alexnet", "alexnet-grouped"),
        ("resnet-50", "resnet-50-keras"),
    ],
)
def test_lines_are_no_wider_than_a_terminal(pair: tuple[str, str]) -> None:
    assert max(map(display_width, text_of(*map(builtin, pair)).splitlines())) <= WIDTH


@pytest.mark.parametrize(
    "pair",
    [
        ("vgg-16", "vgg-19"),
        ("resnet-18", "resnet-34"),
        ("alexnet", "alexnet-grouped"),
        ("resnet-50", "resnet-50-keras"),
    ],
)
def test_printed_columns_add_up_to_the_printed_totals(pair: tuple[str, str]) -> None:
    text = text_of(*map(builtin, pair), expand=True)
    total = next(line for line in text.splitlines() if line.startswith("Parameters  "))
    first, second, difference = re.split(r"\s{2,}", total)[1:4]
    header = text.split("line by line:\n")[1].splitlines()[0]
    label = distinct_labels([builtin(name).design.name for name in pair], pair)
    ends = [header.index(f"  {design}") + 2 + len(design) for design in label]
    ends.append(header.index("Difference") + len("Difference"))
    sums = [0, 0, 0]
    for line in rows_of(text):
        if line[0] != " ":
            first_cell = re.search(r"  ([\d,]*)$", line.ljust(ends[0])[: ends[0]])
            others = [line[start:end].strip() for start, end in pairwise(ends)]
            cells = [first_cell[1] if first_cell else "", *others]
            sums = [so_far + _number(cell) for so_far, cell in zip(sums, cells, strict=True)]
    assert sums == [_number(first), _number(second), _number(difference)]


def _number(text: str) -> int:
    return int(text.replace(",", "").replace("−", "-").replace("+", "")) if text else 0


def test_only_differences_leaves_out_what_is_the_same() -> None:
    assert [
        line.split()[:2] for line in rows_of(text_of(builtin("vgg-16"), builtin("vgg-19"), only_differences=True))
    ] == [
        ["+", "conv3_4"],
        ["+", "conv4_4"],
        ["+", "conv5_4"],
    ]


def test_equal_designs() -> None:
    text = text_of(builtin("alexnet"), builtin("alexnet"), only_differences=True)
    assert "Nothing differs between AlexNet (file 0) and AlexNet (file 1)." in text
    assert "line by line" not in text


def test_what_a_line_has_no_room_for_stands_below_it() -> None:
    text = text_of(builtin("resnet-50"), builtin("resnet-50-keras"), only_differences=True)
    assert "           stride 1 → 2; bias no → yes; output shape 128 × 56 × 56 → 128 × 28 × 28;" in text
    assert "The convention differs: PyTorch (ResNet-50), Keras (ResNet-50, Keras)." in text


def test_columns_of_choice() -> None:
    text = text_of(builtin("vgg-16"), builtin("vgg-19"), columns=("kernel_size", "output", "macs"))
    row = next(line for line in text.splitlines() if line.startswith("+  conv3_4"))
    assert re.split(r"\s{2,}", row) == [
        "+",
        "conv3_4",
        "Conv2D",
        "3",
        "256 × 56 × 56",
        "1,849,688,064",
        "+1,849,688,064",
    ]


def test_unknown_totals_are_bounds() -> None:
    broken = Conv2D(name="broken", filters=4, kernel_size=99)
    designed = [Design(name=name, layers=(IMAGE, *layers)) for name, layers in (("a", ()), ("b", (broken,)))]
    text = text_of(*map(analyze, designed))
    lines = {re.split(r"\s{2,}", line)[0]: re.split(r"\s{2,}", line)[1:] for line in text.splitlines()}
    assert lines["Parameters"] == ["0", "at least 0", "at least 0", "unknown"]
    assert re.split(r"\s{2,}", next(line for line in text.splitlines() if line[0:1] == "+")) == [
        "+",
        "broken",
        "Conv2D",
        "unknown",
        "unknown",
    ]


@pytest.mark.parametrize("name", [*NAMES, *NOTES])
def test_names_and_notes_stay_one_line_and_harmless(name: str) -> None:
    shown = name[:300].replace("\n", " ")
    conv = Conv2D(name=shown if shown.isprintable() and shown.strip() else "x", filters=2, kernel_size=3, note=name)
    analysis = analyze(Design(name=name[:300] or "x", layers=(IMAGE, conv)))
    other = analyze(Design(name="other", layers=(IMAGE, Identity(name="conv"))))
    for pair in ((analysis, other), (other, analysis), (analysis, analysis)):
        text = text_of(*pair)
        assert not CONTROL.search(text.replace("\n", ""))
        assert len(rows_of(text)) >= 2


@share(1 / 2)
@given(renamed(designs()))
def test_every_line_has_its_sign(design: Design) -> None:
    analyses = [analyze(design), builtin("lenet-5")]
    rows = [line for line in rows_of(text_of(*analyses)) if line[0] != " "]
    assert len(rows) == len(compare(analyses).rows)
    assert all(line[0] in "=~→≠−+" for line in rows)


def test_labels_are_distinct() -> None:
    assert distinct_labels(["a", "b"], ["x", "y"]) == ("a", "b")
    assert distinct_labels(["a", "a"], ["x", "y"]) == ("a (x)", "a (y)")
    assert distinct_labels(["a", "a", "b"], ["x", "x", "z"]) == ("a (x)", "a (x), 2", "b (z)")
