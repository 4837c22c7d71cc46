"""No file within the limits takes a command or the window more than 10 s or 1 GB: what would is refused in a sentence.

The goal is meant for a machine with nothing else to do. As machines differ, a test ends what takes four times as long.
`make test` tries a few; `make bounds` all of them, and random designs.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import pytest

from cnnstudio.cli.commands import COMMANDS
from cnnstudio.exports import TARGETS
from tests.bounds.written import HOSTILE, random_text

if sys.platform == "win32":
    pytest.skip("Windows has no limits of this kind", allow_module_level=True)

from tests.bounds.running import GOAL_BYTES, Taken, taken_by

EVERY: Final[dict[str, tuple[str, ...]]] = {
    "summary": ("summary", "{file}", "--expand"),
    "json": ("summary", "{file}", "--format", "json"),
    "csv": ("summary", "{file}", "--format", "csv"),
    "subtotals": ("summary", "{file}", "--by", "stage"),
    "check": ("check", "{file}"),
    "explain": ("explain", "{file}"),
    "memory": ("memory", "{file}", "--gpu", "8GB"),
    "diagram": ("diagram", "{file}"),
    "volumes": ("diagram", "{file}", "--style", "volumes"),
    "compare": ("compare", "{file}", "resnet-50"),
    "compare itself": ("compare", "{file}", "{file}", "--expand"),
    "scale": ("scale", "{file}", "--width", "0.5", "-o", "out.yaml"),
    "budgets": ("budgets", "{file}", "--budget", "parameters < 5k", "--budget", "memory <= 1MB", "--all"),
    "worksheet": ("report", "{file}", "-o", "out.pdf", "--worksheet", "output,parameters", "--key", "key.pdf"),
    **{f"working as {form}": ("report", "{file}", "-o", f"out.{form}", "--working") for form in ("html", "pdf", "tex")},
    "sweep": ("sweep", "{file}", "--vary", "i.size=16,32", "-o", "out.csv"),
    **{
        form: ("report", "{file}", "-o", f"out.{form}", "--expand", "--working", "--diagram")
        for form in ("html", "pdf", "tex", "md", "xlsx", "txt")
    },
    "data": ("report", "{file}", "-o", "out.json", "--working"),
    **{f"to {key}": ("export", "{file}", "--to", key, "-o", "out") for key in TARGETS},
}
"""Calls of every command that takes a design."""
APART: Final = {"designs", "schema", "import", "verify", "completion"}
"""Commands that take none, and those that run or read what others made."""
FEW: Final = (
    ("fields twice", "check"),
    ("repeats beyond lists", "json"),
    ("long names in long names", "csv"),
    ("additions of all before", "diagram"),
    ("shapes without end", "check"),
)
"""The pairs that `make test` tries: one for each bound."""
FEW_CALLS: Final = ("check", "json", "memory", "volumes")
"""The calls that a random design goes through in `make test`."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """The few cases, or with `--bounds` every one."""
    wanted = metafunc.config.getoption("--bounds")
    if "call" in metafunc.fixturenames:
        pairs = [(text, call) for text in HOSTILE for call in EVERY] if wanted else list(FEW)
        metafunc.parametrize(("text", "call"), pairs)
    if "seed" in metafunc.fixturenames:
        metafunc.parametrize(
            ("seed", "calls"), [(seed, tuple(EVERY) if wanted else FEW_CALLS) for seed in range(wanted or 1)]
        )
    if "shown" in metafunc.fixturenames:
        metafunc.parametrize("shown", list(HOSTILE) if wanted else ["additions to draw"])


def test_every_command_is_tried() -> None:
    assert {words[0] for words in EVERY.values()} == COMMANDS.keys() - APART


def test_command(text: str, call: str, tmp_path: Path) -> None:
    (tmp_path / "much.yaml").write_text(HOSTILE[text](), encoding="utf-8")
    require_bounded(run(call, tmp_path))


def test_random_designs(seed: int, calls: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "much.yaml").write_text(random_text(seed), encoding="utf-8")
    for call in calls:
        require_bounded(run(call, tmp_path))


def test_window(shown: str, tmp_path: Path) -> None:
    (tmp_path / "much.yaml").write_text(HOSTILE[shown](), encoding="utf-8")
    require_bounded(taken_by(["-m", "tests.bounds.window", "much.yaml"], tmp_path))


def run(call: str, folder: Path) -> Taken:
    """A command as a process of its own."""
    words = [word.format(file="much.yaml") for word in EVERY[call]]
    return taken_by(["-m", "cnnstudio", *words], folder)


def require_bounded(taken: Taken) -> None:
    """It ended by itself, with a sentence where it refused, and within the memory."""
    # A process that is ended for its time has the status of the signal.
    assert taken.status in (0, 1, 2), f"{taken.seconds:.1f} s of processor: {taken.said[-500:]}"
    assert "Traceback" not in taken.said, taken.said
    assert taken.status != 2 or taken.said.rstrip().endswith((".", "?")), taken.said
    assert taken.peak_bytes < GOAL_BYTES, f"{taken.peak_bytes / 1e6:,.0f} MB"
