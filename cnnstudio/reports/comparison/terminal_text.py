"""A comparison as plain text that reads well on a terminal of 100 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Final

from cnnstudio.core.comparison.comparison import ComparedRow, Comparison
from cnnstudio.core.counting.columns import Column
from cnnstudio.core.counting.quantity import Quantity
from cnnstudio.reports.comparison.words import (
    ARROW,
    NONE,
    causes_sentences,
    changes_text,
    difference_text,
    item_words,
    layer_text,
    ratio_text,
    row_difference,
    setting_text,
    sign,
    sign_legend,
    signed_text,
    summary_sentence,
    total_text,
    unknown_difference,
)
from cnnstudio.reports.terminal.fitting import TextTable, left_out_line
from cnnstudio.reports.terminal.table import Paint, plain_table, shortened, unpainted

WIDTH: Final = 100
MAX_NAME_LENGTH: Final = 32
MAX_LABEL_LENGTH: Final = 28
COMPARED_TITLES: Final = (("Difference", "Ratio"), ("Ratio",))
"""The columns beside the total of a further design: with more than two designs the ratio alone, as room is scarce."""
_STYLES: Final = {"=": "row", "~": "note", "→": "note", "≠": "changed", "−": "removed", "+": "added", "±": "changed"}


def comparison_text(
    comparison: Comparison,
    labels: Sequence[str],
    columns: Sequence[Column],
    *,
    expand: bool,
    only_differences: bool,
    paint: Paint = unpainted,
    width: int | None = None,
) -> str:
    """Totals, then the layers line by line: a sign, the name, the chosen columns, and below it what else differs."""
    short = short_labels(labels)
    lines = [paint("title", comparison_title(short)), "", *_wrapped(summary_sentence(comparison, short))]
    lines += [line for sentence in causes_sentences(comparison, short) for line in _wrapped(sentence)]
    lines += [line for change in comparison.settings for line in _wrapped(setting_text(change, short))]
    lines += [
        line
        for name, label in zip(short, labels, strict=True)
        if name != label
        for line in _wrapped(f"{name} is {label}")
    ]
    lines += ["", *_totals(comparison, short, paint, width), ""]
    rows = shown_rows(comparison, only_differences=only_differences)
    if rows:
        lines += [
            *_layers(comparison, rows, short, columns, expand, paint, width),
            "",
            *_reading(comparison, rows, short, expand),
        ]
    return "\n".join(line.rstrip() for line in lines).rstrip("\n") + "\n"


def comparison_title(labels: Sequence[str]) -> str:
    """`VGG-16 and VGG-19 compared`, the others counted where they are many."""
    if len(labels) > 3:
        return f"{labels[0]} and {len(labels) - 1} others compared"
    return f"{', '.join(labels[:-1])} and {labels[-1]} compared"


def shown_rows(comparison: Comparison, *, only_differences: bool) -> list[ComparedRow]:
    """The lines that are to be seen."""
    return [row for row in comparison.rows if not (only_differences and row.kind == "same")]


def short_labels(labels: Sequence[str]) -> list[str]:
    """The labels as they fit over a column; letters where a label is too long or they would look alike."""
    short = [shortened(label, MAX_LABEL_LENGTH) for label in labels]
    return short if len(set(short)) == len(short) else [f"design {number}" for number in range(1, len(labels) + 1)]


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH)


def _totals(comparison: Comparison, names: Sequence[str], paint: Paint, width: int | None) -> list[str]:
    header = ["", names[0], *(title for name in names[1:] for title in (name, *COMPARED_TITLES[len(names) > 2]))]
    rows = []
    for total in comparison.totals:
        cells = [total.quantity.title]
        for index in range(len(total.measures)):
            cells.append(total_text(total, index))
            if index and len(names) == 2:
                cells.append(difference_text(total, index))
            if index:
                cells.append(ratio_text(total, index))
        rows.append(cells)
    aligns = ["left", *["right"] * (len(header) - 1)]
    spared = [at for at in range(len(header) - 1, 0, -1) if header[at] in COMPARED_TITLES[0]]
    table, left_out = TextTable(header, rows, [""] * len(header), aligns).fitted(width, spared)
    lines = plain_table(table.header, table.rows, table.total, table.aligns, None, paint)[:-2]
    return lines + left_out_line(dict.fromkeys(left_out))


def _layers(
    comparison: Comparison,
    rows: Sequence[ComparedRow],
    labels: Sequence[str],
    columns: Sequence[Column],
    expand: bool,
    paint: Paint,
    width: int | None,
) -> Iterator[str]:
    header, aligns = ["", "Layer", "Type"], ["left"] * 3
    for column in columns:
        titles = column_titles(column, labels, alone=len(columns) == 1)
        header += titles
        aligns += [column.align] * len(titles)
    names = [layer_text(row, expand=expand) for row in rows]
    cells = [
        [
            sign(row),
            "  " * row.first.depth + shortened(name, MAX_NAME_LENGTH),
            _type(row),
            *_values(row, columns, comparison),
        ]
        for row, name in zip(rows, names, strict=True)
    ]
    styles = [_STYLES[sign(row)] for row in rows]
    table, _ = TextTable(header, cells, [""] * len(header), aligns, range(3)).fitted(width)
    lines = plain_table(table.header, table.rows, table.total, table.aligns, styles, paint, table.names)
    head, rule, *body = lines[:-2]
    if len(columns) == 1 and columns[0].summed:
        yield f"{columns[0].title}, line by line:"
    yield from (head, rule)
    shown = [column.key for column in columns]
    for row, name, line in zip(rows, names, body, strict=True):
        yield line
        yield from _details(row, name, comparison, shown)


def _details(row: ComparedRow, name: str, comparison: Comparison, shown: Sequence[str]) -> Iterator[str]:
    """Details that the line above has no room for."""
    indent = " " * (3 + 2 * row.first.depth + 4)
    whole = [name] if shortened(name, MAX_NAME_LENGTH) != name else []
    text = changes_text(row, comparison, shown)
    for part in (*whole, *([text] if text else [])):
        yield from textwrap.wrap(part, WIDTH, initial_indent=indent, subsequent_indent=indent + "  ")


def _type(row: ComparedRow) -> str:
    return ARROW.join(dict.fromkeys(item.entry.item.type_name for item in row.items if item is not None))


def column_titles(column: Column, labels: Sequence[str], *, alone: bool) -> list[str]:
    """The titles over the values of a column: one for each design and, of two, the difference; one if it is text."""
    if column.summed is None:
        return [column.title]
    titles = [name if alone else f"{column.title}, {name}" for name in labels]
    return [*titles, "Difference"] if len(labels) == 2 else titles


def _values(row: ComparedRow, columns: Sequence[Column], comparison: Comparison) -> Iterator[str]:
    for column in columns:
        texts = [
            "" if item is None else item_words(column, item, analysis, comparison)
            for item, analysis in zip(row.items, comparison.analyses, strict=True)
        ]
        if column.summed is None:
            present = [text or NONE for item, text in zip(row.items, texts, strict=True) if item is not None]
            yield present[0] if len(set(present)) == 1 else ARROW.join(present)
        else:
            yield from texts
            if len(texts) == 2:
                yield _difference(row, column.summed, comparison)


def _difference(row: ComparedRow, quantity: Quantity, comparison: Comparison) -> str:
    number = row_difference(row, quantity, comparison)
    if number is None:
        return unknown_difference(row)
    return signed_text(quantity, number) if number else ""


def _reading(comparison: Comparison, rows: Sequence[ComparedRow], labels: Sequence[str], expand: bool) -> Iterator[str]:
    yield from _wrapped(f"{sign_legend(rows, labels)}.")
    conventions = dict.fromkeys(analysis.convention.sentence for analysis in comparison.analyses)
    yield from conventions
    if not expand and any(row.first.depth for row in rows):
        yield "The line of a block sums up all its repeats; the lines below it are its first pass."
