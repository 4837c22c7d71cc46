"""`cnnstudio completion`: the script by which a shell completes the words of a call."""

from __future__ import annotations

from argparse import RawDescriptionHelpFormatter

from cnnstudio.cli.completion import SHELLS, completion_of
from cnnstudio.cli.parsing import Parser, known
from cnnstudio.cli.terminal import print_text

EXAMPLES = """examples:
  source <(cnnstudio completion bash)
  cnnstudio completion zsh > ~/.zfunc/_cnnstudio
  cnnstudio completion fish > ~/.config/fish/completions/cnnstudio.fish"""


def run(words: list[str]) -> int:
    """Prints the script. Raises UsageError for a shell that there is none for."""
    print_text(completion_of(known(command_parser().read(words).shell, tuple(SHELLS), "shell")))
    return 0


def command_parser() -> Parser:
    """The words that it takes."""
    parser = Parser("cnnstudio completion", description="The script by which a shell completes commands and options.")
    parser.epilog, parser.formatter_class = EXAMPLES, RawDescriptionHelpFormatter
    parser.add_words("shell", SHELLS, help=f"one of: {', '.join(SHELLS)}")
    return parser
