"""The content of a report, whatever its format: its parts, its table, what worksheets hide, which bars are drawn."""

from __future__ import annotations

import pytest
from hypothesis import given
from msgspec import structs

from cnnstudio.core.arithmetic.convention import CONVENTIONS
from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.counting.columns import SUMMARY_COLUMNS
from cnnstudio.core.counting.quantities import QUANTITY
from cnnstudio.core.network.design import Design
from cnnstudio.drawings.colours import DARK_PAGE, LIGHT_PAGE
from cnnstudio.drawings.display_width import CONTROL
from cnnstudio.formats.builtin import builtin_paths
from cnnstudio.reports.content import composition
from cnnstudio.reports.content.chosen_bars import MAX_BARS, chosen_bars
from cnnstudio.reports.content.manuscript import Chart, Facts, Figure, Manuscript, Part, Prose, Remarks, Table, Worked
from cnnstudio.reports.content.report import PARTS, Worksheet, all_working
from tests.hostile import renamed
from tests.networks import builtin
from tests.reports.samples import columns, faulty, plain, with_working, worksheet
from tests.strategies import designs


def keys_of(manuscript: Manuscript) -> list[str]:
    """The sections, by key."""
    return [section.key for section in manuscript.sections]


def facts_of(manuscript: Manuscript) -> dict[str, str]:
    """All facts by name."""
    return dict(pair for part in manuscript.parts(Facts) for pair in part.pairs)


# Parts


def test_usual_parts_and_their_order() -> None:
    assert keys_of(plain(faulty())) == ["totals", "table", "chart", "problems"]
    assert keys_of(plain(builtin("alexnet"))) == ["totals", "table", "chart"]
    everything = plain(faulty(), parts=tuple(reversed(PARTS)), working=(None,))
    parts = ["totals", "kinds", "stages", "table", "chart", "memory", "diagram", "problems", "working"]
    assert keys_of(everything) == parts
    assert keys_of(plain(faulty(), parts=())) == []


def test_facts_say_convention_input_and_totals() -> None:
    facts = facts_of(plain(builtin("resnet-50", "keras")))
    assert facts["Input"] == "224 × 224 × 3 (H × W × C)"
    assert facts["Output"] == "1000"
    assert facts["Layers"] == "175"
    assert facts["Convention"] == CONVENTIONS["keras"].sentence
    assert facts["Parameters"] == "25,610,152 (25,557,032 trainable, 53,120 non-trainable)"


def test_every_input_of_several_is_named() -> None:
    facts = facts_of(plain(builtin("two-stream")))
    assert len([name for name in facts if name.startswith("Input ")]) == 2


def test_note_title_and_headline() -> None:
    manuscript = plain(builtin("alexnet"))
    assert manuscript.title == "AlexNet"
    assert manuscript.lead == ("Krizhevsky et al. 2012 in one tower, 227 × 227; 62,378,344 parameters",)
    assert manuscript.headline[0] == ("62.38 M", "parameters")
    assert plain(builtin("alexnet"), title="Mine", parts=("totals",)).title == "Mine"
    assert plain(builtin("alexnet"), parts=("totals",)).lead == ()
    assert plain(faulty()).headline[0] == ("≥ 112", "parameters")


def test_problems_have_place_and_line() -> None:
    (part,) = plain(faulty(), lines={"large": 6}).parts(Remarks)
    assert [(remark.severity, remark.place, remark.line) for remark in part.remarks] == [("error", "large", 6)]


# The table


@pytest.mark.parametrize("expand", [False, True])
def test_values_of_outer_lines_add_up_to_the_total(expand: bool) -> None:
    for name in builtin_paths():
        (table,) = plain(builtin(name), expand=expand).parts(Table)
        assert table.total is not None
        for place, field in enumerate(table.fields):
            if field.kind == "count":
                values = [line.cells[place].value for line in table.lines if line.depth == 0]
                assert sum(value for value in values if isinstance(value, int)) == table.total.cells[place].value


def test_lines_know_depth_kind_and_family() -> None:
    (table,) = plain(builtin("resnet-18")).parts(Table)
    line = next(line for line in table.lines if line.cells[0].text == "layer1 × 2")
    assert (line.kind, line.depth, line.family) == ("block", 0, "block")
    assert line.cells[0].value == "layer1"
    inner = table.lines[table.lines.index(line) + 1]
    assert (inner.kind, inner.depth, inner.family) == ("row", 1, "convolution")


def test_table_without_anything_to_sum_up_has_no_total() -> None:
    (table,) = plain(builtin("alexnet"), columns=columns("layer", "output")).parts(Table)
    assert table.total is None


def test_records_are_expanded_but_those_of_a_worksheet() -> None:
    analysis = builtin("resnet-18")
    assert len(plain(analysis).records().lines) == analysis.totals.layers
    (table,) = worksheet(analysis, "macs").parts(Table)
    assert worksheet(analysis, "macs").records() == table


# The working


def test_working_of_everything_leaves_out_what_goes_without_saying() -> None:
    workings = with_working(builtin("alexnet")).parts(Worked)
    assert [part.title for part in workings][:2] == ["AlexNet, the whole network", "image (Input)"]
    conv = next(part for part in workings if part.title == "Conv-1 (Conv2D)")
    keys = [working.key for working in conv.workings]
    assert "trainable" not in keys
    assert keys.count("receptive_field") == 1
    norm = next(part for part in with_working(builtin("resnet-18")).parts(Worked) if part.title.startswith("bn1"))
    assert "state" in [working.key for working in norm.workings]


def test_every_layer_of_the_table_is_worked_once() -> None:
    analysis = builtin("resnet-18")
    (table,) = plain(analysis).parts(Table)
    layers = sum(line.kind == "row" for line in table.lines)
    assert len(all_working(analysis)) == 1 + layers
    assert len(all_working(analysis, expand=True)) == 1 + analysis.totals.layers


# Worksheets


def test_worksheet_hides_whatever_tells_an_answer() -> None:
    manuscript = worksheet(builtin("alexnet"), "parameters", "output", parts=tuple(PARTS))
    assert keys_of(manuscript) == ["counting", "table"]
    assert manuscript.title == "AlexNet: worksheet"
    assert manuscript.lead == ("Fill in the columns Output shape and Parameters.",) or manuscript.lead == (
        "Fill in the columns Parameters and Output shape.",
    )
    assert manuscript.headline == ()
    assert [name for name, text in facts_of(manuscript).items() if not text] == [
        *("Name", "Class", "Date", "Points"),
        *("Working", " "),
    ]


@pytest.mark.parametrize("has_answers", [False, True])
def test_blank_columns_are_blank_and_in_the_key_answered(has_answers: bool) -> None:
    analysis = builtin("lenet-5")
    (table,) = worksheet(analysis, "weights", "output", has_answers=has_answers).parts(Table)
    tones = [{line.cells[place].tone for line in table.lines} for place in range(len(table.fields))]
    expected = "answer" if has_answers else "blank"
    assert [tone == {expected} for tone in tones] == [field.key in ("weights", "output") for field in table.fields]
    assert [field.key for field in table.fields][:3] == ["layer", "type", "filters"]


def test_key_works_out_the_blank_columns_alone() -> None:
    parts = worksheet(builtin("lenet-5"), "macs", has_answers=True).parts(Worked)
    assert {working.key for part in parts for working in part.workings} == {"macs"}
    assert worksheet(builtin("lenet-5"), "macs").parts(Worked) == []
    assert worksheet(builtin("lenet-5"), "kernel_size", has_answers=True).parts(Worked) == []


def test_data_of_a_worksheet_says_which_it_is() -> None:
    assert worksheet(builtin("lenet-5"), "macs").data()["worksheet"]["is_key"] is False
    assert worksheet(builtin("lenet-5"), "macs", has_answers=True).data()["worksheet"]["is_key"] is True
    assert Worksheet(("macs",)) == Worksheet(("macs",), has_answers=False)


# Chart and diagram


@pytest.mark.parametrize("metric", ["parameters", "macs", "activation_bytes"])
@pytest.mark.parametrize("name", builtin_paths())
def test_chart_is_read_in_one_glance(name: str, metric: str) -> None:
    analysis = builtin(name)
    bars, remark = chosen_bars(analysis, metric)
    assert 0 < len(bars) <= MAX_BARS
    assert all(bar.value for bar in bars)
    if not remark:
        assert sum(bar.value or 0 for bar in bars if not bar.is_sum) == QUANTITY[metric].known(analysis)


def test_chart_of_few_layers_shows_all_that_have_any() -> None:
    analysis = builtin("alexnet")
    (chart,) = plain(analysis).parts(Chart)
    assert [bar.label for bar in chart.bars] == [row.layer.name for row in analysis.rows if row.parameters]
    assert sum(bar.value or 0 for bar in chart.bars) == analysis.totals.parameters


def test_largest_bars_of_very_many() -> None:
    bars, remark = chosen_bars(builtin("densenet-201"), "macs", 5)
    assert len(bars) == 5
    assert remark.startswith("; the 5 largest of ")


def test_unknown_bars_are_shown() -> None:
    (chart,) = plain(faulty()).parts(Chart)
    assert [(bar.label, bar.value) for bar in chart.bars] == [
        ("conv", 112),
        ("large", None),
        ("fc", None),
    ]


def test_diagram_is_drawn_in_the_colours_of_the_page() -> None:
    (drawing,) = plain(builtin("lenet-5"), parts=("diagram",)).parts(Figure)
    assert LIGHT_PAGE.paper in drawing.svg(LIGHT_PAGE)
    assert DARK_PAGE.paper in drawing.svg(DARK_PAGE)
    assert drawing.words.startswith("The diagram of LeNet-5: ")


def test_diagram_of_a_deep_network_has_its_blocks_folded() -> None:
    (drawing,) = plain(builtin("resnet-152"), parts=("diagram",)).parts(Figure)
    assert drawing.svg(LIGHT_PAGE).count("<g class") < 60


# Any design


def texts_of(manuscript: Manuscript) -> list[str]:
    """Every text of a design that is in it."""
    texts = [manuscript.title, *manuscript.lead]
    for table in manuscript.parts(Table):
        texts += [cell.text for line in table.lines for cell in line.cells]
    for worked in manuscript.parts(Worked):
        texts += [worked.title, *worked.aside]
    for remarks in manuscript.parts(Remarks):
        texts += [text for remark in remarks.remarks for text in (remark.place, remark.sentence, remark.remedy)]
    return texts


@given(renamed(designs()))
def test_no_text_breaks_a_line_or_acts_on_a_terminal(design: Design) -> None:
    for text in texts_of(with_working(analyze(design), columns=columns(*SUMMARY_COLUMNS, "note"))):
        assert not CONTROL.search(text)


@given(designs())
def test_unknown_is_never_a_number(design: Design) -> None:
    analysis = analyze(design)
    (table,) = plain(analysis, expand=True).parts(Table)
    place = SUMMARY_COLUMNS.index("parameters")
    for line, row in zip(table.lines, analysis.rows, strict=True):
        assert line.cells[place].value == row.parameters
        assert (line.cells[place].tone == "unknown") == (row.parameters is None)


def test_report_is_a_value() -> None:
    first, second = plain(builtin("lenet-5")), plain(builtin("lenet-5"))
    parts: list[Part] = [*first.parts(Table), *first.parts(Facts)]
    assert parts == [*second.parts(Table), *second.parts(Facts)]
    assert structs.replace(first, title="x").title == "x"


def test_equal_layers_are_worked_out_once() -> None:
    worked = {part.title: part for part in with_working(builtin("vgg-16")).parts(Worked)}
    assert len(worked) < builtin("vgg-16").totals.layers
    assert any("equal layer" in line for part in worked.values() for line in part.aside)
    alike = next(part for part in worked.values() if any("equal layer" in line for line in part.aside))
    assert "but for what they see of the input: " in alike.aside[-1]


def test_of_very_many_layers_that_differ_the_working_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(composition, "MAX_WORKED", 8)
    with pytest.raises(ValueError, match="the working has 15 layers that differ, and at most 8 are written out; name "):
        with_working(builtin("alexnet"))


def test_of_very_many_problems_the_first_are_listed_and_the_rest_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(composition, "MAX_PROBLEMS", 1)
    (error,) = faulty().problems
    warning = structs.replace(error, severity="warning")
    manuscript = plain(structs.replace(faulty(), problems=(warning, error, warning)))
    (listed,) = manuscript.parts(Remarks)
    assert [remark.severity for remark in listed.remarks] == ["error"]
    assert manuscript.sections[-1].parts[-1] == Prose(("And 2 more; `cnnstudio check` lists them all.",))
