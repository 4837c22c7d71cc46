"""A manuscript as simple HTML, of which word processors and Qt understand every word: for clipboards and previews.

The web page itself has style sheets and drawings that neither of them shows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from html import escape
from itertools import islice
from typing import Any, Final

from msgspec import Struct

from cnnstudio.core.arithmetic.derivation import Working
from cnnstudio.core.arithmetic.numerals import number_of
from cnnstudio.drawings.chart.svg import ChartWords, bar_chart_svg
from cnnstudio.drawings.colours import LIGHT_PAGE, PageColours
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
    Table,
    TableField,
    TableLine,
    Worked,
)
from cnnstudio.reports.forms.formula_html import (
    formula_html,
    number_html,
    substitution_html,
    symbols_html,
    unnumbered_html,
)
from cnnstudio.reports.forms.plain_text import cell_text, remark_text

CHART_WIDTH: Final = 760
PICTURE: Final = "picture:"
"""The prefix of the addresses of pictures: `picture:0` is the first of `RichText.pictures`."""
# Plain spaces at the beginning of a cell are dropped in HTML.
_INDENT: Final = "&nbsp;" * 4


class RichText(Struct, frozen=True):
    """The HTML, and its pictures as SVG in the order of their numbers. `is_cut` says that lines were left out."""

    html: str
    pictures: tuple[str, ...] = ()
    is_cut: bool = False


def rich_text(
    manuscript: Manuscript,
    colours: PageColours = LIGHT_PAGE,
    *,
    has_pictures: bool = False,
    most_lines: int | None = None,
) -> RichText:
    """The manuscript; a table or a list of workings with more lines than `most_lines` ends early and says so."""
    writer = _Writer(colours, has_pictures, most_lines)
    body = "".join(writer.manuscript(manuscript))
    return RichText(body, tuple(writer.pictures), writer.is_cut)


class _Writer:
    """Writes the parts of one manuscript, and collects its pictures."""

    def __init__(self, colours: PageColours, has_pictures: bool, most_lines: int | None) -> None:
        self._colours = colours
        self._has_pictures = has_pictures
        self._most = most_lines
        self._workings = 0
        self.pictures: list[str] = []
        self.is_cut = False
        self._writers: dict[type[Part], Callable[[Any], Iterator[str]]] = {
            Prose: self._prose,
            Facts: self._facts,
            Formulas: self._formulas,
            Table: self._table,
            Chart: self._chart,
            Figure: self._drawing,
            Remarks: self._remarks,
            Worked: self._worked,
        }

    def manuscript(self, manuscript: Manuscript) -> Iterator[str]:
        """Everything from the title on."""
        yield f"<h1>{escape(manuscript.title)}</h1>"
        if manuscript.subtitle:
            yield self._paragraph(manuscript.subtitle, self._colours.muted)
        for text in manuscript.lead:
            yield self._paragraph(text)
        if manuscript.date:
            yield self._paragraph(date_text(manuscript.date), self._colours.muted)
        for section in manuscript.sections:
            if section.title:
                yield f"<h2>{escape(section.title)}</h2>"
            for part in section.parts:
                yield from self._writers[type(part)](part)

    def _paragraph(self, text: str, colour: str = "") -> str:
        style = f' style="color:{colour}"' if colour else ""
        return f"<p{style}>{escape(text)}</p>"

    def _few(self, items: Sequence[Any]) -> Sequence[Any]:
        if self._most is None or len(items) <= self._most:
            return items
        self.is_cut = True
        return items[: self._most]

    def _rest(self, shown: int, there_are: int) -> Iterator[str]:
        if shown < there_are:
            yield self._paragraph(f"… and {number_of(there_are - shown, 'line')} more", self._colours.muted)

    def _prose(self, part: Prose) -> Iterator[str]:
        yield from map(self._paragraph, part.paragraphs)

    def _facts(self, part: Facts) -> Iterator[str]:
        muted = self._colours.muted
        rows = [
            f'<tr><td style="color:{muted}">{escape(name)}</td><td>{escape(text or "_" * 40)}</td></tr>'
            for name, text in part.pairs
        ]
        yield f'<table cellspacing="0" cellpadding="3">{"".join(rows)}</table>'

    def _formulas(self, part: Formulas) -> Iterator[str]:
        named = [(name, unnumbered_html(workings)) for name, workings in part.lines]
        told = [*named, ("Symbols", symbols_html(part.symbols))]
        look = f'style="color:{self._colours.muted}"'
        rows = [f"<tr><td {look}>{escape(name)}</td><td>{html}</td></tr>" for name, html in told]
        yield f'<table cellspacing="0" cellpadding="3">{"".join(rows)}</table>'

    def _table(self, part: Table) -> Iterator[str]:
        if part.caption:
            yield f"<p><b>{escape(part.caption)}</b></p>"
        lines = self._few(part.lines)
        head = "".join(f'<th align="{field.align}">{escape(field.title)}</th>' for field in part.fields)
        rows = [self._line(line, part.fields) for line in (*lines, *([part.total] if part.total else []))]
        border = f'style="border-color:{self._colours.hairline}; border-style:solid; border-collapse:collapse"'
        yield f'<table border="1" cellspacing="0" cellpadding="4" {border}>'
        yield f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
        yield from self._rest(len(lines), len(part.lines))
        yield from (self._paragraph(text, self._colours.muted) for text in part.remarks)

    def _line(self, line: TableLine, fields: Sequence[TableField]) -> str:
        is_bold = line.kind != "row"
        cells = [
            self._cell(cell, field, indent=line.depth if number == 0 else 0, is_bold=is_bold)
            for number, (cell, field) in enumerate(zip(line.cells, fields, strict=True))
        ]
        return f"<tr>{''.join(cells)}</tr>"

    def _cell(self, cell: Cell, field: TableField, *, indent: int, is_bold: bool) -> str:
        colour = {"unknown": self._colours.danger, "changed": self._colours.accent}.get(cell.tone, "")
        style = f' style="color:{colour}"' if colour else ""
        text = _INDENT * indent + escape(cell_text(cell))
        inside = f"<b>{text}</b>" if text and (is_bold or cell.tone in ("changed", "answer")) else text
        return f'<td align="{field.align}"{style}>{inside}</td>'

    def _chart(self, part: Chart) -> Iterator[str]:
        words = ChartWords(part.title, part.remark, part.families)
        if self._has_pictures:
            colours = self._colours.chart
            yield self._picture(
                bar_chart_svg(part.bars, part.metric, colours, words, is_log=part.is_log, width=CHART_WIDTH)
            )
        else:
            yield self._paragraph(f"{part.title}: {part.remark}")

    def _drawing(self, part: Figure) -> Iterator[str]:
        yield self._picture(part.svg(self._colours)) if self._has_pictures else self._paragraph(part.words)

    def _picture(self, svg: str) -> str:
        self.pictures.append(svg)
        return f'<p><img src="{PICTURE}{len(self.pictures) - 1}"></p>'

    def _remarks(self, part: Remarks) -> Iterator[str]:
        items = "".join(f"<li>{escape(remark_text(remark))}</li>" for remark in self._few(part.remarks))
        yield f"<ul>{items}</ul>"

    def _worked(self, part: Worked) -> Iterator[str]:
        self._workings += 1
        if self._most is not None and self._workings > max(1, self._most // 10):
            self.is_cut = True
            return
        yield f"<h3>{escape(part.title)}</h3>"
        yield from (self._paragraph(text, self._colours.muted) for text in part.aside)
        rows = [self._working(working, has_names=part.has_names) for working in part.workings]
        yield f'<table cellspacing="0" cellpadding="3">{"".join(rows)}</table>'
        if part.symbols:
            told = ", ".join(f"{names}: {words}" for names, words in part.symbols)
            yield self._paragraph(told, self._colours.muted)

    def _working(self, working: Working, *, has_names: bool) -> str:
        number = working.number
        reason = f" {escape(working.reason)}" if working.reason else ""
        if number is None:
            text = f'<b style="color:{self._colours.danger}">unknown</b>{reason}'
        else:
            steps = dict.fromkeys((formula_html(number, has_names=has_names), substitution_html(number)))
            value = number_html(number)
            text = " = ".join([*(step for step in steps if step != value), f"<b>{value}</b>"]) + reason
        return f'<tr><td style="color:{self._colours.muted}">{escape(working.name)}</td><td>{text}</td></tr>'


def first_lines(text: str, most: int) -> tuple[str, bool]:
    """The beginning of a text of many lines, and whether something was left out."""
    lines = text.splitlines(keepends=True)
    return "".join(islice(lines, most)), len(lines) > most
