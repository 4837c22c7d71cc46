"""The designs that a command is called with."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from cnnstudio.cli.failures import BadFile, UsageError
from cnnstudio.cli.parsing import known
from cnnstudio.core.arithmetic.convention import CONVENTIONS
from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.core.counting.columns import COLUMN, Column
from cnnstudio.core.counting.lookup import find_entries
from cnnstudio.core.counting.rows import Entry
from cnnstudio.core.network.problem import did_you_mean
from cnnstudio.formats import DESIGN, format_of, read_file
from cnnstudio.formats.builtin import open_design
from cnnstudio.formats.content import Sample
from cnnstudio.formats.design_file import DesignFile
from cnnstudio.formats.design_yaml import MAX_FILE_BYTES, parse_design
from cnnstudio.formats.fault import FileError
from cnnstudio.formats.format import ReadOptions
from cnnstudio.reports.terminal.table import Paint
from cnnstudio.reports.terminal.totals_text import problem_line

STANDARD_INPUT = "-"
AS_IT_IS = ReadOptions()
CHUNK_BYTES = 1_000_000
MAX_MODEL_BYTES = 4_000_000_000
"""Bytes of a network of a framework, weights included, that are taken from standard input."""


class Opened:
    """A design file with what the user called it."""

    def __init__(self, source: str, file: DesignFile) -> None:
        self.source = source
        self.file = file

    def analysis(self, convention: str | None) -> Analysis:
        """The design counted, by its own convention unless another is named, and held against its budgets."""
        chosen = CONVENTIONS[convention] if convention else None
        if not self.file.design.budgets:
            return analyze(self.file.design, chosen)
        from cnnstudio.core.budgets.checking import counted

        return counted(self.file.design, chosen)


def open_source(source: str) -> Opened:
    """Reads a design file or a built-in design; BadFile with everything that is wrong with it."""
    try:
        if source == STANDARD_INPUT:
            return Opened(source, read_input())
        return Opened(source, open_design(source))
    except FileError as error:
        raise BadFile(error.lines()) from None


def read_input(options: ReadOptions = AS_IT_IS) -> DesignFile:
    """The network that stands on standard input, in any format that tells itself by its content.

    Raises FileError with every fault, and UsageError for what is too large or no text.
    """
    with input_file() as path:
        return _read_design_input(path) if format_of(path) is DESIGN else read_file(path, options)


@contextmanager
def input_file() -> Iterator[Path]:
    """The content of standard input as a file. Raises a FileError of that file as one of standard input."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "standard-input")
        try:
            with path.open("wb") as file:
                _copy(file, MAX_FILE_BYTES + 1)
                # An archive lists what is in it at its end.
                if Sample(path).head.startswith(b"PK") or format_of(path) is not DESIGN:
                    _copy(file, MAX_MODEL_BYTES)
            yield path
        except FileError as error:
            raise FileError(STANDARD_INPUT, list(error.faults)) from None


def _copy(file: BinaryIO, most: int) -> None:
    """Copies what comes from standard input, so many bytes at most."""
    while most > 0 and (part := sys.stdin.buffer.read(min(most, CHUNK_BYTES))):
        file.write(part)
        most -= len(part)
    file.flush()


def _read_design_input(path: Path) -> DesignFile:
    content = path.read_bytes()
    if len(content) > MAX_FILE_BYTES:
        raise UsageError(
            f"standard input has more than {MAX_FILE_BYTES // 1_000_000} MB; a design file has at most that."
        )
    try:
        return parse_design(content.decode("utf-8-sig"), STANDARD_INPUT)
    except UnicodeDecodeError:
        raise UsageError("standard input is not text in UTF-8.") from None


def columns_of(text: str) -> tuple[Column, ...]:
    """The columns that a list of keys names, `layer,output`; UsageError for a key that there is not."""
    return tuple(COLUMN[known(key.strip(), tuple(COLUMN), "column")] for key in text.split(","))


def find_entry(analysis: Analysis, wanted: str, source: str) -> Entry:
    """The layer or block that is meant; UsageError if there is none, or more than one."""
    found, names = find_entries(analysis, wanted)
    if len(found) == 1:
        return found[0]
    if found:
        paths = ", ".join(entry.path for entry in found[:5])
        raise UsageError(
            f"{source}: '{wanted}' is the name of {len(found)} layers; give a path, such as one of {paths}."
        )
    hint = did_you_mean(wanted, names) or f" Type `cnnstudio summary {source}` for a list."
    raise UsageError(f"{source}: there is no layer '{wanted}'.{hint}")


def problem_lines(opened: Opened, analysis: Analysis, paint: Paint) -> list[str]:
    """The problems, one a line, in the order of the file."""
    lines = opened.file.lines
    problems = sorted(analysis.problems, key=lambda problem: lines.get(problem.path, 0))
    texts = [(found, problem_line(found, opened.source, lines.get(found.path))) for found in problems]
    return [
        text.replace(f" {found.severity}: ", f" {paint(found.severity, f'{found.severity}:')} ", 1)
        for found, text in texts
    ]
