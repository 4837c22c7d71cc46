"""The bytes of a file behind guards: of a regular file only, and never more than is asked for."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, TypeVar

from cnnstudio.formats.fault import FileError, FileFault

HEAD_BYTES = 4096
"""The number of bytes looked at to recognize the format of a file."""
_T = TypeVar("_T")


class Sample:
    """The evidence by which a format is recognized: the suffix in small letters, the first bytes, and what a zip
    archive lists.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.suffix = path.suffix.lower()
        self.head = guarded(path, lambda file: file.read(HEAD_BYTES))

    @cached_property
    def members(self) -> tuple[str, ...]:
        """The names in a zip archive; none if it is not one, or a broken one."""
        # Not by ZipFile alone, which also takes a file of another kind with an archive at its end.
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

    def read(file: BinaryIO) -> bytes:
        require_size(path, os.fstat(file.fileno()).st_size, max_bytes)
        # One byte more than allowed, which tells a file that is too large from one that just fits.
        content = file.read(max_bytes + 1)
        # Some files of the system hold more than they say, and others grow.
        require_size(path, len(content), max_bytes)
        return content

    return guarded(path, read)


def require_size(path: Path, size: int, max_bytes: int) -> None:
    """Raises FileError if a file is larger than what is read."""
    if size > max_bytes:
        given, most = (f"{number / 1e6:,.0f} MB" for number in (size, max_bytes))
        raise refusal(path, f"has {given}; a design file has at most {most}.")


def refusal(path: Path, sentence: str) -> FileError:
    """The error that a file as a whole is refused with."""
    return FileError(str(path), [FileFault(0, 0, sentence)])


def guarded(path: Path, read: Callable[[BinaryIO], _T]) -> _T:
    """Returns `read(path)` for a regular file. Raises FileError for anything else, and if the system refuses."""
    try:
        with open_regular(path) as file:
            return read(file)
    except NotRegular:
        kind = "is a folder, not a design file." if path.is_dir() else "is not a regular file."
        raise refusal(path, kind) from None
    except FileNotFoundError:
        raise refusal(path, "there is no such file.") from None
    except OSError as error:
        raise refusal(path, f"cannot be read: {error.strerror}.") from None
    except ValueError:
        # Each Python words it differently.
        raise refusal(path, "cannot be read: no file can have this name.") from None


class NotRegular(OSError):
    """It is a folder, a device or a pipe: reading it may wait for ever, or never end."""

    def __init__(self) -> None:
        super().__init__(errno.EINVAL, "Not a regular file")


def open_regular(path: Path) -> BinaryIO:
    """A regular file, open for reading; NotRegular for anything else, another OSError where it cannot be opened.

    A pipe is opened without waiting for its other end, and what was opened is looked at, not what lay there before.
    """
    flags = sum(getattr(os, name, 0) for name in ("O_NONBLOCK", "O_CLOEXEC", "O_BINARY"))
    try:
        handle = os.open(path, os.O_RDONLY | flags)
    except OSError:
        if path.is_dir():  # Windows calls it forbidden
            raise NotRegular from None
        raise
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise NotRegular
    return os.fdopen(handle, "rb")
