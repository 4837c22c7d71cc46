"""A comparison for machines: as a table with a column for each value, and as plain values for JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cnnstudio.core.arithmetic.measure import Measure
from cnnstudio.core.arithmetic.numerals import UNKNOWNS
from cnnstudio.core.comparison.comparison import ComparedRow, Comparison
from cnnstudio.core.comparison.totals import ComparedTotal
from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.counting.columns import Column
from cnnstudio.core.counting.quantity_places import placed
from cnnstudio.core.counting.units import shape_list
from cnnstudio.core.counting.working import is_complete
from cnnstudio.reports.comparison.request import ComparisonReport
from cnnstudio.reports.comparison.terminal_text import shown_rows
from cnnstudio.reports.comparison.words import changes_text, item_words
from cnnstudio.reports.content.manuscript import Cell, Table, TableField, TableLine, Tone
from cnnstudio.reports.terminal.totals_text import one_line
from cnnstudio.version import __version__


def comparison_records(report: ComparisonReport) -> Table:
    """One line a layer, every value of every design in a column of its own; ValueError if there are too many."""
    columns = report.chosen(tuple(quantity.key for quantity in placed("compared_rows")))
    numbers = range(1, len(report.labels) + 1)
    fields = [TableField("kind", "Kind"), *(TableField(f"layer_{n}", "Layer") for n in numbers)]
    fields += [TableField(f"type_{n}", "Type") for n in numbers]
    fields += [TableField(f"{column.key}_{n}", column.title) for column in columns for n in numbers]
    fields.append(TableField("differs", "What differs"))
    rows = shown_rows(report.comparison, only_differences=report.only_differences)
    return Table(tuple(fields), tuple(TableLine(tuple(_record(row, columns, report.comparison))) for row in rows))


def _record(row: ComparedRow, columns: tuple[Column, ...], comparison: Comparison) -> Iterator[Cell]:
    yield Cell(row.kind, row.kind)
    for item in row.items:
        yield Cell("" if item is None else one_line(item.entry.path))
    for item in row.items:
        yield Cell("" if item is None else item.entry.item.type_name)
    for column in columns:
        for item, analysis in zip(row.items, comparison.analyses, strict=True):
            value = None if item is None else column.value(item.entry, analysis)
            text = "" if item is None else item_words(column, item, analysis, comparison)
            tone: Tone = "unknown" if item is not None and text in UNKNOWNS and value in (None, [None]) else "plain"
            yield Cell(text, value if isinstance(value, int | float) else None, tone)
    yield Cell(changes_text(row, comparison))


def comparison_data(report: ComparisonReport) -> dict[str, Any]:
    """The comparison as plain values, one row a layer: raw numbers, null for unknown and for what is not there."""
    comparison = report.comparison
    data: dict[str, Any] = {
        "cnnstudio": __version__,
        "designs": [_design(label, analysis) for label, analysis in zip(report.labels, report.analyses, strict=True)],
        "differs": comparison.differs,
        "totals": [_total_data(total) for total in comparison.totals],
        "rows": [_row_data(row) for row in shown_rows(comparison, only_differences=report.only_differences)],
    }
    return data if report.date is None else data | {"date": report.date.isoformat()}


def _design(label: str, analysis: Analysis) -> dict[str, Any]:
    return {
        "label": label,
        "design": analysis.design.name,
        "convention": analysis.convention.key,
        "element_type": analysis.design.element_type,
        "complete": is_complete(analysis),
    }


def _total_data(total: ComparedTotal) -> dict[str, Any]:
    """One sum; a value that is not known to be whole is a lower bound. Differences and ratios are to the first."""
    others = range(1, len(total.measures))
    return {
        "key": total.quantity.key,
        "values": [measure.value for measure in total.measures],
        "known": [measure.is_exact for measure in total.measures],
        "differences": [_measure_data(total.difference(index)) for index in others],
        "ratios": [_measure_data(total.ratio(index)) for index in others],
    }


def _measure_data(measure: Measure) -> dict[str, Any]:
    return {"value": measure.value, "bound": measure.bound}


def _row_data(row: ComparedRow) -> dict[str, Any]:
    entries = [None if item is None else item.entry for item in row.items]
    return {
        "kind": row.kind,
        "paths": [entry and entry.path for entry in entries],
        "types": [entry and entry.item.type_name for entry in entries],
        "output_shapes": [entry and shape_list(entry.output_shape) for entry in entries],
        "fields": {change.key: list(change.values) for change in row.fields},
        "quantities": {change.key: list(change.values) for change in row.quantities},
    }
