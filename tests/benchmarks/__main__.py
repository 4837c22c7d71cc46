"""Prints what was measured, one line each."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable, Iterable

from tests.benchmarks import against_onnx, diagram, exports, imports, memory, process, reports, scaling, sweeps, window
from tests.benchmarks.measuring import Result, line

SECTIONS: dict[str, Callable[[], Iterable[Result | str]]] = {
    "whole analysis, all quantities": against_onnx.results,
    "cost of a layer among others": scaling.layer_results,
    "cost of repeats": scaling.repeat_results,
    "files": scaling.file_results,
    "files of other programs": imports.results,
    "command line": process.results,
    "reports": reports.results,
    "exports": exports.results,
    "diagram": diagram.results,
    "memory": memory.results,
    "sweeps": sweeps.results,
    "window": window.results,
}


def main() -> int:
    """Measures everything; 0 in any case, since how fast a machine is that day is no test."""
    print(f"Medians of one run, Python {platform.python_version()}, {platform.machine()}.")
    for title, results in SECTIONS.items():
        print(f"\n{title}")
        for result in results():
            print(f"  {result}" if isinstance(result, str) else line(result), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
