"""The workbook: opened again by another library, its formulas computed, and no text taken for one."""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.core.counting.columns import COLUMN, SUMMARY_COLUMNS
from cnnstudio.core.network.design import Design
from cnnstudio.formats.design_yaml import parse_design
from cnnstudio.layers.dense import Dense
from cnnstudio.layers.structure import Input
from cnnstudio.reports.content.manuscript import Manuscript
from cnnstudio.reports.xlsx.workbook import xlsx_bytes
from tests.examples import share
from tests.hostile import NAMES, renamed
from tests.networks import builtin
from tests.reports.samples import (
    DESIGNS,
    FAULTY,
    SUMMED,
    columns,
    faulty,
    named,
    plain,
    with_working,
    worksheet,
)
from tests.strategies import designs

FIRST = 2


def opened(manuscript: Manuscript, *, values: bool = False) -> Workbook:
    """The workbook as another program reads it: with formulas, or with the values that are kept beside them."""
    return load_workbook(io.BytesIO(xlsx_bytes(manuscript)), data_only=values)


def sheet_of(manuscript: Manuscript, name: str = "Layers", *, values: bool = False) -> Worksheet:
    """One sheet of it."""
    sheet: Any = opened(manuscript, values=values)[name]
    assert isinstance(sheet, Worksheet)
    return sheet


def column(sheet: Worksheet, letters: str, first: int, last: int) -> list[Any]:
    """The values of a piece of a column."""
    return [sheet[f"{letters}{row}"].value for row in range(first, last + 1)]


def computed(sheet: Worksheet, formula: str) -> int:
    """The value of a formula, one of the two kinds that there are."""
    found = re.fullmatch(r"=SUM\(([A-Z]+)(\d+):\1(\d+)\)", formula)
    if found:
        values = column(sheet, found[1], int(found[2]), int(found[3]))
        return sum(value for value in values if isinstance(value, int))
    found = re.fullmatch(r"=SUMIF\(\$([A-Z]+)\$(\d+):\$\1\$(\d+),0,([A-Z]+)\2:\4\3\)", formula)
    assert found, formula
    depths = column(sheet, found[1], int(found[2]), int(found[3]))
    values = column(sheet, found[4], int(found[2]), int(found[3]))
    return sum(value for depth, value in zip(depths, values, strict=True) if depth == 0 and isinstance(value, int))


def total_row(sheet: Worksheet) -> int:
    """The number of the row of totals."""
    return next(row for row in range(1, sheet.max_row + 1) if sheet[f"A{row}"].value == "Total")


# Numbers


@pytest.mark.parametrize("expand", [False, True])
@pytest.mark.parametrize("name", DESIGNS)
def test_totals_are_formulas_that_give_the_totals(name: str, expand: bool) -> None:
    analysis = builtin(name)
    manuscript = plain(analysis, expand=expand)
    sheet, kept = sheet_of(manuscript), sheet_of(manuscript, values=True)
    row = total_row(sheet)
    for place, key in enumerate(SUMMARY_COLUMNS):
        cell = sheet.cell(row, place + 1)
        if key in SUMMED:
            assert cell.data_type == "f"
            expected = getattr(analysis.totals, key)
            assert computed(sheet, str(cell.value)) == kept.cell(row, place + 1).value == expected


def test_numbers_are_numbers_and_bytes_are_in_full() -> None:
    analysis = builtin("alexnet")
    sheet = sheet_of(plain(analysis, columns=columns("layer", "share", "activation_bytes", "output", "bias")))
    for number, row in enumerate(analysis.rows, FIRST):
        assert sheet[f"C{number}"].value == row.activation_bytes
        assert sheet[f"B{number}"].value == pytest.approx((row.parameters or 0) / analysis.totals.parameters)
        assert sheet[f"D{number}"].data_type == "s"
    assert (sheet["B3"].number_format, sheet["C3"].number_format) == ("0.0%", "#,##0")
    assert sheet["E3"].value == "yes"


def test_unknown_is_said_and_the_total_is_a_lower_bound() -> None:
    sheet = sheet_of(plain(faulty()))
    assert [sheet[f"F{row}"].value for row in range(4, 7)] == ["unknown", 0, "unknown"], "a Flatten has none"
    total = sheet[f"F{total_row(sheet)}"]
    assert total.number_format == '"at least "#,##0'
    assert computed(sheet, str(total.value)) == 112


def test_total_that_the_shown_numbers_do_not_add_up_to_is_no_formula() -> None:
    inner = "{type: Block, name: block, layers: [{type: Conv2D, name: known, filters: 2, kernel_size: 1}, "
    inner += "{type: Conv2D, name: late, filters: 4, kernel_size: 99}]}"
    text = FAULTY.replace("{type: Conv2D, name: large, filters: 4, kernel_size: 99}", inner)
    analysis = analyze(parse_design(text).design)
    sheet = sheet_of(plain(analysis))
    total = sheet[f"F{total_row(sheet)}"]
    assert (total.value, total.data_type, total.number_format) == (122, "n", '"at least "#,##0')
    assert analysis.totals.parameters == 122
    assert sheet["F4"].value == "unknown"


def test_number_with_more_digits_than_a_spreadsheet_keeps_is_text() -> None:
    vast = Design(
        name="Vast",
        layers=(
            Input(name="image", size=(30_000, 30_000), channels=30_000),
            Dense(name="dense", units=100),
        ),
    )
    analysis = analyze(vast)
    assert analysis.totals.weights > 10**15
    sheet = sheet_of(plain(analysis))
    assert sheet["D3"].value == f"{analysis.totals.weights:,}"
    assert sheet[f"D{total_row(sheet)}"].value == f"{analysis.totals.weights:,}"


def test_chart_has_its_numbers() -> None:
    book = opened(plain(builtin("alexnet")))
    sheet: Any = book["Chart"]
    assert [cell.value for cell in sheet["A"]][:3] == ["Layer", "Conv-1", "Conv-2"]
    assert sum(cell.value for cell in sheet["B"][1:]) == 62_378_344
    assert len(sheet._charts) == 1


def test_numbers_of_the_chart_add_up_where_blocks_are_open() -> None:
    sheet: Any = opened(plain(builtin("resnet-50")))["Chart"]
    assert sum(cell.value for cell in sheet["B"][1:]) == 25_557_032


def test_working_is_listed_with_values_as_numbers() -> None:
    sheet = sheet_of(with_working(builtin("alexnet")), "Working")
    lines = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    line = next(line for line in lines if line[:2] == ["Conv-1 (Conv2D)", "parameters"])
    assert line[2:5] == ["(K_h · K_w · C + 1) · N", "(11 × 11 × 3 + 1) × 96", 34_944]


def test_worksheet_is_blank_and_its_key_is_not() -> None:
    analysis = builtin("alexnet")
    blank = sheet_of(worksheet(analysis, "parameters"))
    assert {blank[f"H{row}"].value for row in range(FIRST, total_row(blank) + 1)} == {None}
    key = sheet_of(worksheet(analysis, "parameters", has_answers=True))
    assert column(key, "H", FIRST, total_row(key) - 1) == [row.parameters for row in analysis.rows]
    assert opened(worksheet(analysis, "parameters")).sheetnames == ["Layers", "Summary"]


# The sheets themselves


def test_header_stays_in_sight_and_blocks_fold() -> None:
    sheet = sheet_of(plain(builtin("resnet-50")))
    assert sheet.freeze_panes == "B2"
    assert sheet.print_title_rows == "$1:$1"
    assert sheet.column_dimensions["H"].hidden
    assert max(dimension.outlineLevel or 0 for dimension in sheet.row_dimensions.values()) == 2
    assert all(10 < sheet.column_dimensions[letter].width < 50 for letter in "ACDF")


def test_every_sheet_is_printed_as_wide_as_the_page() -> None:
    for sheet in opened(with_working(builtin("alexnet"))).worksheets:
        assert sheet.sheet_properties.pageSetUpPr is not None
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 0)


def test_date_and_time_of_the_file() -> None:
    assert opened(plain(builtin("lenet-5"))).properties.created.year == 2000
    dated = opened(plain(builtin("lenet-5"), date=date(2026, 11, 25)))
    assert dated.properties.created.date() == date(2026, 11, 25)


def test_empty_design() -> None:
    sheet = sheet_of(plain(analyze(Design(name="Empty"))))
    assert [cell.value for cell in sheet[1]][:2] == ["Layer", "Type"]


# Hostile names


def all_cells(book: Workbook) -> list[Any]:
    """Every cell of every sheet."""
    return [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row if cell.value is not None]


@pytest.mark.parametrize("name", NAMES)
def test_names_read_back_and_are_no_formulas(name: str) -> None:
    book = opened(with_working(named(name, name), columns=columns("layer", "type", "note", "parameters")))
    sheet: Any = book["Layers"]
    assert [sheet["A3"].value, sheet["C3"].value] == [name, name]
    formulas = [cell.value for cell in all_cells(book) if cell.data_type == "f"]
    assert all(re.match(r"=SUM(IF)?\([$A-Z0-9:,]+\)$", formula) for formula in formulas)
    assert len(formulas) == 1
    assert not [cell for cell in all_cells(book) if cell.hyperlink]


@given(renamed(designs()))
@share(1 / 4)
def test_any_design_gives_a_workbook_without_a_formula_of_its_own(design: Design) -> None:
    analysis = analyze(design)
    book = opened(plain(analysis, columns=columns("layer", "type", "note")))
    assert not [cell for cell in all_cells(book) if cell.data_type == "f"]
    sheet: Any = book["Layers"]
    assert sheet["A1"].value == "Layer"


def test_nothing_but_plain_parts_is_in_the_file() -> None:
    names = zipfile.ZipFile(io.BytesIO(xlsx_bytes(plain(named("=cmd|' /C calc'!A1"))))).namelist()
    assert not [name for name in names if "externalLink" in name or "vba" in name.lower() or "connections" in name]


# Another program


def without_kept_values(content: bytes) -> bytes:
    """The workbook without the values beside its formulas, so that whoever opens it has to compute."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            new.writestr(name, re.sub(rb"(</f>)<v>[^<]*</v>", rb"\1", old.read(name)))
    return buffer.getvalue()


def recomputed(manuscript: Manuscript, folder: Path) -> list[list[str]]:
    """The first sheet as LibreOffice reads and computes it."""
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office is None:
        pytest.skip("LibreOffice is not installed, so that nothing but the test's own arithmetic checks the formulas")
    path = folder / "report.xlsx"
    path.write_bytes(without_kept_values(xlsx_bytes(manuscript)))
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    words: list[str | Path] = [office, profile, "--headless", "--convert-to", "csv", "--outdir", folder, path]
    subprocess.run(words, check=True, capture_output=True, timeout=200)
    return list(csv.reader(io.StringIO((folder / "report.csv").read_text(encoding="latin-1"))))


def test_libreoffice_computes_the_same_totals(tmp_path: Path) -> None:
    analysis: Analysis = builtin("resnet-18")
    rows = recomputed(plain(analysis), tmp_path)
    total = next(row for row in rows if row[0] == "Total")
    expected = [getattr(analysis.totals, key) for key in SUMMED]
    assert [int(cell.replace(",", "")) for cell in total[3:7]] == expected
    assert COLUMN["layer"].title == rows[0][0]
