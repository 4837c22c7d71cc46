"""Child processes for what a test cannot do to itself: die, run out of disk, or give up the rights of root."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
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
    """The output of the child; the test fails with what it complains of."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=environment, timeout=PATIENCE_SECONDS
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def run_as_nobody(body: str, target: Path) -> str:
    """The output of a saving script that runs without the rights of root, if this is root."""
    if os.name != "posix":
        pytest.skip("rights are another matter here")
    return run_child([*saving_script(_GIVE_UP_RIGHTS + body), target])


def run_as_user(user: int, group: int, more: Sequence[int], body: str, target: Path) -> str:
    """The output of a saving script that runs as another user, in a group and in more of them."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("only root can act as another user")
    change = f"os.setgroups({list(more)}); os.setgid({group}); os.setuid({user}); os.umask(0o022)\n"
    return run_child([*saving_script(change + body), target])


@contextmanager
def bound_folder(folder: Path, *options: str) -> Iterator[Path]:
    """A folder seen through bindfs, which stands for a network share that refuses something."""
    if shutil.which("bindfs") is None:
        pytest.skip("bindfs is not installed; `apt-get install bindfs`")
    place = folder.with_name(f"{folder.name}-share")
    place.mkdir()
    done = subprocess.run(["bindfs", *options, folder, place], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"this user may not mount with FUSE: {done.stderr.strip()}")
    try:
        yield place
    finally:
        unmount = ["umount"] if os.geteuid() == 0 else ["fusermount", "-u"]
        subprocess.run([*unmount, place], check=False)


def run_on_full_disk(body: str, folder: Path, kilobytes: int = 64) -> str:
    """The output of a saving script whose target, folder/design.yaml, lies on a small file system of its own."""
    if shutil.which("unshare") is None:
        pytest.skip("no way to make a small file system here")
    mount = f'mount -t tmpfs -o size={kilobytes}k tmpfs "$0" || exit 77; exec "$@"'
    command: list[str | Path] = ["unshare", "--map-root-user", "--mount", "sh", "-c", mount, folder]
    done = subprocess.run([*command, "true"], capture_output=True, check=False)
    if done.returncode:
        pytest.skip("this user may not mount a small file system")
    return run_child([*command, *saving_script(body), folder / "design.yaml"])
