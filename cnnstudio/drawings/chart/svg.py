"""The chart of bars as an SVG picture: plain text made from the bars, without a drawing library."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Final

from msgspec import Struct

from cnnstudio.drawings.chart.bar import Bar, end_text, position, ticks, top_position
from cnnstudio.drawings.colours import ChartColours
from cnnstudio.drawings.display_width import CONTROL, display_width
from cnnstudio.layers.families import FAMILY

FONT: Final = "'DejaVu Sans', 'Segoe UI', 'Helvetica Neue', Arial, sans-serif"
ROW: Final = 22
BAR: Final = 14
SUM_BAR: Final = 4
MARK: Final = 13
MARGIN: Final = 20
GAP: Final = 8
HEAD: Final = 46
LEGEND_ROW: Final = 22
AXIS: Final = 26
LETTER: Final = 7.4
"""The width that one letter at 12 px is given; DejaVu Sans, the widest of the fonts, needs 7.3 on average."""
MAX_NAME_LENGTH: Final = 36
TICK_EVERY: Final = 90
UNKNOWN_LENGTH: Final = 56


class ChartWords(Struct, frozen=True):
    """The texts on a picture: its title, a line below it, and the title of each family."""

    title: str
    subtitle: str
    families: dict[str, str]


def bar_chart_svg(
    bars: tuple[Bar, ...],
    metric: str,
    colours: ChartColours,
    words: ChartWords,
    *,
    is_log: bool = False,
    width: int = 960,
) -> str:
    """The whole chart, every bar in sight: title, legend, bars with their values, and the axis."""
    return "\n".join(_Picture(bars, metric, colours, words, is_log=is_log, width=width).lines()) + "\n"


def families_in(bars: tuple[Bar, ...]) -> list[str]:
    """The families that bars show, in the order of the legend."""
    used = {family for bar in bars if bar.parts for family, _ in bar.parts} | {bar.family for bar in bars}
    return [family for family in FAMILY if family in used]


class _Picture:
    """One picture: where everything lies, and the elements from top to bottom."""

    def __init__(
        self,
        bars: tuple[Bar, ...],
        metric: str,
        colours: ChartColours,
        words: ChartWords,
        *,
        is_log: bool,
        width: int,
    ) -> None:
        self.bars, self.metric, self.colours, self.words = bars, metric, colours, words
        self.is_log, self.width = is_log, width
        names = max((display_width(_cleaned(bar.within + bar.label)) for bar in bars), default=0)
        self.left = MARGIN + min(names, MAX_NAME_LENGTH) * LETTER + 2 * GAP + MARK
        self.texts = [end_text(bar, metric) for bar in bars]
        reserve = max((display_width(text) for text in self.texts), default=0) * LETTER + GAP
        self.plot = max(120.0, width - MARGIN - self.left - reserve)
        self.top = top_position(bars, is_log=is_log)
        self.chips = list(self._placed_chips())
        legend = self.chips[-1][1] + LEGEND_ROW if self.chips else 0
        self.head = MARGIN + HEAD + legend
        self.foot = self.head + ROW * len(bars)
        self.height = round(self.foot + AXIS + MARGIN)

    def lines(self) -> Iterator[str]:
        """The lines of the file."""
        size = f'width="{self.width}" height="{self.height}" viewBox="0 0 {self.width} {self.height}"'
        title = _escaped(self.words.title)
        yield f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" font-family="{FONT}" font-size="12">'
        yield f"<title>{title}</title>"
        yield f"<desc>{_escaped(self.words.subtitle)}</desc>"
        yield _rect(0, 0, self.width, self.height, self.colours.background)
        yield _text(MARGIN, MARGIN + 14, title, self.colours.text, 'font-size="16" font-weight="600"')
        yield _text(MARGIN, MARGIN + 33, _escaped(self.words.subtitle), self.colours.muted)
        yield from self._legend()
        yield from self._axis()
        for number, bar in enumerate(self.bars):
            yield from self._row(number, bar)
        yield "</svg>"

    def _placed_chips(self) -> Iterator[tuple[float, float, str]]:
        """Left edge, top and family of every entry of the legend; a full line is wrapped."""
        x, y = 0.0, 0.0
        for family in families_in(self.bars):
            length = MARK + 6 + display_width(self.words.families[family]) * LETTER + 2 * GAP
            if x and x + length > self.width - 2 * MARGIN:
                x, y = 0.0, y + LEGEND_ROW
            yield x, y, family
            x += length

    def _legend(self) -> Iterator[str]:
        for x, y, family in self.chips:
            left, top = MARGIN + x, MARGIN + HEAD + y
            yield self._mark(left, top, family)
            title = _escaped(self.words.families[family])
            yield _text(left + MARK + 6, top + 11, title, self.colours.text)

    def _mark(self, x: float, y: float, family: str) -> str:
        """A square in the colour of the family, with its letter."""
        square = _rect(x, y, MARK, MARK, self.colours.families[family], 'rx="2"')
        style = 'font-size="9" font-weight="700" text-anchor="middle"'
        return square + _text(x + MARK / 2, y + 10, FAMILY[family].letter, self.colours.background, style)

    def _axis(self) -> Iterator[str]:
        for place, label in ticks(
            self.top, self.metric, is_log=self.is_log, most=max(2, round(self.plot / TICK_EVERY) + 1)
        ):
            x = self._x(place)
            line = f'x1="{x:g}" x2="{x:g}" y1="{self.head:g}" y2="{self.foot + 4:g}"'
            yield f'<line {line} stroke="{self.colours.hairline}"/>'
            yield _text(x, self.foot + 18, label, self.colours.muted, 'font-size="11" text-anchor="middle"')

    def _x(self, place: float) -> float:
        return round(self.left + self.plot * place / self.top, 2)

    def _row(self, number: int, bar: Bar) -> Iterator[str]:
        middle = self.head + ROW * number + ROW / 2
        text = self.texts[number]
        yield f"<g><title>{_escaped(bar.within + bar.label)}: {_escaped(text)}</title>"
        yield self._name(bar, middle)
        yield self._mark(self.left - GAP - MARK, middle - MARK / 2, bar.family)
        end = self.left
        if bar.value is None:
            yield self._unknown(middle)
            end += UNKNOWN_LENGTH
        elif bar.value:
            yield from self._parts(bar, middle)
            end = self._x(position(bar.value, is_log=self.is_log))
        yield _text(end + GAP, middle + 4, _escaped(text), self.colours.muted) + "</g>"

    def _name(self, bar: Bar, middle: float) -> str:
        label = _shortened(_cleaned(bar.label), MAX_NAME_LENGTH)
        within = _cleaned(bar.within)
        room = MAX_NAME_LENGTH - display_width(label)
        within = within if display_width(within) <= room else _last_part(within, room)
        quiet = f'<tspan fill="{self.colours.muted}">{escape(within)}</tspan>' if within else ""
        weight = ' font-weight="600"' if bar.is_block else ""
        name = f'<tspan fill="{self.colours.text}"{weight}>{escape(label)}</tspan>'
        x = self.left - 2 * GAP - MARK
        return f'<text x="{x:g}" y="{middle + 4:g}" text-anchor="end">{quiet}{name}</text>'

    def _parts(self, bar: Bar, middle: float) -> Iterator[str]:
        """The bar itself: one piece for each family on a linear axis, in one colour on a logarithmic one."""
        height = SUM_BAR if bar.is_sum else BAR
        whole = (bar.leading_family, bar.value or 0)
        # On a logarithmic axis lengths do not add up: the first part would look larger than all others.
        pieces = (whole,) if self.is_log or not bar.parts else bar.parts
        start = 0
        for family, value in pieces:
            left = self._x(position(start, is_log=self.is_log))
            right = self._x(position(start + value, is_log=self.is_log))
            # At least a pixel, so that a small value is not taken for 0; only for the first piece, or the pieces would
            # run over the end of the bar.
            length = max(right - left, 1.0 if not start else 0.0)
            yield _rect(left, middle - height / 2, length, height, self.colours.families[family])
            start += value

    def _unknown(self, middle: float) -> str:
        top, bottom = middle - BAR / 2, middle + BAR / 2
        muted = self.colours.muted
        frame = _rect(self.left, top, UNKNOWN_LENGTH, BAR, "none", f'stroke="{muted}" stroke-dasharray="3 2"')
        strokes = "".join(f"M{self.left + x:g} {bottom:g}l{BAR} {-BAR}" for x in range(0, UNKNOWN_LENGTH - BAR + 1, 6))
        return frame + f'<path d="{strokes}" stroke="{muted}" fill="none"/>'


def _rect(x: float, y: float, width: float, height: float, fill: str, more: str = "") -> str:
    place = f'x="{x:g}" y="{y:g}" width="{round(width, 2):g}" height="{height:g}"'
    return f'<rect {place} fill="{fill}"{" " + more if more else ""}/>'


def _text(x: float, y: float, text: str, fill: str, more: str = "") -> str:
    return f'<text x="{x:g}" y="{y:g}" fill="{fill}"{" " + more if more else ""}>{text}</text>'


def _cleaned(text: str) -> str:
    """Without what XML cannot hold or what would act on the text around it."""
    # XML has no way to write most control characters, not even escaped, and a lone surrogate has no UTF-8.
    return CONTROL.sub(" ", text).encode("utf-8", "replace").decode("utf-8")


def _escaped(text: str) -> str:
    return escape(_cleaned(text))


def _shortened(text: str, most: int) -> str:
    """The beginning of a text that is too long, with an ellipsis."""
    if display_width(text) <= most:
        return text
    while text and display_width(text) >= most:
        # Wide letters count twice, so the number of letters is no measure; each time at least one has to go.
        text = text[: min(len(text) - 1, most)]
    return text + "…"


def _last_part(text: str, most: int) -> str:
    """The end of a text that is too long, behind an ellipsis; nothing where there is no room for two letters."""
    if most < 3:
        return ""
    text = text[-most:]
    while text and display_width(text) >= most:
        text = text[1:]
    return "…" + text
