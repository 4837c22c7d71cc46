"""The status line: the totals that everybody asks for, and whether there are problems."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QFont, QFontMetrics, QPalette, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QStatusBar, QWidget

from cnnstudio.app.document import Document
from cnnstudio.app.icons import icon
from cnnstudio.app.theme import Theme
from cnnstudio.app.tips import escaped
from cnnstudio.core.analysis import Analysis
from cnnstudio.core.numerals import exact, short, size_bytes
from cnnstudio.core.working import incomplete_text

NO_BREAK = "\u00a0"
SPACE = "&nbsp;" * 5
MARGIN = 8
LEFT_OUT = (3, 4, 2, 5)
"""What goes first where there is no room: parameter memory, activations, FLOPs, and whose counting it is."""


Part = tuple[str, str]
"""Words, and the number that stands bold behind them; without a number, words alone."""


def _html(part: Part) -> str:
    words, number = map(escaped, part)
    return f"{words}&nbsp;<b>{number}</b>" if number else f"<span>{words}</span>"


class TotalsLabel(QLabel):
    """Parts side by side. Those that find no room stand in the tip only: no text may widen the window."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: tuple[Part, ...] = ()
        self.setContentsMargins(MARGIN, 0, 0, 0)

    def show_parts(self, parts: tuple[Part, ...], tip: str) -> None:
        """Shows as many of the parts as there is room for."""
        self._parts = parts
        self.setToolTip(SPACE.join(map(_html, parts)) + f"<br><br>{tip}")
        self._fit()

    def _fit(self) -> None:
        self.ensurePolished()
        shown = set(range(len(self._parts)))
        if self.isVisible():
            widths = self._widths()
            for number in LEFT_OUT:
                if sum(widths[one] for one in shown) <= self.width() - MARGIN:
                    break
                shown.discard(number)
        self.setText(SPACE.join(_html(self._parts[number]) for number in sorted(shown)))

    def _widths(self) -> list[int]:
        """What each part takes with the space behind it: measured, as the label would lay out all of it each time."""
        bold = QFont(self.font())
        bold.setBold(True)
        words, numbers = QFontMetrics(self.font()), QFontMetrics(bold)
        gap = words.horizontalAdvance(SPACE.replace("&nbsp;", NO_BREAK)) + 1
        return [
            words.horizontalAdvance(title + NO_BREAK) + numbers.horizontalAdvance(number) + gap
            for title, number in self._parts
        ]

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fit()


class _Room(QWidget):
    """Gives a label its room and keeps to itself that its text has another size now.

    In a layout every other text would lay out the status line, and with it the whole window.
    """

    def __init__(self, label: QLabel) -> None:
        super().__init__()
        self._label = label
        label.setParent(self)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def sizeHint(self) -> QSize:
        return QSize(0, self._label.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._label.resize(event.size())


class StatusLine(QStatusBar):
    """Totals at the left, problems at the right; messages take their place for a while."""

    def __init__(self, document: Document, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._theme = theme
        self._totals = TotalsLabel()
        self._totals.setAccessibleName(self.tr("Totals"))
        self._badge = QLabel()
        self._shown_problems = ("", "", "")
        self._problems = QLabel()
        self._problems.setAccessibleName(self.tr("Problems"))
        self.addWidget(_Room(self._totals), 1)
        self.addPermanentWidget(self._badge)
        self.addPermanentWidget(self._problems)
        document.changed.connect(lambda _old, _new: self._show())
        theme.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        analysis = self._document.analysis
        self._totals.show_parts(self._totals_parts(analysis), escaped(analysis.convention.sentence))
        self._show_problems(analysis)

    def _totals_parts(self, analysis: Analysis) -> tuple[Part, ...]:
        totals = analysis.totals
        least = self.tr("at least ") if totals.uncounted else ""
        macs_least = least or (self.tr("at least ") if totals.unknown_macs else "")
        return (
            (self.tr("Parameters"), least + exact(totals.parameters)),
            (self.tr("MACs"), macs_least + short(totals.macs)),
            (self.tr("FLOPs"), macs_least + short(totals.flops)),
            (self.tr("Parameter memory"), least + size_bytes(totals.parameter_bytes)),
            (self.tr("Activations"), least + size_bytes(totals.activation_bytes)),
            (self._counting_text(analysis), ""),
        )

    def _counting_text(self, analysis: Analysis) -> str:
        title = analysis.convention.title
        state = analysis.totals.state
        if not analysis.is_complete:
            return incomplete_text(analysis.totals)
        if not state:
            return self.tr("{name} counting").format(name=title)
        if analysis.convention.counts_state:
            text = self.tr("{name} counting: moving statistics ({state}) included")
        else:
            text = self.tr("{name} counting: moving statistics ({state}) not included")
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
