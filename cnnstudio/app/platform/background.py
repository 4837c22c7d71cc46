"""Work that knows no Qt, done in a thread while the window stays alive."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final

from PySide6.QtCore import QObject, QTimer, Signal

POLL_MS: Final = 10


class Background(QObject):
    """Does one piece of work at a time; another one takes its place, and what is cancelled is never heard of again.

    `done` carries the result, `failed` the sentence of a refusal: of an exception of one of these kinds. Any other
    error is one of the program: `failed` says so, that nobody may wait for ever, and then it is raised.
    """

    done = Signal(object)
    failed = Signal(str)

    def __init__(self, parent: QObject, refusals: tuple[type[Exception], ...] = ()) -> None:
        super().__init__(parent)
        self._refusals = refusals
        self._future: Future[Any] | None = None
        # Looked at by a timer, not by a callback of the future: that one would run in the thread of the work.
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self._look)

    @property
    def is_running(self) -> bool:
        """True while there is work left."""
        return self._future is not None

    def start(self, work: Callable[[], object]) -> None:
        """Begins."""
        self.cancel()
        worker = ThreadPoolExecutor(max_workers=1)
        self._future = worker.submit(work)
        # No more work is taken, so the thread ends with this one; waiting for it would freeze the window.
        worker.shutdown(wait=False)
        self._timer.start()

    def cancel(self) -> None:
        """Forgets what is being done: it ends in its own time, and nobody looks at it."""
        self._timer.stop()
        if self._future is not None:
            # Helps only what has not begun: Python cannot stop a thread from outside.
            self._future.cancel()
        self._future = None

    def _look(self) -> None:
        future = self._future
        if future is None or not future.done():
            return
        # Before the result is told, because whoever hears it may start the next piece of work.
        self.cancel()
        try:
            result = future.result()
        except self._refusals as error:
            self.failed.emit(str(error))
            return
        except BaseException:
            self.failed.emit(self.tr("Something went wrong inside the program."))
            raise
        self.done.emit(result)
