"""Reports on 1,000 layers, against the analysis and against what writes the file below them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from cnnstudio.app.reports.forms import FORMS
from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.formats.design_yaml import write_design
from cnnstudio.reports.content.composition import compose
from cnnstudio.reports.content.report import ReportRequest
from tests.benchmarks.measuring import Result, duration, medians
from tests.benchmarks.networks import chain

LAYERS = 1_000
SECONDS = {"html": 0.3, "pdf": 3.0}
"""The seconds that a format may take on the machine on which the goal was set."""


def results() -> Iterator[Result | str]:
    """Each form in this process, against the text; and whole commands, against one that only reads and counts."""
    analysis = analyze(chain(LAYERS))
    actions = [partial(_render, analysis, key) for key in FORMS]
    text, *times = medians([partial(_render, analysis, "txt"), *actions], seconds=8)
    for key, seconds in zip(FORMS, times, strict=True):
        yield Result(f"{key}, {LAYERS:,} layers", "plain text", seconds, text)
    yield from _commands()


def _render(analysis: Analysis, key: str) -> bytes:
    return FORMS[key].render(compose(ReportRequest(analysis=analysis)))


def _commands() -> Iterator[Result | str]:
    with TemporaryDirectory() as folder:
        design = Path(folder, "chain.yaml")
        write_design(design, chain(LAYERS))
        commands = {key: ["report", str(design), "-o", str(Path(folder, f"chain.{key}"))] for key in SECONDS}
        actions = [partial(_run, ["check", str(design)]), *(partial(_run, words) for words in commands.values())]
        check, *times = medians(actions, seconds=6)
        for key, seconds in zip(commands, times, strict=True):
            yield Result(f"cnnstudio report -o chain.{key}", "cnnstudio check", seconds, check)
            verdict = "met" if seconds <= SECONDS[key] else "MISSED"
            yield f"  {duration(seconds)} in all; goal {SECONDS[key]:g} s: {verdict}"


def _run(words: list[str]) -> None:
    subprocess.run([sys.executable, "-m", "cnnstudio", *words], check=True, stdout=subprocess.DEVNULL)
