"""Making a report while the window stays alive.

Composing and writing texts know no Qt and run in a thread. Laying out pages does, and must run where the window is
painted: it is done in short steps between events. Either can be cancelled at any time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from typing import Final

from msgspec import Struct
from PySide6.QtCore import QObject, QTimer, Signal

from cnnstudio.app.platform.background import Background
from cnnstudio.app.reports.forms import FORMS
from cnnstudio.app.reports.pdf import Pages, pdf_in_steps
from cnnstudio.drawings.colours import PageColours
from cnnstudio.reports.content.manuscript import Manuscript
from cnnstudio.reports.form_table import ReportError
from cnnstudio.reports.forms.rich_text import RichText, first_lines, rich_text

SLICE_SECONDS: Final = 0.012
"""The time that a step may take: less than the eye notices."""
MAX_PREVIEWED_LINES: Final = 120
"""Lines of a table in a preview; whoever wants more saves it."""
MAX_TEXT_LINES: Final = 1_500
RICH_FORMS: Final = ("html", "xlsx")
"""Forms whose preview is rich text; a PDF shows its pages, and the others are texts."""


class Made(Struct, frozen=True):
    """The result of a job: the manuscript, and what was made of it. `is_cut` says that a preview shows a part."""

    manuscript: Manuscript
    form: str
    pages: Pages | None = None
    rich: RichText | None = None
    text: str = ""
    content: bytes = b""
    is_cut: bool = False


Steps = Generator[int, None, Made]


class ReportJob(QObject):
    """One report being made. Exactly one of `done` and `failed` follows, unless it is cancelled.

    `progressed` says how many pages there are so far.
    """

    done = Signal(object)
    failed = Signal(str)
    progressed = Signal(int)

    def __init__(self, work: Callable[[], Made], steps: Callable[[Made], Steps] | None, parent: QObject) -> None:
        super().__init__(parent)
        self._work = work
        self._make_steps = steps
        self._steps: Steps | None = None
        self._background = Background(self, (ReportError, ValueError))
        self._background.done.connect(self._on_composed)
        self._background.failed.connect(self.failed)
        self._timer = QTimer(self)
        # As often as there is nothing else to do: events of the window come first.
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._take_steps)

    @property
    def is_running(self) -> bool:
        """True until it is done."""
        return self._background.is_running or self._timer.isActive()

    def start(self) -> None:
        """Begins."""
        self._background.start(self._work)

    def cancel(self) -> None:
        """Stops; neither signal follows."""
        self._background.cancel()
        self._timer.stop()
        # A generator that is closed runs its `finally`, which ends a painter that is still at work.
        if self._steps is not None:
            self._steps.close()
            self._steps = None

    def _on_composed(self, made: Made) -> None:
        if self._make_steps is None:
            self.done.emit(made)
            return
        self._steps = self._make_steps(made)
        self._timer.start()

    def _take_steps(self) -> None:
        """Goes on for as long as nobody notices."""
        steps, end, pages = self._steps, time.monotonic() + SLICE_SECONDS, 0
        while steps is not None and time.monotonic() < end:
            try:
                pages = next(steps)
            except StopIteration as finished:
                self._timer.stop()
                self._steps = None
                self.done.emit(finished.value)
                return
            except BaseException:
                self._timer.stop()  # or the same error would come again and again
                raise
        self.progressed.emit(pages)


def preview_job(compose: Callable[[], Manuscript], form: str, colours: PageColours, parent: QObject) -> ReportJob:
    """Makes what a preview shows of a form."""

    def work() -> Made:
        manuscript = compose()
        if form == "pdf":
            return Made(manuscript, form)
        if form in RICH_FORMS:
            rich = rich_text(manuscript, colours, has_pictures=form == "html", most_lines=MAX_PREVIEWED_LINES)
            return Made(manuscript, form, rich=rich, is_cut=rich.is_cut)
        text, is_cut = first_lines(FORMS[form].render(manuscript).decode(), MAX_TEXT_LINES)
        return Made(manuscript, form, text=text, is_cut=is_cut)

    return ReportJob(work, _laid_out if form == "pdf" else None, parent)


def content_job(compose: Callable[[], Manuscript], form: str, parent: QObject) -> ReportJob:
    """Makes the bytes of the file."""
    if form == "pdf":
        return ReportJob(lambda: Made(compose(), form), _painted, parent)

    def work() -> Made:
        manuscript = compose()
        return Made(manuscript, form, content=FORMS[form].render(manuscript))

    return ReportJob(work, None, parent)


def pages_job(compose: Callable[[], Manuscript], parent: QObject) -> ReportJob:
    """Makes the pages for a printer, whatever the form."""
    return ReportJob(lambda: Made(compose(), "pdf"), _laid_out, parent)


def copy_job(compose: Callable[[], Manuscript], form: str, parent: QObject) -> ReportJob:
    """Makes what goes to the clipboard: rich text beside plain text, or of a form that is text that text."""

    def work() -> Made:
        manuscript = compose()
        if form in (*RICH_FORMS, "pdf"):
            text = FORMS["tsv" if form == "xlsx" else "txt"].render(manuscript).decode()
            return Made(manuscript, form, rich=rich_text(manuscript), text=text)
        return Made(manuscript, form, text=FORMS[form].render(manuscript).decode())

    return ReportJob(work, None, parent)


def _laid_out(made: Made) -> Steps:
    pages: Pages = yield from Pages.in_steps(made.manuscript)
    return Made(made.manuscript, made.form, pages=pages)


def _painted(made: Made) -> Steps:
    pages: Pages = yield from Pages.in_steps(made.manuscript)
    content: bytes = yield from pdf_in_steps(pages, made.manuscript)
    return Made(made.manuscript, made.form, pages=pages, content=content)
