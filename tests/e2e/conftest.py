"""A virtual screen with a window manager, and the studio on it, driven by a real pointer and keyboard."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

import pytest

PROGRAMS = ("Xvfb", "openbox", "xdotool", "xdpyinfo")
SIZE = "1400x900x24"
PATIENCE_SECONDS = 20.0


@pytest.fixture(scope="module")
def display() -> Iterator[str]:
    """A display of this test module's own."""
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        pytest.skip(f"no drags with a real pointer: {', '.join(missing)} not installed")
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", SIZE, "-nolisten", "tcp", "-noreset"],
        pass_fds=(write,),
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    with os.fdopen(read) as pipe:
        name = f":{pipe.readline().strip()}"
    manager = subprocess.Popen(["openbox"], env=environment(name), stderr=subprocess.DEVNULL)
    yield name
    manager.kill()
    server.kill()
    manager.wait()
    server.wait()


def environment(display: str) -> dict[str, str]:
    """The environment of a program on the display."""
    return {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "LANG": "C.UTF-8"}


class FileSource(NamedTuple):
    """Another program: where its file is on the screen, and what it prints."""

    place: tuple[int, int, int]
    printed: IO[str]

    def outcome(self) -> object:
        """The action that the drop was told to be: `CopyAction`, or `MoveAction`, after which a file manager deletes
        the file.
        """
        return json.loads(self.printed.readline())


class Driver:
    """Hands on the studio: a pointer, a keyboard, and questions about where things are."""

    def __init__(self, display: str, file: Path, folder: Path) -> None:
        self.file = file
        homes = {f"XDG_{name}_HOME": str(folder / name.lower()) for name in ("STATE", "DATA")}
        self._environment = {**environment(display), **homes}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.e2e.driven", str(file), str(folder / "settings.json")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=self._environment,
        )
        if self._read() != "ready":
            self.close()
            raise RuntimeError("the studio did not start")
        found = self._xdotool("search", "--sync", "--onlyvisible", "--name", "CNN Studio").split()
        self._activate(found[-1])

    def _activate(self, window: str) -> None:
        self._xdotool("windowactivate", "--sync", window)
        self.wait_for(lambda: self.ask("ready") is True)
        time.sleep(0.1)

    def go_to_window(self, number: int) -> None:
        """Brings a window to the front; from now on answers are about it."""
        self._activate(str(self.ask(f"window {number}")))

    def find_window(self, title: str) -> str:
        """Waits for a window with this in its title, and gives its number."""
        return self._xdotool("search", "--sync", "--onlyvisible", "--name", title).split()[-1]

    def _xdotool(self, *words: str) -> str:
        done = subprocess.run(
            ["xdotool", *words],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=True,
        )
        return done.stdout

    def _read(self) -> object:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        return json.loads(line) if line else None

    def ask(self, question: str) -> object:
        """The answer of the program to one question."""
        assert self._process.stdin is not None
        self._process.stdin.write(question + "\n")
        self._process.stdin.flush()
        return self._read()

    def place(self, question: str) -> tuple[int, int, int]:
        """The place of something on the screen: its middle, and its height."""
        answer = self.ask(question)
        assert isinstance(answer, list)
        x, y, height = answer
        return int(x), int(y), int(height)

    def names(self) -> list[str]:
        """The names in the list."""
        answer = self.ask("names")
        assert isinstance(answer, list)
        return [str(name) for name in answer]

    def wait_for(self, is_so: Callable[[], bool]) -> None:
        """Waits until something is so; the assertion that follows tells if it never was."""
        end = time.monotonic() + PATIENCE_SECONDS
        while not is_so() and time.monotonic() < end:
            time.sleep(0.05)

    def key(self, *keys: str) -> None:
        """Presses keys, each with its modifiers: `ctrl+s`."""
        for key in keys:
            self._xdotool("key", "--clearmodifiers", key)
            time.sleep(0.15)
            self._settle()

    def type(self, text: str) -> None:
        """Types text, without line ends: those do not arrive as Return."""
        self._xdotool("type", "--delay", "40", text)
        self._settle()

    def _settle(self) -> None:
        """Waits until the program has taken what was typed, and has the keyboard for what follows."""
        self.wait_for(lambda: self.ask("settled") is True)

    def click(self, place: tuple[int, int, int], times: int = 1, holding: str = "") -> None:
        """Clicks, or clicks twice, holding a modifier."""
        self._xdotool("mousemove", "--sync", str(place[0]), str(place[1]))
        if holding:
            self._xdotool("keydown", holding)
        self._xdotool("click", "--repeat", str(times), "--delay", "80", "1")
        if holding:
            self._xdotool("keyup", holding)
        time.sleep(0.3)
        self._settle()

    def drag(
        self,
        start: tuple[int, int, int],
        end: tuple[int, int, int],
        *,
        below: bool = True,
        end_key: str = "",
        holding: str = "",
    ) -> None:
        """Drags with the pointer to the edge below or above a row; `end_key` is pressed instead of letting go."""
        x1, y1 = start[0], start[1]
        x2, y2 = end[0], end[1] + (end[2] // 2 - 3) * (1 if below else -1)
        self._xdotool("mousemove", "--sync", str(x1), str(y1))
        time.sleep(0.1)
        self._xdotool("mousedown", "1")
        time.sleep(0.15)
        for step in (8, 16):
            self._xdotool("mousemove", "--sync", str(x1 + step), str(y1 + step // 2))
            time.sleep(0.08)
        if holding:
            self._xdotool("keydown", holding)
        for part in range(1, 9):
            self._xdotool("mousemove", str(x1 + (x2 - x1) * part // 8), str(y1 + (y2 - y1) * part // 8))
            time.sleep(0.04)
        time.sleep(0.25)
        if end_key:
            self._xdotool("key", end_key)
            time.sleep(0.2)
        self._xdotool("mouseup", "1")
        if holding:
            self._xdotool("keyup", holding)
        time.sleep(0.4)

    @contextmanager
    def file_source(self, file: Path, *more: str) -> Iterator[FileSource]:
        """Another program, with a file to drag; with `--text`, the text in it, as an editor or a browser drags it."""
        command = [sys.executable, "-m", "tests.e2e.file_source", str(file), *more]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=self._environment) as process:
            try:
                assert process.stdout is not None
                x, y, height = json.loads(process.stdout.readline())
                time.sleep(0.5)
                yield FileSource((x, y, height), process.stdout)
            finally:
                process.kill()

    def close(self) -> None:
        """Ends the program."""
        self._process.kill()
        self._process.communicate()


DESIGN = """cnnstudio: 1
name: Driven
layers:
- {type: Input, name: image, size: [32, 32], channels: 3}
- {type: Conv2D, name: one, filters: 8, kernel_size: 3}
- {type: Activation, name: two, function: relu}
- {type: MaxPool2D, name: three, pool_size: 2}
- {type: Flatten, name: four}
- {type: Dense, name: five, units: 10}
"""


BLOCKS = """cnnstudio: 1
name: Driven
layers:
- {type: Input, name: image, size: [32, 32], channels: 3}
- type: Block
  name: stage
  layers:
  - {type: Conv2D, name: a, filters: 8, kernel_size: 3}
  - {type: Activation, name: b, function: relu}
- {type: Flatten, name: flat}
"""


@pytest.fixture
def driver(display: str, tmp_path: Path) -> Iterator[Driver]:
    """The studio on a small design."""
    yield from driver_of(DESIGN, display, tmp_path)


@pytest.fixture
def block_driver(display: str, tmp_path: Path) -> Iterator[Driver]:
    """The studio on a design with a block."""
    yield from driver_of(BLOCKS, display, tmp_path)


def driver_of(design: str, display: str, tmp_path: Path) -> Iterator[Driver]:
    file = tmp_path / "driven.yaml"
    file.write_text(design)
    hands = Driver(display, file, tmp_path)
    yield hands
    hands.close()
