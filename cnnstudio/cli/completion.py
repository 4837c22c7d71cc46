"""Completion of the command line in bash, zsh and fish, made from the parsers of the commands."""

from __future__ import annotations

import re
from argparse import Action
from collections.abc import Callable, Iterator
from typing import Final

from cnnstudio.cli.commands import COMMANDS
from cnnstudio.cli.parsers import command_parsers, options_of, window_parser
from cnnstudio.cli.parsing import CONVENTIONS, Parser
from cnnstudio.formats.builtin import builtin_paths

_LISTED: Final = re.compile(r"\bof: ((?:[\w-]+, )+[\w-]+)")
_BASH: Final = """\
# Completion of cnnstudio in bash, made by `cnnstudio completion bash`.
_cnnstudio() {{
    local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} options= words=
    local designs="{designs}"
    if [ "$COMP_CWORD" -eq 1 ]; then
        options="{options}" words="{commands}"
    fi
    case ${{COMP_WORDS[1]}} in
{cases}
    esac
    case ${{COMP_WORDS[1]}}:$before in
{values}
    esac
    case $word in
    -*) mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word") ;;
    *)  compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -W "$words $designs" -- "$word"; compgen -f -- "$word") ;;
    esac
}}
complete -F _cnnstudio cnnstudio
"""
_ZSH: Final = """\
#compdef cnnstudio
# Completion of cnnstudio in zsh, made by `cnnstudio completion zsh`.
_cnnstudio_designs() {{
    local -a designs
    designs=({designs})
    compadd -a designs
    _files
}}
_cnnstudio() {{
    local -a commands
    commands=({commands})
    if (( CURRENT == 2 )); then
        _describe command commands
        _arguments {options} '*:file:_cnnstudio_designs'
        return
    fi
    local command=$words[2]
    shift words
    (( CURRENT-- ))
    case $command in
{cases}
    esac
}}
_cnnstudio "$@"
"""


def completion_of(shell: str) -> str:
    """The script for one of `SHELLS`."""
    return SHELLS[shell]()


def words_of(action: Action) -> tuple[str, ...]:
    """The words that an option takes, as far as its help lists them."""
    if action.dest == "convention":
        return CONVENTIONS
    listed = _LISTED.search(action.help or "")
    return tuple(listed[1].split(", ")) if listed else ()


def _flags(parser: Parser) -> list[str]:
    return [name for action in options_of(parser) for name in action.option_strings]


def _bash() -> str:
    parsers = command_parsers()
    values = [
        f"    {'|'.join(f'{name}:{flag}' for flag in action.option_strings)})\n"
        f'        mapfile -t COMPREPLY < <(compgen -W "{" ".join(words)}" -- "$word"); return ;;'
        for name, parser in parsers.items()
        for action in options_of(parser)
        if (words := words_of(action))
    ]
    return _BASH.format(
        designs=" ".join(builtin_paths()),
        options=" ".join(_flags(window_parser())),
        commands=" ".join(COMMANDS),
        cases="\n".join(f'    {name}) options="{" ".join(_flags(parser))}" ;;' for name, parser in parsers.items()),
        values="\n".join(values),
    )


def _zsh() -> str:
    cases = [
        f"    {name}) _arguments -s {' '.join(_zsh_options(parser))} '*:file:_cnnstudio_designs' ;;"
        for name, parser in command_parsers().items()
    ]
    return _ZSH.format(
        designs=" ".join(builtin_paths()),
        commands=" ".join(_quoted(f"{name}:{command.help}") for name, command in COMMANDS.items()),
        options=" ".join(_zsh_options(window_parser())),
        cases="\n".join(cases),
    )


def _zsh_options(parser: Parser) -> Iterator[str]:
    for action in options_of(parser):
        said = re.sub(r"([\[\]:\\])", r"\\\1", action.help or "")
        words = words_of(action)
        value = f":{action.metavar or action.dest}:({' '.join(words)})" if words else f":{action.metavar}:_files"
        for flag in action.option_strings:
            yield _quoted(f"*{flag}[{said}]{'' if action.nargs == 0 else value}")


def _fish() -> str:
    lines = ["# Completion of cnnstudio in fish, made by `cnnstudio completion fish`."]
    first = '-n "__fish_is_nth_token 1"'
    lines.append(f'complete -c cnnstudio -a "{" ".join(builtin_paths())}"')
    for name, command in COMMANDS.items():
        lines.append(f"complete -c cnnstudio {first} -a {name} -d {_quoted(command.help)}")
    lines += [f"complete -c cnnstudio {first} {words}" for words in _fish_options(window_parser())]
    for name, parser in command_parsers().items():
        lines += [
            f'complete -c cnnstudio -n "__fish_seen_subcommand_from {name}" {words}' for words in _fish_options(parser)
        ]
    return "\n".join(lines) + "\n"


def _fish_options(parser: Parser) -> Iterator[str]:
    for action in options_of(parser):
        flags = [f"-l {flag[2:]}" if flag.startswith("--") else f"-s {flag[1:]}" for flag in action.option_strings]
        words = words_of(action)
        value = "" if action.nargs == 0 else f' -x -a "{" ".join(words)}"' if words else " -r"
        yield f"{' '.join(flags)}{value} -d {_quoted(action.help or '')}"


def _quoted(text: str) -> str:
    """A word for a shell, in single quotes."""
    return "'" + text.replace("'", "'\\''") + "'"


SHELLS: Final[dict[str, Callable[[], str]]] = {"bash": _bash, "zsh": _zsh, "fish": _fish}
"""The shells for which there is a script, and what writes it."""
