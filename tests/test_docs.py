"""Documents point to what is there, and tools can read what is theirs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from cnnstudio.formats.yaml.library import yaml
from tests.places import ROOT

DOCUMENTS: Final = [
    path
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / ".github").rglob("*.md"))
    if path.name != "CHANGELOG.md"
]
"""The changelog tells of the past, in which files were elsewhere."""
PATH: Final = re.compile(r"(?<![\w./])((?:cnnstudio|docs|packaging|resources|tests)/[\w./-]*\w)")
LINK: Final = re.compile(r"\]\((?!https?:)([^)#\s]+)\)")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_what_is_named_is_there(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    named = {ROOT / name for name in PATH.findall(text)} | {document.parent / link for link in LINK.findall(text)}
    assert [path.relative_to(ROOT).as_posix() for path in sorted(named) if not path.exists()] == []


def test_the_readme_lists_every_package() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    packages = {path.parent.name for path in (ROOT / "cnnstudio").glob("*/__init__.py")}
    assert set(re.findall(r"^\| `cnnstudio/(\w+)` \|", text, re.MULTILINE)) == packages


def test_every_decision_is_in_the_list() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = set(LINK.findall((folder / "README.md").read_text(encoding="utf-8")))
    assert listed == {path.name for path in folder.glob("*.md")} - {"README.md"}


def test_every_decision_says_what_why_and_at_what_cost() -> None:
    pages = [path for path in (ROOT / "docs" / "decisions").glob("*.md") if path.name != "README.md"]
    assert len(pages) >= 9
    for page in pages:
        text = page.read_text(encoding="utf-8")
        marks = ["**Decision.**", "**Why.**", "**What it costs.**", "**Look again when**"]
        places = [text.find(mark) for mark in marks]
        assert -1 not in places, page.name
        assert places == sorted(places), page.name


@pytest.mark.parametrize(
    "name",
    [".pre-commit-config.yaml", *(f".github/ISSUE_TEMPLATE/{name}.yml" for name in ("config", "fault", "wish"))],
)
def test_what_tools_read_is_yaml(name: str) -> None:
    assert isinstance(yaml.safe_load((ROOT / name).read_text(encoding="utf-8")), dict)


def test_the_recipe_names_the_one_place_of_the_version() -> None:
    recipe = (ROOT / "docs" / "releasing.md").read_text(encoding="utf-8")
    assert "`cnnstudio/version.py`" in recipe
    assert re.search(r'^__version__ = "\d', (ROOT / "cnnstudio" / "version.py").read_text(encoding="utf-8"), re.M)
    assert (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").startswith("# Changes\n\n## Unreleased\n")
