"""Comparisons in every form: numbers read back and added up, and nothing in a name that acts."""

from __future__ import annotations

import csv
import html.parser
import io
import json
import re
from datetime import date
from typing import Any

import pytest
from hypothesis import given

from cnnstudio.core.comparison.totals import COMPARED
from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.counting.columns import COLUMN
from cnnstudio.core.network.design import Design
from cnnstudio.layers.convolution import Conv2D
from cnnstudio.layers.structure import Identity
from cnnstudio.reports.comparison.composition import compose_comparison, text_of
from cnnstudio.reports.comparison.request import ComparisonReport
from cnnstudio.reports.content.manuscript import Table
from cnnstudio.reports.form_table import FORMS
from tests.examples import share
from tests.hostile import NAMES, renamed
from tests.networks import IMAGE, builtin
from tests.strategies import designs

PAIRS = [("vgg-16", "vgg-19"), ("resnet-18", "resnet-34"), ("resnet-50", "resnet-50-keras")]


def report_on(*names: str, **wishes: Any) -> ComparisonReport:
    return ComparisonReport(analyses=tuple(map(builtin, names)), labels=names, **wishes)


def written(report: ComparisonReport, key: str) -> str:
    return FORMS[key].render(compose_comparison(report)).decode()


@pytest.mark.parametrize("pair", PAIRS)
def test_csv_adds_up_to_the_totals(pair: tuple[str, str]) -> None:
    rows = list(csv.DictReader(io.StringIO(written(report_on(*pair), "csv"))))
    for number, name in enumerate(pair, 1):
        totals = builtin(name).totals
        assert len([row for row in rows if row[f"layer_{number}"]]) == totals.layers
        for key in ("weights", "biases", "parameters", "state", "macs"):
            assert sum(int(row[f"{key}_{number}"] or 0) for row in rows) == getattr(totals, key)


COMPARED_QUANTITY = {quantity.key: quantity for quantity in COMPARED}


@pytest.mark.parametrize("pair", PAIRS)
def test_json_says_the_same_as_the_analyses(pair: tuple[str, str]) -> None:
    data = json.loads(written(report_on(*pair), "json"))
    for total in data["totals"]:
        first, second = (COMPARED_QUANTITY[total["key"]].total(builtin(name)).value for name in pair)
        assert first is not None
        assert second is not None
        assert total["values"] == [first, second]
        assert total["differences"] == [{"value": second - first, "bound": "exact"}]
    for number, name in enumerate(pair):
        assert [row["paths"][number] for row in data["rows"] if row["paths"][number]] == [
            row.path for row in builtin(name).rows
        ]
    assert data["differs"] is True
    assert {row["kind"] for row in data["rows"]} <= {"same", "renamed", "affected", "changed", "only"}


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("key", ["html", "md"])
def test_every_number_is_in_the_page(pair: tuple[str, str], key: str) -> None:
    text = written(report_on(*pair), key)
    for name in pair:
        totals = builtin(name).totals
        assert all(f"{getattr(totals, total):,}" in text for total in ("parameters", "macs", "weights", "state"))
        assert all(f"{row.parameters:,}" in text for row in builtin(name).rows)


def test_plain_text_is_what_the_terminal_shows() -> None:
    report = report_on("vgg-16", "vgg-19", only_differences=True)
    assert written(report, "txt") == text_of(report)


def test_the_layers_table_lists_what_is_asked_for() -> None:
    wanted = (COLUMN["layer"], COLUMN["kernel_size"], COLUMN["macs"])
    tables = compose_comparison(report_on("vgg-16", "vgg-19", columns=wanted, only_differences=True)).parts(Table)
    assert [field.key for field in tables[-1].fields] == [
        "layer",
        "type",
        "kernel_size",
        "macs_1",
        "macs_2",
        "macs_difference",
        "differs",
    ]
    assert [cell.text for cell in tables[-1].lines[0].cells] == [
        "conv3_4",
        "Conv2D",
        "3",
        "",
        "1,849,688,064",
        "+1,849,688,064",
        "only in vgg-19",
    ]


def test_of_more_than_two_designs_every_value_has_a_column() -> None:
    tables = compose_comparison(report_on("vgg-11", "vgg-16", "vgg-19")).parts(Table)
    assert [field.key for field in tables[1].fields][2:] == [
        "output",
        "parameters_1",
        "parameters_2",
        "parameters_3",
        "differs",
    ]


def test_equal_designs_say_so() -> None:
    manuscript = compose_comparison(report_on("vgg-16", "vgg-16", only_differences=True))
    assert manuscript.lead[0] == "Nothing differs between design 1 and design 2."
    assert "No layer differs." in FORMS["md"].render(manuscript).decode()


def test_names_that_are_too_long_for_a_title_are_told_once_in_full() -> None:
    long = "long name " * 30
    report = ComparisonReport(analyses=(builtin("vgg-11"), builtin("vgg-13")), labels=(long.strip(), "other"))
    manuscript = compose_comparison(report)
    assert len(manuscript.title) < 60
    assert all(len(field.title) < 45 for table in manuscript.parts(Table) for field in table.fields)
    for key in ("txt", "md", "html"):
        assert " ".join(FORMS[key].render(manuscript).decode().split()).count(long.strip()) == 1


def test_a_date_only_where_it_is_asked_for() -> None:
    assert json.loads(written(report_on("vgg-11", "vgg-13", date=date(2026, 11, 25)), "json"))["date"] == "2026-11-25"
    assert "25 November 2026" in written(report_on("vgg-11", "vgg-13", date=date(2026, 11, 25)), "html")
    assert "date" not in json.loads(written(report_on("vgg-11", "vgg-13"), "json"))


def test_unknown_values_are_null_and_empty() -> None:
    broken = Conv2D(name="broken", filters=4, kernel_size=99)
    pair = (Design(name="a", layers=(IMAGE,)), Design(name="b", layers=(IMAGE, broken)))
    report = ComparisonReport(analyses=tuple(map(analyze, pair)), labels=("a", "b"))
    total = next(total for total in json.loads(written(report, "json"))["totals"] if total["key"] == "parameters")
    assert total["known"] == [True, False]
    assert total["differences"] == [{"value": 0, "bound": "at least"}]
    assert total["ratios"] == [{"value": None, "bound": "unknown"}]
    assert list(csv.DictReader(io.StringIO(written(report, "csv"))))[1]["parameters_2"] == ""
    assert "at least 0" in written(report, "md")


class _Tags(html.parser.HTMLParser):
    """The tags of a page, to be balanced."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.scripts += tag in ("script", "img", "b")


@pytest.mark.parametrize("name", NAMES)
def test_names_do_not_act_in_any_form(name: str) -> None:
    conv = Conv2D(name=name, filters=2, kernel_size=3, note=name)
    pair = (
        Design(name=name, note=name, layers=(IMAGE, conv)),
        Design(name="other", layers=(IMAGE, Identity(name="x", note="=1"))),
    )
    report = ComparisonReport(analyses=tuple(map(analyze, pair)), labels=(name, "other"))
    page = _Tags()
    page.feed(written(report, "html"))
    assert page.scripts == 0
    for key, delimiter in (("csv", ","), ("tsv", "\t")):
        rows = list(csv.reader(io.StringIO(written(report, key)), delimiter=delimiter))
        assert len({len(row) for row in rows}) == 1
        assert not any(cell[:1] in ("=", "+", "-", "@") for row in rows for cell in row)
    lines = written(report, "md").splitlines()
    table = [line for line in lines if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in table} <= {6, 8}
    assert json.loads(written(report, "json"))["designs"][0]["label"] == name


@share(1 / 2)
@given(renamed(designs()))
def test_every_form_takes_any_designs(design: Design) -> None:
    for pair in ((analyze(design), builtin("lenet-5")), (builtin("lenet-5"), analyze(design))):
        report = ComparisonReport(analyses=pair, labels=("one", "other"))
        for form in FORMS.values():
            first = form.render(compose_comparison(report))
            assert first == form.render(compose_comparison(report)) != b""
