"""`cnnstudio designs`: the list of the built-in designs."""

from __future__ import annotations

import sys

from cnnstudio.cli.opening import open_source
from cnnstudio.cli.parsing import Parser
from cnnstudio.cli.terminal import painter, print_text
from cnnstudio.formats.builtin import builtin_paths
from cnnstudio.reports.terminal.gallery import gallery_text


def run(words: list[str]) -> int:
    """Prints one line a design."""
    command_parser().read(words)
    designs = {stem: open_source(str(path)).file.design for stem, path in builtin_paths().items()}
    print_text(gallery_text(designs, painter(sys.stdout)))
    return 0


def command_parser() -> Parser:
    """The words that it takes."""
    return Parser("cnnstudio designs", description="The built-in designs.")
