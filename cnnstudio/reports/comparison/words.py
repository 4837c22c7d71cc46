"""The words of a comparison: the same on the screen, in the terminal and in every report."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, Final

from cnnstudio.core.arithmetic.convention import CONVENTIONS
from cnnstudio.core.arithmetic.measure import Measure
from cnnstudio.core.arithmetic.numerals import number_of
from cnnstudio.core.comparison.comparison import Change, ComparedRow, Comparison, Kind, Listed
from cnnstudio.core.comparison.totals import ComparedTotal
from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.counting.columns import COLUMN, Column
from cnnstudio.core.counting.quantities import QUANTITIES, QUANTITY
from cnnstudio.core.counting.quantity import Quantity
from cnnstudio.core.counting.rows import BlockRow, unknown_text
from cnnstudio.core.network.fields import fields_of
from cnnstudio.core.network.problem import listed
from cnnstudio.core.network.value_text import value_text
from cnnstudio.reports.terminal.totals_text import one_line

ARROW: Final = " → "
NONE: Final = "–"
"""The sign for nothing in a design."""
SIGNS: Final[dict[Kind, str]] = {"same": "=", "renamed": "~", "affected": "→", "changed": "≠", "only": "±"}
_MINOR: Final = ("input", *(quantity.key for quantity in QUANTITIES if quantity.is_minor))
"""Quantities that are named only where nothing else differs: parts of the parameters, the output of what is before."""
_SETTING_TITLES: Final = {"convention": "convention", "element_type": "element type"}


def sign(row: ComparedRow) -> str:
    """One character for what a line says; of two designs `−` for what only the first has, `+` for the second."""
    if row.kind == "only" and len(row.items) == 2:
        return "−" if row.items[1] is None else "+"
    return SIGNS[row.kind]


_SIGN_WORDS: Final = {
    "=": "the same",
    "~": "renamed",
    "→": "numbers differ, though nothing in it was changed",
    "≠": "changed",
    "−": "only in {first}",
    "+": "only in {last}",
    "±": "not in every design",
}


def sign_legend(rows: Sequence[ComparedRow], labels: Sequence[str]) -> str:
    """The meaning of the signs of these lines."""
    # Only what stands in these lines is explained: a legend of all signs is longer than most comparisons.
    used = {sign(row) for row in rows}
    told = [f"{mark} {words}" for mark, words in _SIGN_WORDS.items() if mark in used]
    return ", ".join(told).format(first=labels[0], last=labels[-1])


def summary_sentence(comparison: Comparison, labels: Sequence[str]) -> str:
    """The number of equal and unequal lines, in one sentence."""
    if not comparison.differs:
        return f"Nothing differs between {listed(list(labels))}."
    counts = comparison.counts
    said = [
        _if_any(counts["same"], "is the same", "are the same"),
        _if_any(counts["renamed"], "is renamed", "are renamed"),
        _if_any(counts["affected"], "is affected", "are affected"),
        _if_any(counts["changed"], "is changed", "are changed"),
        *(
            _if_any(number, f"is only in {where}", f"are only in {where}")
            for where, number in _onlys(comparison, labels)
        ),
    ]
    text = listed([part for part in said if part])
    subject = "line" if text.startswith("1 ") else "lines"
    number, _, rest = text.partition(" ")
    return f"{number} {subject} {rest}."


def causes_sentences(comparison: Comparison, labels: Sequence[str]) -> list[str]:
    """The parts that a difference in parameters adds up from, for each design against the first, where all are known.

    `B has 79,680 parameters more than A: +26,560 biases and +53,120 moving statistics, which only Keras counts.`
    """
    return [sentence for index in range(1, len(labels)) if (sentence := _causes(comparison, labels, index))]


def _causes(comparison: Comparison, labels: Sequence[str], design: int) -> str:
    pair = comparison.analyses[0], comparison.analyses[design]
    totals = {key: [QUANTITY[key].total(analysis) for analysis in pair] for key in _PARTS}
    if not all(total.is_exact for both in totals.values() for total in both):
        return ""
    # What a convention does not count adds nothing to its parameters.
    counts = [analysis.convention.counts_state for analysis in pair]
    known = {key: [int(total.value or 0) for total in both] for key, both in totals.items()}
    known["state"] = [number if counted else 0 for number, counted in zip(known["state"], counts, strict=True)]
    parts = {key: last - first for key, (first, last) in known.items()}
    difference = sum(parts.values())
    if not difference:
        return ""
    only = ""
    if parts["state"] and counts[0] != counts[1]:
        only = f", which only {next(a.convention.title for a, told in zip(pair, counts, strict=True) if told)} counts"
    told = [f"{signed_text(QUANTITY[key], number)} {_PARTS[key]}" for key, number in parts.items() if number]
    more = "more" if difference > 0 else "fewer"
    return (
        f"{labels[design]} has {number_of(abs(difference), 'parameter')} {more} than {labels[0]}: {listed(told)}{only}."
    )


_PARTS: Final = {"weights": "weights", "biases": "biases", "state": "moving statistics"}


def _if_any(number: int, singular: str, plural: str) -> str:
    return number_of(number, singular, plural) if number else ""


def _onlys(comparison: Comparison, labels: Sequence[str]) -> Iterator[tuple[str, int]]:
    places = [where_only(row, labels) for row in comparison.rows if row.kind == "only"]
    yield from ((place, places.count(place)) for place in dict.fromkeys(places))


def where_only(row: ComparedRow, labels: Sequence[str]) -> str:
    """The designs that have a line: `VGG-19`, or `A and C`."""
    return listed([labels[index] for index in row.present])


def kind_words(row: ComparedRow, labels: Sequence[str]) -> str:
    """The verdict of a line, in a word or two; empty if it is the same."""
    if row.kind == "only":
        return f"only in {where_only(row, labels)}"
    return "" if row.kind == "same" else row.kind


def layer_text(row: ComparedRow, *, expand: bool) -> str:
    """The name of a line, or each of them where they differ; of a block that is only repeated otherwise `× 2 → × 3`."""
    names = dict.fromkeys(item_text(item, expand=expand) for item in row.items if item is not None)
    plain = {item.entry.item.name for item in row.items if item is not None}
    if len(names) > 1 and len(plain) == 1:
        repeats = [f"× {item.entry.block.repeat}" for item in row.items if item and isinstance(item.entry, BlockRow)]
        if repeats:
            return f"{one_line(plain.pop())} {ARROW.join(dict.fromkeys(repeats))}"
    return ARROW.join(names)


def item_text(item: Listed | None, *, expand: bool) -> str:
    """The name of a layer in a design, or its path where repeats are expanded; a block with its repeats."""
    if item is None:
        return ""
    if isinstance(item.entry, BlockRow):
        repeat = item.entry.block.repeat
        return one_line(item.entry.item.name) + (f" × {repeat}" if repeat > 1 else "")
    return one_line(item.entry.path if expand else item.entry.item.name)


def changes_text(row: ComparedRow, comparison: Comparison, shown: Sequence[str] = ()) -> str:
    """The differences of a line: `kernel size 3 → 5; output shape 8 × 8 → 6 × 6`.

    `shown` are the keys of what is to be seen beside it. The name is never said: it stands in its own place.
    """
    told = [change_text(change, row, comparison) for change in row.fields if change.key not in ("name", *shown)]
    rest = [change for change in row.quantities if change.key not in shown]
    major = [change for change in rest if change.key not in _MINOR]
    told += [change_text(change, row, comparison) for change in (major or ([] if told or shown else rest))]
    return "; ".join(told)


def change_text(change: Change, row: ComparedRow, comparison: Comparison) -> str:
    """`kernel size 3 → 5`; of more than two designs every value, `–` for a design that lacks the layer."""
    texts = [
        NONE if item is None else value_words(change.key, value, comparison)
        for item, value in zip(row.items, change.values, strict=True)
    ]
    return f"{title_words(change.key, row)} {ARROW.join(texts) if len(texts) == 2 else ' / '.join(texts)}"


def title_words(key: str, row: ComparedRow) -> str:
    """The title of a field or a quantity in the middle of a sentence."""
    if key in COLUMN and not COLUMN[key].fields:
        title = COLUMN[key].title
        return title if title[1:2].isupper() else title[0].lower() + title[1:]
    if key == "type":
        return key
    entry = row.first.entry
    owner = entry.item
    return next(field.words for field in fields_of(type(owner)) if field.name == key)


def value_words(key: str, value: Any, comparison: Comparison) -> str:
    """A value of a field or a quantity; shapes in the order of the first design's convention."""
    if key in COLUMN and not COLUMN[key].fields and key != "note":
        return one_line(COLUMN[key].text(value, comparison.analyses[0]))
    if key == "inputs":
        return one_line(" + ".join(value)) or NONE
    text = one_line(value_text(value))
    return f"'{text}'" if key == "note" else text or "none"


def item_words(column: Column, item: Listed, analysis: Analysis, comparison: Comparison) -> str:
    """The value of a column in a line of one of the designs; of what is unknown, whether it depends on the size."""
    value = column.value(item.entry, analysis)
    return column.words(value, value_words(column.key, value, comparison), item.entry)


def unknown_difference(row: ComparedRow) -> str:
    """The words for a difference that is not known."""
    return unknown_text(*[item.entry for item in row.items if item is not None])


def setting_text(change: Change, labels: Sequence[str]) -> str:
    """`The convention differs: PyTorch (ResNet-50), Keras (ResNet-50, Keras).`"""
    texts = [CONVENTIONS[value].title if change.key == "convention" else str(value) for value in change.values]
    values = [f"{text} ({label})" for text, label in zip(texts, labels, strict=True)]
    return f"The {_SETTING_TITLES[change.key]} differs: {', '.join(values)}."


Say = Callable[[Measure, Callable[[Any], str]], str]
"""Puts a measure into words: `Measure.text`, or `Measure.brief` where there is little room."""


def total_text(total: ComparedTotal, design: int, say: Say = Measure.text) -> str:
    """The total of a design, `at least` where it is not fully known."""
    return say(total.measures[design], total.quantity.unit.full)


def difference_text(total: ComparedTotal, design: int, say: Say = Measure.text) -> str:
    """The surplus of a design over the first: `+1,024`, `−3.2 MB`, `0`, `at least +5`, or `unknown`."""
    return say(total.difference(design), partial(signed_text, total.quantity))


def signed_text(quantity: Quantity, number: int) -> str:
    """`+1,024`, `−3.2 MB` or `0`."""
    return ("+" if number > 0 else "−" if number < 0 else "") + quantity.unit.full(abs(number))


def ratio_text(total: ComparedTotal, design: int, say: Say = Measure.text) -> str:
    """The ratio of a design to the first: `× 1.04`, `at least × 2`; `–` for a ratio to nothing."""
    ratio = total.ratio(design)
    return NONE if ratio.value is None and ratio.is_exact else say(ratio, _factor)


def _factor(value: float) -> str:
    if value >= 1000:
        return f"× {value:,.0f}"
    return "× 0.001 or less" if 0 < value < 0.001 else f"× {value:.4g}"


def row_difference(row: ComparedRow, quantity: Quantity, comparison: Comparison) -> int | None:
    """The surplus of the second of two designs in a line; a missing layer counts as 0. None if unknown."""
    values = [
        0 if item is None else quantity.value(item.entry, analysis)
        for item, analysis in zip(row.items, comparison.analyses, strict=True)
    ]
    if values[0] is None or values[1] is None:
        return None
    difference: int = values[1] - values[0]
    return difference


def distinct_labels(names: Sequence[str], sources: Sequence[str]) -> tuple[str, ...]:
    """Labels of the designs: their names, with their source where names are equal, and a number."""
    labels = [one_line(name) for name in names]
    if len(set(labels)) < len(labels):
        labels = [f"{label} ({one_line(source)})" for label, source in zip(labels, sources, strict=True)]
    taken: set[str] = set()
    for index, label in enumerate(labels):
        number = 2
        while labels[index] in taken:
            labels[index] = f"{label}, {number}"
            number += 1
        taken.add(labels[index])
    return tuple(labels)
