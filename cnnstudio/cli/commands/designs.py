"""`cnnstudio designs`: the list of the built-in designs."""

from __future__ import annotations

import sys

from cnnstudio.cli.opening import open_source
from cnnstudio.cli.parsing import Parser
from cnnstudio.cli.terminal import painter, print_text, width_of
from cnnstudio.formats.builtin import builtin_paths
from cnnstudio.reports.data.json_data import json_text
from cnnstudio.reports.terminal.gallery import gallery_records, gallery_text

FORMATS = ("text", "json")


def run(words: list[str]) -> int:
    """Prints one line a design."""
    options = command_parser().read(words)
    designs = {stem: open_source(str(path)).file.design for stem, path in builtin_paths().items()}
    if options.format == "json":
        print_text(json_text(gallery_records(designs)))
    else:
        print_text(gallery_text(designs, painter(sys.stdout), width_of(sys.stdout)))
    return 0


def command_parser() -> Parser:
    """The words that it takes."""
    parser = Parser("cnnstudio designs", description="The built-in designs.")
    parser.add_choice("--format", FORMATS, default="text", metavar="FORMAT", help="text or json")
    return parser
