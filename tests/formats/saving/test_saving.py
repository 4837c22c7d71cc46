"""Saving leaves the old file or the new one, and nothing else."""

from __future__ import annotations

import errno
import os
import random
import re
import signal
import stat
import struct
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from cnnstudio.core.network.comments import Comment
from cnnstudio.core.network.design import Design
from cnnstudio.formats.design_yaml import read_design, write_design
from cnnstudio.formats.saving import ChangedMeanwhile, Precautions, write_atomically
from cnnstudio.formats.saving.stamp import stamp_of
from cnnstudio.formats.saving.temporary_files import temporary_path
from tests.formats.children import bound_folder, run_as_nobody, run_as_user, run_on_full_disk, saving_script
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
    """True if a folder holds just these files (design="...") and no litter."""
    return {path.stem: path.read_bytes() for path in folder.iterdir()} == contents


# What is saved


def test_new_file(tmp_path: Path) -> None:
    write_atomically(tmp_path / "design.yaml", NEW)
    assert only_holds(tmp_path, design=NEW)


def test_existing_file(target: Path) -> None:
    write_atomically(target, NEW)
    assert only_holds(target.parent, design=NEW)


def test_design_under_its_leading_comment(target: Path) -> None:
    design = Design(name="Netz", comments=(Comment(above=("# Mine.",)),))
    write_design(target, design)
    assert target.read_bytes() == b"# Mine.\ncnnstudio: 1\nname: Netz\nlayers: []\n"
    assert read_design(target).design == design


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


# The files of a group, and of shares that refuse something

OWNER, SAVER, LAB, STAFF = 4001, 4002, 4100, 4200


def owned(target: Path, user: int, group: int, mode: int) -> Path:
    """The target as a file of somebody's."""
    target.write_bytes(OLD)
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        os.chown(target, user, group)
    target.chmod(mode)
    return target


def rights(path: Path) -> tuple[int, int, str]:
    status = path.stat()
    return status.st_uid, status.st_gid, oct(stat.S_IMODE(status.st_mode))


def test_file_of_a_group_stays_with_the_group(open_folder: Path) -> None:
    target = owned(open_folder / "design.yaml", OWNER, LAB, 0o660)
    assert run_as_user(SAVER, STAFF, [LAB], "attempt(b'new: 2')", target) == "saved"
    assert rights(target) == (SAVER, LAB, "0o660")
    assert run_as_user(OWNER, STAFF, [LAB], "attempt(b'again: 3')", target) == "saved", "its owner is not locked out"
    assert only_holds(open_folder, design=b"again: 3")


@pytest.mark.parametrize(
    ("mode", "groups"),
    [(0o666, []), (0o462, [LAB]), (0o606, [])],
    ids=["a group that the saver is not in", "an owner that may less than the group", "a group that may nothing"],
)
def test_file_that_a_new_one_would_take_away_is_written_in_place(
    open_folder: Path, mode: int, groups: list[int]
) -> None:
    target = owned(open_folder / "design.yaml", OWNER, LAB, mode)
    before, inode = rights(target), target.stat().st_ino
    assert run_as_user(SAVER, STAFF, groups, "attempt(b'new: 2')", target) == "saved"
    assert (rights(target), target.stat().st_ino, target.read_bytes()) == (before, inode, b"new: 2")


@pytest.mark.parametrize("mode", [0o755, 0o1777], ids=["read-only", "sticky"])
def test_writable_file_in_a_folder_where_none_can_be_replaced(open_folder: Path, mode: int) -> None:
    target = owned(open_folder / "design.yaml", OWNER, LAB, 0o666)
    open_folder.chmod(mode)
    for content in ("a: 1", "b: 2222222222", "c"):
        assert run_as_user(SAVER, STAFF, [], f"attempt({content.encode()!r})", target) == "saved"
        assert only_holds(open_folder, design=content.encode())
    assert rights(target) == (OWNER, LAB, "0o666")


@posix_only
def test_hard_links_stay_one_file(target: Path) -> None:
    other = target.with_name("other.yaml")
    os.link(target, other)
    kept: list[bytes] = []
    precautions = Precautions(before_writing_in_place=lambda: kept.append(target.read_bytes()))
    write_atomically(target, NEW * 100, precautions)
    assert only_holds(target.parent, design=NEW * 100, other=NEW * 100)
    assert kept == [OLD], "there was time to keep a copy"
    write_atomically(target, b"x")
    assert only_holds(target.parent, design=b"x", other=b"x")


@pytest.mark.skipif(not hasattr(os, "setxattr"), reason="extended attributes are those of Linux")
def test_extended_attributes(target: Path) -> None:
    try:
        os.setxattr(target, "user.course", b"CNN 101")
    except OSError:
        pytest.skip("this file system has no extended attributes")
    write_atomically(target, NEW)
    assert os.getxattr(target, "user.course") == b"CNN 101"
    assert only_holds(target.parent, design=NEW)


def access_list(user: int, rights_of_user: int) -> bytes:
    """An access list in the kernel's form: owner rw, one user, group r, mask rw, others nothing."""
    entries = [(1, 6, -1), (2, rights_of_user, user), (4, 4, -1), (16, 6, -1), (32, 0, -1)]
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHi", *entry) for entry in entries)


def set_access_list(path: Path, name: str, value: bytes) -> None:
    if not hasattr(os, "setxattr"):
        pytest.skip("access lists are set so on Linux only")
    try:
        os.setxattr(path, name, value)
    except OSError:
        pytest.skip("this file system has no access lists")


def test_access_list(open_folder: Path) -> None:
    target = owned(open_folder / "design.yaml", OWNER, LAB, 0o640)
    wanted = access_list(SAVER, 6)
    set_access_list(target, "system.posix_acl_access", wanted)
    for user, groups in ((OWNER, [LAB]), (SAVER, [])):
        assert run_as_user(user, STAFF, groups, f"attempt(b'by {user}')", target) == "saved"
        assert os.getxattr(target, "system.posix_acl_access") == wanted
        assert target.read_bytes() == f"by {user}".encode()
        assert target.stat().st_gid == LAB


def test_access_list_of_the_folder_is_for_new_files(open_folder: Path) -> None:
    old = owned(open_folder / "old.yaml", 0, 0, 0o600)
    set_access_list(open_folder, "system.posix_acl_default", access_list(SAVER, 6))
    for path in (old, open_folder / "new.yaml"):
        write_atomically(path, NEW)
    assert os.listxattr(old) == [], "nobody else may read it now who could not before"
    assert "system.posix_acl_access" in os.listxattr(open_folder / "new.yaml")


@pytest.mark.parametrize("options", [["--chmod-deny"], ["--chmod-deny", "--chown-deny", "--chgrp-deny"]], ids=len)
def test_share_that_refuses_to_change_modes(tmp_path: Path, options: list[str]) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    with bound_folder(folder, *options) as share:
        write_atomically(share / "design.yaml", OLD)
        for mode in (0o600, 0o644, 0o664, 0o666):
            (folder / "design.yaml").chmod(mode)
            write_atomically(share / "design.yaml", NEW + str(mode).encode())
            assert stat.S_IMODE((folder / "design.yaml").stat().st_mode) == mode
            assert only_holds(folder, design=NEW + str(mode).encode())


@pytest.mark.parametrize("code", [errno.EINVAL, errno.ENOSYS, errno.ENOTSUP])
def test_share_that_cannot_flush(target: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    monkeypatch.setattr(os, "fsync", raising(code))
    write_atomically(target, NEW)
    assert only_holds(target.parent, design=NEW)


@pytest.mark.parametrize("code", [errno.EBUSY, errno.EXDEV, errno.ENOTSUP, errno.EEXIST])
def test_share_that_cannot_replace(target: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    monkeypatch.setattr(os, "replace", raising(code))
    write_atomically(target, NEW)
    assert only_holds(target.parent, design=NEW)
    write_atomically(target.with_name("new.yaml"), OLD)
    assert only_holds(target.parent, design=NEW, new=OLD)


def test_share_on_which_nothing_can_be_renamed(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    with bound_folder(folder, "--rename-deny") as share:
        for content in (OLD, NEW):
            write_atomically(share / "design.yaml", content)
            assert only_holds(folder, design=content)


def test_new_file_that_fails_under_its_own_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed = iter([None, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))])

    def flush(_: int) -> None:
        if (error := next(flushed)) is not None:
            raise error

    monkeypatch.setattr(os, "replace", raising(errno.ENOTSUP))
    monkeypatch.setattr(os, "fsync", flush)
    with pytest.raises(OSError, match=re.escape(os.strerror(errno.ENOSPC))):
        write_atomically(tmp_path / "design.yaml", NEW)
    assert only_holds(tmp_path)


def raising(code: int) -> Callable[..., NoReturn]:
    def fail(*_: object) -> NoReturn:
        raise OSError(code, os.strerror(code))

    return fail


# What somebody else has saved


@pytest.mark.parametrize("is_linked", [False, True], ids=["replaced", "in place"])
def test_what_was_not_expected_is_left_alone(target: Path, is_linked: bool) -> None:
    if is_linked:
        os.link(target, target.with_name("other.yaml"))
    expected = stamp_of(target)
    target.write_bytes(b"theirs")
    with pytest.raises(ChangedMeanwhile):
        write_atomically(target, NEW, Precautions(expected))
    assert target.read_bytes() == b"theirs"
    write_atomically(target, NEW, Precautions(stamp_of(target)))
    assert target.read_bytes() == NEW


def test_the_last_moment_counts(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = stamp_of(target)
    fsync = os.fsync

    def slow_fsync(handle: int) -> None:
        fsync(handle)
        target.write_bytes(b"theirs")

    monkeypatch.setattr(os, "fsync", slow_fsync)
    with pytest.raises(ChangedMeanwhile):
        write_atomically(target, NEW, Precautions(expected))
    assert only_holds(target.parent, design=b"theirs")


def test_a_file_that_is_gone_is_made_again(target: Path) -> None:
    expected = stamp_of(target)
    target.unlink()
    write_atomically(target, NEW, Precautions(expected))
    assert only_holds(target.parent, design=NEW)


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


def test_new_file_in_a_read_only_folder(open_folder: Path) -> None:
    open_folder.chmod(0o555)
    assert run_as_nobody("attempt(b'new: 2')", open_folder / "design.yaml") == "PermissionError: Permission denied"
    assert only_holds(open_folder)


def test_file_of_another_user_that_may_be_written(open_folder: Path) -> None:
    target = open_folder / "design.yaml"
    target.write_bytes(OLD)
    target.chmod(0o666)
    assert run_as_nobody("attempt(b'new: 2')", target) == "saved"
    assert only_holds(open_folder, design=b"new: 2")
    assert stat.S_IMODE(target.stat().st_mode) == 0o666


# When something goes wrong


def test_full_disk_in_place(tmp_path: Path) -> None:
    body = (
        "attempt(b'old' * 10_000)\n"
        "os.link(target, target.with_name('link'))\n"
        "attempt(b'new' * 30_000)\n"
        "print(target.read_bytes() == b'old' * 10_000, len(os.listdir(target.parent)))\n"
        "attempt(b'new' * 11_000)\n"
        "print(target.read_bytes() == b'new' * 11_000, os.stat(target).st_nlink)\n"
    )
    assert run_on_full_disk(body, tmp_path).splitlines() == [
        "saved",
        "OSError: No space left on device",
        "True 2",
        "saved",
        "True 2",
    ]


@posix_only
@pytest.mark.parametrize("call", [1, 2, 3])
def test_what_fails_in_place_is_put_back(target: Path, monkeypatch: pytest.MonkeyPatch, call: int) -> None:
    os.link(target, target.with_name("other.yaml"))
    calls: list[int] = []
    fsync = os.fsync

    def fail(handle: int) -> None:
        calls.append(handle)
        if len(calls) == call:
            raise OSError(errno.EIO, "Input/output error")
        fsync(handle)

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="Input/output error"):
        write_atomically(target, NEW * 3)
    # The third one follows when all is written.
    assert target.read_bytes() == (NEW * 3 if call == 3 else OLD)


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


@pytest.mark.parametrize("step", ["fsync", "write", "replace"])
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
@pytest.mark.timeout(0)  # a thousand kills take minutes
def test_kill_leaves_the_old_file_or_the_new_one(target: Path, kills: int) -> None:
    contents = {str(i).encode() * 200_000 for i in range(10)}
    target.write_bytes(b"0" * 200_000)
    for seed in range(kills):
        _kill_while_saving(target, random.Random(seed).uniform(0, 0.03))
        assert target.read_bytes() in contents
    write_atomically(target, NEW)
    assert only_holds(target.parent, design=NEW), "what the killed ones left is swept by the next save"


def test_litter_of_others_is_left_alone(target: Path) -> None:
    now = target.stat().st_mtime
    ours = temporary_path(target).name
    elsewhere = f".design.yaml.{0:08x}-{1:x}-{'a' * 8}.tmp"
    files = {ours: now, elsewhere: now, elsewhere.replace("a", "b"): now - 7_200, "notes.tmp": now - 7_200}
    files |= {".design.yaml.abcd_123.tmp": now - 7_200, ".other.yaml.abcd_123.tmp": now - 7_200}
    for name, time_of in files.items():
        target.with_name(name).write_bytes(b"half")
        os.utime(target.with_name(name), (time_of, time_of))
    write_atomically(target, NEW)
    left = {path.name for path in target.parent.iterdir()} - {"design.yaml"}
    assert left == {ours, elsewhere, "notes.tmp", ".other.yaml.abcd_123.tmp"}


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
