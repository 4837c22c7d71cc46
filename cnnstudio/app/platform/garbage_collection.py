"""Collects garbage in the thread of the window alone.

Python collects in whichever thread happens to allocate: a file that is read or a recovery copy that is written in a
thread of its own would destroy Qt objects there, and the process with them (seen as a segmentation fault in every
second run of a test that reads a large file).
"""

from __future__ import annotations

import gc
from typing import Final

from PySide6.QtCore import QObject, QTimer

SETTLED_MS: Final = 3_000
"""The time after the start at which everything that stays alive exists."""
INTERVAL_MS: Final = 1_000
MAX_YOUNG: Final = 20_000
"""So many new objects are worth a collection; an edit of a long network makes thousands, most of them short-lived."""
RARER: Final = 20
"""The number of collections of the young generation before one of an older generation."""


class GarbageCollector(QObject):
    """Turns Python's own collections off and does them between events, sparingly.

    What the start made stays, and is not looked at again.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        self._collections = 0
        self._timer = QTimer(self)
        self._timer.setInterval(INTERVAL_MS)
        self._timer.timeout.connect(self.collect)
        QTimer.singleShot(SETTLED_MS, self.settle)

    def settle(self) -> None:
        """Freezes everything alive now and starts collecting what comes later."""
        gc.collect()
        gc.freeze()
        self._timer.start()

    def collect(self) -> None:
        """Collects if there is enough; every so often among older objects too."""
        # Objects that went by themselves are taken off this count, so it is of what may be garbage.
        if gc.get_count()[0] < MAX_YOUNG:
            return
        self._collections += 1
        oldest = 2 if self._collections % RARER**2 == 0 else 1
        gc.collect(oldest if self._collections % RARER == 0 else 0)
