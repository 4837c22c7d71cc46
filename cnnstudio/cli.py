"""The command line: `cnnstudio [FILE]` opens the window; the subcommands print, and never load Qt.

Exit status: 0 if all is well, 1 if `check` found errors, 2 for bad input (one sentence on standard error).
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn, TextIO

from cnnstudio import __version__

DESCRIPTION = "Design convolutional networks and see at once what they cost."
COMMANDS_HELP = """commands (type `cnnstudio COMMAND --help` for more):
  summary FILE        the layer table: shapes, weights, biases, parameters, MACs
  explain FILE LAYER  the working of every number of one layer
  check FILE...       problems; exit status 1 if there is an error
  designs             the built-in designs; their names work wherever a file does
  schema              the JSON Schema of the design file

Without a command, the window opens, on FILE if one is given."""


class UsageError(Exception):
    """The command line or the input is not right; the text is the sentence for the user."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}. Type `{self.prog} --help` for help.")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit status."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        return _run(words)
    except UsageError as error:
        print(f"cnnstudio: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        # The reader of our output, such as `head`, has had enough; Python would complain once more when it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130


def _run(words: list[str]) -> int:
    command = COMMANDS.get(words[0]) if words else None
    if command is not None:
        return command(words[1:])
    parser = _Parser("cnnstudio", description=DESCRIPTION, epilog=COMMANDS_HELP, formatter_class=_raw_help())
    parser.add_argument("--version", action="version", version=f"CNN Studio {__version__}")
    parser.add_argument("file", nargs="?", help="design file, or the name of a built-in design")
    return _window(parser.parse_args(words).file)


def _raw_help() -> type[argparse.HelpFormatter]:
    return argparse.RawDescriptionHelpFormatter


def _window(source: str | None) -> int:
    """Opens the window; with no display, says so and prints the summary."""
    if not _has_display():
        print("cnnstudio: there is no display, so the window cannot open.", file=sys.stderr)
        return _summary([source]) if source else 2
    if source is not None:
        _open(source)
    from cnnstudio.app.application import run

    return run(source)


def _has_display() -> bool:
    if sys.platform in ("win32", "darwin") or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _open(source: str) -> _Opened:
    from cnnstudio.formats.builtin import open_design
    from cnnstudio.formats.fault import FileError

    try:
        return _Opened(source, open_design(source))
    except FileError as error:
        lines = error.lines()
        raise UsageError("\n".join(lines)) from None


class _Opened:
    """A design file with what the user called it."""

    def __init__(self, source: str, file: DesignFile) -> None:
        self.source = source
        self.file = file

    def analysis(self, convention: str | None) -> Analysis:
        from cnnstudio.core.analysis import analyze
        from cnnstudio.core.convention import CONVENTIONS

        return analyze(self.file.design, CONVENTIONS[convention] if convention else None)


def _design_parser(command: str, description: str) -> _Parser:
    parser = _Parser(f"cnnstudio {command}", description=description)
    parser.add_argument("file", help="design file, or the name of a built-in design")
    parser.add_argument(
        "--convention", choices=("pytorch", "keras", "caffe"), help="count as this framework does; else as the file says"
    )
    return parser


def _summary(words: list[str]) -> int:
    from cnnstudio.core.columns import COLUMN, SUMMARY_COLUMNS
    from cnnstudio.reports.summary import FORMATS

    parser = _design_parser("summary", "The layer table: shapes, weights, biases, parameters, MACs.")
    keys = ", ".join(COLUMN)
    parser.add_argument("--columns", help=f"columns, separated by commas, from: {keys}")
    parser.add_argument("--expand", action="store_true", help="every repeat of every block")
    parser.add_argument("--format", choices=tuple(FORMATS), default="text")
    options = parser.parse_args(words)
    wanted = options.columns.split(",") if options.columns is not None else list(SUMMARY_COLUMNS)
    columns = _columns([key.strip() for key in wanted])
    opened = _open(options.file)
    analysis = opened.analysis(options.convention)
    try:
        text = FORMATS[options.format](analysis, columns, options.expand, opened.file.lines)
    except ValueError as error:
        raise UsageError(f"{options.file}: {error}.") from None
    _print(text if options.format != "text" else _coloured(text, sys.stdout))
    _print_problems(opened, analysis, sys.stderr)
    return 0


def _columns(keys: list[str]) -> tuple[Column, ...]:
    from cnnstudio.core.columns import COLUMN
    from cnnstudio.core.problem import did_you_mean

    for key in keys:
        if key not in COLUMN:
            hint = did_you_mean(key, list(COLUMN)) or f" The columns are {', '.join(COLUMN)}."
            raise UsageError(f"there is no column '{key}'.{hint}")
    return tuple(COLUMN[key] for key in keys)


def _print(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _has_colour(stream: TextIO) -> bool:
    return stream.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def _coloured(text: str, stream: TextIO) -> str:
    """Bold header and totals, dim rules, red for what is unknown; nothing where the stream is no terminal."""
    if not _has_colour(stream):
        return text
    lines = text.split("\n")
    for i, line in enumerate(lines):
        if line.startswith("─"):
            lines[i] = f"\x1b[2m{line}\x1b[0m"
        elif i in (0, 2) or line.startswith("Total"):
            lines[i] = f"\x1b[1m{line}\x1b[0m"
        else:
            lines[i] = line.replace("unknown", "\x1b[31munknown\x1b[0m")
    return "\n".join(lines)


def _print_problems(opened: _Opened, analysis: Analysis, stream: TextIO) -> None:
    from cnnstudio.reports.text import problem_line

    colours = {"error": "\x1b[31m", "warning": "\x1b[33m"}
    for problem in analysis.problems:
        line = problem_line(problem, opened.source, opened.file.lines.get(problem.path))
        print(f"{colours[problem.severity]}{line}\x1b[0m" if _has_colour(stream) else line, file=stream)


def _explain(words: list[str]) -> int:
    from cnnstudio.reports.text import explain_text

    parser = _design_parser("explain", "The working of every number of one layer: formula, substitution, value.")
    parser.add_argument("layer", help="name of a layer or block, or its path, as stage2[1]/conv3")
    options = parser.parse_args(words)
    opened = _open(options.file)
    analysis = opened.analysis(options.convention)
    _print(explain_text(_find_entry(analysis, options.layer, options.file), analysis))
    return 0


def _find_entry(analysis: Analysis, wanted: str, source: str) -> Entry:
    from cnnstudio.core.lookup import find_entries
    from cnnstudio.core.problem import did_you_mean

    found, names = find_entries(analysis, wanted)
    if len(found) == 1:
        return found[0]
    if found:
        paths = ", ".join(entry.path for entry in found[:5])
        raise UsageError(f"{source}: '{wanted}' is the name of {len(found)} layers; give a path, as one of {paths}.")
    raise UsageError(f"{source}: there is no layer '{wanted}'.{did_you_mean(wanted, names)}")


def _check(words: list[str]) -> int:
    from cnnstudio.formats.fault import FileError

    parser = _Parser("cnnstudio check", description="Problems of design files; exit status 1 if there is an error.")
    parser.add_argument("file", nargs="+", help="design file, or the name of a built-in design")
    parser.add_argument("--convention", choices=("pytorch", "keras", "caffe"), help="count as this framework does")
    options = parser.parse_args(words)
    status = 0
    for source in options.file:
        try:
            status = max(status, _check_one(source, options.convention))
        except (UsageError, FileError) as error:
            print(error, file=sys.stderr)
            status = 2
    return status


def _check_one(source: str, convention: str | None) -> int:
    opened = _open(source)
    analysis = opened.analysis(convention)
    _print_problems(opened, analysis, sys.stdout)
    errors = len(analysis.errors)
    if not analysis.problems:
        print(f"{source}: no problems")
    return 1 if errors else 0


def _designs(words: list[str]) -> int:
    from cnnstudio.core.analysis import analyze
    from cnnstudio.core.numerals import exact
    from cnnstudio.formats.builtin import builtin_paths
    from cnnstudio.formats.design_yaml import read_design
    from cnnstudio.reports.table import display_width

    _Parser("cnnstudio designs", description="The built-in designs.").parse_args(words)
    rows = []
    for stem, path in builtin_paths().items():
        design = read_design(path).design
        rows.append((stem, exact(analyze(design).totals.parameters), design.note.partition("\n")[0] or design.name))
    widths = [max(display_width(row[i]) for row in rows) for i in (0, 1)]
    for stem, parameters, note in rows:
        print(f"{stem:{widths[0]}}  {parameters:>{widths[1]}}  {note}")
    return 0


def _schema(words: list[str]) -> int:
    import msgspec

    from cnnstudio.formats.schema import design_schema

    _Parser("cnnstudio schema", description="The JSON Schema of the design file.").parse_args(words)
    _print(msgspec.json.format(msgspec.json.encode(design_schema()), indent=2).decode() + "\n")
    return 0


COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "summary": _summary,
    "explain": _explain,
    "check": _check,
    "designs": _designs,
    "schema": _schema,
}

if sys.version_info < (3, 11):
    raise SystemExit("CNN Studio needs Python 3.11 or later.")

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cnnstudio.core.analysis import Analysis, Entry
    from cnnstudio.core.columns import Column
    from cnnstudio.formats.design_yaml import DesignFile
