"""`cnnstudio explain`: the working of every number."""

from __future__ import annotations

import sys

from cnnstudio.cli.opening import find_entry, open_source
from cnnstudio.cli.parsing import Parser, design_parser
from cnnstudio.cli.terminal import painter, print_text
from cnnstudio.reports.content.explanation import explain_latex, explain_text


def run(words: list[str]) -> int:
    """Prints formula, substitution and value of every number of a layer, or of the totals."""
    options = command_parser().read(words)
    analysis = open_source(options.file).analysis(options.convention)
    entry = None if options.layer is None else find_entry(analysis, options.layer, options.file)
    print_text(explain_latex(entry, analysis) if options.latex else explain_text(entry, analysis, painter(sys.stdout)))
    return 0


def command_parser() -> Parser:
    """The words that it takes."""
    parser = design_parser("explain", "The working of every number: formula, substitution, value.")
    parser.add_argument("--latex", action="store_true", help="as LaTeX, for a document that uses amsmath")
    parser.add_design()
    parser.add_argument("layer", nargs="?", help="name of a layer or block, or its path; the totals if left out")
    return parser
