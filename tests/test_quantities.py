"""Every quantity, walked through everything that shows numbers: one that is forgotten somewhere fails by its name."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final

import jsonschema
import pytest
from openpyxl import load_workbook
from PySide6.QtCore import Qt

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.chart.tools import ChartTools
from cnnstudio.app.comparison.model import ComparedTotalsModel
from cnnstudio.app.document.document import Document
from cnnstudio.app.document.view_state import ViewState
from cnnstudio.app.inspector.inspector_parts import TotalsSection
from cnnstudio.app.layer_table.model import STANDARD_COLUMNS, LayerTableModel
from cnnstudio.app.layer_table.totals_line import TotalsModel
from cnnstudio.app.reports.choice import USUAL_BLANKS
from cnnstudio.app.window.status import StatusLine
from cnnstudio.app.working.lines import working_lines
from cnnstudio.cli.commands.summary import run as run_summary
from cnnstudio.core.arithmetic.convention import KERAS
from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.core.counting.columns import COLUMN, SHARED, SUMMARY_COLUMNS
from cnnstudio.core.counting.quantities import QUANTITIES, QUANTITY
from cnnstudio.core.counting.quantity import Quantity
from cnnstudio.core.counting.rows import Row
from cnnstudio.core.network.design import Block, Design
from cnnstudio.drawings.chart.bar import METRICS, value_text
from cnnstudio.drawings.chart.bars import bars_of
from cnnstudio.formats.design_file import DesignFile
from cnnstudio.formats.design_yaml import design_text
from cnnstudio.layers.convolution import Conv2D
from cnnstudio.layers.dense import Dense
from cnnstudio.layers.normalization import BatchNorm
from cnnstudio.layers.structure import Input
from cnnstudio.reports.comparison.composition import text_of, totals_table
from cnnstudio.reports.comparison.records import comparison_data
from cnnstudio.reports.comparison.request import ComparisonReport
from cnnstudio.reports.comparison.schema import comparison_schema
from cnnstudio.reports.content.composition import compose
from cnnstudio.reports.content.explanation import explain_text, readable_workings
from cnnstudio.reports.content.report import ReportRequest
from cnnstudio.reports.data.json_data import json_report
from cnnstudio.reports.data.json_schema import report_schema
from cnnstudio.reports.form_table import FORMS
from cnnstudio.reports.latex.escaping import latex_words
from cnnstudio.reports.terminal.summary import FORMATS, Wish
from cnnstudio.reports.terminal.totals_text import totals_facts

Shown = dict[str, str]
"""Texts by the key of their quantity."""
COLUMNS: Final = tuple(column for column in COLUMN.values() if column.key in QUANTITY)
RECORDED: Final = {quantity.record.key if quantity.record else quantity.key: quantity.key for quantity in QUANTITIES}
"""The keys of quantities by the keys of JSON."""


def design(filters: int = 4) -> Design:
    """A network of which no total is 0, and none is that of another quantity."""
    block = (Conv2D(name="conv", filters=filters, kernel_size=3, padding="same"), BatchNorm(name="norm"))
    layers = (
        Input(name="image", size=(12, 12), channels=3),
        Block(name="twice", repeat=2, layers=block),
        Conv2D(name="frozen", filters=5, kernel_size=3, trainable=False),
        Dense(name="fc", units=7),
        Dense(name="shared", units=7),
        Dense(name="again", units=7, shares="shared"),
    )
    return Design(name="Sample", convention="keras", layers=layers)


@cache
def network() -> Analysis:
    return analyze(design(), KERAS)


@cache
def compared() -> ComparisonReport:
    return ComparisonReport(analyses=(network(), analyze(design(6), KERAS)), labels=("Sample", "Wider"))


def last_row() -> Row:
    return network().rows[-1]


def total(quantity: Quantity) -> int:
    """The sum, from the rows one by one."""
    return sum(quantity.reader(network())(row) or 0 for row in network().rows)


def in_full(quantity: Quantity) -> str:
    return quantity.unit.full(total(quantity))


def cell(quantity: Quantity) -> str:
    return quantity.text(quantity.value(last_row(), network()), network())


def in_column(quantity: Quantity) -> str:
    """The text of a cell; parameters that are another layer's are called so."""
    return SHARED if quantity.key == "parameters" and last_row().owner else cell(quantity)


# What each place shows.


def in_table(document: Document) -> Shown:
    model = LayerTableModel(document, ViewState(document, document), [column.key for column in COLUMNS], document)
    return {column.key: model.cell_text(model.lines[-1], column) for column in model.columns}


def below_table(document: Document) -> Shown:
    model = LayerTableModel(document, ViewState(document, document), [column.key for column in COLUMNS], document)
    totals = TotalsModel(document, model, document)
    texts = {column.key: totals.cell_text(column, is_first=False) for column in totals.columns}
    return {key: text for key, text in texts.items() if text}


def in_csv(_: Document) -> Shown:
    text = FORMATS["csv"](network(), Wish(COLUMNS, True, {}))
    return list(csv.DictReader(io.StringIO(text)))[-1]


def in_chart_chooser(_: Document) -> Shown:
    chooser = ChartTools(Theme("light")).metrics
    return {str(chooser.itemData(at)): chooser.itemText(at) for at in range(chooser.count())}


def in_chart(document: Document) -> Shown:
    bars = {key: bars_of(document.analysis, lambda _: True, key, "layer")[-1] for key in METRICS}
    return {key: value_text(bar.value, key) for key, bar in bars.items()}


def in_chart_of_reports(_: Document) -> Shown:
    parts = {key: compose(ReportRequest(analysis=network(), metric=key)).sections for key in METRICS}
    texts = {
        key: [getattr(part, "remark", "") for section in found for part in section.parts]
        for key, found in parts.items()
    }
    return {key: next(text for text in found if text).partition(" in all")[0] for key, found in texts.items()}


def in_data_totals(_: Document) -> Shown:
    return {key: str(value) for key, value in json.loads(json_report(network()))["totals"].items()}


def in_schema_of_totals(_: Document) -> Shown:
    properties = report_schema()["properties"]["totals"]["properties"]
    return {key: schema["description"] for key, schema in properties.items()}


def in_data_rows(_: Document) -> Shown:
    row = json.loads(json_report(network()))["rows"][-1]
    return {RECORDED[key]: str(value) for key, value in row.items() if key in RECORDED}


def in_schema_of_rows(_: Document) -> Shown:
    properties = report_schema()["properties"]["rows"]["items"]["properties"]
    return {RECORDED[key]: schema["description"] for key, schema in properties.items() if key in RECORDED}


def in_compared_totals(_: Document) -> Shown:
    table = totals_table(compared())
    return {str(line.cells[0].value): line.cells[1].text for line in table.lines}


def in_compared_text(_: Document) -> Shown:
    text = text_of(compared()).partition("line by line")[0]
    titles = {quantity.title: quantity.key for quantity in QUANTITIES}
    cells = [re.split(r" {2,}", line) for line in text.splitlines()]
    return {titles[line[0]]: line[1] for line in cells if line[0] in titles}


def in_compared_data(_: Document) -> Shown:
    return {found["key"]: str(found["values"][0]) for found in comparison_data(compared())["totals"]}


def in_schema_of_compared(_: Document) -> Shown:
    keys = comparison_schema()["properties"]["totals"]["items"]["properties"]["key"]["enum"]
    return dict.fromkeys(keys, "known")


def in_compared_rows(_: Document) -> Shown:
    changes = [change.key for row in compared().comparison.rows for change in row.quantities]
    return dict.fromkeys((key for key in changes if key in QUANTITY), "differs")


def in_comparison_window(_: Document) -> Shown:
    report = compared()
    model = ComparedTotalsModel(Theme("light"))
    model.show(report.comparison, report.labels)
    titles = {quantity.title: quantity.key for quantity in QUANTITIES}
    sections = range(1, model.columnCount())
    return {
        titles[str(model.headerData(at, Qt.Orientation.Horizontal))]: str(model.index(0, at).data()) for at in sections
    }


def in_inspector(document: Document) -> Shown:
    totals = TotalsSection(Theme("light"))
    totals.show_totals(document.analysis)
    return {key: label.text() for key, label in totals.values.items()}


def in_status(document: Document) -> Shown:
    line = StatusLine(document, Theme("light"))
    line.resize(4_000, 30)
    line.totals.resize(4_000, 30)
    return {part.key: part.number for part in line.totals.shown if part.key}


def explained_of_layer(_: Document) -> Shown:
    text = explain_text(last_row(), network())
    workings = readable_workings(last_row(), network())
    return {QUANTITY[working.key].explained_in: "explained" for working in workings if working.name in text}


def explained_of_network(_: Document) -> Shown:
    text = explain_text(None, network())
    workings = readable_workings(None, network())
    return {working.key: str(working.value) for working in workings if f"\n{working.name} " in text}


def in_panel_of_layer(_: Document) -> Shown:
    asked = {quantity.key: working_lines((last_row(),), network(), quantity.key)[0] for quantity in QUANTITIES}
    return {
        key: "explained" for key, lines in asked.items() if {line.key for line in lines} == {QUANTITY[key].explained_in}
    }


def in_panel_of_network(_: Document) -> Shown:
    asked = {quantity.key: working_lines((), network(), quantity.key)[0][0] for quantity in QUANTITIES}
    return {key: str(line.working.value) for key, line in asked.items() if line.key == key}


def in_headline(_: Document) -> Shown:
    words = {quantity.headline: quantity.key for quantity in QUANTITIES if quantity.headline}
    return {words[text]: number for number, text in compose(ReportRequest(analysis=network())).headline}


def by_default(keys: tuple[str, ...]) -> Callable[[Document], Shown]:
    return lambda _: {key: "shown" for key in keys if key in QUANTITY}


# What it must show by the declaration.

Told = Callable[[Quantity], str | None]


def placed(place: str, text: Callable[[Quantity], str]) -> Told:
    return lambda quantity: text(quantity) if place in quantity.places else None


def raw(quantity: Quantity) -> str:
    value = quantity.value(last_row(), network())
    return str(value) if isinstance(value, (int, float)) else cell(quantity)


def for_programs(quantity: Quantity) -> str:
    """The value as CSV has it: a list as programs read it."""
    value = quantity.value(last_row(), network())
    return json.dumps(value) if isinstance(value, list) else raw(quantity)


def recorded(quantity: Quantity) -> str:
    return str(quantity.recorder(network())[1](last_row()))


def in_status_line(quantity: Quantity) -> str:
    """The parameters in full, as everybody compares them; the others in short."""
    return in_full(quantity) if quantity.key == "parameters" else quantity.unit.short(total(quantity))


def summed(quantity: Quantity) -> bool:
    return quantity.adds_up and quantity.has_working


PLACES: Final[dict[str, tuple[Callable[[Document], Shown], Told]]] = {
    "table": (in_table, placed("column", in_column)),
    "totals": (below_table, lambda quantity: placed("column", in_full)(quantity) if quantity.adds_up else None),
    "table-default": (by_default(STANDARD_COLUMNS), placed("table", lambda _: "shown")),
    "summary-default": (by_default(SUMMARY_COLUMNS), placed("summary", lambda _: "shown")),
    "worksheet-default": (by_default(USUAL_BLANKS), placed("worksheet", lambda _: "shown")),
    "csv": (in_csv, placed("column", for_programs)),
    "chart-chooser": (in_chart_chooser, placed("chart", lambda quantity: quantity.title)),
    "chart": (in_chart, placed("chart", cell)),
    "report-chart": (in_chart_of_reports, placed("chart", in_full)),
    "json-totals": (in_data_totals, placed("data_totals", lambda quantity: str(total(quantity)))),
    "json-totals-schema": (in_schema_of_totals, placed("data_totals", lambda quantity: quantity.help)),
    "json-rows-schema": (
        in_schema_of_rows,
        placed("data_rows", lambda quantity: quantity.row_schema[1]["description"]),
    ),
    "json-rows": (in_data_rows, placed("data_rows", recorded)),
    "compared-totals": (in_compared_totals, placed("compared_totals", in_full)),
    "compared-text": (in_compared_text, placed("compared_totals", in_full)),
    "compared-json": (in_compared_data, placed("compared_totals", lambda quantity: str(total(quantity)))),
    "compared-schema": (in_schema_of_compared, placed("compared_totals", lambda _: "known")),
    "compared-rows": (in_compared_rows, placed("compared_rows", lambda _: "differs")),
    "compared-window": (in_comparison_window, placed("comparison_window", in_full)),
    "inspector": (in_inspector, placed("inspector", in_full)),
    "status": (in_status, lambda quantity: in_status_line(quantity) if quantity.status else None),
    "layer-explained": (explained_of_layer, lambda quantity: "explained" if quantity.has_working else None),
    "layer-panel": (in_panel_of_layer, placed("column", lambda _: "explained")),
    "network-explained": (explained_of_network, lambda quantity: str(total(quantity)) if summed(quantity) else None),
    "network-panel": (in_panel_of_network, lambda quantity: str(total(quantity)) if summed(quantity) else None),
    "headline": (
        in_headline,
        lambda quantity: quantity.unit.short(total(quantity)) if quantity.headline else None,
    ),
}


@pytest.fixture(scope="module")
def shown(request: pytest.FixtureRequest) -> Callable[[str], Shown]:
    """The texts of a place, written once for all quantities."""
    request.getfixturevalue("qapp")
    document = Document(DesignFile(design()))
    return cache(lambda place: PLACES[place][0](document))


each_quantity = pytest.mark.parametrize("quantity", QUANTITIES, ids=lambda quantity: quantity.key)


@each_quantity
@pytest.mark.parametrize("place", PLACES)
def test_it_is_shown_where_it_is_declared(quantity: Quantity, place: str, shown: Callable[[str], Shown]) -> None:
    _, told = PLACES[place]
    assert shown(place).get(quantity.key) == told(quantity)


def test_what_machines_are_given_is_as_its_schema_says() -> None:
    jsonschema.validate(json.loads(json_report(network())), report_schema())
    jsonschema.validate(json.loads(json.dumps(comparison_data(compared()))), comparison_schema())


@each_quantity
def test_it_has_a_line_of_the_totals_if_it_asks_for_one(quantity: Quantity) -> None:
    facts = dict(totals_facts(network()))
    if quantity.line is not None:
        assert in_full(quantity) in facts[quantity.line.title.format(element_type="float32")]


@each_quantity
def test_it_can_be_asked_for_on_the_command_line(
    quantity: Quantity, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if "column" not in quantity.places:
        return
    path = tmp_path / "net.yaml"
    path.write_text(design_text(design()), encoding="utf-8")
    assert run_summary([str(path), "--columns", f"layer,{quantity.key}"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[2].endswith(quantity.title)
    assert lines[4 + len(network().entries) + 1].strip().endswith(in_column(quantity))


@cache
def rendered(form: str) -> bytes:
    """The table of every column in a form of report."""
    columns = (COLUMN["layer"], *COLUMNS)
    return FORMS[form].render(
        compose(ReportRequest(analysis=network(), columns=columns, parts=("table",), expand=True))
    )


@each_quantity
@pytest.mark.parametrize("form", [form for form in FORMS if form not in ("json", "xlsx")])
def test_every_form_of_a_report_has_a_column_of_it(quantity: Quantity, form: str) -> None:
    if "column" in quantity.places:
        text = rendered(form).decode()
        assert (quantity.key if form in ("csv", "tsv") else quantity.title) in text
        words = latex_words(cell(quantity), breaks=True)
        assert any(said in text for said in (cell(quantity), raw(quantity), for_programs(quantity), words))


@each_quantity
def test_a_workbook_has_a_column_of_it(quantity: Quantity) -> None:
    if "column" in quantity.places:
        rows = list(workbook_rows())
        at = rows[0].index(quantity.title)
        # A whole number is one to a spreadsheet, also where it is a share.
        assert str(rows[len(network().rows)][at]) in (raw(quantity), raw(quantity).removesuffix(".0"))


@cache
def workbook_rows() -> tuple[tuple[Any, ...], ...]:
    return tuple(load_workbook(io.BytesIO(rendered("xlsx")))["Layers"].iter_rows(values_only=True))


def test_no_total_is_told_by_that_of_another() -> None:
    """Or the tests above would not see one taken for another."""
    totals = [(total(quantity), quantity.unit.kind) for quantity in QUANTITIES if quantity.adds_up]
    assert len(set(totals)) == len(totals)
    assert all(value for value, _ in totals)
