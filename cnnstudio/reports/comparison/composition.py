"""Composes the manuscript of a comparison, which every form of a report can write."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from cnnstudio.core.arithmetic.measure import Measure
from cnnstudio.core.arithmetic.numerals import UNKNOWNS, number_of
from cnnstudio.core.comparison.comparison import ComparedRow, Comparison
from cnnstudio.core.comparison.totals import ComparedTotal
from cnnstudio.core.counting.columns import Column
from cnnstudio.core.counting.quantity import Quantity
from cnnstudio.core.counting.quantity_places import placed
from cnnstudio.core.counting.rows import BlockRow
from cnnstudio.reports.comparison.records import comparison_data, comparison_records
from cnnstudio.reports.comparison.request import ComparisonReport
from cnnstudio.reports.comparison.terminal_text import (
    column_titles,
    comparison_text,
    comparison_title,
    shown_rows,
)
from cnnstudio.reports.comparison.words import (
    ARROW,
    NONE,
    causes_sentences,
    changes_text,
    difference_text,
    item_words,
    kind_words,
    layer_text,
    ratio_text,
    row_difference,
    setting_text,
    signed_text,
    summary_sentence,
    total_text,
    unknown_difference,
)
from cnnstudio.reports.content.manuscript import (
    Cell,
    Facts,
    Kind,
    Manuscript,
    Prose,
    Section,
    Table,
    TableField,
    TableLine,
    Tone,
)
from cnnstudio.reports.terminal.table import Paint, unpainted
from cnnstudio.reports.terminal.totals_text import one_line

USUAL_COLUMNS: Final = tuple(quantity.key for quantity in placed("compared_columns"))
TEXT_COLUMNS: Final = tuple(quantity.key for quantity in placed("compared_columns") if quantity.adds_up)
"""The columns of plain text by default: a terminal has no room for more."""


def compose_comparison(report: ComparisonReport) -> Manuscript:
    """The manuscript of a comparison; ValueError if it cannot be made."""
    comparison = report.comparison
    designs = report.names_of_designs
    settings = [setting_text(change, designs) for change in comparison.settings]
    return Manuscript(
        title=comparison_title(designs),
        date=report.date,
        lead=(summary_sentence(comparison, designs), *causes_sentences(comparison, designs), *settings),
        sections=tuple(_sections(report)),
        records=lambda: comparison_records(report.expanded()),
        data=lambda: comparison_data(report.expanded()),
        text=lambda: text_of(report),
        page=report.page,
    )


def text_of(report: ComparisonReport, paint: Paint = unpainted, width: int | None = None) -> str:
    """The comparison as a terminal shows it, of so many columns if that matters."""
    return comparison_text(
        report.comparison,
        report.labels,
        report.chosen(TEXT_COLUMNS),
        expand=report.expand,
        only_differences=report.only_differences,
        paint=paint,
        width=width,
    )


def _sections(report: ComparisonReport) -> Iterator[Section]:
    yield Section("designs", "Designs", (Facts(tuple(_facts(report))),))
    yield Section("totals", "Totals", (totals_table(report),))
    table = layers_table(report)
    yield Section("table", "Layers", (table if table.lines else Prose(("No layer differs.",)),))


def _facts(report: ComparisonReport) -> Iterator[tuple[str, str]]:
    for name, label, analysis in zip(report.names_of_designs, report.labels, report.analyses, strict=True):
        note = " ".join(one_line(analysis.design.note).split()) or number_of(analysis.totals.layers, "layer")
        yield name, note if name == label else f"{label}: {note}"
    for sentence in dict.fromkeys(analysis.convention.sentence for analysis in report.analyses):
        title, _, rest = sentence.partition(": ")
        yield title, rest[:1].upper() + rest[1:]


# The totals.


def totals_table(report: ComparisonReport) -> Table:
    """Every sum of every design, with the difference from the first one and the ratio to it."""
    first, *others = report.names_of_designs
    fields = [TableField("total", "Total"), _number_field("value_1", first)]
    for number, label in enumerate(others, 2):
        fields.append(_number_field(f"value_{number}", label))
        fields.append(_number_field(f"difference_{number}", "Difference"))
        fields.append(TableField(f"ratio_{number}", "Ratio", align="right"))
    return Table(tuple(fields), tuple(TableLine(tuple(_total_cells(total))) for total in report.comparison.totals))


def _number_field(key: str, title: str, kind: Kind = "count", help_text: str = "") -> TableField:
    return TableField(key, title, help_text, "right", kind)


def _total_cells(total: ComparedTotal) -> Iterator[Cell]:
    yield Cell(total.quantity.title, total.quantity.key)
    for number, measure in enumerate(total.measures):
        yield _measure_cell(total_text(total, number), measure)
        if number:
            yield _measure_cell(difference_text(total, number), total.difference(number))
            yield _measure_cell(ratio_text(total, number), total.ratio(number))


def _measure_cell(text: str, measure: Measure) -> Cell:
    return Cell(text, measure.value, "unknown" if measure.bound == "unknown" else "plain", measure.bound)


# The layers.


def layers_table(report: ComparisonReport) -> Table:
    """The lines that are to be seen: the name, the type, the chosen columns, and in words what differs."""
    columns = report.chosen(USUAL_COLUMNS)
    lines = shown_rows(report.comparison, only_differences=report.only_differences)
    counted = [column for column in columns if column.summed is not None]
    caption = f"{counted[0].title}, layer by layer" if len(counted) == 1 else ""
    fields = [TableField("layer", "Layer"), TableField("type", "Type")]
    for column in columns:
        fields += _fields(column, report, alone=len(counted) == 1)
    fields.append(TableField("differs", "What differs"))
    remarks = [] if report.expand else list(_reading(lines))
    return Table(tuple(fields), tuple(_line(row, columns, report) for row in lines), None, tuple(remarks), caption)


def _reading(lines: list[ComparedRow]) -> Iterator[str]:
    if any(row.first.depth for row in lines):
        yield "The line of a block sums up all its repeats; the lines below it are its first pass."
    if any(row.kind == "affected" for row in lines):
        yield "Affected: its numbers differ, though nothing in it was changed."


def _fields(column: Column, report: ComparisonReport, *, alone: bool) -> list[TableField]:
    titles = column_titles(column, report.names_of_designs, alone=alone)
    if column.summed is None:
        return [TableField(column.key, titles[0], column.help, column.align)]
    keys = [f"{column.key}_{number}" for number in range(1, len(report.labels) + 1)]
    keys += [f"{column.key}_difference"] if len(titles) > len(keys) else []
    return [
        _number_field(key, title, column.summed.unit.kind, column.help) for key, title in zip(keys, titles, strict=True)
    ]


def _line(row: ComparedRow, columns: tuple[Column, ...], report: ComparisonReport) -> TableLine:
    comparison = report.comparison
    name = layer_text(row, expand=report.expand)
    types = dict.fromkeys(item.entry.item.type_name for item in row.items if item is not None)
    told = ": ".join(
        filter(
            None,
            (
                kind_words(row, report.names_of_designs),
                changes_text(row, comparison, [column.key for column in columns]),
            ),
        )
    )
    cells = [Cell(name, name), Cell(ARROW.join(types), ARROW.join(types), _tone(len(types) > 1))]
    for column in columns:
        cells += _cells(row, column, comparison)
    cells.append(Cell(told, told or None, _tone(row.kind in ("changed", "only"))))
    entry = row.first.entry
    if isinstance(entry, BlockRow):
        return TableLine(tuple(cells), "block", row.first.depth, entry.block.family)
    return TableLine(tuple(cells), "row", row.first.depth, entry.layer.family)


def _tone(is_changed: bool) -> Tone:
    return "changed" if is_changed else "plain"


def _cells(row: ComparedRow, column: Column, comparison: Comparison) -> Iterator[Cell]:
    values = [
        None if item is None else column.value(item.entry, analysis)
        for item, analysis in zip(row.items, comparison.analyses, strict=True)
    ]
    texts = [
        NONE if item is None else item_words(column, item, analysis, comparison)
        for item, analysis in zip(row.items, comparison.analyses, strict=True)
    ]
    differs = any(change.key == column.key for change in (*row.fields, *row.quantities))
    if column.summed is None:
        shown = texts if differs else list(dict.fromkeys(text for text in texts if text != NONE))
        text = ARROW.join(text for text in shown if text != NONE)
        is_unknown = text in UNKNOWNS and not column.writes_names
        yield Cell(text, None, "unknown") if is_unknown else _value_cell(text, None, is_changed=differs)
        return
    for item, text, value in zip(row.items, texts, values, strict=True):
        if item is not None and value is None and text in UNKNOWNS:
            yield Cell(text, None, "unknown")
        else:
            yield Cell("") if item is None else _value_cell(text, value, is_changed=False)
    if len(texts) == 2:
        yield _difference_cell(row, column.summed, comparison)


def _value_cell(text: str, value: Any, *, is_changed: bool) -> Cell:
    return Cell(text, value if value is not None else text or None, _tone(is_changed))


def _difference_cell(row: ComparedRow, quantity: Quantity, comparison: Comparison) -> Cell:
    number = row_difference(row, quantity, comparison)
    if number is None:
        return Cell(unknown_difference(row), None, "unknown")
    return Cell(signed_text(quantity, number) if number else "", number, _tone(bool(number)))
