"""Refuses the pairs of Python and PySide6 that are known to crash, before a user loses work to them."""

from __future__ import annotations

import sys

import PySide6

SOUND_FROM = (3, 12)
UNSOUND_QT = (6, 12)


def unsound_pair(python: tuple[int, int], qt: tuple[int, int]) -> str:
    """The sentence for a pair that crashes; empty for a sound one.

    From 6.12.0 on PySide6 loses references to None and True under Python before 3.12; the interpreter then aborts
    after some thousand calls.
    """
    if python < SOUND_FROM and qt >= UNSOUND_QT:
        return (
            f"PySide6 {qt[0]}.{qt[1]} crashes Python {python[0]}.{python[1]}. "
            "Install PySide6-Essentials below 6.12, or use Python 3.12 or later."
        )
    return ""


def this_pair() -> str:
    """`unsound_pair` of the running interpreter."""
    return unsound_pair(sys.version_info[:2], (PySide6.__version_info__[0], PySide6.__version_info__[1]))
