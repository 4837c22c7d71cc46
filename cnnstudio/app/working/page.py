"""The working panel as a page of rich text: the quantity in question large, the others below it. Knows no Qt."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

from msgspec import Struct

from cnnstudio.app.working.lines import WorkingLine
from cnnstudio.core.arithmetic.derivation import Working
from cnnstudio.core.counting.quantities import QUANTITY
from cnnstudio.core.counting.units import BYTES
from cnnstudio.reports.forms.formula_html import (
    FRACTION,
    PARTS,
    Meanings,
    formula_html,
    left_side_html,
    number_html,
    substitution_html,
    symbol_html,
)

SERIF: Final = "'STIX Two Text','Cambria Math','Times New Roman','Liberation Serif','DejaVu Serif',serif"
LARGE: Final = 1.7
MAX_ZOOM: Final = 2.4
"""Sizes of the substitution and of the value in question, as multiples of the text."""
LONG_VALUE: Final = 13
"""Letters of a value, with its equals sign, from which on it may have to be set smaller."""
DIGIT_WIDTH: Final = 0.72
"""The width of a bold digit, as a part of its size."""


class PageStyle(Struct, frozen=True):
    """Colours, and the size of text and the width of the page, in points."""

    text: str
    muted: str
    accent: str
    danger: str
    size: float
    unknown: str = "unknown"
    width: float = 0.0


def working_page(
    remark: str,
    question: tuple[WorkingLine, ...],
    others: tuple[WorkingLine, ...],
    style: PageStyle,
    symbols: Sequence[tuple[str, str]] = (),
) -> str:
    """The page, with a quiet remark on top and the meaning of the symbols below.

    Each line links to `#n`, its number, so that a click can ask for it. Symbols tell their meaning under the pointer.
    """
    meanings = {name: words for names, words in symbols for name in names.split(", ")}
    parts = [_paragraph(escape(remark), style.size * 0.95, "0", style.muted)]
    parts += [_large(line, number, style, meanings) for number, line in enumerate(question)]
    parts.append('<p style="margin:0; font-size:4pt">&nbsp;</p>')
    parts += [_small(line, number, style, meanings) for number, line in enumerate(others, len(question))]
    if symbols:
        parts.append(_legend(symbols, style))
    return "".join(parts)


def _legend(symbols: Sequence[tuple[str, str]], style: PageStyle) -> str:
    """`K_h, K_w: kernel size`, one a line."""
    rows = "".join(
        f'<tr><td style="padding-right:10px">{_serif(", ".join(map(symbol_html, names.split(", "))))}</td>'
        f'<td style="color:{style.muted}">{escape(words)}</td></tr>'
        for names, words in symbols
    )
    look = f'style="margin-top:12px; font-size:{style.size * 0.95:.1f}pt; color:{style.text}"'
    return f'<table cellspacing="0" cellpadding="1" {look}>{rows}</table>'


def _large(line: WorkingLine, number: int, style: PageStyle, meanings: Meanings) -> str:
    """Name, formula, substitution and value, each on a line of its own."""
    rows = [_paragraph(_linked(_title(line.working), number, style), style.size * 1.1, "14px 0 0 0")]
    formula, substitution = _steps(line, meanings, is_stacked=True)
    left = left_side_html(line.working.symbol, line.working.name)
    if formula:
        rows.append(_equation(left + formula, style.size * LARGE, style, is_serif=True))
    if substitution:
        rows.append(_equation(f"= {substitution}", style.size * LARGE * 0.85, style))
    equals = "= " if formula or substitution else ""
    size = min(style.size * MAX_ZOOM, _fitting(line.working, style))
    rows.append(_paragraph(f"{equals}{_value(line.working, style)}", size, "2px 0 0 0", style.muted))
    aside = _aside(line.working)
    if aside:
        rows.append(_paragraph(escape(aside), style.size, "0", style.muted))
    return "".join(rows)


def _small(line: WorkingLine, number: int, style: PageStyle, meanings: Meanings) -> str:
    """The name, and below it the whole working on one line."""
    formula, substitution = _steps(line, meanings)
    value = _value(line.working, style)
    steps = [_serif(left_side_html(line.working.symbol, line.working.name) + formula)] if formula else []
    steps += [substitution] if substitution else []
    text = " = ".join([*steps, f'<span style="font-size:{style.size * 1.15:.1f}pt">{value}</span>'])
    aside = _aside(line.working)
    if aside:
        text += f' <span style="color:{style.muted}">{escape(aside)}</span>'
    name = _paragraph(_linked(_title(line.working), number, style), style.size * 0.95, "9px 0 0 0")
    return name + _paragraph(text, style.size, "0", style.text)


def _equation(html: str, size: float, style: PageStyle, *, is_serif: bool = False) -> str:
    """One side of an equation: a paragraph, or, with fractions in it, a row of cells with bars between two lines."""
    if FRACTION not in html:
        return _paragraph(_serif(html) if is_serif else html, size, "2px 0 0 0", style.text)
    family = f"font-family:{SERIF}; " if is_serif else ""

    def cell(text: str, scale: float, more: str = "", span: int = 1) -> str:
        look = f"{family}font-size:{size * scale:.1f}pt; color:{style.text}; {more}"
        align = 'rowspan="2" valign="middle"' if span > 1 else 'align="center"'
        return f'<td {align} style="{look}">{text}</td>' if text else ""

    above, below = "", ""
    for number, part in enumerate(html.split(FRACTION)):
        if number % 2:
            opening, top, bottom, closing = part.split(PARTS)
            bar = f"border-bottom:1px solid {style.text}"
            above += cell(opening, 1.7, span=2) + cell(top, 0.8, bar) + cell(closing, 1.7, span=2)
            below += cell(bottom, 0.8)
        else:
            above += cell(part.strip() and f"{part.strip()}&nbsp;", 1, span=2)
    rows = f"<tr>{above}</tr><tr>{below}</tr>"
    return f'<table cellspacing="0" cellpadding="0" style="margin-top:2px">{rows}</table>'


def _fitting(working: Working, style: PageStyle) -> float:
    """The size at which a long value fits a line: a number is never broken."""
    letters = len(number_html(working.number)) + 2 if working.number is not None else 0
    if letters < LONG_VALUE or not style.width:
        return style.size * MAX_ZOOM
    return max(style.size, style.width / (letters * DIGIT_WIDTH))


def _steps(line: WorkingLine, meanings: Meanings, *, is_stacked: bool = False) -> tuple[str, str]:
    """Formula and substitution, each only where it says something new."""
    number = line.working.number
    if number is None:
        return "", ""
    value = number_html(number)
    formula = formula_html(number, has_names=line.has_names, is_stacked=is_stacked, meanings=meanings)
    substitution = substitution_html(number, is_stacked=is_stacked)
    if formula == value:
        return "", ""
    return formula, "" if substitution in (value, formula) else substitution


def _value(working: Working, style: PageStyle) -> str:
    if working.number is None:
        return f'<b style="color:{style.danger}">{escape(style.unknown)}</b>'
    return f'<b style="color:{style.accent}">{number_html(working.number)}</b>'


def _aside(working: Working) -> str:
    """The text beside the value: the reason, and bytes as people read them."""
    parts = [working.reason] if working.reason else []
    if QUANTITY[working.key].unit is BYTES and working.value is not None and working.value >= 1000:
        parts.append(BYTES.full(working.value))
    return " · ".join(parts)


def _title(working: Working) -> str:
    return working.name[:1].upper() + working.name[1:]


def _linked(text: str, number: int, style: PageStyle) -> str:
    return f'<a href="#{number}" style="color:{style.muted}; text-decoration:none">{escape(text)}</a>'


def _serif(html: str) -> str:
    return f'<span style="font-family:{SERIF}">{html}</span>'


def _paragraph(html: str, size: float, margin: str, colour: str = "") -> str:
    painted = f"; color:{colour}" if colour else ""
    return f'<p style="margin:{margin}; font-size:{size:.1f}pt{painted}">{html}</p>'
