"""`cnnstudio verify`: a design run by a framework, and every row compared."""

from __future__ import annotations

import json
import sys
from argparse import Namespace, RawDescriptionHelpFormatter
from typing import Any

from cnnstudio.cli.failures import BadFile, UsageError
from cnnstudio.cli.opening import open_source
from cnnstudio.cli.parsing import Parser
from cnnstudio.cli.terminal import print_text, width_of
from cnnstudio.core.arithmetic.numerals import number_of
from cnnstudio.exports.target import ExportError
from cnnstudio.installation import python
from cnnstudio.reports.terminal.fitting import TextTable
from cnnstudio.reports.terminal.table import plain_table
from cnnstudio.verification import DEFAULT_LIMIT, FRAMEWORKS, Verdict, VerifyError, verify

FORMATS = ("text", "json")
EXAMPLES = """examples:
  cnnstudio verify resnet-50 --with pytorch --python ~/torch/bin/python
  cnnstudio verify my.yaml --with keras --format json"""
MAX_TOLD = 50


def run(words: list[str]) -> int:
    """Prints what differs; 1 if anything does. Raises UsageError where the framework cannot run."""
    options = _options(words)
    analysis = open_source(options.file).analysis(None)
    try:
        verdict = verify(analysis, options.framework, options.python, options.limit)
    except ExportError as error:
        raise BadFile([f"{options.file}: {error}"]) from None
    except VerifyError as error:
        raise UsageError(str(error)) from None
    if options.format == "json":
        print_text(json.dumps(verdict.to_record(), indent=2) + "\n")
    else:
        print_text(verdict_text(verdict, width_of(sys.stdout)))
    return 0 if verdict.is_equal else 1


def _options(words: list[str]) -> Namespace:
    options = command_parser().read(words)
    if options.framework is None:
        raise UsageError(f"say with --with which framework is meant: {', '.join(FRAMEWORKS)}.")
    return options


def command_parser() -> Parser:
    """The words that it takes."""
    parser = Parser("cnnstudio verify", description="A design run by a framework, and every row compared.")
    parser.epilog, parser.formatter_class = EXAMPLES, RawDescriptionHelpFormatter
    parser.add_design()
    parser.add_choice(
        "--with",
        FRAMEWORKS,
        "framework",
        dest="framework",
        metavar="FRAMEWORK",
        help=f"one of: {', '.join(FRAMEWORKS)}",
    )
    parser.add_file("--python", default=python(), metavar="PATH", help="the interpreter that has the framework")
    parser.add_whole(
        "--limit", 1, 86_400, "seconds", default=DEFAULT_LIMIT, metavar="SECONDS", help="how long it may take"
    )
    parser.add_choice("--format", FORMATS, default="text", metavar="FORMAT", help="text or json")
    return parser


def verdict_text(verdict: Verdict, width: int | None = None) -> str:
    """The verdict in one sentence, and a table of what differs."""
    compared = ", ".join(f"{count:,} of {quantity}" for quantity, count in verdict.compared.items())
    head = f"{verdict.design} with {verdict.version}: {number_of(verdict.layers, 'layer')}; compared {compared}.\n"
    if verdict.is_equal:
        return f"{head}All are equal.\n"
    rows = [
        [item.path, item.quantity, _shown(item.design), _shown(item.framework)]
        for item in verdict.differences[:MAX_TOLD]
    ]
    header = ["Layer", "Quantity", "Design", verdict.framework]
    table, _ = TextTable(header, rows, [""] * 4, ["left"] * 4, (0, 1)).fitted(width)
    lines = plain_table(table.header, table.rows, table.total, table.aligns)[:-2]
    more = len(verdict.differences) - MAX_TOLD
    rest = [f"and {more:,} more"] if more > 0 else []
    return head + "\n".join([f"{len(verdict.differences):,} differ:", *lines, *rest]) + "\n"


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    return " × ".join(map(str, value)) if isinstance(value, list) else f"{value:,}"
