"""The working of every number of a layer, of a block, or of the whole network, as text and as LaTeX."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby, islice
from typing import Any

from msgspec import structs

from cnnstudio.core.arithmetic.derivation import Derived, Working, formula, latex_text, substitution, symbol_text
from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.counting.quantities import QUANTITY
from cnnstudio.core.counting.quantity_places import SUMMED
from cnnstudio.core.counting.rows import Entry, Row, unknown_text
from cnnstudio.core.counting.textbook import textbook_workings, zeros_joined
from cnnstudio.core.counting.working import block_working, is_absent, total_working
from cnnstudio.core.network.distribution import AT_EACH_STEP
from cnnstudio.core.network.fields import fields_of
from cnnstudio.core.network.problem import Problem
from cnnstudio.core.network.value_text import value_text
from cnnstudio.reports.content.legend import legend
from cnnstudio.reports.terminal.table import Paint, unpainted
from cnnstudio.reports.terminal.totals_text import one_line
from cnnstudio.version import __version__

MAX_FORMULA_LENGTH = 400
"""Numbers and operations in a formula that is shown."""
MAX_NAME_WIDTH = 40
"""Letters of a name that is padded: that of all zeros together may be longer."""
_COMMON_FIELDS = ("name", "inputs", "layers")
_LATEX_SIGNS = str.maketrans({"×": r"$\times$", "−": "$-$", "γ": r"$\gamma$", "β": r"$\beta$", "·": r"$\cdot$"})


def explain_text(entry: Entry | None, analysis: Analysis, paint: Paint = unpainted) -> str:
    """Formula, substitution and value of every number of a layer or block; of the totals for None."""
    lines = [paint("title", entry_title(entry, analysis)), *map(one_line, flow_lines(entry, analysis))]
    for line in _aligned(zeros_joined(readable_workings(entry, analysis))):
        lines.append(one_line(line))
    if isinstance(entry, Row):
        lines += _legend_lines(entry, analysis)
    lines += _problem_lines(entry, analysis, paint)
    return "\n".join(lines) + "\n"


def explain_data(entry: Entry | None, analysis: Analysis) -> dict[str, Any]:
    """The same working as plain values; a formula is null where the value is all there is to say."""
    found = zeros_joined(readable_workings(entry, analysis))
    return {
        "cnnstudio": __version__,
        "design": analysis.design.name,
        "convention": analysis.convention.key,
        "path": None if entry is None else entry.path,
        "type": None if entry is None else entry.layer.type_name if isinstance(entry, Row) else "Block",
        "workings": [_working_data(working) for working in found],
        "problems": [str(problem) for problem in _problems(entry, analysis)],
    }


def _working_data(working: Working) -> dict[str, Any]:
    number = working.number if working.has_formula else None
    return {
        "quantity": working.key,
        "name": working.name,
        "symbol": working.symbol or None,
        "formula": None if number is None else formula(number),
        "substitution": None if number is None else substitution(number),
        "value": working.value,
        "reason": working.reason or None,
    }


def explain_latex(entry: Entry | None, analysis: Analysis) -> str:
    """The same working as LaTeX: one `align*`, for the package amsmath."""
    found = zeros_joined(readable_workings(entry, analysis))
    lines = [rf"{_latex_name(working)} &= {_latex_steps(working)} \\" for working in found]
    return "\n".join([f"% {entry_title(entry, analysis)}", r"\begin{align*}", *lines, r"\end{align*}"]) + "\n"


def _latex_name(working: Working) -> str:
    return rf"\text{{{latex_text(working.name).translate(_LATEX_SIGNS)}}}"


def _latex_steps(working: Working) -> str:
    steps = " = ".join(working.latex_sides())
    reason = latex_text(one_line(working.reason)).translate(_LATEX_SIGNS)
    return rf"{steps} \quad \text{{({reason})}}" if reason else steps


def entry_title(entry: Entry | None, analysis: Analysis) -> str:
    """`conv1 (Conv2D)`; the design's name for None."""
    if entry is None:
        return one_line(f"{analysis.design.name}, the whole network")
    if isinstance(entry, Row):
        return one_line(f"{entry.path} ({entry.layer.type_name})")
    repeat = f" × {entry.block.repeat}" if entry.block.repeat > 1 else ""
    steps = f", {AT_EACH_STEP}" if entry.block.time_distributed else ""
    return one_line(f"{entry.path} (Block{repeat}{steps})")


def flow_lines(entry: Entry | None, analysis: Analysis) -> Iterator[str]:
    """The fields that were set, the inputs and the output."""
    if entry is None:
        return
    settings = _settings(entry)
    if settings:
        yield f"settings: {settings}"
    inputs = [
        f"{path}: {_shape(shape, entry, analysis)}"
        for path, shape in zip(entry.inputs, entry.input_shapes, strict=True)
    ]
    yield f"input: {'; '.join(inputs) or 'none'}"
    order = f" ({analysis.convention.shape_order})" if entry.output_shape and entry.output_shape.rank == 2 else ""
    yield f"output: {_shape(entry.output_shape, entry, analysis)}{order}"


def _shape(shape: Shape | None, entry: Entry, analysis: Analysis) -> str:
    return analysis.convention.shape_text(shape) if shape else unknown_text(entry)


def _settings(entry: Entry) -> str:
    """The fields that differ from their defaults, by their titles."""
    item = entry.item
    parts = []
    for field in fields_of(type(item)):
        value = getattr(item, field.name)
        if field.name not in _COMMON_FIELDS and value != field.default:
            parts.append(f"{field.words} {value_text(value)}")
    return ", ".join(parts)


def readable_workings(entry: Entry | None, analysis: Analysis) -> tuple[Working, ...]:
    """The working of every number of a layer or block, or of the totals; what is absent and formulas that are too long
    left out.
    """
    if entry is None:
        found = tuple(total_working(analysis, quantity.key) for quantity in SUMMED)
    elif isinstance(entry, Row):
        found = textbook_workings(entry, analysis)
    else:
        found = tuple(block_working(entry, quantity.key, analysis) for quantity in SUMMED)
    return tuple(_readable(working) for working in found if not is_absent(working))


def _readable(working: Working) -> Working:
    """The working, without the formula if that is too long for anyone to read."""
    # Counted no further than the bound: a total over a million layers has a million terms.
    size = sum(1 for _ in islice(_parts(working.number), MAX_FORMULA_LENGTH + 1))
    if working.number is None or size <= MAX_FORMULA_LENGTH:
        return working
    reason = "; ".join(filter(None, (working.reason, "the formula is too long to be shown")))
    return structs.replace(working, number=int(working.number), reason=reason)


def _parts(number: int | None) -> Iterator[int]:
    """The numbers that an expression is made of."""
    stack = [] if number is None else [number]
    # With a stack of its own: an expression may be deeper than Python recurses.
    while stack:
        part = stack.pop()
        yield part
        if isinstance(part, Derived):
            stack += part.operands


def _aligned(found: tuple[Working, ...]) -> Iterator[str]:
    """One line a working, the names padded to one width, what belongs together below an empty line."""
    width = max((len(working.name) for working in found if len(working.name) <= MAX_NAME_WIDTH), default=0)
    for _, group in groupby(found, key=lambda working: QUANTITY[working.key].group):
        yield ""
        for working in group:
            reason = f"  ({working.reason})" if working.reason else ""
            yield " = ".join((working.name.ljust(width), *working.sides())) + reason


def _legend_lines(row: Row, analysis: Analysis) -> list[str]:
    symbols = legend(zeros_joined(readable_workings(row, analysis)), row.layer)
    lines = [(symbol_text(names), words) for names, words in symbols]
    width = max((len(names) for names, _ in lines), default=0)
    return ["", *(f"{names.ljust(width)}  {words}" for names, words in lines)] if lines else []


def _problems(entry: Entry | None, analysis: Analysis) -> list[Problem]:
    problems = [problem for problem in analysis.problems if entry is None or problem.path == entry.place]
    if isinstance(entry, Row) and entry.counts is None and not any(problem.severity == "error" for problem in problems):
        problems += analysis.errors
    return problems


def _problem_lines(entry: Entry | None, analysis: Analysis, paint: Paint) -> Iterable[str]:
    """The problems of the entry; for one that is unknown without an error of its own, the errors of the design."""
    problems = _problems(entry, analysis)
    lines = [f"{paint(problem.severity, f'{problem.severity}:')} {one_line(str(problem))}" for problem in problems]
    return ["", *lines] if lines else []
