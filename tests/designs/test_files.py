"""The files of the built-in designs: names, notes, and that they are as the studio would write them."""

from __future__ import annotations

import re

import pytest

from cnnstudio.formats.builtin import builtin_paths
from cnnstudio.formats.design_yaml import design_text, parse_design
from tests.designs.builtin import count, load
from tests.designs.references import REFERENCES, WARNINGS

STEMS = sorted(builtin_paths())


def test_every_design_has_a_reference() -> None:
    assert set(STEMS) == set(REFERENCES)
    assert set(WARNINGS) <= set(STEMS)


@pytest.mark.parametrize("stem", STEMS)
def test_file_is_as_the_studio_writes_it(stem: str) -> None:
    text = builtin_paths()[stem].read_bytes().decode("utf-8")
    file = parse_design(text)
    assert design_text(file.design) == text


@pytest.mark.parametrize("stem", STEMS)
def test_stem_is_short_and_in_kebab_case(stem: str) -> None:
    assert re.fullmatch(r"[a-z0-9]+([-.][a-z0-9]+)*", stem)
    assert len(stem) <= 20


@pytest.mark.parametrize("stem", STEMS)
def test_note_gives_the_reference_figure(stem: str) -> None:
    assert f"{REFERENCES[stem].parameters:,} parameters" in load(stem).note


def test_names_are_unique() -> None:
    assert len({load(stem).name for stem in STEMS}) == len(STEMS)


@pytest.mark.parametrize("stem", STEMS)
def test_problems(stem: str) -> None:
    analysis = count(stem)
    assert analysis.problems == ()
    assert {warning.rule for warning in analysis.accepted} == WARNINGS.get(stem, set()) == set(load(stem).accepted)
