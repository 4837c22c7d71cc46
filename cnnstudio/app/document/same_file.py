"""A test of whether two names lead to one file."""

from __future__ import annotations

from pathlib import Path


def same_file(path: Path | None, other: Path | None) -> bool:
    """True if both names lead to one file, which need not exist; no file has no name."""
    try:
        return path is not None and other is not None and (path == other or path.resolve() == other.resolve())
    except (OSError, ValueError):
        return False
