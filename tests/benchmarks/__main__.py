"""Prints what was measured, one line each."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable, Iterable

from tests.benchmarks import against_onnx, process, scaling
from tests.benchmarks.measuring import Result, line

SECTIONS: dict[str, Callable[[], Iterable[Result | str]]] = {
    "Whole analysis, all quantities": against_onnx.results,
    "Cost of a layer": scaling.layer_results,
    "Cost of repeats": scaling.repeat_results,
    "Files": scaling.file_results,
    "Start": process.results,
}


def main() -> int:
    """Measures everything; 0, since how fast a machine is that day is no test."""
    print(f"Medians of one run, Python {platform.python_version()}, {platform.machine()}.")
    for title, results in SECTIONS.items():
        print(f"\n{title}")
        for result in results():
            print(result if isinstance(result, str) else line(result), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
