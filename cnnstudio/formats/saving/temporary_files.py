"""The temporary files of saving: how they are called, and how those that a crash left behind are found and removed."""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path
from zlib import crc32

_STEM_BYTES = 40
"""As much of the name of a file as its temporary one bears: some file systems allow only 143 bytes."""
_OURS = re.compile(r"\..*\.(?P<host>[0-9a-f]{8})-(?P<process>[0-9a-f]+)-[0-9a-f]{8}\.tmp", re.DOTALL)
_EARLIER = r"\.{}\.[a-z0-9_]{{8}}\.tmp"
"""The pattern of earlier names, made by `mkstemp`, which did not say whose they are."""
_ABANDONED_SECONDS = 3_600
"""From this age on a file is litter, though its process cannot be asked: it ran on another machine."""


def temporary_path(target: Path) -> Path:
    """A new name beside a file, which says which process on which machine is writing it."""
    mark = f"{_host():08x}-{os.getpid():x}-{os.urandom(4).hex()}"
    return target.with_name(f".{_stem(target.name)}.{mark}.tmp")


def _stem(name: str) -> str:
    return os.fsencode(name)[:_STEM_BYTES].decode(errors="ignore")


def _host() -> int:
    name = os.uname().nodename if hasattr(os, "uname") else os.environ.get("COMPUTERNAME", "")
    return crc32(name.encode(errors="replace"))


def sweep(folder: Path, name: str = "") -> None:
    """Removes the temporary files in a folder whose process is gone; also those of an earlier version for `name`."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        litter = [entry for entry in entries if entry.name.endswith(".tmp") and _is_litter(entry, name)]
        for entry in litter:
            with contextlib.suppress(OSError):
                os.unlink(entry)


def _is_litter(entry: os.DirEntry[str], name: str) -> bool:
    ours = _OURS.fullmatch(entry.name)
    if ours is None and not (name and re.fullmatch(_EARLIER.format(re.escape(name[:_STEM_BYTES])), entry.name)):
        return False
    try:
        if not entry.is_file(follow_symlinks=False):
            return False
        if ours is not None and int(ours["host"], 16) == _host() and not _runs(int(ours["process"], 16)):
            return True
        # The folder has just been written to: its time is that of the server, whatever the clock here says.
        written = entry.stat(follow_symlinks=False).st_mtime
        return Path(entry).parent.stat().st_mtime - written > _ABANDONED_SECONDS
    except OSError:
        return False


def _runs(process: int) -> bool:
    """True if a process of this machine runs, as far as it can be asked."""
    if os.name != "posix":
        return True
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True
