"""The command-line parser of every command: argparse, with one sentence and a near miss for what is not right."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, Literal, NoReturn

from cnnstudio.cli.commands import COMMANDS
from cnnstudio.cli.failures import UsageError
from cnnstudio.core.arithmetic.numerals import whole_number

CONVENTIONS = ("pytorch", "keras", "caffe")
DESIGN_HELP = "design file, or the name of a built-in design; - is standard input"
Offer = tuple[str, ...] | Literal["designs", "files"]
"""The offer of a shell for a value: words, built-in designs and files, or files."""


def exit_statuses(name: str = "") -> list[tuple[int, str]]:
    """The exit statuses of a command, or of all, and what each means."""
    if name in COMMANDS:
        finding = COMMANDS[name].finding
    else:
        finding = "; ".join(f"{name}: {command.finding}" for name, command in COMMANDS.items() if command.finding)
    found = [(1, finding)] if finding else []
    return [(0, "all is well"), *found, (2, "bad input, told on standard error"), (130, "interrupted")]


class Parser(argparse.ArgumentParser):
    """A parser that raises UsageError instead of ending the program."""

    def __init__(self, prog: str, **settings: Any) -> None:
        super().__init__(prog, **settings)
        self.offers: dict[str, Offer] = {}

    def add_design(self, nargs: str | None = None, help: str = DESIGN_HELP) -> None:
        """Adds the argument `file`, which is a design."""
        self.add_argument("file", nargs=nargs, help=help)
        self.offers["file"] = "designs"

    def add_file(self, *flags: str, **settings: Any) -> None:
        """Adds an option whose value is the name of a file."""
        self.offers[self.add_argument(*flags, **settings).dest] = "files"

    def add_output(self, *flags: str, **settings: Any) -> None:
        """Adds an option whose value is the name of a file to write, never of a folder."""
        self.add_file(*flags, type=partial(_file_to_write, flags[0]), **settings)

    def add_words(self, flag: str, words: Iterable[str], **settings: Any) -> None:
        """Adds an option whose value is made of words; what else it may be is for the command to say."""
        self.offers[self.add_argument(flag, **settings).dest] = tuple(words)

    def add_choice(self, flag: str, choices: Iterable[str], what: str = "", **settings: Any) -> None:
        """Adds an option whose value is one of these; `what` is the noun for them, else the option's own."""
        names = tuple(choices)
        check = partial(known, choices=names, what=what or flag.lstrip("-"))
        self.offers[self.add_argument(flag, type=check, **settings).dest] = names

    def add_whole(self, flag: str, least: int, most: int, unit: str = "", **settings: Any) -> None:
        """Adds an option whose value is a whole number, of a unit if one is named."""
        self.add_argument(flag, type=partial(_whole, flag, least, most, unit), **{"metavar": "N", **settings})

    @property
    def actions(self) -> tuple[argparse.Action, ...]:
        """The declared options and arguments, for what tells of them."""
        return tuple(self._actions)

    def format_help(self) -> str:
        """The help, with the exit statuses at its end."""
        statuses = "\n".join(f"  {number:<5}{meaning}" for number, meaning in exit_statuses(self.prog.split()[-1]))
        return f"{super().format_help()}\nexit status:\n{statuses}\n"

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}. Type `{self.prog} --help` for help.")

    def read(self, words: Sequence[str]) -> argparse.Namespace:
        """The options; UsageError, with a near miss named, for what is too much."""
        # argparse's own message lists all that is left over, and names no near miss. Intermixed: options may stand
        # between a file and what follows it.
        options, rest = self.parse_known_intermixed_args(words)
        unknown = next((word for word in rest if word.startswith("-")), None)
        if unknown is not None:
            self.error(f"there is no option '{unknown}'{_near(unknown, self._option_string_actions)}")
        if rest:
            self.error(f"'{rest[0]}' is one argument too many")
        return options


def _near(word: str, options: Iterable[str]) -> str:
    """`; did you mean '--expand'?` without its question mark, for a sentence that goes on."""
    from cnnstudio.core.network.problem import did_you_mean

    hint = did_you_mean(word, list(options)).rstrip("?")
    return f"; {hint[1].lower()}{hint[2:]}" if hint else ""


def design_parser(command: str, description: str) -> Parser:
    """The parser of a command that counts designs, by a convention of the user's choice."""
    parser = Parser(f"cnnstudio {command}", description=description)
    parser.add_choice(
        "--convention", CONVENTIONS, metavar="NAME", help="pytorch, keras or caffe; else as the file says"
    )
    return parser


def add_depth(parser: Parser) -> None:
    """Adds `--depth`, the number of levels of blocks that are opened."""
    parser.add_whole("--depth", 0, 999, help="levels of blocks that are opened; 0 shows every block as one line")


def _whole(flag: str, least: int, most: int, unit: str, word: str) -> int:
    number = whole_number(word, least, most)
    if number is None:
        of = f" of {unit}" if unit else ""
        raise UsageError(f"{flag} needs a whole number{of} from {least:,} to {most:,}, and received '{word}'.")
    return number


def _file_to_write(flag: str, word: str) -> str:
    """The word, if a file could be written there; UsageError for a folder, and where there is none to write to."""
    folder, name = os.path.split(word)
    if not word:
        raise UsageError(f"{flag} needs the name of a file, and received nothing.")
    if name in ("", os.curdir, os.pardir) or os.path.isdir(word):
        raise UsageError(f"{flag} needs the name of a file, and received '{word}', which is that of a folder.")
    if folder and not os.path.isdir(folder):
        why = f"'{folder}' is not a folder" if os.path.lexists(folder) else f"there is no folder '{folder}'"
        raise UsageError(f"{word} cannot be written: {why}.")
    return word


def known(word: str, choices: Sequence[str], what: str) -> str:
    """The word, if it is one of the choices; else UsageError with a near miss, or with all there are."""
    from cnnstudio.core.network.problem import require_known

    try:
        return require_known(word, choices, what)
    except ValueError as error:
        raise UsageError(str(error)) from None
