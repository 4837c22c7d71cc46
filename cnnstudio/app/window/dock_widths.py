"""The widths of docks, kept in letters: another text size widens them, and back again they are as they were."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Final, NamedTuple

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QDockWidget, QMainWindow

from cnnstudio.app.appearance.theme import Theme

ROOMY: Final = 1440
"""The width of a window from which on the docks have all the room they want."""


TIGHT: Final = 1280
"""The width of a window in which parameters and MACs of the table are still whole."""
HASTE: Final = 2.6
"""The power of the width by which docks give way: so that MACs of twelve figures are whole in a tight window."""
CENTER: Final = 512
"""The pixels that the middle needs at text size 1, for a table whole up to its MACs, whatever the docks would like."""
NAMES: Final = 215
"""The pixels that the list of layers keeps of it all the same, at text size 1."""
STACKED: Final = ("inspector", "working")
"""Docks that stand one above the other, and keep their shares of the height."""
SETTLED_MS: Final = 50
"""The time after which what is in the docks has mostly taken another text size, and with it another least width."""
MAX_TRIES: Final = 5
"""On a busy machine that takes longer: a dock that stayed wider than asked is asked again so many times."""


class WantedWidth(NamedTuple):
    """The width that a dock reads best at, and the least that cuts off no name, in pixels at text size 1."""

    best: int
    least: int


class DockWidths(QObject):
    """Gives docks their widths at first, and whenever the text size changes."""

    def __init__(
        self, window: QMainWindow, docks: Mapping[str, QDockWidget], wanted: Mapping[str, WantedWidth], theme: Theme
    ) -> None:
        super().__init__(window)
        self._window, self._docks, self._wanted, self._theme = window, docks, wanted, theme
        self._scale = theme.text_scale
        self._in_letters: dict[str, float] = {}
        self._given: dict[str, int] = {}
        self._shares: dict[str, float] = {}
        self._heights: dict[str, int] = {}
        self._tries_left = 0
        self._timer = QTimer(self, singleShot=True, interval=SETTLED_MS)
        self._timer.timeout.connect(self._give)
        theme.changed.connect(self._on_theme)

    def spread(self) -> None:
        """Gives the docks the widths that they read best at; less in a small window, where the table needs room too."""
        share = min(1.0, self._window.width() / ROOMY)
        # Below the roomy width the docks give way faster, so that the table keeps its first numbers in sight.
        share = min(share, max(share**HASTE, (TIGHT / ROOMY) ** HASTE))
        self._in_letters = {
            key: max(width.least, width.best * share) / self._scale for key, width in self._wanted.items()
        }
        self._tries_left = MAX_TRIES
        self._give()

    def mend(self) -> None:
        """Spreads the docks where one came back too narrow for its names, as from a smaller screen."""
        too_narrow = [
            key for key, width in self._wanted.items() if self._counts(key) and self._docks[key].width() < width.least
        ]
        if too_narrow:
            self.spread()

    def _counts(self, key: str) -> bool:
        dock = self._docks[key]
        return dock.isVisible() and not dock.isFloating()

    @property
    def is_settled(self) -> bool:
        """True unless docks still wait for their widths."""
        return not self._timer.isActive() and not self._tries_left

    def _on_theme(self) -> None:
        before, self._scale = self._scale, self._theme.text_scale
        if before == self._scale:
            return
        # Widths between two sizes are nobody's choice: whoever presses Ctrl++ quickly has not dragged a dock.
        if self.is_settled:
            self._read(before)
            self._read_heights()
        # Once what is in the docks has another size: until then they cannot become narrower.
        self._tries_left = MAX_TRIES
        self._timer.start()

    def _read(self, scale: float) -> None:
        """Takes over what was dragged."""
        for key in filter(self._counts, self._wanted):
            width = self._docks[key].width()
            # What is as it was given keeps its letters, though there may not have been room for all of them.
            if width != self._given.get(key):
                self._in_letters[key] = width / scale

    def _stacked(self) -> dict[str, int]:
        """The heights of the docks that stand one above the other; none where they do not."""
        heights = {key: self._docks[key].height() for key in STACKED if self._counts(key)}
        areas = {self._window.dockWidgetArea(self._docks[key]) for key in heights}
        is_stack = len(heights) == len(STACKED) and len(areas) == 1
        lefts = {self._docks[key].x() for key in heights}
        return heights if is_stack and len(lefts) == 1 else {}

    def _read_heights(self) -> None:
        heights = self._stacked()
        if heights != self._heights:
            self._shares = {key: height / sum(heights.values()) for key, height in heights.items()}

    def _give_heights(self) -> None:
        heights = self._stacked()
        if self._shares.keys() == heights.keys() != set():
            total = sum(heights.values())
            asked = [round(self._shares[key] * total) for key in heights]
            self._window.resizeDocks([self._docks[key] for key in heights], asked, Qt.Orientation.Vertical)

    def give_soon(self) -> None:
        """Shares the room anew, once a dock has come or gone."""
        self._tries_left = MAX_TRIES
        self._timer.start()

    def _give(self) -> None:
        keys = [key for key in self._wanted if key in self._in_letters and not self._docks[key].isHidden()]
        wanted = [self._in_letters[key] * self._scale for key in keys]
        # Large letters must not squeeze the table out of the window: its tabs and its numbers have the first claim.
        widths = self._shared(dict(zip(keys, wanted, strict=True)), self._window.width() - CENTER * self._scale)
        self._window.resizeDocks([self._docks[key] for key in keys], widths, Qt.Orientation.Horizontal)
        self._give_heights()
        QTimer.singleShot(0, self, partial(self._remember, dict(zip(keys, widths, strict=True))))

    def _shared(self, wanted: Mapping[str, float], room: float) -> list[int]:
        """The widths in a room: what cannot become narrower takes of that of the others."""
        least = {key: self._docks[key].minimumSizeHint().width() for key in wanted}
        least |= {"layers": round(NAMES * self._scale)} if "layers" in wanted else {}
        tight: set[str] = set()
        share = 1.0
        while len(tight) < len(wanted):
            left = room - sum(least[key] for key in tight)
            share = min(1.0, left / sum(width for key, width in wanted.items() if key not in tight))
            found = {key for key, width in wanted.items() if key not in tight and width * share < least[key]}
            if not found:
                break
            tight |= found
        return [least[key] if key in tight else round(width * share) for key, width in wanted.items()]

    def _remember(self, asked: Mapping[str, int]) -> None:
        self._given = {key: self._docks[key].width() for key in self._wanted if self._counts(key)}
        self._heights = self._stacked()
        stays_wide = any(width > asked.get(key, width) for key, width in self._given.items())
        self._tries_left = max(0, self._tries_left - 1) if stays_wide else 0
        if self._tries_left and not self._timer.isActive():
            self._timer.start()
