"""A table as LaTeX: booktabs, across pages with its header repeated where it is long."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cnnstudio.reports.content.manuscript import Cell, Table, TableField, TableLine
from cnnstudio.reports.forms.table_width import MAX_NAME_LENGTH, divided, letters_of
from cnnstudio.reports.latex.escaping import latex_words

SIZES: Final = ((1.0, r"\small"), (1.12, r"\footnotesize"), (1.35, r"\scriptsize"), (1.5, r"\tiny"))
"""The factor by which more letters fit in a size than in small type. A table that is wider still is divided."""
SHORT: Final = 30
"""Lines of a table that is better kept on one page."""
FITTED: Final = r"""\providecommand{\resizebox}[3]{#3}
\providecommand{\fitted}[1]{\sbox0{#1}%
  \ifdim\wd0>\linewidth\sbox0{\resizebox{\linewidth}{!}{\usebox0}}\fi
  \ifdim\dimexpr\ht0+\dp0\relax>\textheight\sbox0{\resizebox{!}{\textheight}{\usebox0}}\fi\usebox0}"""
"""Makes a plain tabular smaller where it is wider than the text or taller than the page."""
_EM_OF_LETTER: Final = 0.55


def table_lines(table: Table, room: float) -> Iterator[str]:
    """The table, with its caption and remarks; `room` are the letters of a line that fit in small type."""
    letters = letters_of(table)
    size = next((size for factor, size in SIZES if letters <= factor * room), SIZES[-1][1])
    for part in divided(table, SIZES[-1][0] * room):
        yield rf"{{{size}\setlength{{\tabcolsep}}{{3pt}}"
        if part.caption:
            yield rf"\textbf{{{latex_words(part.caption, breaks=True)}}}\par"
        yield from _short(part) if len(part.lines) <= SHORT else _long(part)
        yield r"\par\medskip}"
    yield from (rf"{{\small\color{{cnn-muted}}{latex_words(text, breaks=True)}\par}}" for text in table.remarks)


def fragment_lines(table: Table) -> Iterator[str]:
    """A plain tabular, made smaller where it is wider than the column of text, as of a paper in two columns."""
    yield r"\begingroup\small\setlength{\tabcolsep}{3pt}"
    if table.caption:
        yield rf"\textbf{{{latex_words(table.caption, breaks=True)}}}\par"
    *lines, _ = _short(table)
    yield from (r"\noindent\fitted{%", *lines, r"\end{tabular}}\par")
    yield from (rf"{{\small\color{{cnn-muted}}{latex_words(text, breaks=True)}\par}}" for text in table.remarks)
    yield r"\endgroup"


def _short(table: Table) -> Iterator[str]:
    yield rf"\begin{{tabular}}{{{_columns(table)}}}"
    yield r"\toprule"
    yield _header(table)
    yield r"\midrule"
    yield from _body(table)
    yield r"\bottomrule"
    yield r"\end{tabular}\par"


def _long(table: Table) -> Iterator[str]:
    yield rf"\begin{{longtable}}[l]{{{_columns(table)}}}"
    yield r"\toprule"
    yield _header(table)
    yield r"\midrule"
    # longtable repeats this on every page; a tabular cannot break across pages at all.
    yield r"\endhead"
    yield r"\bottomrule"
    yield r"\endfoot"
    yield from _body(table)
    yield r"\end{longtable}"


def _columns(table: Table) -> str:
    """Right or left by field; a column of long texts wraps them."""
    return "@{}" + "".join(_column(table, number, field) for number, field in enumerate(table.fields)) + "@{}"


def _column(table: Table, number: int, field: TableField) -> str:
    longest = max((len(line.cells[number].text) + 2 * line.depth for line in table.lines), default=0)
    if longest > MAX_NAME_LENGTH and field.align == "left":
        return rf">{{\raggedright\arraybackslash}}p{{{MAX_NAME_LENGTH * _EM_OF_LETTER:.1f}em}}"
    return "r" if field.align == "right" else "l"


def _header(table: Table) -> str:
    return " & ".join(latex_words(field.title) for field in table.fields) + r" \\"


def _body(table: Table) -> Iterator[str]:
    yield from (_row(line) for line in table.lines)
    if table.total:
        yield r"\midrule"
        yield _row(table.total)


def _row(line: TableLine) -> str:
    cells = [
        _cell(cell, is_bold=line.kind == "total" or (line.kind == "block" and not n))
        for n, cell in enumerate(line.cells)
    ]
    indent = rf"\hspace*{{{line.depth}em}}" if line.depth else ""
    # A bracket at the beginning of a line would be taken for an argument of the line before.
    return rf"{indent or '{}'}{' & '.join(cells)} \\"


def _cell(cell: Cell, *, is_bold: bool) -> str:
    if cell.tone == "blank":
        return r"\toanswer"
    text = latex_words(cell.text, breaks=True)
    if cell.tone == "answer":
        return rf"\textcolor{{cnn-accent}}{{\textbf{{{text}}}}}"
    if cell.tone == "unknown":
        return rf"\textcolor{{cnn-danger}}{{{text}}}"
    return rf"\textbf{{{text}}}" if text and (is_bold or cell.tone == "changed") else text
