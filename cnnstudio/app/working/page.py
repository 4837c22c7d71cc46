"""The working panel as a page of rich text: the quantity in question large, the others below it. Knows no Qt."""

from __future__ import annotations

from html import escape
from typing import Final

from msgspec import Struct

from cnnstudio.app.working.lines import WorkingLine
from cnnstudio.core.arithmetic.derivation import Working
from cnnstudio.core.counting.quantities import QUANTITY
from cnnstudio.core.counting.units import BYTES
from cnnstudio.reports.forms.formula_html import formula_html, number_html, substitution_html

SERIF: Final = "'STIX Two Text','Cambria Math','Times New Roman','Liberation Serif','DejaVu Serif',serif"
LARGE: Final = 1.7
MAX_ZOOM: Final = 2.4
"""Sizes of the substitution and of the value in question, as multiples of the text."""


class PageStyle(Struct, frozen=True):
    """Colours and the size of text, in points."""

    text: str
    muted: str
    accent: str
    danger: str
    size: float
    unknown: str = "unknown"


def working_page(
    remark: str, question: tuple[WorkingLine, ...], others: tuple[WorkingLine, ...], style: PageStyle
) -> str:
    """The page, with a quiet remark on top. Each line links to `#n`, its number, so that a click can ask for it."""
    parts = [_paragraph(escape(remark), style.size * 0.95, "0", style.muted)]
    parts += [_large(line, number, style) for number, line in enumerate(question)]
    parts.append('<p style="margin:0; font-size:4pt">&nbsp;</p>')
    parts += [_small(line, number, style) for number, line in enumerate(others, len(question))]
    return "".join(parts)


def _large(line: WorkingLine, number: int, style: PageStyle) -> str:
    """Name, formula, substitution and value, each on a line of its own."""
    rows = [_paragraph(_linked(_title(line.working), number, style), style.size * 1.1, "14px 0 0 0")]
    formula, substitution = _steps(line)
    if formula:
        rows.append(_paragraph(_serif(formula), style.size * LARGE, "2px 0 0 0", style.text))
    if substitution:
        rows.append(_paragraph(f"= {substitution}", style.size * LARGE * 0.85, "2px 0 0 0", style.text))
    equals = "= " if formula or substitution else ""
    size = style.size * MAX_ZOOM
    rows.append(_paragraph(f"{equals}{_value(line.working, style)}", size, "2px 0 0 0", style.muted))
    aside = _aside(line.working)
    if aside:
        rows.append(_paragraph(escape(aside), style.size, "0", style.muted))
    return "".join(rows)


def _small(line: WorkingLine, number: int, style: PageStyle) -> str:
    """The name, and below it the whole working on one line."""
    formula, substitution = _steps(line)
    value = _value(line.working, style)
    steps = [_serif(formula)] if formula else []
    steps += [substitution] if substitution else []
    text = " = ".join([*steps, f'<span style="font-size:{style.size * 1.15:.1f}pt">{value}</span>'])
    aside = _aside(line.working)
    if aside:
        text += f' <span style="color:{style.muted}">{escape(aside)}</span>'
    name = _paragraph(_linked(_title(line.working), number, style), style.size * 0.95, "9px 0 0 0")
    return name + _paragraph(text, style.size, "0", style.text)


def _steps(line: WorkingLine) -> tuple[str, str]:
    """Formula and substitution, each only where it says something new."""
    number = line.working.number
    if number is None:
        return "", ""
    value = number_html(number)
    formula = formula_html(number, has_names=line.has_names)
    substitution = substitution_html(number)
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
