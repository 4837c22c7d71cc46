"""The words of the chart, translated: its families, and a bar in a sentence."""

from __future__ import annotations

from html import escape
from typing import Final

from PySide6.QtCore import QCoreApplication

from cnnstudio.app.appearance.family_words import family_titles
from cnnstudio.drawings.chart.bar import METRICS, Bar, share_text, value_text

MAX_NAME_LENGTH: Final = 80


def described(bar: Bar, metric: str, whole: str, *, is_log: bool) -> str:
    """A bar in words, as rich text: name, value, share of the `whole`, and what else there is to say of it."""
    translate = QCoreApplication.translate
    value = bar.unknown if bar.value is None else value_text(bar.value, metric)
    lines = [f"<b>{escape(_shortened(bar.within + bar.label))}</b>"]
    lines.append(translate("Chart", "{quantity}: {value}").format(quantity=METRICS[metric], value=value))
    if bar.value is not None:
        lines.append(_share(bar, whole))
    if len(bar.parts) > 1 and bar.value:
        titles = family_titles()
        lines.append(", ".join(f"{titles[family]} {share_text(part / bar.value)}" for family, part in bar.parts))
    if bar.times > 1:
        lines.append(translate("Chart", "One of {count} repeats").format(count=f"{bar.times:,}"))
    if bar.value == 1 and is_log:
        lines.append(translate("Chart", "1 has no length on a logarithmic axis."))
    return "<br>".join(lines)


def _shortened(name: str) -> str:
    """A name that is no wider than a screen; tips break lines at spaces only."""
    return name if len(name) <= MAX_NAME_LENGTH else f"{name[: MAX_NAME_LENGTH // 2]}…{name[-MAX_NAME_LENGTH // 2 :]}"


def _share(bar: Bar, whole: str) -> str:
    if bar.share is None:
        return QCoreApplication.translate("Chart", "Share unknown, because a part of the network is")
    shared = QCoreApplication.translate("Chart", "{share} of {whole}")
    return shared.format(share=share_text(bar.share), whole=whole)
