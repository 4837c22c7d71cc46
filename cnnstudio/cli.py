"""The command line: `cnnstudio [FILE]` opens the window; the subcommands print, and never load Qt.

Exit status: 0 if all is well, 1 if `check` found errors, 2 for bad input (one sentence on standard error).
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any, NoReturn, TextIO

from cnnstudio import __version__

DESCRIPTION = "Design convolutional networks and see at once what they cost."
COMMANDS_HELP = """commands (type `cnnstudio COMMAND --help` for more):
  summary FILE           the layer table: shapes, weights, biases, parameters, MACs
  explain FILE [LAYER]   the working of every number of a layer, or of the totals
  check FILE...          problems; exit status 1 if there is an error
  designs                the built-in designs; their names work wherever a file does
  schema                 the JSON Schema of the design file

Without a command, the window opens, on FILE if one is given."""

CONVENTIONS = ("pytorch", "keras", "caffe")
STYLES = {
    "title": "\x1b[1m",
    "header": "\x1b[1m",
    "block": "\x1b[1m",
    "total": "\x1b[1m",
    "rule": "\x1b[2m",
    "unknown": "\x1b[31m",
    "error": "\x1b[31m",
    "warning": "\x1b[33m",
}
"""How a terminal shows the styles of a report."""


class UsageError(Exception):
    """The command line is not right; the text is the sentence for the user."""


class BadFile(Exception):
    """A design file is not right; the lines name it and the places in it."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))


class OutputError(Exception):
    """The output cannot be written; the text is the sentence for the user."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}. Type `{self.prog} --help` for help.")

    def parse_args(self, words: Sequence[str]) -> argparse.Namespace:  # type: ignore[override]
        """The options; UsageError, with a near miss named, for what is too much."""
        options, rest = self.parse_known_args(words)
        unknown = next((word for word in rest if word.startswith("-")), None)
        if unknown is not None:
            self.error(f"there is no option '{unknown}'{_near(unknown, self._option_string_actions)}")
        if rest:
            self.error(f"'{rest[0]}' is one argument too many")
        return options


def _near(word: str, known: Any) -> str:
    """`; did you mean '--expand'?` without its question mark, for a sentence that goes on."""
    from cnnstudio.core.problem import did_you_mean

    hint = did_you_mean(word, list(known)).rstrip("?")
    return f"; {hint[1].lower()}{hint[2:]}" if hint else ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit status."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        return _run(words)
    except BadFile as error:
        print(error, file=sys.stderr)
    except UsageError as error:
        print(f"cnnstudio: {_one_line(str(error))}", file=sys.stderr)
    except OutputError as error:
        _drop_output()
        print(f"cnnstudio: {error}", file=sys.stderr)
    except BrokenPipeError:
        # The reader of our output, such as `head`, has had enough.
        _drop_output()
        return 0
    except KeyboardInterrupt:
        return 130
    return 2


def _drop_output() -> None:
    """Sends what is still to be written nowhere; Python would complain once more when it exits."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _one_line(text: str) -> str:
    from cnnstudio.formats.fault import one_line

    return one_line(text)


def _run(words: list[str]) -> int:
    command = COMMANDS.get(words[0]) if words else None
    if command is not None:
        return command(words[1:])
    parser = _Parser("cnnstudio", description=DESCRIPTION, epilog=COMMANDS_HELP, formatter_class=_raw_help())
    parser.add_argument("--version", action="version", version=f"CNN Studio {__version__}")
    parser.add_argument("file", nargs="?", help="design file, or the name of a built-in design")
    if words and not words[0].startswith("-"):
        _require_file_or_command(words)
    return _window(parser.parse_args(words).file)


def _require_file_or_command(words: list[str]) -> None:
    """UsageError if the first word is meant as a command that there is not."""
    from cnnstudio.core.problem import did_you_mean
    from cnnstudio.formats.builtin import find_builtin

    word = words[0]
    if os.path.exists(word) or find_builtin(word) is not None:
        return
    if len(words) > 1 or did_you_mean(word, list(COMMANDS)):
        _known(word, tuple(COMMANDS), "command")


def _raw_help() -> type[argparse.HelpFormatter]:
    return argparse.RawDescriptionHelpFormatter


def _window(source: str | None) -> int:
    """Opens the window; with no display, says so and prints the summary."""
    if not _has_display():
        print("cnnstudio: there is no display, so the window cannot open.", file=sys.stderr)
        if source is None:
            print("cnnstudio: type `cnnstudio --help` for the commands that print.", file=sys.stderr)
            return 2
        return _summary([source])
    if source is not None:
        _open(source)
    # What a start makes stays: looking for garbage in it takes a tenth of the time. The window turns it on again.
    gc.disable()
    from cnnstudio.app.application import run

    return run(source)


def _has_display() -> bool:
    if sys.platform in ("win32", "darwin") or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


# What the commands share


class _Opened:
    """A design file with what the user called it."""

    def __init__(self, source: str, file: DesignFile) -> None:
        self.source = source
        self.file = file

    def analysis(self, convention: str | None) -> Analysis:
        from cnnstudio.core.analysis import analyze
        from cnnstudio.core.convention import CONVENTIONS

        return analyze(self.file.design, CONVENTIONS[convention] if convention else None)


def _open(source: str) -> _Opened:
    from cnnstudio.formats.builtin import open_design
    from cnnstudio.formats.fault import FileError

    try:
        return _Opened(source, open_design(source))
    except FileError as error:
        raise BadFile(error.lines()) from None


def _parser(command: str, description: str) -> _Parser:
    parser = _Parser(f"cnnstudio {command}", description=description)
    parser.add_argument(
        "--convention", type=_convention, metavar="NAME", help="pytorch, keras or caffe; else as the file says"
    )
    return parser


def _convention(word: str) -> str:
    return _known(word, CONVENTIONS, "convention")


def _known(word: str, known: Sequence[str], what: str) -> str:
    """The word, if it is known; else UsageError with a near miss, or with all there are."""
    from cnnstudio.core.problem import did_you_mean

    if word in known:
        return word
    hint = did_you_mean(word, list(known)) or f" There are: {', '.join(known)}."
    raise UsageError(f"there is no {what} '{word}'.{hint}")


def _print(text: str) -> None:
    try:
        print(text, end="", flush=True)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(f"the output cannot be written: {error.strerror}.") from None


def _has_colour(stream: TextIO | None) -> bool:
    if stream is None or "NO_COLOR" in os.environ or os.environ.get("TERM") == "dumb":
        return False
    return stream.isatty()


def _paint(style: str, text: str) -> str:
    """The text in the look of a style of the reports, for a terminal."""
    return f"{STYLES[style]}{text}\x1b[0m" if style in STYLES else text


def _painter(stream: TextIO | None) -> Paint:
    from cnnstudio.reports.table import unpainted

    return _paint if _has_colour(stream) else unpainted


def _problem_lines(opened: _Opened, analysis: Analysis, paint: Paint) -> list[str]:
    """The problems, one a line, in the order of the file."""
    from cnnstudio.reports.text import problem_line

    lines = opened.file.lines
    problems = sorted(analysis.problems, key=lambda problem: lines.get(problem.path, 0))
    texts = [(one, problem_line(one, opened.source, lines.get(one.path))) for one in problems]
    return [
        text.replace(f" {one.severity}: ", f" {paint(one.severity, f'{one.severity}:')} ", 1) for one, text in texts
    ]


# The commands


def _summary(words: list[str]) -> int:
    from cnnstudio.core.columns import COLUMN, SUMMARY_COLUMNS
    from cnnstudio.reports.summary import FORMATS, Wish

    parser = _parser("summary", "The layer table: shapes, weights, biases, parameters, MACs.")
    parser.add_argument("file", help="design file, or the name of a built-in design")
    parser.add_argument("--columns", metavar="A,B,...", help=f"columns to show, of: {', '.join(COLUMN)}")
    parser.add_argument("--expand", action="store_true", help="every layer of every repeat of every block")
    forms = ", ".join(FORMATS)
    parser.add_argument("--format", default="text", metavar="FORM", help=f"{forms}; json and csv are always expanded")
    options = parser.parse_args(words)
    form = FORMATS[_known(options.format, tuple(FORMATS), "format")]
    wanted = options.columns.split(",") if options.columns is not None else SUMMARY_COLUMNS
    columns = tuple(COLUMN[_known(key.strip(), tuple(COLUMN), "column")] for key in wanted)
    opened = _open(options.file)
    analysis = opened.analysis(options.convention)
    try:
        text = form(analysis, Wish(columns, options.expand, opened.file.lines, _painter(sys.stdout)))
    except ValueError as error:
        raise UsageError(f"{options.file}: {error}.") from None
    _print(text)
    for line in _problem_lines(opened, analysis, _painter(sys.stderr)):
        print(line, file=sys.stderr)
    return 0


def _explain(words: list[str]) -> int:
    from cnnstudio.reports.explanation import explain_latex, explain_text

    parser = _parser("explain", "The working of every number: formula, substitution, value.")
    parser.add_argument("--latex", action="store_true", help="as LaTeX, for a document that uses amsmath")
    parser.add_argument("file", help="design file, or the name of a built-in design")
    parser.add_argument("layer", nargs="?", help="name of a layer or block, or its path; the totals if left out")
    options = parser.parse_args(words)
    analysis = _open(options.file).analysis(options.convention)
    entry = None if options.layer is None else _find_entry(analysis, options.layer, options.file)
    _print(explain_latex(entry, analysis) if options.latex else explain_text(entry, analysis, _painter(sys.stdout)))
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
    hint = did_you_mean(wanted, names) or f" Type `cnnstudio summary {source}` for a list."
    raise UsageError(f"{source}: there is no layer '{wanted}'.{hint}")


def _check(words: list[str]) -> int:
    parser = _parser("check", "Problems of design files; exit status 1 if there is an error.")
    parser.add_argument("file", nargs="+", help="design file, or the name of a built-in design")
    options = parser.parse_args(words)
    status = 0
    for source in options.file:
        try:
            status = max(status, _check_one(source, options.convention))
        except BadFile as error:
            print(error, file=sys.stderr)
            status = 2
    return status


def _check_one(source: str, convention: str | None) -> int:
    opened = _open(source)
    analysis = opened.analysis(convention)
    for line in _problem_lines(opened, analysis, _painter(sys.stdout)):
        _print(f"{line}\n")
    errors, problems = len(analysis.errors), len(analysis.problems)
    counts = [_counted(errors, "error"), _counted(problems - errors, "warning")]
    _print(f"{_one_line(source)}: {', '.join(filter(None, counts)) or 'no problems'}\n")
    return 1 if errors else 0


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}" if number else ""


def _designs(words: list[str]) -> int:
    from cnnstudio.formats.builtin import builtin_paths
    from cnnstudio.reports.gallery import gallery_text

    _Parser("cnnstudio designs", description="The built-in designs.").parse_args(words)
    designs = {stem: _open(str(path)).file.design for stem, path in builtin_paths().items()}
    _print(gallery_text(designs, _painter(sys.stdout)))
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

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cnnstudio.core.analysis import Analysis
    from cnnstudio.core.rows import Entry
    from cnnstudio.formats.design_yaml import DesignFile
    from cnnstudio.reports.table import Paint
