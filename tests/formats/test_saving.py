"""Saving leaves the old file or the new one, and nothing else."""

from __future__ import annotations

import errno
import os
import random
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cnnstudio.core.network.design import Design
from cnnstudio.formats.design_file import Comments
from cnnstudio.formats.design_yaml import read_design, write_design
from cnnstudio.formats.saving import write_atomically
from tests.formats.children import run_as_nobody, run_on_full_disk, saving_script
from tests.places import ROOT

OLD, NEW = b"old: 1\n", b"new: 2\n"
posix_only = pytest.mark.skipif(os.name != "posix", reason="modes, owners and links are those of POSIX")


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """A file with old content, alone in its folder."""
    path = tmp_path / "design.yaml"
    path.write_bytes(OLD)
    return path


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may write to, also when the tests run as root."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        yield folder
        folder.chmod(0o777)


def only_holds(folder: Path, **contents: bytes) -> bool:
    """Whether a folder holds just these files (design="...") and no litter."""
    return {path.stem: path.read_bytes() for path in folder.iterdir()} == contents


# What is saved


def test_new_file(tmp_path: Path) -> None:
    write_atomically(tmp_path / "design.yaml", NEW)
    assert only_holds(tmp_path, design=NEW)


def test_existing_file(target: Path) -> None:
    write_atomically(target, NEW)
    assert only_holds(target.parent, design=NEW)


def test_design_under_its_leading_comment(target: Path) -> None:
    write_design(target, Design(name="Netz"), Comments("# Mine.\n"))
    assert target.read_bytes() == b"# Mine.\ncnnstudio: 1\nname: Netz\nlayers: []\n"
    assert read_design(target).design == Design(name="Netz")


def test_name_as_long_as_the_system_allows(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 250 + ".yaml")
    write_atomically(path, NEW)
    assert path.read_bytes() == NEW


@posix_only
def test_relative_path_and_the_folder_above(target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "inner").mkdir()
    monkeypatch.chdir(tmp_path / "inner")
    write_atomically(Path("../design.yaml"), NEW)
    assert target.read_bytes() == NEW


# What is kept


@posix_only
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664, 0o755])
def test_mode_of_the_old_file(target: Path, mode: int) -> None:
    target.chmod(mode)
    write_atomically(target, NEW)
    assert stat.S_IMODE(target.stat().st_mode) == mode


@posix_only
@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_mode_of_a_new_file(tmp_path: Path, mask: int, mode: int) -> None:
    before = os.umask(mask)
    try:
        write_atomically(tmp_path / "design.yaml", NEW)
        assert os.umask(mask) == mask
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "design.yaml").stat().st_mode) == mode


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may give files away")
def test_owner_of_the_old_file(target: Path) -> None:
    os.chown(target, 1234, 2345)
    write_atomically(target, NEW)
    assert (target.stat().st_uid, target.stat().st_gid) == (1234, 2345)


@posix_only
def test_symbolic_link_stays_and_its_file_is_replaced(target: Path) -> None:
    link = target.parent / "link.yaml"
    link.symlink_to("design.yaml")
    write_atomically(link, NEW)
    assert link.is_symlink()
    assert only_holds(target.parent, design=NEW, link=NEW)


@posix_only
def test_symbolic_link_into_another_folder(target: Path, tmp_path: Path) -> None:
    (tmp_path / "links").mkdir()
    link = tmp_path / "links" / "link.yaml"
    link.symlink_to(target)
    write_atomically(link, NEW)
    assert target.read_bytes() == NEW
    assert list((tmp_path / "links").iterdir()) == [link]


@posix_only
def test_symbolic_link_to_no_file_makes_it(tmp_path: Path) -> None:
    (tmp_path / "link.yaml").symlink_to("design.yaml")
    write_atomically(tmp_path / "link.yaml", NEW)
    assert (tmp_path / "design.yaml").read_bytes() == NEW
    assert (tmp_path / "link.yaml").is_symlink()


# What is refused


def test_folder_as_target(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError, match="Is a directory"):
        write_atomically(tmp_path, NEW)
    assert only_holds(tmp_path)


def test_folder_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="No such file or directory"):
        write_atomically(tmp_path / "none" / "design.yaml", NEW)
    assert only_holds(tmp_path)


@posix_only
def test_device_is_not_replaced_by_a_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    with pytest.raises(OSError, match="Not a regular file"):
        write_atomically(tmp_path / "pipe.yaml", NEW)
    assert stat.S_ISFIFO((tmp_path / "pipe.yaml").stat().st_mode)
    assert len(list(tmp_path.iterdir())) == 1


@posix_only
def test_link_to_itself_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "loop.yaml").symlink_to("loop.yaml")
    with pytest.raises(OSError, match="symbolic links"):
        write_atomically(tmp_path / "loop.yaml", NEW)
    assert [path.name for path in tmp_path.iterdir()] == ["loop.yaml"]


def test_read_only_file(open_folder: Path) -> None:
    target = open_folder / "design.yaml"
    target.write_bytes(OLD)
    target.chmod(0o444)
    assert run_as_nobody("attempt(b'new: 2')", target) == "PermissionError: Permission denied"
    assert only_holds(open_folder, design=OLD)


def test_read_only_folder(open_folder: Path) -> None:
    target = open_folder / "design.yaml"
    target.write_bytes(OLD)
    target.chmod(0o666)
    open_folder.chmod(0o555)
    assert run_as_nobody("attempt(b'new: 2')", target) == "PermissionError: Permission denied"
    assert only_holds(open_folder, design=OLD)


def test_file_of_another_user_that_may_be_written(open_folder: Path) -> None:
    target = open_folder / "design.yaml"
    target.write_bytes(OLD)
    target.chmod(0o666)
    assert run_as_nobody("attempt(b'new: 2')", target) == "saved"
    assert only_holds(open_folder, design=b"new: 2")
    assert stat.S_IMODE(target.stat().st_mode) == 0o666


# When something goes wrong


def test_full_disk(tmp_path: Path) -> None:
    body = (
        "attempt(b'old' * 10_000)\n"
        "attempt(b'new' * 30_000)\n"
        "print(target.read_bytes() == b'old' * 10_000, len(os.listdir(target.parent)))\n"
    )
    assert run_on_full_disk(body, tmp_path).splitlines() == [
        "saved",
        "OSError: No space left on device",
        "True 1",
    ]


@pytest.mark.parametrize("step", ["fsync", "chmod", "replace"])
def test_failure_at_any_step(target: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, step, fail)
    with pytest.raises(OSError, match="Input/output error"):
        write_atomically(target, NEW)
    assert only_holds(target.parent, design=OLD)


def test_interruption_leaves_no_litter(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(target, NEW)
    assert only_holds(target.parent, design=OLD)


@posix_only
def test_kill_leaves_the_old_file_or_the_new_one(target: Path) -> None:
    contents = {str(i).encode() * 200_000 for i in range(10)}
    target.write_bytes(b"0" * 200_000)
    for seed in range(12):
        _kill_while_saving(target, random.Random(seed).uniform(0, 0.03))
        assert target.read_bytes() in contents


def _kill_while_saving(target: Path, seconds: float) -> None:
    """Lets a child save one file after another, and kills it after some time, wherever it is then."""
    loop = "while True:\n    for i in range(10):\n        write_atomically(target, b'%d' % i * 200_000)"
    command = [*saving_script(f"print(flush=True)\n{loop}"), str(target)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as child:
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(seconds)
        child.send_signal(signal.SIGKILL)
    assert child.returncode == -signal.SIGKILL
