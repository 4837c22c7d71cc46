"""The manual page `cnnstudio(1)`, made from the parsers of the commands."""

from __future__ import annotations

from collections.abc import Iterator

from cnnstudio.cli.commands import COMMANDS
from cnnstudio.cli.parsers import DESCRIPTION, call_of, command_parsers, options_of, usage_of, window_parser
from cnnstudio.cli.parsing import Parser, exit_statuses
from cnnstudio.version import __version__


def man_page() -> str:
    """The page in the macros of man, for `man` to show."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield f'.TH CNNSTUDIO 1 "" "CNN Studio {__version__}" "User Commands"'
    yield from (".SH NAME", f"cnnstudio \\- {_text('designer of convolutional networks')}")
    yield from (".SH SYNOPSIS", ".B cnnstudio", "[options] [file]", ".br", ".B cnnstudio", "command [options] ...")
    yield from (".SH DESCRIPTION", _text(DESCRIPTION))
    yield from (".PP", "Without a command the window opens, on the file if one is given. The commands print.")
    yield ".SH OPTIONS"
    yield from _words(window_parser())
    yield ".SH COMMANDS"
    for name, parser in command_parsers().items():
        yield from (f".SS {_text(name)}", f"{_text(COMMANDS[name].help)}.", ".PP", f".B {_text(usage_of(parser))}")
        yield from _words(parser)
    yield ".SH EXIT STATUS"
    for number, meaning in exit_statuses():
        yield from (".TP", f".B {number}", _text(meaning))
    yield ".SH FILES"
    yield from (".TP", ".I ~/.config/CNNStudio/settings.json", "the settings of the user")
    yield from (".TP", ".I /etc/xdg/CNNStudio/settings.json", "defaults and locks for all users of the machine")


def _words(parser: Parser) -> Iterator[str]:
    """The arguments and options, each with its meaning."""
    given = [(action.dest, action.help or "") for action in parser.actions if not action.option_strings]
    for word, said in (*given, *((call_of(action), action.help or "") for action in options_of(parser))):
        yield from (".TP", f".B {_text(word)}", _text(said))


def _text(text: str) -> str:
    """Text for roff: no sign in it means anything, and no line begins as a macro would."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{escaped}" if escaped[:1] in (".", "'") else escaped
