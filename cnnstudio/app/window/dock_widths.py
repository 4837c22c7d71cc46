"""The widths of docks, kept in letters: another text size widens them, and back again they are as they were."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QDockWidget, QMainWindow

from cnnstudio.app.appearance.theme import Theme

ROOMY: Final = 1440
"""The width of a window from which on the docks have all the room they want."""


TIGHT: Final = 1280
"""The width of a window in which parameters and MACs of the table are still whole."""
CENTER: Final = 420
"""The pixels that the middle of the window keeps at least, at text size 1, whatever the docks would like."""
SETTLED_MS: Final = 50
"""The time until what is in the docks has taken another text size, and with it another least width."""


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
        theme.changed.connect(self._on_theme)

    def spread(self) -> None:
        """Gives the docks the widths that they read best at; less in a small window, where the table needs room too."""
        share = min(1.0, self._window.width() / ROOMY)
        # Below the roomy width the docks give way faster, so that the table keeps its first numbers in sight.
        share = min(share, max(share**2, (TIGHT / ROOMY) ** 2))
        self._in_letters = {
            key: max(width.least, width.best * share) / self._scale for key, width in self._wanted.items()
        }
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

    def _on_theme(self) -> None:
        before, self._scale = self._scale, self._theme.text_scale
        if before == self._scale:
            return
        for key in filter(self._counts, self._wanted):
            width = self._docks[key].width()
            # What is as it was given keeps its letters, though there may not have been room for all of them.
            if width != self._given.get(key):
                self._in_letters[key] = width / before
        # Once what is in the docks has another size: until then they cannot become narrower.
        QTimer.singleShot(SETTLED_MS, self, self._give)

    def _give(self) -> None:
        keys = [key for key in self._wanted if key in self._in_letters]
        wanted = [self._in_letters[key] * self._scale for key in keys]
        # Large letters must not squeeze the table out of the window: its tabs and its numbers have the first claim.
        room = self._window.width() - CENTER * self._scale
        share = min(1.0, max(0.2, room / sum(wanted))) if wanted and self._scale > 1 else 1.0
        widths = [round(width * share) for width in wanted]
        self._window.resizeDocks([self._docks[key] for key in keys], widths, Qt.Orientation.Horizontal)
        QTimer.singleShot(0, self, self._remember)

    def _remember(self) -> None:
        self._given = {key: self._docks[key].width() for key in self._wanted if self._counts(key)}
