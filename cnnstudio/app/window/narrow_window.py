"""A narrow window, which does without its palette, then its inspector, so that names and numbers stay whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QDockWidget, QMainWindow

from cnnstudio.app.appearance.theme import Theme

NARROW: Final = {"palette": 1120, "inspector": 760, "working": 760}
"""The width of a window, at text size 1, below which list and table need the room of a dock."""


class NarrowWindow(QObject):
    """Puts docks away while the window is narrow, and back once it is not; `changed` gives the others their widths.

    Whoever shows one all the same keeps it, until the window has been wide again.
    """

    def __init__(
        self, window: QMainWindow, docks: Mapping[str, QDockWidget], theme: Theme, changed: Callable[[], None]
    ) -> None:
        super().__init__(window)
        self._window, self._theme, self._changed = window, theme, changed
        self._docks = {key: docks[key] for key in NARROW}
        self._away: set[str] = set()
        self._kept: set[str] = set()
        self._is_acting = False
        for watched in (window, *self._docks.values()):
            watched.installEventFilter(self)
        theme.changed.connect(self.fit)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Another width of the window; and somebody who shows a dock that was put away."""
        if watched is self._window and event.type() == QEvent.Type.Resize:
            self.fit()
        elif event.type() == QEvent.Type.ShowToParent and not self._is_acting:
            shown = {key for key, dock in self._docks.items() if dock is watched} & self._away
            self._away -= shown
            self._kept |= shown
        return super().eventFilter(watched, event)

    def fit(self) -> None:
        """Puts docks away or back, as the width of the window asks."""
        width = self._window.width() / self._theme.text_scale
        tight = {key for key, least in NARROW.items() if width < least}
        self._kept &= tight
        shown = {key for key, dock in self._docks.items() if not (dock.isHidden() or dock.isFloating())}
        leaving, coming = (tight & shown) - self._kept, self._away - tight
        self._away = (self._away | leaving) - coming
        self._show({**dict.fromkeys(leaving, False), **dict.fromkeys(coming, True)})
        if leaving or coming:
            self._changed()

    def forget(self) -> None:
        """Asks the width alone again, as after a layout was put back."""
        self._away, self._kept = set(), set()
        self.fit()

    def _show(self, docks: Mapping[str, bool]) -> None:
        self._is_acting = True
        for key, is_shown in docks.items():
            self._docks[key].setVisible(is_shown)
        self._is_acting = False

    @contextmanager
    def as_wide(self) -> Iterator[None]:
        """The docks back for a moment: what is saved is the layout of a window that has room."""
        away = set(self._away)
        self._show(dict.fromkeys(away, True))
        try:
            yield
        finally:
            self._show(dict.fromkeys(away, False))
