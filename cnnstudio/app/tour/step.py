"""The steps of a tour: what to do, where, and how one knows that it was done."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct
from PySide6.QtWidgets import QWidget


class TourStep(Struct, frozen=True, eq=False):
    """One step. `part` finds the part of the window that it is about, shown if it was hidden.

    `is_done` is asked after each change of the design or of what is selected; without it the step is for reading.
    """

    title: str
    text: str
    part: Callable[[], QWidget]
    is_done: Callable[[], bool] | None = None
