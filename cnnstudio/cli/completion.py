"""Completion of the command line in bash, zsh and fish, made from the parsers of the commands."""

from __future__ import annotations

import re
from argparse import Action
from collections.abc import Callable, Iterator
from typing import Final

from cnnstudio.cli.commands import COMMANDS
from cnnstudio.cli.parsers import command_parsers, options_of, window_parser
from cnnstudio.cli.parsing import Offer, Parser
from cnnstudio.formats.builtin import builtin_paths

_BASH: Final = """\
# Completion of cnnstudio in bash, made by `cnnstudio completion bash`.
_cnnstudio() {{
    local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}}
    local designs="{designs}" options= words= files=1
    # Bash takes --option=value for three words.
    if [ "$word" = "=" ]; then
        word=
    elif [ "$before" = "=" ]; then
        before=${{COMP_WORDS[COMP_CWORD-2]}}
    fi
    if [ "$COMP_CWORD" -eq 1 ]; then
        options="{options}" words="{commands} $designs"
    fi
    case ${{COMP_WORDS[1]}} in
{cases}
    esac
    case ${{COMP_WORDS[1]}}:$before in
{values}
    esac
    case $word in
    -*) mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word"); return ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word"; [ -z "$files" ] || compgen -f -- "$word")
    [ -z "$files" ] || compopt -o filenames
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


def _given(parser: Parser) -> Offer | None:
    """The offer for the words of a call that are no options."""
    return next((_offer(parser, action) for action in parser.actions if not action.option_strings), None)


def _offer(parser: Parser, action: Action) -> Offer | None:
    """The offer for the value of an option or an argument; None for a value that nobody can guess."""
    return parser.offers.get(action.dest)


def _flags(parser: Parser) -> list[str]:
    return [name for action in options_of(parser) for name in action.option_strings]


def _bash() -> str:
    parsers = command_parsers()
    cases = [
        f'    {name}) options="{" ".join(_flags(parser))}" {_bash_words(_given(parser))} ;;'
        for name, parser in parsers.items()
    ]
    values = [
        f"    {'|'.join(f'{name}:{flag}' for flag in action.option_strings)})\n"
        f"        {_bash_words(_offer(parser, action), or_next=action.nargs == '?')} ;;"
        for name, parser in parsers.items()
        for action in options_of(parser)
        if action.nargs != 0
    ]
    return _BASH.format(
        designs=" ".join(builtin_paths()),
        options=" ".join(_flags(window_parser())),
        commands=" ".join(COMMANDS),
        cases="\n".join(cases),
        values="\n".join(values),
    )


def _bash_words(offer: Offer | None, *, or_next: bool = False) -> str:
    """The setting of the offered words; with `or_next` besides those before, as the value may be left out."""
    kept = "$words " if or_next else ""
    if isinstance(offer, tuple):
        return f'words="{kept}{" ".join(offer)}"{"" if or_next else " files="}'
    if offer is None:
        return ":" if or_next else "words= files="
    return f'words="{kept}{"$designs" if offer == "designs" else ""}" files=1'


def _zsh() -> str:
    cases = [
        f"    {name}) _arguments -s {' '.join([*_zsh_options(parser), *_zsh_given(parser)])} ;;"
        for name, parser in command_parsers().items()
    ]
    return _ZSH.format(
        designs=" ".join(builtin_paths()),
        commands=" ".join(_quoted(f"{name}:{command.help}") for name, command in COMMANDS.items()),
        options=" ".join(_zsh_options(window_parser())),
        cases="\n".join(cases),
    )


def _zsh_given(parser: Parser) -> Iterator[str]:
    offer = _given(parser)
    if offer is not None:
        yield _quoted(f"*:word:{_zsh_words(offer)}")


def _zsh_options(parser: Parser) -> Iterator[str]:
    for action in options_of(parser):
        said = re.sub(r"([\[\]:\\])", r"\\\1", action.help or "")
        colons = "::" if action.nargs == "?" else ":"
        value = f"{colons}{action.metavar or action.dest}:{_zsh_words(_offer(parser, action))}"
        for flag in action.option_strings:
            yield _quoted(f"*{flag}[{said}]{'' if action.nargs == 0 else value}")


def _zsh_words(offer: Offer | None) -> str:
    if isinstance(offer, tuple):
        return f"({' '.join(offer)})"
    return {"designs": "_cnnstudio_designs", "files": "_files", None: " "}[offer]


def _fish() -> str:
    lines = ["# Completion of cnnstudio in fish, made by `cnnstudio completion fish`."]
    first = '-n "__fish_is_nth_token 1"'
    lines.append(f'complete -c cnnstudio {first} -a "{" ".join(builtin_paths())}"')
    for name, command in COMMANDS.items():
        lines.append(f"complete -c cnnstudio {first} -a {name} -d {_quoted(command.help)}")
    lines += [f"complete -c cnnstudio {first} {words}" for words in _fish_options(window_parser())]
    for name, parser in command_parsers().items():
        words = [*_fish_options(parser), *_fish_words(_given(parser))]
        lines += [f'complete -c cnnstudio -n "__fish_seen_subcommand_from {name}" {word}' for word in words]
    return "\n".join(lines) + "\n"


def _fish_options(parser: Parser) -> Iterator[str]:
    for action in options_of(parser):
        flags = [f"-l {flag[2:]}" if flag.startswith("--") else f"-s {flag[1:]}" for flag in action.option_strings]
        value = [] if action.nargs in (0, "?") else ["-r", *_fish_words(_offer(parser, action))]
        yield " ".join((*flags, *value, f"-d {_quoted(action.help or '')}"))


def _fish_words(offer: Offer | None) -> list[str]:
    words = builtin_paths() if offer == "designs" else offer if isinstance(offer, tuple) else ()
    listed = f' -a "{" ".join(words)}"' if words else ""
    return [f"{'-F' if offer in ('designs', 'files') else '-f'}{listed}"]


def _quoted(text: str) -> str:
    """A word for a shell, in single quotes."""
    return "'" + text.replace("'", "'\\''") + "'"


SHELLS: Final[dict[str, Callable[[], str]]] = {"bash": _bash, "zsh": _zsh, "fish": _fish}
"""The shells for which there is a script, and what writes it."""
