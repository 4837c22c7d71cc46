"""A report for machines: the analysis as JSON has it everywhere, and what the report adds when it is asked to.

`report_schema` documents it.
"""

from __future__ import annotations

from typing import Any

from cnnstudio.core.arithmetic.derivation import Working, formula, substitution
from cnnstudio.core.counting.rows import Entry
from cnnstudio.reports.content.explanation import readable_workings
from cnnstudio.reports.content.layer_table import layer_table
from cnnstudio.reports.content.report import ReportRequest
from cnnstudio.reports.data.json_data import report_data
from cnnstudio.version import __version__


def machine_report(report: ReportRequest) -> dict[str, Any]:
    """The report as plain values; ValueError if the design expands to more layers than can be listed."""
    data = _worksheet(report) if report.worksheet else report_data(report.analysis, report.lines)
    if report.date is not None:
        data["date"] = report.date.isoformat()
    if report.working and (report.worksheet is None or report.worksheet.has_answers):
        data["working"] = [_working(entry, working) for entry in report.working for working in _asked(entry, report)]
    return data


def _worksheet(report: ReportRequest) -> dict[str, Any]:
    """The table of a worksheet, a list of values a row; null where it is blank, or unknown in its key."""
    table, sheet = layer_table(report), report.worksheet
    rows = [[cell.value for cell in line.cells] for line in table.lines]
    return {
        "cnnstudio": __version__,
        "design": report.analysis.design.name,
        "convention": report.analysis.convention.key,
        "worksheet": {
            "is_key": bool(sheet and sheet.has_answers),
            "blank": list(sheet.blank) if sheet else [],
            "columns": [field.key for field in table.fields],
            "rows": rows,
        },
    }


def _asked(entry: Entry | None, report: ReportRequest) -> list[Working]:
    found = readable_workings(entry, report.analysis)
    return [working for working in found if report.worksheet is None or working.key in report.worksheet.blank]


def _working(entry: Entry | None, working: Working) -> dict[str, Any]:
    """One number: an empty path is the whole network's."""
    number = working.number
    return {
        "path": entry.path if entry else "",
        "quantity": working.key,
        "name": working.name,
        "formula": None if number is None else formula(number),
        "substitution": None if number is None else substitution(number),
        "value": working.value,
        "reason": working.reason,
    }
