"""A Qt application that can measure text, with a display or without."""

from __future__ import annotations

import os
import sys

from PySide6.QtGui import QGuiApplication

_kept: list[QGuiApplication] = []
"""The application that was made here: Qt wants it to live as long as anything that it drew."""


def require_application() -> None:
    """Makes an application without a window if there is none yet."""
    if QGuiApplication.instance() is not None:
        return
    if sys.platform.startswith("linux"):
        # Nothing is shown, so that even with a display none is needed.
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    _kept.append(QGuiApplication(sys.argv[:1]))
