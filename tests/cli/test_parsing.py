"""The parsers: one reader of whole numbers for every option that takes one."""

from __future__ import annotations

from argparse import Action
from functools import partial

import pytest

from cnnstudio.cli.failures import UsageError
from cnnstudio.cli.parsers import command_parsers
from cnnstudio.cli.parsing import Parser

WHOLE = {
    ("summary", "--depth", 0, 999),
    ("report", "--depth", 0, 999),
    ("report", "--room", 0, 200),
    ("diagram", "--wrap", 100, 100_000),
    ("memory", "--batch", 1, 1_000_000),
    ("sweep", "--sample", 1, 10**9),
    ("sweep", "--seed", 0, 10**9),
    ("sweep", "--jobs", 1, 256),
    ("scale", "--size", 1, 10**9),
    ("scale", "--multiple", 1, 10**9),
    ("budgets", "--top", 1, 1000),
    ("verify", "--limit", 1, 86_400),
}


@pytest.mark.parametrize(("command", "flag", "least", "most"), sorted(WHOLE))
def test_a_whole_number_is_read_from_its_least_to_its_most(command: str, flag: str, least: int, most: int) -> None:
    parser = command_parsers()[command]
    name = flag.lstrip("-")
    for number in (least, most):
        assert getattr(parser.read([*_given(parser), flag, str(number)]), name) == number
    # Python itself reads many of these as numbers, and refuses the last with a sentence of its own.
    sentence = rf"^{flag} needs a whole number(?: of \w+)? from {least:,} to {most:,}, and received '"
    for word in ("", "many", "+5", "1_0", "\uff15", " 5", "5.0", str(most + 1), "1" * 12 + "9" * 5000):
        with pytest.raises(UsageError, match=sentence):
            parser.read([*_given(parser), flag, word])


def test_no_option_reads_numbers_by_itself() -> None:
    reading = {
        (name, action.option_strings[0], action.type.args[1], action.type.args[2])
        for name, parser in command_parsers().items()
        for action in parser.actions
        if isinstance(action.type, partial) and len(action.type.args) == 4
    }
    assert reading == WHOLE
    for parser in command_parsers().values():
        assert all(action.type is None or isinstance(action.type, partial) for action in parser.actions)


def _given(parser: Parser) -> list[str]:
    """A design where the command needs one."""
    return ["alexnet"] if any(_is_needed(action) for action in parser.actions) else []


def _is_needed(action: Action) -> bool:
    return not action.option_strings and action.nargs in (None, "+")
