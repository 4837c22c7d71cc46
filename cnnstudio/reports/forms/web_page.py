"""A manuscript as one self-contained web page: no script, light or dark as the reader's screen is, good to print."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup
from msgspec import Struct

from cnnstudio import resources
from cnnstudio.core.arithmetic.derivation import Working
from cnnstudio.drawings.chart.svg import ChartWords, bar_chart_svg
from cnnstudio.drawings.colours import CSS_PAGE, DARK_PAGE, LIGHT_FAMILIES, LIGHT_PAGE, PageColours, css_variables
from cnnstudio.reports.content.dates import date_text
from cnnstudio.reports.content.layer_table import layer_table
from cnnstudio.reports.content.manuscript import Chart, Figure, Formulas, Manuscript, Part, Table, Worked
from cnnstudio.reports.content.report import ReportRequest
from cnnstudio.reports.forms.formula_html import (
    formula_html,
    left_side_html,
    number_html,
    substitution_html,
    symbol_html,
    symbols_html,
    unnumbered_html,
    with_fractions,
)
from cnnstudio.reports.forms.table_width import MAX_NAME_LENGTH, letters_of
from cnnstudio.version import __version__

CHART_WIDTH: Final = 960
_SCHEMES: Final = {"auto": "light dark", "light": "light", "dark": "dark"}
UPRIGHT_LETTERS: Final = 125
TURNED_LETTERS: Final = 150
"""Letters of a table's line that fit at the usual size on a page that is upright, with smaller text, or turned."""
USUAL_POINTS: Final = 8.0


def html_text(manuscript: Manuscript) -> str:
    """The whole page."""
    page = manuscript.page
    letters = max(map(letters_of, manuscript.parts(Table)), default=0)
    return (
        _template("report.html.j2").render(
            manuscript=manuscript,
            page=page,
            version=__version__,
            day=date_text(manuscript.date) if manuscript.date else "",
            schemes=_SCHEMES[page.light],
            first=DARK_PAGE if page.light == "dark" else LIGHT_PAGE,
            print_points=_print_points(letters),
            turned=" landscape" if letters > UPRIGHT_LETTERS else "",
        )
        + "\n"
    )


def table_html(report: ReportRequest) -> str:
    """The layer table alone, in the colours of the page around it, light or dark, as notebooks show it."""
    return _template("table.html.j2").render(part=layer_table(report), name=report.analysis.design.name)


@cache
def _template(name: str) -> Template:
    """A template with what it may call; whatever it prints is escaped unless it is markup of our own making."""
    environment = Environment(
        loader=FileSystemLoader(resources.path("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    macros: Any = environment.get_template("parts.html.j2", globals=_PART_GLOBALS).module
    parts = {name: getattr(macros, name) for name in _PART_NAMES}
    return environment.get_template(name, globals={**_PAGE_GLOBALS, "parts": parts})


_PART_NAMES: Final = ("prose", "facts", "formulas", "table", "chart", "figure", "remarks", "worked")


def _kind(part: Part) -> str:
    return type(part).__name__.lower()


def _variables(colours: PageColours) -> Markup:
    return Markup(" ".join(f"--{name}: {value};" for name, value in css_variables(colours).items()))


def _chart_svg(part: Chart) -> Markup:
    words = ChartWords(part.title, part.remark, part.families)
    svg = bar_chart_svg(part.bars, part.metric, CSS_PAGE.chart, words, is_log=part.is_log, width=CHART_WIDTH)
    return Markup(svg)


def _drawing_svg(part: Figure) -> Markup:
    return Markup(part.svg(CSS_PAGE))


class _Step(Struct, frozen=True):
    """One number of a working, written out. The formula is empty where it says no more than the value."""

    name: str
    formula: Markup
    substitution: Markup
    value: str
    reason: str
    is_unknown: bool


def _workings(part: Worked) -> Iterator[_Step]:
    return (_step(working, has_names=part.has_names) for working in part.workings)


def _step(working: Working, *, has_names: bool) -> _Step:
    number = working.number
    if number is None:
        return _Step(working.name, Markup(), Markup(), "unknown", working.reason, is_unknown=True)
    value = number_html(number)
    formula = formula_html(number, has_names=has_names, is_stacked=True)
    substitution = substitution_html(number, is_stacked=True)
    if substitution == value:
        substitution = ""
    if formula == value:
        formula = ""
    formula, substitution = with_fractions(formula, _fraction), with_fractions(substitution, _fraction)
    formula = left_side_html(working.symbol) + formula if formula else ""
    return _Step(working.name, Markup(formula), Markup(substitution), value, working.reason, is_unknown=False)


def _fraction(opening: str, above: str, below: str, closing: str) -> str:
    """A fraction with a bar, between tall brackets if it is rounded."""
    tall = [f'<span class="tall">{sign}</span>' if sign else "" for sign in (opening, closing)]
    return f'{tall[0]}<span class="fraction"><span>{above}</span><span>{below}</span></span>{tall[1]}'


def _symbols(part: Worked) -> Iterator[tuple[Markup, str]]:
    """The symbols of a working, set as its formulas set them, and their words."""
    for names, words in part.symbols:
        yield Markup(", ".join(symbol_html(name) for name in names.split(", "))), words


def _formulas(part: Formulas) -> Iterator[tuple[str, Markup]]:
    """The formulas, each with what it is for; the meaning of their symbols last."""
    for name, workings in part.lines:
        yield name, Markup(with_fractions(unnumbered_html(workings, is_stacked=True), _fraction))
    yield "Symbols", Markup(symbols_html(part.symbols))


def _print_points(letters: int) -> str:
    """The size of a table's text on paper, where it is so wide: smaller if it would not fit."""
    most = UPRIGHT_LETTERS if letters <= UPRIGHT_LETTERS else TURNED_LETTERS
    return f"{max(4.0, min(9.0, USUAL_POINTS * most / max(1, letters))):.1f}"


_PART_GLOBALS: Final[dict[str, Any]] = {
    "long": MAX_NAME_LENGTH,
    "chart_svg": _chart_svg,
    "drawing_svg": _drawing_svg,
    "workings": _workings,
    "symbols": _symbols,
    "formula_lines": _formulas,
}
_PAGE_GLOBALS: Final[dict[str, Any]] = {
    "kind": _kind,
    "variables": _variables,
    "light": LIGHT_PAGE,
    "dark": DARK_PAGE,
    "families": tuple(LIGHT_FAMILIES),
    "family_colours": LIGHT_FAMILIES,
}
