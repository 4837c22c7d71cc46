"""`cnnstudio check`: the problems of design files."""

from __future__ import annotations

import sys

from cnnstudio.cli.failures import BadFile, one_line
from cnnstudio.cli.opening import open_source, problem_lines
from cnnstudio.cli.parsing import Parser, design_parser
from cnnstudio.cli.terminal import painter, print_text


def run(words: list[str]) -> int:
    """Prints the problems of each file; 1 if there is an error among them, 2 if a file cannot be read."""
    options = command_parser().read(words)
    status = 0
    for source in options.file:
        try:
            status = max(status, _check_one(source, options.convention))
        except BadFile as error:
            print(error, file=sys.stderr)
            status = 2
    return status


def command_parser() -> Parser:
    """The words that it takes."""
    parser = design_parser("check", "Problems of design files.")
    parser.add_design("+")
    return parser


def _check_one(source: str, convention: str | None) -> int:
    opened = open_source(source)
    analysis = opened.analysis(convention)
    for line in problem_lines(opened, analysis, painter(sys.stdout)):
        print_text(f"{line}\n")
    errors, problems = len(analysis.errors), len(analysis.problems)
    counts = [_counted(errors, "error"), _counted(problems - errors, "warning")]
    accepted = f" ({len(analysis.accepted):,} accepted)" if analysis.accepted else ""
    print_text(f"{one_line(source)}: {', '.join(filter(None, counts)) or 'no problems'}{accepted}\n")
    return 1 if errors else 0


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}" if number else ""
