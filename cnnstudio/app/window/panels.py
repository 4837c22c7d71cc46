"""Going from panel to panel with the keyboard."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget


def go_to_panel(panels: Sequence[QWidget], focused: QWidget, step: int, entries: dict[QWidget, QWidget]) -> None:
    """Hands the keyboard to the panel that is `step` further than the one that has it, round and round.

    `entries` says where a panel is entered, if not at the widget that Tab would lead to first.
    """
    shown = [panel for panel in panels if panel.isVisible()]
    here = [panel is focused or panel.isAncestorOf(focused) for panel in shown]
    now = here.index(True) if True in here else -1
    panel = shown[(now + step) % len(shown)]
    (entries.get(panel) or _first_reachable(panel) or panel).setFocus(Qt.FocusReason.TabFocusReason)


def _first_reachable(panel: QWidget) -> QWidget | None:
    """The widget of a panel to which Tab would lead first; None if it is the panel itself."""
    if panel.focusPolicy() & Qt.FocusPolicy.TabFocus or panel.focusProxy() is not None:
        return None
    inside = panel.findChildren(QWidget)
    return next(
        (child for child in inside if child.isVisible() and child.focusPolicy() & Qt.FocusPolicy.TabFocus), None
    )
