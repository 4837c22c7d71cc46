"""The command line: `cnnstudio [FILE]` opens the window; the subcommands print, and load Qt only to make a PDF.

Exit status: 0 if all is well, 2 for bad input (one sentence on standard error), 1 if `check` found errors or
`compare --exit-code` differences.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from cnnstudio import __version__
from cnnstudio.cli.failures import BadFile, OutputError, UsageError, one_line

if TYPE_CHECKING:
    from cnnstudio.cli.parsing import Parser

DESCRIPTION = "Design convolutional networks and see at once what they cost."


class Command(NamedTuple):
    """A command: the module whose `run(words)` does it and returns the exit status, and its line in the help."""

    module: str
    words: str
    help: str


COMMANDS: dict[str, Command] = {
    "summary": Command("summary", "FILE", "the layer table: shapes, weights, biases, parameters, MACs"),
    "explain": Command("explain", "FILE [LAYER]", "the working of every number of a layer, or of the totals"),
    "compare": Command("compare", "A B [C...]", "designs side by side: their totals, and what differs layer by layer"),
    "diagram": Command("diagram", "FILE", "the network drawn, as SVG, PNG or PDF"),
    "memory": Command("memory", "FILE --batch N --gpu CARD", "what training or inference holds in a GPU's memory"),
    "report": Command(
        "report", "FILE... -o OUT", "a report as web page, PDF, LaTeX, Markdown, workbook, CSV, JSON, text"
    ),
    "export": Command("export", "FILE --to TARGET", "code or a file that PyTorch, Keras or ONNX run"),
    "verify": Command("verify", "FILE --with FRAMEWORK", "every row compared with PyTorch, Keras or onnxruntime"),
    "check": Command("check", "FILE...", "problems; exit status 1 if there is an error"),
    "import": Command(
        "importing", "FILE [-o DESIGN]", "a network of Keras, ONNX, PyTorch, Caffe or Darknet as a design"
    ),
    "designs": Command("designs", "", "the built-in designs; their names work wherever a file does"),
    "schema": Command("schema", "", "the JSON Schema of the design file"),
}
"""Every command. Its module is loaded when it is called, so that none pays for another."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit status."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # A terminal in the C locale cannot print `×`, and the whole command would end in a traceback.
            stream.reconfigure(errors="replace")
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        return _run(words)
    except BadFile as error:
        print(error, file=sys.stderr)
    except UsageError as error:
        print(f"cnnstudio: {one_line(str(error))}", file=sys.stderr)
    except OutputError as error:
        _drop_output()
        print(f"cnnstudio: {error}", file=sys.stderr)
    except BrokenPipeError:
        # The reader of our output, such as `head`, has had enough.
        _drop_output()
        return 0
    except KeyboardInterrupt:
        # What shells expect of a program that was stopped by Ctrl-C: 128 and the number of the signal.
        return 130
    return 2


def _drop_output() -> None:
    """Sends what is still to be written nowhere; Python would complain once more when it exits."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(words: list[str]) -> int:
    command = COMMANDS.get(words[0]) if words else None
    if command is not None:
        status: int = import_module(f"cnnstudio.cli.commands.{command.module}").run(words[1:])
        return status
    if words and not words[0].startswith("-"):
        _require_file_or_command(words)
        if len(words) == 1:
            return _window(words[0])
    options = _parser().read(words)
    return _window(options.file, options.window)


def _parser() -> Parser:
    """The parser for opening the window; argparse is loaded only where there is more than the name of a file."""
    from argparse import RawDescriptionHelpFormatter

    from cnnstudio.cli.parsing import Parser

    parser = Parser(
        "cnnstudio",
        description=DESCRIPTION,
        epilog=_commands_help(),
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"CNN Studio {__version__}")
    parser.add_argument(
        "--window", action="store_true", help="say in a window, not on standard error, why FILE cannot be opened"
    )
    parser.add_argument("file", nargs="?", help="design file, or the name of a built-in design")
    return parser


def _commands_help() -> str:
    """The commands, one a line, as the help ends."""
    calls = {f"{name} {command.words}".rstrip(): command.help for name, command in COMMANDS.items()}
    width = max(map(len, calls))
    lines = [f"  {call.ljust(width)}   {text}" for call, text in calls.items()]
    heading = "commands (type `cnnstudio COMMAND --help` for more):"
    return "\n".join([heading, *lines, "", "Without a command, the window opens, on FILE if one is given."])


def _require_file_or_command(words: list[str]) -> None:
    """UsageError if the first word is meant as a command that there is not."""
    from cnnstudio.formats.builtin import find_builtin

    word = words[0]
    if os.path.exists(word) or find_builtin(word) is not None:
        return
    from cnnstudio.cli.parsing import known
    from cnnstudio.core.network.problem import did_you_mean

    if len(words) > 1 or did_you_mean(word, list(COMMANDS)):
        known(word, tuple(COMMANDS), "command")


def _window(source: str | None, is_desktop: bool = False) -> int:
    from cnnstudio.cli.window import open_window

    # A program for windows on Windows has no standard error at all.
    return open_window(source, tell_in_window=is_desktop or sys.stderr is None)
