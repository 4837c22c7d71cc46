"""A family is one row: whatever shows families reads it."""

from __future__ import annotations

import pytest

from cnnstudio import resources
from cnnstudio.layers import PALETTE
from cnnstudio.layers.families import FAMILIES, FAMILY, FAMILY_TITLES, Family
from tests.fresh_python import printed_by

each_family = pytest.mark.parametrize("family", FAMILY.values(), ids=lambda family: family.key)


def test_everything_that_shows_families_knows_one_that_is_added(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert printed_by("from tests.layers.added_family import forgotten; forgotten()") == []


@pytest.mark.parametrize("fact", ["key", "title", "letter", "light", "dark", "picture"])
def test_no_two_families_are_alike(fact: str) -> None:
    facts = [getattr(family, fact) for family in FAMILY.values()]
    assert len(set(facts)) == len(facts)


@each_family
def test_a_family_has_a_picture(family: Family) -> None:
    assert resources.path("icons", family.picture).is_file()


@each_family
def test_titles_are_words(family: Family) -> None:
    assert family.title.istitle()
    assert (family.letter.isupper(), len(family.letter)) == (True, 1)
    assert FAMILY_TITLES[family.key] == family.title


def test_no_family_is_without_layers() -> None:
    assert {layer_type.family for layer_type in PALETTE} == {family.key for family in FAMILIES}
