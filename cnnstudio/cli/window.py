"""`cnnstudio [FILE]`: the window, or what can be done without a display."""

from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnnstudio.formats.design_file import DesignFile
    from cnnstudio.manual.page import Page


def open_window(source: str | None, tell_in_window: bool = False) -> int:
    """Opens the window; with no display, says so and prints the summary.

    What is wrong with the file is a BadFile, or told in a window, for a start from the desktop has no terminal.
    """
    if not has_display():
        print("cnnstudio: there is no display, so the window cannot open.", file=sys.stderr)
        if source is None:
            print("cnnstudio: type `cnnstudio --help` for the commands that print.", file=sys.stderr)
            return 2
        from cnnstudio.cli.commands import summary

        return summary.run([source])
    # What a start makes stays: looking for garbage in it takes a tenth of the time. The window collects by itself.
    gc.disable()
    file = None if source is None or tell_in_window else _read(source)
    from cnnstudio.app.platform.lazy_qt import import_qt

    import_qt()
    from cnnstudio.app.application import run

    return run(source, file, command_pages=_command_pages)


def _command_pages() -> tuple[Page, ...]:
    """The pages of the manual that only the command line can write, once somebody wants them."""
    from cnnstudio.cli.help_pages import command_pages

    return command_pages()


def _read(source: str) -> DesignFile:
    """The design; BadFile with everything that is wrong with one that cannot be opened."""
    from cnnstudio.cli.failures import BadFile
    from cnnstudio.formats.builtin import open_design
    from cnnstudio.formats.fault import FileError

    try:
        return open_design(source)
    except FileError as error:
        raise BadFile(error.lines()) from None


def has_display() -> bool:
    """True if a window could be shown."""
    if sys.platform in ("win32", "darwin") or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
