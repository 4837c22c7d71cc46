"""A chart of bars made of letters, for plain text and Markdown."""

from __future__ import annotations

from typing import Final

from cnnstudio.drawings.chart.bar import end_text, position, top_position
from cnnstudio.drawings.display_width import display_width
from cnnstudio.reports.content.manuscript import Chart
from cnnstudio.reports.terminal.table import shortened
from cnnstudio.reports.terminal.totals_text import one_line

MAX_NAME_LENGTH: Final = 36
MAX_BAR_LENGTH: Final = 40
_EIGHTHS: Final = "▏▎▍▌▋▊▉█"


def text_chart(chart: Chart) -> list[str]:
    """One line a bar: its name, the bar, its value and share."""
    names = [shortened(one_line(bar.within + bar.label), MAX_NAME_LENGTH) for bar in chart.bars]
    width = max(map(display_width, names), default=0)
    top = top_position(chart.bars, is_log=chart.is_log)
    lines = []
    for bar, name in zip(chart.bars, names, strict=True):
        length = position(bar.value, is_log=chart.is_log) / top if bar.value else 0.0
        gap = " " * (width - display_width(name))
        lines.append("  ".join(part for part in (name + gap, _bar(length), end_text(bar, chart.metric)) if part))
    return lines


def _bar(length: float) -> str:
    """A bar to an eighth of a letter; nothing has none, and all else at least the thinnest."""
    whole, eighths = divmod(round(length * MAX_BAR_LENGTH * 8), 8)
    if length and not whole and not eighths:
        eighths = 1
    return "█" * whole + (_EIGHTHS[eighths - 1] if eighths else "")
