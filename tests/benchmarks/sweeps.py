"""Sweeps of ResNet-50 over widths, depths and sizes: their speed beside onnx, their memory, their processes."""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from time import perf_counter

from cnnstudio.authoring.retyping import change_type
from cnnstudio.authoring.sweep_workers import processes
from cnnstudio.core.counting.analysis import analyze, count_layer
from cnnstudio.core.sweeps.axis import parse_axis
from cnnstudio.core.sweeps.running import chunks, chunks_by
from cnnstudio.core.sweeps.space import Sample, Space
from cnnstudio.core.sweeps.table import Table
from cnnstudio.formats.builtin import open_design
from tests.benchmarks.measuring import Afresh, Result, medians
from tests.places import ROOT

VARIED = (
    "image.size=64:512:32",
    *(f"layer{stage}.filters=*0.5,*1,*1.5,*2" for stage in (1, 2, 3, 4)),
    *(f"layer{stage}/rest.repeat=1:{deepest}" for stage, deepest in ((1, 4), (2, 6), (3, 10), (4, 4))),
)
VARIANTS = 40_000
MANY = 1_000_000
SHARED = MANY
MAX_MEGABYTES = 400


def space(variants: int) -> Space:
    """So many variants by chance, out of three million."""
    design = open_design("resnet-50").design
    axes = tuple(parse_axis(design, text, change_type) for text in VARIED)
    return Space(design, axes, change_type, sample=Sample(variants))


def count(wanted: Space) -> Table:
    """The rows of a sweep, kept."""
    table = Table()
    for chunk in chunks(wanted):
        table.add(chunk)
    return table


def results() -> Iterator[Result | str]:
    """Variants a second on one core, the memory of a million of them, and what a second process brings."""
    wanted = space(VARIANTS)
    try:
        from onnx.shape_inference import infer_shapes

        from tests.benchmarks.onnx_graph import to_onnx
    except ImportError:
        yield "onnx is not installed, so that nothing is measured against it: pip install onnx"
    else:
        model = to_onnx(analyze(wanted.design))
        swept, reference = medians(
            [Afresh(count_layer.cache_clear, partial(count, wanted)), partial(infer_shapes, model)], fewest=3
        )
        each = swept / VARIANTS
        yield f"{1 / each:,.0f} variants a second, {VARIANTS:,} from nothing"
        yield Result("ten variants of resnet-50", "onnx infer_shapes of one", 10 * each, reference, 1)
    yield _memory()
    shared = space(SHARED)
    alone, together = (_seconds(shared, jobs) for jobs in (1, 2))
    yield Result(f"{SHARED:,} variants, two processes", "one process", together, alone, 1 / 1.8)


def _seconds(wanted: Space, jobs: int) -> float:
    with processes(jobs) as workers:
        # Their start is no part of it: it is a second once, however long the sweep.
        list(chunks_by(workers.executor, workers.count, space(8_000)))
        start = perf_counter()
        for _ in chunks_by(workers.executor, workers.count, wanted):
            pass
        return perf_counter() - start


def _memory() -> str:
    """The peak of a process of its own that counts a million variants and keeps their rows."""
    words = [sys.executable, "-m", "tests.benchmarks.sweeps"]
    peak = float(subprocess.run(words, cwd=ROOT, capture_output=True, check=True, text=True).stdout)
    verdict = "met" if peak <= MAX_MEGABYTES else "MISSED"
    return f"{MANY:,} variants, counted and kept: {peak:.0f} MB, goal {MAX_MEGABYTES}: {verdict}"


if __name__ == "__main__":
    rows = count(space(MANY))
    assert len(rows) == MANY
    # Kilobytes on Linux.
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
