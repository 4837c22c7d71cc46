"""A manuscript as LaTeX: a document that pdfLaTeX, LuaLaTeX and XeLaTeX compile, or its tables for one of one's own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any, Final

from cnnstudio.core.arithmetic.derivation import Working, latex_symbol
from cnnstudio.drawings.colours import LIGHT_FAMILIES, LIGHT_PAGE
from cnnstudio.drawings.diagram.drawing import Drawing
from cnnstudio.reports.content.dates import date_text
from cnnstudio.reports.content.manuscript import (
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
    Worked,
)
from cnnstudio.reports.forms.table_width import letters_of
from cnnstudio.reports.latex.chart import chart_lines
from cnnstudio.reports.latex.drawing import drawing_lines
from cnnstudio.reports.latex.escaping import PREAMBLE, latex_words
from cnnstudio.reports.latex.table import FITTED, fragment_lines, table_lines
from cnnstudio.reports.terminal.table import shortened
from cnnstudio.reports.terminal.totals_text import one_line
from cnnstudio.version import __version__

PAPERS: Final = {"a4": "a4paper", "letter": "letterpaper"}
ROOM: Final = 92.0
"""Letters of a line of a table that fit in small type on an upright page of ours."""
TURNED_ROOM: Final = 138.0
TURNS_AT: Final = 1.3
"""The factor by which a table may be wider, in smaller type, before the page is turned."""
_ROOM: Final = r"""\makeatletter
\newcommand{\room}[1]{\par\penalty-100\begingroup\setlength{\dimen@}{#1}\dimen@ii\pagegoal\advance\dimen@ii-\pagetotal
  \ifdim\dimen@>\dimen@ii\ifdim\dimen@ii>\z@\vfil\fi\break\fi\endgroup}
\makeatother
"""
"""Begins a new page where a heading would stand at the end of one."""
MAX_LENGTH_IN_FORMULA: Final = 32
_PACKAGES: Final = ("amsmath", "array", "booktabs", "longtable", "xcolor", "tikz")


def latex_document(manuscript: Manuscript) -> str:
    """The document, or its tables alone with a word on what they need."""
    return "\n".join(_fragment(manuscript) if manuscript.page.is_fragment else _document(manuscript)) + "\n"


def tikz_document(drawing: Drawing, title: str, *, is_fragment: bool = False) -> str:
    """A drawing as a document of its own, cut to the picture; or the picture alone, with a word on what it needs."""
    source = f"% {one_line(title)}: a picture by CNN Studio {__version__}"
    if is_fragment:
        needs = "% It needs the packages iftex, amsmath, xcolor and tikz, with T1 as the font encoding."
        return "\n".join([f"{source}.", needs, *_definitions(), *drawing_lines(drawing)]) + "\n"
    head = [
        f"{source}, for pdfLaTeX, LuaLaTeX or XeLaTeX.",
        r"\documentclass[border=4pt]{standalone}",
        *_fonts(),
        *(rf"\usepackage{{{name}}}" for name in ("amsmath", "xcolor", "tikz")),
    ]
    return "\n".join([*head, *_definitions(), r"\begin{document}", *drawing_lines(drawing), r"\end{document}"]) + "\n"


def _fonts() -> Iterator[str]:
    yield r"\usepackage{iftex}"
    # The two other engines read UTF-8 by themselves, and T1 would undo what fontspec does.
    yield r"\ifPDFTeX\usepackage[utf8]{inputenc}\usepackage[T1]{fontenc}\usepackage{textcomp}"
    yield r"  \IfFileExists{lmodern.sty}{\usepackage{lmodern}}{}\else\usepackage{fontspec}\fi"


def _fragment(manuscript: Manuscript) -> Iterator[str]:
    """The tables and the pictures alone: plain tabulars, no wider than the text that they come to stand in."""
    pictures = manuscript.parts(Figure)
    yield f"% {manuscript.title}: tables by CNN Studio {__version__}."
    yield "% They need the packages iftex, array, booktabs, graphicx and xcolor, with T1 as the font encoding, and"
    yield f"% fontspec where the document is not made by pdfLaTeX{'; pictures need tikz' if pictures else ''}."
    yield from _definitions()
    yield from FITTED.splitlines()
    for table in manuscript.parts(Table):
        yield ""
        yield from fragment_lines(table)
    for picture in pictures:
        yield ""
        yield from drawing_lines(picture.shapes(LIGHT_PAGE))


def _document(manuscript: Manuscript) -> Iterator[str]:
    yield f"% {manuscript.title}: a report by CNN Studio {__version__}, for pdfLaTeX, LuaLaTeX or XeLaTeX."
    yield rf"\documentclass[10pt,{PAPERS[manuscript.page.paper]}]{{article}}"
    yield from _fonts()
    yield rf"\usepackage[margin=20mm{',landscape' if _is_turned(manuscript) else ''}]{{geometry}}"
    yield from (rf"\usepackage{{{name}}}" for name in _PACKAGES)
    yield r"\setlength{\parindent}{0pt}\setlength{\parskip}{4pt}\emergencystretch=3em"
    yield from _definitions()
    yield from _ROOM.splitlines()
    yield r"\begin{document}"
    yield rf"{{\LARGE\bfseries\raggedright {latex_words(manuscript.title, breaks=True)}\par}}"
    if manuscript.date:
        yield rf"{latex_words(date_text(manuscript.date))}\par"
    yield from (rf"{latex_words(text, breaks=True)}\par" for text in manuscript.lead)
    room = TURNED_ROOM if _is_turned(manuscript) else ROOM
    yield from chain.from_iterable(_section(section, room) for section in manuscript.sections)
    yield r"\end{document}"


def _is_turned(manuscript: Manuscript) -> bool:
    return any(letters_of(table) > TURNS_AT * ROOM for table in manuscript.parts(Table))


def _definitions() -> Iterator[str]:
    # Several fragments may be put into one document, and a command can be defined only once.
    yield r"\ifdefined\anyletters\else"
    yield from PREAMBLE.splitlines()
    colours = {f"family-{key}": value for key, value in LIGHT_FAMILIES.items()}
    colours |= {name: getattr(LIGHT_PAGE, name) for name in ("accent", "muted", "hairline", "danger", "warning")}
    yield from (rf"\definecolor{{cnn-{name}}}{{HTML}}{{{value[1:].upper()}}}" for name, value in colours.items())
    yield r"\newcommand{\toanswer}{\rule[-3pt]{28mm}{0.4pt}\rule{0pt}{16pt}}"
    yield r"\fi"


def _section(section: Section, room: float) -> Iterator[str]:
    yield ""
    if section.title:
        yield r"\room{8\baselineskip}"
        yield rf"\section*{{{latex_words(section.title)}}}"
    for part in section.parts:
        yield from table_lines(part, room) if isinstance(part, Table) else _WRITERS[type(part)](part)


def _prose(part: Prose) -> Iterator[str]:
    yield from (rf"{latex_words(text, breaks=True)}\par" for text in part.paragraphs)


def _facts(part: Facts) -> Iterator[str]:
    write = r"\rule{0pt}{18pt}\hrulefill"
    return _pairs((name, latex_words(text, breaks=True) if text else write) for name, text in part.pairs)


def _formulas(part: Formulas) -> Iterator[str]:
    told = [(name, "; ".join(map(_unnumbered, workings))) for name, workings in part.lines]
    symbols = "; ".join(f"{_symbols(names)}: {latex_words(words)}" for names, words in part.symbols)
    return _pairs([*told, ("Symbols", symbols)])


def _unnumbered(working: Working) -> str:
    left = latex_symbol(working.symbol) if working.symbol else rf"\text{{{latex_words(working.name)}}}"
    return f"${left} = {working.latex_steps()[0]}$"


def _pairs(pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Names, and beside each what is written in LaTeX already."""
    yield r"\begin{longtable}[l]{@{}>{\raggedright\arraybackslash}p{0.22\linewidth}"
    yield r"  >{\raggedright\arraybackslash}p{0.72\linewidth}@{}}"
    yield from (rf"{latex_words(name, breaks=True)} & {value} \\" for name, value in pairs)
    yield r"\end{longtable}"


def _drawing(part: Figure) -> Iterator[str]:
    return drawing_lines(part.shapes(LIGHT_PAGE))


def _remarks(part: Remarks) -> Iterator[str]:
    yield r"\begin{itemize}"
    for remark in part.remarks:
        colour = "cnn-danger" if remark.severity == "error" else "cnn-warning"
        place = rf" in \texttt{{{latex_words(remark.place, breaks=True)}}}" if remark.place else ""
        line = f" (line {remark.line})" if remark.line else ""
        sentence = latex_words(f"{remark.sentence} {remark.remedy}".strip(), breaks=True)
        yield rf"\item \textcolor{{{colour}}}{{\textbf{{{remark.severity.capitalize()}}}}}{place}{line}: {sentence}"
    yield r"\end{itemize}"


def _worked(part: Worked) -> Iterator[str]:
    yield r"\room{8\baselineskip}"
    yield rf"\subsection*{{{latex_words(part.title, breaks=True)}}}"
    yield from (rf"{latex_words(text, breaks=True)}\par" for text in part.aside)
    yield r"\begin{longtable}[l]{@{}>{\raggedright\arraybackslash}p{0.22\linewidth}"
    yield r"  >{\raggedright\arraybackslash}p{0.74\linewidth}@{}}"
    for working in part.workings:
        yield rf"{latex_words(working.name)} & {_steps(working, has_names=part.has_names)} \\[2pt]"
    yield r"\end{longtable}"
    if part.symbols:
        pairs = (f"{_symbols(names)}: {latex_words(words)}" for names, words in part.symbols)
        yield rf"{{\small\color{{cnn-muted}}{', '.join(pairs)}\par}}"


def _steps(working: Working, *, has_names: bool) -> str:
    steps = working.latex_sides(_layer_name) if has_names else working.latex_sides()
    *before, value = steps
    equation = " = ".join([*before, rf"\mathbf{{{value}}}"] if working.number is not None else steps)
    reason = rf" \textcolor{{cnn-muted}}{{{latex_words(working.reason, breaks=True)}}}" if working.reason else ""
    # In text style formulas break at their signs where a line is full.
    return rf"${equation}${reason}"


def _layer_name(name: str) -> str:
    """The name of a layer in a formula, where it cannot be broken; the table has it whole."""
    return rf"\text{{{latex_words(shortened(name, MAX_LENGTH_IN_FORMULA))}}}"


def _symbols(names: str) -> str:
    """`K_h, K_w` in math."""
    return ", ".join(f"${_symbol(name)}$" for name in names.split(", "))


def _symbol(name: str) -> str:
    stem, _, index = name.partition("_")
    letter = stem if len(stem) == 1 else rf"\mathrm{{{stem}}}"
    below = index if len(index) == 1 else rf"\mathrm{{{index}}}"
    return f"{letter}_{{{below}}}" if index else letter


_WRITERS: Final[dict[type[Part], Callable[[Any], Iterator[str]]]] = {
    Prose: _prose,
    Facts: _facts,
    Formulas: _formulas,
    Chart: chart_lines,
    Figure: _drawing,
    Remarks: _remarks,
    Worked: _worked,
}
