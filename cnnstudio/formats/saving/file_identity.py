"""The identity of a file besides its content: owner, group, mode, access list and extended attributes."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

_MADE_BY_THE_SYSTEM = ("security.ima", "security.evm")
"""Attributes that depend on the content; the system writes them itself."""


def take_after(handle: int, path: Path, old: os.stat_result) -> bool:
    """Gives a new, open file what it can have of the file at `path`, whose status is `old`.

    Returns whether everybody may do with the new one what they may do with the old one, and no attribute is missing.
    """
    if hasattr(os, "fchown"):
        # Each on its own: only root may give files away, but every member may give one to the group.
        with contextlib.suppress(OSError):
            os.fchown(handle, -1, old.st_gid)
        with contextlib.suppress(OSError):
            os.fchown(handle, old.st_uid, -1)
    has_attributes = _copy_attributes(handle, path)
    if hasattr(os, "fchmod"):
        with contextlib.suppress(OSError):  # shares whose modes are fixed refuse it
            os.fchmod(handle, stat.S_IMODE(old.st_mode))
    return has_attributes and _means_the_same(os.fstat(handle), old)


def _copy_attributes(handle: int, path: Path) -> bool:
    """Makes the extended attributes those of the old file, its access list among them. Returns True on success."""
    if not hasattr(os, "listxattr"):
        return True
    try:
        names = os.listxattr(path)
    except OSError:
        return True  # a file system without attributes has none to be lost
    try:
        for name in set(os.listxattr(handle)) - set(names):
            os.removexattr(handle, name)
        for name in set(names) - set(_MADE_BY_THE_SYSTEM):
            value = os.getxattr(path, name)
            if _attribute(handle, name) != value:
                os.setxattr(handle, name, value)
    except OSError:
        return False
    return True


def _attribute(handle: int, name: str) -> bytes | None:
    try:
        return os.getxattr(handle, name)
    except OSError:
        return None


def _means_the_same(new: os.stat_result, old: os.stat_result) -> bool:
    """True if mode and group are equal; where the owner is another, whether the group may do what the owner may.

    Then the old owner goes on as one of the group, and the new one may do what he could do as one of the group.
    """
    mode = stat.S_IMODE(old.st_mode) & 0o777
    if stat.S_IMODE(new.st_mode) & 0o777 != mode or new.st_gid != old.st_gid:
        return False
    owner, group = mode >> 6 & 6, mode >> 3 & 6
    return new.st_uid == old.st_uid or owner == group
