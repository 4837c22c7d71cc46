"""The summary and the working as text."""

from __future__ import annotations

from cnnstudio.core.analysis import Analysis, BlockRow, Entry, Row
from cnnstudio.core.columns import Column, counting_note
from cnnstudio.core.convention import KERAS, PYTORCH
from cnnstudio.core.numerals import exact, short, size_bytes
from cnnstudio.core.problem import Problem
from cnnstudio.core.working import QUANTITIES, block_working, incomplete_text, workings
from cnnstudio.reports.table import CONTROL, markdown_table, plain_table, text_rows, total_cells


def summary_text(analysis: Analysis, columns: tuple[Column, ...], *, expand: bool) -> str:
    """The table and the totals, as people know them from Keras and torchinfo."""
    parts = _parts(analysis, columns, expand=expand)
    lines = [CONTROL.sub(" ", analysis.design.name), "", *plain_table(*parts), "", *totals_lines(analysis)]
    return "\n".join(lines) + "\n"


def summary_markdown(analysis: Analysis, columns: tuple[Column, ...], *, expand: bool) -> str:
    """The table and the totals as Markdown."""
    parts = _parts(analysis, columns, expand=expand)
    totals = [f"- {line}" for line in totals_lines(analysis)]
    return "\n".join([*markdown_table(*parts), "", *totals]) + "\n"


def _parts(
    analysis: Analysis, columns: tuple[Column, ...], *, expand: bool
) -> tuple[list[str], list[list[str]], list[str], list[str]]:
    header = [column.title for column in columns]
    aligns = [str(column.align) for column in columns]
    return header, text_rows(analysis, columns, expand=expand), total_cells(analysis, columns), aligns


def totals_lines(analysis: Analysis) -> list[str]:
    """Parameters by every convention, operations, memory, the convention in a sentence, and what is not known."""
    totals = analysis.totals
    least = "" if not totals.uncounted else "at least "
    macs_least = "" if analysis.is_complete else "at least "
    trainable = f"{exact(totals.trainable)} trainable, {exact(totals.non_trainable)} non-trainable"
    lines = [
        f"Parameters: {least}{exact(totals.parameters)} ({trainable})",
        f"Counted elsewhere: {counting_note(analysis, (PYTORCH, KERAS))}"
        if totals.state
        else "PyTorch, Keras and Caffe agree on this count.",
        f"MACs (1 input): {macs_least}{exact(totals.macs)} ({short(totals.macs)}); "
        f"FLOPs = 2 × MACs: {macs_least}{exact(totals.flops)}",
        f"Parameter memory: {least}{size_bytes(totals.parameter_bytes)}; activations: "
        f"{least}{size_bytes(totals.activation_bytes)} ({analysis.design.element_type})",
        analysis.convention.sentence,
    ]
    return lines if analysis.is_complete else [*lines, f"Incomplete: {incomplete_text(analysis)}."]


def problem_line(problem: Problem, source: str, line: int | None) -> str:
    """`file:12: error: Conv-2: sentence remedy`."""
    place = f"{source}:{line}" if line else source
    return CONTROL.sub(" ", f"{place}: {problem.severity}: {problem}")


def explain_text(entry: Entry, analysis: Analysis) -> str:
    """The working of every number of one layer or block."""
    if isinstance(entry, BlockRow):
        return _explain_block(entry, analysis)
    return _explain_row(entry, analysis)


def _explain_row(row: Row, analysis: Analysis) -> str:
    title = f"{row.path} ({row.layer.type_name})"
    inputs = [
        f"{path}: {analysis.convention.shape_text(shape) if shape else 'unknown'}"
        for path, shape in zip(row.inputs, row.input_shapes, strict=True)
    ]
    output = analysis.convention.shape_text(row.output_shape) if row.output_shape else "unknown"
    lines = [title, f"input: {'; '.join(inputs) or 'none'}", f"output: {output} ({analysis.convention.shape_order})", ""]
    lines += [working.text() for working in workings(row)]
    places = {problem.path: [] for problem in analysis.problems} if analysis.problems else {}
    if row.place in places:
        lines += ["", *(f"{one.severity}: {one}" for one in analysis.problems if one.path == row.place)]
    return "\n".join(CONTROL.sub(" ", line) for line in lines) + "\n"


def _explain_block(row: BlockRow, analysis: Analysis) -> str:
    output = analysis.convention.shape_text(row.output_shape) if row.output_shape else "unknown"
    lines = [f"{row.path} (Block × {row.block.repeat})", f"output: {output} ({analysis.convention.shape_order})", ""]
    keys = [key for key in QUANTITIES if key not in ("output", "receptive_field")]
    lines += [block_working(row, key).text() for key in keys]
    return "\n".join(CONTROL.sub(" ", line) for line in lines) + "\n"


