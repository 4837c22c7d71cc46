"""The bytes of a file behind guards: of a regular file only, and never more than is asked for."""

from __future__ import annotations

import stat
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from cnnstudio.formats.fault import FileError, FileFault

HEAD_BYTES = 4096
"""How much of a file is looked at to recognize its format."""
_T = TypeVar("_T")


class Sample:
    """What a format is recognized by: the suffix in small letters, the first bytes, and what a zip archive lists."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.suffix = path.suffix.lower()
        self.head = guarded(path, lambda: _bytes(path, HEAD_BYTES))

    @cached_property
    def members(self) -> tuple[str, ...]:
        """The names in a zip archive; none if it is not one, or a broken one."""
        if not self.head.startswith(b"PK"):
            return ()
        from zipfile import BadZipFile, ZipFile  # not at every start

        try:
            with ZipFile(self.path) as archive:
                return tuple(archive.namelist())
        except (OSError, ValueError, NotImplementedError, BadZipFile):
            return ()


def read_content(path: Path, max_bytes: int) -> bytes:
    """The content of a file; FileError if it is not a regular file, cannot be read, or is larger."""
    return guarded(path, lambda: _content(path, max_bytes))


def require_size(path: Path, size: int, max_bytes: int) -> None:
    """FileError if a file is larger than what is read."""
    if size > max_bytes:
        given, most = (f"{number / 1e6:,.0f} MB" for number in (size, max_bytes))
        raise refusal(path, f"has {given}; a design file has at most {most}.")


def refusal(path: Path, sentence: str) -> FileError:
    """The error that a file as a whole is refused with."""
    return FileError(str(path), [FileFault(0, 0, sentence)])


def guarded(path: Path, read: Callable[[], _T]) -> _T:
    """What `read` returns for a regular file; FileError for anything else, and where the system refuses."""
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise refusal(path, "is a folder, not a design file.")
        # Opening a pipe or a device may wait for ever.
        if not stat.S_ISREG(status.st_mode):
            raise refusal(path, "is not a regular file.")
        return read()
    except FileNotFoundError:
        raise refusal(path, "there is no such file.") from None
    except OSError as error:
        raise refusal(path, f"cannot be read: {error.strerror}.") from None
    except ValueError:
        # Each Python words it differently.
        raise refusal(path, "cannot be read: no file can have this name.") from None


def _content(path: Path, max_bytes: int) -> bytes:
    require_size(path, path.stat().st_size, max_bytes)
    content = _bytes(path, max_bytes + 1)
    # Some files of the system hold more than they say, and others grow.
    require_size(path, len(content), max_bytes)
    return content


def _bytes(path: Path, most: int) -> bytes:
    with path.open("rb") as file:
        return file.read(most)
