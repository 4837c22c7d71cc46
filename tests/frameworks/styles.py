"""Networks in the styles in which people write them: sources in a text file, each below a line of `===`."""

from __future__ import annotations

import re
import sys
import types
from pathlib import Path
from typing import Any, NamedTuple

import pytest

_TITLE = re.compile(r"^=== (.+?) \| ([\d, ]+) \| (.+)$", re.MULTILINE)


class Style(NamedTuple):
    """A source, the size of its input, and the expression that makes the network, if the source does not."""

    size: tuple[int, ...]
    made: str
    text: str

    def write(self, folder: Path) -> Path:
        """The source as a file, in which the network is called `net`."""
        path = folder / "net.py"
        made = "" if self.made == "net" else f"\nnet = {self.made}\n"
        path.write_text(self.text + made, encoding="utf-8")
        return path


def styles(name: str) -> dict[str, Style]:
    """The styles of a text file by their names; what stands before the first is put before each."""
    text = (Path(__file__).parent / name).read_text(encoding="utf-8")
    head, *parts = _TITLE.split(text)
    rows = zip(parts[::4], parts[1::4], parts[2::4], parts[3::4], strict=True)
    return {
        title: Style(tuple(int(side) for side in size.split(",")), made, f"{head}\n{body}")
        for title, size, made, body in rows
    }


def run(path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The network that the framework builds."""
    module = types.ModuleType("style")
    # A dataclass looks for its module there.
    monkeypatch.setitem(sys.modules, "style", module)
    exec(compile(path.read_text(encoding="utf-8"), "style", "exec"), module.__dict__)  # it is our own text
    return module.__dict__["net"]
