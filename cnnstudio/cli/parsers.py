"""The parsers of all commands, for what tells of them: help, manual, manual page and completion."""

from __future__ import annotations

from argparse import Action, ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Iterator
from importlib import import_module
from typing import Final, NoReturn

from cnnstudio.cli.commands import COMMANDS
from cnnstudio.cli.parsing import Parser
from cnnstudio.cli.terminal import print_text
from cnnstudio.version import versions

DESCRIPTION: Final = "Design convolutional networks and see at once what they cost."


class _TellVersions(Action):
    """Prints the versions and ends the program; they are looked up when they are asked for."""

    def __call__(self, parser: ArgumentParser, *_: object) -> NoReturn:
        print_text("\n".join(versions()) + "\n")
        parser.exit()


def window_parser() -> Parser:
    """The parser of a call without a command, which opens the window."""
    parser = Parser(
        "cnnstudio", description=DESCRIPTION, epilog=_commands_help(), formatter_class=RawDescriptionHelpFormatter
    )
    parser.add_argument("--version", action=_TellVersions, nargs=0, help="the versions of the program and its parts")
    parser.add_argument(
        "--window", action="store_true", help="say in a window, not on standard error, why FILE cannot be opened"
    )
    parser.add_design("?", "design file, or the name of a built-in design")
    return parser


def _commands_help() -> str:
    """The commands, one a line, as the help ends."""
    calls = {f"{name} {command.words}".rstrip(): command.help for name, command in COMMANDS.items()}
    width = max(map(len, calls))
    lines = [f"  {call.ljust(width)}   {text}" for call, text in calls.items()]
    heading = "commands (type `cnnstudio COMMAND --help` for more):"
    return "\n".join([heading, *lines, "", "Without a command, the window opens, on FILE if one is given."])


def command_parsers() -> dict[str, Parser]:
    """The parser of every command by its name."""
    return {
        name: import_module(f"cnnstudio.cli.commands.{command.module}").command_parser()
        for name, command in COMMANDS.items()
    }


def options_of(parser: Parser) -> Iterator[Action]:
    """The options of a parser, `--help` the last."""
    options = [action for action in parser.actions if action.option_strings]
    yield from sorted(options, key=lambda action: action.dest == "help")


def call_of(action: Action) -> str:
    """An option as one types it: `-o FILE, --output FILE`."""
    value = "" if action.nargs == 0 else f" {action.metavar or action.dest.upper()}"
    value = f"[{value.strip()}]".join((" ", "")) if action.nargs == "?" else value
    return ", ".join(f"{name}{value}" for name in action.option_strings)


def usage_of(parser: Parser) -> str:
    """The call in one line, `cnnstudio explain [options] file [layer]`."""
    words = [parser.prog, "[options]"]
    for action in parser.actions:
        if not action.option_strings:
            words.append(
                {"?": f"[{action.dest}]", "*": f"[{action.dest}...]", "+": f"{action.dest}..."}.get(
                    str(action.nargs), action.dest
                )
            )
    return " ".join(words)
