"""A command or a window in a process of its own, which may take so much and no more."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct

from tests.places import ROOT

GOAL_SECONDS: Final = 10
GOAL_BYTES: Final = 1_000_000_000
MAX_SECONDS: Final = 4 * GOAL_SECONDS
"""Seconds of a processor after which a process is ended: machines differ, and what has no bound takes minutes."""
MAX_ADDRESSES: Final = 6_000_000_000
"""Addresses that a process may ask for. Qt asks for many that it never uses."""


class Taken(Struct, frozen=True):
    """The outcome of a process: its exit status, the end of what it said, and what it took."""

    status: int
    said: str
    seconds: float
    peak_bytes: int


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_SECONDS, MAX_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MAX_ADDRESSES, MAX_ADDRESSES))


def taken_by(words: Sequence[str], folder: Path) -> Taken:
    """Runs Python with these words in a folder, within the limits."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "QT_QPA_PLATFORM": "offscreen"}
    with (folder / "said").open("wb") as said, (folder / "printed").open("wb") as printed:
        child = subprocess.Popen(
            [sys.executable, *words], cwd=folder, env=environment, stdout=printed, stderr=said, preexec_fn=_limit
        )
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    last = (folder / "said").read_bytes()[-2_000:].decode(errors="replace")
    # Linux counts in kibibytes, macOS in bytes.
    unit = 1 if sys.platform == "darwin" else 1024
    return Taken(child.returncode, last, used.ru_utime + used.ru_stime, used.ru_maxrss * unit)
