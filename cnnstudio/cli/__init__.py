"""The command line: `cnnstudio [FILE]` opens the window; the subcommands print, and load Qt only to make a PDF.

Exit status: 0 if all is well, 2 for bad input (one sentence on standard error), 1 for the finding of a command that
`COMMANDS` names.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module

from cnnstudio.cli.commands import COMMANDS
from cnnstudio.cli.failures import BadFile, OutputError, UsageError, one_line


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
    from cnnstudio.cli.parsers import window_parser  # argparse, where there is more than the name of a file

    options = window_parser().read(words)
    return _window(options.file, options.window)


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
