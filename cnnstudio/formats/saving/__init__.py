"""Saving that leaves the old file or the new one, never half of either, and takes a file away from nobody."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from cnnstudio.formats.saving.file_identity import take_after
from cnnstudio.formats.saving.stamp import ABSENT, Stamp, stamp_of
from cnnstudio.formats.saving.temporary_files import sweep, temporary_path

_NO_ROOM_TO_REPLACE = (errno.EACCES, errno.EPERM, errno.EROFS)
"""A folder in which this user may not make files, though the file itself may be written."""
_NOT_REPLACEABLE = (*_NO_ROOM_TO_REPLACE, errno.EBUSY, errno.EEXIST, errno.ENOTSUP, errno.EXDEV, errno.ETXTBSY)
"""Errors of a rename in a sticky folder, of a file that is mounted by itself, and on some network shares."""
_NEVER_FLUSHED = (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP)
"""Errors of fsync where it can do nothing, such as on some FUSE mounts."""


class ChangedMeanwhile(Exception):
    """Somebody else has written the file since it was last looked at; nothing was changed."""


class _NotFaithful(Exception):
    """A file that replaced the old one would take it away from somebody."""


class Precautions(Struct, frozen=True):
    """Precautions before a file is overwritten.

    It holds what is `expected`, where that is said, or nothing is written. `before_writing_in_place` may keep a copy
    for the case of a crash, where a file cannot be replaced at once.
    """

    expected: Stamp | None = None
    before_writing_in_place: Callable[[], object] | None = None


NO_PRECAUTIONS = Precautions()


def write_atomically(path: Path, content: bytes, precautions: Precautions = NO_PRECAUTIONS) -> None:
    """Writes a file by way of a temporary one in the same folder: write, flush, fsync, rename.

    Follows a symbolic link. Keeps mode, group, access list and extended attributes of a file that exists, and its owner
    where this user may give files away. Where a new file cannot have them, or cannot take the place of the old one (a
    hard link, a folder that is read-only or sticky), the old file is written in place, its new end first, so that a
    full disk changes nothing. A new file is made under its own name where nothing can be renamed.

    OSError, with nothing changed, if it fails; ChangedMeanwhile if the file does not hold what is expected.
    """
    # Renaming over a symbolic link would replace the link and leave the file that it leads to as it was.
    target = Path(os.path.realpath(path))
    old = _status(target)
    try:
        # A rename would part the names: the others would keep the old content.
        if old is not None and old.st_nlink > 1:
            raise _NotFaithful
        _write_beside(target, content, old, precautions.expected)
    except _NotFaithful:
        _require_expected(target, precautions.expected)
        if precautions.before_writing_in_place is not None:
            precautions.before_writing_in_place()
        _write_in_place(target, content)
    _flush_folder(target.parent)
    sweep(target.parent, target.name)


def _status(target: Path) -> os.stat_result | None:
    """The status of the file that is to be replaced, None if there is none; OSError if it must not be."""
    try:
        status = target.stat()
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(target))
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "Not a regular file", str(target))
    # A rename asks nothing of the old file: it would replace one that this user may not write.
    if not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(target))
    return status


def _write_beside(target: Path, content: bytes, old: os.stat_result | None, expected: Stamp | None) -> None:
    """Writes a new file and renames it; _NotFaithful, with nothing changed, if the old one has to stay."""
    name = temporary_path(target)
    try:
        handle = _create(name, old)
        try:
            if old is not None and not take_after(handle, target, old):
                raise _NotFaithful
            write_all(handle, content)
            _flush(handle)
        finally:
            os.close(handle)
        # As late as can be: between this and the rename there is next to no time for somebody else to write.
        _require_expected(target, expected)
        _rename(name, target, content, old)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def _create(name: Path, old: os.stat_result | None) -> int:
    """Makes a new file; _NotFaithful where the folder allows none, and there is an old file to write to.

    It begins with the mode that it will have, as not every file system lets it be changed; the group's part is left out
    as long as it is another group's. A mode that a new file gets is the system's business (umask, default lists).
    """
    mode = 0o666
    if old is not None:
        begins_in_its_group = not hasattr(os, "getegid") or os.getegid() == old.st_gid
        mode = stat.S_IMODE(old.st_mode) & (0o777 if begins_in_its_group else 0o707)
    # O_EXCL, so that a link that somebody has put there under this name is not followed.
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
    try:
        return os.open(name, flags, mode)
    except OSError as error:
        # Without an old file there is nothing that could be written in place, so the error is the user's to see.
        if old is not None and error.errno in _NO_ROOM_TO_REPLACE:
            raise _NotFaithful from None
        raise


def _rename(name: Path, target: Path, content: bytes, old: os.stat_result | None) -> None:
    try:
        os.replace(name, target)
    except OSError as error:
        if error.errno not in _NOT_REPLACEABLE:
            raise
        if old is not None:
            raise _NotFaithful from None
        _write_new(target, content)
        with contextlib.suppress(OSError):
            os.unlink(name)


def _write_new(target: Path, content: bytes) -> None:
    """Makes a file under its own name, where nothing can be renamed: there is no old content that could be lost."""
    handle = _create(target, None)
    try:
        try:
            write_all(handle, content)
            _flush(handle)
        finally:
            os.close(handle)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(target)
        raise


def _require_expected(target: Path, expected: Stamp | None) -> None:
    # A file that is gone is nobody's work to lose, so it may be written anew.
    if expected is not None and stamp_of(target) not in (expected, ABSENT):
        raise ChangedMeanwhile


def _write_in_place(target: Path, content: bytes) -> None:
    """Writes an existing file: first what it grows by, so that a full disk is noticed while the old content is whole.

    What was overwritten is put back if the rest fails.
    """
    handle = os.open(target, os.O_RDWR | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0))
    try:
        size = os.fstat(handle).st_size
        overwritten = _read_all(handle, min(size, len(content)))
        try:
            os.lseek(handle, size, os.SEEK_SET)
            write_all(handle, content[size:])
            _flush(handle)
            os.lseek(handle, 0, os.SEEK_SET)
            write_all(handle, content[:size])
            _flush(handle)
        except BaseException:
            os.lseek(handle, 0, os.SEEK_SET)
            write_all(handle, overwritten)
            os.ftruncate(handle, size)
            raise
        # Last, when all of the new content is on the disk: a shorter file must not lose its end before.
        os.ftruncate(handle, len(content))
        _flush(handle)
    finally:
        os.close(handle)


def _read_all(handle: int, size: int) -> bytes:
    parts: list[bytes] = []
    while size > 0 and (part := os.read(handle, size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def write_all(handle: int, content: bytes) -> None:
    """Writes all of it to an open file, however little the system takes at a time."""
    left = memoryview(content)
    while left:
        # One call may take less than all, as for a pipe or a file beyond two gigabytes.
        left = left[os.write(handle, left) :]


def _flush(handle: int) -> None:
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in _NEVER_FLUSHED:
            raise


def _flush_folder(folder: Path) -> None:
    """Makes the rename last through a power cut, where the system can."""
    with contextlib.suppress(OSError, AttributeError):
        # The rename is an entry of the folder, which has to reach the disk by itself. Windows has no O_DIRECTORY.
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
