"""The chapter of the manual on the command line, made from the parsers: a page a command."""

from __future__ import annotations

from functools import partial
from typing import Final

from cnnstudio.cli.commands import COMMANDS
from cnnstudio.cli.parsers import DESCRIPTION, call_of, command_parsers, options_of, usage_of, window_parser
from cnnstudio.cli.parsing import Parser, exit_statuses
from cnnstudio.manual.page import Page, code, table

CHAPTER: Final = "Command line"


def command_pages() -> tuple[Page, ...]:
    """The list of all commands, and the page of each."""
    pages = [
        Page(f"commands/{name}.md", f"cnnstudio {name}", CHAPTER, partial(_command_text, name)) for name in COMMANDS
    ]
    return (Page("commands/README.md", "All commands", CHAPTER, _index_text), *pages)


def _index_text() -> str:
    rows = [(f"[{code(f'cnnstudio {name}')}]({name}.md)", command.help) for name, command in COMMANDS.items()]
    return "\n\n".join(
        (
            "# All commands",
            f"{DESCRIPTION} `cnnstudio` opens the window, `cnnstudio FILE` a design in it; the commands print, and "
            "need no display. Their names, and those of built-in designs, work in any case.",
            table(("command", "what it gives"), rows),
            "## Exit status",
            _statuses(),
            "## Opening the window",
            *_calls(window_parser()),
            "",
        )
    )


def _command_text(name: str) -> str:
    parser = command_parsers()[name]
    examples = [f"```\n{parser.epilog.strip()}\n```"] if parser.epilog else []
    parts = (f"# cnnstudio {name}", parser.description or "", *_calls(parser), *examples, _statuses(name), "")
    return "\n\n".join(parts)


def _statuses(name: str = "") -> str:
    return table(("exit status", "what it means"), [(str(number), said) for number, said in exit_statuses(name)])


def _calls(parser: Parser) -> list[str]:
    """The call in one line, and a table of its words."""
    given = [(code(action.dest), action.help or "") for action in parser.actions if not action.option_strings]
    given += [(code(call_of(action)), action.help or "") for action in options_of(parser)]
    return [f"```\n{usage_of(parser)}\n```", table(("word", "what it says"), given)]
