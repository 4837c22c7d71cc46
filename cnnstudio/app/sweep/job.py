"""A sweep that is being counted while its window stays alive."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from cnnstudio.authoring.sweep_workers import processes
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
        self._found: SimpleQueue[Chunk | str | None] = SimpleQueue()
        self._stop = Event()
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self._look)

    @property
    def is_running(self) -> bool:
        """True until all chunks were told, or it was cancelled."""
        return self._timer.isActive()

    def start(self, space: Space) -> None:
        """Begins; what another one was counting is not heard of any more."""
        self.cancel()
        # Each with its own: a thread that was cancelled may yet put its last chunk into the old queue.
        self._found, self._stop = SimpleQueue(), Event()
        Thread(target=_count, args=(space, self._found, self._stop), name="sweep", daemon=True).start()
        self._timer.start()

    def cancel(self) -> None:
        """Stops; chunks that were told stay told."""
        self._stop.set()
        self._timer.stop()

    def _look(self) -> None:
        while self.is_running:
            try:
                found = self._found.get_nowait()
            except Empty:
                return
            if isinstance(found, Chunk):
                self.counted.emit(found)
                continue
            self._timer.stop()
            if found is not None:
                self.failed.emit(found)
            self.ended.emit()


def _count(space: Space, found: SimpleQueue[Chunk | str | None], stop: Event) -> None:
    """Counts in a thread, and in other processes where there is much to do."""
    try:
        if space.size <= MAX_CHUNKS_HERE * chunk_size(space):
            _hand_over(chunks(space), found, stop)
        else:
            jobs = max(1, min(MAX_PROCESSES, (os.cpu_count() or 2) - 1))
            with processes(jobs) as workers:
                _hand_over(chunks_by(workers.executor, workers.count, space), found, stop)
    except (BrokenProcessPool, OSError) as error:
        found.put(f"a process of the sweep was ended: {error}")
    else:
        found.put(None)


def _hand_over(counted: Iterator[Chunk], found: SimpleQueue[Chunk | str | None], stop: Event) -> None:
    for chunk in counted:
        if stop.is_set():
            return
        found.put(chunk)
