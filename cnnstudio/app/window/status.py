"""The status line: the totals that everybody asks for, and whether there are problems."""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QLabel, QStatusBar, QWidget

from cnnstudio.app.appearance.icons import icon
from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.document.document import Document
from cnnstudio.app.platform.background import Background
from cnnstudio.app.rows.totals import Part, TotalsParts
from cnnstudio.core.arithmetic.numerals import UNKNOWN, exact
from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.counting.quantity import Quantity
from cnnstudio.core.counting.quantity_places import IN_STATUS
from cnnstudio.core.counting.working import incomplete_text
from cnnstudio.core.memory.model import model_of
from cnnstudio.core.memory.wording import gibibytes
from cnnstudio.core.network.memory_setting import Setting, workspace_of
from cnnstudio.core.network.problem import BROKEN_BUDGET

CHOSEN_STAYS: Final = 5
"""Memory and budgets are there because somebody asked for them."""
MEMORY: Final = "memory"
BUDGETS: Final = "budgets"
"""The keys of what a click leads to elsewhere than to a working."""
MAX_AT_ONCE: Final = 2_000
"""Layers up to which the peak of memory is found with every edit at once; that of more is found in a thread."""
PENDING: Final = "…"
COUNTING_STAYS: Final = 4
"""Whose counting it is stays longer than FLOPs where room is scarce: see `Quantity.status`."""


class StatusLine(QStatusBar):
    """Totals at the left, problems at the right; messages take their place for a while.

    A click on a total asks for its working.
    """

    total_requested = Signal(str)

    def __init__(self, document: Document, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._theme = theme
        self.totals = TotalsParts(theme)
        self.totals.setAccessibleName(self.tr("Totals"))
        self.totals.total_requested.connect(self.total_requested)
        self._badge = QLabel()
        self._shown_problems = ("", "", "")
        self._problems = QLabel()
        self._problems.setObjectName("problems")
        self.addWidget(self.totals, 1)
        self.addPermanentWidget(self._badge)
        self.addPermanentWidget(self._problems)
        self._before = document.analysis
        self._measured: Analysis | None = None
        self._peak = PENDING
        self._background = Background(self)
        self._background.done.connect(self._on_peak)
        document.changed.connect(self._on_changed)
        theme.changed.connect(self._show)
        self._show()

    def _on_changed(self, old: Analysis, _new: Analysis) -> None:
        self._before = old
        self._show()

    def _show(self) -> None:
        analysis = self._document.analysis
        self.totals.show_parts(self._totals_parts(analysis), analysis.convention.sentence)
        self._show_problems(analysis)

    def _totals_parts(self, analysis: Analysis) -> tuple[Part, ...]:
        """The first total in full, the others in short, and by which convention they are counted."""
        parts = [self._total_part(quantity, analysis, place) for place, quantity in enumerate(IN_STATUS)]
        if analysis.design.memory is not None:
            parts.append(self._memory_part(analysis))
        if analysis.design.budgets:
            parts.append(self._budgets_part(analysis))
        return (*parts, Part(self._counting_text(analysis), stays=COUNTING_STAYS))

    def _memory_part(self, analysis: Analysis) -> Part:
        """The peak in the setting that was chosen, and the memory of the card."""
        setting = analysis.design.memory or Setting()
        words = self.tr("Memory")
        if analysis.totals.layers > MAX_AT_ONCE:
            number = self._peak_in_time(analysis, setting)
        else:
            number = _peak_text(analysis, setting)
        card = setting.card
        if card is not None:
            number = self.tr("{size} of {card}").format(size=number, card=gibibytes(card.memory))
        return Part(words, number, MEMORY, CHOSEN_STAYS)

    def _peak_in_time(self, analysis: Analysis, setting: Setting) -> str:
        """The peak if it is known by now; else it is looked for, and shown when it is found."""
        if analysis is not self._measured:
            self._measured, self._peak = analysis, PENDING
            self._background.start(partial(_peak_text, analysis, setting))
        return self._peak

    def _on_peak(self, text: str) -> None:
        self._peak = text
        self._show()

    def _budgets_part(self, analysis: Analysis) -> Part:
        """The number of budgets that are kept for sure."""
        budgets = analysis.design.budgets
        broken = sum(problem.rule == BROKEN_BUDGET for problem in analysis.problems)
        kept = self.tr("{kept} of {all}").format(kept=max(0, len(budgets) - broken), all=len(budgets))
        return Part(self.tr("Budgets"), kept, BUDGETS, CHOSEN_STAYS)

    def _total_part(self, quantity: Quantity, analysis: Analysis, place: int) -> Part:
        """A total, and what it was before the last edit if that changed it."""
        write = quantity.unit.short if place else quantity.unit.full
        number, before = quantity.total(analysis).text(write), quantity.total(self._before).text(write)
        was = self.tr("(was {number})").format(number=before) if before != number else ""
        return Part(quantity.title, number, quantity.key, quantity.status, was)

    def _counting_text(self, analysis: Analysis) -> str:
        title = analysis.convention.title
        state = analysis.totals.state
        if missing := incomplete_text(analysis):
            return missing
        if not state:
            return self.tr("{name} counting").format(name=title)
        if analysis.convention.counts_state:
            text = self.tr("{name} counting: {state} numbers that are stored and not learned included")
        else:
            text = self.tr("{name} counting: {state} numbers that are stored and not learned not included")
        return text.format(name=title, state=exact(state))

    def _show_problems(self, analysis: Analysis) -> None:
        errors = len(analysis.errors)
        warnings = len(analysis.problems) - errors
        tokens = self._theme.tokens
        if errors:
            words = self.tr("{n} error") if errors == 1 else self.tr("{n} errors")
            name, token, text = "circle-x", "danger", words.format(n=errors)
        elif warnings:
            name, token, text = "triangle-alert", "warning", self._warnings_text(warnings)
        else:
            name, token, text = "circle-check", "good", self.tr("No problems")
            if analysis.accepted:
                accepted = self.tr("No problems ({n} accepted)")
                text = accepted.format(n=exact(len(analysis.accepted)))
        if errors and warnings:
            text += ", " + self._warnings_text(warnings)
        colour = getattr(tokens, token)
        if (name, colour, text) == self._shown_problems:
            return
        self._shown_problems = (name, colour, text)
        self._badge.setPixmap(icon(name, self._theme, token).pixmap(14, 14))
        self._problems.setText(text)
        palette = self._problems.palette()
        palette.setColor(QPalette.ColorRole.WindowText, colour)
        self._problems.setPalette(palette)

    def _warnings_text(self, number: int) -> str:
        words = self.tr("{n} warning") if number == 1 else self.tr("{n} warnings")
        return words.format(n=number)


def _peak_text(analysis: Analysis, setting: Setting) -> str:
    """The peak; `unknown` where no size is known, and for too many layers."""
    try:
        model = model_of(analysis, setting)
    except ValueError:
        return UNKNOWN
    low, _ = model.bounds(setting, workspace_of(setting.card))
    least = QCoreApplication.translate("StatusLine", "at least {size}")
    return least.format(size=gibibytes(low)) if model.unknown else gibibytes(low)
