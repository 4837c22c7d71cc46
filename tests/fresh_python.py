"""A Python that has loaded nothing yet, for tests of what is imported."""

from __future__ import annotations

import subprocess
import sys


def printed_by(script: str) -> list[str]:
    """The lines that it prints; an AssertionError with what it says if it fails."""
    words = [sys.executable, "-c", script]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()
