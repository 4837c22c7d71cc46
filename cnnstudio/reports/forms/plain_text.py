"""A manuscript as plain text."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any, Final

from cnnstudio.core.arithmetic.derivation import symbol_text
from cnnstudio.drawings.display_width import display_width
from cnnstudio.reports.content.dates import date_text
from cnnstudio.reports.content.explanation import MAX_NAME_WIDTH
from cnnstudio.reports.content.manuscript import (
    Cell,
    Chart,
    Facts,
    Figure,
    Formulas,
    Manuscript,
    Part,
    Prose,
    Remarks,
    ReportedProblem,
    Section,
    Table,
    TableLine,
    Worked,
)
from cnnstudio.reports.forms.text_chart import text_chart
from cnnstudio.reports.terminal.table import plain_table, shortened

WIDTH: Final = 100
BLANK: Final = "_" * 14
"""A blank for the reader to fill in."""


def plain_text(manuscript: Manuscript) -> str:
    """Title, sections and tables, aligned by spaces. What a table has to cut is written in full below it."""
    title = [manuscript.title, "═" * display_width(manuscript.title)]
    date = [date_text(manuscript.date)] if manuscript.date else []
    lead = chain.from_iterable(_wrapped(text) for text in manuscript.lead)
    blocks = [[*title, *date], list(lead), *(_section(section) for section in manuscript.sections)]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _section(section: Section) -> list[str]:
    heading = [section.title, "─" * display_width(section.title), ""] if section.title else []
    parts = [list(_WRITERS[type(part)](part)) for part in section.parts]
    lines = chain.from_iterable((*part, "") for part in parts if part)
    return [*heading, *lines][: -1 if parts else None]


def _wrapped(text: str, indent: int = 0) -> list[str]:
    """A paragraph in lines; a word that is too long stays whole."""
    # A path that is broken in two cannot be copied or searched for.
    lines = textwrap.wrap(text, WIDTH - indent, break_long_words=False, break_on_hyphens=False)
    return [lines[0], *(" " * indent + line for line in lines[1:])] if lines else []


def _prose(part: Prose) -> Iterator[str]:
    for number, paragraph in enumerate(part.paragraphs):
        yield from ([""] if number else [])
        yield from _wrapped(paragraph)


def _facts(part: Facts) -> Iterator[str]:
    width = max((display_width(name) for name, _ in part.pairs), default=0) + 2
    for name, text in part.pairs:
        first, *others = _wrapped(text or "_" * 40, width) or [""]
        yield f"{name}{':' if name.strip() else ' '}{' ' * (width - display_width(name) - 1)}{first}"
        yield from others


def _table(part: Table) -> Iterator[str]:
    if part.caption:
        yield part.caption
    header = [field.title for field in part.fields]
    aligns: list[str] = [field.align for field in part.fields]
    rows = [_cells(line) for line in part.lines]
    total = [cell_text(cell) for cell in part.total.cells] if part.total else [""] * len(header)
    lines = plain_table(header, rows, total, aligns)
    yield from lines if part.total else lines[:-1]
    cut = dict.fromkeys(text.strip() for row in rows for text in row if shortened(text) != text)
    remarks = list(part.remarks) + [f"{shortened(text)} is {text}" for text in cut]
    yield from ([""] if remarks else [])
    yield from chain.from_iterable(_wrapped(text) for text in remarks)


def _cells(line: TableLine) -> list[str]:
    texts = [cell_text(cell) for cell in line.cells]
    return ["  " * line.depth + texts[0], *texts[1:]] if texts else []


def cell_text(cell: Cell) -> str:
    """The text of a cell, with a line to write on where it is blank."""
    return BLANK if cell.tone == "blank" else cell.text


def _chart(part: Chart) -> Iterator[str]:
    yield f"{part.title}: {part.remark}"
    yield ""
    yield from text_chart(part)


def _drawing(part: Figure) -> Iterator[str]:
    yield from _wrapped(part.words)


def _remarks(part: Remarks) -> Iterator[str]:
    for remark in part.remarks:
        yield from _wrapped(remark_text(remark), 2)


def remark_text(remark: ReportedProblem) -> str:
    """`error: conv1 (line 12): sentence remedy`."""
    line = f"line {remark.line}" if remark.line else ""
    place = f"{remark.place} ({line})" if remark.place and line else remark.place or line
    return ": ".join(filter(None, (remark.severity, place, f"{remark.sentence} {remark.remedy}".strip())))


def _worked(part: Worked) -> Iterator[str]:
    yield part.title
    yield from (f"  {line}" for line in part.aside)
    width = max((len(working.name) for working in part.workings if len(working.name) <= MAX_NAME_WIDTH), default=0)
    for working in part.workings:
        reason = f"  ({working.reason})" if working.reason else ""
        yield "  " + " = ".join((working.name.ljust(width), *working.sides())) + reason
    if part.symbols:
        yield from _wrapped("  with " + ", ".join(f"{symbol_text(names)}: {words}" for names, words in part.symbols), 2)


_WRITERS: Final[dict[type[Part], Callable[[Any], Iterator[str]]]] = {
    Prose: _prose,
    Facts: _facts,
    Formulas: _facts,
    Table: _table,
    Chart: _chart,
    Figure: _drawing,
    Remarks: _remarks,
    Worked: _worked,
}
