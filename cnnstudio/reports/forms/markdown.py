"""A manuscript as GitHub's Markdown; nothing that a design holds is taken for markup."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any, Final

from cnnstudio.core.arithmetic.derivation import symbol_text
from cnnstudio.reports.content.dates import date_text
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
    Section,
    Table,
    TableLine,
    Worked,
)
from cnnstudio.reports.forms.plain_text import cell_text, remark_text
from cnnstudio.reports.forms.text_chart import text_chart
from cnnstudio.reports.terminal.table import markdown_text as escaped


def markdown_text(manuscript: Manuscript) -> str:
    """Headings, lists and tables."""
    title = [f"# {escaped(manuscript.title)}"]
    date = [escaped(date_text(manuscript.date))] if manuscript.date else []
    lead = [escaped(text) for text in manuscript.lead]
    sections = chain.from_iterable(_section(section) for section in manuscript.sections)
    return "\n\n".join([*title, *date, *lead, *sections]) + "\n"


def _section(section: Section) -> Iterator[str]:
    if section.title:
        yield f"## {escaped(section.title)}"
    for part in section.parts:
        yield from _WRITERS[type(part)](part)


def _prose(part: Prose) -> Iterator[str]:
    yield from map(escaped, part.paragraphs)


def _facts(part: Facts) -> Iterator[str]:
    yield "\n".join(
        f"- {f'**{escaped(name)}**: ' if name.strip() else ''}{escaped(text or '_' * 40)}" for name, text in part.pairs
    )


def _table(part: Table) -> Iterator[str]:
    if part.caption:
        yield f"**{escaped(part.caption)}**"
    rule = ["---:" if field.align == "right" else "---" for field in part.fields]
    header = [escaped(field.title) for field in part.fields]
    rows = [[_cell(line, number) for number in range(len(line.cells))] for line in part.lines]
    total = [[_bold(escaped(cell_text(cell))) for cell in part.total.cells]] if part.total else []
    yield "\n".join(f"| {' | '.join(cells)} |" for cells in (header, rule, *rows, *total))
    if part.remarks:
        yield "\n".join(f"- {escaped(text)}" for text in part.remarks)


def _cell(line: TableLine, number: int) -> str:
    cell: Cell = line.cells[number]
    text = escaped("  " * line.depth + cell_text(cell) if number == 0 else cell_text(cell))
    return _bold(text) if cell.tone in ("answer", "changed") else text


def _bold(text: str) -> str:
    return f"**{text}**" if text else ""


def _chart(part: Chart) -> Iterator[str]:
    yield f"{escaped(part.title)}: {escaped(part.remark)}"
    # No line of it can end the fence: every line has a value behind its name.
    yield "\n".join(["````text", *text_chart(part), "````"])


def _drawing(part: Figure) -> Iterator[str]:
    yield escaped(part.words)


def _remarks(part: Remarks) -> Iterator[str]:
    yield "\n".join(f"- {escaped(remark_text(remark))}" for remark in part.remarks)


def _worked(part: Worked) -> Iterator[str]:
    yield f"### {escaped(part.title)}"
    if part.aside:
        yield "\n".join(f"- {escaped(line)}" for line in part.aside)
    rows = []
    for working in part.workings:
        *steps, value = working.sides()
        reason = f" ({working.reason})" if working.reason else ""
        formula = escaped(" = ".join(steps) + reason if steps else reason.strip())
        rows.append(f"| {escaped(working.name)} | {formula} | {_bold(escaped(value))} |")
    yield "\n".join(["| Quantity | Working | Value |", "| --- | --- | ---: |", *rows])
    if part.symbols:
        yield escaped(", ".join(f"{symbol_text(names)}: {words}" for names, words in part.symbols))


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
