"""The parsers: one reader of whole numbers for every option that takes one."""

from __future__ import annotations

import re
from argparse import Action
from functools import partial
from pathlib import Path

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


WRITING = sorted(name for name, parser in command_parsers().items() if "-o" in parser._option_string_actions)
TAKES_FOLDERS = ("report", "compare")


@pytest.mark.parametrize("command", [name for name in WRITING if name not in TAKES_FOLDERS])
def test_a_folder_is_never_taken_for_the_name_of_a_file(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("kept")
    (tmp_path / "folder").mkdir()
    parser = command_parsers()[command]
    words = {
        "": "-o needs the name of a file, and received nothing.",
        **dict.fromkeys(("none/", "none/.", "folder", "folder/", "file/", ".."), "which is that of a folder"),
        "none/a": "there is no folder 'none'",
        "file/a": "'file' is not a folder",
    }
    for word, sentence in words.items():
        with pytest.raises(UsageError, match=re.escape(sentence)):
            parser.read([*_given(parser), "-o", word])
    for word in ("-", "new", "folder/new", "file", str(tmp_path / "new")):
        assert parser.read([*_given(parser), "-o", word]).output == word


def test_commands_that_write_are_known() -> None:
    assert set(TAKES_FOLDERS) < set(WRITING)
    assert {"scale", "budgets", "export", "diagram", "sweep", "import"} < set(WRITING)
