"""Completion and the manual page: both are made from the parsers, and shells and man take them."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from cnnstudio.cli.commands import COMMANDS
from cnnstudio.cli.completion import SHELLS, completion_of
from cnnstudio.cli.man_page import man_page
from cnnstudio.cli.parsers import command_parsers
from tests.cli.conftest import Outcome

BASH = """
source {script}
COMP_WORDS=({words}) COMP_CWORD={at}
compopt() {{ :; }}
_cnnstudio
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
Completed = Callable[[str], list[str]]


@pytest.fixture
def completed(tmp_path: Path) -> Completed:
    """The words that bash offers for the last word of a call."""
    script = tmp_path / "completion"
    script.write_text(completion_of("bash"), encoding="utf-8")
    (tmp_path / "my design.yaml").touch()

    def complete(words: str) -> list[str]:
        given = [f"'{word}'" for word in words.split(" ")]
        lines = BASH.format(script=script, words=" ".join(given), at=len(given) - 1)
        return [line for line in ran("bash", "-c", lines, cwd=tmp_path).splitlines() if line]

    return complete


def ran(*words: str, cwd: Path) -> str:
    return subprocess.run(words, cwd=cwd, check=True, capture_output=True, text=True, timeout=60).stdout


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_bash_completes_commands_options_words_designs_and_files(completed: Completed) -> None:
    assert completed("cnnstudio su") == ["summary"]
    assert completed("cnnstudio --v") == ["--version"]
    assert completed("cnnstudio summary --fo") == ["--format"]
    assert completed("cnnstudio export x --to k") == ["keras", "keras-json"]
    assert completed("cnnstudio summary lenet-5") == ["lenet-5", "lenet-5-modern"]
    assert completed("cnnstudio check my") == ["my design.yaml"]
    assert completed("cnnstudio completion ") == ["bash", "zsh", "fish"]


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_bash_offers_for_the_value_of_an_option_what_it_takes_and_nothing_else(completed: Completed) -> None:
    assert completed("cnnstudio memory x --optimizer a") == ["adam", "adamw"]
    assert completed("cnnstudio memory x --mode ") == ["train", "inference"]
    assert completed("cnnstudio memory x --format = j") == ["json"]
    assert completed("cnnstudio report x --theme ") == ["auto", "light", "dark"]
    for number in ("memory x --batch", "summary x --depth", "sweep x --jobs", "scale x --width"):
        assert completed(f"cnnstudio {number} ") == []
    assert sorted(completed("cnnstudio scale x -o ")) == ["completion", "my design.yaml"]
    assert completed("cnnstudio scale x -o = my") == ["my design.yaml"]
    # What may be left out may be followed by a design.
    assert {"volumes", "alexnet", "my design.yaml"} <= set(completed("cnnstudio report --diagram "))
    assert completed("cnnstudio schema ") == []


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_offer_words_files_and_nothing_by_the_parser(shell: str) -> None:
    script = completion_of(shell)
    parts = {
        "zsh": (":NAME:(sgd momentum adam adamw)'", ":DESIGN:_files'", ":N: '", "'*:word:(bash zsh fish)'"),
        "fish": ('-l optimizer -r -f -a "sgd momentum adam adamw"', "-s o -l output -r -F -d", "-l batch -r -f -d"),
    }
    assert [part for part in parts[shell] if part not in script] == []


def test_every_value_of_an_option_is_offered_or_free() -> None:
    """The default of an option is one of the words that are offered for it."""
    for parser in command_parsers().values():
        for action in parser.actions:
            offer = parser.offers.get(action.dest)
            if isinstance(offer, tuple) and isinstance(action.default, str):
                assert action.default in offer


@pytest.mark.skipif(shutil.which("fish") is None, reason="there is no fish")
def test_fish_completes_options_and_words(tmp_path: Path) -> None:
    (tmp_path / "cnnstudio.fish").write_text(completion_of("fish"), encoding="utf-8")
    for words, wanted in (("cnnstudio export --t", "--to"), ("cnnstudio compl", "completion")):
        asked = f"source cnnstudio.fish; complete -C '{words}'"
        offered = ran("fish", "--no-config", "-c", asked, cwd=tmp_path).splitlines()
        assert [line.partition("\t")[0] for line in offered] == [wanted]


@pytest.mark.parametrize("shell", SHELLS)
def test_every_command_and_option_is_offered(shell: str) -> None:
    script = completion_of(shell)
    for name, parser in command_parsers().items():
        assert name in script
        for action in parser.actions:
            for flag in action.option_strings:
                wanted = f"-l {flag[2:]}" if shell == "fish" and flag.startswith("--") else flag
                assert wanted in script or f"-s {flag[1:]}" in script
    if shutil.which(shell):
        assert subprocess.run([shell, "-n"], input=script, text=True, timeout=60, check=False).returncode == 0


def test_a_shell_that_there_is_none_for_is_refused(run: Callable[..., Outcome]) -> None:
    refused = run("completion", "fisch")
    assert refused.status == 2
    assert refused.err == "cnnstudio: there is no shell 'fisch'. Did you mean 'fish'?\n"
    assert run("completion", "zsh").out.startswith("#compdef cnnstudio\n")


def test_the_manual_page_has_every_command_and_no_line_that_roff_would_obey() -> None:
    page = man_page()
    for name in COMMANDS:
        assert f"\n.SS {name}\n" in page
    assert "\n.TP\n.B 1\ncompare: \\-\\-exit\\-code is given and the designs differ; budgets: a budget is br" in page
    assert "import: the source holds a number that does not fit\n.TP\n.B 2\nbad input" in page
    assert {line.split()[0] for line in page.splitlines() if line.startswith((".", "'"))} == {
        *(".TH", ".SH", ".SS", ".TP", ".PP", ".B", ".I", ".br")
    }
