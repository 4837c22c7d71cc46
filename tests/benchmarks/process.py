"""The whole command as a process, against a Python that does nothing but import PyYAML."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from functools import partial

from tests.benchmarks.measuring import Result, medians


def _run(*words: str) -> None:
    subprocess.run([sys.executable, *words], check=True, stdout=subprocess.DEVNULL)


def results() -> Iterator[Result]:
    """`cnnstudio summary resnet-50`."""
    summary, bare, nothing = medians(
        [
            partial(_run, "-m", "cnnstudio", "summary", "resnet-50"),
            partial(_run, "-c", "import yaml"),
            partial(_run, "-c", "pass"),
        ],
        seconds=8,
        fewest=15,
    )
    yield Result("cnnstudio summary resnet-50", "python -c 'import yaml'", summary, bare, 5)
    yield Result("cnnstudio summary resnet-50", "python -c pass", summary, nothing)
