"""Making a report while the window stays alive.

Composing and writing texts know no Qt and run in a thread. Laying out pages does, and must run where the window is
painted: it is done in short steps between events. Either can be cancelled at any time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

from msgspec import Struct
from PySide6.QtCore import QObject, QTimer, Signal

from cnnstudio.app.report_forms import FORMS
from cnnstudio.app.report_pdf import Pages, pdf_in_steps
from cnnstudio.reports.colours import PageColours
from cnnstudio.reports.forms import ReportError
from cnnstudio.reports.manuscript import Manuscript
from cnnstudio.reports.rich_text import RichText, first_lines, rich_text

POLL_MS: Final = 10
SLICE_SECONDS: Final = 0.012
"""How long a step may take: less than the eye notices."""
MOST_PREVIEWED: Final = 120
"""Lines of a table in a preview; whoever wants more saves it."""
MOST_TEXT_LINES: Final = 1_500
RICH_FORMS: Final = ("html", "xlsx")
"""Forms whose preview is rich text; a PDF shows its pages, and the others are texts."""


class Made(Struct, frozen=True):
    """What a job leaves: the manuscript, and of it what was asked for. `is_cut` says that a preview shows a part."""

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
        self._future: Future[Made] | None = None
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._on_time)

    @property
    def is_running(self) -> bool:
        """Whether it is still to be done."""
        return self._timer.isActive()

    def start(self) -> None:
        """Begins."""
        worker = ThreadPoolExecutor(max_workers=1)
        self._future = worker.submit(self._work)
        worker.shutdown(wait=False)
        self._timer.start(POLL_MS)

    def cancel(self) -> None:
        """Stops; neither signal follows. What runs in the thread is let run, and its result thrown away."""
        self._timer.stop()
        if self._steps is not None:
            self._steps.close()
            self._steps = None
        if self._future is not None:
            self._future.cancel()

    def _on_time(self) -> None:
        try:
            self._go_on()
        except (ReportError, ValueError) as error:
            self._timer.stop()
            self.failed.emit(str(error))
        except Exception:
            self._timer.stop()  # or the same error would come again and again
            raise

    def _go_on(self) -> None:
        if self._steps is not None:
            self._take_steps(self._steps)
        elif self._future is not None and self._future.done():
            made = self._future.result()
            if self._make_steps is None:
                self._finish(made)
                return
            self._steps = self._make_steps(made)
            self._timer.start(0)

    def _take_steps(self, steps: Steps) -> None:
        end = time.monotonic() + SLICE_SECONDS
        pages = 0
        while time.monotonic() < end:
            try:
                pages = next(steps)
            except StopIteration as done:
                self._finish(done.value)
                return
        self.progressed.emit(pages)

    def _finish(self, made: Made) -> None:
        self._timer.stop()
        self._steps = None
        self.done.emit(made)


def preview_job(compose: Callable[[], Manuscript], form: str, colours: PageColours, parent: QObject) -> ReportJob:
    """Makes what a preview shows of a form."""

    def work() -> Made:
        manuscript = compose()
        if form == "pdf":
            return Made(manuscript, form)
        if form in RICH_FORMS:
            rich = rich_text(manuscript, colours, has_pictures=form == "html", most_lines=MOST_PREVIEWED)
            return Made(manuscript, form, rich=rich, is_cut=rich.is_cut)
        text, is_cut = first_lines(FORMS[form].render(manuscript).decode(), MOST_TEXT_LINES)
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
