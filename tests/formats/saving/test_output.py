"""Results go to files, and to streams and devices as they are."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cnnstudio.formats.saving.output import write_output
from tests.places import ROOT

pytestmark = pytest.mark.skipif(not Path("/dev/fd").exists(), reason="streams have no names here")
SCRIPT = (
    "import sys; from pathlib import Path; from cnnstudio.formats.saving.output import write_output\n"
    "print('before'); write_output(Path(sys.argv[1]), b'result\\n'); print('after')"
)


def run_into(file: Path, output: str | Path, mode: str = "w") -> str:
    """The content of a file into which a shell sends the output of a program that writes its result to `output`."""
    with file.open(mode) as stream:
        subprocess.run([sys.executable, "-c", SCRIPT, output], stdout=stream, cwd=ROOT, check=True, timeout=60)
    return file.read_text()


@pytest.mark.parametrize("output", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "link"])
@pytest.mark.parametrize("mode", ["w", "a"])
def test_the_file_that_output_goes_to_is_not_replaced(tmp_path: Path, output: str, mode: str) -> None:
    file, link = tmp_path / "out.txt", tmp_path / "link"
    link.symlink_to("/dev/stdout")
    file.write_text("line\n")
    inode = file.stat().st_ino
    held = run_into(file, link if output == "link" else output, mode)
    assert held == ("line\n" if mode == "a" else "") + "before\nresult\nafter\n"
    assert (file.stat().st_ino, link.is_symlink()) == (inode, True)


def test_a_pipe(tmp_path: Path) -> None:
    words = [sys.executable, "-c", SCRIPT, "/dev/stdout"]
    done = subprocess.run(words, capture_output=True, text=True, cwd=ROOT, check=True, timeout=60)
    assert done.stdout == "before\nresult\nafter\n"
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(OSError, match="No such device"):
        write_output(pipe, b"nobody reads")
    with (tmp_path / "read").open("wb") as read, subprocess.Popen(["cat", pipe], stdout=read):
        for _ in range(1_000):
            try:
                write_output(pipe, b"x" * 200_000)
                break
            except OSError:
                time.sleep(0.01)  # it has not begun yet
    assert (tmp_path / "read").read_bytes() == b"x" * 200_000
    assert pipe.is_fifo()


def test_a_device_and_a_file(tmp_path: Path) -> None:
    write_output(Path("/dev/null"), b"gone")
    assert Path("/dev/null").is_char_device()
    write_output(tmp_path / "file", b"kept")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("file", b"kept")]
