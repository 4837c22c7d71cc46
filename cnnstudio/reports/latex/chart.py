"""A chart of bars as TikZ."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cnnstudio.drawings.chart.bar import Bar, end_text, position, ticks, top_position
from cnnstudio.drawings.chart.svg import families_in
from cnnstudio.drawings.display_width import display_width
from cnnstudio.layers.families import FAMILY
from cnnstudio.reports.content.manuscript import Chart
from cnnstudio.reports.latex.escaping import latex_words
from cnnstudio.reports.terminal.table import shortened
from cnnstudio.reports.terminal.totals_text import one_line

WIDTH_CM: Final = 16.5
ROW_CM: Final = 0.46
BAR_CM: Final = 0.28
SUM_CM: Final = 0.09
LETTER_CM: Final = 0.16
MAX_NAME_LENGTH: Final = 32
END_CM: Final = 3.6
UNKNOWN_CM: Final = 1.2


def chart_lines(chart: Chart) -> Iterator[str]:
    """The chart with its title, legend and axis."""
    yield from _Picture(chart).lines()


class _Picture:
    """One picture, in centimetres; bars go down from 0, and begin at 0."""

    def __init__(self, chart: Chart) -> None:
        self.chart = chart
        self.names = [shortened(one_line(bar.within + bar.label), MAX_NAME_LENGTH) for bar in chart.bars]
        names = max(map(display_width, self.names), default=0) * LETTER_CM + 0.6
        self.length = max(3.0, WIDTH_CM - names - END_CM)
        self.top = top_position(chart.bars, is_log=chart.is_log)

    def lines(self) -> Iterator[str]:
        """The environment with everything in it."""
        title = rf"\textbf{{{latex_words(self.chart.title)}}}: {latex_words(self.chart.remark)}"
        yield rf"{title}\par\smallskip"
        yield rf"{self._legend()}\par\smallskip"
        yield r"\begin{tikzpicture}[x=1cm,y=1cm,every node/.style={font=\footnotesize,inner sep=1pt}]"
        yield from self._axis()
        for number, bar in enumerate(self.chart.bars):
            yield from self._row(number, bar)
        yield r"\end{tikzpicture}\par"

    def _legend(self) -> str:
        entries = (
            rf"{_mark(family)}~\mbox{{{latex_words(self.chart.families[family])}}}"
            for family in families_in(self.chart.bars)
        )
        return r"{\footnotesize " + r"\quad ".join(entries) + "}"

    def _axis(self) -> Iterator[str]:
        bottom = -ROW_CM * len(self.chart.bars)
        for place, label in ticks(
            self.top, self.chart.metric, is_log=self.chart.is_log, most=round(self.length / 2) + 1
        ):
            x = self._x(place)
            yield rf"\draw[cnn-hairline] ({x:.3f},0) -- ({x:.3f},{bottom - 0.1:.3f})"
            yield rf"  node[below,text=cnn-muted] {{{latex_words(label)}}};"

    def _x(self, place: float) -> float:
        return self.length * place / self.top

    def _row(self, number: int, bar: Bar) -> Iterator[str]:
        y = -ROW_CM * (number + 0.5)
        name = latex_words(self.names[number], is_brief=True)
        name = rf"\textbf{{{name}}}" if bar.is_block else name
        yield rf"\node[left] at (-0.5,{y:.3f}) {{{name}}};"
        yield rf"\node at (-0.25,{y:.3f}) {{{_mark(bar.family)}}};"
        end = 0.0
        if bar.value is None:
            end = UNKNOWN_CM
            yield rf"\draw[dashed,cnn-muted] (0,{y - BAR_CM / 2:.3f}) rectangle ({end},{y + BAR_CM / 2:.3f});"
        elif bar.value:
            yield from self._pieces(bar, y)
            end = self._x(position(bar.value, is_log=self.chart.is_log))
        text = latex_words(end_text(bar, self.chart.metric))
        yield rf"\node[right,text=cnn-muted] at ({end + 0.1:.3f},{y:.3f}) {{{text}}};"

    def _pieces(self, bar: Bar, y: float) -> Iterator[str]:
        """The bar: a piece for each family on a linear axis, in one colour on a logarithmic one."""
        half = (SUM_CM if bar.is_sum else BAR_CM) / 2
        whole = (bar.leading_family, bar.value or 0)
        start = 0
        for family, value in (whole,) if self.chart.is_log or not bar.parts else bar.parts:
            left, right = (self._x(position(end, is_log=self.chart.is_log)) for end in (start, start + value))
            right = max(right, left + (0.0 if start else 0.02))
            yield rf"\fill[cnn-family-{family}] ({left:.3f},{y - half:.3f}) rectangle ({right:.3f},{y + half:.3f});"
            start += value


def _mark(family: str) -> str:
    """A square in the colour of the family, with its letter."""
    letter = rf"\textcolor{{white}}{{\sffamily\bfseries\tiny {FAMILY[family].letter}}}"
    return rf"{{\fboxsep=1pt\colorbox{{cnn-family-{family}}}{{\makebox[5pt]{{{letter}}}}}}}"
