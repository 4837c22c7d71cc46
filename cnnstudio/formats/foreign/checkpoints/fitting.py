"""Finds the built-in design that has exactly the tensors of a checkpoint."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path

from cnnstudio import resources
from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.core.counting.rows import Row
from cnnstudio.core.counting.working import is_complete
from cnnstudio.formats.design_file import DesignFile
from cnnstudio.formats.design_yaml import read_design
from cnnstudio.formats.foreign.checkpoints.tensors import TensorInfo
from cnnstudio.formats.foreign.refusals import NotUnderstood
from cnnstudio.formats.import_report import ImportedNetwork, ImportReport, TensorEntry
from cnnstudio.layers.structure import Input

MAX_SHOWN = 6
_STATISTICS = ("running_mean", "running_var", "moving_mean", "moving_variance")


def fitted(tensors: list[TensorInfo], form: str, producer: str, advice: str) -> DesignFile:
    """The built-in design with these tensors; NotUnderstood, saying what the file holds, if there is none."""
    # Without counters, such as the number of batches that a BatchNorm has seen: whole numbers, or without an axis.
    held = [tensor for tensor in tensors if tensor.is_float and tensor.shape]
    if not held:
        raise NotUnderstood(f"holds no tensors of weights; {advice}.")
    total = sum(tensor.size for tensor in held)
    wanted = Counter(tensor.size for tensor in held)
    for path, numbers, sizes in _built_in():
        # By sizes and not by names, which differ from one library to the next for the same network.
        if numbers == total and sizes == wanted:
            return _found(path, analyze(read_design(path).design), tensors, form, producer)
    shown = ", ".join(f"{tensor.name} {' × '.join(map(str, tensor.shape))}" for tensor in held[:MAX_SHOWN])
    more = f" and {len(held) - MAX_SHOWN:,} more" if len(held) > MAX_SHOWN else ""
    raise NotUnderstood(
        f"holds weights alone, {len(held):,} tensors with {total:,} numbers ({shown}{more}), which are those of no "
        f"built-in design, and not how they are connected; {advice}."
    )


@cache
def _built_in() -> tuple[tuple[Path, int, Counter[int]], ...]:
    """Each built-in design: its file, all its numbers, and the sizes of its tensors."""
    found = []
    for path in sorted(resources.path("designs").glob("*.yaml")):
        analysis = analyze(read_design(path).design)
        totals = analysis.totals
        found.append((path, totals.weights + totals.biases + totals.state, _sizes(analysis)))
    return tuple(found)


def _sizes(analysis: Analysis) -> Counter[int]:
    """The sizes of the tensors that a framework stores for a design."""
    sizes: Counter[int] = Counter()
    for row in analysis.rows:
        sizes.update(_tensors_of(row))
    return sizes


def _tensors_of(row: Row) -> list[int]:
    counts = row.counts
    if counts is None:
        return []
    found = [int(size) for size in (counts.weights, counts.biases) if size]
    return [*found, int(counts.state) // 2, int(counts.state) // 2] if counts.state else found


def _found(path: Path, analysis: Analysis, tensors: list[TensorInfo], form: str, producer: str) -> DesignFile:
    design = analysis.design
    learned = [t for t in tensors if t.is_float and t.shape and not t.name.endswith(_STATISTICS)]
    network = ImportedNetwork(
        name=design.name,
        complete=is_complete(analysis),
        input_shapes=tuple(
            tuple(row.output_shape.to_list())
            for row in analysis.rows
            if isinstance(row.layer, Input) and row.output_shape is not None
        ),
        assumed=(
            f"The file holds weights alone; its tensors are exactly those of the built-in design {design.name} "
            f"({path.stem}), which is opened.",
        ),
        stated_parameters=sum(tensor.size for tensor in learned),
        counted_parameters=analysis.totals.weights + analysis.totals.biases,
        tensors=tuple(TensorEntry(tensor.name, tensor.shape) for tensor in tensors),
    )
    return DesignFile(design, report=ImportReport(form, producer, (network,)))
