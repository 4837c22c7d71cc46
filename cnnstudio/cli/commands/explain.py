"""`cnnstudio explain`: the working of every number."""

from __future__ import annotations

import sys

from cnnstudio.cli.failures import UsageError
from cnnstudio.cli.opening import find_entry, open_source
from cnnstudio.cli.parsing import Parser, design_parser
from cnnstudio.cli.terminal import painter, print_text
from cnnstudio.reports.content.explanation import explain_data, explain_latex, explain_text
from cnnstudio.reports.data.json_data import json_text

FORMATS = ("text", "json")


def run(words: list[str]) -> int:
    """Prints formula, substitution and value of every number of a layer, or of the totals.

    Raises UsageError for two forms at once.
    """
    options = command_parser().read(words)
    analysis = open_source(options.file).analysis(options.convention)
    entry = None if options.layer is None else find_entry(analysis, options.layer, options.file)
    if options.format == "json":
        if options.latex:
            raise UsageError("--latex and --format json exclude each other.")
        print_text(json_text(explain_data(entry, analysis)))
    elif options.latex:
        print_text(explain_latex(entry, analysis))
    else:
        print_text(explain_text(entry, analysis, painter(sys.stdout)))
    return 0


def command_parser() -> Parser:
    """The words that it takes."""
    parser = design_parser("explain", "The working of every number: formula, substitution, value.")
    parser.add_choice("--format", FORMATS, default="text", metavar="FORMAT", help="text or json")
    parser.add_argument("--latex", action="store_true", help="as LaTeX, for a document that uses amsmath")
    parser.add_design()
    parser.add_argument("layer", nargs="?", help="name of a layer or block, or its path; the totals if left out")
    return parser
