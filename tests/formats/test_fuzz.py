"""Whatever a text is, it is a design or it is refused: nothing else ever comes out of the reader."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.core.counting.analysis import analyze
from cnnstudio.formats.builtin import builtin_paths
from cnnstudio.formats.design_yaml import decode, design_text, parse_design, parse_items
from cnnstudio.formats.fault import FileError
from tests.places import FILES

Outcome = TypeVar("Outcome")
V1 = FILES / "v1"
PARTS = (
    *("[", "]", "{", "}", ": ", ", ", "- ", "\n", "\n  ", "'", '"', "#", " #", "|", ">", "&a ", "*a", "!!int ", "? "),
    *(
        "0",
        "-1",
        "1e999",
        ".nan",
        "null",
        "true",
        "type: Conv2D",
        "type: Block",
        "inputs: [input]",
        "layers:",
        "repeat: 9",
    ),
    *("\t", "\r", "\0", "\x85", "\u2028", "\ufeff", "😀", "---\n", "...\n", "%YAML 1.1\n", "<<: ", "cnnstudio: 1\n"),
)
"""The pieces that a mutation puts into a file: what YAML and the design give a meaning to."""


def outcome(read: Callable[[], Outcome]) -> Outcome | None:
    """The reader's result; None if it refuses, which it must do in proper sentences."""
    try:
        return read()
    except FileError as error:
        lines = error.lines()
    assert lines
    assert all(line.isprintable() and line.endswith((".", "?")) for line in lines)
    return None


def survives(text: str) -> bool:
    """True if the text is read; everything that can be done to a design that was read is done to it."""
    read = outcome(lambda: parse_design(text))
    if read is None:
        return False
    analysis = analyze(read.design)
    assert len(analysis.entries) == len(read.design.layers)
    assert parse_design(design_text(read.design)).design == read.design
    return True


@given(st.binary(max_size=200))
def test_random_bytes(content: bytes) -> None:
    text = outcome(lambda: decode(content, "file"))
    if text is not None:
        survives(text)


@given(st.text(max_size=200))
def test_random_text(text: str) -> None:
    survives(text)


@given(st.text(st.sampled_from("[]{}:,-?#&*!|>'\"% \n\tae01~"), max_size=60))
def test_random_yaml(text: str) -> None:
    survives(f"cnnstudio: 1\nlayers:\n- {text}\n")


@given(st.lists(st.sampled_from(PARTS), max_size=20).map("".join))
def test_random_parts(text: str) -> None:
    survives(text)
    outcome(lambda: parse_items(text))


def mutated(text: str, chance: random.Random) -> str:
    """The text with one to three places changed: something put in, cut out, doubled or exchanged."""
    for _ in range(chance.randint(1, 3)):
        start = chance.randrange(len(text))
        end = min(len(text), start + chance.choice([0, 1, 1, 5, 40]))
        between = chance.choice([chance.choice(PARTS), "", text[start:end] * 2, chr(chance.randrange(0x2FFF))])
        text = text[:start] + between + text[end:]
    return text


@pytest.mark.parametrize("path", [*sorted(V1.glob("*.yaml")), builtin_paths()["lenet-5"]], ids=lambda path: path.stem)
def test_random_mutations_of_valid_files(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    text = text if len(text) < 6_000 else text[: text.index("\n", 3_000) + 1]
    chance = random.Random(path.stem)
    outcomes = [survives(mutated(text, chance)) for _ in range(150)]
    assert any(outcomes)
    assert not all(outcomes)


@given(st.data())
def test_a_valid_file_cut_anywhere(data: st.DataObject) -> None:
    text = (V1 / "by-hand.yaml").read_text(encoding="utf-8")
    survives(text[: data.draw(st.integers(0, len(text)))])
