"""Writing results where a user wants them: a file is replaced as a whole, a stream takes them as they are."""

from __future__ import annotations

import errno
import os
import re
import stat
import sys
from collections.abc import Iterable
from pathlib import Path

from cnnstudio.formats.saving import write_all, write_atomically

_STREAMS = {"/dev/stdin": 0, "/dev/stdout": 1, "/dev/stderr": 2}
_NUMBERED = re.compile(r"/(?:dev|proc/self|proc/(?P<process>[0-9]+))/fd/(?P<number>[0-9]+)")
_MAX_LINKS = 40


def write_output(path: Path, content: bytes) -> None:
    """Writes a file as `write_atomically` does; an open stream (/dev/stdout, /dev/fd/3), a pipe or a device as it is.

    What such a stream leads to is not replaced: a shell has it open, and its other programs write there as well.
    OSError if that is not possible, as for a pipe that nobody reads.
    """
    handle = _opened_stream(path)
    if handle is None:
        write_atomically(path, content)
        return
    try:
        write_all(handle, content)
    finally:
        os.close(handle)


def file_path(name: str | os.PathLike[str]) -> Path:
    """The path of a file to write.

    Raises IsADirectoryError for a name that ends as only a folder's does, FileNotFoundError if its folder is missing.
    """
    # A Path forgets the end of `results/` and of `results/.`, and would make a file of that name.
    if os.path.basename(os.fspath(name)) in ("", os.curdir, os.pardir):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), os.fspath(name))
    folder = os.path.dirname(os.fspath(name))
    if folder and not os.path.isdir(folder):
        raise FileNotFoundError(errno.ENOENT, "there is no such folder", folder)
    return Path(name)


def require_other(path: Path, sources: Iterable[Path], what: str) -> None:
    """ValueError if a result would replace a file that it is made of, under whichever name."""
    if any(_is_one_file(path, source) for source in sources):
        raise ValueError(f"the {what} would be written over the design {path}; give it another name.")


def _is_one_file(path: Path, other: Path) -> bool:
    try:
        return path.samefile(other)
    except (OSError, ValueError):  # one of them is no file
        return False


def _opened_stream(path: Path) -> int | None:
    """A handle of the stream that a path names; None for a file, or for nothing yet."""
    number = _number_of_stream(path)
    if number is not None:
        # What print has buffered must come first, as the bytes below go past the buffer.
        sys.stdout.flush()
        return os.dup(number)
    try:
        mode = path.stat().st_mode
    except OSError:
        return None
    if not (stat.S_ISFIFO(mode) or stat.S_ISCHR(mode)):
        return None
    # A pipe that nobody reads would make `open` wait for ever; without waiting it raises an error at once.
    handle = os.open(path, os.O_WRONLY | getattr(os, "O_NONBLOCK", 0))
    os.set_blocking(handle, True)
    return handle


def _number_of_stream(path: Path) -> int | None:
    """The number of the open file of this process that a path leads to, if it does."""
    place = os.path.abspath(path)
    # Links may lead in a circle; 40 is where Linux gives up too.
    for _ in range(_MAX_LINKS):
        if place in _STREAMS:
            return _STREAMS[place]
        match = _NUMBERED.fullmatch(place)
        if match is not None and match["process"] in (None, str(os.getpid())):
            return int(match["number"])
        if not os.path.islink(place):
            return None
        place = os.path.normpath(os.path.join(os.path.dirname(place), os.readlink(place)))
    return None
