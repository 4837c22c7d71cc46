"""A sweep that is being counted while its window stays alive."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from queue import SimpleQueue
from threading import Event
from typing import Final

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal

from cnnstudio.app.platform.background import Background
from cnnstudio.authoring.sweep_workers import WorkersLost, processes
from cnnstudio.core.sweeps.running import chunk_size, chunks, chunks_by
from cnnstudio.core.sweeps.space import Space
from cnnstudio.core.sweeps.table import Chunk

POLL_MS: Final = 30
MAX_CHUNKS_HERE: Final = 5
"""Chunks that are counted in a thread of this process; for more it is worth starting others."""
MAX_PROCESSES: Final = 8


class SweepJob(QObject):
    """Counts a space chunk by chunk. `counted` carries each chunk, `failed` a sentence, `ended` comes last."""

    counted = Signal(object)
    failed = Signal(str)
    ended = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._found: SimpleQueue[Chunk] = SimpleQueue()
        self._stop = Event()
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self._hand_out)
        self._background = Background(self, (WorkersLost, ValueError))
        self._background.done.connect(self._on_ended)
        self._background.failed.connect(self._on_ended)

    @property
    def is_running(self) -> bool:
        """True until all chunks were told, or it was cancelled."""
        return self._timer.isActive()

    def start(self, space: Space) -> None:
        """Begins; what another one was counting is not heard of any more."""
        self.cancel()
        # Each with its own: a thread that was cancelled may yet put its last chunk into the old queue.
        self._found, self._stop = SimpleQueue(), Event()
        # A window may go without being closed, with the one that it belongs to.
        self.destroyed.connect(self._stop.set)
        self._background.start(partial(_count, space, self._found, self._stop))
        self._timer.start()

    def cancel(self) -> None:
        """Stops; chunks that were told stay told."""
        self._stop.set()
        self._timer.stop()
        self._background.cancel()

    def _hand_out(self) -> None:
        """Tells what was counted; whoever hears of a chunk may cancel the rest."""
        while self.is_running and not self._found.empty():
            self.counted.emit(self._found.get())

    def _on_ended(self, refusal: str | None) -> None:
        """Comes with the sentence of a refusal, or with None where all is counted."""
        self._hand_out()
        if not self.is_running:
            return
        self._timer.stop()
        if refusal:
            self.failed.emit(refusal)
        self.ended.emit()


def _count(space: Space, found: SimpleQueue[Chunk], stop: Event) -> None:
    """Counts in a thread, and in other processes where there is much to do; WorkersLost if one of them is gone."""
    if space.size <= MAX_CHUNKS_HERE * chunk_size(space):
        _hand_over(chunks(space), found, stop)
        return
    jobs = max(1, min(MAX_PROCESSES, (os.cpu_count() or 2) - 1))
    try:
        with processes(jobs) as workers:
            _hand_over(chunks_by(workers.executor, workers.count, space), found, stop)
    except (BrokenProcessPool, OSError) as error:
        text = QCoreApplication.translate("SweepJob", "a process of the sweep was ended: {error}")
        raise WorkersLost(text.format(error=error)) from None


def _hand_over(counted: Iterator[Chunk], found: SimpleQueue[Chunk], stop: Event) -> None:
    for chunk in counted:
        if stop.is_set():
            return
        found.put(chunk)
