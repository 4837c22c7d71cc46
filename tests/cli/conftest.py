"""Runs of commands, in a folder with some designs."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from msgspec import Struct

from cnnstudio import cli
from tests.places import ROOT

NET = """cnnstudio: 1
name: Netz
layers:
- {type: Input, name: image, size: [8, 8], channels: 3}
- {type: Conv2D, name: conv, filters: 4, kernel_size: 3}
- type: Block
  name: stage
  repeat: 3
  layers:
  - {type: Conv2D, name: inner, filters: 4, kernel_size: 3, padding: 1}
- {type: Flatten, name: flat}
- {type: Dense, name: fc, units: 10}
"""
LATE = "- {type: Conv2D, name: late, filters: 4, kernel_size: 3}\n"
FAULTY = NET + LATE + LATE.replace("late", "end")
SUSPICIOUS = NET.replace("- {type: Flatten, name: flat}\n", "")


class Outcome(Struct, frozen=True):
    """The outcome of a run: its exit status, and what it printed."""

    status: int
    out: str
    err: str


Run = Callable[..., Outcome]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs a command in a folder with the files net, faulty and suspicious.yaml."""
    monkeypatch.chdir(tmp_path)
    for name, text in {"net": NET, "faulty": FAULTY, "suspicious": SUSPICIOUS}.items():
        Path(f"{name}.yaml").write_text(text, encoding="utf-8")

    def execute(*words: str) -> Outcome:
        try:
            status = cli.main(words)
        except SystemExit as done:
            status = int(done.code or 0)
        captured = capsys.readouterr()
        return Outcome(status, captured.out, captured.err)

    return execute


def process(*words: str, environment: Mapping[str, str] | None = None, cwd: Path = ROOT) -> Outcome:
    """A run as a process of its own, its output piped."""
    done = subprocess.run(
        [sys.executable, "-m", "cnnstudio", *words],
        capture_output=True,
        check=False,
        encoding="utf-8",
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", **(environment or {})},
    )
    return Outcome(done.returncode, done.stdout, done.stderr)


def on_a_terminal(*words: str, **environment: str) -> str:
    """The output that a terminal receives from a run."""
    pty = pytest.importorskip("pty", reason="this system has no pseudo-terminals")
    master, slave = pty.openpty()
    clean = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "TERM")}
    command = [sys.executable, "-m", "cnnstudio", *words]
    with subprocess.Popen(command, stdout=slave, stderr=slave, cwd=ROOT, env={**clean, "TERM": "xterm", **environment}):
        os.close(slave)
        received = b""
        while chunk := _read(master):
            received += chunk
    os.close(master)
    return received.decode().replace("\r\n", "\n")


def _read(master: int) -> bytes:
    try:
        return os.read(master, 65_536)
    except OSError:  # Linux says so when the last writer has gone.
        return b""
