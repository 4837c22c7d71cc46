"""The parts of a manuscript as pieces of a page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from html import escape
from typing import Any, Final

from msgspec import structs
from PySide6.QtCore import QByteArray, QRectF
from PySide6.QtGui import QPainter
from PySide6.QtSvg import QSvgRenderer

from cnnstudio.app.reports.pdf.flow import Piece
from cnnstudio.app.reports.pdf.formulas import Formula
from cnnstudio.app.reports.pdf.ink import POINT, Words, colour_of, font_of, hairline
from cnnstudio.app.reports.pdf.table_pieces import table_pieces
from cnnstudio.core.arithmetic.derivation import Working
from cnnstudio.drawings.chart.svg import ChartWords, bar_chart_svg
from cnnstudio.drawings.colours import LIGHT_PAGE
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
    ReportedProblem,
    Table,
    Worked,
)
from cnnstudio.reports.forms.formula_html import (
    formula_html,
    left_side_html,
    number_html,
    substitution_html,
    symbols_html,
    unnumbered_html,
)

TEXT: Final = 9.0
SMALL: Final = 8.0
NAMES: Final = 0.22
"""The part of the width that names of facts and numbers take."""
CHART_WIDTH: Final = 700
MIN_PICTURE: Final = 0.7
"""The part of its size to which a picture may be made smaller, so that it stands beside what it belongs to."""
PICTURE_SHARE: Final = 0.8
"""The part of a page's height that a picture may take."""
POINTS_OF_PIXEL: Final = 0.75
"""The largest size of a picture's pixel, at which its letters are about as large as those around it."""
WRITE_HEIGHT: Final = 22.0
KEPT: Final = 4
"""Numbers of a working at its beginning and its end that stay on one page."""
_TILE: Final = 40.0


def manuscript_pieces(manuscript: Manuscript, width: float, page_height: float) -> Iterator[Piece]:
    """Everything from the title on."""
    title = Words(manuscript.title, 19, width, bold=True)
    yield Piece(title.height, title.draw)
    if manuscript.subtitle:
        yield _words(manuscript.subtitle, TEXT, width, colour="muted", gap=2)
    for text in manuscript.lead:
        yield _words(text, TEXT, width, gap=3)
    if manuscript.date:
        yield _words(date_text(manuscript.date), TEXT, width, colour="muted", gap=3)
    if manuscript.headline:
        yield _headline(manuscript.headline, width)
    for section in manuscript.sections:
        if section.title:
            heading = Words(section.title, 12.5, width, bold=True)
            yield Piece(heading.height + 5 * POINT, heading.draw, gap=20 * POINT, leads=True)
        else:
            yield Piece(10 * POINT, _nothing, leads=True)
        for part in section.parts:
            yield from _MAKERS[type(part)](part, width, page_height)


def _words(
    text: str, points: float, width: float, *, bold: bool = False, colour: str = "text", gap: float = 0
) -> Piece:
    words = Words(text, points, width, bold=bold)
    return Piece(words.height, partial(words.draw, colour=colour), gap=gap * POINT)


def _nothing(_painter: QPainter, _x: float, _y: float) -> None:
    """Paints nothing, where room is left free."""


def _headline(pairs: tuple[tuple[str, str], ...], width: float) -> Piece:
    """The large numbers in tiles beside each other."""
    gap = 6 * POINT
    tile = (width - gap * (len(pairs) - 1)) / len(pairs)
    inside = tile - 16 * POINT
    texts = [(Words(value, 14, inside, bold=True), Words(words, SMALL, inside)) for value, words in pairs]

    def draw(painter: QPainter, x: float, y: float) -> None:
        for number, (value, words) in enumerate(texts):
            left = x + number * (tile + gap)
            painter.setPen(colour_of("raised"))
            painter.setBrush(colour_of("raised"))
            painter.drawRoundedRect(QRectF(left, y, tile, _TILE * POINT), 4 * POINT, 4 * POINT)
            value.draw(painter, left + 8 * POINT, y + 5 * POINT)
            words.draw(painter, left + 8 * POINT, y + 6 * POINT + value.height, "muted")

    return Piece(_TILE * POINT, draw, gap=12 * POINT)


def _prose(part: Prose, width: float, _: float) -> Iterator[Piece]:
    yield from (_words(text, TEXT, width, gap=4) for text in part.paragraphs)


def _facts(part: Facts, width: float, _: float) -> Iterator[Piece]:
    for number, (name, text) in enumerate(part.pairs):
        piece = _fact(name, text, width)
        yield piece if number else structs.replace(piece, gap=6 * POINT)


def _formulas(part: Formulas, width: float, _: float) -> Iterator[Piece]:
    for number, (name, workings) in enumerate(part.lines):
        piece = _named(name, unnumbered_html(workings, is_stacked=True), width)
        yield piece if number else structs.replace(piece, gap=6 * POINT)
    yield _named("Symbols", symbols_html(part.symbols), width)


def _fact(name: str, text: str, width: float) -> Piece:
    indent = width * NAMES
    words, said = Words(name, TEXT, indent - 8 * POINT), Words(text, TEXT, width - indent)
    height = max(words.height, said.height if text else WRITE_HEIGHT * POINT) + 3 * POINT

    def draw(painter: QPainter, x: float, y: float) -> None:
        if text:
            words.draw(painter, x, y + 1.5 * POINT, "muted")
            said.draw(painter, x + indent, y + 1.5 * POINT)
            hairline(painter, x, y + height, width)
        else:
            words.draw(painter, x, y + height - words.height - 1 * POINT, "muted")
            hairline(painter, x + indent, y + height - 1 * POINT, width - indent, "muted")

    return Piece(height, draw)


def _chart(part: Chart, width: float, page_height: float) -> Iterator[Piece]:
    words = ChartWords(part.title, part.remark, part.families)
    svg = bar_chart_svg(part.bars, part.metric, LIGHT_PAGE.chart, words, is_log=part.is_log, width=CHART_WIDTH)
    yield _picture(svg, width, page_height)


def _drawing(part: Figure, width: float, page_height: float) -> Iterator[Piece]:
    yield _picture(part.svg(LIGHT_PAGE), width, page_height)


def _picture(svg: str, width: float, page_height: float) -> Piece:
    """A picture as wide as the page, or smaller where it would be too tall, or larger than it was meant."""
    renderer = QSvgRenderer(QByteArray(svg.encode()))
    size = renderer.defaultSize()
    # Room is left for what stands beside it: a picture alone on a page is none that a reader looks for.
    most = page_height * PICTURE_SHARE
    # A picture that cannot be read has no size, by which nothing can be divided.
    factor = min(width / max(1, size.width()), most / max(1, size.height()), POINTS_OF_PIXEL * POINT)

    def draw(painter: QPainter, x: float, y: float) -> None:
        # A picture goes on from the painter's font, which may be bold from what was painted before.
        painter.setFont(font_of(TEXT))
        renderer.render(painter, QRectF(x, y, size.width() * factor, size.height() * factor))

    return Piece(size.height() * factor, draw, least=MIN_PICTURE)


def _remarks(part: Remarks, width: float, _: float) -> Iterator[Piece]:
    yield from (_remark(remark, width) for remark in part.remarks)


def _remark(remark: ReportedProblem, width: float) -> Piece:
    colour = "danger" if remark.severity == "error" else "warning"
    place = f" in {escape(remark.place)}" if remark.place else ""
    line = f" (line {remark.line})" if remark.line else ""
    head = f'<b style="color:{colour_of(colour).name()}">{remark.severity.capitalize()}</b>{place}{line}'
    rich = Words(f"{head}: {escape(remark.sentence)} {escape(remark.remedy)}", TEXT, width - 9 * POINT, is_rich=True)

    def draw(painter: QPainter, x: float, y: float) -> None:
        painter.fillRect(QRectF(x, y, 1.8 * POINT, rich.height), colour_of(colour))
        rich.draw(painter, x + 9 * POINT, y)

    return Piece(rich.height, draw, gap=5 * POINT)


def _worked(part: Worked, width: float, page_height: float) -> Iterator[Piece]:
    title = Words(part.title, 9.5, width, bold=True)
    yield Piece(title.height, title.draw, gap=12 * POINT, leads=True)
    for text in part.aside:
        words = Words(text, SMALL, width)
        yield Piece(words.height, partial(words.draw, colour="muted"), gap=1 * POINT, leads=True)
    yield Piece(3 * POINT, _nothing, leads=True)
    numbers = [_number(working, width, has_names=part.has_names) for working in part.workings]
    # A working that fits into half a page is not cut; a longer one keeps its first and its last numbers together.
    is_short = sum(piece.height for piece in numbers) < page_height / 2
    for place, piece in enumerate(numbers):
        stays = place < len(numbers) - 1 and (is_short or place < KEPT or place >= len(numbers) - KEPT)
        yield structs.replace(piece, leads=stays)
    if part.symbols:
        rich = Words(symbols_html(part.symbols), SMALL, width, is_rich=True)
        yield Piece(rich.height, partial(rich.draw, colour="muted"), gap=3 * POINT)


def _number(working: Working, width: float, *, has_names: bool) -> Piece:
    """One number with its working: the name, and beside it formula, substitution and value."""
    return _named(working.name, _steps(working, has_names=has_names), width)


def _named(title: str, html: str, width: float) -> Piece:
    """A name, and formulas beside it."""
    indent = width * NAMES
    name = Words(title, TEXT, indent - 6 * POINT)
    rich = Formula(html, TEXT, width - indent)
    height = max(name.height, rich.height) + 3 * POINT

    def draw(painter: QPainter, x: float, y: float) -> None:
        name.draw(painter, x, y + 1.5 * POINT, "muted")
        rich.draw(painter, x + indent, y + 1.5 * POINT)
        hairline(painter, x, y + height, width)

    return Piece(height, draw)


def _steps(working: Working, *, has_names: bool) -> str:
    muted, accent, danger = (colour_of(name).name() for name in ("muted", "accent", "danger"))
    reason = f' <span style="color:{muted}">{escape(working.reason)}</span>' if working.reason else ""
    number = working.number
    if number is None:
        return f'<b style="color:{danger}">unknown</b>{reason}'
    value = number_html(number)
    formula = formula_html(number, has_names=has_names, is_stacked=True)
    steps = [step for step in (formula, substitution_html(number, is_stacked=True)) if step != value]
    before = " = ".join(dict.fromkeys(steps))
    before = left_side_html(working.symbol) + before if before else ""
    return f'{before}{" = " if before else ""}<b style="color:{accent}">{value}</b>{reason}'


def _table(part: Table, width: float, _: float) -> Iterator[Piece]:
    return table_pieces(part, width)


_MAKERS: Final[dict[type[Part], Callable[[Any, float, float], Iterator[Piece]]]] = {
    Prose: _prose,
    Facts: _facts,
    Formulas: _formulas,
    Table: _table,
    Chart: _chart,
    Figure: _drawing,
    Remarks: _remarks,
    Worked: _worked,
}
