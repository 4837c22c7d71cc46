"""`cnnstudio [FILE]`: the window, or what can be done without a display."""

from __future__ import annotations

import gc
import os
import sys


def open_window(source: str | None) -> int:
    """Opens the window; with no display, says so and prints the summary."""
    if not has_display():
        print("cnnstudio: there is no display, so the window cannot open.", file=sys.stderr)
        if source is None:
            print("cnnstudio: type `cnnstudio --help` for the commands that print.", file=sys.stderr)
            return 2
        from cnnstudio.cli import summary

        return summary.run([source])
    # What a start makes stays: looking for garbage in it takes a tenth of the time. The window collects by itself.
    gc.disable()
    if source is not None:
        _require_design(source)
    from cnnstudio.app.application import run

    return run(source)


def _require_design(source: str) -> None:
    """BadFile with everything that is wrong with a design that cannot be opened."""
    from cnnstudio.cli.failures import BadFile
    from cnnstudio.formats.builtin import open_design
    from cnnstudio.formats.fault import FileError

    try:
        open_design(source)
    except FileError as error:
        raise BadFile(error.lines()) from None


def has_display() -> bool:
    """Whether a window could be shown."""
    if sys.platform in ("win32", "darwin") or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
