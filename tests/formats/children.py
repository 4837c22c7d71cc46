"""Child processes for what a test cannot do to itself: die, run out of disk, or give up the rights of root."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.places import ROOT

NOBODY = 65534
PATIENCE_SECONDS = 60
_SAVING = """
import os, sys
from pathlib import Path
from cnnstudio.formats.design_yaml import read_design
from cnnstudio.formats.fault import FileError
from cnnstudio.formats.saving import write_atomically
target = Path(sys.argv[1])
def attempt(content):
    try:
        write_atomically(target, content)
    except OSError as error:
        print(type(error).__name__ + ':', error.strerror)
    else:
        print('saved')
"""
_GIVE_UP_RIGHTS = f"""
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid({NOBODY})
    os.setuid({NOBODY})
"""


def saving_script(body: str) -> list[str]:
    """The command of a child that has `target`, its first argument, and `attempt(content)`."""
    return [sys.executable, "-c", _SAVING + body]


def run_child(command: Sequence[str | Path]) -> str:
    """What the child prints; the test fails with what it complains of."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=environment, timeout=PATIENCE_SECONDS
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def run_as_nobody(body: str, target: Path) -> str:
    """What a saving script prints that runs without the rights of root, if this is root."""
    if os.name != "posix":
        pytest.skip("rights are another matter here")
    return run_child([*saving_script(_GIVE_UP_RIGHTS + body), target])


def run_on_full_disk(body: str, folder: Path, kilobytes: int = 64) -> str:
    """What a saving script prints whose target, folder/design.yaml, lies on a small file system of its own."""
    if shutil.which("unshare") is None:
        pytest.skip("no way to make a small file system here")
    mount = f'mount -t tmpfs -o size={kilobytes}k tmpfs "$0" || exit 77; exec "$@"'
    command: list[str | Path] = ["unshare", "--map-root-user", "--mount", "sh", "-c", mount, folder]
    done = subprocess.run([*command, "true"], capture_output=True, check=False)
    if done.returncode:
        pytest.skip("this user may not mount a small file system")
    return run_child([*command, *saving_script(body), folder / "design.yaml"])
