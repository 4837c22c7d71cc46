"""`cnnstudio check`: the problems of design files."""

from __future__ import annotations

import sys
from typing import Any

from cnnstudio.cli.failures import BadFile, one_line
from cnnstudio.cli.opening import Opened, open_source, problem_lines
from cnnstudio.cli.parsing import Parser, design_parser
from cnnstudio.cli.terminal import painter, print_text
from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.reports.data.json_data import json_text

FORMATS = ("text", "json")
RECORDED = ("severity", "path", "rule", "sentence", "remedy")


def run(words: list[str]) -> int:
    """Prints the problems of each file; 1 if there is an error among them, 2 if a file cannot be read."""
    options = command_parser().read(words)
    status = 0
    records: list[dict[str, Any]] = []
    for source in options.file:
        try:
            opened = open_source(source)
        except BadFile as error:
            print(error, file=sys.stderr)
            status = 2
            continue
        analysis = opened.analysis(options.convention)
        status = max(status, 1 if analysis.errors else 0)
        if options.format == "json":
            records.append(_record(opened, analysis))
        else:
            _print_one(opened, analysis)
    if options.format == "json":
        print_text(json_text(records))
    return status


def command_parser() -> Parser:
    """The words that it takes."""
    parser = design_parser("check", "Problems of design files.")
    parser.add_design("+")
    parser.add_choice("--format", FORMATS, default="text", metavar="FORMAT", help="text or json")
    return parser


def _print_one(opened: Opened, analysis: Analysis) -> None:
    for line in problem_lines(opened, analysis, painter(sys.stdout)):
        print_text(f"{line}\n")
    errors, problems = len(analysis.errors), len(analysis.problems)
    counts = [_counted(errors, "error"), _counted(problems - errors, "warning")]
    accepted = f" ({len(analysis.accepted):,} accepted)" if analysis.accepted else ""
    print_text(f"{one_line(opened.source)}: {', '.join(filter(None, counts)) or 'no problems'}{accepted}\n")


def _record(opened: Opened, analysis: Analysis) -> dict[str, Any]:
    """The problems of a file for programs; `line` is null for what has none."""
    lines = opened.file.lines
    problems = [
        {"line": lines.get(problem.path), **{name: getattr(problem, name) for name in RECORDED}}
        for problem in analysis.problems
    ]
    return {"file": opened.source, "problems": problems, "accepted": len(analysis.accepted)}


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}" if number else ""
